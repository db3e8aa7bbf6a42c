from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.findings import keeping
from lims.findings.operations import (
    ChooseDetection,
    DraftFinding,
    EditFinding,
    ReleaseFinding,
    SubmitFinding,
    draft_finding,
    edit_finding,
    release_finding,
    submit_finding,
)
from lims.findings.records import Finding
from lims.findings.statements import tell
from lims.foundation.errors import Invalid, Refused
from tests.findings import makers

NO_FENTANYL = [{"group": "fentanyls", "kind": "not-detected"}]


@pytest.fixture(autouse=True)
def lists(session: Session, network: Any) -> None:
    makers.ready(session, network)
    session.commit()


def drafted(session: Session, network: Any, sample: Any) -> Finding:
    return draft_finding(session, network.chemist, DraftFinding(sample.id))


def test_a_draft_is_composed_from_what_was_verified(session: Session, network: Any) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network, "208", "12"))
    (detection,) = found.detections
    assert (detection.role, detection.abundance, detection.kind) == (
        *("active-expected", "major", "measured"),
    )
    assert (detection.value, detection.uncertainty, detection.expressed_as) == (208, 12, "HCl")
    assert (found.match, found.danger, found.confidence) == (
        *("as-expected", "warning", "confirmed"),
    )
    judged = {one["rule"]: one["verdict"] for one in found.danger_outcomes}
    assert judged["sp-mdma-200"] == "cannot-be-excluded"
    assert judged["sp-mdma-120"] == "above"


@pytest.mark.parametrize(
    ("techniques", "word"),
    [
        (["tlc"], "presumptive"),
        (["reagent", "tlc"], "presumptive"),
        (["gcms"], "identified"),
        (["ftir", "ftir"], "identified"),
        (["gcms", "tlc"], "confirmed"),
        (["lcms", "hplc_uv"], "identified"),
        (["gcms", "lcms"], "confirmed"),
    ],
)
def test_certainty_needs_two_uncorrelated_techniques_one_of_them_structural(
    session: Session, network: Any, techniques: list[str], word: str
) -> None:
    mdma = makers.mdma(session)
    sample = makers.sample(session, network, mdma)
    for technique in techniques:
        makers.run(session, network, sample, technique, [{"substance": mdma}])
    found = drafted(session, network, sample)
    assert found.confidence == word
    assert "MDMA" in tell(found.confidence_reason, "fr")


def test_pmma_in_a_tablet_sold_as_mdma_is_something_else_and_acts_late(
    session: Session, network: Any
) -> None:
    mdma, pmma = makers.mdma(session), makers.pmma(session)
    sample = makers.sample(session, network, mdma)
    scope = [{"id": "mdma", "lod": "0.1", "unit": "%"}, {"id": "pmma", "lod": None}]
    makers.run(session, network, sample, "gcms", [{"substance": pmma}], scope=scope)
    found = drafted(session, network, sample)
    assert (found.match, found.danger) == ("other-instead", "warning")
    assert "PMMA works later" in found.text_en
    assert "not found above 0.1 %: MDMA" in found.text_en
    assert "0,1 %" in found.text_fr


def test_what_a_method_could_not_see_is_never_told_as_absent(
    session: Session, network: Any
) -> None:
    mdma = makers.mdma(session)
    sample = makers.sample(session, network, mdma)
    makers.run(session, network, sample, "gcms", [{"substance": mdma}])
    found = drafted(session, network, sample)
    assert "not found" not in found.text_en
    assert "What we did not look for can still be in it." in found.text_en


def test_a_positive_strip_and_a_negative_ftir_stay_side_by_side(
    session: Session, network: Any
) -> None:
    mdma = makers.mdma(session)
    sample = makers.sample(session, network, mdma)
    makers.run(session, network, sample, "strip", [{"group": "fentanyl"}], groups=["fentanyls"])
    ftir = [{"substance": mdma}, {"group": "fentanyls", "kind": "not-detected"}]
    makers.run(session, network, sample, "ftir", ftir)
    makers.run(session, network, sample, "gcms", [{"substance": mdma}])
    found = drafted(session, network, sample)
    (row,) = keeping.clashes(found)
    assert row["key"] == "fentanyls"
    assert [cell["kind"] for cell in row["cells"]] == ["found", "not-detected", "not-looked-for"]
    assert found.danger == "warning"


@pytest.mark.parametrize(("technique", "told"), [("strip", []), ("gcms", []), ("tlc", [])])
def test_a_run_that_says_nothing_is_never_told_as_not_detected(
    session: Session, network: Any, technique: str, told: list[Any]
) -> None:
    sample = makers.analysed_tablet(session, network)
    scope = [{"id": "mdma"}, {"id": "pmma"}]
    makers.run(session, network, sample, technique, told, scope=scope, groups=["fentanyls"])
    found = drafted(session, network, sample)
    assert "not found" not in found.text_en and keeping.clashes(found) == []
    assert all(not run["not_detected"] for run in found.scope)


def test_a_trace_is_no_contradiction_to_a_coarser_method(session: Session, network: Any) -> None:
    caffeine = makers.substance(session, "caffeine", role="adulterant")
    sample = makers.analysed_tablet(session, network)
    absent = {"substance": caffeine, "kind": "not-detected"}
    makers.run(session, network, sample, "ftir", [absent])
    trace = {"substance": caffeine, "abundance": "trace"}
    makers.run(session, network, sample, "gcms", [trace])
    assert keeping.clashes(drafted(session, network, sample)) == []


