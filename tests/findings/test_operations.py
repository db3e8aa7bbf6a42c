from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.findings import keeping, queries
from lims.findings.operations import (
    AmendFinding,
    ChooseDetection,
    DraftFinding,
    EditFinding,
    FindingReleased,
    ReleaseFinding,
    SendBackFinding,
    SubmitFinding,
    amend_finding,
    draft_finding,
    edit_finding,
    release_finding,
    send_back_finding,
    submit_finding,
)
from lims.findings.records import Finding
from lims.findings.statements import tell
from lims.foundation import happenings
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refusal, Refused, Stale
from lims.journal.queries import acts_about
from tests.findings import makers


@pytest.fixture
def heard() -> Iterator[list[FindingReleased]]:
    told: list[FindingReleased] = []

    def hear(_session: Session, _actor: Any, happening: FindingReleased) -> None:
        told.append(happening)

    happenings.connect({FindingReleased: [hear]})
    yield told
    happenings.connect({})


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


def test_a_trace_is_no_contradiction_to_a_coarser_method(session: Session, network: Any) -> None:
    caffeine = makers.substance(session, "caffeine", role="adulterant")
    sample = makers.analysed_tablet(session, network)
    scope = [{"id": "caffeine"}]
    makers.run(session, network, sample, "ftir", [], scope=scope)
    trace = {"substance": caffeine, "abundance": "trace"}
    makers.run(session, network, sample, "gcms", [trace], scope=scope)
    assert keeping.clashes(drafted(session, network, sample)) == []


def test_disagreeing_methods_need_the_authors_words_and_the_readers_tick(
    session: Session, network: Any
) -> None:
    sample = makers.analysed_tablet(session, network)
    makers.run(session, network, sample, "strip", [{"group": "fentanyl"}], groups=["fentanyls"])
    makers.run(session, network, sample, "ftir", [], groups=["fentanyls"])
    found = drafted(session, network, sample)
    with pytest.raises(Invalid) as refusal:
        submit_finding(session, network.chemist, SubmitFinding(found.id))
    assert [problem.field for problem in refusal.value.problems] == ["explanation"]
    change = EditFinding(found.id, explanation="Repeated at 0.5 mg/ml: negative.")
    edit_finding(session, network.chemist, change)
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    with pytest.raises(Invalid) as unread:
        release_finding(session, network.verifier, ReleaseFinding(found.id))
    assert [problem.field for problem in unread.value.problems] == ["read-fentanyls"]
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


def test_nobody_releases_what_is_theirs(session: Session, network: Any) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    edit_finding(session, network.second_chemist, EditFinding(found.id))
    submit_finding(session, network.second_chemist, SubmitFinding(found.id))
    for account in (found.author, *found.co_authors):
        with pytest.raises(Refused):
            release_finding(session, _also_verifier(network, account), ReleaseFinding(found.id))
    with pytest.raises(NotPermitted):
        release_finding(session, network.chemist, ReleaseFinding(found.id))


def _also_verifier(network: Any, account: str) -> Any:
    from dataclasses import replace

    return replace(network.verifier, account=account)


def test_a_lone_laboratory_releases_its_own_work_only_by_saying_so(
    session: Session, network: Any
) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    alone = _also_verifier(network, "chemist")
    asked = ReleaseFinding(found.id, lone_exception=True)
    with pytest.raises(Refused):
        release_finding(session, alone, asked)
    network.laboratory.lone_laboratory = True
    session.flush()
    with pytest.raises(Refused):
        release_finding(session, alone, ReleaseFinding(found.id))
    release_finding(session, alone, asked)
    assert found.lone_exception is True
    (act,) = [
        one
        for one in acts_about(session, "sample", [found.sample_id])
        if one.act == "release finding"
    ]
    assert act.detail["lone_exception"] is True


def test_release_is_told_once_and_moves_the_sample(
    session: Session, network: Any, heard: list[FindingReleased]
) -> None:
    sample = makers.analysed_tablet(session, network)
    found = makers.released(session, network, sample)
    assert sample.state == "released"
    assert heard == [FindingReleased(found.id, sample.id, 1)]
    assert queries.released_finding(session, sample.id) is found


