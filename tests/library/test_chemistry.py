import csv
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


def test_every_shipped_example_of_a_structural_group_is_in_or_out_as_stated():
    examples = rows("structural_groups_tests.csv")
    wrong = [
        (row["group"], row["key"])
        for row in examples
        if (row["group"] in chemistry.groups_of(row["smiles"], GROUPS)) != (row["expected"] == "in")
    ]
    assert len(examples) == 287 and wrong == []


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
