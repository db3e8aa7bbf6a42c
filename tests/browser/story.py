"""The installation of the main journey, and what its people hand to each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from lims.foundation import clock
from lims.foundation.database import open_session
from lims.installation.installing import publish_and_load
from lims.installation.stage import Stage
from lims.network.queries import OPERATOR
from tests.browser.conftest import World, make_world
from tests.browser.people import Person, logged_in
from tests.makers import PASSWORD
from tests.serving import served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


@dataclass
class Story:
    """One installation, and what the people in it hand to each other."""

    world: World
    browser: Browser
    folder: Path
    codes: list[str] = field(default_factory=list)
    ticket: str = ""
    parcel: str = ""
    product: str = ""
    alert: str = ""

    def at(self, account: str) -> AbstractContextManager[Person]:
        """Give an account at its screen."""
        return logged_in(self.browser, self.world.staff, account)


@pytest.fixture(scope="module")
def story(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Give an installation with library, protocols, rules and the synthetic network."""
    folder = tmp_path_factory.mktemp("journey")
    world = make_world(folder, False)
    with open_session(world.app.extensions["house"].engine) as session:
        publish_and_load(session, OPERATOR)
        Stage(session, clock.now(), PASSWORD).build(OPERATOR)
        session.commit()
    with served(world.app) as world.staff, served(world.public_app) as world.public:
        yield Story(world, browser, folder)
    for application in (world.app, world.public_app):
        application.extensions["house"].engine.dispose()
