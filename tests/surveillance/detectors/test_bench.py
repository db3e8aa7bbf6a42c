import shutil

import pytest

from bench import detectors as bench
from bench.measures import NotMeasured


def test_without_r_nothing_is_measured_and_it_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NotMeasured, match="R is not installed"):
        bench.measure()


def test_every_method_that_is_timed_judges_every_series():
    counts, totals = bench.series()
    for judge in bench.OURS.values():
        assert judge(counts, totals).alarm.shape == (bench.SERIES, bench.JUDGED)


def test_the_script_of_r_knows_every_method_that_is_timed():
    script = bench.SCRIPT.read_text(encoding="utf-8")
    assert all(f'"{name}" = ' in script for name in bench.OURS)
