from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.intake import closing
from lims.intake.closing import CloseIntake
from lims.network.opening import Opening, Timetable, Weekly
from lims.overview import describing, point_pages, point_words, points
from lims.overview.describing import PublishPoint
from lims.overview.point_words import Calendar
from lims.protocols.records import ProtocolVersion
from tests.makers import Network
from tests.overview.points_and_queues import EVENING, described, lists, published

NAMES = {"fr": "Synthétique", "nl": "Synthetisch", "en": "Synthetic"}


# -------------------------------------------------------------------- describing and publishing


def test_the_public_reads_nothing_before_a_coordinator_publishes(
    session: Session, network: Network
) -> None:
    page = described(session, network)
    assert points.public_points(session) == []
    with pytest.raises(NotFound):
        points.public_point(session, page.slug)
    with pytest.raises(NotPermitted):
        describing.publish_point(session, network.worker, PublishPoint(network.counter.id))
    describing.publish_point(session, network.local_coordinator, PublishPoint(network.counter.id))
    assert [one.slug for one in points.public_points(session)] == ["synthetic-point"]


def test_what_is_edited_afterwards_waits_for_the_next_publication(
    session: Session, network: Network
) -> None:
    published(session, network)
    page = described(session, network, forms=("powder",))
    assert page.differs
    assert points.public_point(session, page.slug).seen.facts.forms == ("tablet",)
    assert points.preview(session, network.worker, network.counter.id).seen.facts.forms == (
        "powder",
    )


def test_a_page_is_taken_down_and_its_draft_stays(session: Session, network: Network) -> None:
    page = published(session, network)
    command = PublishPoint(network.counter.id)
    describing.unpublish_point(session, network.local_coordinator, command)
    assert points.public_points(session) == [] and page.draft["forms"] == ["tablet"]
    with pytest.raises(Refused):
        describing.unpublish_point(session, network.local_coordinator, command)


def test_a_page_without_hours_is_not_published(session: Session, network: Network) -> None:
    described(session, network, timetable=Timetable())
    with pytest.raises(Refused, match="when it is open"):
        describing.publish_point(
            session, network.local_coordinator, PublishPoint(network.counter.id)
        )


def test_a_draft_that_somebody_changed_meanwhile_is_not_published(
    session: Session, network: Network
) -> None:
    page = described(session, network)
    read = page.row_version
    described(session, network, forms=("powder",))
    with pytest.raises(Stale):
        describing.publish_point(
            session, network.local_coordinator, PublishPoint(network.counter.id, read)
        )


def test_nobody_describes_a_point_of_others_or_a_laboratory(
    session: Session, network: Network
) -> None:
    lists(session)
    for site in (network.festival, network.laboratory):
        command = describing.DescribePoint(site.id, "elsewhere", EVENING)
        with pytest.raises(NotFound):
            describing.describe_point(session, network.worker, command)
    with pytest.raises(NotPermitted):
        own = describing.DescribePoint(network.counter.id, "here", EVENING)
        describing.describe_point(session, network.chemist, own)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"slug": "With Spaces"}, "slug"),
        ({"slug": "../alerts"}, "slug"),
        ({"forms": ("elephant",)}, "forms"),
        ({"languages": ("xx",)}, "languages"),
        ({"laboratories": (uuid.UUID(int=5),)}, "laboratories"),
        ({"place": {"fr": "Ici", "nl": "", "en": "Here"}}, "place.nl"),
        ({"timetable": Timetable((Weekly(0, time(18), time(9)),))}, "weekly.0.closes"),
    ],
    ids=["spaces", "path", "form", "language", "laboratory", "one-language", "hours"],
)
def test_a_page_that_cannot_be_is_refused_beside_its_field(
    session: Session, network: Network, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        described(session, network, **facts)
    assert [one.field for one in refusal.value.problems] == [field]


def test_two_points_have_two_addresses(session: Session, network: Network) -> None:
    described(session, network)
    command = describing.DescribePoint(network.festival.id, "synthetic-point", EVENING)
    with pytest.raises(Invalid):
        describing.describe_point(session, network.festival_worker, command)


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Comptoir d'échange, Liège", "comptoir-d-echange-liege"), ("  --  ", ""), ("漢字 42", "42")],
    ids=["accents", "nothing", "other-script"],
)
def test_an_address_is_proposed_from_the_name(name: str, slug: str) -> None:
    assert point_pages.slug_of(name) == slug


# --------------------------------------------------------------------------- what is computed


def test_a_page_tells_what_the_laboratories_behind_it_do_not_take(
    session: Session, network: Network
) -> None:
    page = published(session, network)
    until = clock.now().date() + timedelta(days=5)
    closing.close_intake(
        session, network.head, CloseIntake(network.laboratory.id, until, form="powder")
    )
    closing.close_intake(session, network.actors["head"], CloseIntake(network.laboratory.id, until))
    told = points.public_point(session, page.slug).closed
    assert {(one.form, one.everywhere) for one in told} == {("powder", True), ("", True)}


def test_a_smallest_amount_is_told_only_where_a_protocol_states_it_with_its_source(
    session: Session, network: Network
) -> None:
    def protocol(name: str, figures: dict[str, Any]) -> None:
        document = {"steps": [{"figures": figures}], "sources": {"own": "Synthetic source"}}
        session.add(
            ProtocolVersion(
                name=name,
                version=1,
                technique="tlc",
                titles=NAMES,
                content_hash=name,
                document=document,
                published_by="coordinator",
            )
        )

    protocol("used", {"mass": {"value": 4, "unit": "mg", "source": "own"}})
    assert points.smallest_amounts(session, ["tlc"]) == []
    protocol("stated", {"smallest": {"value": "2.5", "unit": "mg", "source": "own"}})
    session.flush()
    (found,) = points.smallest_amounts(session, ["tlc"])
    assert (str(found.amount), found.unit, found.source) == ("2.5", "mg", "Synthetic source")
    assert points.smallest_amounts(session, ["ftir"]) == []


def test_every_technique_that_finds_substances_says_what_it_can_and_cannot() -> None:
    silent = {"weighing", "appearance", "guideline"}
    told = {str(one) for one in point_words.TECHNIQUES}
    from lims.protocols.rules import Technique

    assert told == set(Technique) - silent


# ------------------------------------------------------------------------------------ in words

MONDAY = date(2026, 11, 23)
NIGHT = Opening(
    datetime(2026, 11, 27, 21, tzinfo=UTC),
    datetime(2026, 11, 28, 3, tzinfo=UTC),
    "Synthetic, night",
)


def test_a_week_is_told_day_by_day_with_the_next_day_named() -> None:
    table = Timetable((Weekly(4, time(22), time(4), True), Weekly(4, time(9), time(12))))
    ((day, hours),) = point_words.week_lines(table)
    assert str(day) == "Friday"
    assert [str(one) for one in hours] == ["09:00–12:00", "22:00–04:00 the next day"]


def test_a_calendar_is_in_utc_escaped_and_folded() -> None:
    it = Calendar(
        "slug", "A; very, long\nname " + "é" * 60, "Here", "https://x.example/p", NIGHT.start
    )
    text = point_words.calendar(it, [NIGHT], "en").decode()
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "DTSTART:20261127T210000Z" in lines and "DTEND:20261128T030000Z" in lines
    whole = text.replace("\r\n ", "")
    assert "A\\; very\\, long\\nname" in whole and "Synthetic\\, night" in whole
    assert text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n")
