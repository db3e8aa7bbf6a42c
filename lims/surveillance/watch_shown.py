"""Series, runs and evidence as they are shown: plain values said in one language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from lims.foundation.words import _, say
from lims.foundation.words import number as spoken
from lims.surveillance import methods
from lims.surveillance.counting import Key, Series, names_of_weeks, series_of
from lims.surveillance.methods import BETA_BINOMIAL, Method
from lims.surveillance.observed import WatchedSeries
from lims.surveillance.power import Power, power_of
from lims.surveillance.series_charts import SeriesChart, Week, spark, weekly

Shown = dict[str, Any]
WIDE, NARROW = 52, 13
"""Weeks that are drawn on a wide and on a narrow screen."""


def percent(share: float | None, language: str) -> str:
    """Return a share in percent with one decimal, as it is said."""
    if share is None:
        return "–"
    return f"{spoken(Decimal(f'{100 * share:.1f}'), language)} %"


def figure(value: float | None, language: str) -> str:
    """Return a number to three figures, as it is said."""
    if value is None:
        return "–"
    return spoken(Decimal(f"{Decimal(f'{value:.3g}'):f}"), language)


def series(row: WatchedSeries) -> Series:
    """Return a kept series as numbers."""
    key = Key(row.origin, row.substance_id, row.region, row.declared_id)
    return series_of(key, row.first_week, row.numbers)


def title(row: WatchedSeries, language: str) -> str:
    """Return what a series counts, in words."""
    parts = [row.substance.name(language)]
    if row.declared is not None:
        words = _("sold as %(line)s", line=row.declared.name(language))
        parts.append(say(words, language))
    parts.append(row.region or say(_("all regions"), language))
    return ", ".join(parts)


def listed(row: WatchedSeries, language: str) -> Shown:
    """Return one line of the list of series."""
    numbers = series(row)
    recent, total = numbers.recent(methods.WINDOW), int(numbers.totals[-methods.WINDOW :].sum())
    lately = numbers.positives[-WIDE:].tolist()
    words = _(
        "Weekly numbers of the last year, the last four weeks: %(n)s",
        n=", ".join(map(str, lately[-4:])),
    )
    leading = [one for one in in_alarm(row) if one.raises]
    return {
        "id": row.id,
        "substance": row.substance.name(language),
        "line": row.declared.name(language) if row.declared else "",
        "region": row.region,
        "spark": Markup(spark(lately, bool(leading), say(words, language))),
        "recent": recent,
        "total": total,
        "share": percent(recent / total if total else None, language),
        "alarms": [say(one.name, language) for one in leading],
        "supporting": [say(one.name, language) for one in in_alarm(row) if not one.raises],
        "silent": all("silent" in one for one in row.said.values()),
    }


def in_alarm(row: WatchedSeries) -> list[Method]:
    """Return the methods in alarm, in the order of trust."""
    return [methods.BY_KEY[key] for key in row.alarms.split(",") if key in methods.BY_KEY]


def method_rows(row: WatchedSeries, language: str) -> list[Shown]:
    """Return what each method says of the last complete week."""
    return [
        {
            "name": say(method.name, language),
            "raises": method.raises,
            **verdict(method, row.said.get(method.key, {"silent": "doses"}), language),
        }
        for method in methods.ALL
    ]


def verdict(method: Method, said: Mapping[str, Any], language: str) -> Shown:
    if "silent" in said:
        return {"silent": say(methods.SILENT[said["silent"]], language)}
    as_share = method is BETA_BINOMIAL
    return {
        "silent": "",
        "alarm": said["alarm"] == 1,
        "kept": said.get("kept", False),
        "statistic": _amount(said.get("statistic"), as_share, language),
        "expected": _amount(said.get("expected"), as_share, language),
        "upper": _amount(said.get("upper"), as_share, language),
        "p": _chance(said.get("p"), language),
    }


def _chance(p: float | None, language: str) -> str:
    least = 1e-4
    return f"< {figure(least, language)}" if p is not None and p < least else figure(p, language)


def _amount(value: float | None, as_share: bool, language: str) -> str:
    return percent(value, language) if as_share else figure(value, language)


def charts(row: WatchedSeries, language: str) -> tuple[Markup, Markup]:
    """Return the chart of a series for wide and for narrow screens."""
    drawn = weeks_of(series(row), WIDE)
    title_words = _("Lots with this substance per week, of those analysed")
    return drawing(drawn, say(title_words, language), language)


def weeks_of(numbers: Series, count: int) -> list[Week]:
    """Return the last weeks with what the first method expects of each.

    The band is drawn from all that was counted; only what came in time can be in alarm.
    """
    names = names_of_weeks(numbers.first, numbers.weeks)
    first = max(numbers.weeks - count, numbers.since(), 0)
    places = list(range(first, numbers.weeks))
    bands = _bands(numbers, places)
    found = []
    for place, (upper, expected, alarm) in zip(places, bands, strict=True):
        total = int(numbers.totals[place])
        late = int(numbers.positives[place] - numbers.timely[place])
        found.append(
            Week(
                names[place],
                int(numbers.positives[place]),
                late,
                total,
                upper=None if upper is None else upper * total,
                expected=None if expected is None else expected * total,
                alarm=alarm and _enough(numbers, place),
            )
        )
    return found


Band = tuple[float | None, float | None, bool]


def in_window(numbers: Series) -> Shown:
    """Return what was found of what was analysed in the last four weeks: in lots, in samples."""
    parts = {"lots": numbers, "samples": numbers.in_samples}
    return {
        name: (one.recent(methods.WINDOW), int(one.totals[-methods.WINDOW :].sum()))
        for name, one in parts.items()
    }


def _bands(numbers: Series, places: list[int]) -> list[Band]:
    """Return bound, expected share and alarm of some weeks by the first method."""
    method, parameters = BETA_BINOMIAL, methods.parameters_of(BETA_BINOMIAL, numbers.weeks)
    since = numbers.since()
    found: list[Band] = []
    for place in places:
        positives, totals = numbers.positives[: place + 1], numbers.totals[: place + 1]
        if methods.silence(method, positives, totals, since):
            found.append((None, None, False))
            continue
        told = methods.told(method, methods.judge(method, parameters, positives, totals))
        timely = numbers.mixed(place, method.fresh)
        if (timely[1] != totals).any():
            again = methods.told(method, methods.judge(method, parameters, *timely))
            found.append((told["upper"], told["expected"], again["alarm"] == 1))
        else:
            found.append((told["upper"], told["expected"], told["alarm"] == 1))
    return found


def _enough(numbers: Series, place: int) -> bool:
    begin = max(place + 1 - methods.WINDOW, 0)
    return bool(numbers.timely[begin : place + 1].sum() >= methods.LEAST_SAMPLES)


def drawing(weeks: list[Week], words: str, language: str) -> tuple[Markup, Markup]:
    """Return one chart for wide and one for narrow screens."""
    alarms = [week.name for week in weeks if week.alarm]
    counted = sum(week.positives for week in weeks)
    summary = _("%(n)s found in %(weeks)s weeks.", n=counted, weeks=len(weeks))
    if alarms:
        summary = _("%(before)s In alarm: %(weeks)s.", before=summary, weeks=alarms)
    axis = say(_("ISO week / analysed"), language)
    told = say(summary, language)
    wide = weekly(SeriesChart(words, told, axis, tuple(weeks)))
    narrow = weekly(SeriesChart(words, told, axis, tuple(weeks[-NARROW:]), narrow=True))
    return Markup(wide), Markup(narrow)


def power_words(numbers: Series, language: str) -> str:
    """Return the sentence of power: what change would be seen in four weeks at this volume."""
    found: Power | None = power_of(numbers.positives, numbers.totals, numbers.since())
    if found is None:
        return say(_("Nothing was analysed in the last year: no change could be seen."), language)
    if found.seen is None:
        words = _(
            "At this volume (%(n)s lots in four weeks) no change would be seen in four weeks, "
            "however large.",
            n=found.samples,
        )
        return say(words, language)
    words = _(
        "At this volume (%(n)s lots in four weeks) a rise from %(usual)s to %(seen)s would be "
        "seen in four weeks, four times out of five. A smaller one can go unseen.",
        n=found.samples,
        usual=percent(found.usual, language),
        seen=percent(found.seen, language),
    )
    return say(words, language)
