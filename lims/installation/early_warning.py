"""The demonstration's early warning: a queue with late clocks, an event with dissent, a rule draft.

Every word and value here is invented and says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from lims.alerts import checks
from lims.alerts import operations as alerts
from lims.alerts.records import Event
from lims.findings import rule_drafts, rule_review, ruling
from lims.installation.desk import APPROVER, COORDINATOR, COUNSELLOR
from lims.installation.stage import Stage, Story
from lims.intake.records import Sample
from lims.surveillance import operations as surveillance
from lims.surveillance.records import Signal

RULE = "sp-mdma-120"
INVENTED = "Démo : limite inventée, aucune valeur de référence."
LATELY = timedelta(days=5)
TOLD = ("wave-1", "brown-1")
"""Samples with an alert of their own, whose signals are not looked through here."""


SLEEPY = {
    "words": "Demo: brown powder sold as heroin, very sleepy for hours.",
    **{"level": "warning", "told_by": "partner"},
    **{"form": "powder", "colour": "brown", "area": "Liège"},
}
UNCONSCIOUS: dict[str, Any] = {
    "words": "Demo: two people unconscious after one green tablet.",
    **{"level": "red", "told_by": "hospital", "effects": ("unconscious",)},
    **{"form": "tablet", "colour": "green", "area": "Bruxelles / Brussel"},
}
YELLOW = {
    "words": "Demo: gele kristallen, slechte smaak.",
    **{"level": "caution", "told_by": "visitor"},
    **{"form": "crystal", "colour": "yellow", "area": "Vlaanderen"},
}


class EarlyWarning:
    """What the coordination has on its desk today."""

    def __init__(self, stage: Stage, samples: dict[str, Sample]) -> None:
        self.stage, self.samples = stage, samples

    def all(self) -> Iterator[Story]:
        """Give every story of the early warning."""
        yield self.queue()
        yield self.event()
        yield self.rule()

    def queue(self) -> Story:
        """Reports that wait: one that nobody looked at in time, one looked at and not decided."""
        yield self.stage.today - timedelta(hours=90)
        self._look_through_older()
        yield self.stage.today - timedelta(hours=80)
        seen = self._report(COUNSELLOR, **SLEEPY)
        yield self.stage.today - timedelta(hours=79)
        look = surveillance.LookAtSignal(seen.id)
        surveillance.look_at_signal(self.stage.session, self.stage.who(COORDINATOR), look)
        yield self.stage.today - timedelta(hours=9)
        self._report(COUNSELLOR, **UNCONSCIOUS)
        yield self.stage.today - timedelta(hours=2)
        self._report("festival", **YELLOW)

    def _look_through_older(self) -> None:
        """Discard what waits for longer, so that the queue shows what is new."""
        told = [self.samples[name].id for name in TOLD if name in self.samples]
        query = select(Signal).where(
            Signal.state == "open",
            Signal.opened_at < self.stage.today - LATELY,
            Signal.sample_id.not_in(told),
        )
        for signal in self.stage.session.scalars(query.order_by(Signal.opened_at)).all():
            command = surveillance.DiscardSignal(signal.id, "Demo", signal.row_version)
            surveillance.discard_signal(self.stage.session, self.stage.who(COORDINATOR), command)
            self.stage.session.flush()

    def event(self) -> Story:
        """A matter under verification: two assessors who disagree, steps asked and done."""
        yield self.stage.today - timedelta(hours=50)
        session = self.stage.session
        told = self._report(
            COORDINATOR,
            words="Demo: blue crystal, people much too hot.",
            level="warning",
            told_by="hospital",
            form="crystal",
            colour="blue",
            area="Bruxelles / Brussel",
            opens_event=True,
        )
        event = session.get_one(Event, told.event_id)
        yield self.stage.today - timedelta(hours=47)
        step = checks.TickStep(event.id, "second-laboratory", "asked", words="Demo")
        checks.tick_step(session, self.stage.who(COORDINATOR), step)
        self._assess(COORDINATOR, event, (3, 2, 1), "Demo: grave, and nothing is identified.")
        yield self.stage.today - timedelta(hours=30)
        sample = self.samples["wave-1"]
        step = checks.TickStep(event.id, "replicate", "disagrees", record=sample.code)
        checks.tick_step(session, self.stage.who(APPROVER), step)
        self._assess(APPROVER, event, (2, 1, 1), "Demo: a single case, heat alone explains it.")

    def rule(self) -> Story:
        """The next version of a rule, written by one person, waiting for another."""
        yield self.stage.today - timedelta(hours=26)
        session, actor = self.stage.session, self.stage.who(COORDINATOR)
        stands = rule_drafts.standing(session, RULE)
        if stands is None:
            return
        said = ruling.kept(ruling.text_of(stands))
        said |= {"limit_value": str(Decimal(150)), "expressed_as": "HCl", "note": INVENTED}
        said |= {"source": INVENTED}
        command = rule_review.DraftRule(ruling.read(said), INVENTED, uuid.uuid4())
        draft = rule_review.draft_rule(session, actor, command)
        session.flush()
        sent = rule_review.MoveRule(draft.id, draft.row_version)
        rule_review.submit_rule(session, actor, sent)

    def _report(self, account: str, **told: Any) -> Signal:
        command = surveillance.ReportEffect(id=uuid.uuid4(), **told)
        made = surveillance.report_effect(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()
        return made

    def _assess(self, account: str, event: Event, grades: tuple[int, int, int], words: str) -> None:
        command = alerts.AssessEvent(event.id, *grades, words, event.row_version)
        alerts.assess_event(self.stage.session, self.stage.who(account), command)
        self.stage.session.flush()
