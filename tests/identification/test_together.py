"""Several plates and colour tests of one sample: what they say together of one spot."""

from __future__ import annotations

from math import log
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.analysis.operations import RecordReagents, record_reagents
from lims.analysis.recording import ReagentGiven
from lims.analysis.records import Answer
from lims.foundation.errors import Refused
from lims.identification import queries
from lims.identification.documents import observed_document, question_of
from lims.identification.evidence import Elsewhere, HrfObservation, SpotEvidence
from lims.identification.operations import (
    Decide,
    DecideNow,
    RankSpot,
    decide,
    decide_now,
    rank_spot,
)
from lims.identification.rules import Library, rank
from tests.analysis.bench import Bench, spot
from tests.identification.known import PALETTE, hrf
from tests.identification.plates import PURPLE, make_colour_bench
from tests.makers import Network, log_in_client

KNOWN = (
    *(hrf(key, at, system="TA") for key, at in {"a": 31.0, "b": 31.0, "c": 31.0}.items()),
    *(hrf(key, at, system="TB") for key, at in {"a": 20.0, "b": 60.0}.items()),
)


def seen(system: str, at: float) -> SpotEvidence:
    return SpotEvidence((HrfObservation(system, at),))


def ranked(*elsewhere: Elsewhere) -> dict[str, Any]:
    evidence = SpotEvidence((HrfObservation("TA", 31.0),), (), (), elsewhere)
    found = rank(evidence, ("a", "b", "c"), Library(KNOWN, (), PALETTE))
    return {one.substance: one for one in found.candidates}


def test_a_second_plate_parts_what_the_first_cannot() -> None:
    found = ranked(Elsewhere("TB, R-0002", (seen("TB", 20.5),)))
    assert found["a"].rank == 1
    assert found["a"].loglik > found["b"].loglik + 3


def test_what_the_second_system_has_no_reference_for_stays_neutral() -> None:
    alone, both = ranked(), ranked(Elsewhere("TB, R-0002", (seen("TB", 20.5),)))
    assert both["c"].loglik == pytest.approx(alone["c"].loglik)


def test_each_spot_of_the_other_plate_is_as_probable_to_be_this_one() -> None:
    one = ranked(Elsewhere("TB, R-0002", (seen("TB", 20.0),)))["a"].loglik
    two = ranked(Elsewhere("TB, R-0002", (seen("TB", 20.0), seen("TB", 95.0))))["a"].loglik
    assert two == pytest.approx(one - log(2), abs=0.01)


def test_the_fact_names_the_run_and_the_spot_that_fits_best() -> None:
    found = ranked(Elsewhere("TB, R-0002", (seen("TB", 95.0), seen("TB", 20.0))))
    words = str(found["a"].evidence[-1].fact)
    assert "R-0002" in words
    assert "20" in words


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def plate_and_test(bench: Bench, colour: str = "purple", on_plate: bool = False) -> Any:
    """Return the open run of a plate whose sample has a colour test too."""
    sample = bench.sample()
    chemist = bench.network.chemist
    colours = bench.start("colour-reagents", sample)
    tests = (ReagentGiven(sample.id, "marquis", colour),)
    record_reagents(bench.session, chemist, RecordReagents(colours.id, colours.row_version, tests))
    spots = [spot(31.0, sightings=PURPLE if on_plate else ())]
    run = bench.plate(sample, spots, standard=(bench.standard("mdma"), 31.0))
    bench.session.commit()
    return run


def fit(bench: Bench, run: Any, together: bool) -> Any:
    return queries.preview(bench.session, bench.network.chemist, run.id, together=together).fits[0]


def test_a_colour_test_of_the_same_sample_counts_when_all_are_counted(bench: Bench) -> None:
    run = plate_and_test(bench)
    assert fit(bench, run, False).question.evidence.elsewhere == ()
    (other,) = fit(bench, run, True).question.evidence.elsewhere
    assert other.spots[0].colours[0].colours == ("purple",)
    alone, both = fit(bench, run, False).ranking, fit(bench, run, True).ranking
    ratio = {one.substance: one.loglik for one in both.candidates}
    before = {one.substance: one.loglik for one in alone.candidates}
    assert ratio["mdma"] > before["mdma"]


