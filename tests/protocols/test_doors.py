from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.cli import main
from lims.foundation.shipped import shipped
from lims.network.queries import OPERATOR
from lims.protocols import operations, queries
from lims.protocols.documents import read_document
from lims.protocols.fields import FIELD_WORDS
from lims.protocols.records import ProtocolVersion
from tests.makers import Network, api_headers, log_in_client


@pytest.fixture
def published(session: Session, network: Network) -> list[ProtocolVersion]:
    made = operations.publish_shipped(session, OPERATOR)
    session.commit()
    return made


@pytest.fixture
def worker(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "worker")


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_every_published_protocol_reads_in_every_language(
    worker: Any, published: list[ProtocolVersion], language: str
) -> None:
    listed = worker.get(f"/protocols?lang={language}")
    assert listed.status_code == 200
    for one in published:
        page = worker.get(f"/protocols/{one.id}?lang={language}")
        assert page.status_code == 200, one.label
        assert one.content_hash in page.text
        assert str(one.titles[language]).replace("’", "") in page.text.replace("’", "")
        assert "{" not in page.text.split("<main")[1].split("</main>")[0]


def test_the_list_narrows_to_a_technique(worker: Any, published: list[ProtocolVersion]) -> None:
    page = worker.get("/protocols?technique=tlc").text
    assert "tlc-ta 1" in page and "weighing 1" not in page
    assert worker.get("/protocols?technique=nonsense").status_code == 200


def test_an_empty_list_says_how_protocols_are_published(worker: Any) -> None:
    assert "lims protocols publish" in worker.get("/protocols?technique=raman").text


def test_a_plate_protocol_shows_its_references_windows_and_sources(
    worker: Any, published: list[ProtocolVersion]
) -> None:
    plate = next(one for one in published if one.name == "tlc-ta")
    page = worker.get(f"/protocols/{plate.id}").text
    assert "Chlorprothixene" in page and "Window (± hRf)" in page
    assert "4\u00a0mg" in page and "MDMA, Amphetamine" in page
    assert 'href="#source-clarke"' in page and 'id="source-clarke"' in page


def test_an_older_version_says_so_and_a_newer_one_shows_what_changed(
    worker: Any, session: Session, published: list[ProtocolVersion]
) -> None:
    first = queries.latest(session, "weighing")
    session.expunge_all()
    session.rollback()
    document = dict(read_document(shipped("protocols") / "weighing-1.yaml"))
    title = {**document["title"], "en": "Weighing twice"}
    document = {**document, "version": 2, "supersedes": "weighing-1", "title": title}
    second = operations.publish(session, OPERATOR, document)
    assert second is not None
    session.commit()
    old = worker.get(f"/protocols/{first.id}").text
    assert "A newer version is in force:" in old and str(second.id) in old
    new = worker.get(f"/protocols/{second.id}").text
    assert "What changed since version 1" in new and "<ins>Weighing twice</ins>" in new
    assert "<code>version</code>" not in new


def test_those_without_the_duty_are_refused_through_every_door(
    app: Any, session: Session, published: list[ProtocolVersion]
) -> None:
    keeper = log_in_client(app, session, "administrator")
    keys, api = api_headers(session, "administrator"), app.test_client()
    for path in ("/protocols", f"/protocols/{published[0].id}"):
        assert keeper.get(path).status_code == 403
        assert api.get(f"/api{path}", headers=keys).status_code == 403
        assert api.get(f"/api{path}").status_code == 401


def test_a_program_reads_a_protocol_as_published(
    app: Any, session: Session, published: list[ProtocolVersion]
) -> None:
    api, keys = app.test_client(), api_headers(session, "worker")
    (tlc, _other) = api.get("/api/protocols?technique=tlc", headers=keys).json
    whole = api.get(f"/api/protocols/{tlc['id']}", headers=keys).json
    assert whole["document"]["name"] == tlc["name"] == "tlc-ta"
    assert api.get("/api/protocols?technique=magic", headers=keys).status_code == 422
    assert api.get(f"/api/protocols/{uuid.uuid4()}", headers=keys).status_code == 404


def test_an_unknown_protocol_is_a_page_of_its_own(worker: Any) -> None:
    assert worker.get(f"/protocols/{uuid.uuid4()}").status_code == 404


def test_an_operator_checks_and_publishes_documents(
    monkeypatch: pytest.MonkeyPatch, settings: Any, session: Session, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    session.rollback()
    run = CliRunner().invoke
    good = shipped("protocols") / "weighing-1.yaml"
    assert run(main, ["protocols", "check", str(good)]).output.startswith("weighing 1 ")
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text(encoding="utf-8").replace("version: 1", "version: 0"))
    refused = run(main, ["protocols", "check", str(bad)])
    assert refused.exit_code == 2 and "version: A version is a whole number" in refused.output
    assert run(main, ["protocols", "check", str(tmp_path / "absent.yaml")]).exit_code == 2
    assert "weighing 1" in run(main, ["protocols", "publish"]).output
    assert "nothing new" in run(main, ["protocols", "publish"]).output
    changed = tmp_path / "weighing-1.yaml"
    changed.write_text(good.read_text(encoding="utf-8").replace("safety:", "safety:", 1) + "\n")
    assert "nothing new" in run(main, ["protocols", "publish", str(changed)]).output
    document = good.read_text(encoding="utf-8")
    changed.write_text(document.replace("own: ", "own: Changed. ", 1), encoding="utf-8")
    refused = run(main, ["protocols", "publish", str(changed)])
    assert refused.exit_code == 5 and "already published with another content" in refused.output


def test_everything_that_a_shipped_step_asks_to_record_has_words(
    published: list[ProtocolVersion],
) -> None:
    steps = [step for one in published for step in one.document["steps"]]
    asked = {name for step in steps for name in step["records"]}
    assert {"plate.front_mm", "spot.distance_mm"} <= asked
    assert asked <= set(FIELD_WORDS)
