from __future__ import annotations

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling.sweeping import SweepFiles, sweep_files
from lims.foundation import clock, files
from lims.foundation.errors import NotFound, NotPermitted
from lims.journal.records import JournalEntry
from lims.library.spectra import SpectrumImport
from lims.network.queries import OPERATOR
from tests.makers import Network


def kept(folder: Path, data: bytes, hours: float = 48) -> str:
    """Keep a file as if it had been given some hours ago."""
    name = files.store(folder, data)
    then = (clock.now() - timedelta(hours=hours)).timestamp()
    os.utime(files.path_of(folder, name), (then, then))
    return name


def name_in_a_record(session: Session, sha256: str) -> None:
    session.add(
        SpectrumImport(id=uuid.uuid4(), name="synthetic.msp", sha256=sha256, size=1, by="chemist")
    )
    session.commit()


def test_a_file_goes_when_no_record_names_it_any_more(session: Session, tmp_path: Path) -> None:
    named, left = kept(tmp_path, b"named"), kept(tmp_path, b"left")
    name_in_a_record(session, named)
    assert sweep_files(session, OPERATOR, SweepFiles(tmp_path)) == 1
    assert files.fetch(tmp_path, named) == b"named"
    with pytest.raises(NotFound):
        files.fetch(tmp_path, left)


def test_a_file_of_an_act_that_may_still_be_under_way_stays(
    session: Session, tmp_path: Path
) -> None:
    young = kept(tmp_path, b"young", hours=1)
    assert sweep_files(session, OPERATOR, SweepFiles(tmp_path)) == 0
    assert files.fetch(tmp_path, young) == b"young"


def test_the_same_bytes_given_again_are_young_again(session: Session, tmp_path: Path) -> None:
    name = kept(tmp_path, b"again")
    files.store(tmp_path, b"again")
    assert sweep_files(session, OPERATOR, SweepFiles(tmp_path)) == 0
    assert files.fetch(tmp_path, name) == b"again"


def test_counting_removes_nothing_and_both_are_written_in_the_journal(
    session: Session, tmp_path: Path
) -> None:
    name = kept(tmp_path, b"left")
    assert sweep_files(session, OPERATOR, SweepFiles(tmp_path, only_count=True)) == 1
    assert files.fetch(tmp_path, name) == b"left"
    sweep_files(session, OPERATOR, SweepFiles(tmp_path))
    acts = list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
    assert acts[-2:] == ["count unused files", "remove unused files"]


def test_only_who_administers_removes_files(
    session: Session, network: Network, tmp_path: Path
) -> None:
    with pytest.raises(NotPermitted):
        sweep_files(session, network.worker, SweepFiles(tmp_path))
