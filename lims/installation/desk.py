"""The demonstration at the desks: talks with visitors, signals, events, alerts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from lims.alerts import operations as alerts
from lims.alerts.records import AlertVersion, Event
from lims.counselling import operations as counselling
from lims.findings import queries as findings
from lims.foundation import clock
from lims.installation.stage import Stage, Story
from lims.intake.records import Sample
from lims.surveillance import operations as surveillance
from lims.surveillance.records import Signal

COORDINATOR, APPROVER, COUNSELLOR = "coordination", "approbation", "rdr"
REVIEW_DAYS = 60


class Desk:
    """What counsellors and coordinators do."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def talk(self, account: str, sample: Sample, advice: Sequence[str], intention: str) -> None:
        """Record a talk about the finding that stands."""
        finding = findings.released_finding(self.stage.session, sample.id)
        command = counselling.RecordTalk(
            id=uuid.uuid4(),
            sample_id=sample.id,
            finding_id=finding.id if finding else None,
            advice=tuple(advice),
            intention=intention,
            minutes=self.stage.dice.randrange(5, 20),
        )
        counselling.record_talk(self.stage.session, self.stage.who(account), command)

    def discard(self, samples: Sequence[Sample], reason: str) -> None:
        """Discard the open signals of some samples, with the reason."""
        for signal in self._open_signals(samples):
            command = surveillance.DiscardSignal(signal.id, reason, signal.row_version)
            surveillance.discard_signal(self.stage.session, self.stage.who(COORDINATOR), command)
            self.stage.session.flush()

    def _open_signals(self, samples: Sequence[Sample]) -> Sequence[Signal]:
        query = select(Signal).where(
            Signal.sample_id.in_([sample.id for sample in samples]), Signal.state == "open"
        )
        return self.stage.session.scalars(query.order_by(Signal.opened_at)).all()

    def event(self, samples: Sequence[Sample], title: str) -> Event | None:
        """Open an event from the open signals of some samples; None when there are none."""
        session = self.stage.session
        signals = self._open_signals(samples)
        if not signals:
            return None
        ids = tuple(signal.id for signal in signals)
        command = alerts.OpenEvent(ids, title, uuid.uuid4())
        event = alerts.open_event(session, self.stage.who(COORDINATOR), command)
        session.flush()
        return event

    def assess(self, account: str, event: Event, grades: tuple[int, int, int], words: str) -> None:
        """Grade hazard, exposure and certainty of an event."""
        command = alerts.AssessEvent(event.id, *grades, words, event.row_version)
        alerts.assess_event(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()

    def confirm(self, event: Event) -> None:
        """Confirm an event that two people have assessed."""
        command = alerts.DecideEvent(event.id, True, "Demo", event.row_version)
        alerts.decide_event(self.stage.session, self.stage.who(COORDINATOR), command)
        self.stage.session.flush()

    def draft(self, event: Event, facts: alerts.GivenFacts) -> AlertVersion:
        """Draft an alert on an event and send it to review."""
        actor, session = self.stage.who(COORDINATOR), self.stage.session
        review = clock.today() + timedelta(days=REVIEW_DAYS)
        command = alerts.DraftAlert(event.id, event.level, review, facts, uuid.uuid4())
        version = alerts.draft_alert(session, actor, command)
        session.flush()
        alerts.submit_alert(session, actor, alerts.SubmitAlert(version.id, version.row_version))
        session.flush()
        return version

    def approve(self, version: AlertVersion) -> None:
        """Approve an alert as another person; it is published at once."""
        command = alerts.ApproveAlert(version.id, self.stage.password, version.row_version)
        alerts.approve_alert(self.stage.session, self.stage.who(APPROVER), command)
        self.stage.session.flush()

    def published(
        self, samples: Sequence[Sample], title: str, facts: alerts.GivenFacts, hours: int = 3
    ) -> Story:
        """Open an event, assess it by two people, draft the alert, approve it."""
        event = self.event(samples, title)
        if event is None:
            return
        self.assess(COORDINATOR, event, (3, 2, 3), "Demo: invented reasons.")
        yield clock.now() + timedelta(hours=hours)
        self.assess(APPROVER, event, (3, 2, 2), "Demo: invented reasons.")
        self.confirm(event)
        version = self.draft(event, facts)
        yield clock.now() + timedelta(hours=hours)
        self.approve(version)
