"""A small synthetic network whose every number was counted by hand; the words beside say how.

The clock stands at Friday 20 March 2026. The half-year 2026-1 is 29 December 2025 to 28 June 2026.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.records import Alert, AlertMessage, AlertVersion, Event
from lims.analysis.records import Run
from lims.counselling.records import Talk
from lims.exchange.records import PartnerImport, PartnerSample
from lims.findings.records import Detection, Finding
from lims.foundation import clock, codes
from lims.intake.records import Sample, Visit
from lims.network.records import Competence, Member, MemberDuty, Site
from lims.overview import feedback_making
from lims.overview.report_records import FocalMeeting, NetworkReport
from lims.protocols.records import ProtocolVersion
from lims.surveillance.records import Signal
from tests.makers import Network, load_vocabularies, make_released_finding, make_substance

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def at(text: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(
        hours=hour
    )


@dataclass
class Counted:
    """The network with its samples and findings by a short name."""

    session: Session
    network: Network
    samples: dict[str, Sample] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)

    def visit(self, site: Site, day: str, **answers: Any) -> Visit:
        made = Visit(
            site_id=site.id,
            day=date.fromisoformat(day),
            recorded_at=at(day),
            registered_by="worker",
            **answers,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def sample(self, name: str, visit: Visit, sold_as: Any, **facts: Any) -> Sample:
        given: dict[str, Any] = {"form": "tablet", "consent_data": True, **facts}
        given |= (
            {"sold_as": sold_as}
            if isinstance(sold_as, str)
            else {"sold_as": sold_as.name_en, "sold_as_id": sold_as.id}
        )
        made = Sample(
            code=codes.new_code(),
            visit_id=visit.id,
            site_id=visit.site_id,
            recorded_at=visit.recorded_at,
            **given,
        )
        self.session.add(made)
        self.session.flush()
        self.samples[name] = made
        return made

    def finding(self, name: str, released: str, match: str, found: Any = None, **facts: Any) -> Any:
        given = {"match": match, "released_at": at(released), **facts}
        sample = self.samples[name]
        made = make_released_finding(self.session, self.network, sample, **given)
        if made.version == 1:
            sample.state, sample.laboratory_id = "released", made.site_id
        if found is not None:
            self.session.add(
                Detection(
                    finding_id=made.id,
                    substance_id=found.id,
                    role="active-expected",
                    abundance="major",
                    kind="found",
                )
            )
        self.findings.setdefault(name, made)
        return made

    def talk(self, name: str, day: str, intention: str, minutes: int | None, **facts: Any) -> None:
        sample, finding = self.samples[name], self.findings.get(name)
        self.session.add(
            Talk(
                sample_id=sample.id,
                visit_id=sample.visit_id,
                site_id=sample.site_id,
                day=date.fromisoformat(day),
                recorded_at=at(day),
                language="fr",
                finding_id=finding.id if finding else None,
                intention=intention,
                minutes=minutes,
                by="counsellor",
                **facts,
            )
        )

    def run(self, site: Site, protocol: ProtocolVersion, day: str, **facts: Any) -> None:
        self.session.add(
            Run(
                number=f"R-{next(_numbers):04d}",
                technique=protocol.technique,
                protocol_id=protocol.id,
                protocol_hash=protocol.content_hash,
                site_id=site.id,
                analyst="chemist",
                started_at=at(day),
                **{"state": "verified", **facts},
            )
        )

    def protocol(self, name: str, version: int, technique: str, published: str) -> ProtocolVersion:
        made = ProtocolVersion(
            name=name,
            version=version,
            technique=technique,
            titles={code: f"{name} {code}" for code in ("fr", "nl", "en")},
            content_hash=uuid.uuid4().hex,
            document={},
            published_at=at(published),
            published_by="coordinator",
        )
        self.session.add(made)
        self.session.flush()
        return made

    def alert(self, published: str, source: str, finding: str = "") -> Alert:
        """Publish an alert on an event with one signal."""
        n = next(_numbers)
        event = Event(number=f"E-{n:04d}", title="x", level="warning")
        self.session.add(event)
        self.session.flush()
        behind = self.findings.get(finding)
        signal = Signal(
            number=f"S-{n:04d}",
            source=source,
            level="warning",
            state="event",
            reason={},
            event_id=event.id,
            finding_id=behind.id if behind else None,
            sample_id=behind.sample_id if behind else None,
        )
        made = Alert(number=f"2026-{n:04d}", event_id=event.id)
        self.session.add_all([signal, made])
        self.session.flush()
        self.message(made, 1, "alert", published)
        return made

    def message(self, alert: Alert, version: int, kind: str, published: str) -> None:
        made = AlertVersion(
            alert_id=alert.id,
            version=version,
            kind=kind,
            state="published",
            level="warning",
            facts={},
            author="coordinator",
            review_on=date(2030, 1, 1),
            published_at=at(published),
        )
        self.session.add(made)
        self.session.flush()
        for audience, words in (("public", "Public words"), ("health", "CANARY-HEALTH")):
            given = {"audience": audience, "language": "fr", "tlp": "TLP:CLEAR"}
            told = {"headline": words, "body": words, **given}
            self.session.add(AlertMessage(alert_version_id=made.id, **told))


def counted_network(session: Session, network: Network) -> Counted:
    """Make the network, committed."""
    made = Counted(session, network)
    load_vocabularies(session)
    session.add(
        Site(organisation_id=network.counter.organisation_id, name="Idle", service_type="pharmacy")
    )
    for duty in session.scalars(select(MemberDuty)):
        duty.since = at("2025-01-01")
    for part in (samples, talks, practice, alerts, coordination):
        for _each in part(made):
            pass
    session.commit()
    return made


def samples(made: Counted) -> Iterator[None]:
    """Six visits in the period, one before; seven samples in the period, one before."""
    counter, festival = made.network.counter, made.network.festival
    mdma, cocaine = (make_substance(made.session, key) for key in ("mdma", "cocaine"))
    one = made.visit(counter, "2026-01-05", first_visit=True, age_band="21-24", language="fr")
    made.sample("tablet", one, mdma)
    made.sample("left", one, cocaine, state="not analysed", not_analysed_reason="capacity")
    two = made.visit(counter, "2026-01-06", first_visit=False, age_band="21-24", language="fr")
    made.sample("other", two, mdma)
    three = made.visit(counter, "2026-01-06", language="nl")
    made.sample("unknown", three, "unknown", form="powder")
    four = made.visit(counter, "2026-02-10", first_visit=True, age_band="25-29", language="fr")
    made.sample("taken back", four, mdma, state="withdrawn")
    five = made.visit(festival, "2026-02-14", first_visit=True, age_band="no-answer", language="en")
    made.sample("mystery", five, "mystery", form="powder")
    six = made.visit(festival, "2026-02-14", first_visit=False, age_band="18-20", language="fr")
    made.sample("waits", six, cocaine, state="received")
    early = made.visit(counter, "2025-11-03", language="fr")
    made.sample("early", early, mdma)
    lab, second = made.network.laboratory.id, made.network.second_laboratory.id
    # Days until the result: 7, 2, 14 and 4; of the early one only the week is known, ten weeks.
    first = made.finding("tablet", "2026-01-12", "as-expected", mdma, site_id=lab)
    made.finding("other", "2026-01-08", "other-instead", cocaine, site_id=lab)
    made.finding("unknown", "2026-01-20", "no-expectation", site_id=lab)
    made.finding("mystery", "2026-02-18", "no-active", site_id=second)
    made.finding("early", "2026-01-12", "as-expected", mdma, site_id=lab)
    first.state = "superseded"
    made.finding("tablet", "2026-02-01", "as-expected", mdma, site_id=lab, version=2)
    yield


def talks(made: Counted) -> Iterator[None]:
    """Five talks, four about a result: after 3, 0, 5 and 2 days."""
    made.talk("tablet", "2026-01-15", "as-planned", 10)
    made.talk("other", "2026-01-08", "not-take", 20, referral="a service")
    made.talk("unknown", "2026-01-25", "", None, material="naloxone")
    made.talk("mystery", "2026-02-20", "not-asked", 30)
    made.talk("waits", "2026-03-01", "undecided", 5)
    yield


def practice(made: Counted) -> Iterator[None]:
    """Four runs that count, one under an old version; four people, three trainings."""
    lab, second = made.network.laboratory, made.network.second_laboratory
    old = made.protocol("plates", 1, "tlc", "2025-12-01")
    new = made.protocol("plates", 2, "tlc", "2026-02-01")
    made.protocol("talking", 1, "guideline", "2025-12-01")
    made.run(lab, old, "2026-01-10")
    made.run(lab, old, "2026-02-01")  # the day of the change: both versions are current
    made.run(lab, old, "2026-02-05")
    made.run(second, new, "2026-02-05", deviation="shorter")
    made.run(lab, old, "2026-02-06", state="withdrawn")
    until = {"chemist": date(2026, 12, 31), "second_chemist": date(2026, 2, 1)}
    for account in ("chemist", "second_chemist", "other_chemist"):
        member = made.session.scalars(select(Member).where(Member.account == account)).one()
        kept = {"protocol": "plates", "trained_on": date(2025, 6, 1)}
        made.session.add(Competence(member_id=member.id, valid_until=until.get(account), **kept))
    yield


def alerts(made: Counted) -> Iterator[None]:
    """Two alerts in the period, one from a testing point 24 hours after its finding; one update."""
    own = made.alert("2026-01-09", "rule", "other")
    made.message(own, 2, "update", "2026-01-20")
    made.alert("2026-02-02", "partner")
    made.alert("2025-12-01", "partner")
    yield


def coordination(made: Counted) -> Iterator[None]:
    """Two meetings that stand, one report approved, three feedbacks, two results of a partner."""
    for day, withdrawn in (
        ("2026-01-10", None),
        ("2026-02-10", None),
        ("2026-02-11", NOW),
        ("2025-12-01", None),
    ):
        facts = {"partner": "health", "topic": "alerts", "noted_by": "coordinator"}
        day_of = date.fromisoformat(day)
        made.session.add(FocalMeeting(day=day_of, withdrawn_at=withdrawn, **facts))
    for edition in (1, 2):
        told = {"period": "2025-2", "contents": {}, "author": "coordinator", "state": "approved"}
        made.session.add(NetworkReport(edition=edition, approved_at=at("2026-01-15"), **told))
    for day in ("2025-12-20", "2026-01-16", "2026-02-20"):
        whose = feedback_making.MakeFeedback(made.network.counter.organisation_id)
        with clock.stopped_at(at(day)):
            feedback_making.make_feedback(made.session, made.network.coordinator, whose)
    brought = PartnerImport(
        source="x", licence="x", file_hash="0", report={}, by="x", at=at("2026-01-02")
    )
    made.session.add(brought)
    made.session.flush()
    for number in (1, 2):
        given = {"source": "x", "source_id": str(number), "analysed": True, "raw": {}}
        made.session.add(PartnerSample(import_id=brought.id, content_hash="0", **given))
    yield