def test_a_reagent_counts_once_and_the_spot_looked_at_stands_before(bench: Bench) -> None:
    run = plate_and_test(bench, colour="orange", on_plate=True)
    assert fit(bench, run, True).question.evidence.elsewhere == ()


def test_a_failed_plate_of_the_sample_says_nothing(bench: Bench) -> None:
    run = plate_and_test(bench)
    (item,) = run.samples
    failed = bench.start("tlc-tb", item.sample)
    bench.session.commit()
    numbers = [one.about for one in fit(bench, run, True).question.evidence.elsewhere]
    assert not any(failed.number in one for one in numbers)


def test_a_list_of_all_plates_is_kept_decided_and_computed_again(bench: Bench) -> None:
    run = plate_and_test(bench)
    chemist = bench.network.chemist
    spot_id = fit(bench, run, True).key[1]
    kept = rank_spot(bench.session, chemist, RankSpot(run.id, spot_id, together=True))
    assert kept.observed["elsewhere"]
    again = question_of(kept.observed, kept.parameters).ranking()
    assert [one.substance for one in again.candidates] == [one["substance"] for one in kept.ranked]
    mdma = bench.substances["mdma"].id
    made = decide(bench.session, chemist, Decide(kept.id, "accept", mdma))
    (answer,) = [one for one in run.answers if isinstance(one, Answer)]
    assert answer.substance_id == made.substance_id == mdma


def test_a_kept_list_falls_when_another_plate_of_the_sample_changes(bench: Bench) -> None:
    run = plate_and_test(bench)
    chemist = bench.network.chemist
    spot_id = fit(bench, run, True).key[1]
    kept = rank_spot(bench.session, chemist, RankSpot(run.id, spot_id, together=True))
    (item,) = run.samples
    other = bench.start("colour-reagents", item.sample)
    tests = (ReagentGiven(item.sample_id, "marquis", "orange"),)
    record_reagents(bench.session, chemist, RecordReagents(other.id, other.row_version, tests))
    with pytest.raises(Refused):
        decide(bench.session, chemist, Decide(kept.id, "accept", bench.substances["mdma"].id))


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_page_counts_all_plates_of_a_sample_and_decides_on_them(
    app: Any, bench: Bench, session: Session, language: str
) -> None:
    run = plate_and_test(bench)
    fitting = fit(bench, run, True)
    version, spot_id, sample_id = run.row_version, fitting.key[1], fitting.key[0]
    run_id, mdma = run.id, bench.substances["mdma"].id
    bench.session.rollback()
    client = log_in_client(app, session, "chemist")
    session.commit()
    page = client.get(f"/runs/{run_id}/plate?together=on&lang={language}")
    assert page.status_code == 200
    assert 'name="together" value="true"' in page.get_data(as_text=True)
    typed = {
        "row_version": str(version),
        "sample_id": str(sample_id),
        "spot_id": str(spot_id),
        "verdict": "accept",
        "substance_id": str(mdma),
        "together": "true",
        "spot": "2a",
    }
    done = client.post(f"/runs/{run_id}/candidates/decisions", data=typed)
    assert done.status_code == 303
    assert "together=on" in done.headers["Location"]


def test_deciding_now_keeps_what_was_counted(bench: Bench) -> None:
    run = plate_and_test(bench)
    found = fit(bench, run, True)
    told = DecideNow(
        run.id,
        run.row_version,
        "undecided",
        sample_id=found.key[0],
        spot_id=found.key[1],
        why="a second person looks",
        together=True,
    )
    decide_now(bench.session, bench.network.chemist, told)
    (kept,) = queries.lists_of_run(bench.session, run.id)
    keys = tuple(one["substance"] for one in kept.ranked)
    assert kept.observed["elsewhere"] == observed_document(found.question, keys)["elsewhere"]
