from __future__ import annotations

import uuid
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.cli import main
from lims.library.records import Substance
from tests.makers import Network, api_headers, log_in_client


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_pages_of_the_library_speak_every_language(
    chemist: Any, library: dict[str, Substance], language: str
) -> None:
    pages = ["/library", "/library?text=mdma&chemical_class=phenethylamine", "/library/lots"]
    pages += [f"/library/substances/{one.id}" for one in library.values()]
    for page in pages:
        joined = "&" if "?" in page else "?"
        answer = chemist.get(f"{page}{joined}lang={language}")
        assert answer.status_code == 200, page


def test_an_empty_library_says_how_to_load_it(chemist: Any) -> None:
    answer = chemist.get("/library")
    assert answer.status_code == 200
    assert "lims library load" in answer.text


def test_a_search_keeps_what_was_typed_from_page_to_page(
    chemist: Any, library: dict[str, Substance]
) -> None:
    found = chemist.get("/library", query_string={"text": "a", "page": 2})
    assert 'value="a"' in found.text
    assert "page=3" in found.text and "text=a" in found.text
    nothing = chemist.get("/library", query_string={"text": "no such thing"})
    assert "Not in the library" in nothing.text


@pytest.mark.parametrize("nonsense", ["x" * 4000, "\x00", "%_'\"<b>", "١٢٣"])
def test_no_search_breaks_the_page(
    chemist: Any, library: dict[str, Substance], nonsense: str
) -> None:
    answer = chemist.get("/library", query_string={"text": nonsense, "page": "-1"})
    assert answer.status_code in (200, 422)
    assert "<b>" not in answer.text


def test_a_substance_shows_its_structure_groups_colours_and_sources(
    chemist: Any, library: dict[str, Substance]
) -> None:
    page = chemist.get(f"/library/substances/{library['mdma'].id}").text
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="structure"' in page
    assert "phenethylamine group (informative, not legal advice)" in page
    assert 'class="sw sw-purple"' in page and "PRO Test table" in page
    assert "SHXWCVYOXRDMCX-UHFFFAOYSA-N" in page
    assert "No laboratory of the network has measured it yet." in page


def test_a_substance_that_begins_late_or_is_not_confirmed_says_so(
    chemist: Any, library: dict[str, Substance]
) -> None:
    assert "Acts later" in chemist.get(f"/library/substances/{library['pma'].id}").text
    talc = chemist.get(f"/library/substances/{library['talc'].id}").text
    assert "No structure" in talc and 'class="structure"' not in talc


def test_the_list_asks_the_database_the_same_number_of_times_however_long(
    app: Any, chemist: Any, library: dict[str, Substance]
) -> None:
    asked: list[str] = []
    engine = app.extensions["house"].engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    chemist.get("/library")  # the vocabularies are read once
    for text in ("mdma", "a"):
        asked.clear()
        chemist.get("/library", query_string={"text": text})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_head_adds_a_lot_and_reads_its_expiry_in_words(
    head: Any, library: dict[str, Substance]
) -> None:
    typed = {"substance": "XTC", "lot": "L-7", "purity": "99,5", "expires": "2020-01-31"}
    assert head.post("/library/lots", data=typed).status_code == 303
    page = head.get("/library/lots").text
    assert "L-7" in page and "Expired since 31 Jan 2020" in page and "99.5" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"substance": "paddo", "lot": "L"}, "several substances"),
        ({"substance": "unheard of", "lot": "L"}, "not in the library"),
        ({"substance": "MDMA", "lot": ""}, "This answer is needed."),
        ({"substance": "MDMA", "lot": "L", "purity": "-1"}, "At least 0"),
    ],
)
def test_a_lot_that_is_refused_loses_nothing_typed(
    head: Any, library: dict[str, Substance], typed: dict[str, str], words: str
) -> None:
    answer = head.post("/library/lots", data={"supplier": "Somewhere", **typed})
    assert answer.status_code == 422
    assert words in answer.text and 'value="Somewhere"' in answer.text


