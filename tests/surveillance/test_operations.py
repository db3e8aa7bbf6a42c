from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings.acts import FindingReleased
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.journal.records import JournalEntry
from lims.products.records import Product, ProductSample
from lims.surveillance import operations, queries
from lims.surveillance.operations import LookAtSignal
from lims.surveillance.queries import SignalFilters
from lims.surveillance.schemas import ReportEffectSchema
from tests.makers import (
    Network,
    danger_outcome,
    make_released_finding,
    make_sample,
    make_substance,
)
from tests.surveillance.raising import all_signals, discard, merge, release, report


def test_a_released_finding_raises_one_signal_for_each_danger_rule_at_once(
    session: Session, network: Network
) -> None:
    pmma, sample = make_substance(session, "pmma"), make_sample(session, network)
    finding = release(
        session, network, sample, danger_outcome(), danger_outcome("sp-late-onset", "red")
    )
    first, second = all_signals(session)
    assert {first.rule_key, second.rule_key} == {"any-pmma", "sp-late-onset"}
    assert (first.level, second.level) == ("red", "warning")
    for signal in (first, second):
        assert signal.state == "open" and signal.source == "rule" and signal.rule_version == 1
        assert signal.finding_id == finding.id and signal.sample_id == sample.id
        assert signal.substance_id == pmma.id and len(signal.data_hash) == 64
        assert signal.reason["id"] == "%(name)s: found."


def test_information_and_rules_that_do_not_hold_raise_nothing(
    session: Session, network: Network
) -> None:
    sample = make_sample(session, network)
    release(
        session,
        network,
        sample,
        danger_outcome(level="information"),
        danger_outcome("x", "red", raises=False),
    )
    assert all_signals(session) == []


def test_a_signal_knows_the_product_under_which_its_sample_is_filed(
    session: Session, network: Network
) -> None:
    sample = make_sample(session, network)
    day = clock.today()
    product = Product(number="P-0001", form="tablet", first_seen=day, last_seen=day)
    session.add(product)
    session.flush()
    session.add(
        ProductSample(
            product_id=product.id, sample_id=sample.id, current_sample_id=sample.id, by="verifier"
        )
    )
    release(session, network, sample, danger_outcome())
    assert all_signals(session)[0].product_id == product.id


def test_an_amended_finding_raises_only_what_is_new_and_merges_the_rest(
    session: Session, network: Network
) -> None:
    sample = make_sample(session, network)
    release(session, network, sample, danger_outcome("a", "caution"))
    release(
        session,
        network,
        sample,
        danger_outcome("a", "warning"),
        danger_outcome("b", "caution"),
        version=2,
    )
    signals = all_signals(session)
    old = next(one for one in signals if one.rule_key == "a" and one.state == "open")
    merged = next(one for one in signals if one.state == "merged")
    assert [one.rule_key for one in signals if one.state == "open"] == ["a", "b"]
    assert merged.merged_into_id == old.id and old.level == "warning"


def test_an_amended_finding_does_not_bring_back_what_was_discarded_on_the_same_data(
    session: Session, network: Network
) -> None:
    sample = make_sample(session, network)
    release(session, network, sample, danger_outcome("a"))
    discard(session, network, all_signals(session)[0])
    release(session, network, sample, danger_outcome("a"), version=2)
    assert len(all_signals(session)) == 1
    release(session, network, sample, danger_outcome("a", inputs={"value": "210"}), version=3)
    assert [one.state for one in all_signals(session)] == ["discarded", "open"]


def test_only_who_verifies_lets_a_finding_raise_signals(session: Session, network: Network) -> None:
    sample = make_sample(session, network)
    finding = make_released_finding(session, network, sample, danger_outcomes=[danger_outcome()])
    with pytest.raises(NotPermitted):
        operations.raise_danger_signals(
            session, network.worker, FindingReleased(finding.id, sample.id, 1)
        )


@pytest.mark.parametrize("account", ["worker", "counsellor", "coordinator"])
def test_a_report_by_hand_needs_no_identification(
    session: Session, network: Network, account: str
) -> None:
    signal = report(session, getattr(network, account), level="warning")
    assert (signal.number, signal.source, signal.level) == ("S-0001", "human-report", "warning")
    assert signal.reason["params"]["words"] == "blue crystal, bad effects"
    assert signal.sample_id is None and signal.substance_id is None


@pytest.mark.parametrize("account", ["chemist", "approver", "administrator", "auditor"])
def test_who_does_not_talk_with_visitors_reports_no_effect(
    session: Session, network: Network, account: str
) -> None:
    with pytest.raises(NotPermitted):
        report(session, getattr(network, account))


