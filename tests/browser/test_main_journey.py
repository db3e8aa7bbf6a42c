"""The main job in a browser, in French: from the counter to the public page and the journal.

Each test is one big step; they share one installation and follow each other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import zxingcpp

from lims.foundation import clock
from lims.foundation.database import open_session
from lims.installation.installing import publish_and_load
from lims.installation.stage import Stage
from lims.network.queries import OPERATOR
from tests.browser.conftest import World, make_world
from tests.browser.people import Person, fr, logged_in
from tests.makers import PASSWORD
from tests.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


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

    def at(self, account: str) -> logged_in:  # type: ignore[valid-type]
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


def test_a_visit_with_two_samples_gets_codes_labels_and_a_ticket(story: Story) -> None:
    with story.at("accueil.bruxelles") as worker:
        worker.go("Register")
        worker.follow("Blocks of codes")
        worker.tell("How many", "10")
        worker.press("Make a block")
        worker.go("Register")
        register_two(worker)
        worker.page.get_by_role("heading", name=fr("Ticket for the person")).wait_for()
        story.ticket = worker.page.locator(".secret-code").inner_text()
        story.codes = worker.page.locator("a.tag").all_inner_texts()
        assert len(story.codes) == 2
        assert len(story.ticket.replace("-", "")) == 16
        assert decoded(worker.download("Print the labels", story.folder)) == {
            code.replace("-", "") for code in story.codes
        }


def register_two(worker: Person) -> None:
    """Two tablets from the same bag, sold as MDMA."""
    first = worker.page.locator("#sample-1")
    first.get_by_text(fr("Tablet"), exact=False).first.click()
    worker.tell("Sold as", "MDMA", first)
    worker.tick("Destroy the sample by analysing it", first)
    worker.unfold("Appearance and mass", first)
    worker.choose("Colour", "jaune", first)
    worker.tell("Logo", "phare", first)
    worker.tell("Mass handed in", "412,5", first)
    worker.press("Another one, the same")
    second = worker.page.locator("#sample-2")
    second.wait_for()
    worker.tick("Destroy the sample by analysing it", second)
    worker.unfold("Appearance and mass", second)
    worker.tell("Mass handed in", "405,0", second)
    worker.press("Register and print")


def decoded(paper: bytes) -> set[str]:
    """Return the codes that a scanner reads on a paper, at the resolution of a label printer."""
    found = set()
    for page in pypdfium2.PdfDocument(io.BytesIO(paper)):
        picture = page.render(scale=203 / 72).to_pil()
        found |= {one.text.replace("-", "") for one in zxingcpp.read_barcodes(picture)}
    return found


def test_the_sealed_parcel_arrives_and_is_reconciled(story: Story) -> None:
    with story.at("accueil.bruxelles") as worker:
        worker.go("Parcels")
        worker.choose("To which laboratory", "Demo Labo 1")
        worker.press("Begin a parcel")
        story.parcel = worker.page.url
        worker.press("Put the ticked ones in")
        worker.tell("Number of the seal", "S-0001")
        worker.press("Seal: lock the manifest")
        worker.press("The carrier has it")
        worker.sees("The parcel is on its way. The laboratory scans each sample when it unpacks.")
    with story.at("chimiste") as chemist:
        chemist.go("Parcels")
        chemist.page.locator("tbody th a.code").first.click()
        for code in story.codes:
            chemist.tell("Scan or type each code", code)
            chemist.page.keyboard.press("Enter")
            chemist.page.locator("tr", has_text=code).get_by_text(fr("received")).wait_for()
        chemist.page.get_by_text(fr("unbroken"), exact=True).click()
        chemist.press("Close the receipt")
        chemist.sees("Every sample of the manifest arrived, and no other.")


def start_run(chemist: Person, protocol: str, codes: list[str]) -> None:
    """Start a run of a protocol from the list of runs."""
    chemist.go("Runs")
    chemist.follow("Start a run")
    chemist.choose("Protocol", protocol)
    chemist.tell("Sample codes", " ".join(codes))
    chemist.press("Start the run")
    chemist.page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}"))
