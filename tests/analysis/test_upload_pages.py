from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.analysis.operations import RecordResults, record_results
from lims.analysis.records import Peak
from lims.analysis.results import PeakGiven
from tests.analysis.bench import Bench, make_bench
from tests.analysis.instrument import IONS, give, infrared, several
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


@pytest.fixture
def folder(settings: Any) -> Path:
    found: Path = settings.data_dir
    return found


@pytest.fixture
def run(bench: Bench) -> Any:
    made = bench.start("ftir")
    bench.session.commit()
    return made


def address(run: Any, more: str = "") -> str:
    return f"/runs/{run.id}/files{more}"


def sent(run: Any, *data: tuple[bytes, str], **given: str) -> dict[str, Any]:
    """Return the fields of the form with files."""
    typed = {"sample_id": str(run.samples[0].sample_id), "role": "sample", **given}
    run._sa_instance_state.session.commit()
    return {**typed, "file": [(io.BytesIO(one), name) for one, name in data]}


def uploads(bench: Bench) -> list[Upload]:
    bench.session.rollback()
    bench.session.expire_all()
    return list(bench.session.scalars(select(Upload).order_by(Upload.at)))


# --------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_files_opens_in_every_language(
    chemist: Any, bench: Bench, run: Any, folder: Path, language: str
) -> None:
    assert chemist.get(address(run, f"?lang={language}")).status_code == 200
    give(bench, run, infrared(), folder)
    give(bench, run, b"rubbish", folder, name="broken.spc")
    bench.session.commit()
    page = chemist.get(address(run, f"?lang={language}"))
    assert page.status_code == 200 and "broken.spc" in page.text
    assert chemist.get(f"/runs/{run.id}?lang={language}").status_code == 200


def test_one_readable_file_leads_to_its_spectrum(chemist: Any, bench: Bench, run: Any) -> None:
    answer = chemist.post(address(run), data=sent(run, (infrared(), "a.csv")))
    assert answer.status_code == 303 and "/spectra/" in answer.location
    assert uploads(bench)[0].state == "read"


