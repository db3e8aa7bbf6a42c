"""What tests of reference spectra may ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.foundation import files
from lims.library import importing, queries
from lims.library.importing import BeginImport, LookAtFile
from lims.library.operations import load_library
from lims.library.records import Substance
from lims.library.spectra import ReferenceSpectrum, SpectrumImport
from lims.network.queries import OPERATOR
from lims.wiring import works
from lims.worker import work_once
from tests.makers import Network, log_in_client

Bring = Callable[..., SpectrumImport]


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


@pytest.fixture
def head(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "head")


@pytest.fixture
def library(session: Session, network: Network) -> dict[str, Substance]:
    load_library(session, OPERATOR)
    session.commit()
    keys = ("mdma", "psilocybin", "pma", "bromo-dragonfly", "talc")
    found = {key: queries.substance_by_key(session, key) for key in keys}
    session.expunge_all()
    session.rollback()
    return {key: one for key, one in found.items() if one is not None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def bring(session: Session, network: Network, folder: Path) -> Bring:
    def brought(data: bytes, name: str = "library.msp") -> SpectrumImport:
        sha256 = files.store(folder, data)
        command = LookAtFile(name, sha256, len(data), folder)
        found = importing.look_at_file(session, network.chemist, command)
        session.commit()
        return found

    return brought


def asked(found: SpectrumImport, **facts: Any) -> BeginImport:
    told = {"kind": "ei", "name": "Synthetic", "licence": "synthetic"} | facts
    return BeginImport(found.id, **told)


@pytest.fixture
def imported(
    session: Session, network: Network, engine: Engine, folder: Path, bring: Bring
) -> Callable[..., SpectrumImport]:
    def done(data: bytes, file: str = "library.msp", **facts: Any) -> SpectrumImport:
        found = bring(data, file)
        importing.begin_import(session, network.chemist, asked(found, **facts))
        session.commit()
        work_once(engine, folder, works())
        return now_is(session, found)

    return done


def now_is(session: Session, found: Any) -> Any:
    session.rollback()
    session.refresh(found)
    session.commit()
    return found


def count(session: Session) -> int:
    counted = session.scalar(select(func.count()).select_from(ReferenceSpectrum)) or 0
    session.commit()
    return counted
