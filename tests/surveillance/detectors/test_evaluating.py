import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from lims.surveillance.agreement import compared
from lims.surveillance.detector_trials import surveillance
from lims.surveillance.detectors import ears
from lims.surveillance.evaluating import evaluate
from lims.surveillance.method_names import NotOffered, epysurv_judge, judge_of
from lims.surveillance.simulated_scenarios import rates
from tests.data import shared_data

COUNTS = np.random.default_rng(21).poisson(4, 330)
AT = np.arange(300, 330)
KEYS = {"weeks", "alarm_disagreements", "max_bound_difference", "simulation", "methods"}


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def answers_of(method, shift=0.0, flip=()):
    found = judge_of(method)(COUNTS, AT, None)
    return [
        {
            "idx": week + 1,
            "observed": COUNTS[week],
            "upperbound": "" if np.isnan(found.upper[at]) else found.upper[at] + shift,
            "alarm": int(found.alarm[at] == 1) ^ (at in flip),
            "method": method,
        }
        for at, week in enumerate(AT)
    ]


@pytest.fixture
def folder(tmp_path):
    """A synthetic folder of answers: one method equal, one off by a quarter in two alarms."""
    series = [{"idx": at + 1, "observed": count} for at, count in enumerate(COUNTS)]
    write(tmp_path / "r_oracle" / "data_one.csv", series)
    rows = answers_of("EARS_C1_alpha0.001_b7")
    rows += answers_of("FarringtonFlexible_nbPlugin_noPeriods10_b3_w2_alpha0.05", 0.25, (3, 8))
    rows += [{**rows[0], "method": "EARS_C9_alpha0.001_b7"}, {**rows[0], "method": "Boda_b2"}]
    write(tmp_path / "r_oracle" / "out_one.csv", rows)
    (tmp_path / "epysurv").mkdir()
    (tmp_path / "epysurv" / "EMPTY.txt").write_text("synthetic")
    return tmp_path


def test_each_method_is_told_with_its_weeks_and_what_differs(folder):
    found = evaluate(folder)
    assert set(found) == KEYS
    same, other, unknown, boda, empty = found["methods"]
    assert (same["weeks"], same["alarm_disagreements"], same["na_disagreements"]) == (30, 0, 0)
    assert same["max_bound_difference"] == 0
    assert other["alarm_disagreements"] == 2
    assert other["max_bound_difference"] == pytest.approx(0.25)
    assert "C1, C2, C3" in unknown["not_offered"]
    assert "INLA" in boda["not_offered"]
    assert "empty" in empty["not_compared"]
    assert (found["weeks"], found["alarm_disagreements"]) == (60, 2)
    assert "missing" in found["simulation"]["not_measured"]


def test_a_week_that_only_one_of_the_two_can_judge_is_counted_apart():
    found = ears([1, 2, 3, 2, 1, 2, 3, 9, 2], [6, 7, 8], method="C1")
    agreed = compared("m", "s", found, np.array([0, 1, np.nan]), found.upper)
    assert (agreed.weeks, agreed.alarm_disagreements, agreed.na_disagreements) == (3, 0, 2)


def test_the_command_prints_one_object_and_in_words_what_was_not_there(folder):
    done = CliRunner().invoke(surveillance, ["--data", str(folder), "--json"])
    assert set(json.loads(done.output)) == KEYS
    words = CliRunner().invoke(surveillance, ["--data", str(folder)]).output
    assert "alarms that differ 2" in words
    assert "not offered" in words
    assert "empty" in words


