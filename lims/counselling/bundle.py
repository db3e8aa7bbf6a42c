"""What a table without network may look up: alerts, dangerous products, lists, names, needs.

The same for everybody who may consult: nothing in it is of one sample or one visitor, and of a
site no more than its identifier with what its laboratories do not take now. It is bounded: the
most dangerous first, then the newest or the most used; what does not fit is left out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Pool, case, select
from sqlalchemy.orm import Session

from lims.alerts import queries as alerts
from lims.alerts.audiences import Audience
from lims.alerts.records import AlertVersion
from lims.counselling.resemblances import contents_of, counts_of
from lims.findings.amounts import plain
from lims.findings.rules import Level, rank
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import LANGUAGES, say
from lims.intake import closures, completeness, logo_lists
from lims.intake.closures import Closure
from lims.library.queries import terms
from lims.library.records import Substance, SubstanceName
from lims.library.rules import Role
from lims.network.rules import Permission
from lims.products.records import Product, ProductSample
from lims.protocols.techniques import technique_words

MOST_ALERTS = 50
MOST_PRODUCTS = 200
MOST_NAMES = 4000
MOST_LOGOS = 500
MOST_POINTS = 100
MOST_CLOSURES = 10
ELSEWHERE = ""
"""Instead of a site: what counts for every point that is not named."""
FEWEST_MEASURED = 3
"""Fewer samples are told without figures: an amount would be that of one person's sample."""
DANGEROUS = (Level.RED, Level.WARNING, Level.CAUTION)
LISTS = (
    *("dosage_form", "colour", "obtained_from", "route", "incident_link", "effect"),
    *("price_per", "age_band", "gender", "not_accepted_reason"),
)
FRESH = timedelta(minutes=1)
_kept: WeakKeyDictionary[Pool, tuple[datetime, str]] = WeakKeyDictionary()
"""Connection pool → when the bundle was put together, and its text."""


def bundle(session: Session, actor: Actor) -> str:
    """Return the bundle as JSON text, at most a minute old."""
    actor.must(Permission.CONSULT)
    pool, at = cast(Engine, session.get_bind()).pool, clock.now()
    known = _kept.get(pool)
    if known is not None and timedelta() <= at - known[0] < FRESH:
        return known[1]
    text = json.dumps(_gathered(session, at), ensure_ascii=False, separators=(",", ":"))
    _kept[pool] = (at, text)
    return text


def _gathered(session: Session, at: datetime) -> dict[str, Any]:
    return {
        "made_at": at.isoformat(),
        "alerts": _alerts(session),
        "products": _products(session),
        "lists": {
            name: [[term.code, dict(term.labels)] for term in terms(session, name)]
            for name in LISTS
        },
        "substances": _names(session),
        "logos": logo_lists.most_used(session, MOST_LOGOS),
        "closures": _closures(session),
        "needs": _needs(session),
    }


def _alerts(session: Session) -> list[dict[str, Any]]:
    found, _total = alerts.current_alerts(session, size=MOST_ALERTS)
    return [_alert(one) for one in sorted(found, key=lambda one: -rank(one.level))]


def _alert(version: AlertVersion) -> dict[str, Any]:
    told = {one.language: one for one in version.messages if one.audience == Audience.RDR_NETWORK}
    since = version.published_at or version.made_at
    return {
        "number": version.alert.number,
        "level": version.level,
        "title": {language: one.headline for language, one in told.items()},
        "message": {language: one.body for language, one in told.items()},
        "since": since.date().isoformat(),
    }


def _products(session: Session) -> list[dict[str, Any]]:
    places = {level: -rank(level) for level in DANGEROUS}
    held = select(ProductSample.product_id).where(ProductSample.current_sample_id.is_not(None))
    query = select(Product).where(Product.danger.in_(DANGEROUS), Product.id.in_(held))
    ordered = query.order_by(
        case(places, value=Product.danger), Product.last_seen.desc(), Product.number
    )
    found = session.scalars(ordered.limit(MOST_PRODUCTS)).all()
    ids = [one.id for one in found]
    counted = {row[0]: row[1:] for row in session.execute(counts_of(ids))}
    contents: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in session.execute(contents_of(ids)):
        contents.setdefault(row.product_id, []).append(_content(row))
    return [_product(one, counted.get(one.id), contents.get(one.id, ())) for one in found]


def _product(
    product: Product, counted: Sequence[Any] | None, found: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    samples, first, last = counted or (0, product.first_seen, product.last_seen)
    return {
        "number": product.number,
        "form": product.form,
        "colour": product.colour,
        "logo": product.logo,
        "shape": product.shape,
        "danger": product.danger,
        "samples": samples,
        "first_seen": _week(first),
        "last_seen": _week(last),
        "found": list(found),
    }


def _content(row: Any) -> dict[str, Any]:
    told = row.measured >= FEWEST_MEASURED
    return {
        "name": {language: getattr(row, f"name_{language}") or row.label for language in LANGUAGES},
        "n": row.found_in,
        "low": float(plain(row.low)) if told else None,
        "high": float(plain(row.high)) if told else None,
        "unit": row.unit or "",
        "expressed_as": row.expressed_as or "",
    }


def _week(day: date) -> str:
    """Return the Monday of a day's week: when somebody came is nobody's business."""
    return (day - timedelta(days=day.weekday())).isoformat()


def _names(session: Session) -> list[str]:
    """Return names and synonyms to offer, those of psychoactive substances first."""
    rows = session.execute(
        select(SubstanceName.name)
        .join(Substance, Substance.id == SubstanceName.substance_id)
        .order_by(Substance.role != Role.PSYCHOACTIVE, SubstanceName.name)
        .limit(MOST_NAMES)
    )
    return list(dict.fromkeys(name for (name,) in rows))


def _closures(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Return what is not taken today: point → closures, those of all its laboratories first."""
    points, elsewhere = closures.at_every_point(session, MOST_POINTS)
    if not elsewhere:
        return {}
    named = {str(site): found for site, found in points.items()} | {ELSEWHERE: elsewhere}
    return {
        point: [_closure(one) for one in sorted(found, key=lambda one: not one.everywhere)][
            :MOST_CLOSURES
        ]
        for point, found in named.items()
    }


def _closure(one: Closure) -> dict[str, Any]:
    technique = technique_words(one.technique)
    return {
        "form": one.form,
        "technique": {code: say(technique, code) for code in LANGUAGES} if one.technique else None,
        "until": one.until.isoformat(),
        "words": one.words,
        "everywhere": one.everywhere,
    }


def _needs(session: Session) -> dict[str, Any]:
    """Return what the protocols in force need; `rules` are those that the form alone decides."""
    found = completeness.needs(session)
    simple = [one for one in found["answers"] if not (one["required"] or one["when"])]
    rules = [
        {"field": one["fields"][0], "words": one["words"], "forms": one["forms"]}
        for one in simple
        if not one["whole"]
    ]
    return {**found, "rules": rules}
