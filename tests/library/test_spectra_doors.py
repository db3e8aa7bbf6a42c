from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from lims.foundation.jobs import Job
from lims.library.spectra import ReferenceSpectrum, SpectrumImport, SpectrumLibrary
from lims.wiring import works
from lims.worker import work_once
from tests.library.makers import make_reference_spectrum, make_spectrum_library, written_msp
from tests.makers import Network, api_headers, log_in_client, make_substance

BASE = "/api/library/spectra"


@pytest.fixture
def mdma(session: Session, network: Network) -> Any:
    return make_substance(session, "mdma")


@pytest.fixture
def stand(session: Session, mdma: Any) -> dict[str, str]:
    """Give the addresses of one library and of one spectrum of each kind."""
    found = {}
    for kind in ("ei", "ir"):
        library = make_spectrum_library(session, name=f"Synthetic {kind}", kind=kind)
        spectrum = make_reference_spectrum(session, library, substance_id=mdma.id)
        found[kind] = f"/library/spectra/{library.id}"
        found[f"one {kind}"] = f"/library/spectra/one/{spectrum.id}"
    own = make_spectrum_library(session, name="Own", own=True)
    waiting = make_reference_spectrum(session, own, substance_id=mdma.id)
    found |= {"own": f"/library/spectra/{own.id}", "waiting": f"/library/spectra/one/{waiting.id}"}
    session.commit()
    return found


def upload(client: Any, data: bytes, name: str = "library.msp") -> Any:
    given = {"file": (io.BytesIO(data), name)}
    return client.post("/library/imports", data=given, content_type="multipart/form-data")


def last_import(session: Session) -> SpectrumImport:
    session.rollback()
    found = session.scalars(select(SpectrumImport).order_by(SpectrumImport.at.desc())).first()
    session.commit()
    assert found is not None
    return found


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_pages_of_spectra_speak_every_language(
    head: Any, stand: dict[str, str], language: str
) -> None:
    pages = ["/library/spectra", "/library/spectra/find", "/library/imports"]
    pages += ["/library/imports/names", *stand.values()]
    for page in pages:
        assert head.get(f"{page}?lang={language}").status_code == 200, page


def test_a_spectrum_is_drawn_with_its_numbers_and_source_beside_it(
    chemist: Any, stand: dict[str, str]
) -> None:
    page = chemist.get(stand["one ei"]).text
    assert '<svg class="chart spectrum"' in page and 'class="stick"' in page
    assert "Relative intensity" in page and "135" in page and "synthetic" in page
    curve = chemist.get(stand["one ir"]).text
    assert 'class="curve"' in curve and "cm⁻¹" in curve


def test_spectra_are_searched_and_what_was_typed_stays(chemist: Any, stand: dict[str, str]) -> None:
    found = chemist.get("/library/spectra/find", query_string={"text": "synth", "ion": "58"})
    assert 'value="synth"' in found.text and stand["one ei"] in found.text
    nothing = chemist.get("/library/spectra/find", query_string={"text": "no such thing"})
    assert "Nothing found." in nothing.text


@pytest.mark.parametrize("typed", [{"ion": "x"}, {"precursor": "-1"}, {"kind": "nmr"}])
def test_a_search_that_cannot_be_meant_says_what_is_wrong(
    chemist: Any, stand: dict[str, str], typed: dict[str, str]
) -> None:
    answer = chemist.get("/library/spectra/find", query_string=typed)
    assert answer.status_code == 422 and 'class="error"' in answer.text


def test_the_list_of_libraries_asks_the_same_number_of_questions_however_long(
    app: Any, session: Session, chemist: Any, stand: dict[str, str]
) -> None:
    asked: list[str] = []
    engine = app.extensions["house"].engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for number in range(2):
        asked.clear()
        for page in ("/library/spectra", "/library/spectra/find"):
            assert chemist.get(page).status_code == 200
        counts.append(len(asked))
        library = make_spectrum_library(session, name=f"More {number}")
        make_reference_spectrum(session, library)
        session.commit()
    assert counts[0] == counts[1]


