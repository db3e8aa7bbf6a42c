from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.records import Event
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted
from lims.surveillance import queries, reporting
from lims.surveillance.operations import ReportEffect, report_effect
from lims.surveillance.records import Signal
from lims.surveillance.report_records import HumanReport
from lims.surveillance.reporting import Teller
from lims.surveillance.schemas import ReportEffectSchema
from lims.wiring import connect
from tests.makers import (
    Network,
    api_headers,
    load_vocabularies,
    log_in_client,
    make_sample,
)

BEGUN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def lists(session: Session) -> None:
    connect()
    load_vocabularies(session)


def told(session: Session, actor: Any, **given: Any) -> Signal:
    values: dict[str, Any] = {"words": "green tablet, very hot", "level": "warning"}
    signal = report_effect(session, actor, ReportEffect(**(values | given)))
    session.flush()
    return signal


def wrong(session: Session, actor: Any, **given: Any) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        told(session, actor, **given)
    return {one.field for one in refusal.value.problems}


def test_a_report_keeps_who_told_it_and_what_it_looks_like(
    session: Session, network: Network
) -> None:
    signal = told(
        session,
        network.worker,
        told_by="hospital",
        form="tablet",
        colour="green",
        logo="Demo",
        effects=("agitation", "unconscious"),
        area="Liège",
        week="2026-W44",
    )
    kept = queries.report_of(session, signal.id)
    assert kept is not None and signal.area == "Liège"
    assert (kept.told_by, kept.form, kept.colour, kept.logo) == (
        *("hospital", "tablet", "green", "Demo"),
    )
    assert kept.effects == ["agitation", "unconscious"] and kept.week == "2026-W44"
    assert kept.by == "worker"


@pytest.mark.parametrize("teller", list(Teller))
def test_every_kind_of_source_can_tell(session: Session, network: Network, teller: Teller) -> None:
    assert told(session, network.counsellor, told_by=str(teller)).state == "open"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"told_by": "neighbour"}, "told_by"),
        ({"level": "purple"}, "level"),
        ({"form": "cheese"}, "form"),
        ({"colour": "loud"}, "colour"),
        ({"effects": ("levitation",)}, "effects"),
        ({"week": "2026-11-02"}, "week"),
        ({"week": "2999-W01"}, "week"),
        ({"words": "x" * 401}, "words"),
        ({"area": "y" * 61}, "area"),
    ],
)
def test_an_answer_outside_its_list_names_its_field(
    session: Session, network: Network, given: dict[str, Any], field: str
) -> None:
    assert wrong(session, network.worker, **given) == {field}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"words": "call Jan Peeters about it"}, "words"),
        ({"words": "ring 0470 12 34 56"}, "words"),
        ({"logo": "0470123456"}, "logo"),
        ({"area": "someone@example.org"}, "area"),
    ],
)
def test_words_that_may_point_to_a_person_ask_to_be_read_again(
    session: Session, network: Network, given: dict[str, Any], field: str
) -> None:
    assert wrong(session, network.worker, **given) == {field}
    assert session.scalars(select(HumanReport)).all() == []
    assert told(session, network.worker, not_a_person=True, **given).state == "open"


def test_the_same_words_minutes_later_ask_whether_it_is_another_case(
    session: Session, network: Network
) -> None:
    with clock.stopped_at(BEGUN):
        told(session, network.worker)
    with clock.stopped_at(BEGUN + timedelta(minutes=5)):
        assert wrong(session, network.counsellor, words="Green  tablet, very hot") == {"is_another"}
        told(session, network.counsellor, is_another=True)
    with clock.stopped_at(BEGUN + timedelta(minutes=30)):
        told(session, network.worker)
    assert len(session.scalars(select(Signal)).all()) == 3


def test_the_same_whole_look_in_other_words_asks_too(session: Session, network: Network) -> None:
    look = {"form": "tablet", "colour": "green", "logo": "Anchor"}
    told(session, network.worker, **look)
    assert wrong(session, network.worker, words="another sentence", **look) == {"is_another"}
    half = {"form": "tablet", "colour": "green"}
    assert told(session, network.worker, words="another sentence", **half).state == "open"


