"""What the bundle brings to the form at the table: closed laboratories, logos to choose from."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from lims.counselling import bundle as bundles
from lims.foundation import clock
from lims.intake.closed import ClosedIntake
from lims.intake.logo_records import Logo, LogoAlias
from lims.network.records import Site
from tests.browser.axe import violations
from tests.browser.faults import wait_until
from tests.browser.tables import Festival, Table, festival

pytestmark = pytest.mark.browser
__all__ = ["festival"]


def closed(festival: Festival) -> None:
    """Let every laboratory take no powder for a while, and one logo have another word."""
    today = clock.today()
    with festival.session() as session:
        session.execute(delete(ClosedIntake))
        sites = session.scalars(select(Site)).all()
        for site in [one for one in sites if one.kind == "laboratory"]:
            session.add(
                ClosedIntake(
                    laboratory_id=site.id,
                    form="powder",
                    first=today,
                    until=today + timedelta(days=3),
                    words={"fr": "Balance en panne.", "nl": "Weegschaal stuk.", "en": "Broken."},
                    closed_by="head",
                )
            )
        key = uuid.uuid4()
        alias = LogoAlias(words="Synthesekroon", folded="synthesekroon", by="worker")
        named = Logo(id=key, standing_id=key, name="Couronne synthétique", state="known")
        named.folded, named.by, named.aliases = "couronnesynthetique", "worker", [alias]
        session.add(named)
        session.commit()
    bundles._kept.clear()


def test_without_a_network_the_form_says_what_is_not_taken_and_offers_known_logos(
    festival: Festival,
) -> None:
    festival.server.start()
    closed(festival)
    table: Table = festival.device("fr", viewport={"width": 320, "height": 800}).set_up()
    page = table.page
    told = page.locator("[data-view='register'] [data-not-taken]")
    told.wait_for()
    festival.server.stop()
    table.open()
    table.unlock()
    table.sees("register")
    assert told.locator("summary").inner_text() == "Pas accepté maintenant : poudre."
    told.locator("summary").click()
    assert "Balance en panne." in told.inner_text()
    # At its end the bar with the buttons lies over nothing.
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    assert not violations(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    for field in ("logo", "logo_back"):
        offered = page.locator(f"#f-samples-0-{field}").evaluate(
            "one => Array.from(one.list.options, (each) => [each.value, each.label])"
        )
        assert ["Couronne synthétique", ""] in offered
        assert ["Synthesekroon", "Synthesekroon = Couronne synthétique"] in offered
    page.click("#topbar [data-do='lock']")
    table.sees("locked")
    assert page.locator("#logos option").count() == 0
    assert told.locator("li").count() == 0
    page.clock.install()
    page.clock.fast_forward(5 * 24 * 3600 * 1000)
    table.open()
    table.unlock()
    table.sees("register")
    wait_until(lambda: page.locator("#logos option").count() > 0)
    assert not told.is_visible(), "the last day is over"
    festival.server.start()
