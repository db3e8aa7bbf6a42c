"""The pages of custody: parcels until they leave, and the ledger of a sample."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.custody import (
    authorisations,
    conventions,
    keeping_schemas,
    operations,
    parcel_view,
    places,
    queries,
    rules,
    schemas,
)
from lims.doors import browser
from lims.doors.schema import CommandSchema
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.intake import queries as intake
from lims.network import queries as network
from lims.network.rules import Permission

blueprint = Blueprint("custody", __name__)
PAGE = 50


@blueprint.route("/parcels", methods=["GET", "POST"])
def parcels() -> ResponseReturnValue:
    """List the parcels from and to one's sites, and begin one."""
    return browser.form_page(
        act=_begin,
        then=lambda parcel: url_for("custody.parcel", parcel_id=parcel.id),
        done=lambda parcel: _("Parcel %(number)s is begun.", number=parcel.number),
        show=_list,
    )


def _begin(session: Session, actor: Actor, typed: browser.Typed) -> Any:
    told = {**typed, "from_site_id": str(actor.site_id or "")}
    return operations.draft_parcel(session, actor, schemas.DraftParcelSchema().read(told))


def _list(session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems) -> str:
    page, state = browser.page_number(), request.args.get("state", "")[:20]
    rows, total = queries.parcels(session, actor, queries.ParcelFilters(state), page, PAGE)
    tongue = browser.language()
    return browser.render(
        "custody/parcels.html",
        parcels=rows,
        total=total,
        pages=browser.listed("custody.parcels", page, PAGE, total, state=state),
        state=state,
        states=[(str(one), say(words, tongue)) for one, words in rules.STATE_WORDS.items()],
        laboratories=[
            (str(site.id), site.name)
            for site in network.sites(session, "laboratory")
            if site.id != actor.site_id
        ],
        may_begin=actor.site_id and actor.may(Permission.HAND_OVER, actor.site_id),
        ending=authorisations.ending_soon(session, actor),
        typed=typed,
        problems=problems,
        new_id=typed.get("id") or str(uuid.uuid4()),
    )


@blueprint.get("/parcels/<uuid:parcel_id>")
def parcel(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Show a parcel with what can be done with it now."""
    return parcel_view.shown_parcel(
        browser.session(), browser.actor(), parcel_id, {}, browser.Problems()
    )


def _parcel_form(
    parcel_id: uuid.UUID, act: Callable[..., Any], done: Callable[[Any], Message | None]
) -> ResponseReturnValue:
    address = url_for("custody.parcel", parcel_id=parcel_id)
    answer: ResponseReturnValue = parcel_view.parcel_form(parcel_id, address, act, done)
    return answer


@blueprint.post("/parcels/<uuid:parcel_id>/samples")
def fill(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Put a scanned sample, or the ticked ones, in a draft."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> list[Any]:
        ticked = typed.get("codes") or []
        codes = [str(one) for one in ticked] if isinstance(ticked, list) else []
        wanted = [operations.ChangeManifest(parcel_id, code) for code in codes]
        if typed.get("code") or not codes:
            told = schemas.FillSchema().read(typed)
            wanted.append(operations.ChangeManifest(parcel_id, **told))
        return [operations.add_to_parcel(session, actor, one) for one in wanted]

    return _parcel_form(parcel_id, act, lambda items: _("Put in: %(n)s.", n=len(items)))


@blueprint.post("/parcels/<uuid:parcel_id>/samples/<code>/remove")
def take_out(parcel_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Take a sample out of a draft."""
    command = operations.ChangeManifest(parcel_id, code)
    return browser.act_and_go(
        lambda session, actor, typed: operations.remove_from_parcel(session, actor, command),
        url_for("custody.parcel", parcel_id=parcel_id),
        _("The sample is out of the parcel."),
    )


@blueprint.post("/parcels/<uuid:parcel_id>/seal")
def seal(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Seal a parcel."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.SealParcelSchema().read(typed)
        return operations.seal_parcel(session, actor, operations.SealParcel(parcel_id, **told))

    done = _("The parcel is sealed; its manifest is locked.")
    return _parcel_form(parcel_id, act, lambda _parcel: done)


MOVES: Mapping[str, tuple[Callable[..., Any], Message]] = {
    "send": (operations.send_parcel, _("The parcel is on its way.")),
    "cancel": (operations.cancel_parcel, _("The parcel is cancelled; its samples are free.")),
}


@blueprint.post("/parcels/<uuid:parcel_id>/<any(send, cancel):move>")
def move(parcel_id: uuid.UUID, move: str) -> ResponseReturnValue:
    """Send or cancel a parcel."""
    operation, done = MOVES[move]

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.MoveParcelSchema().read(typed)
        return operation(session, actor, operations.MoveParcel(parcel_id, **told))

    return _parcel_form(parcel_id, act, lambda _parcel: done)


@blueprint.route("/samples/<uuid:sample_id>/ledger", methods=["GET", "POST"])
def ledger(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show the ledger of a sample and where it stands; weigh, give back, lose, find again."""

    def show(
        session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
    ) -> str:
        sample = intake.sample(session, actor, sample_id)
        site = network.site(session, queries.holder(session, sample))
        manages = actor.may(Permission.MANAGE_CUSTODY, site.id)
        return browser.render(
            "custody/ledger.html",
            sample=sample,
            site=site,
            lines=queries.ledger(session, sample.id),
            balance=queries.balance(session, sample.id),
            kinds={str(kind): words for kind, words in rules.MOVE_WORDS.items()},
            manages=manages,
            hands_over=site.id == sample.site_id and actor.may(Permission.HAND_OVER, site.id),
            may_return=site.may_hold and site.may_return,
            lost=queries.lost_mg(session, sample.id),
            own_site=actor.site_id,
            placements=places.where_is(session, sample.id),
            leave_words=conventions.LEAVE_WORDS,
            damaged=places.damaged_parcels(session, sample.id),
            typed=typed if request.method == "POST" else {},
            problems=problems,
        )

    return browser.form_page(
        act=lambda session, actor, typed: _mass_act(session, actor, sample_id, typed),
        then=lambda _entry: url_for("custody.ledger", sample_id=sample_id),
        done=lambda _entry: _("The ledger has a new entry."),
        show=show,
    )


def _mass_act(session: Session, actor: Actor, sample_id: uuid.UUID, typed: browser.Typed) -> Any:
    told = {**typed, "sample_id": str(sample_id)}
    schema, operation = MASS_ACTS.get(str(typed.get("act")), MASS_ACTS["weigh"])
    return operation(session, actor, schema().read(told))


MASS_ACTS: Mapping[str, tuple[type[CommandSchema], Callable[..., Any]]] = {
    "weigh": (keeping_schemas.WeighSampleSchema, operations.weigh_sample),
    "return": (keeping_schemas.ReturnSampleSchema, operations.return_sample),
    "lose": (keeping_schemas.LoseSampleSchema, operations.lose_sample),
    "find": (keeping_schemas.FindSampleSchema, operations.find_sample),
}