def test_a_head_reviews_retires_and_decides_on_export_by_page(
    head: Any, session: Session, stand: dict[str, str]
) -> None:
    library = session.scalars(select(SpectrumLibrary).where(SpectrumLibrary.kind == "ir")).one()
    library.state = "draft"
    session.commit()
    assert "Put in use" in head.get(stand["ir"]).text
    acts = [("review", {}), ("exportable", {"exportable": "yes"}), ("retire", {"reason": "old"})]
    for act, typed in acts:
        assert head.post(f"{stand['ir']}/{act}", data=typed).status_code == 303
    session.refresh(library)
    assert (library.state, library.exportable, library.reason) == ("retired", True, "old")
    session.commit()
    assert head.post(f"{stand['waiting']}/review").status_code == 303
    assert "The spectrum is in use" in head.get(stand["waiting"]).text


def test_a_person_does_not_review_their_own_spectrum_by_any_door(
    app: Any, head: Any, session: Session, stand: dict[str, str]
) -> None:
    spectrum = session.scalars(
        select(ReferenceSpectrum).where(ReferenceSpectrum.state == "draft")
    ).one()
    spectrum.added_by = "head"
    session.commit()
    head.post(f"{stand['waiting']}/review")
    assert "another person reviews it" in head.get(stand["waiting"]).text
    keys = api_headers(session, "head")
    answer = app.test_client().post(f"{BASE}/{spectrum.id}/review", json={}, headers=keys)
    assert answer.status_code == 409 and "your own work" in answer.json["detail"]


# ------------------------------------------------------------------------------ importing


def test_a_chemist_brings_in_a_library_step_by_step(
    chemist: Any, app: Any, session: Session, engine: Engine, settings: Any
) -> None:
    answer = upload(chemist, written_msp(3) + b"Name: broken\nNum Peaks: 1\nx y\n\n")
    assert answer.status_code == 303
    place = answer.headers["Location"]
    looked = chemist.get(place).text
    assert "synthetic 0" in looked and "EI mass spectra" in looked and "Record at byte" in looked
    refused = chemist.post(place, data={"kind": "ei", "name": "Mine"})
    assert refused.status_code == 422 and 'value="Mine"' in refused.text
    assert "under which licence" in refused.text
    told = {"kind": "ei", "name": "Mine", "licence": "free"}
    assert chemist.post(place, data=told).status_code == 303
    waiting = chemist.get(place).text
    assert "Waits for the worker" in waiting and 'http-equiv="refresh"' in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "HX-Refresh" not in chemist.get(f"{place}/progress").headers
    work_once(engine, settings.data_dir, works())
    assert chemist.get(f"{place}/progress").headers["HX-Refresh"] == "true"
    done = chemist.get(place).text
    assert "100 % of the file" in done and "Before byte" in done
    assert "synthetic 0" in chemist.get("/library/imports/names").text


def test_an_import_is_stopped_and_goes_on_by_page(
    chemist: Any, session: Session, engine: Engine, settings: Any
) -> None:
    place = upload(chemist, written_msp(2)).headers["Location"]
    chemist.post(place, data={"kind": "ei", "name": "Mine", "licence": "free"})
    assert chemist.post(f"{place}/stop").status_code == 303
    assert "Go on" in chemist.get(place).text
    assert work_once(engine, settings.data_dir, works()) is None
    chemist.post(f"{place}/resume")
    work_once(engine, settings.data_dir, works())
    assert last_import(session).added == 2


@pytest.mark.parametrize("data", [b"", b"\x00" * 50, b"%PDF-1.7", b"just words\n" * 9])
def test_a_file_without_spectra_is_kept_and_told_apart(
    chemist: Any, session: Session, settings: Any, data: bytes
) -> None:
    place = upload(chemist, data).headers["Location"]
    page = chemist.get(place).text
    assert "There is nothing to import in this file." in page
    assert "The file is kept as it came." in page
    refused = chemist.post(place, data={"kind": "ei", "name": "Mine", "licence": "free"})
    assert refused.status_code == 409
    kept = settings.data_dir / "files"
    assert [path.read_bytes() for path in kept.rglob("*") if path.is_file()] == [data]


