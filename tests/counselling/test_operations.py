from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling import queries, results
from lims.counselling.operations import LookUp, RecordTalk, look_up, record_talk
from lims.counselling.rules import Standing
from lims.findings.records import Finding
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.intake.records import Sample
from lims.journal.records import JournalEntry
from tests.counselling.made import HEADLINE, hand_in, handed_and_released, new_id, release
from tests.makers import Network


def talk_of(handed: Any, **given: Any) -> RecordTalk:
    return replace(RecordTalk(id=new_id(), sample_id=handed.sample.id), **given)


def current(session: Session, sample: Sample) -> uuid.UUID:
    return session.scalars(
        select(Finding.id).where(Finding.sample_id == sample.id, Finding.state == "released")
    ).one()


# ------------------------------------------------------------------------------------ reading


def test_a_worker_opens_the_results_of_the_own_site(session: Session, network: Network) -> None:
    handed = handed_and_released(session, network)
    code = handed.sample.code
    for typed in (code, code.lower(), f"{code[:4]}-{code[4:]}", f" {code[:4]} {code[4:]} "):
        assert look_up(session, network.worker, LookUp(typed))[0].id == handed.sample.id


def test_a_worker_of_another_site_learns_nothing_not_even_that_the_code_exists(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    with pytest.raises(NotFound) as known:
        look_up(session, network.festival_worker, LookUp(handed.sample.code))
    with pytest.raises(NotFound) as unknown:
        look_up(session, network.festival_worker, LookUp("2222-2222"))
    assert str(known.value) == str(unknown.value)
    with pytest.raises(NotFound):
        queries.sample_to_tell(session, network.festival_worker, handed.sample.id)
    shown = frozenset({handed.sample.id})
    with pytest.raises(NotFound):
        queries.sample_to_tell(session, network.festival_worker, handed.sample.id, shown)


def test_a_counsellor_opens_what_is_shown_from_elsewhere_and_the_journal_tells(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network, site=network.festival)
    with pytest.raises(NotFound):
        queries.sample_to_tell(session, network.counsellor, handed.sample.id)
    opened = look_up(session, network.counsellor, LookUp(handed.sample.code))
    assert [one.id for one in opened] == [handed.sample.id]
    acts = session.scalars(select(JournalEntry.act)).all()
    assert acts == ["open result shown by visitor"]


def test_a_ticket_that_is_shown_opens_every_sample_of_the_visit(
    session: Session, network: Network
) -> None:
    handed = hand_in(session, network, "registered", "registered", site=network.festival)
    opened = look_up(session, network.counsellor, LookUp(handed.ticket))
    assert [one.id for one in opened] == [one.id for one in handed.samples]
    with pytest.raises(NotFound):
        look_up(session, network.worker, LookUp(handed.ticket))


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_without_the_duty_no_result_opens(session: Session, network: Network, who: str) -> None:
    handed = handed_and_released(session, network)
    with pytest.raises(NotPermitted):
        look_up(session, getattr(network, who), LookUp(handed.sample.code))


@given(text=st.text(max_size=90))
def test_nonsense_is_refused_in_words(session: Session, network: Network, text: str) -> None:
    with pytest.raises((Invalid, NotFound)):
        look_up(session, network.counsellor, LookUp(text))


@pytest.mark.parametrize("state", ["draft", "to verify"])
def test_a_finding_that_is_not_released_is_never_told(
    session: Session, network: Network, state: str
) -> None:
    handed = hand_in(session, network, "to verify")
    release(session, network, handed.sample, state=state, released_at=None)
    handed.sample.state = "to verify"
    session.commit()
    told = results.results_of(session, handed.samples, "en", "rdr-network")[0]
    assert told.standing is Standing.NOT_READY and told.told is None


def test_the_amended_version_is_told_and_says_so(session: Session, network: Network) -> None:
    handed = handed_and_released(session, network)
    first = session.scalars(select(Finding)).one()
    first.state = "superseded"
    release(session, network, handed.sample, version=2, reason="second laboratory", danger="red")
    told = results.results_of(session, handed.samples, "en", "rdr-network")[0].told
    assert told is not None
    assert (told.version, told.amended, told.level) == (2, True, "red")
    assert told.reason == "second laboratory"


def test_a_result_says_what_was_found_how_much_of_what_salt_and_what_was_looked_for(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    told = results.results_of(session, handed.samples, "fr", "rdr-network")[0].told
    assert told is not None and told.headline == HEADLINE
    assert told.lines[0].name == "PMMA" and "43,5" in told.lines[0].amount
    assert "HCl" in told.lines[0].amount and told.late == ("PMMA",)
    assert told.looked[0].missing[0].name == "MDMA" and "0,1" in told.looked[0].missing[0].limit
    assert {"do-not-take", "wait"} <= {card.key for card in told.cards}


# --------------------------------------------------------------------------------------- talks


def test_a_talk_keeps_the_version_shown_and_is_in_the_journal(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    shown = current(session, handed.sample)
    given = talk_of(handed, finding_id=shown, advice=["wait"], intention="not-take", minutes=12)
    talk = record_talk(session, network.worker, given)
    assert (talk.finding_id, talk.intention, talk.site_id) == (
        shown,
        "not-take",
        network.counter.id,
    )
    assert "record talk" in session.scalars(select(JournalEntry.act)).all()
    assert record_talk(session, network.worker, given) is talk
    rows, total = queries.talks(session, network.worker, talk.day)
    assert total == 1 and rows[0].code == handed.sample.code
    assert queries.talks(session, network.festival_worker, talk.day) == ([], 0)


def test_a_talk_on_a_version_that_no_longer_stands_is_refused(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    old = session.scalars(select(Finding)).one()
    old.state = "superseded"
    release(session, network, handed.sample, version=2)
    with pytest.raises(Refused):
        record_talk(session, network.worker, talk_of(handed, finding_id=old.id))


def test_a_draft_is_never_a_version_that_was_shown(session: Session, network: Network) -> None:
    handed = hand_in(session, network)
    draft = release(session, network, handed.sample, state="draft", released_at=None)
    with pytest.raises(Refused):
        record_talk(session, network.worker, talk_of(handed, finding_id=draft.id))


def test_another_sites_worker_cannot_record_and_a_counsellor_needs_the_code(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network, site=network.festival)
    given = talk_of(handed, finding_id=current(session, handed.sample))
    for who in (network.worker, network.counsellor):
        with pytest.raises(NotFound):
            record_talk(session, who, given)
    with pytest.raises(NotFound):
        record_talk(session, network.worker, replace(given, code=handed.sample.code))
    talk = record_talk(session, network.counsellor, replace(given, code=handed.sample.code))
    assert talk.site_id == network.counter.id


@pytest.mark.parametrize("who", ["chemist", "coordinator", "administrator", "auditor"])
def test_only_who_holds_talks_records_them(session: Session, network: Network, who: str) -> None:
    handed = handed_and_released(session, network)
    with pytest.raises(NotPermitted):
        record_talk(session, getattr(network, who), talk_of(handed))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"intention": "flee"}, "intention"),
        ({"advice": ["drink bleach"]}, "advice"),
        ({"language": "xx"}, "language"),
        ({"minutes": -1}, "minutes"),
        ({"minutes": 10_000}, "minutes"),
        ({"note": "a" * 401}, "note"),
        ({"note": "call her on 0470 12 34 56"}, "note"),
        ({"note": "Mme Dupont comes back"}, "note"),
        ({"referral": "dr@example.org"}, "referral"),
    ],
)
def test_answers_that_cannot_be_or_point_to_a_person_are_refused_beside_their_field(
    session: Session, network: Network, wrong: dict[str, Any], field: str
) -> None:
    handed = handed_and_released(session, network)
    given = talk_of(handed, finding_id=current(session, handed.sample), **wrong)
    with pytest.raises(Invalid) as refused:
        record_talk(session, network.worker, given)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_warning_that_is_answered_lets_the_words_pass(session: Session, network: Network) -> None:
    handed = handed_and_released(session, network)
    words = {"note": "Golden Buddha tablet", "not_a_person": True}
    given = talk_of(handed, finding_id=current(session, handed.sample), **words)
    assert record_talk(session, network.worker, given).note == "Golden Buddha tablet"


@given(st.text(max_size=600), st.integers(), st.text(max_size=80))
def test_nonsense_in_a_talk_is_refused_or_kept_as_it_is(
    session: Session, network: Network, note: str, minutes: int, intention: str
) -> None:
    handed = hand_in(session, network)
    given = talk_of(handed, note=note, minutes=minutes, intention=intention)
    try:
        talk = record_talk(session, network.worker, given)
    except Invalid:
        session.rollback()
    else:
        assert (talk.note, talk.minutes) == (note, minutes)
        session.rollback()
