from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.operations import SubmitRun, VerifyRun, submit_run, verify_run
from lims.findings import queries as findings
from lims.findings.evidence import read_evidence
from lims.findings.operations import (
    AmendFinding,
    DraftFinding,
    ReleaseFinding,
    SubmitFinding,
    amend_finding,
    draft_finding,
    release_finding,
    submit_finding,
)
from lims.findings.records import Reissue
from lims.foundation.codes import shown
from lims.foundation.errors import Invalid, Refused
from lims.identification.resemblance import resembling
from lims.identification.unknown_view import followed
from lims.identification.unknowns import (
    NumberSpectrum,
    SolveUnknown,
    number_spectrum,
    solve_unknown,
)
from lims.wiring import connect
from tests.analysis.bench import Bench, fields
from tests.analysis.instrument import give, infrared
from tests.identification.spectra import make_spectral_bench, spectrum_of
from tests.makers import Network, api_headers, log_in_client

STRANGE = ((1000, 40, 1.0), (1700, 30, 0.8))
LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    connect()
    return make_spectral_bench(session, network)


@pytest.fixture
def folder(settings: Any) -> Path:
    found: Path = settings.data_dir
    return found


def run_of(bench: Bench, measured: Any) -> Any:
    from lims.analysis.records import Run

    return bench.session.get_one(Run, measured.upload.run_id)


def numbered(bench: Bench, measured: Any, **given: str) -> Any:
    told = {"description": "two broad bands"} | given
    command = NumberSpectrum(measured.id, run_of(bench, measured).row_version, **told)
    made = number_spectrum(bench.session, bench.network.chemist, command)
    bench.session.flush()
    return made


def released(bench: Bench, run: Any) -> Any:
    """Submit, verify, conclude and release what a run says, by the two people it takes."""
    session, network = bench.session, bench.network
    submit_run(session, network.chemist, SubmitRun(run.id, run.row_version))
    session.flush()
    verify_run(session, network.verifier, VerifyRun(run.id, run.row_version))
    session.flush()
    sample_id = run.samples[0].sample_id
    found = draft_finding(session, network.chemist, DraftFinding(sample_id))
    session.flush()
    submit_finding(session, network.chemist, SubmitFinding(found.id, found.row_version))
    session.flush()
    read = tuple(row["key"] for row in found.methods if row["clash"])
    command = ReleaseFinding(found.id, read, row_version=found.row_version)
    release_finding(session, network.verifier, command)
    session.flush()
    return found


def solved(bench: Bench, unknown: Any, key: str = "synthetic-c") -> None:
    command = SolveUnknown(unknown.id, bench.substances[key].id)
    solve_unknown(bench.session, bench.network.chemist, command)
    bench.session.flush()


def test_a_spectrum_that_nothing_explains_gets_a_number_and_answers_with_it(
    bench: Bench, folder: Path
) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    unknown = numbered(bench, measured)
    (answer,) = run_of(bench, measured).answers
    assert (unknown.number, answer.group, answer.kind) == ("U-0001", "U-0001", "found")
    assert numbered(bench, measured).number == "U-0001"
    assert len(run_of(bench, measured).answers) == 1


def test_a_number_needs_words_and_an_old_number_must_exist(bench: Bench, folder: Path) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    for given, field in (({"description": " "}, "description"), ({"number": "U-9"}, "number")):
        with pytest.raises(Invalid) as refusal:
            numbered(bench, measured, **given)
        assert fields(refusal) == {field}


def test_a_background_gets_no_number(bench: Bench, folder: Path) -> None:
    run = bench.start("ftir")
    made = give(bench, run, infrared(*STRANGE), folder, role="blank", sample_id=None)
    with pytest.raises(Refused):
        numbered(bench, made.spectra[0])


def test_the_same_unknown_is_recognised_in_another_sample(bench: Bench, folder: Path) -> None:
    first = spectrum_of(bench, folder, infrared(*STRANGE))
    numbered(bench, first)
    second = spectrum_of(bench, folder, infrared(*STRANGE, (2900, 8, 0.05)))
    (found,) = resembling(bench.session, second)
    assert found.unknown.number == "U-0001" and found.score > 900
    other = spectrum_of(bench, folder)
    assert resembling(bench.session, other) == []
    assert resembling(bench.session, first) == []
    numbered(bench, second, number="u-0001")
    assert resembling(bench.session, second)[0].unknown.number == "U-0001"


def test_a_solved_unknown_is_no_longer_offered(bench: Bench, folder: Path) -> None:
    unknown = numbered(bench, spectrum_of(bench, folder, infrared(*STRANGE)))
    solved(bench, unknown)
    again = spectrum_of(bench, folder, infrared(*STRANGE))
    assert resembling(bench.session, again) == []


def test_an_unknown_lists_every_sample_that_held_it(bench: Bench, folder: Path) -> None:
    first = spectrum_of(bench, folder, infrared(*STRANGE))
    second = spectrum_of(bench, folder, infrared(*STRANGE, (2900, 8, 0.05)))
    numbered(bench, first)
    numbered(bench, second, number="U-0001")
    found = followed(bench.session, bench.network.chemist, "u-0001", "en")
    assert found.samples == 2 and len(found.sightings) == 2
    assert all(one.spectra and one.may_read for one in found.sightings)
    elsewhere = followed(bench.session, bench.network.other_chemist, "U-0001", "en")
    assert not any(one.may_read for one in elsewhere.sightings)


