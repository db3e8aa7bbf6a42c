from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.cli import main
from lims.foundation.errors import NotPermitted, Refused
from lims.library import collecting, collection, exporting, outgoing, queries
from lims.library.collecting import DecideExport
from lims.library.operations import load_library
from lims.library.spectra import ReferenceSpectrum, SpectrumImport, SpectrumLibrary
from lims.network.queries import OPERATOR
from lims.spectra.reading import read
from tests.library.makers import make_reference_spectrum, make_spectrum_library, written_msp
from tests.makers import Network, api_headers, log_in_client

RUN = CliRunner()


def test_the_shipped_ions_are_loaded_once_with_their_licence_and_source(
    session: Session, network: Network
) -> None:
    first = load_library(session, OPERATOR)
    found = {one.library.name: one for one in collection.libraries(session, network.head)}
    assert {name: one.spectra for name, one in found.items()} == {
        "Principal ions (EI, share alike)": 2,
        "Principal ions (MS/MS)": 164,
        "Principal ions (MS/MS, share alike)": 45,
    }
    for one in found.values():
        assert one.library.few and one.library.state == "reviewed" and one.library.exportable
        assert one.resolved == one.spectra
    assert list(collection.spectra_in_use(session, "msms")) == []
    caffeine = queries.substance_by_key(session, "caffeine")
    assert caffeine is not None
    facts = [one.facts for one in collection.spectra_of_substance(session, caffeine.id)]
    assert all(told["licence"] and told["record"].startswith("MSBNK-") for told in facts)
    assert load_library(session, OPERATOR).id == first.id


# ------------------------------------------------------------------------------ leaving


@pytest.mark.parametrize("kind", ["ei", "msms", "ir", "raman"])
def test_an_exported_library_reads_again_as_it_was(
    session: Session, network: Network, engine: Engine, kind: str
) -> None:
    library = make_spectrum_library(session, kind=kind, exportable=True)
    x, y = (400.123456, 500.5, 1333.1), (0.25, 0.5, 1.125)
    facts = {"precursor_mz": 180.102, "precursor_type": "[M+H]+"} if kind == "msms" else {}
    make_reference_spectrum(session, library, x, y, name="Méphédrone", **facts)
    make_reference_spectrum(session, library, x, (1.0, 0.5, 0.25), name="retired", state="retired")
    export = exporting.export_library(session, network.chemist, library.id)
    session.commit()
    text = "".join(outgoing.texts(engine, export.library_id))
    (found,) = read(text.encode(), export.name)
    assert (found.kind, found.facts["name"]) == (kind, "Méphédrone")
    assert np.array_equal(found.x, x) and np.array_equal(found.y, y)


def test_what_may_not_be_exported_leaves_through_no_door(
    app: Any, session: Session, network: Network, command_line: Any
) -> None:
    library = make_spectrum_library(session, licence="one laboratory only")
    make_reference_spectrum(session, library)
    session.commit()
    library_id = library.id
    with pytest.raises(Refused, match="one laboratory only"):
        exporting.export_library(session, network.chemist, library_id)
    session.rollback()
    page = log_in_client(app, session, "chemist").post(f"/library/spectra/{library_id}/export")
    assert page.status_code == 409 and "one laboratory only" in page.text
    keys = api_headers(session, "chemist")
    api = app.test_client()
    answer = api.post(f"/api/library/spectra/libraries/{library_id}/export", headers=keys)
    assert answer.status_code == 409 and "one laboratory only" in answer.json["detail"]
    told = command_line("export", "Synthetic spectra")
    assert told.exit_code == 5 and "one laboratory only" in told.stderr


