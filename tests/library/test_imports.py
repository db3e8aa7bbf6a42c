from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.foundation import clock, files, jobs
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.foundation.jobs import Job
from lims.foundation.words import kept
from lims.library import collecting, collection, importing, imports, taking
from lims.library.collecting import AddSpectrumLibrary, ReviewLibrary
from lims.library.importing import LookAtFile
from lims.library.spectra import SpectrumImport, SpectrumLibrary
from lims.wiring import works
from lims.worker import work_once
from tests.library.conftest import Bring, asked, count, now_is
from tests.library.makers import written_msp
from tests.makers import Network

CHECKOUT = Path(__file__).resolve().parents[2]


def test_a_library_is_imported_to_its_end_and_waits_for_review(
    session: Session, network: Network, imported: Callable[..., SpectrumImport]
) -> None:
    found = imported(written_msp(1203))
    assert (found.state, found.read, found.added, found.refused) == ("done", 1203, 1203, 0)
    assert found.position == found.size
    held = collection.library(session, network.head, found.library_id)  # type: ignore[arg-type]
    assert (held.library.state, held.library.exportable, held.spectra) == ("draft", False, 1203)
    assert list(collection.spectra_in_use(session, "ei")) == []
    collecting.review_library(session, network.head, ReviewLibrary(held.library.id))
    assert len(list(collection.spectra_in_use(session, "ei"))) == 1203


def test_who_imported_a_file_does_not_review_its_library(
    session: Session, network: Network, engine: Engine, folder: Path, bring: Bring
) -> None:
    library = collecting.add_spectrum_library(
        session, network.chemist, AddSpectrumLibrary("Shared", "ei", "free")
    )
    found = bring(written_msp(3))
    importing.begin_import(session, network.head, asked(found, library_id=library.id))
    session.commit()
    with pytest.raises(Refused, match="has not ended"):
        collecting.review_library(session, network.head, ReviewLibrary(library.id))
    session.rollback()
    work_once(engine, folder, works())
    with pytest.raises(Refused, match="your own work"):
        collecting.review_library(session, network.head, ReviewLibrary(library.id))


def test_the_same_record_twice_is_kept_once_and_counted(
    session: Session, imported: Callable[..., SpectrumImport]
) -> None:
    found = imported(written_msp(700) + written_msp(10) + written_msp(5))
    assert (found.read, found.added, found.duplicates) == (715, 700, 15)
    assert count(session) == 700


def test_a_packed_library_is_imported_like_a_plain_one(
    session: Session, imported: Callable[..., SpectrumImport]
) -> None:
    found = imported(gzip.compress(written_msp(1100)), "library.msp.gz")
    assert (found.state, found.added) == ("done", 1100)


def test_records_that_cannot_stand_in_the_library_are_listed_with_their_place(
    session: Session, imported: Callable[..., SpectrumImport]
) -> None:
    broken = b"Name: broken\nNum Peaks: 3\n40 abc\n\n"
    other = written_msp(
        1,
        90,
        Spectrum_type="MS2",
        Ionization="",
        Instrument_type="LC-ESI-QTOF",
        PrecursorMZ="300.1",
    )
    data = written_msp(2) + broken + other + written_msp(3, 5)
    found = imported(data)
    assert (found.state, found.added, found.refused, found.read) == ("done", 5, 2, 7)
    places = [one["position"] for one in found.refusals]
    assert places == [len(written_msp(2) + broken), len(written_msp(2) + broken + other)]
    assert str(kept(found.refusals[0])).startswith("Record at byte")
    assert "the library holds EI mass spectra" in str(kept(found.refusals[1]))


def test_of_very_many_refusals_the_first_are_kept_and_all_are_counted(
    session: Session, imported: Callable[..., SpectrumImport]
) -> None:
    data = written_msp(1) + b"Name: broken\nNum Peaks: 1\nx y\n\n" * 650
    found = imported(data)
    assert (found.added, found.refused) == (1, 650)
    assert len(found.refusals) == importing.KEPT_REFUSALS


# ------------------------------------------------------------------------------ going on


