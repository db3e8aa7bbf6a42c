"""An event as people read it: the steps of its verification, what was told, and its history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims.alerts import checking, verification
from lims.alerts.event_records import EventCheck
from lims.alerts.records import Event
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, moment, say
from lims.intake.queries import may_follow
from lims.library.queries import term_label
from lims.network.rules import Permission
from lims.surveillance import queries as surveillance
from lims.surveillance.records import Signal
from lims.surveillance.reporting import TELLER_WORDS, Teller
from lims.surveillance.rules import source_words

Shown = dict[str, Any]


def options(words: Mapping[Any, Message], language: str) -> list[tuple[str, str]]:
    """Return the choices of a list with their words."""
    return [(str(code), say(said, language)) for code, said in words.items()]


def checks(session: Session, actor: Actor, event_id: uuid.UUID, language: str) -> list[Shown]:
    """Return each step of the verification with all that was ticked, the latest first."""
    ticked = verification.checks(session, event_id)
    found = []
    for step, words in checking.STEP_WORDS.items():
        mine = [_check(one, actor, language) for one in ticked if one.step == step]
        found.append({"words": say(words, language), "ticked": mine[::-1]})
    return found


def _check(one: EventCheck, actor: Actor, language: str) -> Shown:
    return {
        "answer": one.answer,
        "words": say(checking.ANSWER_WORDS[checking.Answer(one.answer)], language),
        "remark": one.words,
        "by": one.by,
        "at": one.at,
        "run": one.run,
        "sample": one.sample,
        "may_run": one.run is not None and actor.may(Permission.ANALYSE, one.run.site_id),
        "may_sample": one.sample is not None and may_follow(actor, one.sample),
    }


def reports(session: Session, signal_ids: Sequence[uuid.UUID], language: str) -> list[Shown]:
    """Return what people told that raised some signals, in words of the controlled lists."""
    return [
        {
            "told": one,
            "teller": say(TELLER_WORDS[Teller(one.told_by)], language),
            "look": ", ".join(
                part
                for part in (
                    term_label(session, "dosage_form", one.form, language) if one.form else "",
                    term_label(session, "colour", one.colour, language) if one.colour else "",
                    one.logo,
                )
                if part
            ),
            "effects": ", ".join(
                term_label(session, "effect", code, language) for code in one.effects
            ),
        }
        for one in surveillance.reports_of(session, signal_ids)
    ]


def timeline(
    session: Session, actor: Actor, event: Event, signals: Sequence[Signal], language: str
) -> list[Shown]:
    """Return what happened with an event, oldest first, as the macro of a life takes it."""
    found = [_moment(_("Event opened"), event.opened_at, event.opened_by)]
    for one in signals:
        words = _("Signal %(number)s: %(source)s", number=one.number, source=_source(one))
        url = f"/signals/{one.id}" if actor.may(Permission.TRIAGE) else ""
        found.append(_moment(words, one.decided_at or one.opened_at, one.decided_by, url=url))
    for ticked in verification.checks(session, event.id):
        step = checking.STEP_WORDS[checking.Step(ticked.step)]
        answer = checking.ANSWER_WORDS[checking.Answer(ticked.answer)]
        words = _("%(step)s: %(answer)s", step=step, answer=answer)
        found.append(_moment(words, ticked.at, ticked.by, ticked.words))
    for given in event.assessments:
        told = f"{given['hazard']} × {given['exposure']} × {given['certainty']}"
        at = datetime.fromisoformat(given["at"])
        found.append(_moment(_("Assessed"), at, given["by"], told))
    found += [_past(one) for one in event.history]
    if event.decided_at is not None:
        words = DECIDED.get(event.state, _("Decided"))
        found.append(_moment(words, event.decided_at, event.decided_by, event.decision_reason))
    found.sort(key=lambda one: one["at"])
    return [_said(one, language) for one in found]


DECIDED: Mapping[str, Message] = {
    "confirmed": _("Confirmed"),
    "refuted": _("Refuted"),
    "merged": _("Merged"),
}
PAST: Mapping[str, Message] = {
    "merged": _("Merged into event %(event)s"),
    "took in": _("Took in event %(event)s"),
    "reopened": _("Opened again; until then: %(state)s"),
}


def _source(signal: Signal) -> Message:
    return source_words(signal.source)


def _past(one: Mapping[str, Any]) -> Shown:
    values = {"event": one.get("event", "")}
    if one["act"] == "reopened":
        values = {"state": DECIDED.get(one["state"], Message(one["state"]))}
    words = Message(PAST[one["act"]].msgid, values)
    before = one.get("decision_reason")
    detail = " · ".join(part for part in (one["reason"], before) if part)
    return _moment(words, datetime.fromisoformat(one["at"]), one["by"], detail)


def _moment(what: Message, at: datetime, by: str, detail: str = "", url: str = "") -> Shown:
    return {"what": what, "at": at, "by": by, "detail": detail, "url": url, "state": "done"}


def _said(one: Shown, language: str) -> Shown:
    return {**one, "what": say(one["what"], language), "when": moment(one["at"], language)}
