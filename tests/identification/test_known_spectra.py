from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lims.identification.mass_trials import ei, msms
from tests.data import shared_data


def trial(command: Any, folder: Path) -> dict[str, Any]:
    answer = CliRunner().invoke(command, ["--data", str(folder), "--json"])
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.output)
    return found


@pytest.mark.data
def test_spectra_of_other_laboratories_are_found_as_often_as_promised() -> None:
    found = trial(ei, shared_data("spectra", "ei_ms"))
    assert found["n"] == 585
    assert found["top1"] >= 0.80
    assert found["top10"] >= 0.96
    assert found["top1_ci"][0] < found["top1"] < found["top1_ci"][1]
    assert found["baseline"]["top1"] == pytest.approx(0.6513, abs=0.002)


@pytest.mark.data
def test_fragment_spectra_of_other_contributors_are_found_as_often_as_promised() -> None:
    found = trial(msms, shared_data("spectra"))
    assert found["n"] == 74
    assert found["top1"] >= 0.95
    assert found["without_precursor"]["top1"] >= 0.95


RECORD = """Name: {name}
InChIKey: {key}-AAAAAAAAAA-N
Num Peaks: 3
{peaks}

"""


def test_a_folder_of_the_right_shape_is_measured(tmp_path: Path) -> None:
    first = RECORD.format(name="one", key="A" * 14, peaks="58 999\n91 200\n149 30")
    second = RECORD.format(name="two", key="B" * 14, peaks="55 999\n82 400\n303 90")
    (tmp_path / "my_library.msp").write_text(first + second, encoding="utf-8")
    (tmp_path / "my_queries.msp").write_text(second, encoding="utf-8")
    found = trial(ei, tmp_path)
    assert (found["n"], found["top1"], found["mrr"]) == (1, 1.0, 1.0)
    assert found["parameters"]["prefilter"]["candidates"] == 300


def test_a_folder_without_a_library_is_refused_in_a_sentence(tmp_path: Path) -> None:
    answer = CliRunner().invoke(ei, ["--data", str(tmp_path)])
    assert answer.exit_code == 2
    assert "library" in answer.output
