from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.analysis import queries
from lims.analysis.records import Run
from tests.analysis.bench import REFERENCES, Bench, at_hrf, make_bench
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")
PROTOCOLS = ("tlc-ta", "colour-reagents", "strip-fentanyl", "ftir", "gc-ms", "hplc-uv", "weighing")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def verifier(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "verifier")


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


def begun(bench: Bench, name: str, **given: Any) -> Run:
    run: Run = bench.start(name, bench.sample(**given))
    bench.session.commit()
    return run


def now(bench: Bench, run: Run) -> Run:
    """Return the run as it is in the database now, and end the reading."""
    bench.session.rollback()
    bench.session.refresh(run)
    bench.session.commit()
    return run


def plate_form(run: Run, sample_id: Any, hrf: float = 31.0) -> dict[str, str]:
    """Return a good plate as its page sends it: references, one spot, a blank."""
    typed = {"row_version": str(run.row_version), "front_mm": "80"}
    typed |= {"lanes-0-role": "reference", "lanes-2-role": "blank"}
    for place, (what, reference) in enumerate(REFERENCES.items()):
        typed[f"lanes-0-spots-{place}-what"] = what
        typed[f"lanes-0-spots-{place}-distance_mm"] = str(at_hrf(reference))
    typed |= {
        "lanes-1-role": "sample",
        "lanes-1-sample_id": str(sample_id),
        "lanes-1-spots-0-distance_mm": str(at_hrf(hrf)).replace(".", ","),
        "lanes-1-spots-0-sightings-marquis": "purple",
        "lanes-1-spots-1-distance_mm": "",
    }
    return typed


# --------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_the_start_and_every_technique_open_in_every_language(
    chemist: Any, verifier: Any, bench: Bench, language: str
) -> None:
    for name in PROTOCOLS:
        run = begun(bench, name)
        for reader in (chemist, verifier):
            page = reader.get(f"/runs/{run.id}?lang={language}", follow_redirects=True)
            assert page.status_code == 200, name
            assert run.number in page.text
    assert chemist.get(f"/runs?lang={language}").status_code == 200
    assert chemist.get(f"/runs/new?lang={language}").status_code == 200


def test_an_empty_list_teaches_the_next_step(chemist: Any, bench: Bench) -> None:
    page = chemist.get("/runs").text
    assert "Nothing here yet." in page and "/runs/new" in page


def test_a_run_starts_with_scanned_codes(chemist: Any, bench: Bench) -> None:
    codes = [bench.sample().code, bench.sample().code]
    bench.session.commit()
    protocol = bench.protocols["tlc-ta"].id
    page = chemist.post("/runs/new", data={"protocol_id": protocol, "samples": "\n".join(codes)})
    assert page.status_code == 303
    assert len(chemist.get(page.location, follow_redirects=True).text.split("R-0001")) > 1


def test_a_code_that_no_sample_has_is_said_beside_the_field(chemist: Any, bench: Bench) -> None:
    typed = {"protocol_id": bench.protocols["ftir"].id, "samples": "ZZZZ-ZZZZ", "row": "1"}
    page = chemist.post("/runs/new", data=typed)
    assert page.status_code == 422
    assert "ZZZZ-ZZZZ" in page.text and 'id="f-samples-e"' in page.text


