"""What the demonstration's places say of themselves: hours, capacity, the order of work.

Every hour, number and date here is synthetic.
"""

from __future__ import annotations

from datetime import time, timedelta

from lims.installation.stage import Stage, Story
from lims.intake import closing
from lims.network.opening import Closed, Session, Timetable, Weekly
from lims.overview import describing, ordering, stating, triaging

FORMS = ("tablet", "powder", "crystal", "capsule", "blotter", "liquid")
PLACES = {
    "bruxelles": {
        "fr": "Démonstration : au rez-de-chaussée, la porte bleue. Sonnez.",
        "nl": "Demonstratie: op het gelijkvloers, de blauwe deur. Bel aan.",
        "en": "Demonstration: on the ground floor, the blue door. Ring the bell.",
    },
    "festival": {
        "fr": "Démonstration : près des premiers soins, le drapeau blanc.",
        "nl": "Demonstratie: bij de eerste hulp, de witte vlag.",
        "en": "Demonstration: beside first aid, the white flag.",
    },
    "liege": {},
}
SLUGS = {"bruxelles": "demo-bruxelles", "festival": "demo-festival", "liege": "demo-liege"}
BEHIND = {"bruxelles": ("labo",), "festival": ("labo",), "liege": ("labo2", "labo")}


class Service:
    """The stories of what the places say of themselves."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def points(self) -> Story:
        """The pages of the three testing points, written and published."""
        coordinator = "coordination"
        for ago, place in ((41, "bruxelles"), (40, "festival"), (39, "liege")):
            yield self.stage.day(ago, 11)
            site = self.stage.sites[place]
            writer = "accueil.bruxelles" if place == "bruxelles" else coordinator
            draft = describing.DescribePoint(
                site_id=site.id,
                slug=SLUGS[place],
                timetable=self._timetable(place),
                languages=("fr", "nl", "en") if place != "liege" else ("fr", "de", "ar"),
                forms=FORMS,
                laboratories=tuple(self.stage.sites[one].id for one in BEHIND[place]),
                place=PLACES[place],
            )
            describing.describe_point(self.stage.session, self.stage.who(writer), draft)
            yield self.stage.day(ago, 15)
            publisher = "coordination.locale" if place == "bruxelles" else coordinator
            describing.publish_point(
                self.stage.session,
                self.stage.who(publisher),
                describing.PublishPoint(site.id),
            )

    def _timetable(self, place: str) -> Timetable:
        today = self.stage.today.date()
        evening, close = time(18, 0), time(21, 0)
        if place == "bruxelles":
            rest = Closed(today + timedelta(days=20), today + timedelta(days=24))
            return Timetable((Weekly(0, evening, close), Weekly(3, evening, close)), (rest,))
        if place == "liege":
            return Timetable(tuple(Weekly(day, time(13, 0), time(17, 0)) for day in range(5)))
        friday = today + timedelta(days=(4 - today.weekday()) % 7 + 7)
        nights = tuple(
            Session(friday + timedelta(days=ahead), time(20, 0), time(5, 0), True, "Demo Festival")
            for ahead in range(2)
        )
        return Timetable(sessions=nights)

    def laboratories(self) -> Story:
        """What the laboratories say that they can do, and what one does not take now."""
        for ago, place, head, samples in (
            (44, "labo", "labo.responsable", 6),
            (43, "labo2", "labo2.responsable", 4),
        ):
            yield self.stage.day(ago, 10)
            stating.state_capacity(
                self.stage.session,
                self.stage.who(head),
                stating.StateCapacity(self.stage.sites[place].id, samples, "day", 5),
            )
        yield self.stage.day(3, 9)
        closing.close_intake(self.stage.session, self.stage.who("labo.responsable"), self._plants())
        yield self.stage.day(2, 9)
        ahead = self.stage.today.date()
        days = stating.CloseDays(
            self.stage.sites["labo"].id, ahead + timedelta(days=30), ahead + timedelta(days=32)
        )
        stating.close_days(self.stage.session, self.stage.who("labo.responsable"), days)

    def _plants(self) -> closing.CloseIntake:
        return closing.CloseIntake(
            laboratory_id=self.stage.sites["labo"].id,
            form="plant",
            until=self.stage.today.date() + timedelta(days=12),
            words={
                "fr": "Démonstration : l'appareil est en réparation.",
                "nl": "Demonstratie: het toestel wordt hersteld.",
                "en": "Demonstration: the instrument is being repaired.",
            },
        )

    def order(self) -> Story:
        """The example of the program is proposed by one person and approved by another."""
        yield self.stage.day(42, 10)
        made = triaging.propose_rule(
            self.stage.session,
            self.stage.who("coordination.locale"),
            triaging.ProposeRule(ordering.shipped_rule().lines, "Demonstration: house convention"),
        )
        yield self.stage.day(41, 9)
        triaging.approve_rule(
            self.stage.session, self.stage.who("coordination"), triaging.DecideRule(made.id)
        )
