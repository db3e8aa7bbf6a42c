"""Synthetic plates and colour tests of a synthetic bench, to be identified."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis.lanes import Sighting
from lims.analysis.operations import RecordPlate, RecordReagents, record_plate, record_reagents
from lims.analysis.recording import ReagentGiven
from lims.identification import queries
from lims.identification.operations import RankSpot, rank_spot
from lims.identification.queries import Fit
from lims.identification.records import CandidateList
from lims.library.records import ColourReference, RetentionMeasurement
from tests.analysis.bench import Bench, good_lanes, make_bench, spot
from tests.makers import Network

COLOURS = {"mdma": "purple>black", "mda": "purple>black", "fentanyl": "orange", "cocaine": "none"}
PURPLE = (Sighting("marquis", ("purple", "black")),)


def make_colour_bench(session: Session, network: Network) -> Bench:
    """Return a bench whose library has synthetic colours with one reagent."""
    bench = make_bench(session, network)
    for key, colours in COLOURS.items():
        session.add(
            ColourReference(
                reagent="marquis",
                substance_id=bench.substances[key].id,
                colours=colours,
                source="synthetic",
                agreement="agree",
            )
        )
    session.commit()
    return bench


def plate_with_standard(bench: Bench, hrf: float = 31.0, key: str = "mdma", **given: Any) -> Any:
    """Return a run with a purple spot and a standard of one substance beside it, committed."""
    sample = bench.sample(**given)
    run = bench.plate(sample, [spot(hrf, sightings=PURPLE)], standard=(bench.standard(key), 31.0))
    bench.session.commit()
    return run


def failed_plate(bench: Bench) -> Any:
    """Return a plate whose reference ran outside its window, committed."""
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    lanes = list(good_lanes(sample.id, [spot(31.0, sightings=PURPLE)]))
    first = lanes[0]
    moved = tuple(
        spot(45.0, what=one.what) if one.what == "codeine" else one for one in first.spots
    )
    lanes[0] = type(first)(first.role, first.sample_id, first.lot_id, moved)
    wanted = RecordPlate(run.id, run.row_version, Decimal(80), tuple(lanes))
    record_plate(bench.session, bench.network.chemist, wanted)
    bench.session.commit()
    return run


def colour_run(bench: Bench, at_0: str = "purple", at_30: str = "black") -> Any:
    """Return a run of one colour test, committed."""
    sample = bench.sample()
    run = bench.start("colour-reagents", sample)
    tests = (ReagentGiven(sample.id, "marquis", at_0, at_30),)
    record_reagents(
        bench.session, bench.network.chemist, RecordReagents(run.id, run.row_version, tests)
    )
    bench.session.commit()
    return run


def only_fit(bench: Bench, run: Any, with_prior: bool = True, actor: Any = None) -> Fit:
    """Return the candidates of a run that has one spot or one sample."""
    who = actor or bench.network.chemist
    (fit,) = queries.preview(bench.session, who, run.id, with_prior).fits
    return fit


def order(fit: Fit) -> list[str]:
    """Return the substances in their order."""
    assert fit.ranking is not None
    return [one.substance for one in fit.ranking.candidates]


def measure(bench: Bench, run: Any, key: str, *hrfs: str, demonstration: bool = False) -> None:
    for hrf in hrfs:
        bench.session.add(
            RetentionMeasurement(
                substance_id=bench.substances[key].id,
                protocol_id=run.protocol_id,
                site_id=run.site_id,
                run_id=run.id,
                hrf=Decimal(hrf),
                demonstration=demonstration,
            )
        )
    bench.session.commit()


def ranked(bench: Bench, run: Any) -> CandidateList:
    fit = only_fit(bench, run)
    assert fit.key[1] is not None
    return rank_spot(bench.session, bench.network.chemist, RankSpot(run.id, fit.key[1]))