def test_a_report_on_a_sample_lies_in_the_region_of_its_point(
    session: Session, network: Network
) -> None:
    network.counter.area = "Bruxelles"
    sample = make_sample(session, network)
    assert told(session, network.worker, sample_code=sample.code).area == "Bruxelles"
    other = told(session, network.worker, words="else", sample_code=sample.code, area="Liège")
    assert other.area == "Liège"


def test_a_coordinator_opens_an_event_with_the_report_at_once(
    session: Session, network: Network
) -> None:
    signal = told(session, network.coordinator, opens_event=True, area="Liège")
    event = session.get_one(Event, signal.event_id)
    assert (event.title, event.state, event.area) == ("green tablet, very hot", "pending", "Liège")
    assert signal.state == "event" and event.opened_by == "coordinator"


@pytest.mark.parametrize("who", ["worker", "counsellor"])
def test_who_may_not_triage_opens_no_event(session: Session, network: Network, who: str) -> None:
    with pytest.raises(NotPermitted):
        told(session, getattr(network, who), opens_event=True)


@given(st.text(min_size=1, max_size=600))
def test_the_title_of_an_event_always_fits(words: str) -> None:
    assert len(reporting.title(words)) <= 120


@given(
    words=st.text(max_size=60),
    area=st.text(max_size=70),
    logo=st.text(max_size=70),
    week=st.text(max_size=12),
    effects=st.lists(st.text(max_size=50), max_size=3),
    form=st.text(max_size=40),
)
def test_any_report_is_kept_or_refused_beside_its_field(
    session: Session, network: Network, **given: Any
) -> None:
    typed = {**given, "level": "caution", "is_another": "yes"}
    try:
        signal = report_effect(session, network.worker, ReportEffectSchema().read(typed))
    except Invalid as refusal:
        fields = {one.field.split(".")[0] for one in refusal.problems}
        assert fields <= {*given, "level"}
    else:
        assert queries.report_of(session, signal.id) is not None


def test_the_form_shows_the_duplicate_and_takes_the_answer(
    session: Session, network: Network, app: Any
) -> None:
    session.commit()
    client = log_in_client(app, session, "worker")
    typed = {"words": "green tablet", "level": "warning", "effects[]": ["agitation"]}
    assert client.post("/signals/report", data=typed).status_code == 303
    again = client.post("/signals/report?lang=en", data={**typed, "id": str(uuid.uuid4())})
    assert again.status_code == 422 and 'name="is_another"' in again.text
    assert client.post("/signals/report", data={**typed, "is_another": "yes"}).status_code == 303


def test_the_form_of_a_coordinator_leads_to_the_event(
    session: Session, network: Network, app: Any
) -> None:
    session.commit()
    client = log_in_client(app, session, "coordinator")
    assert 'name="opens_event"' in client.get("/signals/report").text
    typed = {"words": "green tablet", "level": "red", "opens_event": "yes"}
    made = client.post("/signals/report", data=typed)
    assert made.status_code == 303 and "/events/" in made.headers["Location"]
    assert client.get(made.headers["Location"]).status_code == 200
    worker = log_in_client(app, session, "worker")
    assert 'name="opens_event"' not in worker.get("/signals/report").text
    assert worker.post("/signals/report", data={**typed, "words": "x"}).status_code == 403


def test_the_machine_reports_for_a_partner(session: Session, network: Network, app: Any) -> None:
    session.commit()
    key = api_headers(session, "coordinator")
    body = {"words": "white powder", "level": "red", "told_by": "partner", "area": "Liège"}
    made = app.test_client().post("/api/signals/", json=body, headers=key)
    assert made.status_code == 201 and made.json["area"] == "Liège"
    again = app.test_client().post("/api/signals/", json=body, headers=key)
    assert again.status_code == 422 and again.json["errors"][0]["field"] == "is_another"