def test_no_file_is_no_import(chemist: Any) -> None:
    answer = chemist.post("/library/imports", data={})
    assert answer.status_code == 422 and "Choose a file." in answer.text


def test_names_are_linked_and_left_by_page(
    chemist: Any, session: Session, engine: Engine, settings: Any, mdma: Any
) -> None:
    session.commit()
    place = upload(chemist, written_msp(2)).headers["Location"]
    chemist.post(place, data={"kind": "ei", "name": "Mine", "licence": "free"})
    work_once(engine, settings.data_dir, works())
    waiting = list(session.scalars(select(ReferenceSpectrum.identity)))
    session.rollback()
    unknown = {"identity": waiting[0], "substance": "unheard of"}
    assert chemist.post("/library/imports/names/link", data=unknown).status_code == 303
    assert "not in the library" in chemist.get("/library/imports/names").text
    left = {"identity": waiting[1]}
    assert chemist.post("/library/imports/names/leave", data=left).status_code == 303
    keys = {"identity": waiting[0], "substance_id": str(mdma.id)}
    api = chemist.application.test_client()
    linked = api.post(f"{BASE}/names", json=keys, headers=api_headers(session, "chemist"))
    assert linked.json == {"spectra": 1}
    assert "Nothing waits." in chemist.get("/library/imports/names").text


def test_a_program_brings_in_a_library(
    app: Any, session: Session, network: Network, engine: Engine, settings: Any
) -> None:
    api, keys = app.test_client(), api_headers(session, "chemist")
    given = {"file": (io.BytesIO(written_msp(4)), "library.msp")}
    looked = api.post(f"{BASE}/imports", data=given, headers=keys)
    assert (looked.status_code, looked.json["state"], looked.json["kind"]) == (
        201,
        "looked at",
        "ei",
    )
    place = f"{BASE}/imports/{looked.json['id']}"
    assert api.post(f"{place}/begin", json={"kind": "ei"}, headers=keys).status_code == 422
    told = {"kind": "ei", "name": "Mine", "licence": "one laboratory"}
    begun = api.post(f"{place}/begin", json=told, headers=keys)
    assert begun.json["state"] == "importing"
    assert api.post(f"{place}/stop", headers=keys).status_code == 200
    assert api.get(place, headers=keys).json["job"] == "stopped"
    assert api.post(f"{place}/resume", headers=keys).status_code == 200
    work_once(engine, settings.data_dir, works())
    done = api.get(place, headers=keys).json
    assert (done["file"]["added"], done["percent"], done["job"]) == (4, 100, "done")
    listed = api.get(f"{BASE}?text=synthetic", headers=keys).json
    assert listed["total"] == 4
    whole = api.get(f"{BASE}/{listed['items'][0]['id']}", headers=keys).json
    assert (whole["exportable"], whole["x"], whole["points"]) == (False, None, 3)
    assert api.get(f"{BASE}/names", headers=keys).json["total"] == 4
    assert api.get(f"{BASE}/{uuid.uuid4()}", headers=keys).status_code == 404


def test_those_without_the_duty_are_refused_through_every_door(
    app: Any, session: Session, stand: dict[str, str], network: Network
) -> None:
    worker = log_in_client(app, session, "worker")
    for page in ("/library/imports", "/library/imports/names"):
        assert worker.get(page).status_code == 403
    assert upload(worker, written_msp(1)).status_code == 403
    assert worker.get(stand["ei"]).status_code == 200
    for act in ("review", "retire", "exportable", "export"):
        assert worker.post(f"{stand['ei']}/{act}", data={"reason": "x"}).status_code == 403
    api, keys = app.test_client(), api_headers(session, "worker")
    given = {"file": (io.BytesIO(written_msp(1)), "library.msp")}
    assert api.post(f"{BASE}/imports", data=given, headers=keys).status_code == 403
    assert api.get(f"{BASE}/names", headers=keys).status_code == 403
    assert api.get(f"{BASE}/libraries").status_code == 401
    assert session.scalars(select(Job)).all() == []
