"""Registration over HTTP, with journal line and commit, against the bare two rows."""

from __future__ import annotations

import json
import tempfile
import uuid
from pathlib import Path

from bench import bare
from bench.measures import NotMeasured, Outcome, in_turns
from bench.servers import CHECKOUT, Request, gunicorn, rate

COUNT = 800
ROUNDS = 5
HEADERS = {"Content-Type": "application/json"}


def bare_request(_number: int) -> Request:
    """Return one registration for the yardstick."""
    body = json.dumps({"declared": "MDMA", "colour": "pink", "logo": "none"}).encode()
    return "PUT", f"/samples/{uuid.uuid4()}", body, HEADERS


def our_request(_number: int) -> Request:
    """Return one registration for the product, with a key of the installation being measured."""
    raise NotMeasured("the registration endpoint is not joined to the bench yet")


def prepare(_folder: Path) -> dict[str, str]:
    """Make an installation with one site and one API key; return its environment."""
    if not (CHECKOUT / "wsgi.py").exists():
        raise NotMeasured("there is no wsgi.py yet")
    raise NotMeasured("the registration endpoint is not joined to the bench yet")


def measure() -> list[Outcome]:
    """Measure both servers in turns; two workers each, durable SQLite."""
    with tempfile.TemporaryDirectory(prefix="balise-bench-") as name:
        folder = Path(name)
        environment = prepare(folder)
        url = f"sqlite:///{folder / 'bare.sqlite'}"
        bare.make_tables(url)
        with (
            gunicorn("wsgi:app", environment) as our_port,
            gunicorn("bench.bare:make_app()", {"BENCH_DATABASE_URL": url}) as bare_port,
        ):
            ours, theirs = in_turns(
                lambda: rate(our_port, our_request, COUNT),
                lambda: rate(bare_port, bare_request, COUNT),
                ROUNDS,
            )
    kept = ours >= theirs / 2 and ours >= 150
    promise = "half of bare, and 150/s durable"
    return [Outcome("registration over HTTP", "1/s", ours, theirs, promise, kept)]


def measure_yardstick() -> list[Outcome]:
    """Measure the bare server alone: what this machine and its disk can do at all."""
    with tempfile.TemporaryDirectory(prefix="balise-bench-") as name:
        url = f"sqlite:///{Path(name) / 'bare.sqlite'}"
        bare.make_tables(url)
        with gunicorn("bench.bare:make_app()", {"BENCH_DATABASE_URL": url}) as port:
            rate(port, bare_request, COUNT // 4)
            found = rate(port, bare_request, COUNT)
    return [Outcome("bare Flask + SQLAlchemy, two rows", "1/s", None, found)]