def test_a_folder_that_is_missing_or_no_table_is_refused_in_a_sentence(tmp_path, folder):
    assert CliRunner().invoke(surveillance, ["--data", str(tmp_path / "no")]).exit_code == 2
    (folder / "r_oracle" / "out_one.csv").write_text("idx,method\n1,EARS_C1_alpha0.001_b7\n")
    done = CliRunner().invoke(surveillance, ["--data", str(folder)])
    assert done.exit_code == 2
    assert "upperbound" in done.output


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("EARS_C1_alpha0.05_b9", lambda y: ears(y, AT, method="C1", alpha=0.05, baseline=9)),
        ("EARS_C2_a0.001", lambda y: ears(y, AT, method="C2")),
    ],
)
def test_parameters_are_read_from_the_name(name, same):
    np.testing.assert_array_equal(judge_of(name)(COUNTS, AT, None).upper, same(COUNTS).upper)


@pytest.mark.parametrize(
    "name",
    ["EARS_C1_beta2", "Farrington_b2_x3", "CUSUM_k1_h2_anscombe", "Oracle", "HMM", "EARS_b7"],
)
def test_what_is_not_offered_says_why(name):
    with pytest.raises(NotOffered, match=r"\w"):
        judge_of(name)
    with pytest.raises(NotOffered):
        epysurv_judge(name)


def test_every_parameter_that_a_name_says_changes_what_is_computed():
    names = [
        "FarringtonFlexible_nbPlugin_noPeriods10_b4_w3_alpha0.01",
        "FarringtonFlexible_delta_noPeriods10_b4_w3_alpha0.01",
        "FarringtonFlexible_delta_noPeriods1_b4_w3_alpha0.01",
        "FarringtonFlexible_delta_noPeriods1_b3_w3_alpha0.01",
        "FarringtonFlexible_delta_noPeriods1_b3_w2_alpha0.01",
        "FarringtonFlexible_delta_noPeriods1_b3_w2_alpha0.05",
        "FarringtonFlexible_muan_noPeriods1_b3_w2_alpha0.05",
        "Farrington_b4_w3_alpha0.01",
        "Farrington_b2_w3_alpha0.01",
        "CUSUM_k1.04_h2.26_rossi",
        "CUSUM_k1.04_h2.26_standard",
        "CUSUM_k0.5_h2.26_standard",
        "CUSUM_k0.5_h3_standard",
        "Bayes_b2_w6_alpha0.05",
        "Bayes_b1_w6_alpha0.01",
        "RKI_b2_w6_actY",
        "CDC_b3_m1_alpha0.01",
        "OutbreakP_k50",
        "GLRPoisson_c3",
    ]
    bounds = {name: judge_of(name)(COUNTS, AT, None).upper.tobytes() for name in names}
    assert len(set(bounds.values())) == len(names)


def test_rates_count_a_series_once_and_leave_out_what_cannot_be_said():
    nan = np.nan
    alarm = np.array([[0, 1, 1, nan], [nan, 0, 0, 1], [0, 0, 0, 0]])
    outbreak = np.array([[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]], bool)
    found = rates(alarm, outbreak)
    assert (found["series_with_outbreak"], found["probability_of_detection"]) == (2, 0.5)
    assert (found["outbreak_weeks"], found["week_sensitivity"]) == (2, 1.0)
    assert (found["quiet_weeks"], found["false_positive_rate"]) == (8, 0.125)
    assert found["false_positive_rate_ci"][0] < 0.125 < found["false_positive_rate_ci"][1]


@pytest.mark.data
def test_on_the_development_data_every_alarm_and_bound_equals_that_of_r():
    found = evaluate(shared_data("surveillance"))
    assert found["weeks"] > 12_000
    assert found["alarm_disagreements"] == 0
    assert found["max_bound_difference"] < 1e-9
    assert all(one.get("na_disagreements", 0) == 0 for one in found["methods"])
    not_offered = {one["method"] for one in found["methods"] if "not_offered" in one}
    assert not_offered == {"Boda", "HMM"}
    for method, one in found["simulation"]["methods"].items():
        assert one["alarm_disagreements"] == 0
        assert one["ours"] == one["r"]
        for key, value in found["simulation"]["r_summary"][method].items():
            assert one["r"][key] == pytest.approx(value, abs=1e-4)
