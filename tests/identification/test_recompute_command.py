from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.cli import main
from tests.analysis.bench import Bench
from tests.identification.plates import make_colour_bench, plate_with_standard, ranked
from tests.makers import Network


@pytest.fixture
def bench(
    session: Session,
    network: Network,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> Bench:
    monkeypatch.setenv("LIMS_DATABASE_URL", database_url)
    monkeypatch.setenv("LIMS_DATA_DIR", str(tmp_path))
    return make_colour_bench(session, network)


def test_the_command_computes_every_kept_list_again(bench: Bench) -> None:
    ranked(bench, plate_with_standard(bench))
    bench.session.commit()
    done = CliRunner().invoke(main, ["evaluate", "recompute", "--all", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {"n": 1, "equal": 1, "different": 0, "not-computed": 0}


def test_the_command_ends_with_one_when_a_list_comes_out_otherwise(bench: Bench) -> None:
    kept = ranked(bench, plate_with_standard(bench))
    kept.ranked = kept.ranked[:1]
    list_id = str(kept.id)
    bench.session.commit()
    done = CliRunner().invoke(main, ["evaluate", "recompute"])
    assert done.exit_code == 1 and list_id in done.output
