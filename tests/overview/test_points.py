from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.intake import closing
from lims.intake.closing import CloseIntake
from lims.network.opening import Opening, Timetable, Weekly
from lims.network.opening import Session as Night
from lims.overview import describing, flyers, point_pages, point_schemas, point_words, points
from lims.overview.describing import PublishPoint
from lims.overview.flyers import Flyer
from lims.overview.point_words import Calendar
from lims.protocols.records import ProtocolVersion
from tests.makers import Network, api_headers, log_in_client
from tests.overview.points_and_queues import DRAFT, EVENING, described, lists, published, results

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


FLYER = Flyer(
    name="Synthetic point",
    place=("Somewhere",),
    hours=(("Monday", "18:00–21:00"),),
    languages="French, Dutch",
    forms="tablet, powder",
    address="https://checking.example.org/points/synthetic-point",
)
FULL = Flyer(
    name="A synthetic point with a name that takes more than one line of the sheet",
    place=("A line about the place that is rather long as lines go",) * 6,
    hours=tuple((f"Day {n}", "13:00–17:00, 18:00–21:00") for n in range(20)),
    languages=", ".join(["a language"] * 18),
    forms=", ".join(["a form of sample"] * 20),
    address="https://checking.example.org/points/synthetic-point",
    demonstration=True,
)


@pytest.mark.parametrize("size", ["a4", "a5"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("flyer", [FLYER, FULL], ids=["little", "much"])
def test_a_poster_is_one_page_whose_square_opens_the_public_page(
    size: str, language: str, flyer: Flyer
) -> None:
    paper = pypdfium2.PdfDocument(BytesIO(flyers.flyer_pdf(flyer, size, language)))
    assert len(paper) == 1
    width, height = paper[0].get_size()
    expected = flyers.PAGES[size]
    assert (width, height) == pytest.approx([side * flyers.MM for side in expected], abs=0.5)
    image = paper[0].render(scale=203 / 72).to_pil()
    assert [one.text for one in zxingcpp.read_barcodes(image)] == [flyer.address]
    text = paper[0].get_textpage().get_text_range()
    assert flyer.address in text and "%(" not in text


def test_a_flyer_is_the_same_each_time() -> None:
    assert flyers.flyer_pdf(FLYER, "a5", "fr") == flyers.flyer_pdf(FLYER, "a5", "fr")


# ----------------------------------------------------------------------------- through the doors


def test_a_point_is_described_previewed_and_published_through_the_pages(
    app: Any, public_app: Any, session: Session, network: Network
) -> None:
    lists(session)
    session.commit()
    worker = log_in_client(app, session, "worker")
    at = f"/points/{network.counter.id}"
    assert worker.get(at).status_code == 404
    typed = {"slug": "synthetic-point", "forms[]": ["tablet"], "languages[]": ["fr"]}
    typed |= {"weekly-0-weekday": "0", "weekly-0-opens": "18:00", "weekly-0-closes": "09:00"}
    typed |= {"weekly-1-weekday": "2", "weekly-1-opens": "", "weekly-1-closes": ""}
    wrong = worker.post(f"{at}/edit?lang=en", data=typed)
    assert wrong.status_code == 422 and "until the next day" in wrong.text
    assert 'value="18:00"' in wrong.text, "nothing typed is lost"
    typed["weekly-0-closes"] = "21:00"
    assert worker.post(f"{at}/edit", data=typed).status_code == 303
    for language in ("fr", "nl", "en"):
        assert worker.get(f"{at}?lang={language}").status_code == 200
    assert worker.get(f"{at}/a5-nl.pdf").mimetype == "application/pdf"
    assert worker.get(f"{at}/a3-nl.pdf").status_code == 404
    assert worker.post(f"{at}/publish").status_code == 403
    public = public_app.test_client()
    assert public.get("/points/synthetic-point").status_code == 404
    coordinator = log_in_client(app, session, "local_coordinator")
    assert coordinator.post(f"{at}/publish").status_code == 303
    assert public.get("/points/synthetic-point").status_code == 200
    assert coordinator.post(f"{at}/unpublish").status_code == 303
    assert public.get("/points/synthetic-point").status_code == 404


def test_a_point_through_the_machine_door(app: Any, session: Session, network: Network) -> None:
    lists(session)
    session.commit()
    client, worker = app.test_client(), api_headers(session, "worker")
    at = f"/api/overview/points/{network.counter.id}"
    assert client.get(at, headers=worker).status_code == 404
    bad = {**DRAFT, "weekly": [{"weekday": 0, "opens": "25:00", "closes": "21:00"}]}
    refused = client.put(at, json=bad, headers=worker)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "weekly.0.opens"
    written = client.put(at, json=DRAFT, headers=worker)
    assert written.status_code == 200 and written.json["published"] == {}
    stale = client.put(at, json={**DRAFT, "row_version": 99}, headers=worker)
    assert stale.status_code == 409
    assert client.post(f"{at}/publish", json={}, headers=worker).status_code == 403
    coordinator = api_headers(session, "local_coordinator")
    told = client.post(f"{at}/publish", json={}, headers=coordinator)
    assert told.status_code == 200 and told.json["published"]["forms"] == ["tablet", "powder"]
    assert client.post(f"{at}/unpublish", json={}, headers=coordinator).status_code == 200
    assert client.post(f"{at}/unpublish", json={}, headers=coordinator).status_code == 409
    stranger = api_headers(session, "festival_worker")
    assert client.get(at, headers=stranger).status_code == 404


def test_the_public_face_keeps_nothing_of_a_visitor(
    public_app: Any, session: Session, network: Network
) -> None:
    results(session, network, 15, 3.0)
    published(
        session, network, timetable=Timetable(sessions=(Night(MONDAY, time(20), time(4), True),))
    )
    session.commit()
    client = public_app.test_client()
    for path in (
        "/points",
        "/points/synthetic-point",
        "/points/synthetic-point.ics",
        "/points.json",
    ):
        for language in ("fr", "nl", "en"):
            answer = client.get(f"{path}?lang={language}")
            assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = client.get("/points/synthetic-point?lang=en").text
    assert "Half of the results came within" in page and "This is no promise." in page
    assert "<title>Balise</title>" in page and "<script" not in page
    told = client.get("/points/synthetic-point.json?lang=en").json
    assert told["waiting"]["known"] is True and told["waiting"]["n"] == 15
    calendar = client.get("/points/synthetic-point.ics")
    assert calendar.mimetype == "text/calendar" and "max-age" in calendar.headers["Cache-Control"]
    for wrong in ("/points/nowhere", "/points/nowhere.ics", "/points/nowhere.json"):
        assert client.get(wrong).status_code == 404


def test_the_ticket_page_leads_to_the_points(public_app: Any, session: Session) -> None:
    page = public_app.test_client().get("/?lang=en").text
    assert 'href="/points?lang=en"' in page


def test_an_empty_row_of_the_form_is_left_out() -> None:
    rows = [{"weekday": "0", "opens": "18:00"}, {"weekday": "1", "opens": "", "closes": ""}]
    assert point_schemas.compact({"weekly": rows})["weekly"] == rows[:1]
    assert point_schemas.compact({"weekly": "x"}) == {"weekly": [], "closed": [], "sessions": []}
