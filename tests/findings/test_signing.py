from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.findings import queries
from lims.findings.operations import (
    AmendFinding,
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
