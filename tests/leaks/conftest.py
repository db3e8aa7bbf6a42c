"""A filled network whose every free field holds a canary, and an alert published in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.conftest import World, make_filled_world
from tests.leaks.planting import canary, plant
from tests.makers import PASSWORD

BESIDE = ("site", "place", "notes", "handed_in", "visitors", "contact")
"""Facts that only some audiences are told, given as canaries of their own."""


@dataclass
class Planted:
    """The world, the number of the alert and its version."""

    world: World
    number: str
    version_id: Any

    def session(self) -> Session:
        database = import_module("lims.foundation.database")
        opened: Session = database.open_session(self.world.app.extensions["house"].engine)
        return opened


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """Give a demonstration network full of canaries, with one alert published in it."""
    world = make_filled_world(tmp_path_factory, "planted")
    found = Planted(world, "", None)
    with found.session() as session:
        assert plant(session) > 40
        session.commit()
        version = _published(session)
        session.commit()
        found.number, found.version_id = version.alert.number, version.id
    yield found
    for application in (world.app, world.public_app):
        application.extensions["house"].engine.dispose()


def _published(session: Session) -> Any:
    """Draft an alert from what the network proposes, and publish it by another person."""
    operations = import_module("lims.alerts.operations")
    coordinator, approver = _actor(session, "coordination"), _actor(session, "approbation")
    version = operations.draft_alert(session, coordinator, _command(session))
    operations.submit_alert(
        session, coordinator, operations.SubmitAlert(version.id, version.row_version)
    )
    session.flush()
    command = operations.ApproveAlert(version.id, PASSWORD, version.row_version)
    return operations.approve_alert(session, approver, command)


def _command(session: Session) -> Any:
    editor, schemas = import_module("lims.alerts.editor"), import_module("lims.alerts.schemas")
    records = import_module("lims.alerts.records")
    surveillance = import_module("lims.surveillance.queries")
    query = select(records.Event).where(
        records.Event.state != "refuted", records.Event.product_id.is_not(None)
    )
    event = session.scalars(query.limit(1)).one()
    typed = editor.proposed(session, event, surveillance.signals_of_event(session, event.id))
    typed["level"] = "red"  # every group with a standing order is told
    typed["facts"] |= {name: canary("alert", name) for name in BESIDE}
    return schemas.DraftAlertSchema().read({**typed, "event_id": str(event.id)})


def _actor(session: Session, account: str) -> Any:
    queries = import_module("lims.network.queries")
    records = import_module("lims.network.records")
    logins = import_module("lims.network.logins")
    member = session.scalars(select(records.Member).where(records.Member.account == account)).one()
    member.password_hash = logins.HASHER.hash(PASSWORD)
    session.flush()
    return queries.actor_by_account(session, account)