def test_an_import_that_was_killed_goes_on_and_adds_nothing_twice(
    session: Session,
    network: Network,
    engine: Engine,
    folder: Path,
    bring: Bring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = bring(written_msp(2600))
    importing.begin_import(session, network.chemist, asked(found))
    session.commit()
    taken = importing.take_in
    begun: list[int] = []

    def killed(*given: Any) -> None:
        begun.append(1)
        taken(*given)
        if len(begun) == 3:
            raise SystemExit  # after the third part is written and before it is committed

    monkeypatch.setattr(importing, "take_in", killed)
    with pytest.raises(SystemExit):
        work_once(engine, folder, works())
    assert (now_is(session, found).added, count(session)) == (1000, 1000)
    monkeypatch.undo()
    with clock.stopped_at(clock.now() + jobs.SILENCE + timedelta(seconds=1)):
        done = work_once(engine, folder, works())
    assert done is not None and (done.state, done.attempts) == ("done", 2)
    assert (now_is(session, found).added, found.duplicates, count(session)) == (2600, 0, 2600)


def test_a_worker_killed_by_the_system_loses_and_doubles_nothing(
    session: Session,
    network: Network,
    settings: Any,
    bring: Bring,
    folder: Path,
    engine: Engine,
) -> None:
    settings.data_dir.rmdir()
    folder.mkdir(exist_ok=True)
    folder.rename(settings.data_dir)
    settings.data_dir.joinpath("files").mkdir(exist_ok=True)
    data = written_msp(20_000)
    sha256 = files.store(settings.data_dir, data)
    command = LookAtFile("library.msp", sha256, len(data), settings.data_dir)
    found = importing.look_at_file(session, network.chemist, command)
    importing.begin_import(session, network.chemist, asked(found))
    session.commit()
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    environment |= {"LIMS_DATABASE_URL": settings.database, "LIMS_DATA_DIR": str(settings.data_dir)}
    process = subprocess.Popen([sys.executable, "-m", "lims", "worker"], env=environment)
    try:
        deadline = time.monotonic() + 60
        while not now_is(session, found).added and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    at_the_kill = now_is(session, found).added
    assert 0 < at_the_kill < 20_000
    assert count(session) == at_the_kill
    with clock.stopped_at(clock.now() + jobs.SILENCE + timedelta(seconds=1)):
        work_once(engine, settings.data_dir, works())
    assert (now_is(session, found).state, found.added, found.duplicates) == ("done", 20_000, 0)
    assert count(session) == 20_000


def test_an_import_is_stopped_left_and_resumed(
    session: Session,
    network: Network,
    engine: Engine,
    folder: Path,
    bring: Bring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = bring(written_msp(1400))
    importing.begin_import(session, network.chemist, asked(found))
    session.commit()
    taken = importing.take_in

    def stopped_meanwhile(*given: Any) -> None:
        taken(*given)
        monkeypatch.undo()
        given[0].commit()
        with open_session(engine) as another:
            importing.stop_import(another, network.second_chemist, found.id)
            another.commit()

    monkeypatch.setattr(importing, "take_in", stopped_meanwhile)
    work_once(engine, folder, works())
    assert now_is(session, found).added == 500
    assert work_once(engine, folder, works()) is None
    shown = imports.one_import(session, network.chemist, found.id)
    assert shown.job is not None and shown.job.state == "stopped"
    importing.resume_import(session, network.chemist, found.id)
    session.commit()
    work_once(engine, folder, works())
    assert (now_is(session, found).state, found.added) == ("done", 1400)
    with pytest.raises(Refused):
        importing.stop_import(session, network.chemist, found.id)


def test_parts_end_where_a_record_of_the_file_ends() -> None:
    from lims.spectra.reading import Record

    records = [Record(position, None, None) for position in (10, 20, 20, 20, 30, 40)]
    cut = [[one.position for one in part] for part in taking.parts(iter(records), 10, 2)]
    assert cut == [[20, 20, 20], [30, 40]]


# ------------------------------------------------------------------------------ asking


def test_an_import_asks_for_name_licence_and_kind(
    session: Session, network: Network, bring: Bring
) -> None:
    found = bring(written_msp(1))
    for wrong in ({"name": ""}, {"licence": " "}, {"kind": "nmr"}):
        with pytest.raises(Invalid):
            importing.begin_import(session, network.chemist, asked(found, **wrong))
    assert session.scalar(select(func.count()).select_from(Job)) == 0
    importing.begin_import(session, network.chemist, asked(found))
    with pytest.raises(Refused):
        importing.begin_import(session, network.chemist, asked(found, name="again"))


def test_nothing_is_imported_into_a_library_in_use_or_of_another_kind(
    session: Session, network: Network, bring: Bring
) -> None:
    add = collecting.add_spectrum_library
    library = add(session, network.chemist, AddSpectrumLibrary("IR", "ir", "free"))
    found = bring(written_msp(1))
    with pytest.raises(Invalid):
        importing.begin_import(session, network.chemist, asked(found, library_id=library.id))
    library.state = "reviewed"
    with pytest.raises(Invalid):
        command = asked(found, library_id=library.id, kind="ir")
        importing.begin_import(session, network.chemist, command)


def test_only_those_who_add_references_import(
    session: Session, network: Network, bring: Bring
) -> None:
    found = bring(written_msp(1))
    for actor in (network.worker, network.verifier):
        with pytest.raises(NotPermitted):
            importing.begin_import(session, actor, asked(found))
        with pytest.raises(NotPermitted):
            imports.one_import(session, actor, found.id)


@settings(max_examples=40)
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_whatever_is_uploaded_is_kept_and_nothing_is_half_saved(
    session: Session, network: Network, folder: Path, bring: Bring, data: bytes
) -> None:
    found = bring(data, "anything.msp")
    assert files.fetch(folder, found.sha256) == data
    assert found.state in ("looked at", "refused")
    assert bool(found.refusal) == (found.state == "refused")
    assert session.scalar(select(func.count()).select_from(SpectrumLibrary)) == 0
    session.commit()


def test_a_file_that_holds_no_spectrum_says_so_in_one_sentence(bring: Bring) -> None:
    found = bring(b"%PDF-1.7 not a spectrum", "library.msp")
    assert found.state == "refused"
    assert "PDF" in str(kept(found.refusal))


def test_a_large_file_is_kept_part_by_part_under_its_hash(folder: Path) -> None:
    data = b"x" * (3 * 1024 * 1024 + 1)
    sha256, size = files.store_stream(folder, io.BytesIO(data))
    assert size == len(data) and files.fetch(folder, sha256) == data
