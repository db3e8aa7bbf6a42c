"""A scan that a device took without network while a parcel was unpacked: read, and taken."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lims.custody import schemas
from lims.custody.receipt import ScanParcel, scan_parcel
from lims.custody.records import ParcelItem
from lims.intake.kinds import Kind


def read_scan(_id: uuid.UUID, _day: date, body: Mapping[str, Any]) -> ScanParcel:
    """Return the scan that a device recorded."""
    told = schemas.SealedScanSchema().read(body)
    return ScanParcel(**told)


def item_id(item: ParcelItem) -> uuid.UUID:
    """Return which line of a parcel was scanned."""
    return item.id


def scan_result(session: Session, item_id: uuid.UUID) -> dict[str, Any]:
    """Return what the scan found; a line that was taken back meanwhile is gone."""
    item = session.get(ParcelItem, item_id)
    if item is None:
        return {"scan": "undone"}
    return {"parcel_id": str(item.parcel_id), "code": item.code, "scan": item.scan}


SCAN = Kind(schema_read=read_scan, operation=scan_parcel, subject=item_id, result=scan_result)