def test_a_correction_is_a_new_version_and_the_old_one_stays_readable(
    session: Session, network: Any, heard: list[FindingReleased]
) -> None:
    sample = makers.analysed_tablet(session, network)
    first = makers.released(session, network, sample)
    words = first.text_fr
    with pytest.raises(Invalid):
        amend_finding(session, network.chemist, AmendFinding(first.id, " "))
    makers.run(session, network, sample, "ftir", [{"substance": makers.pmma(session)}])
    second = amend_finding(session, network.chemist, AmendFinding(first.id, "PMMA seen later."))
    assert queries.released_finding(session, sample.id) is first
    with pytest.raises(Refused):
        amend_finding(session, network.chemist, AmendFinding(first.id, "Twice."))
    submit_finding(session, network.chemist, SubmitFinding(second.id))
    release_finding(session, network.verifier, ReleaseFinding(second.id))
    assert (first.state, second.state, sample.state) == ("superseded", "released", "amended")
    assert first.text_fr == words and "PMMA" in second.text_fr
    assert [one.version for one in heard] == [1, 2]


def test_a_finding_goes_back_with_a_reason(session: Session, network: Any) -> None:
    sample = makers.analysed_tablet(session, network)
    found = drafted(session, network, sample)
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    with pytest.raises(Invalid):
        send_back_finding(session, network.verifier, SendBackFinding(found.id, "  "))
    send_back_finding(session, network.verifier, SendBackFinding(found.id, "Look at spot b."))
    assert (found.state, found.reason, sample.state) == ("draft", "Look at spot b.", "in analysis")
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    assert sample.state == "to verify"


def test_what_is_released_cannot_be_changed(session: Session, network: Any) -> None:
    found = makers.released(session, network, makers.analysed_tablet(session, network))
    acts: list[Callable[[], Any]] = [
        lambda: edit_finding(session, network.chemist, EditFinding(found.id)),
        lambda: submit_finding(session, network.chemist, SubmitFinding(found.id)),
        lambda: send_back_finding(session, network.verifier, SendBackFinding(found.id, "No.")),
        lambda: release_finding(session, network.verifier, ReleaseFinding(found.id)),
    ]
    for act in acts:
        with pytest.raises(Refused):
            act()


def test_a_change_of_an_old_reading_is_refused(session: Session, network: Any) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    old = found.row_version
    edit_finding(session, network.chemist, EditFinding(found.id, explanation="A"))
    session.flush()
    with pytest.raises(Stale):
        edit_finding(session, network.chemist, EditFinding(found.id, row_version=old))


def test_a_draft_sent_twice_is_one(session: Session, network: Any) -> None:
    sample = makers.analysed_tablet(session, network)
    wanted = DraftFinding(sample.id, uuid.uuid4())
    first = draft_finding(session, network.chemist, wanted)
    assert draft_finding(session, network.chemist, wanted) is first
    with pytest.raises(Refused):
        draft_finding(session, network.chemist, DraftFinding(sample.id))


def test_another_laboratory_neither_writes_nor_reads_a_draft(
    session: Session, network: Any
) -> None:
    sample = makers.analysed_tablet(session, network)
    with pytest.raises(NotPermitted):
        draft_finding(session, network.other_chemist, DraftFinding(sample.id))
    found = drafted(session, network, sample)
    for reader in (network.other_chemist, network.worker, network.counsellor):
        with pytest.raises(NotFound):
            queries.finding(session, reader, found.id)
    with pytest.raises(NotPermitted):
        queries.finding(session, network.administrator, found.id)


def test_a_released_finding_is_read_where_the_sample_was_handed_in(
    session: Session, network: Any
) -> None:
    found = makers.released(session, network, makers.analysed_tablet(session, network))
    assert queries.finding(session, network.worker, found.id) is found
    assert queries.finding(session, network.coordinator, found.id) is found
    with pytest.raises(NotFound):
        queries.finding(session, network.festival_worker, found.id)
    listed, total = queries.findings(session, network.worker, queries.FindingFilters())
    assert (listed, total) == ([found], 1)
    assert queries.findings(session, network.festival_worker, queries.FindingFilters())[1] == 0


def test_two_who_release_at_once_give_one_release(
    session: Session, network: Any, engine: Engine
) -> None:
    found = drafted(session, network, makers.analysed_tablet(session, network))
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    session.commit()
    wanted = ReleaseFinding(found.id, row_version=found.row_version)
    ready = threading.Barrier(2)
    ended: list[str] = []

    def sign() -> None:
        with open_session(engine) as own:
            ready.wait()
            try:
                release_finding(own, network.verifier, wanted)
                own.commit()
                ended.append("released")
            except Refusal:
                ended.append("refused")
            except Exception as wrong:
                ended.append(type(wrong).__name__)

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) in (["refused", "released"], ["StaleDataError", "released"])
    session.expire_all()
    assert session.scalar(select(func.count()).where(Finding.state == "released")) == 1


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