def test_a_report_can_name_the_sample_by_its_code(session: Session, network: Network) -> None:
    sample = make_sample(session, network)
    assert report(session, network.worker, sample_code=sample.code.lower()).sample_id == sample.id


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"words": "  "}, "words"),
        ({"level": "purple"}, "level"),
        ({"sample_code": "nonsense"}, "sample_code"),
        ({"sample_code": "2222-2222"}, "sample_code"),
        ({"product_number": "P-9999"}, "product_number"),
    ],
)
def test_a_report_that_cannot_be_right_names_the_field(
    session: Session, network: Network, given: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        report(session, network.worker, **given)
    assert [wrong.field for wrong in refusal.value.problems] == [field]


def test_the_same_report_sent_twice_is_kept_once(session: Session, network: Network) -> None:
    same = uuid.uuid4()
    assert report(session, network.worker, id=same) is report(session, network.worker, id=same)
    assert len(all_signals(session)) == 1


@given(words=st.text(max_size=300), code=st.text(max_size=40), number=st.text(max_size=40))
def test_any_text_is_kept_as_it_is_or_refused_in_words(
    session: Session, network: Network, words: str, code: str, number: str
) -> None:
    typed = {"words": words, "level": "caution", "sample_code": code, "product_number": number}
    typed["is_another"] = "yes"
    try:
        command = ReportEffectSchema().read(typed)
        signal = operations.report_effect(session, network.worker, command)
    except Invalid as refusal:
        assert {one.field for one in refusal.problems} <= set(typed)
    else:
        assert signal.reason["params"]["words"] == command.words != ""


def test_looking_is_noted_the_first_time_only(session: Session, network: Network) -> None:
    signal = report(session, network.worker)
    session.flush()
    opened = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    for hours in (1, 5):
        with clock.stopped_at(opened + timedelta(hours=hours)):
            operations.look_at_signal(session, network.coordinator, LookAtSignal(signal.id))
    assert signal.looked_at == opened + timedelta(hours=1) and signal.looked_by == "coordinator"


def test_a_discarded_signal_keeps_its_reason_and_is_decided(
    session: Session, network: Network
) -> None:
    signal = report(session, network.worker)
    session.flush()
    discard(session, network, signal)
    assert (signal.state, signal.decision_reason) == ("discarded", "known batch")
    assert signal.decided_by == "coordinator" and signal.decided_at is not None
    with pytest.raises(Refused):
        discard(session, network, signal)


def test_discarding_asks_for_a_reason_and_for_the_present_state(
    session: Session, network: Network
) -> None:
    signal = report(session, network.worker)
    session.flush()
    with pytest.raises(Invalid):
        discard(session, network, signal, reason=" ")
    with pytest.raises(Stale):
        discard(session, network, signal, row_version=99)


def test_a_merged_signal_gives_its_level_to_the_one_that_takes_it_in(
    session: Session, network: Network
) -> None:
    into = report(session, network.worker, level="caution")
    signal = report(session, network.worker, level="red")
    session.flush()
    merge(session, network, signal, into)
    assert (signal.state, into.state, into.level) == ("merged", "open", "red")
    assert queries.merged_into(session, into.id) == [signal]


def test_a_signal_is_not_merged_into_itself_nor_into_a_decided_one(
    session: Session, network: Network
) -> None:
    first, second = report(session, network.worker), report(session, network.worker)
    session.flush()
    with pytest.raises(Refused):
        merge(session, network, first, first)
    discard(session, network, second)
    with pytest.raises(Refused):
        merge(session, network, first, second)


def test_only_the_coordination_triages(session: Session, network: Network) -> None:
    signal = report(session, network.worker)
    session.flush()
    with pytest.raises(NotPermitted):
        queries.signals(session, network.worker, SignalFilters())
    with pytest.raises(NotPermitted):
        operations.look_at_signal(session, network.worker, LookAtSignal(signal.id))
    with pytest.raises(NotFound):
        queries.signal(session, network.coordinator, uuid.uuid4())


def test_every_act_on_a_signal_stands_in_the_journal(session: Session, network: Network) -> None:
    sample = make_sample(session, network)
    release(session, network, sample, danger_outcome())
    signal = all_signals(session)[0]
    operations.look_at_signal(session, network.coordinator, LookAtSignal(signal.id))
    session.flush()
    discard(session, network, signal)
    acts = list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
    assert acts == ["raise signal", "look at signal", "discard signal"]
