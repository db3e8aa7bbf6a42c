from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.foundation.shipped import shipped
from lims.network.queries import OPERATOR
from lims.protocols import documents, operations, queries
from lims.protocols.records import ProtocolVersion


@pytest.fixture
def published(session: Session, network: Any) -> list[ProtocolVersion]:
    return operations.publish_shipped(session, OPERATOR)


def shipped_document(stem: str = "weighing-1") -> dict[str, Any]:
    return copy.deepcopy(dict(documents.read_document(shipped("protocols") / f"{stem}.yaml")))


def second_version() -> dict[str, Any]:
    document = shipped_document()
    document["version"], document["supersedes"] = 2, "weighing-1"
    document["title"]["en"] = "Weighing, second version"
    return document


def test_every_shipped_protocol_is_published_once(
    session: Session, network: Any, published: list[ProtocolVersion]
) -> None:
    files = list(shipped("protocols").glob("*.yaml"))
    assert len(published) == len(files) == len(queries.current(session))
    assert operations.publish_shipped(session, network.coordinator) == []
    assert session.scalar(select(func.count()).select_from(ProtocolVersion)) == len(files)


def test_only_those_who_publish_may_publish(session: Session, network: Any) -> None:
    for actor in (network.chemist, network.head, network.approver):
        with pytest.raises(NotPermitted):
            operations.publish_shipped(session, actor)


def test_a_published_version_never_changes(
    session: Session, published: list[ProtocolVersion]
) -> None:
    changed = shipped_document()
    changed["title"]["en"] = "Weighing, quietly changed"
    with pytest.raises(Refused) as refusal:
        operations.publish(session, OPERATOR, changed)
    assert "weighing version 1" in str(refusal.value.message)
    assert "version 2" in str(refusal.value.message)
    assert queries.latest(session, "weighing").titles["en"] == shipped_document()["title"]["en"]


def test_a_new_version_supersedes_the_one_before(
    session: Session, published: list[ProtocolVersion]
) -> None:
    first = queries.latest(session, "weighing")
    second = operations.publish(session, OPERATOR, second_version())
    assert second is not None
    assert second.supersedes_id == first.id
    assert queries.latest(session, "weighing").id == second.id
    assert [one.version for one in queries.versions(session, "weighing")] == [2, 1]
    assert [one.label for one in queries.current(session, "weighing")] == ["weighing 2"]
    assert queries.version(session, first.id).document == shipped_document()


def test_a_version_whose_predecessor_is_not_published_is_refused(
    session: Session, network: Any
) -> None:
    with pytest.raises(Refused, match="Publish version 1 of weighing before version 2"):
        operations.publish(session, OPERATOR, second_version())


def test_a_document_that_lacks_a_part_is_refused_with_the_place(
    session: Session, network: Any
) -> None:
    document = shipped_document()
    del document["safety"]["nl"]
    with pytest.raises(Invalid) as refusal:
        operations.publish(session, OPERATOR, document)
    assert [one.field for one in refusal.value.problems] == ["weighing-1: safety.nl"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "line 1"),
        ("a: 1\nb: : :\n", "line 2"),
        ("- one", "names its parts"),
        ("", "names its parts"),
        ("!!python/object/apply:os.system ['true']", "line 1"),
        ("a: &a [*a]\nb: \x07", "line 1"),
    ],
)
def test_a_file_that_is_no_document_is_refused_in_words(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        documents.read_document(file)
    assert refusal.value.problems[0].field == "wrong.yaml"
    assert words in str(refusal.value.problems[0].message)


def test_a_day_in_a_document_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_text("day: 2026-11-22\n", encoding="utf-8")
    assert documents.read_document(file)["day"] == "2026-11-22"


def test_an_unknown_protocol_is_not_found(session: Session, network: Any) -> None:
    with pytest.raises(NotFound):
        queries.latest(session, "no-such-protocol")


def test_those_without_the_duty_cannot_consult_protocols(session: Session, network: Any) -> None:
    with pytest.raises(NotPermitted):
        queries.protocols(session, network.administrator, queries.ProtocolFilters())
