"""What a computed signal rests on, as its page shows it, computed again while it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from markupsafe import Markup

from lims.findings.statements import tell
from lims.foundation.words import Message, _, say
from lims.surveillance import evidence, methods
from lims.surveillance.counting import Key, Series
from lims.surveillance.observed import SignalEvidence
from lims.surveillance.watch_shown import WIDE, Shown, drawing, figure, verdict, weeks_of
from lims.surveillance.weeks import week_name

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


def shown(found: SignalEvidence | None, language: str) -> Shown | None:
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
        "outcome": verdict(method, found.outcome, language) if method else None,
        "told": [] if method else _pairs(found.outcome),
        "inputs": [] if method else _pairs(found.inputs),
        "week": week_name(found.week) if found.week else "",
        "region": found.region,
        "series_id": found.series_id,
        "again": say(SAMENESS[again], language),
        "same": again is evidence.Sameness.SAME,
        "counted": _counted(found.inputs, language) + _mix(found, language),
        "supporting": _supports(found.supporting, language),
        "charts": _evidence_charts(found, language),
    }


def _counted(inputs: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return what was found of what was analysed in the last four weeks: lots, then samples.

    A signal from before lots were counted tells samples alone.
    """
    if "positives" not in inputs:
        return []
    samples = inputs.get("samples", inputs)
    parts = [(_("Samples in four weeks"), samples)]
    if samples is not inputs:
        parts.insert(0, (_("Independent lots in four weeks"), inputs))
    return [
        (say(words, language), " / ".join(str(sum(one[name][-methods.WINDOW :])) for name in NAMES))
        for words, one in parts
    ]


NAMES = ("positives", "totals")


def _mix(found: SignalEvidence, language: str) -> list[tuple[str, str]]:
    """Return whether the rise holds within services, and of each what was found: now, before."""
    mix = found.outcome.get("mix")
    if not mix:
        return []
    p = figure(min(mix["p"], mix["least"]), language)
    words = _("the rise holds within the services that go on (p %(p)s)", p=p)
    if mix["changed"]:
        words = _("changed: within the services that go on the rise does not hold (p %(p)s)", p=p)
    tables = found.inputs["services"].items()
    each = [
        (
            name or "–",
            say(
                _("now %(now)s, before %(before)s", now=f"{a} / {b}", before=f"{c} / {d}"), language
            ),
        )
        for name, (a, b, c, d) in tables
    ]
    return [(say(_("Mix of services"), language), say(words, language)), *each]


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


def _supports(listed: list[Any], language: str) -> list[Shown]:
    """Return each series that says the same, with the methods that say it."""
    found: dict[str, Shown] = {}
    for one in listed:
        shown = found.setdefault(
            one["series_id"],
            {"what": tell(one["what"], language), "series_id": one["series_id"], "methods": []},
        )
        shown["methods"].append(say(methods.BY_KEY[one["method"]].name, language))
    return list(found.values())


def _evidence_charts(found: SignalEvidence, language: str) -> tuple[Markup, Markup] | None:
    """Draw the series exactly as it stood when the signal was raised."""
    if "positives" not in found.inputs or found.week is None:
        return None
    positives = np.asarray(found.inputs["positives"], np.int64)
    totals = np.asarray(found.inputs["totals"], np.int64)
    first = date.fromisoformat(found.inputs["first_week"])
    key = Key(found.origin, found.id, found.region, None)
    drawn = weeks_of(Series(key, first, positives, totals, positives, totals), WIDE)
    words = _("Samples per week, as kept with the signal")
    if "samples" in found.inputs:
        words = _("Independent lots per week, as kept with the signal")
    return drawing(drawn, say(words, language), language)
