from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from lims.identification.records import CandidateList, Unknown
from lims.library.operations import load_library
from lims.network.queries import OPERATOR
from tests.analysis.bench import Bench, good_lanes, spot
from tests.identification.plates import (
    PURPLE,
    colour_run,
    failed_plate,
    make_colour_bench,
    only_fit,
    plate_with_standard,
)
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


def told(bench: Bench, run: Any, **given: Any) -> dict[str, Any]:
    """Return what the form of the only spot sends, and end the reading."""
    fit = only_fit(bench, run)
    fields = {
        "card": str(fit.key[1] or fit.key[0]),
        "row_version": run.row_version,
        "sample_id": str(fit.key[0]),
        "spot_id": str(fit.key[1] or ""),
        "with_prior": "true",
    }
    bench.session.commit()
    return {**fields, **given}


# --------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_candidates_open_in_every_language(chemist: Any, bench: Bench, language: str) -> None:
    for run in (plate_with_standard(bench), failed_plate(bench), colour_run(bench)):
        page = chemist.get(f"/runs/{run.id}/candidates?lang={language}")
        assert page.status_code == 200
        assert "MDMA" in page.text and "palette:" not in page.text
    assert chemist.get(f"/unknowns?lang={language}").status_code == 200


def test_the_card_says_the_colours_in_the_readers_language(chemist: Any, bench: Bench) -> None:
    run = plate_with_standard(bench)
    french = chemist.get(f"/runs/{run.id}/candidates?lang=fr").text
    assert "Marquis" in french or "marquis" in french
    assert "violet" in french and "Aucune de la bibliothèque" in french


def test_the_card_names_what_cannot_be_separated_and_that_the_figure_is_not_calibrated(
    chemist: Any, bench: Bench
) -> None:
    page = chemist.get(f"/runs/{colour_run(bench).id}/candidates").text
    assert "This system cannot separate" in page
    assert "not calibrated" in page
    assert "Colours alone exclude; they never confirm." in page
    assert 'value="accept"' not in page


def test_the_prior_can_be_switched_off_and_on(chemist: Any, bench: Bench) -> None:
    run = plate_with_standard(bench)
    assert "Switch it off" in chemist.get(f"/runs/{run.id}/candidates").text
    assert "Switch it on" in chemist.get(f"/runs/{run.id}/candidates?prior=off").text


def test_a_candidate_is_accepted_on_the_page(chemist: Any, bench: Bench) -> None:
    run = plate_with_standard(bench)
    form = told(bench, run, verdict="accept", substance_id=str(bench.substances["mdma"].id))
    answer = chemist.post(f"/runs/{run.id}/candidates/decisions", data=form)
    assert answer.status_code == 303
    page = chemist.get(answer.headers["Location"]).text
    assert "Accepted: MDMA" in page and "the run answers with it" in page


def test_a_refusal_stands_beside_its_field_and_loses_nothing_typed(
    chemist: Any, bench: Bench
) -> None:
    run = plate_with_standard(bench)
    here = f"/runs/{run.id}/candidates"
    without = chemist.post(f"{here}/decisions", data=told(bench, run, verdict="reject", why=" "))
    assert without.status_code == 422 and "Say why, in a few words." in without.text
    assert 'value="reject" checked' in without.text
    nothing = chemist.post(f"{here}/decisions", data=told(bench, run, why="it tails"))
    assert nothing.status_code == 422 and 'value="it tails"' in nothing.text
    long = chemist.post(f"{here}/unknowns", data=told(bench, run, description="x" * 401))
    assert long.status_code == 422 and "At most 400 characters" in long.text
    absent = chemist.post(f"{here}/unknowns", data=told(bench, run, number="U-7777"))
    assert absent.status_code == 422 and 'value="U-7777"' in absent.text


