"""A synthetic bench: received samples, published protocols, standards and reagent lots."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.analysis.lanes import LaneGiven, Sighting, SpotGiven
from lims.analysis.operations import (
    RecordPlate,
    StartRun,
    SubmitRun,
    record_plate,
    start_run,
    submit_run,
)
from lims.foundation import clock
from lims.foundation.errors import Invalid
from lims.foundation.shipped import shipped
from lims.intake.records import Sample
from lims.library.records import ReferenceLot, RetentionReference, Substance, VocabularyTerm
from lims.library.seeds import Seeds, read_seeds
from lims.protocols.documents import documents_in
from lims.protocols.records import ProtocolVersion
from lims.protocols.rules import content_hash
from lims.quality.records import ReagentLot
from tests.makers import Network, make_sample

REFERENCES = {"atropine": 18, "codeine": 33, "chlorprothixene": 56, "diazepam": 75}
KEYS = {"mdma": ["HCl"], "mda": ["HCl"], "caffeine": [], "cocaine": ["HCl"], "fentanyl": ["HCl"]}


@cache
def seeds() -> Seeds:
    return read_seeds(shipped("reference_data"))


@cache
def documents() -> dict[str, Any]:
    return {one["name"]: one for one in documents_in(shipped("protocols"))}


@dataclass
class Bench:
    """A laboratory ready for work."""

    session: Session
    network: Network
    protocols: dict[str, ProtocolVersion] = field(default_factory=dict)
    substances: dict[str, Substance] = field(default_factory=dict)

    def sample(self, **given: Any) -> Sample:
        values = {"state": "received", "laboratory_id": self.network.laboratory.id} | given
        return make_sample(self.session, self.network, **values)

    def start(self, name: str, *samples: Sample, actor: Any = None, **given: Any) -> Any:
        ids = tuple(one.id for one in samples or (self.sample(),))
        wanted = StartRun(self.protocols[name].id, ids, **given)
        return start_run(self.session, actor or self.network.chemist, wanted)

    def standard(self, key: str) -> ReferenceLot:
        lot = ReferenceLot(
            substance_id=self.substances[key].id,
            site_id=self.network.laboratory.id,
            lot=f"S-{uuid.uuid4()}",
            expires=clock.today() + timedelta(days=100),
        )
        self.session.add(lot)
        self.session.flush()
        return lot

    def reagent(self, reagent: str, expires: date | None = None, **given: Any) -> ReagentLot:
        lot = ReagentLot(
            site_id=self.network.laboratory.id,
            reagent=reagent,
            lot=f"L-{uuid.uuid4()}"[:30],
            expires=expires or clock.today() + timedelta(days=100),
            **given,
        )
        self.session.add(lot)
        self.session.flush()
        return lot

    def plate(self, sample: Sample, spots: Any = (), standard: Any = None, **given: Any) -> Any:
        """Return a recorded plate of one sample on which everything is as it should be."""
        run = self.start("tlc-ta", sample)
        lanes = good_lanes(sample.id, spots, standard)
        wanted = RecordPlate(run.id, run.row_version, Decimal(80), lanes, **given)
        return record_plate(self.session, self.network.chemist, wanted)

    def submitted(self, run: Any) -> Any:
        self.session.flush()
        return submit_run(self.session, self.network.chemist, SubmitRun(run.id, run.row_version))


def fields(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    """Return the fields that a refusal names."""
    return {problem.field for problem in refusal.value.problems}


def at_hrf(hrf: float, front: int = 80) -> Decimal:
    return Decimal(str(round(hrf * front / 100, 2)))


def spot(hrf: float, **given: Any) -> SpotGiven:
    return SpotGiven(at_hrf(hrf), **given)


def purple() -> tuple[Sighting, ...]:
    return (Sighting("uv254", ("dark",)), Sighting("marquis", ("purple", "black")))


def good_lanes(sample_id: Any, spots: Any = (), standard: Any = None) -> tuple[LaneGiven, ...]:
    """Return references, a sample lane, a blank and, when given, a standard (lot, hRf or spots)."""
    references = tuple(spot(hrf, what=name) for name, hrf in REFERENCES.items())
    lanes = [
        LaneGiven("reference", spots=references),
        LaneGiven("sample", sample_id, spots=tuple(spots) or (spot(31.0, sightings=purple()),)),
        LaneGiven("blank"),
    ]
    if standard is not None:
        lot, seen = standard
        shown = seen if isinstance(seen, tuple) else (spot(seen),)
        lanes.append(LaneGiven("reference", lot_id=lot.id, spots=shown))
    return tuple(lanes)


def make_bench(session: Session, network: Network) -> Bench:
    """Make the bench in a database: palette, a few substances, every shipped protocol."""
    bench = Bench(session, network)
    for key, salts in KEYS.items():
        bench.substances[key] = make_named(session, key, salts)
    for row in seeds().terms:
        if row["list_name"] == "palette":
            session.add(VocabularyTerm(**row))
    for key, hrf in REFERENCES.items():
        place = list(REFERENCES).index(key) + 1
        session.add(
            RetentionReference(
                system="TA", substance_key=key, hrf=hrf, reference_order=place, source="synthetic"
            )
        )
    for name, document in documents().items():
        bench.protocols[name] = ProtocolVersion(
            name=name,
            version=1,
            technique=document["technique"],
            titles=document["title"],
            content_hash=content_hash(document),
            document=document,
            published_by="coordinator",
        )
    session.add_all(bench.protocols.values())
    session.commit()
    return bench


def make_named(session: Session, key: str, salts: list[str]) -> Substance:
    from lims.library.records import SubstanceName
    from lims.library.rules import fold
    from tests.makers import make_substance

    made: Substance = make_substance(session, key, salts=salts)
    session.add(SubstanceName(folded=fold(key), name=key, substance_id=made.id))
    return made
