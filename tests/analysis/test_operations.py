from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.operations import (
    WithdrawRun,
    withdraw_run,
)
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.journal.records import JournalEntry, JournalSubject
from lims.network.records import Competence
from tests.analysis.bench import Bench, fields, make_bench
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def test_a_run_takes_a_received_sample_into_analysis(bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("ftir", sample)
    assert (run.number, run.state, sample.state) == ("R-0001", "recorded", "in analysis")
    assert run.protocol_hash == bench.protocols["ftir"].content_hash
    assert run.site_id == bench.network.laboratory.id


def test_every_act_on_a_run_stands_in_the_life_of_its_samples(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.start("ftir", sample)
    withdraw_run(session, bench.network.chemist, WithdrawRun(run.id, run.row_version, "wrong"))
    acts = session.scalars(
        select(JournalEntry.act)
        .join(JournalSubject, JournalSubject.seq == JournalEntry.seq)
        .where(JournalSubject.kind == "sample", JournalSubject.subject_id == str(sample.id))
        .order_by(JournalEntry.seq)
    ).all()
    assert list(acts) == ["start run", "withdraw run"]


def test_the_same_run_sent_twice_is_one_run(bench: Bench) -> None:
    sample, identifier = bench.sample(), uuid.uuid4()
    first = bench.start("ftir", sample, id=identifier)
    assert bench.start("ftir", sample, id=identifier) is first
    with pytest.raises(Refused):
        bench.start("gc-ms", sample, id=identifier)


def test_a_chemist_of_another_laboratory_cannot_start_a_run(bench: Bench) -> None:
    with pytest.raises(NotPermitted):
        bench.start("ftir", actor=bench.network.other_chemist)


@pytest.mark.parametrize("account", ["worker", "verifier", "head", "coordinator"])
def test_only_a_chemist_starts_a_run(bench: Bench, account: str) -> None:
    with pytest.raises(NotPermitted):
        bench.start("ftir", actor=bench.network.actors[account])


def test_a_sample_on_its_way_is_not_analysed(bench: Bench) -> None:
    with pytest.raises(Invalid):
        bench.start("ftir", bench.sample(state="sent"))
    with pytest.raises(Refused):
        bench.start("ftir", bench.sample(state="withdrawn"))


def test_samples_at_two_places_are_not_in_one_run(bench: Bench) -> None:
    elsewhere = bench.sample(laboratory_id=bench.network.second_laboratory.id)
    with pytest.raises(Invalid):
        bench.start("ftir", bench.sample(), elsewhere)


def test_a_run_follows_the_version_in_force(bench: Bench, session: Session) -> None:
    old = bench.protocols["ftir"]
    newer = {**old.document, "version": 2, "supersedes": "ftir-1"}
    session.add(
        type(old)(
            name="ftir",
            version=2,
            technique="ftir",
            titles=old.titles,
            content_hash="x" * 64,
            document=newer,
            published_by="coordinator",
        )
    )
    session.flush()
    with pytest.raises(Invalid) as refusal:
        bench.start("ftir")
    assert fields(refusal) == {"protocol_id"}


def test_a_guideline_is_not_run_on_a_sample(bench: Bench) -> None:
    with pytest.raises(Invalid):
        bench.start("counselling")


def test_training_is_asked_for_where_it_is_kept(bench: Bench, session: Session) -> None:
    chemist, day = bench.network.chemist, clock.today()
    second = bench.network.second_chemist
    assert chemist.member_id is not None and second.member_id is not None
    session.add_all(
        [
            Competence(member_id=chemist.member_id, protocol="ftir", trained_on=day),
            Competence(
                member_id=second.member_id,
                protocol="ftir",
                trained_on=day - timedelta(days=400),
                valid_until=day - timedelta(days=1),
            ),
        ]
    )
    session.flush()
    assert bench.start("ftir").state == "recorded"
    with pytest.raises(Refused):
        bench.start("ftir", actor=second)
    assert bench.start("gc-ms", actor=second).state == "recorded"
