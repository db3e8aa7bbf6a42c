"""The pages that look over everything: start, work lists, one sample's life, times, journal."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

from lims.alerts.queries import readable_version
from lims.custody import alarms
from lims.custody.rules import MOVE_WORDS
from lims.custody.shown import agreed
from lims.doors import browser
from lims.doors.house import house
from lims.findings import queries as findings
from lims.findings.records import Reissue
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _
from lims.journal import queries as journal
from lims.library.queries import term_label
from lims.network.rules import Permission
from lims.overview import (
    acts,
    charts,
    lives,
    ordering,
    queries,
    rules,
    times,
    today,
    triage,
    work,
)
from lims.overview.steps import STEPS, Place, Step
from lims.protocols.techniques import technique_words
from lims.surveillance import queries as surveillance
from lims.surveillance.schemas import targets_of

blueprint = Blueprint("overview", __name__)
PAGE = 50


def _link(endpoint: str, **values: Any) -> str | None:
    """Return the address of an endpoint, None where this installation does not have it."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


def _pages(endpoint: str, page: int, total: int, size: int = PAGE) -> dict[str, Any]:
    """Return what the pagination macro needs."""
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key != "page"}
    last = min(page * size, total)
    return {
        "first": min((page - 1) * size + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, **kept, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, **kept, page=page + 1) if last < total else None,
    }


@blueprint.get("/start")
def start() -> ResponseReturnValue:
    """Show one's own work; in a demonstration, walk a newcomer through the job in six steps."""
    session, actor = browser.session(), browser.actor()
    accounts = queries.demonstration_accounts(session) if house().settings.demonstration else []
    names = {str(one["account"]): one for one in accounts}
    waiting = [
        {"words": kind.words, "count": count, "icon": kind.icon, "url": _link(kind.endpoint)}
        for kind, count in today.own_work(session, actor)
    ] + _custody_alarms()
    return browser.render(
        "overview/start.html",
        waiting=waiting,
        looks=_looks(actor),
        late=_late_signals(),
        steps=[_shown_step(step, names) for step in STEPS] if accounts else [],
        public_url=house().settings.public_url,
    )


def _looks(actor: Actor) -> list[tuple[Message, str, str]]:
    """Return where somebody who answers for the network looks how it goes."""
    places = (
        (Permission.READ_INDICATORS, _("Indicators"), "indicators.board", "chart"),
        (Permission.READ_INDICATORS, _("Meetings"), "meetings.listed", "people"),
        (Permission.APPROVE_REPORT, _("Reports"), "reports.listed", "copy"),
    )
    return [(words, url_for(to), icon) for may, words, to, icon in places if actor.may(may)]


def _late_signals() -> dict[str, Any] | None:
    """Return the signals that nobody took up in time, for those who coordinate or approve."""
    session, actor = browser.session(), browser.actor()
    if not actor.may(surveillance.in_charge(actor)):
        return None
    targets = targets_of(house().settings)
    listed, total = surveillance.escalated(session, actor, targets)
    return {"signals": listed, "total": total, "may_open": actor.may(Permission.TRIAGE)}


def _custody_alarms() -> list[dict[str, Any]]:
    """Return how much is unreturned or unaccounted for, for those who answer for it."""
    session, actor = browser.session(), browser.actor()
    if not any(actor.may(one) for one in (Permission.HAND_OVER, Permission.MANAGE_CUSTODY)):
        return []
    count = alarms.count(session, actor, agreed(house().settings))
    words, url = _("Custody alarms: unreturned or unaccounted for"), _link("keeping.alarms_page")
    return [{"words": words, "count": count, "icon": "err", "url": url}]


def _shown_step(step: Step, accounts: dict[str, Any]) -> dict[str, Any]:
    return {
        "icon": step.icon,
        "name": step.name,
        "what": step.what,
        "places": [_shown_place(place, accounts) for place in step.places],
    }


def _shown_place(place: Place, accounts: dict[str, Any]) -> dict[str, Any]:
    account = accounts.get(place.account, {})
    return {
        "words": place.words,
        "url": _link(place.endpoint),
        "account": place.account,
        "duty": account.get("duty", ""),
        "own": browser.actor().account == place.account,
    }