def test_a_plate_is_saved_and_ranked_by_a_plain_form(chemist: Any, bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    bench.session.commit()
    saved = chemist.post(f"/runs/{run.id}/plate", data=plate_form(run, sample.id))
    assert saved.status_code == 303
    page = chemist.get(saved.location).text
    assert "The plate is accepted" in page
    assert ">31.0<" in page and 'class="plate"' in page


def test_a_picked_colour_is_added_behind_the_one_before(chemist: Any, bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    bench.session.commit()
    typed = plate_form(run, sample.id)
    typed |= {"picked": "1:0:marquis", "pick": "black", "put": "then", "spot": "2a"}
    chemist.post(f"/runs/{run.id}/plate", data=typed)
    answer = chemist.get(f"/runs/{run.id}/plate?spot=2a&step=marquis").text
    assert 'value="purple&gt;black"' in answer


def test_a_wrong_distance_is_said_beside_it_and_nothing_typed_is_lost(
    chemist: Any, bench: Bench
) -> None:
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    bench.session.commit()
    typed = plate_form(run, sample.id) | {"lanes-1-spots-0-distance_mm": "81,5", "note": "kept"}
    page = chemist.post(f"/runs/{run.id}/plate", data=typed)
    assert page.status_code == 422
    assert 'id="f-lanes-1-spots-0-distance_mm-e"' in page.text
    assert "81,5" in page.text and "kept" in page.text


def test_a_plate_that_changed_meanwhile_is_not_overwritten(chemist: Any, bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    bench.session.commit()
    typed = plate_form(run, sample.id)
    assert chemist.post(f"/runs/{run.id}/plate", data=typed).status_code == 303
    late = chemist.post(f"/runs/{run.id}/plate", data=typed | {"note": "late words"})
    assert late.status_code == 409
    assert "late words" in late.text
    kept = {name: value for name, value in typed.items() if name != "row_version"}
    again = chemist.post(f"/runs/{run.id}/plate", data=kept | {"note": "late words"})
    assert again.status_code == 303


def test_the_standards_of_reference_lanes_stay_through_a_saved_page(
    chemist: Any, bench: Bench
) -> None:
    sample = bench.sample()
    run = bench.plate(sample, standard=(bench.standard("mdma"), 31.0))
    bench.session.commit()
    page = chemist.get(f"/runs/{run.id}/plate").text
    assert page.count('value="mdma" selected') == 1


def test_a_colour_test_is_recorded_by_its_form(chemist: Any, bench: Bench) -> None:
    run = begun(bench, "colour-reagents")
    sample = str(run.samples[0].sample_id)
    typed = {
        "row_version": str(run.row_version),
        "tests-0-sample_id": sample,
        "tests-1-sample_id": sample,
        "tests-1-reagent": "marquis",
        "tests-1-at_0": "purple",
    }
    assert chemist.post(f"/runs/{run.id}", data=typed).status_code == 303
    assert "sw-purple" in chemist.get(f"/runs/{run.id}").text
    wrong = chemist.post(f"/runs/{run.id}", data=typed | {"tests-1-at_0": "", "row_version": "2"})
    assert wrong.status_code == 422
    assert "f-tests-0-at_0-e" in wrong.text


def test_a_quantity_takes_a_decimal_comma_and_refuses_a_wrong_salt(
    chemist: Any, bench: Bench
) -> None:
    run = begun(bench, "hplc-uv")
    typed = {
        "answers-0-sample_id": str(run.samples[0].sample_id),
        "answers-0-substance": "mdma",
        "answers-0-kind": "measured",
        "answers-0-value": "121,5",
        "answers-0-unit": "mg/unit",
        "answers-0-expressed_as": "oxalate",
    }
    wrong = chemist.post(f"/runs/{run.id}", data=typed)
    assert wrong.status_code == 422
    assert "f-answers-0-expressed_as-e" in wrong.text and "121,5" in wrong.text
    right = chemist.post(f"/runs/{run.id}", data=typed | {"answers-0-expressed_as": "hcl"})
    assert right.status_code == 303
    assert "121,5" in chemist.get(f"/runs/{run.id}?lang=fr").text


def test_a_run_is_sent_seen_sent_back_and_verified_by_buttons(
    chemist: Any, verifier: Any, bench: Bench
) -> None:
    run = begun(bench, "weighing")
    typed = {"weighings-0-sample_id": str(run.samples[0].sample_id), "weighings-0-mg": "301,5"}
    assert chemist.post(f"/runs/{run.id}", data=typed).status_code == 303

    def press(who: Any, act: str, **more: str) -> Run:
        version = {"row_version": str(now(bench, run).row_version)}
        who.post(f"/runs/{run.id}/{act}", data=version | more)
        return now(bench, run)

    assert press(chemist, "submit").state == "to verify"
    assert 'name="row_version"' in verifier.get(f"/runs/{run.id}").text
    assert press(verifier, "send-back").state == "to verify"
    assert press(verifier, "send-back", reason="Which balance?").state == "recorded"
    assert "Which balance?" in chemist.get(f"/runs/{run.id}").text
    assert press(chemist, "submit").state == "to verify"
    assert press(verifier, "verify").state == "verified"
    assert chemist.post(f"/runs/{run.id}", data=typed).status_code == 409


def test_a_retest_asks_why(chemist: Any, bench: Bench) -> None:
    run = begun(bench, "ftir")
    assert chemist.post(f"/runs/{run.id}/retest", data={"reason": ""}).status_code == 422
    made = chemist.post(f"/runs/{run.id}/retest", data={"reason": "Wet crystal"})
    assert made.status_code == 303 and str(run.id) not in made.location
    assert now(bench, run).state == "retested"


def test_a_verifier_and_a_stranger_do_not_write_in_a_run(
    app: Any, session: Session, verifier: Any, bench: Bench
) -> None:
    run = begun(bench, "weighing")
    assert verifier.post(f"/runs/{run.id}", data={}).status_code == 403
    other = log_in_client(app, session, "other_chemist")
    assert other.get(f"/runs/{run.id}").status_code == 404
    worker = log_in_client(app, session, "worker")
    assert worker.get("/runs").status_code == 403
    assert worker.get("/runs/new").status_code == 403


def test_a_longer_list_asks_no_more_queries(bench: Bench, session: Session) -> None:
    def asked() -> int:
        session.commit()
        session.expire_all()
        counted: list[str] = []

        def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            counted.append(statement)

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", count)
        for run in queries.runs(session, bench.network.chemist, queries.RunFilters())[0]:
            assert run.protocol.label and run.samples[0].sample.code
        event.remove(engine, "before_cursor_execute", count)
        return len(counted)

    begun(bench, "ftir")
    few = asked()
    for _n in range(8):
        begun(bench, "tlc-ta")
    assert asked() == few
