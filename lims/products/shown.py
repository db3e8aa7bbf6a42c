"""A product as it is shown: plain values said in one language, for pages and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.findings.amounts import plain, unit_words
from lims.findings.danger import Limit, limits_for
from lims.foundation.codes import shown
from lims.foundation.words import Message, _, say, with_unit
from lims.foundation.words import number as spoken_number
from lims.intake.records import Sample
from lims.library.queries import term_label
from lims.library.records import Substance
from lims.products import queries
from lims.products.charts import Dot, Line, MiddleBand, Other, StripPlot, strip_plot
from lims.products.contents import Part
from lims.products.queries import FiledSample, ProductRow, Spread
from lims.products.records import Product

Shown = dict[str, Any]
MOST_DOTS = 600
"""Samples that one picture draws, the newest; the figures beside it count every one."""
LEVELS: dict[str, Message] = {
    "information": _("information above %(n)s"),
    "caution": _("caution above %(n)s"),
    "warning": _("warning above %(n)s"),
}


def name_of(session: Session, product: Product, language: str) -> str:
    """Return what one calls a product: form, colour, shape, logo."""
    parts = (
        term_label(session, "dosage_form", product.form, language),
        term_label(session, "colour", product.colour, language) if product.colour else "",
        product.shape,
        f"“{product.logo}”" if product.logo_folded else "",
    )
    return ", ".join(part for part in parts if part).capitalize()


def shown_product(session: Session, product: Product, language: str) -> Shown:
    """Return a product with its labels."""
    sold = session.get(Substance, product.sold_as_id) if product.sold_as_id else None
    return shown_look(session, product, language) | {
        "sold_as": sold.name(language) if sold else "",
        "first_seen": product.first_seen,
        "last_seen": product.last_seen,
        "danger": product.danger,
        "samples": product.samples,
        "standing_id": product.standing_id,
        "row_version": product.row_version,
    }


def shown_look(session: Session, product: Product, language: str) -> Shown:
    """Return what one sees of a product."""
    return {
        "id": product.id,
        "number": product.number,
        "name": name_of(session, product, language),
        "form": product.form,
        "form_label": term_label(session, "dosage_form", product.form, language),
        "colour": product.colour,
        "colour_label": term_label(session, "colour", product.colour, language)
        if product.colour
        else "",
        "logo": product.logo,
        "logo_back": product.logo_back,
        "shape": product.shape,
        "score_line": product.score_line,
        "length_mm": product.length_mm,
        "width_mm": product.width_mm,
        "thickness_mm": product.thickness_mm,
        "unit_mass_mg": product.unit_mass_mg,
    }


def shown_row(session: Session, row: ProductRow, language: str) -> Shown:
    """Return a product in a list, with what was found in it."""
    fit = row.likeness
    return shown_product(session, row.product, language) | {
        "samples": row.samples,
        "found": [one.name(language) for one in row.found],
        "late_onset": any(one.late_onset for one in row.found),
        "likeness": None if fit is None else round(fit.score, 3),
        "reasons": [] if fit is None else [say(one, language) for one in fit.reasons],
    }


def shown_spread(spread: Spread, form: str, language: str) -> Shown:
    """Return a spread as figures and points."""
    return {
        "substance": spread.substance.key,
        "name": spread.substance.name(language),
        "unit": spread.unit,
        "unit_label": unit_label(spread.unit, form, language),
        "expressed_as": spread.expressed_as,
        "n": spread.n,
        "low": plain(spread.low),
        "median": plain(spread.median),
        "high": plain(spread.high),
        "median_low": _plain(spread.middle.low),
        "median_high": _plain(spread.middle.high),
        "first_seen": spread.first_seen,
        "last_seen": spread.last_seen,
        "weeks": [_shown_part(one) for one in spread.by_week()],
        "regions": [_shown_part(one) for one in spread.by_region()],
        "points": [
            {
                "code": shown(point.code),
                "day": point.day,
                "week": point.week,
                "area": point.area,
                "value": plain(point.value),
                "uncertainty": None if point.uncertainty is None else plain(point.uncertainty),
            }
            for point in spread.points
        ],
    }


def _plain(value: Decimal | None) -> Decimal | None:
    return None if value is None else plain(value)


def _shown_part(part: Part) -> Shown:
    return {
        "name": part.name,
        "n": part.middle.n,
        "low": plain(part.low),
        "median": plain(part.middle.median),
        "high": plain(part.high),
        "median_low": _plain(part.middle.low),
        "median_high": _plain(part.middle.high),
    }


def shown_sample(one: FiledSample, unit: str, language: str) -> Shown:
    """Return a sample of a product: week and region only, what was found, how surely.

    `unit` stands in the heading of the column: another one is written beside the amount.
    """
    found = [
        detection.substance.name(language) if detection.substance else detection.label
        for detection in one.detections
    ]
    main = next((d for d in one.detections if d.kind == "measured" and d.value is not None), None)
    week = one.day.isocalendar()
    return {
        "sample_id": one.sample.id,
        "code": shown(one.sample.code),
        "week": f"{week.year}-W{week.week:02d}",
        "area": one.area,
        "found": found,
        "measures": _measures(one.sample, language),
        "amount": ""
        if main is None or main.value is None
        else _amount(main, unit, one.sample.form, language),
        "confidence": one.finding.confidence if one.finding else "",
        "danger": one.finding.danger if one.finding else "",
        "finding_id": one.finding.id if one.finding else None,
        "filing": one.filing.state,
        "filed_by": one.filing.by,
    }


def _measures(sample: Sample, language: str) -> str:
    """Return what was measured of a sample's look, in short."""
    sides = (sample.length_mm, sample.width_mm, sample.thickness_mm)
    lengths = " × ".join(spoken_number(one, language) for one in sides if one is not None)
    told = [f"{lengths} mm"] if lengths else []
    if sample.unit_mass_mg is not None:
        told.append(f"{spoken_number(sample.unit_mass_mg, language)} mg")
    return ", ".join(told)


