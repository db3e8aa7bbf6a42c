from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lims.cli import main
from lims.foundation.errors import Invalid
from lims.identification.band_repeats import evaluate_repeats, read_wide
from lims.identification.known_mixtures import (
    FRACTIONS,
    MIXED,
    PURE,
    evaluate,
    figures,
    read_known_mixtures,
)
from lims.spectra.spectrum import Kind
from tests.data import shared_data
from tests.spectra.curves import bands, curve, invented, points

NAMES = ("alpha", "beta", "gamma")


def write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def folder_of(at: Path, truth: list[list[float]], falling: bool = True) -> Path:
    """Write invented pure spectra and mixtures of them, as the command reads them."""
    x = np.arange(1700.0, 199.0, -1.0) if falling else np.arange(200.0, 1701.0)
    pure = np.array([bands(seed, x) * (seed + 1) for seed in range(3)])
    draw = np.random.default_rng(3)
    mixed = np.array(truth) @ pure + draw.uniform(0.0, 0.1, (len(truth), x.size))
    named = [f"m{number}" for number in range(len(truth))]
    write(at / PURE, ["raman_shift_cm-1", *NAMES], np.column_stack([x, pure.T]).tolist())
    write(at / MIXED, ["raman_shift_cm-1", *named], np.column_stack([x, mixed.T]).tolist())
    write(
        at / FRACTIONS,
        ["mixture", *(f"{name}_fraction" for name in reversed(NAMES))],
        [[name, *reversed(row)] for name, row in zip(named, truth, strict=True)],
    )
    return at


TRUTH = [[1.0, 0.0, 0.0], [0.2, 0.8, 0.0], [0.5, 0.3, 0.2], [0.0, 0.1, 0.9]]


@pytest.mark.parametrize("falling", [True, False], ids=["falling", "rising"])
def test_known_mixtures_are_found_again_whatever_the_order_of_columns(
    tmp_path: Path, falling: bool
) -> None:
    document = evaluate(read_known_mixtures(folder_of(tmp_path, TRUTH, falling)))
    assert document["n"] == 4
    assert document["right_components"] == 1.0
    assert document["rmse"] < 0.004 < document["baseline"]["rmse"]
    assert document["rmse_percent"] == pytest.approx(100 * document["rmse"])
    assert document["rmse_ci"][0] <= document["rmse"] <= document["rmse_ci"][1]


def test_one_component_too_many_is_not_the_right_set(tmp_path: Path) -> None:
    known = read_known_mixtures(folder_of(tmp_path, TRUTH))
    found = known.fractions.copy()
    found[0] = [0.99, 0.01, 0.0]
    measured = figures(known, found)
    assert measured["right_components"] == 0.75
    assert measured["rmse"] == pytest.approx(np.sqrt(2 * 0.01**2 / 12), abs=1e-6)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (PURE, None),
        (MIXED, ""),
        (PURE, "x,alpha,beta,gamma\n1,2,3\n"),
        (MIXED, "x,m0\n1,two\n"),
        (FRACTIONS, "mixture,alpha_fraction\nm0,1\n"),
        (FRACTIONS, "mixture,alpha_fraction,beta_fraction,gamma_fraction\nm0,1,0,0\n"),
        (FRACTIONS, "mixture,alpha_fraction,beta_fraction,gamma_fraction\nm0,much,0,0\n"),
    ],
    ids=["absent", "empty", "ragged", "words", "columns", "rows", "no-number"],
)
def test_a_folder_that_is_not_as_it_should_be_is_refused_in_words(
    tmp_path: Path, file: str, text: str | None
) -> None:
    folder_of(tmp_path, TRUTH)
    if text is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        read_known_mixtures(tmp_path)
    assert str(refusal.value.problems[0].message).endswith(".")


def test_the_command_prints_one_object(tmp_path: Path) -> None:
    arguments = ["evaluate", "raman-mixtures", "--data", str(folder_of(tmp_path, TRUTH))]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert {"n", "rmse", "right_components", "baseline", "parameters"} <= set(
        json.loads(done.output)
    )
    assert "exactly the right components: 1.0" in CliRunner().invoke(main, arguments).output


def test_the_command_says_what_is_wrong_with_a_folder(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["evaluate", "raman-mixtures", "--data", str(tmp_path)])
    assert done.exit_code != 0 and PURE in done.output


def test_another_spectrum_of_the_same_substance_is_looked_for_and_not_the_query_itself() -> None:
    x = points(Kind.RAMAN)
    draw = np.random.default_rng(1)
    spectra = [(f"substance {number}", invented(number, Kind.RAMAN)) for number in range(20)]
    again = bands(3, x) + draw.normal(0, 0.02, x.size)
    spectra.append(("substance 3", curve(again, Kind.RAMAN, x)))
    document = evaluate_repeats(spectra)
    assert document["n"] == 2 and document["top1"] == 1.0 and document["library"] == 21


@pytest.mark.data
def test_the_sugar_mixtures_are_resolved_as_well_as_is_asked() -> None:
    folder = shared_data("spectra", "carbs")
    document = evaluate(read_known_mixtures(folder))
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert document["n"] == told["mixtures"]
    assert document["rmse"] <= 0.006 and document["right_components"] == 1.0
    assert document["baseline"]["rmse_of"] == pytest.approx(
        told["plain_nnls_rmse_fraction"], abs=2e-4
    )
    assert document["baseline"]["max_abs_error"] == pytest.approx(
        told["plain_nnls_max_abs_error"], abs=1e-4
    )


@pytest.mark.data
def test_a_raman_library_finds_other_spectra_of_the_same_substance() -> None:
    document = evaluate_repeats(read_wide(shared_data("spectra", "ramanbiolib")))
    assert document["n"] == 100
    assert document["top1"] >= 0.55 and document["top10"] >= 0.88