def test_those_without_the_duty_are_refused_through_every_door(
    app: Any, session: Session, library: dict[str, Substance], network: Network
) -> None:
    keeper = log_in_client(app, session, "administrator")
    keys = api_headers(session, "administrator")
    one = library["mdma"].id
    for path in ("/library", f"/library/substances/{one}", "/library/lots"):
        assert keeper.get(path).status_code == 403
    api = app.test_client()
    for path in ("/api/library/substances", f"/api/library/substances/{one}"):
        assert api.get(path, headers=keys).status_code == 403
        assert api.get(path).status_code == 401
    lot = {"substance_id": str(one), "site_id": str(network.laboratory.id), "lot": "L"}
    chemist = log_in_client(app, session, "chemist")
    assert chemist.post("/library/lots", data={"substance": "MDMA", "lot": "L"}).status_code == 403
    keys = api_headers(session, "chemist")
    assert api.post("/api/library/lots", json=lot, headers=keys).status_code == 403


def test_a_program_searches_reads_and_adds_lots(
    app: Any, session: Session, library: dict[str, Substance], network: Network
) -> None:
    api, keys = app.test_client(), api_headers(session, "head")
    found = api.get("/api/library/substances?text=mdma", headers=keys).json
    assert library["mdma"].key in [one["key"] for one in found["items"]]
    whole = api.get(f"/api/library/substances/{library['mdma'].id}", headers=keys).json
    assert whole["substance"]["monoisotopic_mass"] == "193.11028"
    assert whole["colours"][0]["source"]
    lot = {
        "id": str(uuid.uuid4()),
        "substance_id": str(library["mdma"].id),
        "site_id": str(network.laboratory.id),
        "lot": "L-1",
        "purity": "99.5",
    }
    for _twice in range(2):
        answer = api.post("/api/library/lots", json=lot, headers=keys)
        assert (answer.status_code, answer.json["purity"]) == (201, "99.5")
    listed = api.get(f"/api/library/lots?site_id={network.laboratory.id}", headers=keys).json
    assert [one["lot"] for one in listed] == ["L-1"]


def test_a_program_is_told_what_is_wrong_with_a_lot(
    app: Any, session: Session, library: dict[str, Substance], network: Network
) -> None:
    api, keys = app.test_client(), api_headers(session, "head")
    assert api.get(f"/api/library/substances/{uuid.uuid4()}", headers=keys).status_code == 404
    wrong = {"substance_id": "x", "site_id": str(network.laboratory.id), "lot": "", "purity": "101"}
    answer = api.post("/api/library/lots", json=wrong, headers=keys)
    assert answer.status_code == 422
    fields = {one["field"] for one in answer.json["errors"]}
    assert fields == {"substance_id", "lot", "purity"}


def test_an_operator_loads_the_library_and_looks_into_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any, session: Session
) -> None:
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    session.rollback()
    run = CliRunner().invoke
    assert "version 1" in run(main, ["library", "load"]).output
    shown = run(main, ["library", "show", "XTC"])
    assert shown.exit_code == 0 and "marquis: purple/brown>black" in shown.output
    found = run(main, ["library", "search", "--mz", "194.1176", "--ion", "[M+H]+"])
    assert "mdma  C11H15NO2" in found.output
    alike = run(main, ["library", "search", "--similar", "CNC(C)Cc1ccc2c(c1)OCO2"])
    assert alike.output.startswith("mdma") and "1.00" in alike.output
    assert run(main, ["library", "search", "--contains", "c1cc"]).exit_code == 2
    assert "TA cited: n 4, DP 1.00, MLL 1.00" in run(main, ["library", "systems"]).output
    assert run(main, ["library", "show", "paddo"]).exit_code == 5
    assert run(main, ["library", "show", "unheard of"]).exit_code == 4
