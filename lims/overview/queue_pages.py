"""The pages of queues: what waits where, what laboratories can do, what they do not take."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.intake import closing, closures
from lims.intake.rules import day_in_belgium
from lims.library.queries import term_label, terms
from lims.network.queries import sites
from lims.network.rules import Permission
from lims.overview import capacities, left_out, point_words, queue_charts, queue_schemas, stating
from lims.overview import queues as reading
from lims.overview.stating import TakeBack
from lims.protocols.techniques import technique_words

blueprint = Blueprint("queues", __name__)


@blueprint.app_context_processor
def _strip() -> dict[str, Any]:
    """Give every page the numbers of one's own queue, and what the laboratories do not take."""
    return {"own_queue": _own_queue, "not_taken": _not_taken, "how_long": point_words.how_long}


def _own_queue() -> reading.Queue | None:
    return reading.strip(browser.session(), browser.actor())


def _not_taken() -> list[dict[str, Any]]:
    site_id = browser.actor().site_id
    found = closures.at_point(browser.session(), site_id) if site_id is not None else []
    return [shown_closure(one) for one in found]


def shown_closure(one: Any) -> dict[str, Any]:
    """Return a closure with its words in the reader's language."""
    session, tongue = browser.session(), browser.language()
    form = term_label(session, "dosage_form", one.form, tongue) if one.form else ""
    technique = say(technique_words(one.technique), tongue) if one.technique else ""
    words = one.words.get(tongue, "")
    return {"closure": one, "form": form, "technique": technique, "words": words}


@blueprint.get("/queues")
def queues() -> ResponseReturnValue:
    """Show what waits at one's points and laboratories, its age, and how it grows."""
    session, actor = browser.session(), browser.actor()
    found = reading.queues(session, actor)
    charts = {one.site_id: queue_charts.weeks(one.weeks) for one in found}
    return browser.render(
        "overview/queues.html",
        queues=found,
        charts=charts,
        closed=[shown_closure(one) for one in closures.in_force(session)],
        may_see_left_out=actor.may(Permission.READ_INDICATORS),
    )


@blueprint.get("/not-analysed")
def not_analysed() -> ResponseReturnValue:
    """Show the share of samples without analysis, by reason, place and month."""
    session, tongue = browser.session(), browser.language()
    rows = left_out.left_out(session, browser.actor())
    codes = [one.code for one in terms(session, "not_analysed_reason")]
    seen = {code for row in rows for code in row.reasons}
    return browser.render(
        "overview/not_analysed.html",
        rows=rows,
        months=left_out.MONTHS,
        reasons=[
            (code, term_label(session, "not_analysed_reason", code, tongue))
            for code in codes
            if code in seen
        ],
    )


def _own_laboratories(actor: Actor) -> list[tuple[str, str]]:
    mine = actor.sites_for(Permission.MANAGE_LABORATORY)
    found = sites(browser.session(), "laboratory") if mine is None or mine else []
    return [(str(one.id), one.name) for one in found if mine is None or one.id in mine]


def _techniques() -> list[tuple[str, str]]:
    return [(one, say(technique_words(one), browser.language())) for one in stating.ANALYSES]


@blueprint.route("/capacity", methods=["GET", "POST"])
def capacity() -> ResponseReturnValue:
    """List what laboratories said that they can do; the head of one says it here."""
    return browser.form_page(
        act=lambda session, actor, typed: stating.state_capacity(
            session, actor, queue_schemas.StateCapacitySchema().read(typed)
        ),
        then=lambda _made: url_for("queues.capacity"),
        done=lambda _made: _("The capacity is written down."),
        show=_show_capacity,
    )


@blueprint.route("/capacity/closed-days", methods=["GET", "POST"])
def closed_days() -> ResponseReturnValue:
    """Say on which days a laboratory does not work."""
    return browser.form_page(
        act=lambda session, actor, typed: stating.close_days(
            session, actor, queue_schemas.CloseDaysSchema().read(typed)
        ),
        then=lambda _made: url_for("queues.capacity"),
        done=lambda _made: _("The closed days are written down."),
        show=_show_capacity,
    )


def _show_capacity(
    session: Any, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    page = browser.page_number()
    listed, total = capacities.capacities(session, actor, page)
    closed, _total = capacities.closed(session, actor)
    return browser.render(
        "overview/capacity.html",
        listed=listed,
        now={one.id for one in capacities.stated(session)},
        closed=closed,
        total=total,
        page=page,
        typed=typed,
        problems=problems,
        laboratories=_own_laboratories(actor),
        techniques=_techniques(),
        technique_words=technique_words,
        may=actor.may,
    )


@blueprint.post("/capacity/<uuid:statement_id>/take-back")
def take_back_capacity(statement_id: uuid.UUID) -> ResponseReturnValue:
    """Take back what was said of a capacity."""
    return _button(stating.take_back_capacity, TakeBack(statement_id), "queues.capacity")


@blueprint.post("/capacity/closed-days/<uuid:statement_id>/take-back")
def take_back_days(statement_id: uuid.UUID) -> ResponseReturnValue:
    """Take back that a laboratory is closed."""
    return _button(stating.take_back_days, TakeBack(statement_id), "queues.capacity")


def _button(
    operation: Any, command: Any, endpoint: str, done: Message | None = None
) -> ResponseReturnValue:
    return browser.act_and_go(
        lambda session, actor, typed: operation(session, actor, command),
        url_for(endpoint),
        done or _("It is taken back."),
    )


@blueprint.route("/closures", methods=["GET", "POST"])
def closures_page() -> ResponseReturnValue:
    """List what laboratories do not take; the head of one closes a kind of sample here."""
    return browser.form_page(
        act=lambda session, actor, typed: closing.close_intake(
            session, actor, queue_schemas.CloseIntakeSchema().read(typed)
        ),
        then=lambda _made: url_for("queues.closures_page"),
        done=lambda _made: _("It is closed; testing points and visitors read it now."),
        show=_show_closures,
    )


def _show_closures(
    session: Any, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    page = browser.page_number()
    listed, total = closures.closures(session, actor, page)
    forms = terms(session, "dosage_form")
    return browser.render(
        "overview/closures.html",
        listed=[shown_closure(one) for one in listed],
        total=total,
        page=page,
        today=day_in_belgium(clock.now()),
        typed=typed,
        problems=problems,
        laboratories=_own_laboratories(actor),
        forms=[(one.code, one.label(browser.language())) for one in forms],
        techniques=_techniques(),
        may=actor.may,
    )


@blueprint.post("/closures/<uuid:closure_id>/reopen")
def reopen(closure_id: uuid.UUID) -> ResponseReturnValue:
    """Take a kind of sample again."""
    command = closing.ReopenIntake(closure_id)
    done = _("It is open again.")
    return _button(closing.reopen_intake, command, "queues.closures_page", done)
