"""Synthetic rules, pages of points and queues, for the tests of queues and of the public face."""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.intake.records import Sample
from lims.library.records import VocabularyTerm
from lims.network.opening import Timetable, Weekly
from lims.network.points import PointPage
from lims.overview import describing, stating, triaging
from lims.overview.records import StatedCapacity, TriageRule
from lims.overview.stating import StateCapacity
from lims.overview.triage import Fact, Line
from tests.makers import Network, load_vocabularies, make_samples, told_sample
from tests.overview.makers import release

RULE = (Line(Fact.INCIDENT, ("overdose", "emergency")), Line(Fact.NEW_LOGO))
EVENING = Timetable((Weekly(0, time(18), time(21)),))
DRAFT: dict[str, Any] = {
    "slug": "synthetic-point",
    "weekly": [{"weekday": 0, "opens": "18:00", "closes": "21:00"}],
    "languages": ["fr", "nl"],
    "forms": ["tablet", "powder"],
}


def waiting(session: Session, network: Network, **facts: Any) -> Sample:
    """Register a sample that the laboratory has received."""
    (sample,) = make_samples(session, network, told_sample(**facts))
    sample.laboratory_id, sample.state = network.laboratory.id, "received"
    session.flush()
    return sample


def lists(session: Session) -> None:
    """Load the lists of words, once."""
    if session.get(VocabularyTerm, ("dosage_form", "tablet")) is None:
        load_vocabularies(session)


def in_force(
    session: Session, network: Network, lines: tuple[Line, ...] = RULE, **facts: Any
) -> TriageRule:
    """Propose a rule and let another person approve it."""
    lists(session)
    command = triaging.ProposeRule(lines, "synthetic", **facts)
    made = triaging.propose_rule(session, network.local_coordinator, command)
    triaging.approve_rule(session, network.coordinator, triaging.DecideRule(made.id))
    return made


def described(session: Session, network: Network, **facts: Any) -> PointPage:
    """Write the draft of the counter's page."""
    lists(session)
    given = {"slug": "synthetic-point", "timetable": EVENING, "forms": ("tablet",)}
    given |= {"laboratories": (network.laboratory.id,)} | facts
    command = describing.DescribePoint(network.counter.id, **given)
    return describing.describe_point(session, network.worker, command)


def published(session: Session, network: Network, **facts: Any) -> PointPage:
    """Write and publish the counter's page."""
    described(session, network, **facts)
    command = describing.PublishPoint(network.counter.id)
    return describing.publish_point(session, network.local_coordinator, command)


def stated(session: Session, network: Network, samples: int = 4, **more: Any) -> StatedCapacity:
    """State what the laboratory can do."""
    given = {"per": "week", "days": 5} | more
    command = StateCapacity(network.laboratory.id, samples, **given)
    return stating.state_capacity(session, network.head, command)


def results(session: Session, network: Network, n: int, days: float) -> None:
    """Let some samples have a result after so many days each, the last of them yesterday."""
    for at in range(n):
        with clock.stopped_at(clock.now() - timedelta(days=days + 1 + at % 7)):
            sample = waiting(session, network)
        release(session, network, sample, days, "information")


def next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


NOBODY = uuid.UUID(int=7)