def test_a_head_decides_and_then_it_may_leave(
    app: Any, session: Session, network: Network, command_line: Any, tmp_path: Path
) -> None:
    library = make_spectrum_library(session, licence="free")
    make_reference_spectrum(session, library)
    library_id = library.id
    collecting.decide_export(session, network.head, DecideExport(library_id, True))
    session.commit()
    page = log_in_client(app, session, "chemist").post(f"/library/spectra/{library_id}/export")
    assert page.status_code == 200 and "License: free" in page.text
    assert "synthetic-spectra.msp" in page.headers["Content-Disposition"]
    target = tmp_path / "out.msp"
    assert command_line("export", "Synthetic spectra", "--output", str(target)).exit_code == 0
    assert target.read_text(encoding="utf-8") == page.text
    keys = api_headers(session, "chemist")
    path = f"/api/library/spectra/libraries/{library_id}/export"
    assert app.test_client().post(path, headers=keys).text == page.text


def test_only_those_who_add_references_export(session: Session, network: Network) -> None:
    library = make_spectrum_library(session, exportable=True)
    with pytest.raises(NotPermitted):
        exporting.export_library(session, network.worker, library.id)


# ------------------------------------------------------------------------------ command line


@pytest.fixture
def command_line(settings: Any, session: Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))

    def said(*words: str) -> Result:
        session.rollback()
        return RUN.invoke(main, ["library", *words])

    return said


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "swg.msp"
    path.write_bytes(written_msp(600) + b"Name: broken\nNum Peaks: 1\nx y\n\n")
    return path


def test_an_operator_imports_a_library_of_any_size_and_reads_what_came_of_it(
    session: Session, network: Network, command_line: Any, file: Path
) -> None:
    told = command_line("import", str(file), "--name", "SWG", "--licence", "free", "--json")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    assert (answer["state"], answer["added"], answer["refused"]) == ("done", 600, 1)
    assert answer["refusals"][0]["words"].startswith("Record at byte")
    library = session.scalars(select(SpectrumLibrary)).one()
    assert (library.state, library.exportable, library.added_by) == ("draft", False, "operator")


def test_more_files_go_into_a_library_that_nobody_has_reviewed(
    session: Session, network: Network, command_line: Any, file: Path, tmp_path: Path
) -> None:
    command_line("import", str(file), "--name", "SWG", "--licence", "free")
    more = tmp_path / "more.msp"
    more.write_bytes(written_msp(5, first=9000))
    told = command_line("import", str(more), "--into", "SWG", "--json")
    assert told.exit_code == 0 and json.loads(told.stdout)["added"] == 5
    assert session.scalar(select(func.count()).select_from(ReferenceSpectrum)) == 605
    assert command_line("import", str(more), "--into", "unheard of").exit_code == 4


def test_a_dry_run_of_an_import_writes_nothing(
    session: Session, network: Network, command_line: Any, file: Path
) -> None:
    told = command_line("import", str(file), "--dry-run", "--json")
    answer = json.loads(told.stdout)
    assert told.exit_code == 0 and answer["kind"] == "ei" and answer["looked_at"] == 200
    counted = [
        session.scalar(select(func.count()).select_from(table))
        for table in (SpectrumImport, SpectrumLibrary, ReferenceSpectrum)
    ]
    assert counted == [0, 0, 0]


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (["--licence", "free"], 2, "name"),
        (["--name", "SWG"], 2, "licence"),
        (["--name", "SWG", "--licence", "free", "--kind", "ir"], 0, ""),
    ],
)
def test_an_import_that_lacks_something_says_what(
    network: Network, command_line: Any, file: Path, given: list[str], code: int, words: str
) -> None:
    told = command_line("import", str(file), *given)
    assert told.exit_code == code and words in told.stderr


def test_a_file_that_is_no_library_is_refused_with_a_sentence(
    network: Network, command_line: Any, tmp_path: Path
) -> None:
    path = tmp_path / "picture.msp"
    path.write_bytes(b"%PDF-1.7")
    told = command_line("import", str(path), "--name", "SWG", "--licence", "free")
    assert told.exit_code == 5 and "PDF" in told.stderr
    assert command_line("import", str(path), "--dry-run").exit_code == 5
    assert command_line("import", str(tmp_path / "none.msp"), "--dry-run").exit_code == 2