def test_disagreeing_methods_need_the_authors_words_and_the_readers_tick(
    session: Session, network: Any
) -> None:
    sample = makers.analysed_tablet(session, network)
    makers.run(session, network, sample, "strip", [{"group": "fentanyl"}], groups=["fentanyls"])
    makers.run(session, network, sample, "ftir", NO_FENTANYL)
    found = drafted(session, network, sample)
    with pytest.raises(Invalid) as refusal:
        submit_finding(session, network.chemist, SubmitFinding(found.id))
    assert [problem.field for problem in refusal.value.problems] == ["explanation"]
    change = EditFinding(found.id, explanation="Repeated at 0.5 mg/ml: negative.")
    edit_finding(session, network.chemist, change)
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    with pytest.raises(Invalid) as unread:
        release_finding(session, network.verifier, ReleaseFinding(found.id))
    assert [problem.field for problem in unread.value.problems] == ["disagreements_read"]
    release_finding(session, network.verifier, ReleaseFinding(found.id, ("fentanyls",)))
    assert found.state == "released"


def test_leaving_out_what_was_found_needs_words(session: Session, network: Any) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    without = EditFinding(found.id, (ChooseDetection("mdma", kept=False),))
    edit_finding(session, network.chemist, without)
    assert found.detections == [] and found.danger == "neutral"
    with pytest.raises(Invalid):
        submit_finding(session, network.chemist, SubmitFinding(found.id))


@pytest.mark.parametrize("state", ["recorded", "to verify", "withdrawn", "retested"])
def test_nothing_is_concluded_from_a_run_that_nobody_verified(
    session: Session, network: Any, state: str
) -> None:
    mdma = makers.mdma(session)
    sample = makers.sample(session, network, mdma)
    makers.run(session, network, sample, "gcms", [{"substance": mdma}], state=state)
    with pytest.raises(Refused):
        drafted(session, network, sample)


def test_a_draft_whose_runs_have_changed_cannot_be_signed(session: Session, network: Any) -> None:
    sample = makers.analysed_tablet(session, network)
    found = drafted(session, network, sample)
    makers.run(session, network, sample, "ftir", [{"substance": makers.pmma(session)}])
    with pytest.raises(Refused):
        submit_finding(session, network.chemist, SubmitFinding(found.id))
    edit_finding(session, network.chemist, EditFinding(found.id, explanation="Seen."))
    submit_finding(session, network.chemist, SubmitFinding(found.id))


def test_an_edited_text_stays_and_warns_when_the_facts_change(
    session: Session, network: Any
) -> None:
    sample = makers.analysed_tablet(session, network)
    found = drafted(session, network, sample)
    edit_finding(session, network.chemist, EditFinding(found.id, texts={"fr": "Mes mots."}))
    assert (found.text_fr, keeping.is_edited(found, "fr")) == ("Mes mots.", True)
    assert not keeping.is_outdated(found, "fr") and not keeping.is_edited(found, "en")
    makers.run(session, network, sample, "ftir", [{"substance": makers.pmma(session)}])
    before = found.text_en
    edit_finding(session, network.chemist, EditFinding(found.id))
    assert found.text_fr == "Mes mots." and keeping.is_outdated(found, "fr")
    assert found.text_en != before and "PMMA" in found.text_en
    edit_finding(session, network.chemist, EditFinding(found.id, texts={"fr": ""}))
    assert not keeping.is_edited(found, "fr") and "PMMA" in found.text_fr


def test_a_human_rule_counts_once_the_author_says_so(session: Session, network: Any) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    assert found.danger == "neutral"
    edit_finding(session, network.chemist, EditFinding(found.id, decided=("sp-nps-unknown",)))
    assert found.danger == "warning"
    with pytest.raises(Invalid):
        edit_finding(session, network.chemist, EditFinding(found.id, decided=("sp-mdma-120",)))


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (ChooseDetection("mdma", role="spice"), "detections.0.role"),
        (ChooseDetection("mdma", abundance="lots"), "detections.0.abundance"),
        (ChooseDetection("heroin"), "detections.0.key"),
    ],
)
def test_what_no_list_holds_is_refused_beside_its_field(
    session: Session, network: Any, choice: ChooseDetection, field: str
) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    with pytest.raises(Invalid) as refusal:
        edit_finding(session, network.chemist, EditFinding(found.id, (choice,)))
    assert [problem.field for problem in refusal.value.problems] == [field]


@given(
    value=st.decimals(0, 1_000_000, places=4),
    spread=st.one_of(st.none(), st.decimals(0, 100_000, places=4)),
    unit=st.sampled_from(["mg/unit", "%", "mg/g", "µg/unit", ""]),
    words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50),
)
def test_any_amount_can_be_told_in_every_language(
    session: Session, network: Any, value: Decimal, spread: Decimal | None, unit: str, words: str
) -> None:
    mdma = makers.mdma(session)
    sample = makers.sample(session, network)
    sample.sold_as = words or "unknown"
    answer = makers.amount(mdma, "1") | {"value": value, "uncertainty": spread, "unit": unit}
    makers.run(session, network, sample, "gcms", [answer])
    found = drafted(session, network, sample)
    assert all(found.text(language).strip() for language in ("fr", "nl", "en"))