@blueprint.get("/work")
def work_list() -> ResponseReturnValue:
    """Show what waits at one's laboratory, the most urgent first, with what is missing."""
    session, page = browser.session(), browser.page_number()
    tasks, total = work.work_list(session, browser.actor(), page, PAGE)
    tongue = browser.language()
    shown = [
        {
            "task": task,
            "form": term_label(session, "dosage_form", task.sample.form, tongue),
            "because": ordering.because(session, task.place, tongue),
            "moved": task.place.group != triage.Group.BY_RULE,
            "named": task.place.line is not None,
            "runs": [(run, _link("analysis.run", run_id=run.id)) for run in task.runs],
            "conclude": _conclude(task),
            "start": _link("analysis.new_run", code=task.sample.code)
            if browser.actor().may(Permission.ANALYSE)
            else None,
        }
        for task in tasks
    ]
    return browser.render(
        "overview/work_list.html",
        tasks=shown,
        adopted=any(ordering.rules_in_force(session).values()),
        rules_url=_link("triage.rules"),
        pages=_pages("overview.work_list", page, total),
        new_run=_link("analysis.new_run") if browser.actor().may(Permission.ANALYSE) else None,
        reissues=_reissues(),
        parcels_url=_link("custody.parcels"),
    )


def _reissues() -> list[tuple[Reissue, str | None]]:
    """Return the findings to issue again, each with the way to its correction."""
    listed, _total = findings.reissues(browser.session(), browser.actor())
    return [(one, _link("findings.finding", finding_id=one.finding_id)) for one in listed]


def _conclude(task: work.Task) -> str | None:
    """Return where to conclude on a sample, when there is something to conclude on."""
    if not browser.actor().may(Permission.CONCLUDE, task.sample.laboratory_id):
        return None
    if task.draft_id is not None:
        return _link("findings.finding", finding_id=task.draft_id)
    return _link("findings.new_finding", sample_id=task.sample.id) if task.ready else None


@blueprint.get("/to-verify")
def to_verify() -> ResponseReturnValue:
    """Show the runs and findings that wait for a second person; one's own are marked."""
    page = browser.page_number()
    checks, total = work.to_verify(browser.session(), browser.actor(), page, PAGE)
    links = {
        check.id: _link("analysis.run", run_id=check.id)
        if check.kind == "run"
        else _link("findings.finding", finding_id=check.id)
        for check in checks
    }
    return browser.render(
        "overview/to_verify.html",
        checks=checks,
        links=links,
        reissues=_reissues(),
        technique_words=technique_words,
        pages=_pages("overview.to_verify", page, total),
    )


@blueprint.get("/samples/<uuid:sample_id>/life")
def sample_life(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show the whole life of a sample, drawn from the journal."""
    session, tongue = browser.session(), browser.language()
    found = lives.life(session, browser.actor(), sample_id)
    sample = found.sample
    expected = sample.sold_as_substance.name(tongue) if sample.sold_as_substance else sample.sold_as
    return browser.render(
        "overview/sample_life.html",
        life=found,
        sample=sample,
        moments=lives.moments(found, tongue),
        form=term_label(session, "dosage_form", sample.form, tongue),
        colour=term_label(session, "colour", sample.colour, tongue),
        not_analysed=term_label(session, "not_analysed_reason", sample.not_analysed_reason, tongue),
        expected=expected,
        link=_link,
        may_see=partial(readable_version, browser.actor()),
        at_counter=browser.actor().may(Permission.FOLLOW_SAMPLES, sample.site_id),
        mass_words=MOVE_WORDS,
    )


@blueprint.get("/turn-around")
def turn_around() -> ResponseReturnValue:
    """Show how long things take, with how many, how they are counted and what still waits."""
    rows = times.turn_around(browser.session(), browser.actor())
    return browser.render(
        "overview/turn_around.html",
        tables=[
            {"interval": interval, "rows": group, "chart": charts.strips(group)}
            for interval in times.Interval
            for group in [[row for row in rows if row.interval is interval]]
        ],
        weeks=rules.WEEKS,
    )


@blueprint.get("/journal")
def journal_page() -> ResponseReturnValue:
    """Show the journal, newest first, and on demand the proof of its chain."""
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.READ_JOURNAL)
    page, tongue = browser.page_number(), browser.language()
    entries, total = journal.latest_acts(session, page, PAGE)
    return browser.render(
        "overview/journal.html",
        entries=[
            {
                "act": entry,
                "what": acts.said(entry.act, tongue),
                "detail": acts.detail(entry.act, entry.detail, tongue),
            }
            for entry in entries
        ],
        pages=_pages("overview.journal_page", page, total),
        reasons=acts.CHAIN_FAULTS,
        proof=journal.verify_chain(session) if request.args.get("verify") == "yes" else None,
    )
