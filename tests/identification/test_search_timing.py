from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lims.identification import search_timing, synthetic_spectra
from lims.identification.search_bench import search


def test_synthetic_spectra_are_the_same_for_the_same_seed_and_crowd_as_real_ones_do() -> None:
    first, again = (synthetic_spectra.synthetic_ei(2_000, 5) for _ in range(2))
    assert np.array_equal(first.mz, again.mz) and np.array_equal(first.heights, again.heights)
    counts = np.diff(first.starts)
    assert 30 <= np.median(counts) <= 40
    assert counts.min() >= 3
    assert all(np.all(np.diff(first.peaks(at)[0]) > 0) for at in range(50))


def test_the_figures_of_a_library_have_their_names_without_peers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ei_figures", "ir_figures"):
        whole = getattr(search_timing, name)
        small: Any = lambda count, *rest, whole=whole: whole(min(count // 50, 1000), *rest)  # noqa: E731
        monkeypatch.setattr(search_timing, name, small)
    monkeypatch.setenv("LIMS_DATA_DIR", str(tmp_path))
    answer = CliRunner().invoke(search, ["--json", "--no-peers", "--queries", "5"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output)
    for size in ("ei_10000", "ei_350000"):
        assert found[size]["ms_per_query"] > 0
        assert found[size]["found_first"] >= 0.8
        assert found[size]["matchms_ms_per_query"] is None
        assert found[size]["matchms_reason"]
        assert {"build_s", "memory_mb", "times_faster_than_matchms"} <= set(found[size])
    assert found["ir_10000"]["numpy_ms_per_query"] > 0


def test_peers_that_cannot_be_installed_are_named_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(search_timing.sys, "executable", str(tmp_path / "no-python"))
    python, reason = search_timing.peer_python(tmp_path)
    assert python is None
    assert "could not be installed" in reason
