"""Synthetic samples that may leave or may not, each with a finding, for the tests of exports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.findings.records import Detection
from lims.intake.records import Sample, Visit
from tests.makers import Network, make_released_finding, make_sample, make_substance

WEEK = date(2026, 9, 16)
"""A Wednesday, in ISO week 38."""
SCOPE = [
    {
        "run": "r",
        "number": "R-1",
        "technique": "gcms",
        "not_detected": [
            {"key": "pmma", "names": {"names": ["PMMA", "PMMA", "PMMA"]}, "lod": "1", "unit": "%"}
        ],
    }
]


def leaving_sample(session: Session, network: Network, *, day: date = WEEK, **given: Any) -> Sample:
    """Return a tablet whose person agreed to reuse, with MDMA measured and caffeine found."""
    network.counter.area = "Ixelles"
    known = known_substances(session)
    values = {"consent_data": True, "sold_as_id": known["mdma"].id, "unit_mass_mg": Decimal(320)}
    sample: Sample = make_sample(session, network, **(values | given))
    session.get_one(Visit, sample.visit_id).day = day
    if sample.state != "withdrawn":
        finding = make_released_finding(session, network, sample, scope=SCOPE)
        told = {"role": "active-expected", "abundance": "major", "expressed_as": "base"}
        amount = {"value": Decimal("131.4"), "uncertainty": Decimal("9.8"), "unit": "mg/unit"}
        add = {"finding_id": finding.id, **told}
        session.add(Detection(kind="measured", substance_id=known["mdma"].id, **add, **amount))
        found = {**add, "abundance": "minor", "position": 2}
        session.add(Detection(kind="found", substance_id=known["caffeine"].id, **found))
    session.flush()
    return sample


def known_substances(session: Session) -> dict[str, Any]:
    """Return MDMA and caffeine, made when they are not there."""
    from lims.library.queries import substance_by_key

    keys = ("mdma", "caffeine")
    return {key: substance_by_key(session, key) or make_substance(session, key) for key in keys}
