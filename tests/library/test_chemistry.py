import csv
import uuid
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.errors import Invalid
from lims.library import chemistry

DATA = Path(__file__).resolve().parents[2] / "reference_data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SUBSTANCES = {row["key"]: row for row in rows("substances.csv") if row["smiles"]}
GROUPS = chemistry.read_groups(
    rows("structural_groups.csv"), {key: row["smiles"] for key, row in SUBSTANCES.items()}
)


@cache
def groups_of(smiles):
    return chemistry.groups_of(smiles, GROUPS)


def confusion(examples):
    """Return misses and false hits by group, each with the keys, of (group, key, smiles, in)."""
    found = {}
    for group, key, smiles, member in examples:
        said = group in groups_of(smiles)
        if said != member:
            found.setdefault((group, "missed" if member else "false hit"), []).append(key)
    return found


def test_every_shipped_example_of_a_structural_group_is_in_or_out_as_stated():
    examples = rows("structural_groups_tests.csv")
    assert len(examples) == 287
    stated = [
        (row["group"], row["key"], row["smiles"], row["expected"] == "in") for row in examples
    ]
    assert confusion(stated) == {}


def test_no_shipped_substance_misses_its_group_or_falls_into_another():
    classes = {
        row["group"]: row["member_classes"].split("|") for row in rows("structural_groups.csv")
    }
    inside = {
        (row["group"], row["key"]): row["expected"] == "in"
        for row in rows("structural_groups_tests.csv")
    }
    every = [
        (group, key, row["smiles"], inside.get((group, key), row["class"] in wanted))
        for group, wanted in classes.items()
        for key, row in SUBSTANCES.items()
        if (group, key) in inside or row["class"] not in wanted
    ]
    wrong = confusion(every)
    members = sum(member for *_example, member in every)
    assert wrong == {}, f"{members} members, {len(every) - members} others: {wrong}"


def test_every_shipped_structure_has_the_identity_that_its_row_states():
    for key, row in SUBSTANCES.items():
        found = chemistry.identify(row["smiles"])
        assert (found.inchikey, found.formula) == (row["inchikey"], row["formula"]), key
        assert found.monoisotopic_mass == pytest.approx(float(row["monoisotopic_mass"]), abs=1e-4)


def test_a_salt_has_the_identity_of_its_base():
    base, salt = (chemistry.identify(smiles) for smiles in ("CNC(C)Cc1ccc2c(c1)OCO2",
                  "C[NH2+]C(C)Cc1ccc2c(c1)OCO2.[Cl-]"))  # fmt: skip
    assert salt == base and base.skeleton == "SHXWCVYOXRDMCX"


def test_an_inorganic_salt_keeps_its_ions():
    assert chemistry.identify("[Na+].[Cl-]").formula == "ClNa"


def test_a_salt_of_a_never_seen_nitazene_is_recognised_by_its_core():
    hydrochloride = "CCN(CC)CCn1c(Cc2ccc(OCC(F)F)cc2)nc2cc([N+](=O)[O-])ccc21.Cl"
    assert chemistry.groups_of(hydrochloride, GROUPS) == ("nitazenes",)


def test_an_exception_is_no_member_although_it_contains_the_core():
    assert "cathinones" not in chemistry.groups_of(SUBSTANCES["bupropion"]["smiles"], GROUPS)


@pytest.mark.parametrize("smiles", ["", "not a structure", "C1CC", "C" * 1001, "c1cccc1"])
def test_what_is_no_structure_is_refused_on_its_field(smiles):
    with pytest.raises(Invalid) as refused:
        chemistry.identify(smiles)
    assert refused.value.problems[0].field == "smiles"


@given(st.text(max_size=40))
def test_any_text_is_a_structure_or_is_refused(text):
    try:
        assert chemistry.identify(text).inchikey
    except Invalid as refused:
        assert refused.problems[0].field == "smiles"


@pytest.mark.parametrize("key", ["mdma", "lsd", "heroin", "sodium-chloride"])
def test_a_drawing_can_stand_in_a_page_under_a_strict_policy(key):
    svg = chemistry.drawing(SUBSTANCES[key]["smiles"], "“A” & <b>")
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == "“A” & <b>" and root.get("viewBox") == "0 0 240 180"
    assert len(list(root)) > 0
    for element in root.iter():
        assert element.tag.rsplit("}", 1)[-1] in {"svg", "path", "rect", "text", "g", "ellipse"}
        assert "style" not in element.attrib


def test_a_drawing_takes_the_ink_of_the_page():
    svg = chemistry.drawing(SUBSTANCES["mdma"]["smiles"], "MDMA")
    assert "currentColor" in svg and "#" not in svg


def test_the_core_of_a_group_is_marked_in_the_drawing():
    group = next(one for one in GROUPS if one.name == "phenethylamines")
    plain = chemistry.drawing(SUBSTANCES["mdma"]["smiles"], "MDMA")
    marked = chemistry.drawing(SUBSTANCES["mdma"]["smiles"], "MDMA", core=group)
    assert "class='core'" in marked and "class='core'" not in plain and "#" not in marked
    ElementTree.fromstring(marked)


INDEX = chemistry.StructureIndex(
    (uuid.uuid5(uuid.NAMESPACE_OID, key), row["smiles"]) for key, row in SUBSTANCES.items()
)
KEYS = {uuid.uuid5(uuid.NAMESPACE_OID, key): key for key in SUBSTANCES}


def test_a_part_of_a_structure_finds_what_contains_it():
    found = {KEYS[one] for one in INDEX.containing("c1ccc2c(c1)OCO2")}
    assert {"mdma", "mda", "methylone"} <= found and "amphetamine" not in found
    nitro = {KEYS[one] for one in INDEX.containing("[N+](=O)[O-]")}
    assert "etonitazene" in nitro or "isotonitazene" in nitro


def test_the_salt_of_a_substance_finds_the_substance():
    assert "mdma" in {KEYS[one] for one in INDEX.containing("CNC(C)Cc1ccc2c(c1)OCO2.Cl")}


def test_the_most_similar_comes_first_and_is_the_substance_itself():
    found = INDEX.similar(SUBSTANCES["mdma"]["smiles"], 0.4)
    assert KEYS[found[0][0]] == "mdma" and found[0][1] == 1
    assert [value for _one, value in found] == sorted((value for _o, value in found), reverse=True)
    assert all(value >= 0.4 for _one, value in found)


@pytest.mark.parametrize(
    "nonsense",
    ["", "c1cc", "not a part", "*.*.*.*.*.[Nv9]", "[$(*.*.*.*.[Nv9])]", "C" * 401, "C" * 90],
)
def test_a_part_that_cannot_be_looked_for_is_refused_in_words(nonsense):
    with pytest.raises(Invalid) as refused:
        INDEX.containing(nonsense)
    assert refused.value.problems[0].field == "structure"


@given(st.text(alphabet="CNOcn1234()[]=#.*$~!;,@HX+-", max_size=30))
def test_no_pattern_breaks_or_holds_up_the_search(text):
    try:
        INDEX.containing(text)
        INDEX.similar(text, 0.9)
    except Invalid as refused:
        assert refused.problems[0].field == "structure"
