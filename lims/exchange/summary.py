"""The counts of one delivery, as the command prints them and the pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lims.exchange.flags import Flag, flags_of
from lims.exchange.names import KnownSubstance, Resolution
from lims.exchange.sources.rows import PartnerDetectionRow, PartnerSampleRow, Reading

#: Lines of the Swiss warning levels (danger_rules.csv, sp-mdma-120 and sp-mdma-200), strict.
MDMA_LINES = (Decimal(120), Decimal(200))
NO_REASON = "(no reason given)"


def summary(
    reading: Reading,
    resolutions: Mapping[str, Resolution],
    substances: Mapping[str, KnownSubstance],
    status_rows_are_detections: bool,
) -> dict[str, Any]:
    """Return the counts of a reading.

    `detections` counts as the source itself does: entries with or without status phrases.
    `detection_entries` and `status_entries` give both, so that neither reading is hidden.
    """
    samples = reading.samples
    entries = [entry for sample in samples for entry in sample.detections]
    statuses = [entry for entry in entries if entry.status]
    named = [entry for entry in entries if not entry.status]
    reasons = (_reason(sample) for sample in samples if not sample.analysed)
    return {
        "source": reading.source,
        "samples": len(samples),
        "analysed": sum(sample.analysed for sample in samples),
        "not_analysed": sum(not sample.analysed for sample in samples),
        "not_analysed_by_reason": dict(sorted(Counter(reasons).items())),
        "detections": len(entries if status_rows_are_detections else named),
        "detection_entries": len(entries),
        "status_entries": len(statuses),
        "unresolved_names": unresolved_names(reading, resolutions),
        "unresolved_detections": sum(
            resolutions[entry.name_raw].substance_key is None for entry in named
        ),
        "flagged": _flagged(samples, resolutions, substances),
        "mdma_mg": _mdma(named, resolutions),
        "rows_read": reading.sample_rows,
        "rows_left_out": reading.left_out,
        "rows_repeated": reading.repeated_rows,
    }


def unresolved_names(reading: Reading, resolutions: Mapping[str, Resolution]) -> list[str]:
    """Return the published names that mean no one substance of the library, sorted."""
    names = {e.name_raw for s in reading.samples for e in s.detections if not e.status}
    return sorted(name for name in names if resolutions[name].substance_key is None)


def flags_of_sample(
    sample: PartnerSampleRow,
    resolutions: Mapping[str, Resolution],
    substances: Mapping[str, KnownSubstance],
) -> frozenset[Flag]:
    """Return the flags of one partner sample, major and minor substances alike."""
    named = (entry.name_raw for entry in sample.detections if not entry.status)
    keys = ((name, resolutions[name].substance_key) for name in named)
    return flags_of((name, substances.get(key) if key else None) for name, key in keys)


def _flagged(
    samples: tuple[PartnerSampleRow, ...],
    resolutions: Mapping[str, Resolution],
    substances: Mapping[str, KnownSubstance],
) -> dict[str, int]:
    counts = Counter(
        flag for sample in samples for flag in flags_of_sample(sample, resolutions, substances)
    )
    return {flag.value: counts[flag] for flag in Flag}


def _mdma(
    named: list[PartnerDetectionRow], resolutions: Mapping[str, Resolution]
) -> dict[str, int]:
    """Count MDMA amounts that are milligrams; a ratio, a trace or a placeholder is no amount."""
    amounts = [
        entry.amount
        for entry in named
        if entry.is_mg
        and entry.amount is not None
        and resolutions[entry.name_raw].substance_key == "mdma"
    ]
    over = {f"over_{line}_mg": sum(mg > line for mg in amounts) for line in MDMA_LINES}
    return {"n": len(amounts), **over}


def _reason(sample: PartnerSampleRow) -> str:
    reason = sample.not_analysed_reason
    return reason.raw if reason and reason.raw else NO_REASON
