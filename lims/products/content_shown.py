"""Contents, matches and circulation as they are shown: plain values said in one language."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.findings.amounts import plain
from lims.findings.rules import Level
from lims.foundation.words import Message, _
from lims.library.records import Substance
from lims.products.circulation import Seen
from lims.products.intervals import Share
from lims.products.matches import MATCHES, DeclaredRow, Matching
from lims.products.shown import Shown, shown_product, unit_label

LEVELS: dict[str, Message] = {
    Level.NEUTRAL: _("Neutral"),
    Level.INFORMATION: _("Information"),
    Level.CAUTION: _("Caution"),
    Level.WARNING: _("Warning"),
    Level.RED: _("Red alert"),
}


def shown_share(share: Share) -> Shown:
    """Return a share as figures."""
    return {
        "count": share.count,
        "of": share.of,
        "share": share.share,
        "low": share.low,
        "high": share.high,
    }


def shown_matching(found: Matching, substance: Substance, language: str) -> Shown:
    """Return what samples turned out to be, answers by their code."""
    return {
        "substance": substance.key,
        "name": substance.name(language),
        "handed_in": found.handed_in,
        "analysed": found.analysed,
        "not_analysed": found.not_analysed,
        "counted": found.counted,
        "shares": _by_answer(found.shares),
        "months": [
            {
                "month": one.name,
                "handed_in": one.handed_in,
                "counted": one.counted,
                "shares": _by_answer(one.shares),
            }
            for one in found.months
        ],
        "unexpected": [
            {
                "substance": one.substance.key,
                "name": one.substance.name(language),
                "late_onset": one.substance.late_onset,
                "share": shown_share(one.share),
            }
            for one in found.unexpected
        ],
    }


def _by_answer(shares: tuple[Share, ...]) -> dict[str, Shown]:
    return {code: shown_share(one) for code, one in zip(MATCHES, shares, strict=True)}


def shown_declared(row: DeclaredRow, language: str) -> Shown:
    """Return a substance that things are sold as."""
    return {
        "id": row.substance.id,
        "substance": row.substance.key,
        "name": row.substance.name(language),
        "handed_in": row.handed_in,
        "analysed": row.analysed,
    }


def shown_seen(session: Session, seen: Seen, language: str) -> Shown:
    """Return a product in circulation."""
    product = seen.row.product
    return shown_product(session, product, language) | {
        "found": [one.name(language) for one in seen.row.found],
        "late_onset": any(one.late_onset for one in seen.row.found),
        "samples": seen.samples,
        "last_seen": seen.last_seen,
        "areas": dict(seen.areas),
        "contents": [
            {
                "substance": one.substance.key,
                "name": one.substance.name(language),
                "value": plain(one.value),
                "unit": one.unit,
                "unit_label": unit_label(one.unit, product.form, language),
                "expressed_as": one.expressed_as,
                "day": one.day,
            }
            for one in seen.contents
        ],
    }
