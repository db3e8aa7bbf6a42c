from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.lanes import Sighting
from lims.analysis.noting import Notes, Used
from lims.analysis.operations import (
    RecordPlate,
    Retest,
    SendBackRun,
    SubmitRun,
    VerifyRun,
    WithdrawRun,
    record_plate,
    retest,
    send_back_run,
    submit_run,
    verify_run,
    withdraw_run,
)
from lims.custody import queries as custody
from lims.custody.records import MassEntry
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, Refused
from lims.library.records import RetentionMeasurement
from tests.analysis.bench import Bench, good_lanes, make_bench, spot
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def test_a_verified_standard_becomes_a_reference_of_the_laboratory(
    bench: Bench, session: Session
) -> None:
    run = bench.submitted(bench.plate(bench.sample(), standard=(bench.standard("mdma"), 30.5)))
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    session.flush()
    kept = session.scalars(select(RetentionMeasurement)).all()
    assert [(one.substance_id, one.hrf) for one in kept] == [
        (bench.substances["mdma"].id, Decimal("30.5"))
    ]
    assert kept[0].site_id == bench.network.laboratory.id


def test_a_plate_that_is_not_accepted_is_kept_but_never_verified(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    dirty = replace(good_lanes(sample.id)[2], spots=(spot(40),))
    lanes = (*good_lanes(sample.id)[:2], dirty)
    record_plate(
        session, bench.network.chemist, RecordPlate(run.id, run.row_version, Decimal(80), lanes)
    )
    run = bench.submitted(run)
    with pytest.raises(Refused) as refusal:
        verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    assert "blank" in str(refusal.value)
    assert session.scalars(select(RetentionMeasurement)).all() == []


def test_an_expired_lot_fails_the_plate(bench: Bench, session: Session) -> None:
    old = bench.reagent("marquis", expires=date(2020, 1, 1))
    seen = (Sighting("marquis", ("purple",), old.id),)
    run = bench.plate(bench.sample(), [spot(31, sightings=seen)])
    assert not readings.read_plate(session, run).is_accepted


def test_nobody_verifies_their_own_work(bench: Bench, session: Session) -> None:
    run = bench.submitted(bench.plate(bench.sample()))
    both = replace(
        bench.network.chemist,
        grants={**bench.network.chemist.grants, **bench.network.verifier.grants},
    )
    with pytest.raises(Refused):
        verify_run(session, both, VerifyRun(run.id, run.row_version))
    bench.network.laboratory.lone_laboratory = True
    assert verify_run(session, both, VerifyRun(run.id, run.row_version)).verified_by == "chemist"


def test_a_run_is_verified_once(bench: Bench, session: Session) -> None:
    run = bench.submitted(bench.plate(bench.sample()))
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    session.flush()
    with pytest.raises(Refused):
        verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))


def test_a_run_is_verified_after_it_was_sent_and_not_before(bench: Bench, session: Session) -> None:
    run = bench.plate(bench.sample())
    session.flush()
    with pytest.raises(Refused):
        verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))


def test_an_empty_run_is_not_sent_to_verification(bench: Bench, session: Session) -> None:
    run = bench.start("tlc-ta")
    with pytest.raises(Refused):
        submit_run(session, bench.network.chemist, SubmitRun(run.id, run.row_version))


def test_two_verifiers_at_once_give_one_verification(bench: Bench, engine: Any) -> None:
    run = bench.submitted(bench.plate(bench.sample()))
    bench.session.commit()
    command = VerifyRun(run.id, run.row_version)
    both = [bench.network.verifier, replace(bench.network.verifier, account="second-verifier")]
    ready, outcomes = threading.Barrier(2), []

    def verify(actor: Any) -> None:
        with open_session(engine) as mine:
            ready.wait()
            try:
                verify_run(mine, actor, command)
                mine.commit()
                outcomes.append("verified")
            except Refused:
                outcomes.append("refused")

    threads = [threading.Thread(target=verify, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "verified"]


def test_a_run_that_is_sent_back_can_be_corrected_and_sent_again(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.submitted(bench.plate(sample))
    with pytest.raises(Invalid):
        send_back_run(session, bench.network.verifier, SendBackRun(run.id, run.row_version, " "))
    send_back_run(session, bench.network.verifier, SendBackRun(run.id, run.row_version, "Lane 2?"))
    session.flush()
    assert (run.state, run.reason) == ("recorded", "Lane 2?")
    record_plate(
        session,
        bench.network.chemist,
        RecordPlate(run.id, run.row_version, Decimal(80), good_lanes(sample.id)),
    )
    assert bench.submitted(run).state == "to verify"


def test_a_submitted_run_is_read_only(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = bench.submitted(bench.plate(sample))
    with pytest.raises(Refused):
        record_plate(
            session,
            bench.network.chemist,
            RecordPlate(run.id, run.row_version, Decimal(80), good_lanes(sample.id)),
        )


def test_a_withdrawn_run_stays_readable_and_lets_its_sample_wait_again(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.start("ftir", sample)
    with pytest.raises(Refused):
        withdraw_run(session, bench.network.second_chemist, WithdrawRun(run.id, 1, "no"))
    withdraw_run(session, bench.network.chemist, WithdrawRun(run.id, run.row_version, "spilled"))
    assert (run.state, run.reason, sample.state) == ("withdrawn", "spilled", "received")


def test_a_verified_run_is_not_withdrawn(bench: Bench, session: Session) -> None:
    run = bench.submitted(bench.plate(bench.sample()))
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    session.flush()
    with pytest.raises(Refused):
        withdraw_run(session, bench.network.chemist, WithdrawRun(run.id, run.row_version, "no"))


def test_a_retest_is_a_new_run_with_nothing_copied(bench: Bench, session: Session) -> None:
    run = bench.submitted(bench.plate(bench.sample()))
    again = retest(session, bench.network.chemist, Retest(run.id, "front ran out"))
    assert (again.parent_id, again.state, run.state) == (run.id, "recorded", "retested")
    assert readings.read_plate(session, again).spots == ()
    assert [item.sample_id for item in again.samples] == [item.sample_id for item in run.samples]


def test_a_verified_run_stays_verified_beside_its_retest(bench: Bench, session: Session) -> None:
    run = bench.submitted(bench.plate(bench.sample()))
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    session.flush()
    again = retest(session, bench.network.second_chemist, Retest(run.id, "doubt"))
    assert (run.state, again.analyst) == ("verified", "second_chemist")


def test_the_mass_used_goes_into_the_ledger_once(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    site = bench.network.laboratory.id
    session.add(
        MassEntry(sample_id=sample.id, site_id=site, kind="handed in", mg=Decimal(50), by="x")
    )
    session.flush()
    used = Notes(used=(Used(sample.id, Decimal(4)),))
    run = bench.submitted(bench.plate(sample, notes=used))
    assert custody.balance(session, sample.id) == Decimal(46)
    send_back_run(session, bench.network.verifier, SendBackRun(run.id, run.row_version, "why?"))
    assert custody.balance(session, bench.submitted(run).samples[0].sample_id) == Decimal(46)
