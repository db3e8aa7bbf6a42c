"""The pages of custody: parcels from the first tube to the last scan, and the mass ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.custody import operations, queries, rules, schemas, witnesses
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused
from lims.foundation.words import Message, _, say
from lims.intake import queries as intake
from lims.library.queries import terms
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
        pages=_pages("custody.parcels", page, total, {"state": state}),
        state=state,
        states=[(str(one), say(words, tongue)) for one, words in rules.STATE_WORDS.items()],
        laboratories=[
            (str(site.id), site.name)
            for site in network.sites(session, "laboratory")
            if site.id != actor.site_id
        ],
        may_begin=actor.site_id and actor.may(Permission.HAND_OVER, actor.site_id),
        typed=typed,
        problems=problems,
        new_id=typed.get("id") or str(uuid.uuid4()),
    )


def _pages(endpoint: str, page: int, total: int, kept: Mapping[str, Any]) -> dict[str, Any]:
    last = min(page * PAGE, total)
    return {
        "first": min((page - 1) * PAGE + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, **kept, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, **kept, page=page + 1) if last < total else None,
    }


@blueprint.get("/parcels/<uuid:parcel_id>")
def parcel(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Show a parcel with what can be done with it now."""
    return _shown(browser.session(), browser.actor(), parcel_id, {}, browser.Problems())


def _shown(
    session: Session,
    actor: Actor,
    parcel_id: uuid.UUID,
    typed: browser.Typed,
    problems: browser.Problems,
) -> str:
    found = queries.parcel(session, actor, parcel_id)
    is_draft = found.state == rules.ParcelState.DRAFT
    sends = actor.may(Permission.HAND_OVER, found.from_site_id)
    tongue = browser.language()
    return browser.render(
        "custody/parcel.html",
        parcel=found,
        typed=typed,
        problems=problems,
        sends=sends,
        receives=actor.may(Permission.RECEIVE, found.to_site_id),
        may_lose=any(
            actor.may(Permission.MANAGE_CUSTODY, site)
            for site in (found.from_site_id, found.to_site_id)
        ),
        is_arriving=found.state in rules.ARRIVING,
        counts={result: _count(found.items, result) for result in rules.ScanResult},
        ready=queries.ready_to_travel(session, actor, found.from_site_id)
        if is_draft and sends
        else [],
        forms={term.code: term.label(tongue) for term in terms(session, "dosage_form")},
        mass=sum((item.mass_mg or 0 for item in found.items), 0),
    )


def _count(items: list[Any], result: str) -> int:
    return sum(1 for item in items if item.scan == result)


def _parcel_form(
    parcel_id: uuid.UUID, act: Callable[..., Any], done: Callable[[Any], Message | None]
) -> ResponseReturnValue:
    """Do an act of a parcel; a refusal shows the parcel again with words beside the field."""
    return browser.form_page(
        act=act,
        then=lambda _record: url_for("custody.parcel", parcel_id=parcel_id),
        done=done,
        show=lambda session, actor, typed, problems: _shown(
            session, actor, parcel_id, typed, problems
        ),
    )


@blueprint.post("/parcels/<uuid:parcel_id>/samples")
def fill(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Put a scanned sample, or the ticked ones, in a draft."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> list[Any]:
        ticked = typed.get("codes") or []
        codes = [str(one) for one in ticked] if isinstance(ticked, list) else []
        if typed.get("code") or not codes:
            codes.append(schemas.CodeSchema().read(typed)["code"])
        return [
            operations.add_to_parcel(session, actor, operations.ChangeManifest(parcel_id, code))
            for code in codes
        ]

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
    "lost": (operations.mark_parcel_lost, _("The parcel is declared lost.")),
}


@blueprint.post("/parcels/<uuid:parcel_id>/<any(send, cancel, lost):move>")
def move(parcel_id: uuid.UUID, move: str) -> ResponseReturnValue:
    """Send, cancel or give up a parcel."""
    operation, done = MOVES[move]

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.MoveParcelSchema().read(typed)
        return operation(session, actor, operations.MoveParcel(parcel_id, **told))

    return _parcel_form(parcel_id, act, lambda _parcel: done)


@blueprint.post("/parcels/<uuid:parcel_id>/scans")
def scan(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Take one scan of an arriving parcel."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        code = schemas.CodeSchema().read(typed)["code"]
        return operations.scan_parcel(session, actor, operations.ScanParcel(parcel_id, code))

    return _parcel_form(parcel_id, act, lambda _item: None)


@blueprint.post("/parcels/<uuid:parcel_id>/reconcile")
def reconcile(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Close the receipt of a parcel."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.ReconcileParcelSchema().read(typed)
        command = operations.ReconcileParcel(parcel_id, **told)
        return operations.reconcile_parcel(session, actor, command)

    done = _("Receipt is closed; the masses are on the laboratory's account.")
    return _parcel_form(parcel_id, act, lambda _parcel: done)


@blueprint.get("/parcels/<uuid:parcel_id>/sheet")
def sheet(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Show the transport sheet to print: manifest, permit, seal, signatures."""
    session, actor = browser.session(), browser.actor()
    found = queries.parcel(session, actor, parcel_id)
    tongue = browser.language()
    return browser.render(
        "custody/sheet.html",
        parcel=found,
        forms={term.code: term.label(tongue) for term in terms(session, "dosage_form")},
        mass=sum((item.mass_mg or 0 for item in found.items), 0),
    )


@blueprint.get("/holdings")
def holdings() -> ResponseReturnValue:
    """Show what one's site holds today, and that its account balances."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    if actor.site_id is None:
        raise Refused(_("Choose one of your sites first."))
    rows, total, mg = queries.holdings(session, actor, actor.site_id, page, PAGE)
    tongue = browser.language()
    sums = queries.site_totals(session, actor, actor.site_id)
    return browser.render(
        "custody/holdings.html",
        holdings=rows,
        total=total,
        mg=mg,
        pages=_pages("custody.holdings", page, total, {}),
        sums=[(say(rules.MOVE_WORDS[kind], tongue), amount) for kind, amount in sums.items()],
    )


@blueprint.route("/samples/<uuid:sample_id>/ledger", methods=["GET", "POST"])
def ledger(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show the ledger of a sample; weigh, destroy before a second person, or give back."""

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
            may_return=site.id == sample.site_id
            and site.may_hold
            and actor.may(Permission.HAND_OVER, site.id),
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
    kind = typed.get("act")
    if kind == "destroy":
        destruction = schemas.DestroySampleSchema().read(told)
        return witnesses.destroyed(session, actor, destruction, house().settings)
    if kind == "return":
        returned = schemas.ReturnSampleSchema().read(told)
        return operations.return_sample(session, actor, returned)
    weighing = schemas.WeighSampleSchema().read(told)
    return operations.weigh_sample(session, actor, weighing)