def _amount(main: Any, unit: str, form: str, language: str) -> str:
    spread = f" ± {spoken_number(plain(main.uncertainty), language)}" if main.uncertainty else ""
    figure = f"{spoken_number(plain(main.value), language)}{spread}"
    return figure if main.unit == unit else f"{figure} {unit_label(main.unit, form, language)}"


def unit_label(unit: str, form: str, language: str) -> str:
    """Return a unit in words, such as mg per tablet."""
    words = unit_words(unit, form)
    return words if isinstance(words, str) else say(words, language)


def drawn_spread(
    session: Session,
    product: Product,
    spread: Spread,
    others: dict[Substance, list[date]],
    today: date,
    language: str,
) -> Shown:
    """Return the strip plot of a spread in two widths, with its limits and their sources."""
    return drawn_content(session, product.form, spread, others, today, language)


def drawn_content(
    session: Session,
    form: str,
    spread: Spread,
    others: dict[Substance, list[date]],
    today: date,
    language: str,
) -> Shown:
    """Return the same for any samples of one form, or of several when it is empty."""
    limits = limits_for(session, spread.substance.key, form, spread.unit, today)
    plots = [
        strip_plot(_plot(spread, form, limits, others, language, narrow=narrow))
        for narrow in (False, True)
    ]
    return {
        "wide": plots[0],
        "narrow": plots[1],
        "drawn": min(spread.n, MOST_DOTS),
        "limits": [
            {
                "words": _limit_words(limit, language),
                "rule": limit.rule.key,
                "version": limit.rule.version,
                "expressed_as": limit.expressed_as,
            }
            for limit in limits
        ],
        "others": [
            {"name": one.name(language), "late": one.late_onset, "n": len(days)}
            for one, days in others.items()
        ],
    }


def _plot(
    spread: Spread,
    form: str,
    limits: Sequence[Limit],
    others: dict[Substance, list[date]],
    language: str,
    *,
    narrow: bool,
) -> StripPlot:
    unit = unit_label(spread.unit, form, language)
    stated = f" ({spread.expressed_as})" if spread.expressed_as else ""
    low, high = plain(spread.low), plain(spread.high)
    values = {"n": spread.n, "low": low, "high": with_unit(high, unit, language)}
    ended = spread.last_seen.year
    return StripPlot(
        title=f"{spread.substance.name(language)}{stated}, {unit}",
        summary=say(_("Samples: %(n)s, from %(low)s to %(high)s.", **values), language),
        axis=say(_("week of hand-in, %(year)s", year=ended), language),
        week=say(_("W%(n)s", n="%"), language),
        dots=tuple(Dot(one.day, one.value, one.uncertainty) for one in spread.points[-MOST_DOTS:]),
        lines=tuple(Line(one.value, _limit_words(one, language)) for one in limits),
        others=tuple(
            Other(
                say(_("%(name)s found", name=one.name(language)), language),
                tuple(days),
                one.late_onset,
            )
            for one, days in others.items()
        ),
        narrow=narrow,
        middle=MiddleBand(spread.middle.median, spread.middle.low, spread.middle.high),
        name=f"{spread.substance.key}-{'-'.join((spread.expressed_as or 'any').split())}",
    )


def _limit_words(limit: Limit, language: str) -> str:
    return say(Message(LEVELS[limit.level].msgid, {"n": plain(Decimal(limit.value))}), language)


def others_in(session: Session, product: Product, spread: Spread) -> dict[Substance, list[date]]:
    """Return other psychoactive substances found in a product, with their days, late ones first."""
    found = queries.found_days(session, product.id)
    kept = {
        one: days
        for one, days in found.items()
        if one.id != spread.substance.id and (one.late_onset or one.role == "psychoactive")
    }
    return dict(sorted(kept.items(), key=lambda pair: (not pair[0].late_onset, pair[0].key))[:4])
