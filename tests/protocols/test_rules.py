import copy
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lims.protocols.rules import (
    LANGUAGES,
    Technique,
    check_document,
    content_hash,
    differences,
    step_text,
)

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "protocols").glob("*.yaml"))
DOCUMENTS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in PATHS
}
PLATE = DOCUMENTS["tlc-ta-1"]


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "reference_data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(document: dict[str, Any]) -> list[str]:
    return [f"{problem.field}: {problem.message}" for problem in check_document(document)]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(PLATE)
    change(document)
    return document


@pytest.mark.parametrize("stem", DOCUMENTS)
def test_every_shipped_protocol_passes_and_is_named_by_its_file(stem):
    document = DOCUMENTS[stem]
    assert words(document) == []
    assert stem == f"{document['name']}-{document['version']}"


def test_the_shipped_protocols_cover_the_bench_and_the_talk():
    techniques = [document["technique"] for document in DOCUMENTS.values()]
    assert techniques.count("tlc") == 2 and techniques.count("strip") == 3
    needed = {"reagent", "ftir", "gcms", "hplc_uv", "appearance", "weighing", "guideline"}
    needed |= {"raman", "lcms", "uv"}
    assert needed <= set(techniques)


def test_every_substance_and_group_looked_for_is_in_the_reference_data():
    substances = {row["key"] for row in rows("substances.csv")}
    groups = {row["group"] for row in rows("structural_groups.csv")}
    for document in DOCUMENTS.values():
        assert {item["id"] for item in document["scope"]["substances"]} <= substances
        assert {item["id"] for item in document["scope"]["groups"]} <= groups


def test_plate_references_are_those_cited_for_their_system():
    for system in ("TA", "TB"):
        cited = [
            (row["reference_substance"], float(row["corrected_hrf"]))
            for row in rows("tlc_systems.csv")
            if row["system_code"] == system
        ]
        plate = DOCUMENTS[f"tlc-{system.lower()}-1"]["acceptance"]["plate"]
        assert [(item["id"], item["tabulated"]["value"]) for item in plate["references"]] == cited


def test_reagents_of_the_colour_protocol_have_cited_colours():
    cited = {row["reagent"].lower().replace("'", "") for row in rows("reagents.csv")}
    named = {item["id"] for item in DOCUMENTS["colour-reagents-1"]["materials"]} - {"plate"}
    assert named <= cited


@pytest.mark.parametrize("stem", DOCUMENTS)
def test_every_step_can_be_read_in_every_language_with_its_figures(stem):
    for step in DOCUMENTS[stem]["steps"]:
        for language in LANGUAGES:
            assert "{" not in step_text(step, language)


def test_a_step_writes_its_figures_with_the_decimal_sign_of_the_language():
    texts = [step_text(PLATE["steps"][0], language) for language in ("en", "fr")]
    assert "0.1\u00a0mol/l" in texts[0] and "0,1\u00a0mol/l" in texts[1]


@pytest.mark.parametrize("part", PLATE)
def test_a_document_without_one_of_its_parts_is_refused_in_words(part):
    assert f"{part}: This part is missing." in words(changed(lambda it: it.pop(part)))


