from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from lims.alerts import editor, operations, queries
from lims.alerts.audiences import Audience
from lims.alerts.drafting import EditedText, EditTexts
from lims.alerts.records import AlertVersion
from lims.foundation.errors import Invalid, NotPermitted, Refused
from tests.alerts.alerting import make_draft, make_published
from tests.makers import Network


def keep(
    session: Session, network: Network, version: AlertVersion, *texts: EditedText
) -> AlertVersion:
    command = EditTexts(version.id, version.row_version, Audience.PUBLIC, texts)
    return operations.edit_texts(session, network.coordinator, command)


def public(session: Session, version: AlertVersion, language: str) -> tuple[str, str]:
    message = queries.message(session, version.id, Audience.PUBLIC, language)
    return message.headline, message.body


def test_the_texts_of_an_audience_are_kept_together(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    english = public(session, version, "en")
    keep(session, network, version, EditedText("fr", "Gare", "Ceci."), EditedText("nl", "Op", "Z."))
    assert public(session, version, "fr") == ("Gare", "Ceci.")
    assert public(session, version, "nl") == ("Op", "Z.")
    assert public(session, version, "en") == english


def test_a_text_emptied_is_composed_from_the_facts_again(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    composed = public(session, version, "fr")
    keep(session, network, version, EditedText("fr", "Gare", "Ceci."))
    keep(session, network, version, EditedText("fr", " ", ""))
    assert public(session, version, "fr") == composed


def test_half_a_text_is_told_beside_its_language(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    with pytest.raises(Invalid) as refusal:
        keep(session, network, version, EditedText("fr", "Gare", ""), EditedText("nl", "", "Z."))
    fields = [one.field for one in refusal.value.problems]
    assert fields == ["texts.fr.body", "texts.nl.headline"]


def test_who_may_not_draft_changes_no_text(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    command = EditTexts(version.id, version.row_version, Audience.PUBLIC, ())
    with pytest.raises(NotPermitted):
        operations.edit_texts(session, network.counsellor, command)


def test_the_texts_of_a_published_version_never_change(session: Session, network: Network) -> None:
    version = make_published(session, network)
    with pytest.raises(Refused):
        keep(session, network, version, EditedText("fr", "Gare", "Ceci."))


def test_a_text_says_beside_it_whether_a_person_wrote_it_and_how_hard_it_is(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    keep(session, network, version, EditedText("nl", "Op", "Wees voorzichtig " + "en " * 25 + "."))
    spoken = editor.spoken(version, Audience.PUBLIC)
    assert [one.message.language for one in spoken] == ["fr", "nl", "en"]
    assert [one.is_edited for one in spoken] == [False, True, False]
    assert [one.reading.is_too_long for one in spoken] == [False, True, False]


def test_a_version_written_before_an_audience_existed_has_no_text_for_it(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    for one in [one for one in version.messages if one.audience == Audience.FOCAL_POINT]:
        session.delete(one)
    session.flush()
    session.refresh(version)
    assert editor.spoken(version, Audience.FOCAL_POINT) == []