def test_a_failed_plate_says_why_and_offers_no_acceptance(chemist: Any, bench: Bench) -> None:
    run = failed_plate(bench)
    page = chemist.get(f"/runs/{run.id}/candidates").text
    assert "This plate is not accepted" in page and "outside its window" in page
    assert 'value="accept"' not in page
    form = told(bench, run, verdict="accept", substance_id=str(bench.substances["mdma"].id))
    refused = chemist.post(f"/runs/{run.id}/candidates/decisions", data=form)
    assert refused.status_code == 409 and "cannot be concluded on" in refused.text


def test_a_page_that_was_read_before_a_change_loses_nothing(chemist: Any, bench: Bench) -> None:
    run = plate_with_standard(bench)
    form = told(bench, run, verdict="reject", why="two spots run together")
    form["row_version"] = 0
    stale = chemist.post(f"/runs/{run.id}/candidates/decisions", data=form)
    assert stale.status_code == 409 and "two spots run together" in stale.text


def test_an_unknown_is_numbered_listed_and_solved_on_the_pages(chemist: Any, bench: Bench) -> None:
    run = plate_with_standard(bench, hrf=50.0)
    form = told(bench, run, description="faint, no colour")
    assert chemist.post(f"/runs/{run.id}/candidates/unknowns", data=form).status_code == 303
    assert "Unknown U-0001" in chemist.get(f"/runs/{run.id}/candidates").text
    assert "faint, no colour" in chemist.get("/unknowns?state=open&text=faint").text
    address = f"/unknowns/{bench.session.scalars(select(Unknown.id)).one()}/solution"
    bench.session.rollback()
    wrong = chemist.post(address, data={"substance": "no such thing"})
    assert wrong.status_code == 422 and 'value="no such thing"' in wrong.text
    assert chemist.post(address, data={"substance": "mdma"}).status_code == 303
    assert "MDMA" in chemist.get("/unknowns?state=solved").text
    assert "No unknown fits" in chemist.get("/unknowns?state=open").text


def test_a_verifier_reads_and_decides_nothing_and_others_stay_out(
    app: Any, session: Session, bench: Bench
) -> None:
    run = plate_with_standard(bench)
    here = f"/runs/{run.id}/candidates"
    form = told(bench, run, verdict="reject", why="no")
    verifier = log_in_client(app, session, "verifier")
    page = verifier.get(here)
    assert page.status_code == 200 and "Record the decision" not in page.text
    assert verifier.post(f"{here}/decisions", data=form).status_code == 403
    assert log_in_client(app, session, "worker").get(here).status_code == 403
    assert log_in_client(app, session, "worker").get("/unknowns").status_code == 403
    assert log_in_client(app, session, "other_chemist").get(here).status_code == 404


def test_a_run_without_spots_is_refused_in_words(chemist: Any, bench: Bench) -> None:
    run = bench.start("ftir")
    bench.session.commit()
    page = chemist.get(f"/runs/{run.id}/candidates")
    assert page.status_code == 409 and "no spots or colours" in page.text


# ----------------------------------------------------------------------------------------- API


def test_the_whole_way_through_the_api(app: Any, bench: Bench, key: dict[str, str]) -> None:
    run, client = plate_with_standard(bench), app.test_client()
    base = "/api/identification"
    seen = client.get(f"{base}/runs/{run.id}/candidates", headers=key)
    assert seen.status_code == 200
    (card,) = seen.json["spots"]
    first = card["candidates"][0]
    assert (first["substance"], first["rank"]) == ("mdma", 1)
    assert first["facts"][0]["stance"] == "pro"
    spot_id = card["spot_id"]
    body = {"run_id": str(run.id), "spot_id": spot_id}
    kept = client.post(f"{base}/spots", json=body, headers=key)
    assert kept.status_code == 201 and kept.json["ranked"][0]["substance"] == "mdma"
    wanted = {"candidate_list_id": kept.json["id"], "verdict": "accept"}
    without = client.post(f"{base}/decisions", json=wanted, headers=key)
    assert without.status_code == 422 and without.json["errors"][0]["field"] == "substance_id"
    wanted["substance_id"] = first["substance_id"]
    assert client.post(f"{base}/decisions", json=wanted, headers=key).status_code == 201
    listed = client.get(f"{base}/runs/{run.id}/lists", headers=key)
    assert (listed.json["total"], listed.json["items"][0]["id"]) == (1, kept.json["id"])


