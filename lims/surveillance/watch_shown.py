"""Series, runs and evidence as they are shown: plain values said in one language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from markupsafe import Markup

from lims.foundation.words import Message, _, say
from lims.foundation.words import number as spoken
from lims.surveillance import evidence, methods
from lims.surveillance.counting import Key, Series, names_of_weeks, series_of
from lims.surveillance.judging import numbers_for
from lims.surveillance.methods import BETA_BINOMIAL, Method
from lims.surveillance.observed import SignalEvidence, WatchedSeries
from lims.surveillance.power import Power, power_of
from lims.surveillance.series_charts import SeriesChart, Week, spark, weekly
from lims.surveillance.weeks import WEEK, week_name

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
            **_verdict(method, row.said.get(method.key, {"silent": "doses"}), language),
        }
        for method in methods.ALL
    ]


def _verdict(method: Method, said: Mapping[str, Any], language: str) -> Shown:
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
    title_words = _("Samples with this substance per week, of those analysed")
    return drawing(drawn, say(title_words, language), language)


def weeks_of(numbers: Series, count: int) -> list[Week]:
    """Return the last weeks with what the first method expects of each."""
    names = names_of_weeks(numbers.first, numbers.weeks)
    first = max(numbers.weeks - count, numbers.since(), 0)
    found = []
    for place in range(first, numbers.weeks):
        total = int(numbers.totals[place])
        judged = _judged(numbers, place)
        upper, expected = judged.get("upper"), judged.get("expected")
        found.append(
            Week(
                names[place],
                int(numbers.positives[place]),
                int(numbers.positives[place] - numbers.timely[place]),
                total,
                upper=None if upper is None else upper * total,
                expected=None if expected is None else expected * total,
                alarm=judged.get("alarm") == 1 and _enough(numbers, place),
            )
        )
    return found


def _judged(numbers: Series, place: int) -> methods.Judged:
    """Return what the first method says of a week; nothing where it is silent."""
    positives, totals = numbers.mixed(place, BETA_BINOMIAL.fresh)
    since = min(numbers.since(), place + 1)
    if methods.silence(BETA_BINOMIAL, positives, totals, since):
        return {}
    given = numbers_for(BETA_BINOMIAL, numbers, place)
    parameters = methods.parameters_of(BETA_BINOMIAL, place + 1)
    return methods.told(BETA_BINOMIAL, methods.judge(BETA_BINOMIAL, parameters, *given))


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
            "At this volume (%(n)s samples in four weeks) no change would be seen in four weeks, "
            "however large.",
            n=found.samples,
        )
        return say(words, language)
    words = _(
        "At this volume (%(n)s samples in four weeks) a rise from %(usual)s to %(seen)s would be "
        "seen in four weeks, four times out of five. A smaller one can go unseen.",
        n=found.samples,
        usual=percent(found.usual, language),
        seen=percent(found.seen, language),
    )
    return say(words, language)


SAMENESS: Mapping[evidence.Sameness, Message] = {
    evidence.Sameness.SAME: _("Computed again: the same."),
    evidence.Sameness.DIFFERENT: _("Computed again: NOT the same. Tell the maintainers."),
    evidence.Sameness.CHANGED_INPUTS: _("What was kept does not fit its hash: it was changed."),
    evidence.Sameness.OTHER_VERSION: _("Computed by an earlier version of the algorithm."),
}


def sameness(found: SignalEvidence) -> evidence.Sameness:
    """Compute a signal again from what was kept and say what came of it."""
    return evidence.compare(
        algorithm=found.algorithm,
        version=found.version,
        parameters=found.parameters,
        inputs=found.inputs,
        outcome=found.outcome,
        kept_hash=found.signal.data_hash,
    )


def evidence_shown(found: SignalEvidence | None, language: str) -> Shown | None:
    """Return what a computed signal rests on, as its page shows it."""
    if found is None:
        return None
    method = methods.BY_KEY.get(found.algorithm)
    again = sameness(found)
    return {
        "algorithm": found.algorithm,
        "name": say(method.name, language) if method else found.algorithm,
        "version": found.version,
        "parameters": _pairs(found.parameters),
        "outcome": _pairs(found.outcome),
        "inputs": [] if method else _pairs(found.inputs),
        "week": week_name(found.week) if found.week else "",
        "region": found.region,
        "series_id": found.series_id,
        "again": say(SAMENESS[again], language),
        "same": again is evidence.Sameness.SAME,
        "supporting": [_supports(one, language) for one in found.supporting],
        "charts": _evidence_charts(found, language),
    }


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, _plain(value)) for name, value in sorted(values.items()) if value is not None]


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items() if one)
    return str(value)


def _supports(one: Mapping[str, Any], language: str) -> Shown:
    method = methods.BY_KEY[one["method"]]
    return {
        "name": say(method.name, language),
        "region": one["region"] or say(_("all regions"), language),
        "raises": method.raises,
        "series_id": one["series_id"],
    }


def _evidence_charts(found: SignalEvidence, language: str) -> tuple[Markup, Markup] | None:
    """Draw the series exactly as it stood when the signal was raised."""
    if "positives" not in found.inputs or found.week is None:
        return None
    positives = np.asarray(found.inputs["positives"], np.int64)
    totals = np.asarray(found.inputs["totals"], np.int64)
    first = date.fromisoformat(found.inputs["first_week"])
    key = Key(found.origin, found.id, found.region, None)
    drawn = weeks_of(Series(key, first, positives, totals, positives, totals), WIDE)
    until = week_name(first + (len(positives) - 1) * WEEK)
    words = _("Samples per week as they stood for the signal, to %(week)s", week=until)
    return drawing(drawn, say(words, language), language)
