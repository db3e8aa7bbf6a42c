from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.cap import codes
from lims.alerts.cap_records import CapMessage
from lims.alerts.records import Alert
from lims.exchange.foreign_alerts import (
    BringForeignAlert,
    SignalFromAlert,
    bring_foreign_alert,
    make_signal,
)
from lims.exchange.foreign_queries import ForeignFilter, chain_of, foreign_alerts, state_of
from lims.exchange.foreign_records import ForeignAlert
from lims.exchange.foreign_texts import line, plain
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.surveillance.records import Signal
from tests.alerts.capping import station, told
from tests.exchange.foreign import NOW, THEM, bring, cites, count, file_of, follows, message
from tests.exchange.library import load_library
from tests.makers import Network


def test_a_foreign_alert_stands_apart_and_is_no_alert_of_ours(
    session: Session, network: Network
) -> None:
    found = bring(session, network, file_of(message()))
    assert found.signature == "not signed" and found.licence == "Licence Ouverte"
    assert found.infos[0]["headline"] == "Comprimés d’essai" and found.severity == "Extreme"
    assert state_of(found, clock.now()) == "in force"
    assert count(session, Alert) == count(session, CapMessage) == count(session, Signal) == 0


def test_the_same_file_twice_is_kept_once(session: Session, network: Network) -> None:
    first = bring(session, network, file_of(message()))
    assert bring(session, network, file_of(message())).id == first.id
    assert count(session, ForeignAlert) == 1


def test_a_sender_is_known_only_by_a_pinned_certificate(
    session: Session, network: Network, tmp_path: Path
) -> None:
    seal = station(tmp_path).seal()
    unknown = bring(session, network, file_of(message(), seal))
    assert unknown.signature == "signed by an unknown sender" and unknown.fingerprint
    pinned = bring(
        session,
        network,
        file_of(message(identifier="fr-9"), seal),
        pinned=(seal.certificate,),
    )
    assert pinned.signature == "signed by a pinned sender"


def test_a_message_that_was_changed_after_signing_is_refused(
    session: Session, network: Network, tmp_path: Path
) -> None:
    content = file_of(message(), station(tmp_path).seal()).replace(b"Extreme", b"Minor", 1)
    with pytest.raises(Invalid):
        bring(session, network, content)
    assert count(session, ForeignAlert) == 0


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
@pytest.mark.parametrize("backwards", [False, True])
def test_an_update_and_a_cancel_end_what_they_cite_in_whatever_order_they_come(
    session: Session, network: Network, kind: str, backwards: bool
) -> None:
    files = [file_of(message()), file_of(follows(message(), kind))]
    for content in reversed(files) if backwards else files:
        bring(session, network, content)
    first = session.scalars(select(ForeignAlert).filter_by(identifier="fr-1")).one()
    assert state_of(first, clock.now()) == {"Update": "updated", "Cancel": "cancelled"}[kind]
    chain = chain_of(session, network.coordinator, first.id)
    assert [one.identifier for one in chain.after] == ["fr-2"] and not chain.before


def test_nobody_ends_another_senders_alert(session: Session, network: Network) -> None:
    first = bring(session, network, file_of(message()))
    bring(session, network, file_of(follows(message(), "Cancel", sender="x@elsewhere.example")))
    assert first.ended_by is None


def test_a_signed_alert_is_ended_only_by_a_message_of_the_same_key(
    session: Session, network: Network, tmp_path: Path
) -> None:
    ours, other = station(tmp_path / "a").seal(), station(tmp_path / "b").seal()
    first = bring(session, network, file_of(message(), ours))
    cancel = follows(message(), "Cancel")
    bring(session, network, file_of(cancel))
    bring(session, network, file_of(replace(cancel, identifier="fr-3"), other))
    assert first.ended_by is None
    right = bring(session, network, file_of(replace(cancel, identifier="fr-4"), ours))
    assert first.ended_by is right


def test_two_files_of_one_identifier_are_both_shown(session: Session, network: Network) -> None:
    first = bring(session, network, file_of(message()))
    bring(session, network, file_of(message(grades=codes.Grades("Past", "Minor", "Unknown"))))
    assert len(chain_of(session, network.coordinator, first.id).twins) == 1


