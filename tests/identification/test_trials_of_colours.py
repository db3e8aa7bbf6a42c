import json

import pytest
from click.testing import CliRunner

from lims.foundation.errors import Invalid
from lims.identification.colour_trials import reagents
from lims.identification.plate_trials import tlc
from lims.identification.recorded_colours import (
    FIVE,
    MARQUIS,
    ColourTrial,
    Reading,
    list_lengths,
    read_recorded_colours,
)

COLOURS = {"1": "#5b2a86", "2": "#111111", "3": "#f0d41d"}


def table(**records):
    """A synthetic table: substance → the colour numbers of each of the five reagents in turn."""
    return {
        "colors": {key: {"hex": hue} for key, hue in COLOURS.items()},
        "reagents": {str(at): {"fullName": name} for at, name in enumerate(FIVE)},
        "substances": {},
        "results": {
            key: {
                str(at): [[list(seen), [], bool(seen), ""]]
                for at, seen in enumerate(record)
                if seen is not None
            }
            for key, record in records.items()
        },
    }


THREE_SUBSTANCES = table(
    one=[(1,), (2,), (3,), (), ()],
    twin=[(1,), (2,), (3,), (), ()],
    alone=[(), (3,), (), (1, 2), ()],
    hardly_tested=[(1,), None, None, None, None],
)


def test_the_list_of_a_substance_holds_all_with_the_very_same_record():
    read = read_recorded_colours(THREE_SUBSTANCES)
    assert list_lengths(read, FIVE)["mean_list_length"] == pytest.approx((2 + 2 + 1) / 3, abs=1e-3)
    assert list_lengths(read, FIVE)["untested"] == 1
    assert list_lengths(read, MARQUIS)["mean_list_length"] == pytest.approx((3 * 3 + 1) / 4)


def test_an_outcome_without_colours_is_no_change():
    assert read_recorded_colours(THREE_SUBSTANCES).outcomes["alone"]["Marquis"] == (("none",),)


def test_equals_are_ordered_by_chance_and_a_record_of_its_own_stands_first():
    read = read_recorded_colours(THREE_SUBSTANCES)
    found = ColourTrial(read, FIVE, Reading.EXACT, seed=1).as_document()
    assert found["n"] == 3
    assert found["top3"] == 1.0
    assert found["mean_as_good"] == pytest.approx(5 / 3, abs=1e-3)
    assert found["right_not_excluded"] == 1.0


def test_the_same_seed_gives_the_same_figures():
    read = read_recorded_colours(THREE_SUBSTANCES)
    one, other = (ColourTrial(read, FIVE, Reading.BENCH, 3).as_document() for _ in range(2))
    assert one == other


@pytest.mark.parametrize("given", [{}, {"colors": []}, {**THREE_SUBSTANCES, "results": {"a": 1}}])
def test_a_file_of_another_shape_is_refused(given):
    with pytest.raises(Invalid):
        read_recorded_colours(given)


def test_the_command_prints_the_figures_with_their_meaning(tmp_path):
    (tmp_path / "protest_reagents.json").write_text(json.dumps(THREE_SUBSTANCES))
    done = CliRunner().invoke(reagents, ["--data", str(tmp_path), "--json"])
    document = json.loads(done.output)
    assert document["n"] == 3
    assert {"top1", "top3", "top10", "mrr", "mean_list_length", "top1_ci"} <= set(document)
    assert document["list_lengths"]["five"]["n"] == 3
    assert "Wilson" in document["what"]["_ci"]


def test_the_command_refuses_a_folder_without_the_table_in_a_sentence(tmp_path):
    done = CliRunner().invoke(reagents, ["--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "protest_reagents.json" in done.output


def test_on_simulated_plates_each_addition_shortens_the_list(tmp_path):
    (tmp_path / "plates.json").write_text(json.dumps({"substances": 60}))
    done = CliRunner().invoke(tlc, ["--n", "60", "--data", str(tmp_path), "--json"])
    found = json.loads(done.output)
    lists = {name: one["mean_list_length"] for name, one in found["conditions"].items()}
    assert lists["uncorrected"] > lists["corrected"] > lists["two_systems"] > lists["all"]
    assert found["top1"] > found["conditions"]["corrected"]["top1"]
    assert found["conditions"]["all"]["none_right"] > found["conditions"]["all"]["none_wrongly"]


def test_a_spread_that_the_simulation_does_not_know_is_refused(tmp_path):
    (tmp_path / "plates.json").write_text(json.dumps({"luck": 1}))
    done = CliRunner().invoke(tlc, ["--n", "5", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "luck" in done.output
