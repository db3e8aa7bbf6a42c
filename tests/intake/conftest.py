"""Tablets and people at the counter, with lists and codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.intake.tablets import Tablet, enrolled
from tests.makers import Network, load_vocabularies, log_in_client, make_block


@pytest.fixture
def at_table(session: Session, network: Network) -> Network:
    """Give the counter lists and codes of its own, committed."""
    load_vocabularies(session)
    make_block(session, network, 5)
    session.commit()
    return network


@pytest.fixture
def enrols(app: Any, session: Session, at_table: Network) -> Callable[..., Tablet]:
    """Give what enrols a tablet with an account."""
    return lambda account="worker", n=5: enrolled(log_in_client(app, session, account), n)


@pytest.fixture
def tablet(enrols: Callable[..., Tablet]) -> Tablet:
    """Give a tablet of the counter."""
    return enrols()


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network, 60)
    session.commit()
    return network


@pytest.fixture
def counter(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at the counter."""
    return log_in_client(app, session, "worker")


@pytest.fixture
def stranger(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at another site."""
    return log_in_client(app, session, "festival_worker")
