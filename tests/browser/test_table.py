"""The table from the first tap to the result: set up, record with and without a network, send."""

from __future__ import annotations

import re

import pytest

from lims.intake.records import Visit
from tests.browser.faults import wait_until
from tests.browser.tables import Festival, Table, festival, read_codes

pytestmark = pytest.mark.browser
__all__ = ["festival"]


@pytest.fixture
def table(festival: Festival) -> Table:
    festival.server.start()
    return festival.device().set_up()


def test_a_visit_is_recorded_with_a_network_and_its_ticket_opens_the_public_page(
    festival: Festival, table: Table
) -> None:
    before = festival.count(Visit)
    table.answer()
    shown = table.record()
    table.sent()
    assert festival.count(Visit) == before + 1
    festival.not_analysed(shown["codes"][0])
    assert len(shown["codes"]) == 1 and re.fullmatch(r"\w{4}-\w{4}", shown["codes"][0])
    address = next(
        one for one in read_codes(table.page.locator("[data-ticket]").screenshot()) if "#" in one
    )
    assert address == f"{festival.world.public}/#{shown['ticket'].replace('-', '')}"
    visitor = festival.browser.new_context(locale="fr-BE").new_page()
    visitor.goto(address)
    assert visitor.locator("[data-ticket]").input_value() == shown["ticket"]
    with visitor.expect_navigation():
        visitor.locator("main button[type=submit]").first.click()
    assert "Votre résultat est prêt" in visitor.locator("main").inner_text()
    visitor.context.close()


def test_without_a_server_everything_goes_on_and_arrives_later(
    festival: Festival, table: Table
) -> None:
    before = festival.count(Visit)
    table.open()
    festival.server.stop()
    table.open()
    table.unlock()
    table.sees("register")
    told = []
    for sold_as in ("MDMA", "Kétamine", "unknown thing"):
        table.answer(sold_as=sold_as)
        told.append(table.record())
        assert told[-1]["ticket"]
        table.page.click("[data-do='next-visit']")
    wait_until(lambda: table.said("No network.") in table.strip())
    assert table.said("Not sent: %(n)s.", n=3) in table.strip()
    table.open()
    assert len(table.rows()) == 3
    festival.server.start()
    table.page.click("[data-strip] [data-do='send']")
    table.sent()
    assert festival.count(Visit) == before + 3
    wait_until(lambda: table.said("Everything has been sent.") in table.strip())
    assert len({code for one in told for code in one["codes"]}) == 3


def test_several_samples_of_one_visit_the_same_another_and_one_taken_away(
    festival: Festival, table: Table
) -> None:
    page = table.page
    table.answer(form="powder", sold_as="Cocaïne")
    page.click("button[value='same']")
    assert page.input_value("#f-samples-1-sold_as") == "Cocaïne"
    assert not page.input_value("#f-samples-1-code")
    page.click("button[value='another']")
    assert page.input_value("#f-samples-2-sold_as") == ""
    missing = table.said("missing: %(n)s", n=3)
    assert missing in page.locator("[data-tab='2']").inner_text()
    page.click("[data-record]")
    links = page.locator("form[data-table] [data-errors] a")
    assert links.count() == 3
    links.first.click()
    assert page.locator("#f-samples-2-form").is_visible()
    page.click("button[value='remove 2']")
    shown = table.record()
    table.sent()
    assert len(shown["codes"]) == 2


def test_a_printed_label_is_typed_and_a_wrong_one_is_told_at_once(
    festival: Festival, table: Table
) -> None:
    page = table.page
    table.answer()
    page.fill("#f-samples-0-code", "K7QD-3XM2")
    page.click("[data-record]")
    summary = page.locator("form[data-table] [data-errors]")
    summary.wait_for()
    words = table.said("This code has a typing error: its last character does not fit the others.")
    assert words in summary.inner_text()
    assert page.locator("#f-samples-0-code").get_attribute("aria-invalid") == "true"


def test_a_visit_is_corrected_before_it_leaves_and_keeps_its_code_and_ticket(
    festival: Festival, table: Table
) -> None:
    table.open()
    table.unlock()
    table.sees("register")
    festival.server.stop()
    table.answer(sold_as="MDMA")
    first = table.record()
    table.page.click("[data-do='correct']")
    table.page.fill("#f-samples-0-sold_as", "Kétamine")
    second = table.record()
    assert first == second
    row = table.rows()[0]["id"]
    festival.server.start()
    table.page.click("[data-strip] [data-do='send']")
    table.sent()
    samples = festival.visit(row)
    assert samples is not None and [one.sold_as for one in samples] == ["Kétamine"]


def test_the_ticket_is_wiped_when_it_is_handed_over_and_the_next_visit_starts_empty(
    festival: Festival, table: Table
) -> None:
    table.answer()
    shown = table.record()
    table.page.click("[data-do='handed-over']")
    assert shown["ticket"] not in table.page.content()
    table.page.click("[data-do='next-visit']")
    table.sees("register")
    content = table.page.content()
    assert shown["codes"][0] not in content
    assert table.page.input_value("#f-samples-0-sold_as") == ""
    table.sent()


def test_labels_are_read_back_from_the_screen_and_from_paper(
    festival: Festival, table: Table
) -> None:
    from tests.intake import prints

    page = table.page
    page.evaluate("() => { window.print = () => {}; }")
    table.answer()
    page.click("button[value='same']")
    shown = table.record()
    bare = sorted(code.replace("-", "") for code in shown["codes"])
    assert sorted(read_codes(page.locator("[data-labels]").screenshot())) == bare
    for paper, sheets in (("roll", 2), ("sheet", 1)):
        page.select_option("#f-paper", paper)
        page.click("[data-do='print-labels']")
        drawn = prints.pages(page.pdf(prefer_css_page_size=True, print_background=True))
        page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
        assert len(drawn) == sheets
        assert sorted(code for one in drawn for code in prints.codes(one)) == bare
        sizes = {"roll": (62, 29), "sheet": (210, 297)}
        wide, high = (round(side / prints.DPI * 25.4) for side in drawn[0].size)
        assert (wide, high) == sizes[paper]
    page.click("[data-do='print-ticket']")
    drawn = prints.pages(page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(drawn) == 1
    ticket = shown["ticket"].replace("-", "")
    assert prints.codes(drawn[0]) == [f"{festival.world.public}/#{ticket}"]
    table.sent()


def test_somebody_turned_away_is_a_reason_and_nothing_more(
    festival: Festival, table: Table
) -> None:
    page = table.page
    page.click("[data-do='not-accepted']")
    page.click("[data-refusal] button[type=submit]")
    assert table.said("Choose a reason.") in page.locator("dialog[open]").inner_text()
    page.select_option("#f-refusal-reason", index=1)
    page.click("[data-refusal] button[type=submit]")
    wait_until(lambda: not page.locator("dialog[open]").count())
    table.sent()
