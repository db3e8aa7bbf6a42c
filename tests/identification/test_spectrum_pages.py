from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.records import Run
from lims.library.spectra import ReferenceSpectrum
from tests.analysis.bench import Bench
from tests.analysis.instrument import give, infrared, mass_file
from tests.identification.spectra import make_spectral_bench, mixed, spectrum_of
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@pytest.fixture
def folder(settings: Any) -> Path:
    found: Path = settings.data_dir
    return found


@pytest.fixture
def measured(bench: Bench, folder: Path) -> Any:
    made = spectrum_of(bench, folder)
    bench.session.commit()
    return made


def address(measured: Any, more: str = "") -> str:
    return f"/runs/{measured.upload.run_id}/spectra/{measured.id}{more}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", ["search", "mixture", "rest"])
def test_the_page_of_a_spectrum_opens_in_every_language(
    chemist: Any, measured: Any, language: str, view: str
) -> None:
    page = chemist.get(address(measured, f"?view={view}&lang={language}"))
    assert page.status_code == 200 and "<svg" in page.text
    assert "SYNTHETIC-A" in page.text or view == "rest"


def test_the_page_names_library_licence_and_version(chemist: Any, measured: Any) -> None:
    page = chemist.get(address(measured)).text
    assert "synthetic, free" in page and "Synthetic infrared" in page
    assert "library version" in page and "bands-" in page
    assert "Not detected with FTIR means" in page


def test_another_candidate_is_laid_over_when_asked(chemist: Any, measured: Any) -> None:
    page = chemist.get(address(measured)).text
    reference = page.split("with=")[1].split('"')[0].split("&")[0]
    compared = chemist.get(address(measured, f"?with={reference}")).text
    assert compared.count("laid over the spectrum") == 1
    assert chemist.get(address(measured, "?with=nonsense&view=nonsense")).status_code == 200


@pytest.mark.parametrize("view", ["search", "mixture", "rest"])
def test_the_numbers_of_the_drawing_are_json_without_holes_in_their_axis(
    chemist: Any, measured: Any, view: str
) -> None:
    told = chemist.get(address(measured, f"/numbers?view={view}")).json
    assert told["falling"] and not told["sticks"]
    query, other = told["lines"]["query"], told["lines"]["other"]
    assert len(query["x"]) == len(query["y"]) == len(other["y"]) > 500
    assert None in query["y"] and None not in query["x"]


def test_a_mass_spectrum_is_drawn_with_its_peaks(chemist: Any, bench: Bench, folder: Path) -> None:
    run = bench.start("gc-ms")
    made = give(bench, run, mass_file(), folder, name="a.msp")
    bench.session.commit()
    page = chemist.get(address(made.spectra[0])).text
    assert ">58<" in page and ">135<" in page and "curve--sticks" in page


def test_an_empty_library_teaches_how_to_bring_one_in(
    chemist: Any, bench: Bench, session: Session, folder: Path
) -> None:
    run = bench.start("raman")
    made = give(bench, run, infrared(head="raman shift cm-1,intensity"), folder)
    session.commit()
    page = chemist.get(address(made.spectra[0])).text
    assert "lims library import" in page


def form(measured: Any, bench: Bench, **given: Any) -> dict[str, Any]:
    bench.session.rollback()
    run = bench.session.get_one(Run, measured.upload.run_id)
    told = {"row_version": run.row_version, "method": "search", **given}
    bench.session.commit()
    return told


def reference(bench: Bench, name: str) -> str:
    query = select(ReferenceSpectrum.id).where(ReferenceSpectrum.name == name)
    found = str(bench.session.scalars(query).one())
    bench.session.commit()
    return found


