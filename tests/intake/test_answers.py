from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, Refused
from lims.intake import counter, rules
from lims.intake import operations as intake
from lims.intake.records import Sample, Visit
from lims.library.queries import terms
from lims.library.records import SubstanceName
from tests.makers import (
    Network,
    api_headers,
    load_vocabularies,
    log_in_client,
    make_block,
    make_samples,
    make_substance,
    told_sample,
    told_visit,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FORM = {
    "then": "register",
    "language": "fr",
    "samples-0-form": "tablet",
    "samples-0-sold_as": "MDMA",
    "samples-0-consent_destroy": "yes",
}


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists, codes, and three substances, one with a synonym."""
    load_vocabularies(session)
    make_block(session, network)
    for key in ("mdma", "ketamine", "2c-b"):
        found = make_substance(session, key)
        session.add(SubstanceName(substance_id=found.id, name=key, folded=key.replace("-", "")))
        if key == "mdma":
            session.add(SubstanceName(substance_id=found.id, name="molly", folded="molly"))
        if key != "mdma":
            session.add(SubstanceName(substance_id=found.id, name="pinky", folded="pinky"))
    session.commit()
    return network


@pytest.fixture
def counter_page(app: Any, session: Session, ready: Network) -> Any:
    return log_in_client(app, session, "worker")


def form(**changed: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), **FORM, **changed}


def fields_of(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.field for problem in refusal.value.problems}


@pytest.mark.parametrize("week", ["", "2026-W47", "2026-W01", "2020-W53", "2017-W01"])
def test_a_week_of_the_last_ten_years_is_right(week: str) -> None:
    assert not rules.wrong_week(week, NOW)


@pytest.mark.parametrize(
    "week", ["2026-W48", "2026-W54", "2021-W53", "2010-W05", "2026-11-22", "W47", "2026-W4x"]
)
def test_a_week_to_come_long_ago_or_that_never_was_is_asked_about(week: str) -> None:
    assert [problem.field for problem in rules.wrong_week(week, NOW)] == ["obtained_week"]


@given(st.text(max_size=12))
def test_no_text_for_a_week_breaks_the_rule(text: str) -> None:
    assert {problem.field for problem in rules.wrong_week(text, NOW)} <= {"obtained_week"}


@pytest.mark.parametrize("units", [0, -1, 1001, True, "3"])
def test_a_number_of_units_that_cannot_be_is_asked_about(units: Any) -> None:
    assert rules.wrong_units(units)


def test_new_answers_are_kept_and_sent_again_change_nothing(
    session: Session, ready: Network
) -> None:
    told = told_sample(
        obtained_week="2026-W40", taken_with=["alcohol", "ketamine"], units=3, price_per="blotter"
    )
    visit = told_visit(ready, told, table_scale="reads-10-mg")
    made = intake.register_visit(session, ready.worker, visit)
    again = intake.register_visit(session, ready.worker, visit)
    sample = again.samples[0]
    assert (sample.obtained_week, sample.units, sample.price_per) == ("2026-W40", 3, "blotter")
    assert sample.taken_with == ["alcohol", "ketamine"] and made.visit.table_scale == "reads-10-mg"


@pytest.mark.parametrize(
    "changed", [{"units": 4}, {"obtained_week": "2026-W41"}, {"taken_with": ("alcohol",)}]
)
def test_the_same_visit_with_another_new_answer_is_refused(
    session: Session, ready: Network, changed: dict[str, Any]
) -> None:
    visit = told_visit(ready, told_sample(units=3))
    intake.register_visit(session, ready.worker, visit)
    other = told_visit(ready, told_sample(**{"units": 3, **changed}), id=visit.id)
    with pytest.raises(Refused):
        intake.register_visit(session, ready.worker, other)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"obtained_week": "2099-W01"}, "obtained_week"),
        ({"units": 0}, "units"),
        ({"price_per": "kilo"}, "price_per"),
        ({"taken_with": ["x"] * 9}, "taken_with"),
        ({"taken_with": ["call 0475 12 34 56"]}, "taken_with"),
    ],
)
def test_a_new_answer_that_cannot_be_right_names_its_field(
    session: Session, ready: Network, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        intake.register_visit(session, ready.worker, told_visit(ready, told_sample(**wrong)))
    assert fields_of(refusal) == {f"samples.0.{field}"}


def test_a_scale_outside_the_list_is_refused(session: Session, ready: Network) -> None:
    with pytest.raises(Invalid) as refusal:
        intake.register_visit(session, ready.worker, told_visit(ready, table_scale="bathroom"))
    assert fields_of(refusal) == {"table_scale"}


@pytest.mark.parametrize("name", ["price_per", "table_scale", "not_accepted_reason"])
def test_our_own_lists_speak_three_languages_and_say_that_they_are_ours(
    session: Session, ready: Network, name: str
) -> None:
    found = terms(session, name)
    assert len(found) > 3
    assert all(len(set(term.labels.values())) > 1 for term in found)
    from lims.foundation.shipped import shipped

    lines = (shipped("reference_data") / "vocabularies" / f"{name}.csv").read_text().splitlines()
    assert all(line.endswith("own list") for line in lines[1:])


def test_the_page_takes_the_new_answers(counter_page: Any, session: Session) -> None:
    answer = counter_page.post(
        "/register",
        data=form(
            **{
                "samples-0-taken_with": "alcohol, ketamine ; ",
                "samples-0-units": "2",
                "samples-0-obtained_week": "2026-W30",
                "samples-0-price": "7,50",
                "samples-0-price_per": "packet",
                "table_scale": "none",
            }
        ),
    )
    assert answer.status_code == 200
    kept = session.scalars(select(Sample)).one()
    assert kept.taken_with == ["alcohol", "ketamine"]
    assert (kept.units, kept.obtained_week, kept.price_per) == (2, "2026-W30", "packet")
    assert session.scalars(select(Visit.table_scale)).one() == "none"


@pytest.mark.parametrize(
    ("field", "typed"),
    [("units", "many"), ("units", "0"), ("obtained_week", "last week"), ("price_per", "kilo")],
)
def test_a_wrong_new_answer_comes_back_beside_its_field(
    counter_page: Any, field: str, typed: str
) -> None:
    answer = counter_page.post("/register", data=form(**{f"samples-0-{field}": typed}))
    assert answer.status_code == 422
    assert f'href="#f-samples-0-{field}"' in answer.text


def test_the_api_tells_and_takes_the_new_answers(
    app: Any, session: Session, ready: Network
) -> None:
    headers = api_headers(session, "worker")
    sample = {"form": "tablet", "sold_as": "molly", "consent_destroy": True, "units": 2}
    body = {
        "site_id": str(ready.counter.id),
        "samples": [{**sample, "taken_with": ["alcohol"], "obtained_week": "2026-W10"}],
    }
    address = f"/api/intake/visits/{uuid.uuid4()}"
    told = app.test_client().put(address, json=body, headers=headers)
    assert told.status_code == 200, told.json
    kept = told.json["samples"][0]
    assert (kept["units"], kept["taken_with"]) == (2, ["alcohol"])
    body["samples"][0]["taken_with"] = ["x" * 90]
    wrong = app.test_client().put(f"/api/intake/visits/{uuid.uuid4()}", json=body, headers=headers)
    assert wrong.status_code == 422


# ------------------------------------------------------------------------------ declared names


def test_a_synonym_names_its_substance_and_the_page_says_so(
    counter_page: Any, session: Session
) -> None:
    page = counter_page.post("/register", data=form(**{"samples-0-sold_as": "molly"})).text
    assert "→ MDMA" in page
    kept = session.scalars(select(Sample)).one()
    assert kept.sold_as == "molly" and kept.sold_as_substance.key == "mdma"


def test_a_name_that_can_mean_several_is_asked_about_once(
    counter_page: Any, session: Session
) -> None:
    told = form(**{"samples-0-sold_as": "pinky"})
    asked = counter_page.post("/register", data=told)
    assert asked.status_code == 422 and "Which one?" in asked.text
    assert asked.text.count('name="samples-0-sold_as_key"') == 3
    answered = counter_page.post("/register", data={**told, "samples-0-sold_as_key": "ketamine"})
    assert answered.status_code == 200
    assert session.scalars(select(Sample)).one().sold_as_substance.key == "ketamine"


def test_none_of_the_meanings_is_an_answer_too(counter_page: Any, session: Session) -> None:
    told = form(**{"samples-0-sold_as": "pinky", "samples-0-sold_as_key": "none"})
    assert counter_page.post("/register", data=told).status_code == 200
    assert session.scalars(select(Sample.sold_as_id)).one() is None


def test_a_key_that_the_words_cannot_mean_is_asked_again(counter_page: Any) -> None:
    told = form(**{"samples-0-sold_as": "pinky", "samples-0-sold_as_key": "mdma"})
    assert counter_page.post("/register", data=told).status_code == 422


def test_what_a_person_believes_is_asked_about_too(session: Session, ready: Network) -> None:
    with pytest.raises(Invalid) as refusal:
        told = told_visit(ready, told_sample(believed="pinky"))
        intake.register_visit(session, ready.worker, told)
    assert fields_of(refusal) == {"samples.0.believed"}
    chosen = told_visit(ready, told_sample(believed="pinky", believed_key="2c-b"))
    made = intake.register_visit(session, ready.worker, chosen)
    assert made.samples[0].believed_id is not None


def test_without_asking_several_meanings_are_kept_as_words(
    session: Session, ready: Network
) -> None:
    sample = make_samples(session, ready, told_sample(sold_as="pinky"))[0]
    assert (sample.sold_as, sample.sold_as_id) == ("pinky", None)


def test_the_meaning_is_told_while_one_types(counter_page: Any) -> None:
    def part(text: str) -> str:
        query = {"text": text, "at": "samples-1-", "field": "sold_as"}
        told = counter_page.get("/register/name", query_string=query)
        assert told.status_code == 200
        return str(told.text)

    assert "means MDMA" in part("molly")
    assert 'name="samples-1-sold_as_key"' in part("pinky")
    assert "means" not in part("MDMA") and "means" not in part("never heard of")


def test_a_place_in_the_form_that_cannot_be_is_refused(counter_page: Any) -> None:
    told = counter_page.get("/register/name?text=molly&at=%22%3E%3Cscript%3E")
    assert told.status_code == 422 and "<script>" not in told.text


def test_the_meaning_is_for_whoever_registers(app: Any, session: Session, ready: Network) -> None:
    stranger = log_in_client(app, session, "auditor")
    assert stranger.get("/register/name?text=molly").status_code == 403


def test_the_same_again_brings_no_stale_meaning(session: Session, ready: Network) -> None:
    typed = {"samples": [{"sold_as": "pinky", "sold_as_key": "ketamine", "meanings": {}}]}
    copied = counter.changed(typed, "same")["samples"][1]
    assert copied["sold_as_key"] == "ketamine" and "meanings" not in copied