REFUSED: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("unknown technique", lambda it: it.update(technique="divination"), "“divination” is not"),
    ("missing language", lambda it: it["title"].pop("nl"), "title.nl: The text in this"),
    ("blank language", lambda it: it["safety"].update(fr="  "), "safety.fr: The text in this"),
    ("unknown part", lambda it: it.update(colour="blue"), "colour: A protocol has no such part"),
    ("bad name", lambda it: it.update(name="TLC TA"), "name: A name has small letters"),
    ("bad version", lambda it: it.update(version="one"), "version: A version is a whole"),
    ("first version", lambda it: it.update(supersedes="tlc-ta-0"), "supersedes nothing"),
    ("later version", lambda it: it.update(version=2), "This version supersedes tlc-ta-1."),
    ("bare number", lambda it: it.update(minutes=60), "minutes: This figure has no source."),
    (
        "figure without source",
        lambda it: it["steps"][2]["figures"]["mass"].pop("source"),
        "steps.dissolve.figures.mass: This figure has no source.",
    ),
    (
        "unlisted source",
        lambda it: it["steps"][2]["figures"]["mass"].update(source="memory"),
        "The source “memory” is not listed.",
    ),
    (
        "measurement in the text",
        lambda it: it["steps"][4]["text"].update(en="Wait 5 min. {shortest} {longest}"),
        "steps.develop.text.en: Write this measurement as a figure",
    ),
    (
        "figure not in the text",
        lambda it: it["steps"][4]["text"].update(nl="Ontwikkel tot {shortest}."),
        "The text names no figure “longest”.",
    ),
    (
        "text without its figure",
        lambda it: it["steps"][4]["figures"].pop("shortest"),
        "The figure “shortest” is missing.",
    ),
    (
        "limit without reason",
        lambda it: it["scope"]["substances"][0].pop("reason"),
        "scope.substances.mdma.lod: Give the limit of detection",
    ),
    (
        "window without source",
        lambda it: it["acceptance"]["plate"]["references"][0].update(window=4),
        "acceptance.plate.references.atropine: A reference has",
    ),
    (
        "no blank decision",
        lambda it: it["acceptance"]["plate"].pop("blank_required"),
        "Say whether a blank lane is required.",
    ),
    (
        "front range turned round",
        lambda it: it["acceptance"]["plate"]["shortest_front"].update(value=95),
        "goes from a shorter to a longer",
    ),
    ("same step twice", lambda it: it["steps"].append(it["steps"][0]), "identifier of its own"),
    ("no record", lambda it: [step.update(records=[]) for step in it["steps"]], "No step records"),
    ("no conclusion", lambda it: it.update(conclusions=[]), "conclusions: This part is empty."),
    ("no source", lambda it: it.update(sources={}), "sources: A protocol names its sources."),
    (
        "not a number",
        lambda it: it["minutes"].update(value=float("nan")),
        "minutes: A figure has a number",
    ),
]


@pytest.mark.parametrize(("change", "said"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_document_that_is_wrong_is_refused_in_words(change, said):
    assert any(said in line for line in words(changed(change)))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(PLATE)), JSON)
def test_nonsense_in_any_part_never_breaks_the_check(part, nonsense):
    assert isinstance(check_document({**PLATE, part: nonsense}), list)


def test_the_hash_does_not_depend_on_the_order_of_keys_but_on_every_word():
    turned = dict(reversed(list(json.loads(json.dumps(PLATE)).items())))
    assert content_hash(turned) == content_hash(PLATE)
    other = changed(lambda it: it["title"].update(nl=it["title"]["nl"] + "."))
    assert content_hash(other) != content_hash(PLATE)


def test_every_shipped_protocol_has_a_hash_of_its_own():
    assert len({content_hash(document) for document in DOCUMENTS.values()}) == len(DOCUMENTS)


def test_two_versions_are_compared_step_by_step():
    def revise(document: dict[str, Any]) -> None:
        document["steps"][2]["figures"]["mass"]["value"] = 5
        document["steps"].pop(0)
        document["safety"]["en"] = "New."

    found = {item.path: item for item in differences(PLATE, changed(revise))}
    assert set(found) == {"steps.plate", "steps.dissolve.figures.mass.value", "safety.en"}
    mass = found["steps.dissolve.figures.mass.value"]
    assert (mass.old, mass.new) == (4, 5)
    assert found["steps.plate"].new is None
    assert differences(PLATE, PLATE) == []


def test_steps_in_another_order_are_a_difference():
    found = differences(PLATE, changed(lambda it: it["steps"].reverse()))
    assert [item.path for item in found] == ["steps"]


def test_the_techniques_are_those_of_the_network():
    assert "guideline" in set(Technique) and len(Technique) == 12


@given(st.data(), JSON)
def test_nonsense_anywhere_inside_never_breaks_the_check(data, nonsense):
    document = copy.deepcopy(PLATE)
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(place[key], (dict, list)) and len(place[key]) > 0
        if not deeper or data.draw(st.integers(0, 3)) == 0:
            break
        place = place[key]
    place[key] = nonsense
    assert isinstance(check_document(document), list)
