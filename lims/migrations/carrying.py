"""What a revision carries over from old columns to new tables, once its tables are made.

The revisions themselves are written by the program from the records; what they cannot know of the
rows stands here. Nothing is taken away from the old columns, so that going back loses nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Integer,
    String,
    Uuid,
    column,
    func,
    insert,
    select,
    table,
    update,
)

from lims.foundation.database import UtcTime

SITE = table(
    "site",
    *(column("id", Uuid()), column("permit", String()), column("may_hold", Boolean())),
    *(column("permit_from", Date()), column("permit_until", Date())),
    column("may_return", Boolean()),
)
PERMIT = table(
    "transport_permit",
    *(column("id", Uuid()), column("number", String()), column("authority", String())),
    *(column("from_site_id", Uuid()), column("carrier_function", String())),
    *(column("valid_from", Date()), column("valid_until", Date())),
    *(column("made_by", String()), column("made_at", UtcTime()), column("withdrawn_why", String())),
)
PARCEL = table(
    "parcel",
    *(column("id", Uuid()), column("from_site_id", Uuid()), column("permit", String())),
    *(column("permit_id", Uuid()), column("state", String()), column("seal", String())),
)
SEAL_IN_USE = table("seal_in_use", column("number", String()), column("parcel_id", Uuid()))
UNDER_WAY = ("sealed", "in transit", "partly received", "received")


def carry(connection: Connection, revision: str) -> None:
    """Carry the rows of older tables over to what a revision has just made."""
    work = WORK.get(revision)
    if work is not None:
        work(connection)


def _permits_seals_and_policies(connection: Connection) -> None:
    """Give each site's authorisation a record of its own, and keep what was allowed allowed."""
    connection.execute(update(SITE).values(may_return=SITE.c.may_hold))
    for site in connection.execute(select(SITE).where(SITE.c.permit != "")).all():
        made = uuid.uuid4()
        facts = {"id": made, "number": site.permit, "authority": "", "from_site_id": site.id}
        facts |= {"valid_from": site.permit_from, "valid_until": site.permit_until}
        facts |= {"made_by": "operator", "made_at": datetime.now(UTC)}
        facts |= {"carrier_function": "", "withdrawn_why": ""}
        connection.execute(insert(PERMIT).values(facts))
        same = (PARCEL.c.from_site_id == site.id) & (PARCEL.c.permit == site.permit)
        connection.execute(update(PARCEL).where(same).values(permit_id=made))
    taken: dict[str, Any] = {}
    for parcel in connection.execute(select(PARCEL).where(PARCEL.c.state.in_(UNDER_WAY))).all():
        taken.setdefault("".join(one for one in parcel.seal.upper() if one.isalnum()), parcel.id)
    taken.pop("", None)
    for number, parcel_id in taken.items():
        connection.execute(insert(SEAL_IN_USE).values(number=number[:60], parcel_id=parcel_id))


PRODUCT = table("product", column("id", Uuid()), column("samples", Integer()))
FILED = table(
    "product_sample", *(column("product_id", Uuid()), column("current_sample_id", Uuid()))
)
FINDING = table("finding", *(column("id", Uuid()), column("sample_id", Uuid())), column("state"))
DETECTION = table(
    "detection", *(column("finding_id", Uuid()), column("substance_id", Uuid())), column("kind")
)
HELD = table(
    "product_substance",
    *(column("id", Uuid()), column("product_id", Uuid()), column("substance_id", Uuid())),
    column("samples", Integer()),
)


def _sizes_and_substances_of_products(connection: Connection) -> None:
    """Count the samples of each product, and in how many of them each substance was found."""
    counted = (
        select(func.count())
        .select_from(FILED)
        .where(FILED.c.product_id == PRODUCT.c.id, FILED.c.current_sample_id.is_not(None))
    )
    connection.execute(update(PRODUCT).values(samples=counted.scalar_subquery()))
    found = connection.execute(
        select(
            FILED.c.product_id, DETECTION.c.substance_id, func.count(FINDING.c.sample_id.distinct())
        )
        .join(FINDING, FINDING.c.sample_id == FILED.c.current_sample_id)
        .join(DETECTION, DETECTION.c.finding_id == FINDING.c.id)
        .where(
            FINDING.c.state == "released",
            DETECTION.c.substance_id.is_not(None),
            DETECTION.c.kind.in_(("measured", "found", "below-loq")),
        )
        .group_by(FILED.c.product_id, DETECTION.c.substance_id)
    ).all()
    for product, substance, samples in found:
        facts = {"id": uuid.uuid4(), "product_id": product, "substance_id": substance}
        connection.execute(insert(HELD).values(facts | {"samples": samples}))


WORK: Mapping[str, Callable[[Connection], None]] = {
    "0003": _permits_seals_and_policies,
    "0004": _sizes_and_substances_of_products,
}