def test_several_files_are_kept_at_once_and_the_broken_one_says_why(
    chemist: Any, bench: Bench, run: Any
) -> None:
    data = sent(run, (infrared(), "a.csv"), (b"rubbish", "b.spc"))
    answer = chemist.post(address(run), data=data, follow_redirects=True)
    assert answer.status_code == 200 and "is kept, but was not read" in answer.text
    assert [one.state for one in uploads(bench)] == ["read", "refused"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_without_a_file_comes_back_with_what_was_typed(
    chemist: Any, bench: Bench, run: Any, language: str
) -> None:
    typed = {"sample_id": str(run.samples[0].sample_id), "role": "blank", "y_unit": "absorbance"}
    bench.session.commit()
    answer = chemist.post(address(run, f"?lang={language}"), data=typed)
    assert answer.status_code == 422 and 'href="#f-file"' in answer.text
    assert '<option value="blank" selected>' in answer.text
    assert '<option value="absorbance" selected>' in answer.text


def test_the_same_file_twice_is_refused_on_the_page(chemist: Any, bench: Bench, run: Any) -> None:
    chemist.post(address(run), data=sent(run, (infrared(), "a.csv")))
    answer = chemist.post(address(run), data=sent(run, (infrared(), "b.csv")))
    assert answer.status_code == 422 and "a.csv" in answer.text
    assert len(uploads(bench)) == 1


def test_a_file_comes_back_byte_for_byte_and_is_never_shown(
    chemist: Any, bench: Bench, run: Any, folder: Path
) -> None:
    data = b"<html><script>alert(1)</script>"
    made = give(bench, run, data, folder, name='ev"il.html')
    bench.session.commit()
    answer = chemist.get(address(run, f"/{made.id}/content"))
    assert answer.data == data and answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_units_that_were_missing_are_said_and_the_file_is_read(
    chemist: Any, bench: Bench, run: Any, folder: Path
) -> None:
    made = give(bench, run, infrared(head=""), folder)
    bench.session.commit()
    told = {"y_unit": "absorbance"}
    chemist.post(address(run, f"/{made.id}/reading"), data=told)
    assert uploads(bench)[0].state == "read"


def test_a_file_is_taken_off_by_its_button(
    chemist: Any, bench: Bench, run: Any, folder: Path
) -> None:
    made = give(bench, run, infrared(), folder)
    bench.session.commit()
    assert chemist.post(address(run, f"/{made.id}/removal")).status_code == 303
    assert uploads(bench) == []


def test_the_mean_of_scans_is_made_on_the_page_or_refused_with_what_was_typed(
    chemist: Any, bench: Bench, folder: Path
) -> None:
    run = bench.start("gc-ms")
    made = give(bench, run, several(IONS, IONS, IONS), folder, name="run.msp")
    bench.session.commit()
    wrong = chemist.post(address(run, f"/{made.id}/scans"), data={"first": "2", "last": "9"})
    assert wrong.status_code == 422 and 'value="9"' in wrong.text
    answer = chemist.post(address(run, f"/{made.id}/scans"), data={"first": "1", "last": "2"})
    assert answer.status_code == 303 and "/spectra/" in answer.location


def test_typed_ions_become_a_spectrum(chemist: Any, bench: Bench, session: Session) -> None:
    run = bench.start("gc-ms")
    from decimal import Decimal

    sample = run.samples[0].sample_id
    peaks = (
        PeakGiven(sample, Decimal("7.4"), ions="58:100, 105 (31) 135=44"),
        PeakGiven(sample, Decimal("8.1"), ions="58, 105"),
    )
    command = RecordResults(run.id, run.row_version, peaks)
    record_results(session, bench.network.chemist, command)
    session.commit()
    good, bare = session.scalars(select(Peak).order_by(Peak.position)).all()
    ids = good.id, bare.id
    session.commit()
    assert "Search these ions" in chemist.get(f"/runs/{run.id}").text
    chemist.post(address(run, f"/peaks/{ids[0]}"))
    answer = chemist.post(address(run, f"/peaks/{ids[1]}"), follow_redirects=True)
    assert "such as 58:100" in answer.text
    session.rollback()
    (spectrum,) = session.scalars(select(MeasuredSpectrum)).all()
    assert (spectrum.kind, spectrum.points, spectrum.sticks) == ("ei", 3, True)


def test_strangers_neither_see_nor_give_files(
    app: Any, bench: Bench, run: Any, folder: Path, session: Session
) -> None:
    made = give(bench, run, infrared(), folder)
    session.commit()
    other = log_in_client(app, session, "other_chemist")
    assert other.get(address(run)).status_code == 404
    assert other.get(address(run, f"/{made.id}/content")).status_code == 404
    assert other.post(address(run), data=sent(run, (b"x", "a"))).status_code in (403, 404)
    assert log_in_client(app, session, "worker").get(address(run)).status_code == 403


# ----------------------------------------------------------------------------- the machine door


def test_the_api_gives_reads_and_takes_off_a_file(
    client: Any, key: dict[str, str], bench: Bench, run: Any
) -> None:
    file_id, sample_id = uuid.uuid4(), run.samples[0].sample_id
    bench.session.commit()
    place = f"/api/analysis/runs/{run.id}/files/{file_id}?name=a.csv&sample_id={sample_id}"
    bytes_of = {**key, "Content-Type": "application/octet-stream"}
    for _again in range(2):
        answer = client.put(place, data=infrared(), headers=bytes_of)
        assert answer.status_code == 200 and answer.json["state"] == "read", answer.text
    listed = client.get(f"/api/analysis/runs/{run.id}/files", headers=key).json["files"]
    assert [one["name"] for one in listed] == ["a.csv"]
    spectrum = listed[0]["spectra"][0]
    numbers = client.get(f"/api/analysis/spectra/{spectrum['id']}", headers=key).json
    assert len(numbers["x"]) == len(numbers["y"]) == spectrum["points"]
    content = client.get(f"/api/analysis/files/{file_id}/content", headers=key)
    assert content.data == infrared()
    assert client.delete(f"/api/analysis/files/{file_id}", headers=key).status_code == 204
    assert client.get(f"/api/analysis/files/{file_id}", headers=key).status_code == 404


def test_the_api_keeps_what_it_cannot_read_and_says_why(
    client: Any, key: dict[str, str], bench: Bench, run: Any
) -> None:
    sample_id = run.samples[0].sample_id
    bench.session.commit()
    place = f"/api/analysis/runs/{run.id}/files/{uuid.uuid4()}?name=b.spc&sample_id={sample_id}"
    answer = client.put(place, data=b"rubbish", headers={**key, "Accept-Language": "fr"})
    assert answer.status_code == 200 and answer.json["state"] == "refused"
    assert answer.json["refusal"] and answer.json["spectra"] == []


def test_the_api_refuses_a_file_of_nobody(
    client: Any, key: dict[str, str], bench: Bench, run: Any
) -> None:
    bench.session.commit()
    place = f"/api/analysis/runs/{run.id}/files/{uuid.uuid4()}?name=b.csv"
    answer = client.put(place, data=infrared(), headers=key)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "sample_id"
