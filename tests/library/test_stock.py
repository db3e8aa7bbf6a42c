"""What is left of the standards, and what the standards of accepted plates teach."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.lanes import Sighting
from lims.analysis.operations import VerifyRun, verify_run
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.identification.knowledge import gather
from lims.library import measuring, queries, references, rules, stock, systems
from lims.library.measuring import TakeBackMeasurements
from lims.library.records import ColourMeasurement, ReferenceLot, RetentionMeasurement
from lims.library.stock import CorrectReferenceLot, UseReference
from tests.analysis.bench import Bench, make_bench, spot
from tests.makers import Network

SPRAYED = (Sighting("marquis", ("purple", "black")), Sighting("uv254", ("dark",)))


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def bottle(bench: Bench, mg: str | None = "10", **given: Any) -> ReferenceLot:
    lot = bench.standard("mdma")
    lot.remaining_mg = None if mg is None else Decimal(mg)
    for name, value in given.items():
        setattr(lot, name, value)
    bench.session.flush()
    return lot


def verified(bench: Bench, hrf: float = 30.5, who: Any = None, key: str = "mdma") -> Any:
    standard = (bench.standard(key), (spot(hrf, sightings=SPRAYED),))
    run = bench.submitted(bench.plate(bench.sample(), standard=standard))
    verify_run(bench.session, who or bench.network.verifier, VerifyRun(run.id, run.row_version))
    bench.session.flush()
    return run


def test_what_is_taken_out_is_less_in_the_bottle_and_stays_readable(
    bench: Bench, session: Session
) -> None:
    lot = bottle(bench)
    stock.use_reference(session, bench.network.chemist, UseReference(lot.id, Decimal("2.5"), "R-1"))
    session.flush()
    assert lot.remaining_mg == Decimal("7.5")
    (use,) = references.bottle(session, bench.network.chemist, lot.id).uses
    assert (use.kind, use.mg, use.left_mg, use.by) == (
        "used",
        Decimal("2.5"),
        Decimal("7.5"),
        "chemist",
    )


@pytest.mark.parametrize(
    ("left", "mg", "reason", "field"),
    [
        ("10", "10.1", "R-1", "mg"),
        ("10", "0", "R-1", "mg"),
        (None, "1", "R-1", "mg"),
        ("10", "1", "  ", "reason"),
    ],
)
def test_no_more_is_taken_than_is_there_and_never_without_a_reason(
    bench: Bench, session: Session, left: str | None, mg: str, reason: str, field: str
) -> None:
    lot = bottle(bench, left)
    with pytest.raises(Invalid) as refusal:
        command = UseReference(lot.id, Decimal(mg), reason)
        stock.use_reference(session, bench.network.chemist, command)
    assert [one.field for one in refusal.value.problems] == [field]


def test_a_count_by_the_head_corrects_what_is_left_and_the_days(
    bench: Bench, session: Session
) -> None:
    lot = bottle(bench, None)
    until = clock.today() + timedelta(days=20)
    command = CorrectReferenceLot(lot.id, Decimal(4), "weighed", expires=until)
    stock.correct_reference_lot(session, bench.network.head, command)
    session.flush()
    assert (lot.remaining_mg, lot.expires) == (4, until)
    with pytest.raises(NotPermitted):
        stock.correct_reference_lot(session, bench.network.chemist, command)
    with pytest.raises(Invalid):
        wrong = replace(command, remaining_mg=Decimal(-1))
        stock.correct_reference_lot(session, bench.network.head, wrong)


def test_a_bottle_of_another_laboratory_is_not_ours_to_take_from(
    bench: Bench, session: Session
) -> None:
    lot = bottle(bench)
    for who in (bench.network.other_chemist, bench.network.worker):
        with pytest.raises(NotPermitted):
            stock.use_reference(session, who, UseReference(lot.id, Decimal(1), "x"))
    with pytest.raises(NotFound):
        nothing = UseReference(uuid.uuid4(), Decimal(1), "x")
        stock.use_reference(session, bench.network.chemist, nothing)


def test_a_bottle_that_somebody_else_took_from_meanwhile_is_read_again(
    bench: Bench, session: Session
) -> None:
    lot = bottle(bench)
    seen = lot.row_version
    command = UseReference(lot.id, Decimal(1), "x", seen)
    stock.use_reference(session, bench.network.chemist, command)
    session.flush()
    with pytest.raises(Stale):
        stock.use_reference(session, bench.network.chemist, command)


DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("days", "left", "state"),
    [
        (-1, "5", "expired"),
        (-1, "0", "expired"),
        (0, "5", "expires soon"),
        (60, "5", "expires soon"),
        (61, "5", "usable"),
        (61, "0", "empty"),
        (None, None, "usable"),
    ],
)
def test_a_bottle_is_expired_empty_expires_soon_or_is_usable(
    days: int | None, left: str | None, state: str
) -> None:
    expires = None if days is None else DAY + timedelta(days=days)
    assert rules.lot_state(expires, None if left is None else Decimal(left), DAY) == state


def test_an_expired_standard_in_a_reference_lane_fails_the_plate_in_words(
    bench: Bench, session: Session
) -> None:
    lot = bottle(bench, expires=date(2020, 1, 1))
    run = bench.plate(bench.sample(), standard=(lot, 30.5))
    plate = readings.read_plate(session, run)
    assert not plate.is_accepted
    assert lot.lot in " ".join(str(one.message) for one in plate.checks if not one.passed)


def test_a_verified_plate_teaches_the_place_and_the_colours_of_its_standards(
    bench: Bench, session: Session
) -> None:
    before = queries.library_version(session)
    run = verified(bench)
    colours = session.scalars(select(ColourMeasurement)).all()
    assert [(one.reagent, one.colours, one.run_id) for one in colours] == [
        ("marquis", "purple>black", run.id)
    ]
    assert queries.library_version(session) == before + 1
    (own,) = references.measured_colours(session, bench.substances["mdma"].id)
    assert (own.n, own.site, own.demonstration) == (1, "Laboratory one", False)


def test_a_standard_that_shows_two_spots_in_its_lane_teaches_nothing(
    bench: Bench, session: Session
) -> None:
    lot = bench.standard("mdma")
    both = (spot(30.5), spot(60.0))
    run = bench.submitted(bench.plate(bench.sample(), standard=(lot, both)))
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    assert session.scalars(select(RetentionMeasurement)).all() == []


def test_own_colours_stand_beside_cited_ones_in_a_ranking_with_their_number(
    bench: Bench, session: Session
) -> None:
    for _time in range(2):
        run = verified(bench)
    known = gather(session, run, None, {"marquis"}, demonstration=False).library.colours
    (own,) = [one for one in known if one.substance == "mdma" and "n = " in one.source]
    assert own.stages == (("purple",), ("black",)) and "n = 2" in own.source


def test_values_of_a_demonstration_count_in_a_demonstration_only(
    bench: Bench, session: Session
) -> None:
    run = verified(bench, who=replace(bench.network.verifier, demonstration=True))
    (own,) = references.measured_colours(session, bench.substances["mdma"].id)
    assert own.demonstration
    real = gather(session, run, None, {"marquis"}, demonstration=False).library.colours
    shown = gather(session, run, None, {"marquis"}, demonstration=True).library.colours
    assert len(shown) == len(real) + 1


def test_a_head_takes_the_values_of_a_plate_back_and_they_count_nowhere(
    bench: Bench, session: Session
) -> None:
    run, other = verified(bench, 30.5), verified(bench, 32.5)
    mdma = bench.substances["mdma"].id
    assert references.measured_retentions(session, substance_id=mdma)[0].n == 2
    command = TakeBackMeasurements(run.id, "the standard had decayed")
    with pytest.raises(NotPermitted):
        measuring.take_back_measurements(session, bench.network.chemist, command)
    assert measuring.take_back_measurements(session, bench.network.head, command) == 2
    session.flush()
    (left,) = references.measured_retentions(session, substance_id=mdma)
    assert (left.n, left.mean) == (1, Decimal("32.5"))
    assert references.measured_colours(session, mdma)[0].n == 1
    taught = {one.run_id: one.withdrawn for one in references.plates_that_taught(session, mdma)}
    assert taught == {run.id: True, other.id: False}
    with pytest.raises(Refused):
        measuring.take_back_measurements(session, bench.network.head, command)
    with pytest.raises(NotFound):
        nothing = TakeBackMeasurements(uuid.uuid4(), "x")
        measuring.take_back_measurements(session, bench.network.head, nothing)
    with pytest.raises(Invalid):
        measuring.take_back_measurements(
            session, bench.network.head, TakeBackMeasurements(other.id, " ")
        )


def test_a_system_is_judged_on_cited_and_on_measured_values_apart(
    bench: Bench, session: Session
) -> None:
    verified(bench, 30.5)
    verified(bench, 32.0, key="mda")
    verified(bench, 60.0, key="cocaine")
    one = systems.system(session, bench.network.chemist, "ta")
    cited, measured = one.bases
    assert (cited.separation.n, measured.separation.n) == (4, 3)
    assert measured.separation.power == pytest.approx(2 / 3)
    ((first, second, apart),) = measured.separation.together
    assert {first, second} == {"MDMA", "MDA"} and apart == pytest.approx(1.5)
    tight = systems.system(session, bench.network.chemist, "TA", window=1.0)
    assert tight.bases[1].separation.power == 1
    with pytest.raises(NotFound):
        systems.system(session, bench.network.chemist, "unheard of")
    with pytest.raises(NotPermitted):
        systems.systems(session, bench.network.administrator)
