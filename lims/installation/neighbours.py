"""A neighbouring service of the demonstration: a year of invented results, and the watch over them.

Ten months come in at once, as the table of an old year does: they are drawn and raise nothing.
The last weeks come in week by week, and in them one cutting agent rises.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta

from lims.exchange import operations as exchange
from lims.foundation import clock
from lims.installation.desk import COORDINATOR
from lims.installation.stage import Stage, Story
from lims.surveillance import watching
from lims.surveillance.weeks import WEEK, monday_of

WEEKS, LATELY, RISING = 52, 7, 3
"""Weeks in all, of these delivered one by one, and of these with the rise."""
REGIONS = ("Demo Nord", "Demo Sud")
HEADER = ("sample_id", "received", "sold_as", "form", "region", "analysed", "substance")
MORE = ("role", "amount", "unit", "notes")


class Neighbour:
    """What the neighbouring service sends, and the watch of the coordination over it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def story(self) -> Story:
        """Bring in the old months at once, then a table every Monday; then run the watch."""
        dice = random.Random(365)
        stage, today = self.stage, self.stage.today.date()
        weeks = [monday_of(today) - (WEEKS - n) * WEEK for n in range(WEEKS)]
        yield stage.day(57, 9)
        old = weeks[:-LATELY]
        self._bring([row for week in old for row in _week(dice, week, rising=False)])
        for place, week in enumerate(weeks[-LATELY:]):
            yield stage.day((today - week - WEEK).days, 9, 30)
            self._bring(_week(dice, week, rising=place >= LATELY - RISING))
        yield stage.day(0, 9, 45)
        watching.run_watch(stage.session, stage.who(COORDINATOR), watching.RunWatch())

    def _bring(self, rows: list[list[str]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([[*HEADER, *MORE], *rows])
        name = f"demo-{clock.today():%y%m%d}.csv"
        command = exchange.ImportResults("csv", {name: text.getvalue().encode()})
        exchange.import_results(self.stage.session, self.stage.who(COORDINATOR), command)
        self.stage.session.flush()


def _week(dice: random.Random, monday: date, *, rising: bool) -> list[list[str]]:
    rows = []
    for number in range(dice.randrange(6, 10)):
        day = monday + timedelta(days=dice.randrange(0, 5))
        line = dice.choice(("cocaine", "cocaine", "cocaine", "mdma", "ketamine"))
        sample = [f"demo-{monday:%y%m%d}-{number:02d}", day.isoformat(), line, "powder"]
        sample += [dice.choice(REGIONS), "yes"]
        amount = f"{dice.gauss(62, 12):.0f}"
        rows.append([*sample, line, "major", amount, "%", "synthetic"])
        cut = dice.random()
        if line == "cocaine" and cut < (0.62 if rising else 0.12):
            rows.append([*sample, "levamisole", "minor", "", "", "synthetic"])
        elif cut > 0.94:
            rows.append([*sample, "caffeine", "minor", "", "", "synthetic"])
    return rows
