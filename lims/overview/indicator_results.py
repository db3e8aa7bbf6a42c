"""What the laboratories released: encodings, kinds of products, and how long a result took.

A sample counts once, when its first finding is released.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from lims.exchange.records import PartnerImport, PartnerSample
from lims.findings.records import Finding
from lims.foundation.words import LANGUAGES, _
from lims.intake.records import Sample, Visit
from lims.intake.rules import UNKNOWN
from lims.library.records import Substance
from lims.overview.indicator_figures import (
    Figure,
    Indicator,
    Label,
    Line,
    Split,
    count,
    effective_kinds,
    times,
)
from lims.overview.indicator_ground import Ground, day_of, named, said, split, summed
from lims.overview.indicator_periods import monday, month_of

MOST_LINES = 15
"""Declared products that have a line of their own; the rest is one line."""
NOT_IN_LIBRARY = "other name"
SUBSTANCES = "substances of the library"


def first_released(ground: Ground) -> tuple[Any, ...]:
    """Return the conditions of a first finding released in the period, of the reader's samples."""
    return (
        Finding.version == 1,
        Finding.released_at >= ground.period.begins,
        Finding.released_at < ground.period.ends,
        ground.of_samples(),
    )


@dataclass(frozen=True)
class Result:
    """First results that are alike: point, laboratory, day of hand-in and of release."""

    point: uuid.UUID
    laboratory: uuid.UUID
    came: date
    left: date
    n: int


def results(ground: Ground) -> list[Result]:
    """Return the first results of the period, summed by the database."""
    facts = (Sample.site_id, Finding.site_id, Visit.day, day_of(Finding.released_at))
    rows = ground.session.execute(
        select(*facts, func.count())
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .where(*first_released(ground))
        .group_by(*facts)
    )
    return [Result(point, lab, came, left, n) for point, lab, came, left, n in rows]


def of_encodings(ground: Ground, found: Sequence[Result]) -> Indicator:
    """Return how many samples entered the common database, by point, laboratory and month."""
    by_point = summed((one.point, one.n) for one in found)
    by_type = summed((ground.service_type(point), n) for point, n in by_point.items())
    by_laboratory = summed((one.laboratory, one.n) for one in found)
    by_month = summed((month_of(one.left), one.n) for one in found)
    every_month = {one: by_month.get(one, 0) for one in ground.months()}
    sites = ground.site_words()
    return Indicator(
        "encodings",
        count(sum(by_point.values())),
        (
            split("month", _counts(every_month), {}, empty=True),
            split("site", _counts(by_point), sites),
            split("laboratory", _counts(by_laboratory), sites),
            split("service type", _counts(by_type), ground.words("service_type")),
        ),
    )


def _counts(numbers: Mapping[Any, int]) -> dict[Any, Figure]:
    return {key: count(n) for key, n in numbers.items()}


def of_products(ground: Ground) -> list[Indicator]:
    """Return the dosage forms and the declared products among what was released."""
    does_not_know = case((Sample.sold_as == UNKNOWN, 1), else_=0)
    facts = (Sample.form, Sample.sold_as_id, does_not_know)
    rows = ground.session.execute(
        select(*facts, func.count())
        .join(Finding, Finding.sample_id == Sample.id)
        .where(*first_released(ground))
        .group_by(*facts)
    ).all()
    forms = summed((form, n) for form, _sold, _unknown, n in rows)
    declared = summed((sold, n) for _form, sold, _unknown, n in rows if sold is not None)
    unknown = sum(n for _form, sold, told, n in rows if sold is None and told)
    other = sum(n for _form, sold, told, n in rows if sold is None and not told)
    shown = _declared(ground, declared, {UNKNOWN: unknown, NOT_IN_LIBRARY: other})
    form_split = split("form", _counts(forms), ground.words("dosage_form"))
    return [
        Indicator("forms", count(len(forms)), (form_split,)),
        Indicator("declared", count(len(declared), unknown + other), (shown,)),
        Indicator("product-diversity", effective_kinds(list(declared.values()))),
    ]


def _declared(ground: Ground, declared: Mapping[Any, int], rest: Mapping[str, int]) -> Split:
    names = substance_words(ground)
    order = sorted(declared, key=lambda one: (-declared[one], names[one]["en"]))
    lines = [Line(str(one), names[one], count(declared[one])) for one in order[:MOST_LINES]]
    behind = sum(declared[one] for one in order[MOST_LINES:])
    words = {
        "others": _("other substances"),
        UNKNOWN: _("does not know"),
        NOT_IN_LIBRARY: _("names that the library does not hold"),
    }
    told = {"others": behind, **rest}
    lines += [Line(key, said(words[key]), count(n)) for key, n in told.items() if n]
    return Split("declared product", tuple(lines))


def substance_words(ground: Ground) -> dict[Any, Label]:
    """Return substance → its name in each language."""
    if SUBSTANCES in ground.read:
        return ground.read[SUBSTANCES]
    names = (Substance.name_fr, Substance.name_nl, Substance.name_en)
    rows = ground.session.execute(select(Substance.id, *names))
    found: dict[Any, Label] = {key: dict(zip(LANGUAGES, told, strict=True)) for key, *told in rows}
    ground.read[SUBSTANCES] = found
    return found


def of_times(ground: Ground, found: Sequence[Result]) -> list[Indicator]:
    """Return how long a result took, in days where the day is known, and in weeks for all."""
    known = [
        (one.point, one.laboratory, float(max(0, (one.left - one.came).days)), one.n)
        for one in found
        if one.came >= ground.known_since
    ]
    lost = sum(one.n for one in found) - sum(n for *_facts, n in known)
    weeks = summed((max(0, (monday(one.left) - monday(one.came)).days) / 7, one.n) for one in found)
    days = summed((spent, n) for _point, _lab, spent, n in known)
    splits = []
    for by, place in (("site", 0), ("laboratory", 1)):
        grouped: dict[Any, dict[float, int]] = {}
        for row in known:
            spent = grouped.setdefault(row[place], {})
            spent[row[2]] = spent.get(row[2], 0) + row[3]
        figures = {key: times(one) for key, one in grouped.items()}
        splits.append(split(by, figures, ground.site_words()))
    return [
        Indicator("time-to-result", times(days, lost), tuple(splits)),
        Indicator("weeks-to-result", times(weeks)),
    ]


def of_partners(ground: Ground) -> Indicator:
    """Return what was brought in from other services, by source."""
    rows = ground.session.execute(
        select(PartnerSample.source, func.count())
        .join(PartnerImport, PartnerImport.id == PartnerSample.import_id)
        .where(PartnerImport.at >= ground.period.begins, PartnerImport.at < ground.period.ends)
        .group_by(PartnerSample.source)
    ).all()
    figures = {source: count(n) for source, n in sorted((one, n) for one, n in rows)}
    words = {source: named(source) for source in figures}
    whole = count(sum(n for _source, n in rows))
    return Indicator("partner-results", whole, (split("source", figures, words),))
