from __future__ import annotations

import json
from typing import Any

import pytest

from lims.exchange.sources import files_at, read_files
from lims.exchange.sources.mapping import mapping_of
from lims.exchange.sources.rows import Reading
from lims.exchange.summary import flags_of_sample, summary
from tests.data import shared_data
from tests.exchange.test_names import INDEX

pytestmark = pytest.mark.data


def read(source: str) -> tuple[Reading, dict[str, Any], dict[str, Any], dict[str, set[str]]]:
    """Return the reading, its counts, what is expected, and flag → references."""
    folder = shared_data(source)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    reading = read_files(files_at(folder, source), source)
    names = {entry.name_raw for sample in reading.samples for entry in sample.detections}
    found = {name: INDEX.resolve(name) for name in names}
    rows_count = mapping_of(source).status_rows_are_detections
    counts = summary(reading, found, INDEX.substances, rows_count)
    flagged: dict[str, set[str]] = {}
    for sample in reading.samples:
        for flag in flags_of_sample(sample, found, INDEX.substances):
            flagged.setdefault(flag, set()).add(sample.source_id)
    return reading, counts, expected, flagged


def test_wedinos_counts_are_the_expected_ones() -> None:
    reading, counts, expected, flagged = read("wedinos")
    for key in ("analysed", "not_analysed", "not_analysed_by_reason"):
        assert counts[key] == expected[key], key
    assert counts["samples"] == expected["rows"]
    assert counts["detections"] == expected["detections_after_removing_status_phrases"]
    assert counts["detection_entries"] == expected["detections_raw_entries"]
    assert reading.left_out == 0
    wanted = {key: set(codes) for key, codes in expected["reference_codes_with_any"].items()}
    for flag in ("nitazene", "synthetic_cannabinoid", "designer_benzodiazepine"):
        assert flagged.get(flag, set()) == wanted[flag], flag
    assert flagged.get("fentanyl", set()) == wanted["fentanyl_any"]
    assert flagged.get("pmma", set()) | flagged.get("pma", set()) == wanted["pmma_or_pma"]
    sedatives = flagged.get("medetomidine", set()) | flagged.get("xylazine", set())
    assert sedatives == wanted["medetomidine_or_xylazine"]


def test_wedinos_words_are_all_understood() -> None:
    reading, _counts, expected, _flagged = read("wedinos")
    coded = [c for s in reading.samples for c in (*s.colours, *s.effects, s.form, s.route) if c]
    assert all(word.code for word in coded)
    welsh = {"Tabled", "Gwyn", "Melyn", "Glas", "Drwy’r geg"}
    mixed = {
        sample.source_id
        for sample in reading.samples
        if any(c and c.raw in welsh for c in (*sample.colours, sample.form, sample.route))
    }
    assert mixed == set(expected["welsh_values"]["reference_codes"])


def test_wedinos_json_reads_as_its_table() -> None:
    table = read_files(files_at(shared_data("wedinos", "samples.csv"), "wedinos"), "wedinos")
    records = read_files(files_at(shared_data("wedinos", "wedinos_raw.json"), "wedinos"), "wedinos")
    one = {s.source_id: (s.received, s.detections, s.colours, s.effects) for s in table.samples}
    two = {s.source_id: (s.received, s.detections, s.colours, s.effects) for s in records.samples}
    assert one == two


def test_wedinos_names_of_one_substance_find_one_substance() -> None:
    _reading, _counts, expected, _flagged = read("wedinos")
    for published, normal in expected["normalisation_table"].items():
        one, other = INDEX.resolve(published), INDEX.resolve(normal)
        assert one.substance_key == other.substance_key, published


def test_ecstasydata_counts_are_the_expected_ones() -> None:
    reading, counts, expected, flagged = read("ecstasydata")
    assert counts["samples"] == expected["samples"]
    assert counts["detections"] == expected["detections"]
    assert counts["analysed"] == expected["samples"] - expected["samples_without_detection"]
    lines = expected["mdma_mg_all"]
    assert counts["mdma_mg"] == {key: lines[key] for key in ("n", "over_120_mg", "over_200_mg")}
    wanted = {
        key: {str(sample_id) for sample_id in ids}
        for key, ids in expected["sample_ids_with_any"].items()
    }
    names = {
        "fentanyl": 'fentanyl_any (name contains "fentan")',
        "pmma": "PMMA",
        "pma": "PMA",
        "nbome": "NBOMe_or_NBOH",
    }
    for flag in ("carfentanil", "nitazene", "xylazine", "synthetic_cannabinoid", *names):
        assert flagged.get(flag, set()) == wanted[names.get(flag, flag)], flag
    assert reading.left_out == 0
    assert sum(sample.mass_mg is not None for sample in reading.samples) == expected["with_mass_mg"]


@pytest.mark.parametrize("source", ["wedinos", "ecstasydata"])
def test_a_cut_off_delivery_is_refused_wherever_it_is_cut(source: str) -> None:
    from lims.exchange.sources import FILES, read_files
    from lims.foundation.errors import Refused

    folder = shared_data(source)
    whole = {name: (folder / name).read_bytes() for name in FILES[source]}
    for name, content in whole.items():
        for share in (0.13, 0.5, 0.71, 0.9, 0.999):
            with pytest.raises(Refused):
                read_files({**whole, name: content[: int(len(content) * share)]}, source)
