"""The pages of storage: places, what stands in them, where a scanned sample goes, counts."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.custody import conventions, keeping_schemas, operations, places
from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _, say
from lims.network.rules import Permission

blueprint = Blueprint("places", __name__)
PAGE = 50


@blueprint.route("/places", methods=["GET", "POST"])
def places_page() -> ResponseReturnValue:
    """List the places of one's site, and add one."""
    return browser.form_page(
        act=_add,
        then=lambda place: url_for("places.place", place_id=place.id),
        done=lambda place: _("Place %(number)s is added.", number=place.number),
        show=_list,
    )


def _add(session: Session, actor: Actor, typed: browser.Typed) -> Any:
    told = {**typed, "site_id": str(actor.site_id or "")}
    return operations.add_place(session, actor, keeping_schemas.AddPlaceSchema().read(told))


def _kinds() -> list[tuple[str, str]]:
    tongue = browser.language()
    return [(str(one), say(words, tongue)) for one, words in conventions.PLACE_WORDS.items()]


def _list(session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems) -> str:
    page = browser.page_number()
    rows, total = places.places(session, actor, actor.site_id, page, PAGE)
    manages = actor.site_id is not None and actor.may(Permission.MANAGE_CUSTODY, actor.site_id)
    return browser.render(
        "custody/places.html",
        places=rows,
        kinds=_kinds(),
        kind_words=dict(_kinds()),
        pages=browser.listed("places.places_page", page, PAGE, total),
        manages=manages,
        around=[(str(one.id), one.name) for one in places.choices(session, actor.site_id)]
        if manages and actor.site_id
        else [],
        typed=typed,
        problems=problems,
        new_id=typed.get("id") or str(uuid.uuid4()),
    )


@blueprint.route("/places/<uuid:place_id>", methods=["GET", "POST"])
def place(place_id: uuid.UUID) -> ResponseReturnValue:
    """Show what stands in a place, and put scanned samples in it."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = keeping_schemas.CodesSchema().read(typed)
        return operations.put_away(session, actor, operations.PutAway(place_id, told["code"]))

    def show(
        session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
    ) -> str:
        page = browser.page_number()
        found = places.place(session, actor, place_id)
        rows, total = places.contents(session, actor, found, page, PAGE)
        return browser.render(
            "custody/place.html",
            place=found,
            way_steps=_way(found),
            kind_words=dict(_kinds()),
            standing=rows,
            total=total,
            pages=browser.listed("places.place", page, PAGE, total, place_id=place_id),
            counts=places.stocktakings(session, place_id),
            manages=actor.may(Permission.MANAGE_CUSTODY, found.site_id),
            moves=_moves(actor, found.site_id),
            typed=typed,
            problems=problems,
        )

    return browser.form_page(
        act=act,
        then=lambda _made: url_for("places.place", place_id=place_id),
        done=lambda made: _("Put here: %(n)s.", n=len(made)),
        show=show,
    )


def _way(found: Any) -> list[tuple[str, str | None]]:
    way = places.way_to(found)
    around = [(one.name, url_for("places.place", place_id=one.id)) for one in way[:-1]]
    return [*around, (found.name, None)]


def _moves(actor: Actor, site_id: uuid.UUID) -> bool:
    sides = (Permission.HAND_OVER, Permission.RECEIVE, Permission.MANAGE_CUSTODY)
    return any(actor.may(side, site_id) for side in sides)


@blueprint.post("/places/<uuid:place_id>/active")
def close(place_id: uuid.UUID) -> ResponseReturnValue:
    """Use a place no more, or again."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = keeping_schemas.ActiveSchema().read(typed)
        return operations.close_place(session, actor, operations.ClosePlace(place_id, **told))

    return browser.act_and_go(act, url_for("places.place", place_id=place_id))


@blueprint.post("/samples/<uuid:sample_id>/place/out")
def take_out(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Take a sample out of its place, with the reason."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = keeping_schemas.WhySchema().read(typed)
        return operations.take_out(session, actor, operations.TakeOut(sample_id, **told))

    address = url_for("custody.ledger", sample_id=sample_id)
    return browser.act_and_go(act, address, _("The sample is out of its place."))


@blueprint.get("/places/<uuid:place_id>/label.pdf")
def label(place_id: uuid.UUID) -> ResponseReturnValue:
    """Send the label of a place as PDF: its number as a square and in words."""
    from lims.custody.papers import draw_place_label

    found = places.place(browser.session(), browser.actor(), place_id)
    return browser.pdf(draw_place_label(found.number, found.name), f"{found.number}.pdf")


@blueprint.post("/places/<uuid:place_id>/stocktakings")
def begin_count(place_id: uuid.UUID) -> ResponseReturnValue:
    """Begin to count a place, or go on with the open count."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.begin_stocktaking(
            session, actor, operations.BeginStocktaking(place_id)
        ),
        then=lambda counted: url_for("places.count", stocktaking_id=counted.id),
        show=lambda session, actor, typed, problems: browser.render(
            "custody/place_refused.html", place_id=place_id, problems=problems
        ),
    )


@blueprint.route("/stocktakings/<uuid:stocktaking_id>", methods=["GET", "POST"])
def count(stocktaking_id: uuid.UUID) -> ResponseReturnValue:
    """Count a place scan by scan; close the count."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        if typed.get("act") == "close":
            command = operations.CloseStocktaking(stocktaking_id)
            return operations.close_stocktaking(session, actor, command)
        told = keeping_schemas.StockScanSchema().read(typed)
        return operations.scan_stock(session, actor, operations.ScanStock(stocktaking_id, **told))

    def show(
        session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
    ) -> str:
        found = places.stocktaking(session, actor, stocktaking_id)
        results = [line.result for line in found.lines]
        return browser.render(
            "custody/stocktaking.html",
            counted=found,
            expected=len(places.standing_ids(session, found.place_id)),
            counts={str(one): results.count(one) for one in conventions.StockResult},
            words={str(one): words for one, words in conventions.STOCK_WORDS.items()},
            manages=actor.may(Permission.MANAGE_CUSTODY, found.place.site_id),
            typed=typed,
            problems=problems,
        )

    return browser.form_page(
        act=act,
        then=lambda _made: url_for("places.count", stocktaking_id=stocktaking_id),
        show=show,
    )