def test_solving_lists_every_finding_that_was_released_with_the_number(
    bench: Bench, session: Session, folder: Path
) -> None:
    first = spectrum_of(bench, folder, infrared(*STRANGE))
    second = spectrum_of(bench, folder, infrared(*STRANGE, (2900, 8, 0.05)))
    untouched = spectrum_of(bench, folder)
    unknown = numbered(bench, first)
    numbered(bench, second, number=unknown.number)
    standing = [released(bench, run_of(bench, one)) for one in (first, second)]
    solved(bench, unknown)
    listed, total = findings.reissues(session, bench.network.chemist)
    assert {one.finding_id for one in listed} == {one.id for one in standing} and total == 2
    assert all(one.substance.key == "synthetic-c" for one in listed)
    assert findings.reissues(session, bench.network.verifier)[1] == 2
    assert findings.reissues(session, bench.network.other_chemist)[1] == 0
    assert untouched.id and session.scalars(select(Reissue)).all()
    solved(bench, unknown)
    assert findings.reissues(session, bench.network.chemist)[1] == 2


def test_a_new_version_names_the_substance_and_takes_the_finding_off_the_list(
    bench: Bench, session: Session, folder: Path
) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    unknown = numbered(bench, measured)
    old = released(bench, run_of(bench, measured))
    solved(bench, unknown)
    command = AmendFinding(old.id, "the unknown is solved", row_version=old.row_version)
    new = amend_finding(session, bench.network.chemist, command)
    session.flush()
    assert [one.substance.key for one in new.detections] == ["synthetic-c"]
    assert findings.reissues(session, bench.network.chemist)[1] == 1
    submit_finding(session, bench.network.chemist, SubmitFinding(new.id, new.row_version))
    session.flush()
    read = tuple(row["key"] for row in new.methods if row["clash"])
    release_finding(
        session, bench.network.verifier, ReleaseFinding(new.id, read, row_version=new.row_version)
    )
    session.flush()
    assert findings.reissues(session, bench.network.chemist)[1] == 0
    assert [one.label for one in old.detections] == ["U-0001"]


def test_evidence_reads_a_solved_unknown_by_its_name(bench: Bench, folder: Path) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    unknown = numbered(bench, measured)
    run = run_of(bench, measured)
    released(bench, run)
    before = read_evidence(bench.session, run.samples[0].sample_id).readings
    solved(bench, unknown)
    after = read_evidence(bench.session, run.samples[0].sample_id).readings
    assert [one.what.key for one in before] == ["U-0001"]
    assert [one.what.key for one in after] == ["synthetic-c"]


# --------------------------------------------------------------------------------------- doors


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_an_unknown_and_the_work_list_open_in_every_language(
    app: Any, bench: Bench, session: Session, folder: Path, language: str
) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    unknown = numbered(bench, measured)
    released(bench, run_of(bench, measured))
    solved(bench, unknown)
    session.commit()
    chemist = log_in_client(app, session, "chemist")
    page = chemist.get(f"/unknowns/U-0001?lang={language}")
    assert page.status_code == 200 and "SYNTHETIC-C" in page.text and "<svg" in page.text
    assert "U-0001" in chemist.get(f"/work?lang={language}").text
    verifier = log_in_client(app, session, "verifier")
    assert "U-0001" in verifier.get(f"/to-verify?lang={language}").text
    assert chemist.get("/unknowns/U-9999").status_code == 404
    assert log_in_client(app, session, "worker").get("/unknowns/U-0001").status_code == 403


def test_another_laboratory_reads_of_an_unknown_and_is_led_to_no_sample_it_may_not_follow(
    app: Any, bench: Bench, session: Session, folder: Path
) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    numbered(bench, measured)
    sample = run_of(bench, measured).samples[0].sample
    code, life = shown(sample.code), f"/samples/{sample.id}/life"
    session.commit()
    for address in ("/unknowns", "/unknowns/U-0001"):
        own = log_in_client(app, session, "chemist").get(address).text
        other = log_in_client(app, session, "other_chemist").get(address).text
        assert code in own and code in other
        assert life in own and life not in other


def test_a_spectrum_is_numbered_from_its_page_and_by_the_api(
    app: Any, bench: Bench, session: Session, folder: Path
) -> None:
    measured = spectrum_of(bench, folder, infrared(*STRANGE))
    second = spectrum_of(bench, folder, infrared(*STRANGE, (2900, 8, 0.05)))
    run, other = run_of(bench, measured), run_of(bench, second)
    place = f"/runs/{run.id}/spectra/{measured.id}"
    version, theirs = run.row_version, other.row_version
    address = f"/api/identification/spectra/{second.id}/unknown"
    session.commit()
    chemist = log_in_client(app, session, "chemist")
    wrong = chemist.post(f"{place}/unknowns", data={"row_version": version, "number": "U-7"})
    assert wrong.status_code == 422 and 'value="U-7"' in wrong.text
    told = {"row_version": version, "description": "two broad bands"}
    assert chemist.post(f"{place}/unknowns", data=told).status_code == 303
    key = api_headers(session, "chemist")
    client = app.test_client()
    assert client.get(address, headers=key).json[0]["number"] == "U-0001"
    told = {"row_version": theirs, "number": "U-0001"}
    made = client.post(address, json=told, headers=key)
    assert made.status_code == 201 and made.json["number"] == "U-0001"
    found = client.get("/api/identification/unknowns/U-0001", headers=key).json
    assert found["samples"] == 2