def test_unknowns_through_the_api(app: Any, bench: Bench, key: dict[str, str]) -> None:
    run, client = plate_with_standard(bench, hrf=50.0), app.test_client()
    base = "/api/identification/unknowns"
    fit = only_fit(bench, run)
    body = {"run_id": str(run.id), "sample_id": str(fit.key[0]), "spot_id": str(fit.key[1])}
    bench.session.commit()
    refused = client.post(base, json=body, headers=key)
    assert refused.status_code == 422 and refused.json["errors"][0]["field"] == "description"
    made = client.post(base, json={**body, "description": "faint"}, headers=key)
    assert made.status_code == 201 and made.json["number"] == "U-0001"
    assert client.get(f"{base}?state=open", headers=key).json["total"] == 1
    solution = {"unknown_id": made.json["id"], "substance_id": str(bench.substances["mda"].id)}
    solved = client.post(f"{base}/solutions", json=solution, headers=key)
    assert solved.json["substance_id"] == solution["substance_id"]
    solution["unknown_id"] = str(uuid.uuid4())
    assert client.post(f"{base}/solutions", json=solution, headers=key).status_code == 404


def test_the_api_refuses_a_failed_plate_and_colours_alone_in_words(
    app: Any, bench: Bench, key: dict[str, str]
) -> None:
    client = app.test_client()
    mdma = str(bench.substances["mdma"].id)
    for run in (failed_plate(bench), colour_run(bench)):
        form = told(bench, run, verdict="accept", substance_id=mdma, run_id=str(run.id))
        del form["card"]
        form["spot_id"] = form["spot_id"] or None
        refused = client.post("/api/identification/decisions/now", json=form, headers=key)
        assert refused.status_code == 409 and refused.json["detail"]
    assert bench.session.scalars(select(CandidateList)).all() == []


@pytest.mark.parametrize("path", ["spots", "colours", "decisions", "decisions/now", "unknowns"])
@pytest.mark.parametrize("body", [{}, {"run_id": "x"}, {"verdict": "perhaps", "why": "x" * 9999}])
def test_nonsense_is_refused_with_fields(
    app: Any, bench: Bench, key: dict[str, str], path: str, body: dict[str, str]
) -> None:
    answer = app.test_client().post(f"/api/identification/{path}", json=body, headers=key)
    assert answer.status_code == 422 and answer.json["errors"]


# --------------------------------------------------------------------------- speed and queries


def queries_of(app: Any, client: Any, address: str) -> int:
    """Return how many statements a page asks of the database."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = app.extensions["house"].engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return len(asked)


def test_the_number_of_queries_does_not_grow_with_the_spots(
    app: Any, chemist: Any, bench: Bench
) -> None:
    from decimal import Decimal

    from lims.analysis.operations import RecordPlate, record_plate

    few, many = plate_with_standard(bench), plate_with_standard(bench)
    spots = [spot(hrf, sightings=PURPLE) for hrf in (12.0, 31.0, 50.0, 60.0, 70.0, 88.0)]
    lanes = good_lanes(many.samples[0].sample_id, spots, (bench.standard("mdma"), 31.0))
    record_plate(
        bench.session,
        bench.network.chemist,
        RecordPlate(many.id, many.row_version, Decimal(80), lanes),
    )
    bench.session.commit()
    chemist.get(f"/runs/{few.id}/candidates")
    first = queries_of(app, chemist, f"/runs/{few.id}/candidates")
    assert queries_of(app, chemist, f"/runs/{many.id}/candidates") == first


def test_the_shipped_library_with_a_standard_of_the_laboratory(
    app: Any, chemist: Any, bench: Bench
) -> None:
    load_library(bench.session, OPERATOR)
    bench.session.commit()
    run = plate_with_standard(bench)
    page = chemist.get(f"/runs/{run.id}/candidates").text
    assert "Marquis" in page and "standard on the same plate" in page
    assert "neither found nor excluded" in page
