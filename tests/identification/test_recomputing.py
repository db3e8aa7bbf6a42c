from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation.errors import NotFound, NotPermitted
from lims.identification import recomputing
from lims.identification.operations import RankSampleColours, rank_sample_colours
from lims.identification.records import CandidateList
from lims.identification.sameness import Outcome, differences
from tests.analysis.bench import Bench
from tests.identification.plates import colour_run, make_colour_bench, plate_with_standard, ranked
from tests.makers import Network, api_headers, log_in_client


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def kept_of_each_method(bench: Bench) -> list[CandidateList]:
    """Return a kept list of a spot and one of colours."""
    run = colour_run(bench)
    command = RankSampleColours(run.id, run.samples[0].sample_id)
    of_colours = rank_sample_colours(bench.session, bench.network.chemist, command)
    kept = [ranked(bench, plate_with_standard(bench)), of_colours]
    bench.session.commit()
    bench.session.expire_all()
    return kept


def test_a_list_with_one_figure_changed_is_not_the_same() -> None:
    kept = [{"substance": "mdma", "score": 1.0}, {"substance": "mda", "score": 0.5}]
    now = [{"substance": "mdma", "score": 1.0}, {"substance": "mda", "score": 0.6}]
    (found,) = differences(kept, now)
    assert (found.place, found.kept, found.now) == ("2.score", 0.5, 0.6)
    assert not differences(kept, [dict(row) for row in kept])
    assert differences(kept, kept[:1])[0].place == "length"


def test_every_kept_list_comes_out_again_as_it_was_kept(bench: Bench) -> None:
    for kept in kept_of_each_method(bench):
        found = recomputing.recompute(bench.session, kept)
        assert found.outcome == Outcome.EQUAL, (kept.method, found.differences)
    found = list(recomputing.recompute_all(bench.session))
    assert len(found) == recomputing.how_many(bench.session) == 2


def test_a_list_whose_figure_was_changed_says_where(bench: Bench) -> None:
    kept = kept_of_each_method(bench)[0]
    kept.ranked = [{**kept.ranked[0], "posterior": 0.123}, *kept.ranked[1:]]
    found = recomputing.recompute(bench.session, kept)
    assert found.outcome == Outcome.DIFFERENT
    assert [one.place for one in found.differences] == ["1.posterior"]


def test_a_list_of_an_older_algorithm_says_that_it_has_changed(bench: Bench) -> None:
    kept = kept_of_each_method(bench)[0]
    kept.algorithm = "tlc-colour-0"
    assert "tlc-colour-0" not in str(recomputing.recompute(bench.session, kept).words)
    kept.ranked = kept.ranked[:1]
    assert "tlc-colour-0" in str(recomputing.recompute(bench.session, kept).words)


def test_a_list_of_an_algorithm_that_is_gone_cannot_be_computed(bench: Bench) -> None:
    kept = kept_of_each_method(bench)[0]
    kept.algorithm = "crystal-ball-1"
    found = recomputing.recompute(bench.session, kept)
    assert found.outcome == Outcome.NOT_COMPUTED and "crystal-ball-1" in str(found.words)


def test_a_list_that_lost_what_it_stood_on_cannot_be_computed(bench: Bench) -> None:
    kept = kept_of_each_method(bench)[0]
    kept.observed = {}
    assert recomputing.recompute(bench.session, kept).outcome == Outcome.NOT_COMPUTED


def test_every_family_of_algorithms_names_a_recomputer_that_exists() -> None:
    for family in recomputing.ALGORITHMS:
        found = recomputing.recomputer_of(f"{family}-1")
        assert found is not None and recomputing.family_of(found.version) == family


def test_another_laboratory_does_not_see_the_list(bench: Bench) -> None:
    kept = kept_of_each_method(bench)[0]
    with pytest.raises(NotFound):
        recomputing.recomputed_list(bench.session, bench.network.other_chemist, kept.id)
    with pytest.raises(NotPermitted):
        recomputing.recomputed_list(bench.session, bench.network.worker, kept.id)


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_page_of_a_kept_list_says_that_it_is_equal(
    app: Any, session: Session, network: Network, bench: Bench, language: str
) -> None:
    words = {"en": "equal", "fr": "identique", "nl": "gelijk"}
    lists = [kept.id for kept in kept_of_each_method(bench)]
    client = log_in_client(app, session, "chemist")
    for list_id in lists:
        page = client.get(f"/candidates/{list_id}?lang={language}")
        assert page.status_code == 200 and words[language] in page.text
        assert "MDMA" in page.text
    assert client.get(f"/candidates/{uuid.uuid4()}").status_code == 404


def test_the_api_says_whether_a_list_comes_out_again(
    app: Any, session: Session, network: Network, bench: Bench
) -> None:
    address = f"/api/identification/lists/{kept_of_each_method(bench)[0].id}"
    mine, others = api_headers(session, "chemist"), api_headers(session, "other_chemist")
    answer = app.test_client().get(address, headers=mine)
    assert answer.json["outcome"] == "equal" and answer.json["kept"]["method"] == "spot"
    assert app.test_client().get(address, headers=others).status_code == 404
