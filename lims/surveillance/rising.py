"""From a rise or a drift to what is raised: the sentence, the inputs, and what else says so."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lims.findings.statements import Names, keep
from lims.foundation.words import Message, _
from lims.surveillance import methods
from lims.surveillance.counting import Counts, Key, Series
from lims.surveillance.dosing import JudgedDoses
from lims.surveillance.evidence import compute, version_of
from lims.surveillance.judging import Alarm, Rise, numbers_for
from lims.surveillance.lots import BUILDER
from lims.surveillance.methods import Method
from lims.surveillance.noticed import Noticed
from lims.surveillance.rules import SignalSource
from lims.surveillance.weeks import WEEK, week_name

NamesOf = Mapping[uuid.UUID, Names]
_STATISTIC: dict[str, Any] = {"source": SignalSource.STATISTIC, "level": "caution"}
"""A statistic asks somebody to look; what it is about says how grave it is."""


Services = Mapping[str, Sequence[int]]
"""By service of one series: found now, analysed now, and both before."""


def notice_of_rise(
    rise: Rise, series: Series, week: int, names: NamesOf, services: Services
) -> Noticed | None:
    """Return what is raised of a rise; None when the series alone does not say it again.

    Where the mix of services has changed and no service rises by itself, it is said so, on a lower
    level, under a matter of its own: it never holds off a rise that holds.
    """
    best, monday = rise.best, series.first + week * WEEK
    method = best.method
    parameters = methods.parameters_of(method, week + 1 - series.since())
    inputs = _inputs(method, series, week)
    if len(services) > 1:
        inputs["services"] = {name: list(table) for name, table in services.items()}
    outcome = compute(method.key, parameters, inputs)
    if outcome["alarm"] != 1:
        return None
    return Noticed(
        **_raised(best, outcome, _rise_words(best, series, week, names)),
        algorithm=method.key,
        version=version_of(method.key),
        parameters=parameters,
        inputs=inputs,
        outcome=outcome,
        origin=best.key.origin,
        region=best.key.region,
        week=monday,
        series_id=best.key.id,
        substance_id=best.key.substance,
        supporting=[_supports(one, names) for one in rise.supporting],
    )


def _raised(best: Alarm, outcome: Mapping[str, Any], words: Message) -> dict[str, Any]:
    """Return matter, level and words of a rise: a mark where the mix of services has changed."""
    begins = f"rise:{best.key.origin}:{best.key.substance}:"
    matter = f"{begins}{best.key.region}"
    if not is_mix(outcome):
        return {**_STATISTIC, "matter": matter, "held_by": (begins,), "reason": words}
    mark = _(
        "%(words)s The mix of services has changed: within those that go on this is no rise.",
        words=words,
    )
    held = {"matter": f"mix:{matter}", "held_by": (begins, matter)}
    return {**_STATISTIC, **held, "level": "information", "reason": mark}


def is_mix(outcome: Mapping[str, Any]) -> bool:
    """Tell whether a rise is one of the mix of services alone."""
    return bool(outcome.get("mix", {}).get("changed"))


def _inputs(method: Method, series: Series, week: int) -> dict[str, Any]:
    """Return what is judged, in lots, and the same weeks in samples, which are shown beside."""
    positives, totals = numbers_for(method, series, week)
    samples = numbers_for(method, series.in_samples, week)
    return {
        "first_week": (series.first + (week + 1 - len(positives)) * WEEK).isoformat(),
        "positives": positives.tolist(),
        "totals": totals.tolist(),
        "builder": BUILDER,
        "samples": {"positives": samples[0].tolist(), "totals": samples[1].tolist()},
    }


def _rise_words(best: Alarm, series: Series, week: int, names: NamesOf) -> Message:
    samples = series.in_samples
    return _(
        "%(what)s: found in %(now)s of %(of)s samples in the four weeks to %(week)s, independent "
        "lots %(lots)s of %(all)s, more than before (%(method)s).",
        what=_what(best.key, names),
        now=_in_window(samples.timely, week),
        of=_in_window(samples.timely_totals, week),
        lots=_in_window(series.timely, week),
        all=_in_window(series.timely_totals, week),
        week=week_name(series.first + week * WEEK),
        method=best.method.name,
    )


def _in_window(counts: Counts, week: int) -> int:
    return int(counts[max(week + 1 - methods.WINDOW, 0) : week + 1].sum())


def _what(key: Key, names: NamesOf) -> Message:
    """Return substance, product line and region in words."""
    parts: list[Any] = [names[key.substance]]
    if key.declared is not None:
        parts.append(_("sold as %(line)s", line=names[key.declared]))
    parts.append(key.region or _("all regions"))
    return Message("%(parts)s", {"parts": parts})


def _supports(alarm: Alarm, names: NamesOf) -> dict[str, Any]:
    return {
        "method": alarm.method.key,
        "series_id": str(alarm.key.id),
        "what": keep(_what(alarm.key, names)),
        **alarm.judged,
    }


def notice_of_dose(judged: JudgedDoses, last: date, names: NamesOf) -> Noticed:
    """Return what is raised of amounts that have gone up."""
    key, method = judged.doses.key, methods.DOSE
    values = [one for week in judged.inputs["values"][-methods.WINDOW :] for one in week]
    line = str(key.declared or "")
    begins = f"dose:{key.origin}:{key.substance}:"
    return Noticed(
        matter=f"{begins}{line}:{judged.doses.unit}:{judged.doses.expressed_as}",
        held_by=(f"{begins}:{judged.doses.unit}:{judged.doses.expressed_as}",),
        **_STATISTIC,
        reason=_(
            "%(what)s: amounts higher than in the year before: median %(now)s %(unit)s in the four "
            "weeks to %(week)s, before %(before)s.",
            what=_what(key, names),
            now=_rounded(sorted(values)[len(values) // 2]),
            unit=judged.doses.unit,
            week=week_name(last),
            before=_rounded(judged.verdict.judged["expected"] or 0.0),
        ),
        algorithm=method.key,
        version=version_of(method.key),
        parameters=dict(method.parameters),
        inputs=judged.inputs | {"last_week": last.isoformat()},
        outcome=dict(judged.verdict.judged),
        origin=key.origin,
        week=last,
        series_id=key.id,
        substance_id=key.substance,
    )


def _rounded(value: float) -> Decimal:
    """Return a number to three figures, as it is said."""
    return Decimal(f"{Decimal(f'{value:.3g}'):f}")
