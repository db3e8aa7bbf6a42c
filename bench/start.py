"""How long a person waits for the command to answer."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.measures import NotMeasured, Outcome, median_of, seconds
from bench.servers import CHECKOUT

ROUNDS = 9
MOST = 0.4


def measure() -> list[Outcome]:
    """Measure `lims --help` against an interpreter that does nothing."""
    if not (CHECKOUT / "lims" / "cli.py").exists():
        raise NotMeasured("there is no lims/cli.py yet")
    ours = median_of(lambda: seconds(lambda: _run("from lims.cli import main; main()")), ROUNDS)
    nothing = median_of(lambda: seconds(lambda: _run("pass")), ROUNDS)
    return [Outcome("lims --help", "s", ours, nothing, f"under {MOST:g} s", ours < MOST)]


def _run(program: str) -> None:
    subprocess.run(
        [sys.executable, "-c", program, "--help"],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
