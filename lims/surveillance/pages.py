"""The pages of signals: the queue with its clocks, one signal, and the one-minute report."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.findings.statements import tell
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.database import open_session
from lims.foundation.words import Message, _, say
from lims.library.queries import term_label, terms
from lims.network.queries import sites
from lims.network.rules import Permission
from lims.surveillance import evidence_shown, operations, queries, rules, schemas, watched
from lims.surveillance.records import Signal
from lims.surveillance.reporting import TELLER_WORDS, Teller

blueprint = Blueprint("surveillance", __name__)
SIZE = 25


@blueprint.get("/signals")
def signals() -> ResponseReturnValue:
    """Show the queue of signals, the most urgent first."""
    session, actor = browser.session(), browser.actor()
    filters, page = _filters(), browser.page_number()
    targets = schemas.targets_of(house().settings)
    listed, total = queries.signals(session, actor, filters, page, SIZE, targets)
    return browser.render(
        "surveillance/signals.html",
        rows=[_row(one) for one in listed],
        total=total,
        page=page,
        size=SIZE,
        count=queries.queue_count(session, actor, targets),
        filters=filters,
        targets=targets,
        sources=[(str(one), _source(one)) for one in rules.SignalSource],
        page_url=lambda n: url_for("surveillance.signals", **{**request.args.to_dict(), "page": n}),
    )


def _filters() -> queries.SignalFilters:
    """Return what is asked to be shown; an unknown answer shows what is open."""
    asked = request.args
    state = asked.get("state", "open")
    level, source = asked.get("level", ""), asked.get("source", "")
    return queries.SignalFilters(
        state=state if state in (*rules.SignalState, "") else "open",
        level=level if level in rules.LEVELS else "",
        source=source if source in tuple(rules.SignalSource) else "",
        late=asked.get("late") == "yes",
    )


def _row(signal: Signal) -> dict[str, Any]:
    runs = rules.clock(
        level=signal.level,
        opened_at=signal.opened_at,
        looked_at=signal.looked_at,
        decided_at=signal.decided_at,
        at=clock.now(),
        targets=schemas.targets_of(house().settings),
    )
    site = signal.sample.site if signal.sample else None
    return {
        "signal": signal,
        "what": tell(signal.reason, browser.language()),
        "source": _source(signal.source),
        "where": signal.area or ((site.area or site.name) if site else ""),
        "substance": signal.substance.name(browser.language()) if signal.substance else "",
        "clock": runs,
        "waited": _hours(runs.hours) if runs else "",
        "over": _hours(runs.hours - runs.target) if runs and runs.is_late else "",
    }


def _hours(hours: float) -> str:
    """Return a waiting time in words: minutes below two hours, days above two days."""
    if hours < 2:
        message = _("%(n)s min", n=round(hours * 60))
    elif hours < 48:
        message = _("%(n)s h", n=round(hours))
    else:
        message = _("%(n)s days", n=round(hours / 24))
    return say(message, browser.language())


def _source(source: str) -> str:
    return say(rules.source_words(source), browser.language())


@blueprint.get("/signals/<uuid:signal_id>")
def signal(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Show one signal with its evidence; opening it counts as looking at it."""
    _look(signal_id)
    return _signal_page(signal_id, {}, browser.Problems())


def _look(signal_id: uuid.UUID) -> None:
    """Note in a unit of work of its own that somebody of the coordination looks."""
    actor = browser.actor()
    if queries.signal(browser.session(), actor, signal_id).looked_at is not None:
        return
    browser.close_session()
    with open_session(house().engine) as session:
        operations.look_at_signal(session, actor, operations.LookAtSignal(signal_id))
        session.commit()


