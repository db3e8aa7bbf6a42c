"""From a partner's row to what our tables hold: codes, substances, flags and rules to read."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from lims.exchange.flags import Flag, flags_of
from lims.exchange.names import NameIndex, Resolution
from lims.exchange.sources.rows import Coded, PartnerSampleRow
from lims.findings import rules
from lims.findings.rules import Condition, Expected, Found, Known, Level, Outcome, Rule
from lims.foundation.measures import Quantity

_DOSE = re.compile(r"\s*\d+(?:[.,]\d+)?\s*(?:mg|ug|µg|g|ml|%)\s*$", re.IGNORECASE)
Columns = dict[str, Any]


@dataclass
class Bench:
    """What is at hand while rows are turned into records."""

    index: NameIndex
    sold_as: NameIndex
    resolutions: Mapping[str, Resolution]
    ids: Mapping[str, uuid.UUID]
    known: Mapping[str, Known]
    rules: Sequence[Rule]
    _sold: dict[str, str | None] = field(default_factory=dict)

    def sold_key(self, text: str) -> str | None:
        """Return the substance that a product was sold as; a dose behind the name is no name."""
        if text not in self._sold:
            self._sold[text] = self.sold_as.resolve(_DOSE.sub("", text)).substance_key
        return self._sold[text]


@dataclass(frozen=True)
class Entry:
    """One thing found in a sample: the name as published, what it means, and its amount."""

    name: str
    key: str | None
    amount: Decimal | None
    amount_kind: str
    status: str = ""


@dataclass(frozen=True)
class Weighed:
    """What the flags and the danger rules say about one sample."""

    flags: list[str]
    review: list[Columns]
    to_review: bool


#: What the number beside a substance is per: a published mg or µg is that of one dosage unit.
PER_UNIT = {"mg": "mg/unit", "ug": "µg/unit", "percent": "%"}


def weigh(
    entries: Sequence[Entry], sold: str | None, form: str, mass_mg: Decimal | None, bench: Bench
) -> Weighed:
    """Return flags and rules for one sample, for the review list; never a signal or an alert.

    Unexpected substances of caution level are kept beside the sample without listing it: by that
    rule alone a third of what is sold would be listed.
    """
    named = [entry for entry in entries if not entry.status]
    known = bench.index.substances
    flags = flags_of((entry.name, known.get(entry.key or "")) for entry in named)
    found = [_found(entry, bench.known[entry.key]) for entry in named if entry.key]
    late = bool(sold and bench.known[sold].late_onset)
    expected = Expected(sold, sold is not None, late, form, mass_mg)
    _level, outcomes = rules.weigh(bench.rules, found, expected)
    raising = [one for one in outcomes if one.raises]
    listed = any(flags) or any(_lists(one) for one in raising)
    return Weighed(
        [flag.value for flag in Flag if flag in flags], [_kept(one) for one in raising], listed
    )


def _found(entry: Entry, what: Known) -> Found:
    unit = PER_UNIT.get(entry.amount_kind)
    if unit is None or entry.amount is None:
        return Found(what)
    return Found(what, "measured", Quantity(entry.amount, unit, None))


def _lists(outcome: Outcome) -> bool:
    grave = rules.rank(outcome.rule.level) >= rules.rank(Level.WARNING)
    cautious = rules.rank(outcome.rule.level) >= rules.rank(Level.CAUTION)
    return grave or (cautious and outcome.rule.condition != Condition.UNEXPECTED)


def _kept(outcome: Outcome) -> Columns:
    return {
        "rule": outcome.rule.key,
        "version": outcome.rule.version,
        "level": str(outcome.rule.level),
        "verdict": str(outcome.verdict),
        "about": outcome.what.key if outcome.what else "",
    }


def entries_of(row: PartnerSampleRow, bench: Bench) -> list[Entry]:
    """Return what was found in a sample, with the substances that the names mean."""
    return [
        Entry(
            name=found.name_raw,
            key=None if found.status else bench.resolutions[found.name_raw].substance_key,
            amount=found.amount,
            amount_kind=found.quantity_kind.value,
            status=found.status.value if found.status else "",
        )
        for found in row.detections
    ]


def sample_columns(
    row: PartnerSampleRow, source: str, import_id: uuid.UUID, bench: Bench
) -> Columns:
    """Return the columns of one partner sample."""
    sold_key, form = bench.sold_key(row.sold_as), _code(row.form)
    weighed = weigh(entries_of(row, bench), sold_key, form, row.mass_mg, bench)
    reason = row.not_analysed_reason
    return {
        "id": uuid.uuid4(),
        "import_id": import_id,
        "source": source,
        "source_id": row.source_id,
        "received": row.received,
        "sold_as": row.sold_as,
        "sold_as_id": bench.ids.get(sold_key) if sold_key else None,
        "form": form,
        "colours": list(dict.fromkeys(_code(colour) or "other" for colour in row.colours)),
        "name": row.logo,
        "mass_mg": row.mass_mg,
        "region": row.region,
        "country": row.country,
        "route": _code(row.route),
        "effects": [asdict(effect) for effect in row.effects],
        "analysed": row.analysed,
        "not_analysed_reason": _code(reason),
        "not_analysed_raw": reason.raw if reason else "",
        **asdict(weighed),
        "reviewed_at": None,
        "raw": dict(row.raw),
        "content_hash": content_hash(row),
    }


def detection_columns(row: PartnerSampleRow, sample_id: uuid.UUID, bench: Bench) -> list[Columns]:
    """Return the columns of the detections of one partner sample."""
    return [
        {
            "id": uuid.uuid4(),
            "sample_id": sample_id,
            "name": entry.name,
            "substance_id": bench.ids.get(entry.key) if entry.key else None,
            "role": found.role.value if found.role != "unknown" else "",
            "amount": entry.amount,
            "amount_kind": entry.amount_kind,
            "status": entry.status,
            "place": place,
        }
        for place, (found, entry) in enumerate(
            zip(row.detections, entries_of(row, bench), strict=True), start=1
        )
    ]


def content_hash(row: PartnerSampleRow) -> str:
    """Return the SHA-256 of a row as published, with its detections in order."""
    found = [
        [one.name_raw, one.role.value, str(one.amount), one.unit, one.quantity_kind.value]
        for one in row.detections
    ]
    body = json.dumps([dict(row.raw), found], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _code(coded: Coded | None) -> str:
    return (coded.code or "") if coded else ""