def test_a_decision_is_recorded_shown_and_leads_back(
    chemist: Any, bench: Bench, measured: Any
) -> None:
    told = form(measured, bench, verdict="accept")
    told["reference_ids[]"] = reference(bench, "synthetic-a")
    answer = chemist.post(address(measured, "/decisions"), data=told)
    assert answer.status_code == 303, answer.text
    page = chemist.get(answer.location).text
    assert "Accepted: SYNTHETIC-A" in page
    run = chemist.get(f"/runs/{measured.upload.run_id}").text
    assert "SYNTHETIC-A" in run
    kept = page.split("/candidates/")[1].split('"')[0]
    assert "Computed again: equal" in chemist.get(f"/candidates/{kept}").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_decision_says_why_and_loses_nothing(
    chemist: Any, bench: Bench, measured: Any, language: str
) -> None:
    told = form(measured, bench, verdict="accept", why="")
    told["reference_ids[]"] = reference(bench, "synthetic-b")
    answer = chemist.post(address(measured, f"/decisions?lang={language}"), data=told)
    assert answer.status_code == 422
    assert f'value="{told["reference_ids[]"]}" selected' in answer.text
    assert 'href="#f-why"' in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "perhaps", "why": "x"},
        {"verdict": "accept"},
        {"verdict": "reject", "why": ""},
        {"verdict": "accept", "reference_ids[]": "nonsense"},
        {"verdict": "accept", "reference_ids[]": "00000000-0000-0000-0000-000000000000"},
        {"verdict": "reject", "why": "x" * 500},
    ],
    ids=range(6),
)
def test_a_wrong_decision_is_refused_in_words(
    chemist: Any, bench: Bench, measured: Any, wrong: dict[str, str]
) -> None:
    answer = chemist.post(address(measured, "/decisions"), data=form(measured, bench, **wrong))
    assert answer.status_code == 422 and 'class="errors"' in answer.text


def test_a_changed_run_is_not_decided_on_unseen(chemist: Any, bench: Bench, measured: Any) -> None:
    told = form(measured, bench, verdict="reject", why="x", row_version=99)
    assert chemist.post(address(measured, "/decisions"), data=told).status_code == 409


def test_strangers_do_not_see_a_spectrum(
    app: Any, bench: Bench, session: Session, measured: Any
) -> None:
    other = log_in_client(app, session, "other_chemist")
    for place in ("", "/numbers"):
        assert other.get(address(measured, place)).status_code == 404
    worker = log_in_client(app, session, "worker")
    assert worker.get(address(measured)).status_code == 403


def test_a_mixture_is_accepted_from_its_page(chemist: Any, bench: Bench, folder: Path) -> None:
    made = spectrum_of(bench, folder, mixed(synthetic_a=0.6, synthetic_b=0.4))
    bench.session.commit()
    both = [reference(bench, name) for name in ("synthetic-a", "synthetic-b")]
    told = form(made, bench, verdict="accept", method="mixture") | {"reference_ids[]": both}
    answer = chemist.post(address(made, "/decisions?view=mixture"), data=told)
    assert answer.status_code == 303, answer.text
    page = chemist.get(answer.location).text
    assert "Accepted: SYNTHETIC-A, SYNTHETIC-B" in page


# ---------------------------------------------------------------------------- the machine door


def api(measured: Any, more: str) -> str:
    return f"/api/identification/spectra/{measured.id}{more}"


def test_the_api_searches_keeps_and_decides(
    client: Any, key: dict[str, str], bench: Bench, measured: Any
) -> None:
    found = client.get(api(measured, "/fits"), headers=key).json
    first = found["candidates"][0]
    assert first["substance"] == "synthetic-a" and first["licence"] == "synthetic, free"
    assert found["none_fits"] is False and found["library_version"] == 1
    kept = client.post(api(measured, "/lists"), json={"method": "search"}, headers=key)
    assert kept.status_code == 201 and kept.json["ranked"][0]["substance"] == "synthetic-a"
    told = {
        "row_version": found["row_version"],
        "verdict": "accept",
        "reference_ids": [first["reference_id"]],
    }
    made = client.post(api(measured, "/decisions"), json=told, headers=key)
    assert made.status_code == 201 and len(made.json) == 1
    run = client.get(f"/api/analysis/runs/{measured.upload.run_id}", headers=key).json
    assert run["answers"][0]["substance"] == "synthetic-a"


def test_the_api_resolves_mixtures(
    client: Any, key: dict[str, str], bench: Bench, folder: Path
) -> None:
    made = spectrum_of(bench, folder, mixed(synthetic_a=0.6, synthetic_b=0.4))
    bench.session.commit()
    found = client.get(api(made, "/fits?method=mixture"), headers=key).json
    assert [one["substance"] for one in found["components"]] == ["synthetic-a", "synthetic-b"]
    assert all(0 < one["standard_error"] < 0.1 for one in found["components"])


def test_the_api_refuses_in_words(
    client: Any, key: dict[str, str], bench: Bench, measured: Any
) -> None:
    told = {"row_version": 1, "verdict": "reject"}
    answer = client.post(api(measured, "/decisions"), json=told, headers=key)
    assert answer.status_code in (409, 422)
    assert client.get(api(measured, "/fits?method=guess"), headers=key).status_code == 422
    absent = f"/api/identification/spectra/{uuid.uuid4()}/fits"
    assert client.get(absent, headers=key).status_code == 404
    assert client.get(api(measured, "/fits")).status_code == 401