def test_what_a_stranger_wrote_is_kept_as_short_plain_text(
    session: Session, network: Network
) -> None:
    odd = told(
        "en-GB",
        headline='<a href="https://evil.example">Click</a> \u202eme',
        description="<script>alert(1)</script>" + "x" * 9000,
    )
    (info,) = bring(session, network, file_of(message(told=(odd,)))).infos
    assert info["headline"] == "Click me"
    assert "<" not in info["description"] and len(info["description"]) <= 5000


@given(st.text(max_size=300))
def test_any_text_becomes_plain(text: str) -> None:
    for kept in (plain(text, 50), line(text, 50)):
        assert len(kept) <= 50
        assert not any(one in kept for one in "\u202e\u200b\x1b\x00\r")


REFUSED: dict[str, tuple[tuple[str, str], ...]] = {
    "not public": (("<scope>Public<", "<scope>Restricted<"),),
    "an answer of a program": (("<msgType>Alert<", "<msgType>Ack<"),),
    "our own": ((THEM, "alerts@127.0.0.1"),),
    "no sender": ((f"<sender>{THEM}<", "<sender><"),),
    "a status of its own": (("<status>Actual<", "<status>Real<"),),
    "another version": (("cap:1.2", "cap:1.1"),),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_public_alert_of_another_is_refused_in_words(
    session: Session, network: Network, name: str
) -> None:
    content = file_of(message()).decode()
    for old, new in REFUSED[name]:
        assert old in content
        content = content.replace(old, new)
    with pytest.raises((Refused, Invalid)):
        bring(session, network, content.encode())
    assert count(session, ForeignAlert) == 0


def test_faults_that_do_not_hinder_reading_are_kept_beside_it(
    session: Session, network: Network
) -> None:
    content = file_of(message()).replace("<headline>Comprimés d’essai</headline>".encode(), b"")
    found = bring(session, network, content)
    assert found.remarks and found.infos[0]["headline"] == "Dangerous drug product"


def test_somebody_who_triages_makes_a_signal_of_it_once(session: Session, network: Network) -> None:
    load_library(session)
    found = bring(session, network, file_of(message()))
    command = SignalFromAlert(found.id, "red", "MDMA")
    signal = make_signal(session, network.coordinator, command)
    assert signal.source == "partner" and signal.substance_id is not None
    assert make_signal(session, network.coordinator, command).id == signal.id
    assert count(session, Signal) == 1 and count(session, Alert) == 0
    with pytest.raises(NotPermitted):
        make_signal(session, network.worker, command)
    with pytest.raises(NotPermitted):
        bring_foreign_alert(session, network.worker, BringForeignAlert(b"", "x"))


@pytest.mark.parametrize(
    "given", [{"status": "Exercise"}, {"status": "Test"}, {"msg_type": "Cancel"}]
)
def test_an_exercise_or_a_cancel_makes_no_signal(
    session: Session, network: Network, given: dict[str, str]
) -> None:
    found = bring(
        session,
        network,
        file_of(replace(message(), references=cites(message()), identifier="fr-7", **given)),
    )
    with pytest.raises(Refused):
        make_signal(session, network.coordinator, SignalFromAlert(found.id, "red"))


def test_the_list_narrows_down_and_counts(session: Session, network: Network) -> None:
    bring(session, network, file_of(message()))
    bring(session, network, file_of(follows(message(), "Cancel")))
    bring(
        session,
        network,
        file_of(
            message(
                identifier="fr-5",
                grades=codes.Grades("Past", "Minor", "Unknown"),
                expires=NOW - timedelta(hours=1),
                told=(told("fr-FR", headline="Autre chose 100 %"),),
            )
        ),
    )

    def found(**wanted: str) -> list[str]:
        part = foreign_alerts(session, network.worker, ForeignFilter(**wanted))
        assert part.total == len(part.rows)
        return sorted(one.identifier for one in part.rows)

    assert found() == ["fr-1", "fr-2", "fr-5"]
    assert found(state="current") == []
    assert found(state="ended") == ["fr-1", "fr-2", "fr-5"]
    assert found(severity="Minor") == ["fr-5"]
    assert found(text="100 %") == ["fr-5"] and found(text="ministry") == ["fr-1", "fr-2", "fr-5"]


def test_markup_inside_markup_is_not_left_over() -> None:
    for text in ("<<b>script>alert(1)<<b>/script>", "<scr<i>ipt>x</scr</i>ipt>"):
        assert not re.search("<[^<>]*>", plain(text, 200))
    assert plain("less than < 10 mg", 200) == "less than < 10 mg"
