"""Registration over HTTP, with journal line and commit, against the bare two rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from sqlalchemy.orm import Session

from bench import bare
from bench.measures import Outcome, in_turns
from bench.servers import CHECKOUT, Request, gunicorn, rate
from lims.foundation.database import make_engine, open_session
from lims.intake.blocks import MakeCodeBlock, make_code_block
from lims.intake.rules import LARGEST_BLOCK
from lims.network import operations, queries
from lims.network.rules import Duty, Permission

COUNT = 800
ROUNDS = 5
HEADERS = {"Content-Type": "application/json"}


def bare_request(_number: int) -> Request:
    """Return one registration for the yardstick."""
    body = json.dumps({"declared": "MDMA", "colour": "pink", "logo": "none"}).encode()
    return "PUT", f"/samples/{uuid.uuid4()}", body, HEADERS


def our_request(_number: int) -> Request:
    """Return one registration for the product, with a key of the installation being measured."""
    body = json.dumps(
        {
            "site_id": os.environ["BENCH_SITE"],
            "with_ticket": False,
            "samples": [
                {
                    "form": "tablet",
                    "sold_as": "MDMA",
                    "colour": "pink",
                    "logo": "none",
                    "mass_mg": "250",
                    "consent_destroy": True,
                }
            ],
        }
    ).encode()
    key = {"Authorization": f"Bearer {os.environ['BENCH_KEY']}"}
    return "PUT", f"/api/intake/visits/{uuid.uuid4()}", body, {**HEADERS, **key}


def prepare(folder: Path) -> dict[str, str]:
    """Make an installation with one site and one API key; return its environment."""
    environment = {
        "LIMS_DATA_DIR": str(folder / "data"),
        "LIMS_DATABASE_URL": "",
        "LIMS_DEMONSTRATION": "yes",
        "LIMS_SECURE_COOKIES": "no",
    }
    lims = [sys.executable, "-m", "lims"]
    everything = {**os.environ, **environment}
    subprocess.run([*lims, "init"], cwd=CHECKOUT, env=everything, check=True, capture_output=True)
    engine = make_engine(f"sqlite:///{folder / 'data' / 'balise.sqlite'}")
    with open_session(engine) as session:
        site, key = _network(session)
        session.commit()
    engine.dispose()
    os.environ.update({"BENCH_SITE": site, "BENCH_KEY": key})
    return environment


def _network(session: Session) -> tuple[str, str]:
    operator = queries.OPERATOR
    site = operations.add_site(session, operator, operations.AddSite("Bench", "testing", "Bench"))
    member = operations.add_member(
        session, operator, operations.AddMember("bench", "a long password of its own")
    )
    session.flush()
    operations.give_duty(
        session, operator, operations.GiveDuty(member.id, Duty.TESTING_POINT_WORKER, site.id)
    )
    _kept, key = operations.make_api_key(
        session,
        operator,
        operations.MakeApiKey("bench", member.id, [Permission.REGISTER, Permission.USE_DEVICE]),
    )
    session.flush()
    session.expire_all()
    worker = queries.actor_by_account(session, "bench")
    for _block in range((COUNT * (ROUNDS + 2)) // LARGEST_BLOCK + 1):
        make_code_block(session, worker, MakeCodeBlock(site.id, "bench", LARGEST_BLOCK))
    return str(site.id), key


def measure() -> list[Outcome]:
    """Measure both servers in turns; two workers each, durable SQLite."""
    with tempfile.TemporaryDirectory(prefix="balise-bench-") as name:
        folder = Path(name)
        environment = prepare(folder)
        url = f"sqlite:///{folder / 'bare.sqlite'}"
        bare.make_tables(url)
        with (
            gunicorn("wsgi:staff()", environment) as our_port,
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
