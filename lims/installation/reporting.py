"""The coordination of the demonstration: meetings, a frozen report, and a draft of the next one."""

from __future__ import annotations

from collections.abc import Iterator

from lims.foundation import clock
from lims.installation.stage import Stage, Story
from lims.intake.rules import day_in_belgium
from lims.overview import meetings, reports
from lims.overview.indicator_periods import half_of
from lims.overview.meeting_rules import Partner, Topic

COORDINATOR, APPROVER = "coordination", "approbation"
MET = (
    (47, Partner.HEALTH, Topic.NETWORK),
    (33, Partner.SUB, Topic.EXCHANGE),
    (19, Partner.HEALTH, Topic.ALERTS),
    (12, Partner.JUDICIAL_POLICE, Topic.ALERTS),
    (3, Partner.SOCIO_PREVENTIVE, Topic.RESULTS),
)
COMMENTARY = {
    "fr": "Démonstration : commentaire inventé. Les chiffres ne décrivent aucun réseau réel.",
    "nl": "Demonstratie: verzonnen toelichting. De cijfers beschrijven geen echt netwerk.",
    "en": "Demonstration: an invented commentary. The figures describe no real network.",
}


class Reporting:
    """What the coordination writes down and reports."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def all(self) -> Iterator[Story]:
        """Give every story."""
        yield self.meetings()
        yield self.reports()

    def meetings(self) -> Story:
        """Meetings with focal points, each written down on its day."""
        for ago, partner, topic in MET:
            yield self.stage.day(ago, 16)
            day = day_in_belgium(clock.now())
            command = meetings.NoteMeeting(day, partner, topic)
            meetings.note_meeting(self.stage.session, self.stage.who(COORDINATOR), command)

    def reports(self) -> Story:
        """A report of the half-year before, approved; a draft of the present one."""
        yield self.stage.day(0.1, 8)
        session, who = self.stage.session, self.stage.who
        now = half_of(day_in_belgium(self.stage.today))
        for period in (now.before(), now):
            made = reports.draft_report(session, who(COORDINATOR), reports.DraftReport(period.name))
            words = reports.EditReport(made.id, COMMENTARY, not_a_person=True)
            reports.edit_report(session, who(COORDINATOR), words)
            if period == now or self.stage.folder is None:
                continue  # the files of a frozen report take a while to draw
            command = reports.ApproveReport(made.id, self.stage.password, demonstration=True)
            reports.approve_report(session, who(APPROVER), command)
