from __future__ import annotations

import io
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.words import LANGUAGES, say
from lims.intake.batch_commands import intake
from lims.intake.records import Sample
from tests.intake.sheets import row, text_sheet
from tests.makers import Network, api_headers, load_vocabularies, log_in_client, make_block

WRONG = text_sheet(row(mass_mg="heavy"), row(mass_mg="2"))
RIGHT = text_sheet(row(mass_mg="1", logo="a"), row(mass_mg="2", logo="b"))


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    return network


@pytest.fixture
def counter(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at the counter."""
    return log_in_client(app, session, "worker")


def samples(session: Session) -> int:
    session.rollback()
    found = session.scalar(select(func.count()).select_from(Sample)) or 0
    session.rollback()
    return found


def post(client: Any, content: bytes, act: str, **more: Any) -> Any:
    told = {"act": act, "file": (io.BytesIO(content), "sheet.csv"), **more}
    return client.post("/samples/batch", data=told, content_type="multipart/form-data")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_offers_the_template_in_the_readers_language(counter: Any, language: str) -> None:
    page = counter.get(f"/samples/batch?lang={language}").text
    assert say("The empty sheet", language) in page
    for kind, begins in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfvisit;day")):
        file = counter.get(f"/samples/batch/template.{kind}?lang={language}")
        assert file.status_code == 200 and file.data.startswith(begins)
        assert f"balise-{language}.{kind}" in file.headers["Content-Disposition"]


def test_a_sheet_is_looked_at_then_registered_without_choosing_it_again(
    counter: Any, session: Session
) -> None:
    looked = post(counter, RIGHT, "look")
    assert looked.status_code == 200 and samples(session) == 0
    carried = looked.text.split('name="carried" value="')[1].split('"')[0]
    made = counter.post("/samples/batch", data={"act": "register", "carried": carried})
    assert made.status_code == 200 and samples(session) == 2
    again = counter.post("/samples/batch", data={"act": "register", "carried": carried})
    assert "registered already" in again.text and samples(session) == 2


def test_wrong_cells_are_a_table_on_the_page_and_a_column_in_the_sheet(
    counter: Any, session: Session
) -> None:
    answer = post(counter, WRONG, "register")
    assert answer.status_code == 422 and samples(session) == 0
    assert ">E2</span>" in answer.text and "is not a number" in answer.text
    for kind in ("csv", "xlsx"):
        back = post(counter, WRONG, "remarks", kind=kind)
        assert back.status_code == 200 and samples(session) == 0
        assert "attachment" in back.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 nothing", b"a;b\n1;2\n", b"\xff\xfe\x00\xd8"], ids=range(4)
)
def test_a_file_that_is_no_sheet_is_refused_in_words(counter: Any, content: bytes) -> None:
    answer = post(counter, content, "look")
    assert answer.status_code in (409, 422) and 'id="f-file-e"' in answer.text


@pytest.mark.parametrize("carried", ["", "%%%", "AAAA"])
def test_a_carried_sheet_that_was_changed_is_refused(counter: Any, carried: str) -> None:
    answer = counter.post("/samples/batch", data={"act": "register", "carried": carried})
    assert answer.status_code in (409, 422)


def test_who_may_not_register_has_no_page(app: Any, session: Session, ready: Network) -> None:
    chemist = log_in_client(app, session, "chemist")
    for address in ("/samples/batch", "/samples/batch/template.xlsx"):
        assert chemist.get(address).status_code == 403
    assert post(chemist, RIGHT, "register").status_code == 403


def test_an_unknown_kind_of_template_is_refused(counter: Any) -> None:
    assert counter.get("/samples/batch/template.exe").status_code == 422


def test_the_machine_door_does_the_same(app: Any, session: Session, ready: Network) -> None:
    key, client = api_headers(session, "worker"), app.test_client()
    template = client.get("/api/intake/batches/template?kind=csv&language=nl", headers=key)
    assert template.status_code == 200 and template.data.startswith(b"\xef\xbb\xbfvisit")
    address = f"/api/intake/batches?site_id={ready.counter.id}"
    wrong = client.post(f"{address}&dry_run=false", data=WRONG, headers=key).json
    assert [one["address"] for one in wrong["problems"]] == ["E2"] and not wrong["is_kept"]
    looked = client.post(address, data=RIGHT, headers=key).json
    assert (looked["samples"], looked["is_kept"]) == (2, False) and samples(session) == 0
    made = client.post(f"{address}&dry_run=false", data=RIGHT, headers=key).json
    assert made["is_kept"] and len(made["codes"]) == 2 and samples(session) == 2
    again = client.post(f"{address}&dry_run=false", data=RIGHT, headers=key).json
    assert again["known_rows"] == [2, 3] and samples(session) == 2
    refused = client.post(address, data=b"", headers=key)
    assert refused.status_code == 409 and refused.json["detail"]
    stranger = api_headers(session, "chemist")
    assert client.post(address, data=RIGHT, headers=stranger).status_code == 403


def test_the_command_does_the_same(
    session: Session, ready: Network, settings: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    session.rollback()
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_bytes(WRONG)
    right.write_bytes(RIGHT)

    def run(*words: Any) -> Any:
        return CliRunner().invoke(intake, [str(word) for word in words])

    blank = tmp_path / "blank.xlsx"
    assert run("template", blank).exit_code == 0 and blank.read_bytes().startswith(b"PK")
    failed = run("import", wrong, "--site", "Counter", "--remarks", tmp_path / "back.csv")
    assert failed.exit_code == 2 and "E2 mass_mg: “heavy” is not a number" in failed.output
    assert "mass_mg" in (tmp_path / "back.csv").read_text(encoding="utf-8-sig")
    looked = run("import", right, "--site", "Counter", "--dry-run")
    assert looked.exit_code == 0 and "Would be registered: 2 samples" in looked.output
    assert samples(session) == 0
    session.rollback()
    assert "Registered: 2 samples of 2 visits" in run("import", right, "--site", "Counter").output
    assert "Known already: 2" in run("import", right, "--site", "Counter").output
    assert samples(session) == 2
    session.rollback()
    assert run("import", right, "--site", "Nowhere").exit_code == 4
    assert run("import", blank, "--site", "Counter").exit_code == 5
