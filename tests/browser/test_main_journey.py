"""The main job in a browser, in French: from the counter to the public page and the journal.

Each test is one big step; they share one installation and follow each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from lims.foundation.database import open_session
from lims.journal.queries import verify_chain
from tests.browser.people import Person, at_screen, fr
from tests.browser.story import Story, story
from tests.intake.prints import codes, pages
from tests.makers import PASSWORD

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.browser
__all__ = ["story"]


def test_a_visit_with_two_samples_gets_codes_labels_and_a_ticket(story: Story) -> None:
    with story.at("accueil.bruxelles") as worker:
        worker.go("Register")
        worker.follow("Blocks of codes")
        worker.tell("Tablet or pad", "tablette 1")
        worker.tell("Number of codes", "10")
        worker.press("Make a block")
        worker.go("Register")
        register_two(worker)
        worker.page.get_by_role("heading", name=fr("Ticket for the person")).wait_for()
        story.ticket = worker.page.locator(".secret-code").inner_text()
        story.codes = worker.page.locator("a.tag").all_inner_texts()
        assert len(story.codes) == 2
        assert len(story.ticket.replace("-", "")) == 16
        assert decoded(worker.paper("Print the labels")) == {
            code.replace("-", "") for code in story.codes
        }


def register_two(worker: Person) -> None:
    """Two tablets from the same bag, sold as MDMA."""
    first = worker.page.locator("#sample-1")
    first.get_by_role("radio", name="comprimé", exact=True).check(force=True)
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
    return {text.replace("-", "") for page in pages(paper) for text in codes(page)}


def test_the_sealed_parcel_arrives_and_is_reconciled(story: Story) -> None:
    with story.at("accueil.bruxelles") as worker:
        worker.go("Parcels")
        worker.choose("To which laboratory", "Demo Labo 1")
        worker.send("Begin a parcel")
        story.parcel = worker.page.url
        worker.press("Put the ticked ones in")
        worker.tell("Number of the seal", "S-0001")
        if worker.page.get_by_label(fr("Send anyway, because …")).count():
            worker.tell("Send anyway, because …", "Demo")
        worker.press("Seal: lock the manifest")
        worker.press("The carrier has it")
        worker.sees("The parcel is on its way. The laboratory scans each sample when it unpacks.")
    with story.at("chimiste") as chemist:
        chemist.go("Parcels")
        chemist.open(chemist.page.locator("tbody th a.code").first)
        chemist.page.get_by_role("radio", name=fr("unbroken"), exact=True).check(force=True)
        chemist.tell("Number on the seal", "S-0001")
        chemist.press("Compare")
        for code in story.codes:
            chemist.tell("Scan or type each code", code)
            chemist.page.keyboard.press("Enter")
            chemist.page.locator("tr", has_text=code).get_by_text(fr("received")).wait_for()
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


REFERENCES = {"atropine": "13", "codeine": "23,4", "chlorprothixene": "39,8", "diazepam": "53,3"}
"""Where the references of system TA run on this synthetic plate, in mm; its front is at 71."""


def test_a_plate_is_read_accepted_and_its_candidates_are_ranked(story: Story) -> None:
    with story.at("chimiste") as chemist:
        start_run(chemist, "tlc-ta", story.codes[:1])
        chemist.tell("Front, mm from the origin", "71")
        for number in range(len(REFERENCES)):
            for lane in (1, 4):
                name = f"lanes-{lane - 1}-spots-{number}-"
                what = chemist.page.locator(f"select[name='{name}what']")
                new = chemist.page.get_by_label(fr("New spot on lane %(n)s, mm", n=lane))
                new.fill(REFERENCES[what.input_value()])
            if number == 0:
                chemist.page.get_by_label(fr("New spot on lane %(n)s, mm", n=2)).fill("27,0")
            chemist.press("Save and rank again")
        chemist.sees("The plate is accepted")
        steps = chemist.page.get_by_role("region", name=fr("Steps and their lots"))
        chemist.choose("Add a step", "Marquis", steps)
        chemist.press("Add", steps)
        chemist.page.wait_for_url(re.compile("step=marquis"))
        colours = fr("Colours of spot %(label)s with %(step)s", label="2a", step="Marquis")
        chemist.page.get_by_role("button", name=colours).click()
        chemist.page.locator(".picker input[value='purple-dark']").check(force=True)
        chemist.press("Note this colour")
        chemist.sees("Log-likelihood against “none of the library”.")
        assert chemist.page.locator("ol.cand li").count() > 1
        chemist.press("Send to verify")
        chemist.sees("This run waits for another person’s eyes.")


def test_instruments_name_and_measure_and_another_person_verifies(story: Story) -> None:
    with story.at("chimiste") as chemist:
        for code in story.codes:
            start_run(chemist, "gc-ms", [code])
            line = chemist.page.locator(".answer-line").first
            chemist.tell("Substance", "PMMA", line)
            chemist.field("Answer", line).select_option("found")
            chemist.field("Abundance", line).select_option("major")
            chemist.press("Save")
            chemist.press("Send to verify")
        start_run(chemist, "hplc-uv", story.codes[:1])
        line = chemist.page.locator(".answer-line").first
        told = {"Value": "41,5", "Expressed as": "HCl", "Uncertainty, k = 2": "2,1"}
        told |= {"Substance": "PMMA", "LOQ": "5", "Replicates": "2"}
        for words, answer in told.items():
            chemist.tell(words, answer, line)
        chemist.field("Answer", line).select_option("measured")
        chemist.field("Unit", line).select_option("mg/unit")
        chemist.send("Save")
        assert "41,5" in chemist.text()
        chemist.press("Send to verify")
    with story.at("verification") as verifier:
        for _run in range(4):
            verifier.go("To verify")
            verifier.open(verifier.page.locator("tbody a.btn").first)
            verifier.press("Verify")
            verifier.sees("The run is verified.")


def test_the_finding_is_concluded_signed_and_released(story: Story) -> None:
    with story.at("chimiste") as chemist:
        chemist.go("Work list")
        row = chemist.page.locator("tr", has_text=story.codes[0])
        chemist.open(row.get_by_role("link", name=fr("Conclude")).first)
        chemist.press("Compose a draft from these runs")
        chemist.tell("Explanation of disagreements", "Synthétique : vu par deux méthodes.")
        chemist.press("Save the draft")
        chemist.press("Sign and send to the second reading")
    with story.at("verification") as verifier:
        verifier.go("To verify")
        verifier.open(verifier.page.locator("tbody a.btn").first)
        for box in verifier.page.locator("input[name='disagreements_read[]']").all():
            box.check()
        verifier.press("Sign and release")
        verifier.sees("Released")
        assert "PMMA" in verifier.text()


def test_the_product_page_shows_what_was_measured(story: Story) -> None:
    with story.at("rdr") as counsellor:
        counsellor.go("Products")
        counsellor.open(counsellor.page.locator("tbody a, .list a").first)
        story.product = counsellor.page.url
        told = counsellor.text()
        assert story.codes[0] in told and "PMMA" in told and "41,5" in told


def test_the_signal_becomes_an_alert_that_another_person_publishes(story: Story) -> None:
    with story.at("coordination") as coordinator:
        coordinator.go("Signals")
        coordinator.page.locator("input.pick").first.check()
        coordinator.open(coordinator.page.locator("form[action='/events/new'] button[type=submit]"))
        coordinator.tell("Short title", "Synthétique : PMMA, comprimés jaunes, phare")
        coordinator.press("Open the event")
        assess(coordinator)
        coordinator.follow("Draft an alert")
        coordinator.choose("Level", fr("Warning"))
        coordinator.tick("It acts later than people expect")
        coordinator.page.locator("input[name='facts-dangers[]']").first.check()
        coordinator.page.locator("input[name='facts-advice[]']").first.check()
        coordinator.press("Keep and see the messages")
        coordinator.press("Send for review")
        coordinator.sees("In review. Another person must approve.")
    with story.at("approbation") as approver:
        approver.go("Alerts")
        approver.follow("In work")
        approver.open(approver.page.locator("tbody th a").first)
        approver.tell("Your password, again", PASSWORD)
        approver.press("Approve and publish")
        approver.sees("Published")


def assess(person: Person) -> None:
    """Grade hazard, exposure and certainty of the event on the page."""
    person.unfold("Assess")
    for name in ("hazard", "exposure", "certainty"):
        person.page.locator(f"input[name='{name}'][value='3']").check(force=True)
    person.tell("Why", "Synthétique.")
    person.press("Keep my assessment")


def test_the_public_reads_the_alert_and_its_feed(story: Story) -> None:
    wrong: list[str] = []
    with at_screen(story.browser, story.world.public, wrong) as visitor:
        visitor.follow("Current alerts")
        visitor.open(visitor.page.locator("article.alert a").first)
        assert "PMMA" in visitor.text()
        assert visitor.page.context.cookies() == []
    assert not wrong
    with urlopen(f"{story.world.public}/alerts.atom?lang=fr", timeout=10) as answer:
        feed = answer.read().decode()
    assert "<entry>" in feed and "PMMA" in feed
    assert "chimiste" not in feed and story.codes[0] not in feed


def test_the_counsellor_opens_the_result_by_its_code_and_records_the_talk(story: Story) -> None:
    with story.at("rdr") as counsellor:
        counsellor.go("Open a result")
        counsellor.page.locator("input[name=code]").fill(story.codes[0].lower())
        counsellor.page.keyboard.press("Enter")
        counsellor.page.get_by_role("link", name=fr("Record the talk")).wait_for()
        assert "PMMA" in counsellor.text()
        counsellor.follow("Record the talk")
        counsellor.tell("Duration", "12")
        counsellor.press("Record the talk")
        counsellor.go("Open a result")
        counsellor.follow("Talks of the day")
        assert story.codes[0] in counsellor.text()


def test_the_ticket_opens_the_result_for_the_visitor(story: Story) -> None:
    wrong: list[str] = []
    with at_screen(story.browser, story.world.public, wrong) as visitor:
        visitor.tell("Ticket", story.ticket)
        visitor.send("Show")
        assert "PMMA" in visitor.text()
        assert visitor.page.context.cookies() == []
        assert story.ticket.replace("-", "") not in visitor.page.url
    assert not wrong


def test_the_whole_life_of_the_sample_stands_on_one_page(story: Story) -> None:
    with story.at("accueil.bruxelles") as worker:
        worker.go("Samples")
        worker.open(worker.page.get_by_role("link", name=story.codes[0]).first)
        worker.follow("Life of the sample")
        told = worker.text()
        acts = ["Registered", "Parcel sealed", "Scanned at the laboratory", "Run verified"]
        acts += [
            "Finding released",
            "Signal raised",
            "Alert approved and published",
            "Talk recorded",
        ]
        assert [words for words in acts if fr(words) not in told] == []
    with story.at("audit") as auditor:
        auditor.go("Journal")
        auditor.page.get_by_role("link", name=re.compile(fr("Verify"), re.I)).or_(
            auditor.page.get_by_role("button", name=re.compile(fr("Verify"), re.I))
        ).first.click()
    with open_session(story.world.app.extensions["house"].engine, reading=True) as session:
        assert verify_chain(session).is_whole
