"""The laboratory's page: reagent lots and instruments, what may be used and what may not."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.library.queries import term_label, terms
from lims.network.rules import Permission
from lims.protocols import queries as protocols
from lims.protocols.techniques import TECHNIQUE_WORDS, technique_words
from lims.quality import competences, operations, queries, rules, schemas, training
from lims.quality.records import Instrument, ReagentLot

blueprint = Blueprint("quality", __name__, url_prefix="/laboratory")


@blueprint.get("")
def laboratory() -> ResponseReturnValue:
    """Show the lots and instruments of one's laboratory."""
    return _show(browser.session(), browser.actor(), {}, browser.Problems())


@blueprint.route("/reagent-lots", methods=["GET", "POST"])
def reagent_lots() -> ResponseReturnValue:
    """Add a reagent lot."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.add_reagent_lot(
            session, actor, schemas.AddReagentLotSchema().read(_here(actor, typed))
        ),
        then=lambda _lot: url_for("quality.laboratory"),
        done=lambda lot: _("Lot %(lot)s is added.", lot=lot.lot),
        show=_show,
    )


@blueprint.route("/instruments", methods=["GET", "POST"])
def instruments() -> ResponseReturnValue:
    """Add an instrument."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.add_instrument(
            session, actor, schemas.AddInstrumentSchema().read(_here(actor, typed))
        ),
        then=lambda _instrument: url_for("quality.laboratory"),
        done=lambda instrument: _("The instrument %(name)s is added.", name=instrument.name),
        show=_show,
    )


@blueprint.post("/reagent-lots/<uuid:lot_id>/check")
def check(lot_id: uuid.UUID) -> ResponseReturnValue:
    """Record a check of a lot."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.check_reagent_lot(
            session, actor, schemas.CheckReagentLotSchema().read({**typed, "lot_id": str(lot_id)})
        ),
        url_for("quality.laboratory"),
        _("The check is recorded."),
    )


@blueprint.post("/instruments/<uuid:instrument_id>/state")
def instrument_state(instrument_id: uuid.UUID) -> ResponseReturnValue:
    """Record a calibration, or take an instrument out of service and back."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.set_instrument_state(
            session,
            actor,
            schemas.SetInstrumentStateSchema().read({**typed, "instrument_id": str(instrument_id)}),
        ),
        url_for("quality.laboratory"),
        _("The state of the instrument is recorded."),
    )


@blueprint.route("/competences", methods=["GET", "POST"])
def competences_page() -> ResponseReturnValue:
    """Show who is trained on which protocol, and write a training down."""
    return browser.form_page(
        act=lambda session, actor, typed: training.record_competence(
            session, actor, schemas.RecordCompetenceSchema().read(typed)
        ),
        then=lambda _kept: url_for("quality.competences_page"),
        done=lambda _kept: _("The training is written down."),
        show=_show_competences,
    )


def _show_competences(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    here = actor.site_id or uuid.UUID(int=0)
    tongue = browser.language()
    names = {one.name: one.titles.get(tongue, one.name) for one in protocols.current(session)}
    return browser.render(
        "quality/competences.html",
        trainings=competences.trainings(session, actor, here),
        protocols=sorted(names.items(), key=lambda pair: pair[1]),
        titles=names,
        people=[(str(one.id), one.account) for one in competences.people(session, here)],
        may_manage=actor.may(Permission.RECORD_TRAINING, here),
        typed=typed,
        problems=problems,
    )


def _here(actor: Actor, typed: dict[str, Any]) -> dict[str, Any]:
    return {**typed, "site_id": str(actor.site_id or "")}


def _show(session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems) -> str:
    tongue = browser.language()
    here = actor.site_id or uuid.UUID(int=0)
    found = queries.laboratory(session, actor, here)
    return browser.render(
        "quality/laboratory.html",
        lots=[_lot(session, lot, tongue) for lot in found.lots],
        instruments=[_instrument(one, tongue) for one in found.instruments],
        may_manage=actor.may(Permission.MANAGE_LABORATORY, here),
        reagents=[term.label(tongue) for term in terms(session, "reagent")],
        techniques=[(str(code), say(words, tongue)) for code, words in TECHNIQUE_WORDS.items()],
        today=clock.today().isoformat(),
        typed=typed,
        problems=problems,
    )


def _lot(session: Session, lot: ReagentLot, tongue: str) -> dict[str, Any]:
    obstacles = rules.lot_obstacles(
        expires=lot.expires,
        checked_on=lot.checked_on,
        check_failed=lot.check_failed,
        on=clock.today(),
    )
    return {
        "lot": lot,
        "reagent": term_label(session, "reagent", lot.reagent, tongue),
        "obstacles": _said(obstacles, tongue),
    }


def _instrument(instrument: Instrument, tongue: str) -> dict[str, Any]:
    obstacles = rules.instrument_obstacles(
        calibrated_until=instrument.calibrated_until,
        out_of_service=instrument.out_of_service,
        on=clock.today(),
    )
    return {
        "instrument": instrument,
        "technique": say(technique_words(instrument.technique), tongue),
        "obstacles": _said(obstacles, tongue),
    }


def _said(obstacles: Any, tongue: str) -> list[str]:
    words: list[Message] = list(obstacles)
    return [say(one, tongue) for one in words]
