"""Whatever is written anywhere, no audience reads more of it than its list allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from lims.alerts.audiences import AUDIENCE_FACTS, Audience
from lims.alerts.cap_records import CapMessage
from lims.alerts.records import AlertMessage, AlertVersion
from lims.foundation.database import Base
from lims.foundation.register import all_tables
from lims.foundation.words import LANGUAGES
from tests.browser.conftest import staff_token
from tests.leaks.conftest import BESIDE, Planted
from tests.leaks.planting import (
    ABOUT_PEOPLE,
    KEPT,
    SHORTEST,
    canary,
    leaks,
    planted_columns,
)
from tests.makers import api_headers

LOOK = ("canary-product-shape", "canary-sample-shape")
"""What a product looks like is told: it was proposed from the product."""


def allowed(audience: Audience) -> tuple[str, ...]:
    told = [canary("alert", name) for name in BESIDE if name in AUDIENCE_FACTS[audience]]
    return (*told, *LOOK)


def test_canaries_stand_in_every_table_about_people_and_in_every_field_or_a_reason_is_given() -> (
    None
):
    all_tables()
    assert set(ABOUT_PEOPLE) <= set(Base.metadata.tables)
    assert len(planted_columns()) > 40
    assert {table for table, _column in KEPT} <= set(ABOUT_PEOPLE)
    assert len("canary-") <= SHORTEST


def messages(planted: Planted) -> Iterator[tuple[Audience, str, str]]:
    with planted.session() as session:
        query = select(AlertMessage).where(AlertMessage.alert_version_id == planted.version_id)
        for one in session.scalars(query):
            yield Audience(one.audience), one.language, f"{one.headline}\n{one.body}"


def test_no_message_says_what_its_audience_is_not_told(planted: Planted) -> None:
    read = list(messages(planted))
    assert len(read) == len(Audience) * len(LANGUAGES)
    found = {(who, tongue): leaks(text, allowed(who)) for who, tongue, text in read}
    assert {key: value for key, value in found.items() if value} == {}


def test_the_suite_would_see_a_canary_that_a_message_says(planted: Planted) -> None:
    network = [text for who, _tongue, text in messages(planted) if who == Audience.RDR_NETWORK]
    assert all(leaks(text) for text in network), "the network's own message says site and notes"


@pytest.mark.parametrize("audience", list(Audience))
def test_the_machine_door_gives_an_audience_its_own_message_only(
    planted: Planted, audience: Audience
) -> None:
    client = planted.world.app.test_client()
    with planted.session() as session:
        key = api_headers(session, "coordination")
    for language in LANGUAGES:
        asked = f"/api/alert-versions/{planted.version_id}/message"
        answer = client.get(f"{asked}?audience={audience}&language={language}", headers=key)
        assert answer.status_code == 200
        assert leaks(answer.text, allowed(audience)) == []


def public_answers(planted: Planted) -> dict[str, str]:
    client = planted.world.public_app.test_client()
    paths = ["/", "/alerts", f"/alerts/{planted.number}", "/alerts.atom", "/alerts.rss", "/cap"]
    with planted.session() as session:
        query = select(CapMessage.identifier).where(CapMessage.version_id == planted.version_id)
        paths.append(f"/cap/{session.scalars(query).one()}.xml")
    asked = [f"{path}?lang={language}" for path in paths for language in LANGUAGES]
    return {path: client.get(path).text for path in asked}


def test_no_public_page_or_feed_says_what_the_public_is_not_told(planted: Planted) -> None:
    read = public_answers(planted)
    assert all(read.values())
    found = {path: leaks(text, allowed(Audience.PUBLIC)) for path, text in read.items()}
    assert {path: value for path, value in found.items() if value} == {}


@pytest.mark.parametrize(
    "sheet", ["poster.pdf", "poster.pdf?size=a5", "card.pdf", "card.pdf?size=a4"]
)
def test_no_printed_sheet_says_what_the_public_is_not_told(planted: Planted, sheet: str) -> None:
    client = planted.world.app.test_client()
    client.set_cookie("balise", staff_token(planted.world, "rdr"))
    answer: Any = client.get(f"/alerts/{planted.version_id}/{sheet}")
    pages = pypdfium2.PdfDocument(answer.data)
    words = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)
    assert planted.number in words
    assert leaks(words, allowed(Audience.PUBLIC)) == []
    assert leaks(answer.data.decode("latin-1"), allowed(Audience.PUBLIC)) == []


def test_what_the_police_reads_holds_no_site_time_ticket_or_note(planted: Planted) -> None:
    with planted.session() as session:
        version = session.get_one(AlertVersion, planted.version_id)
        police = [one for one in version.messages if one.audience == Audience.JUDICIAL_POLICE]
    text = "\n".join(f"{one.headline}\n{one.body}\n{one.tlp}" for one in police)
    assert len(police) == len(LANGUAGES)
    assert leaks(text, LOOK) == []
