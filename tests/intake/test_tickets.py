from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import codes
from lims.foundation.errors import Invalid
from lims.intake import operations as intake
from lims.intake import tickets
from lims.intake.records import Ticket
from tests.makers import Network, load_vocabularies, make_block
from tests.makers import told_visit as told


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and a block of codes."""
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    return network


def fields_of(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.field for problem in refusal.value.problems}


def test_the_ticket_opens_the_visit_and_its_secret_is_kept_nowhere(
    session: Session, ready: Network
) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    assert made.ticket is not None
    opened = intake.open_ticket(session, made.ticket.lower())
    assert opened is not None and opened.visit_id == made.visit.id
    secret = codes.read_ticket(made.ticket).secret
    assert secret not in opened.secret_hash and opened.secret_hash.startswith("$argon2id$")
    assert made.ticket not in repr(made)


def test_another_secret_or_selector_opens_nothing(session: Session, ready: Network) -> None:
    intake.register_visit(session, ready.worker, told(ready))
    assert intake.open_ticket(session, codes.shown_ticket(codes.new_ticket())) is None
    assert intake.open_ticket(session, "nonsense") is None


def test_an_unknown_ticket_takes_as_much_work_as_a_known_one(
    session: Session, ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    tried: list[str] = []

    def opens(hashed: str, secret: str) -> bool:
        tried.append(hashed)
        return False

    monkeypatch.setattr(tickets, "_opens", opens)
    for text in (made.ticket, codes.shown_ticket(codes.new_ticket()), "nonsense"):
        intake.open_ticket(session, str(text))
    assert len(tried) == 3 and all(one.split("$")[3] == tried[0].split("$")[3] for one in tried)


def test_a_destroyed_ticket_opens_nothing_and_its_hash_is_gone(
    session: Session, ready: Network
) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    assert intake.destroy_ticket(session, str(made.ticket))
    assert intake.open_ticket(session, str(made.ticket)) is None
    assert session.scalars(select(Ticket.secret_hash)).all() == [""]
    assert not intake.destroy_ticket(session, str(made.ticket))


def test_a_new_ticket_closes_the_old_one(session: Session, ready: Network) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    renewed = intake.renew_ticket(session, ready.worker, made.visit.id)
    assert intake.open_ticket(session, str(made.ticket)) is None
    assert intake.open_ticket(session, renewed) is not None