def _signal_page(signal_id: uuid.UUID, typed: dict[str, Any], problems: browser.Problems) -> str:
    session, actor = browser.session(), browser.actor()
    found = queries.signal(session, actor, signal_id)
    others, _total = queries.signals(session, actor, queries.SignalFilters(), 1, 100)
    return browser.render(
        "surveillance/signal.html",
        row=_row(found),
        signal=found,
        evidence=_evidence(session, found),
        merged=[_row(one) for one in queries.merged_into(session, signal_id)],
        report=_shown_report(session, signal_id),
        escalations=queries.escalations(session, signal_id),
        others=[
            (str(one.id), f"{one.number} · {tell(one.reason, browser.language())}")
            for one in others
            if one.id != signal_id
        ],
        typed=typed,
        problems=problems,
    )


def _evidence(session: Session, found: Signal) -> dict[str, Any] | None:
    """Return what the signal was computed from, computed again; None for a rule or a person."""
    kept = watched.evidence_of(session, found.id)
    return evidence_shown.shown(kept, browser.language())


def _shown_report(session: Session, signal_id: uuid.UUID) -> dict[str, Any] | None:
    """Return what a person told, in words of the controlled lists."""
    told, tongue = queries.report_of(session, signal_id), browser.language()
    if told is None:
        return None
    named = {
        name: term_label(session, listed, getattr(told, name), tongue)
        for name, listed in (("form", "dosage_form"), ("colour", "colour"))
    }
    effects = [term_label(session, "effect", code, tongue) for code in told.effects]
    teller = say(TELLER_WORDS[Teller(told.told_by)], tongue)
    return {"told": told, "effects": ", ".join(effects), "teller": teller, **named}


@blueprint.post("/signals/<uuid:signal_id>/discard")
def discard(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Discard a signal with a reason."""
    return _decide(
        signal_id,
        lambda session, actor, typed: operations.discard_signal(
            session, actor, schemas.DiscardSignalSchema().read(typed)
        ),
        lambda made: _("Signal %(number)s is discarded.", number=made.number),
    )


@blueprint.post("/signals/<uuid:signal_id>/merge")
def merge(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Merge a signal into another open one."""
    return _decide(
        signal_id,
        lambda session, actor, typed: operations.merge_signal(
            session, actor, schemas.MergeSignalSchema().read(typed)
        ),
        lambda made: _("Signal %(number)s is merged.", number=made.number),
    )


def _decide(
    signal_id: uuid.UUID,
    act: Callable[[Session, Actor, dict[str, Any]], Signal],
    done: Callable[[Signal], Message],
) -> ResponseReturnValue:
    return browser.form_page(
        act=lambda session, actor, typed: act(
            session, actor, {**typed, "signal_id": str(signal_id)}
        ),
        then=lambda _signal: url_for("surveillance.signals"),
        done=done,
        show=lambda session, actor, typed, problems: _signal_page(signal_id, typed, problems),
    )


@blueprint.route("/signals/report", methods=["GET", "POST"])
def report() -> ResponseReturnValue:
    """Report an effect or a worrying product in one minute."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.report_effect(
            session, actor, schemas.ReportEffectSchema().read(typed)
        ),
        then=_after_report,
        done=lambda made: _(
            "Reported as %(number)s. The coordination sees it now.", number=made.number
        ),
        show=_report_page,
    )


def _after_report(made: Signal) -> str:
    if made.event_id is not None:
        return url_for("events.event", event_id=made.event_id)
    return url_for("surveillance.report")


def _report_page(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    actor.must(Permission.REPORT_EFFECT)
    tongue = browser.language()
    lists = {
        name: [(one.code, one.label(tongue)) for one in terms(session, name)]
        for name in ("dosage_form", "colour", "effect")
    }
    return browser.render(
        "surveillance/report.html",
        typed={"id": str(uuid.uuid4()), "level": "caution", "told_by": "worker", **typed},
        problems=problems,
        lists=lists,
        tellers=[(code, say(words, tongue)) for code, words in TELLER_WORDS.items()],
        areas=sorted({one.area for one in sites(session) if one.area}),
        may_triage=actor.may(Permission.TRIAGE),
    )
