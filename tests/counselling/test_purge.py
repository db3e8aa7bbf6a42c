from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling import tickets
from lims.counselling.commands import purge
from lims.counselling.operations import RecordTalk, record_talk
from lims.counselling.purging import PurgeOldNotes, purge_old_notes
from lims.counselling.records import Talk
from lims.findings.records import Finding
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.errors import NotPermitted
from lims.intake import corrections, photos
from lims.intake.records import Sample, Ticket, Visit
from lims.journal.records import JournalEntry
from lims.network.queries import OPERATOR
from tests.counselling.made import hand_in, handed_and_released, new_id
from tests.intake.taken import drawn, saved
from tests.makers import Network, make_samples, told_sample


def talk_of(handed: Any, **given: Any) -> RecordTalk:
    return replace(RecordTalk(id=new_id(), sample_id=handed.sample.id), **given)


def current(session: Session, sample: Sample) -> uuid.UUID:
    return session.scalars(
        select(Finding.id).where(Finding.sample_id == sample.id, Finding.state == "released")
    ).one()


def open_it(session: Session, ticket: str) -> tickets.Shown | None:
    return tickets.open_result(session, ticket, "en", 30)


CANARY = "zqxjkcanary"


def test_words_are_let_go_after_their_days_and_not_before(
    session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network, note=CANARY)
    given = talk_of(handed, finding_id=current(session, handed.sample), note=CANARY)
    talk = record_talk(session, network.worker, given)
    session.commit()
    assert purge_old_notes(session, OPERATOR, PurgeOldNotes()).talk_notes == 0
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        done = purge_old_notes(session, OPERATOR, PurgeOldNotes())
        again = purge_old_notes(session, OPERATOR, PurgeOldNotes())
    assert (done.talk_notes, done.sample_notes, done.tickets) == (1, 1, 1)
    assert (again.talk_notes, again.sample_notes, again.tickets) == (0, 0, 0)
    session.commit()
    session.expire_all()
    assert session.get_one(Talk, talk.id).note == ""
    assert session.get_one(Sample, handed.sample.id).note == ""
    assert session.scalars(select(Ticket)).one().secret_hash == ""
    assert open_it(session, handed.ticket) is None
    assert session.scalars(select(JournalEntry.act)).all().count("purge old notes") == 3


def test_the_day_of_a_hand_in_becomes_a_week(session: Session, network: Network) -> None:
    moment = datetime(2026, 5, 6, 22, 17, tzinfo=UTC)  # a Wednesday
    handed = hand_in(session, network, at=moment)
    with clock.stopped_at(moment + timedelta(days=8)):
        purge_old_notes(session, OPERATOR, PurgeOldNotes())
    session.commit()
    session.expire_all()
    assert session.get_one(Sample, handed.sample.id).recorded_at == moment.replace(hour=0, minute=0)
    assert session.get_one(Visit, handed.visit.id).day == moment.date()
    with clock.stopped_at(moment + timedelta(days=100)):
        purge_old_notes(session, OPERATOR, PurgeOldNotes())
    session.commit()
    session.expire_all()
    assert session.get_one(Visit, handed.visit.id).day.isoformat() == "2026-05-04"
    assert session.get_one(Sample, handed.sample.id).recorded_at.date().isoformat() == "2026-05-04"


@pytest.mark.parametrize("who", ["worker", "chemist", "coordinator", "auditor"])
def test_purging_is_for_who_administers(session: Session, network: Network, who: str) -> None:
    with pytest.raises(NotPermitted):
        purge_old_notes(session, getattr(network, who), PurgeOldNotes())


def test_after_the_command_no_trace_of_the_words_is_left_in_the_file(
    session: Session, network: Network, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = clock.now() - timedelta(days=40)
    with clock.stopped_at(old):
        handed = handed_and_released(session, network, note=f"{CANARY} sample")
        given = talk_of(handed, finding_id=current(session, handed.sample), note=f"{CANARY} talk")
        record_talk(session, network.worker, given)
    session.commit()
    traces = [CANARY, session.scalars(select(Ticket)).one().secret_hash]
    session.close()
    session.get_bind().dispose()  # type: ignore[union-attr]
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    counted = CliRunner().invoke(purge, ["--dry-run"])
    assert "talk_notes: 1" in counted.output
    is_file = settings.database_url.startswith("sqlite")
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    assert not is_file or all(_holds(path, trace) for trace in traces)
    done = CliRunner().invoke(purge, [])
    assert done.exit_code == 0 and "talk_notes: 1" in done.output, done.output
    assert not is_file or not any(_holds(path, trace) for trace in traces)
    assert "talk_notes: 0" in CliRunner().invoke(purge, ["--dry-run"]).output


def _holds(path: Path, words: str) -> bool:
    files = [path, *path.parent.glob(f"{path.name}-*")]
    return any(words.encode() in file.read_bytes() for file in files if file.exists())


def test_a_purge_that_others_hold_up_says_so(
    session: Session, network: Network, settings: Any
) -> None:
    from lims.foundation.database import make_engine, rewrite_file

    if not settings.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL waits for others by itself")
    session.close()
    engine = make_engine(settings.database_url)
    reader = open_session(engine, reading=True)
    reader.execute(select(Sample.id)).all()
    other = make_engine(settings.database_url)
    assert rewrite_file(other) is False
    reader.close()
    assert rewrite_file(other) is True
    engine.dispose()
    other.dispose()


def test_no_photo_withdrawal_or_destroyed_ticket_tells_the_minute_any_more(
    session: Session, network: Network, tmp_path: Path
) -> None:
    moment = datetime(2026, 5, 6, 22, 17, tzinfo=UTC)
    with clock.stopped_at(moment):
        sample = make_samples(session, network, told_sample(consent_photo=True))[0]
        kept = photos.AttachPhoto(new_id(), sample.id, "front", saved(drawn()), tmp_path)
        photo = photos.attach_photo(session, network.worker, kept)
        ticket = Ticket(id=new_id(), visit_id=sample.visit_id, selector="ABCDE", secret_hash="")
        ticket.made_at = ticket.destroyed_at = moment
        session.add(ticket)
        corrections.withdraw_sample(
            session, network.worker, corrections.WithdrawSample(sample.id, "Synthetic.")
        )
    session.flush()
    with clock.stopped_at(moment + timedelta(days=8)):
        purge_old_notes(session, OPERATOR, PurgeOldNotes())
    session.commit()
    session.expire_all()
    told = (photo.kept_at, ticket.destroyed_at, sample.state_since, sample.recorded_at)
    assert set(told) == {moment.replace(hour=0, minute=0)}
