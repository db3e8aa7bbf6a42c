"""Synthetic visits with results, for the tests of counselling."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings.records import Detection, Finding
from lims.foundation import clock, codes
from lims.intake.records import Sample, Ticket, Visit
from lims.intake.tickets import HASHER
from lims.library.records import Substance
from tests.makers import Network, danger_outcome, load_vocabularies, make_released_finding

HEADLINE = "This tablet is not what was expected (MDMA). It contains: PMMA."
REST = "PMMA: we did not measure how much is in it."
SCOPE = [
    {
        "run": "1",
        "number": "R-0001",
        "technique": "gcms",
        "titles": {"names": ["GC-MS", "GC-MS", "GC-MS"]},
        "words": None,
        "not_detected": [
            {"key": "mdma", "names": {"names": ["MDMA", "MDMA", "MDMA"]}, "lod": "0.1", "unit": "%"}
        ],
    }
]


@dataclass
class Handed:
    """A visit with its samples and, once, its ticket in clear."""

    visit: Visit
    samples: list[Sample]
    ticket: str

    @property
    def sample(self) -> Sample:
        return self.samples[0]


def hand_in(
    session: Session,
    network: Network,
    *states: str,
    site: Any = None,
    at: datetime | None = None,
    **given: Any,
) -> Handed:
    """Make a visit with one sample per state (registered without any), and its ticket."""
    place, moment = site or network.counter, at or clock.now()
    visit = Visit(site_id=place.id, day=moment.date(), registered_by="worker", recorded_at=moment)
    session.add(visit)
    session.flush()
    samples = [
        Sample(
            code=codes.new_code(),
            visit_id=visit.id,
            site_id=place.id,
            position=position,
            state=state,
            recorded_at=moment,
            **({"form": "tablet", "sold_as": "MDMA", "colour": "orange"} | given),
        )
        for position, state in enumerate(states or ("registered",), start=1)
    ]
    made = codes.new_ticket()
    ticket = Ticket(
        visit_id=visit.id,
        selector=made.selector,
        secret_hash=HASHER.hash(made.secret),
        made_at=moment,
    )
    session.add_all([*samples, ticket])
    session.commit()
    return Handed(visit, samples, codes.shown_ticket(made))


def substance(session: Session, key: str, **given: Any) -> Substance:
    """Return a substance of the library, made when it is new."""
    found = session.scalar(select(Substance).where(Substance.key == key))
    if found is None:
        names = {f"name_{code}": key.upper() for code in ("fr", "nl", "en")}
        values = {"chemical_class": "phenethylamine", "role": "psychoactive"} | names | given
        found = Substance(key=key, **values)
        session.add(found)
        session.flush()
    return found


def release(session: Session, network: Network, sample: Sample, **given: Any) -> Finding:
    """Release a finding of PMMA in a sample: late onset, warning."""
    if not session.scalar(select(Substance.id).where(Substance.key == "pmma")):
        load_vocabularies(session)
    pmma = substance(session, "pmma", late_onset=True)
    text = f"{HEADLINE}\n\n{REST}"
    values = {
        "match": "other-instead",
        "danger": "warning",
        "danger_outcomes": [danger_outcome()],
        "confidence": "confirmed",
        "scope": SCOPE,
        **{f"text_{code}": text for code in ("fr", "nl", "en")},
    }
    finding: Finding = make_released_finding(session, network, sample, **(values | given))
    session.add(
        Detection(
            finding_id=finding.id,
            substance_id=pmma.id,
            role="active-unexpected",
            abundance="major",
            kind="measured",
            value=Decimal("43.5"),
            unit="mg/unit",
            expressed_as="HCl",
            uncertainty=Decimal("2.5"),
        )
    )
    sample.state = "released"
    session.commit()
    return finding


def handed_and_released(session: Session, network: Network, **given: Any) -> Handed:
    """Make a visit with one released sample."""
    handed = hand_in(session, network, **given)
    release(session, network, handed.sample)
    return handed


def new_id() -> uuid.UUID:
    """Return a fresh identifier."""
    return uuid.uuid4()
