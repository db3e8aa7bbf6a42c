"""Importing 100,000 synthetic EI spectra, against inserting the same rows and nothing else.

Ours reads the MSP text, recognises, tells duplicates, counts and can be stopped; bare is one
executemany for each part of the same size, into a table with the same columns and indexes.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from bench.measures import NotMeasured, Outcome, seconds
from bench.servers import CHECKOUT
from lims.foundation import files
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.register import all_tables
from lims.library import importing
from lims.library.long_import import PART
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.network.queries import OPERATOR

SPECTRA = 100_000
PEAKS = 60
MOST = 5.0
MOST_MB = 200
TABLE: Any = ReferenceSpectrum.__table__
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def records(count: int) -> Iterator[str]:
    """Give synthetic spectra as MSP, each with a structure's key of its own."""
    chance = random.Random(20261122)
    for number in range(count):
        key = "".join(chance.choices(LETTERS, k=14))
        peaks = sorted(chance.sample(range(30, 450), PEAKS))
        lines = [f"Name: synthetic {number}", f"InChIKey: {key}-UHFFFAOYSA-N", "Formula: C10H15N"]
        lines += ["MW: 149", "Spectrum_type: MS1", "Ionization: EI", f"Num Peaks: {PEAKS}"]
        lines += [f"{mass} {chance.randint(1, 999)}" for mass in peaks]
        yield "\n".join(lines) + "\n\n"


def measure() -> list[Outcome]:
    """Measure one whole import by the worker, and the bare inserts of its rows."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        engine = _installed(place / "ours.sqlite")
        _ask(engine, place)
        took = seconds(lambda: _work(place))
        with open_session(engine, reading=True) as session:
            added = session.scalar(select(func.count()).select_from(ReferenceSpectrum)) or 0
        if added != SPECTRA:
            raise NotMeasured(f"only {added} of {SPECTRA} spectra were imported")
        bare = _bare(engine, place / "bare.sqlite")
        megabytes = float((place / "peak").read_text()) / 1024
        engine.dispose()
    name = f"import of {SPECTRA // 1000},000 spectra"
    promise, kept = f"at most {MOST:g} x the inserts", took <= MOST * bare
    memory = f"under {MOST_MB} MB"
    return [
        Outcome(name, "s", took, bare, promise, kept),
        Outcome(f"{name}, rate", "1/s", SPECTRA / took, SPECTRA / bare),
        Outcome(f"{name}, memory", "MB", megabytes, None, memory, megabytes < MOST_MB),
    ]


def _installed(path: Path) -> Engine:
    all_tables()
    engine = make_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    return engine


def _ask(engine: Engine, place: Path) -> None:
    source = place / "library.msp"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(records(SPECTRA))
    with source.open("rb") as stream:
        sha256, size = files.store_stream(place, stream)
    with open_session(engine) as session:
        command = importing.LookAtFile(source.name, sha256, size, place)
        found = importing.look_at_file(session, OPERATOR, command)
        begin = importing.BeginImport(found.id, "ei", "Bench", "synthetic")
        importing.begin_import(session, OPERATOR, begin)
        session.commit()


def _work(place: Path) -> None:
    """Let one worker process do the import, and write how much memory it took at its highest."""
    program = (
        "import resource, sys; from lims.cli import main\n"
        "try:\n    main(['worker', '--once'])\n"
        "finally:\n    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"    open({str(place / 'peak')!r}, 'w').write(str(peak))\n"
    )
    environment = {"LIMS_DATABASE_URL": f"sqlite:///{place / 'ours.sqlite'}"}
    environment |= {"LIMS_DATA_DIR": str(place)}
    command = [sys.executable, "-c", program]
    subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **environment}, check=True)


def _bare(ours: Engine, path: Path) -> float:
    """Insert the same rows part by part, and return how long the inserts alone took."""
    engine = _installed(path)
    took = 0.0
    with open_session(ours, reading=True) as source, open_session(engine) as target:
        for library in source.scalars(select(SpectrumLibrary)):
            target.execute(insert(SpectrumLibrary.__table__), [_values(library)])
        target.commit()
        rows = source.execute(select(TABLE).execution_options(yield_per=PART))
        for part in rows.mappings().partitions(PART):
            plain = [dict(row) for row in part]
            took += seconds(lambda plain=plain: _insert(target, plain))  # type: ignore[misc]
    engine.dispose()
    return took


def _values(library: SpectrumLibrary) -> dict[str, Any]:
    return {column.key: getattr(library, column.key) for column in library.__table__.columns}


def _insert(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(TABLE), rows)
    session.commit()
