"""Makers of what surveillance counts: arrivals, week by week. Everything here is synthetic."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.surveillance.arrivals import ArrivedFound, ArrivedSample, PartnerArrived
from lims.surveillance.observations import observe_partner

SOURCE = "synthetic"


def arrived(day: date, *found: uuid.UUID, **given: Any) -> ArrivedSample:
    """Return a sample of a partner that was analysed on a day and arrives two days later."""
    amount = given.pop("amount", None)
    confidence = given.pop("confidence", "identified")
    values: dict[str, Any] = {
        "origin": SOURCE,
        "origin_id": uuid.uuid4(),
        "arrived_on": day + timedelta(days=2),
        "analysed_on": day,
        "region": "North",
    }
    detections = tuple(
        ArrivedFound(
            one,
            "measured" if amount else "found",
            Decimal(str(amount)) if amount else None,
            "mg/unit" if amount else "",
            confidence=confidence,
        )
        for one in found
    )
    return ArrivedSample(**(values | given), found=detections)


def week_of(
    monday: date, substance: uuid.UUID, positives: int, total: int, **given: Any
) -> list[ArrivedSample]:
    """Return the samples of one week, some of which hold a substance."""
    return [
        arrived(monday + timedelta(days=n % 5), *([substance] if n < positives else []), **given)
        for n in range(total)
    ]


def bring(session: Session, actor: Any, samples: Sequence[ArrivedSample]) -> None:
    """Let samples arrive and commit."""
    observe_partner(session, actor, PartnerArrived(SOURCE, tuple(samples)))
    session.commit()
