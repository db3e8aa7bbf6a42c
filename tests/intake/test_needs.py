from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation.shipped import shipped
from lims.intake import completeness, needing, queries
from lims.intake.photo_records import SamplePhoto
from lims.network.queries import OPERATOR
from lims.protocols import operations as protocols
from lims.protocols.documents import read_document
from tests.makers import Network, api_headers, log_in_client, make_samples, told_sample

NEEDED = {"form": "tablet", "sold_as": "MDMA", "consent_destroy": True}


def documents() -> list[Any]:
    folder: Path = shipped("protocols")
    return [read_document(path) for path in sorted(folder.glob("*.yaml"))]


SHIPPED = needing.needs_of(documents())


def wanted(**answers: Any) -> set[str]:
    return {need.field for need in needing.lacking({**NEEDED, **answers}, SHIPPED).wanted}


def test_what_cannot_start_is_required() -> None:
    lacks = needing.lacking({}, SHIPPED)
    assert [need.field for need in lacks.required] == ["form", "sold_as", "consent_destroy"]
    assert not needing.lacking(NEEDED, SHIPPED).required


def test_a_tablet_is_wanted_measured_and_a_powder_not() -> None:
    assert wanted() == {"mass_mg", "colour", "logo", "length_mm"}
    assert wanted(form="powder") == {"mass_mg", "colour"}
    assert "length_mm" not in wanted(whole_or_part="part")
    assert "length_mm" in wanted(length_mm=Decimal(8), width_mm=Decimal(8))


def test_a_photo_is_wanted_only_when_the_person_agrees() -> None:
    assert "photo" not in wanted()
    assert "photo" in wanted(consent_photo=True)
    assert "photo" not in wanted(consent_photo=True, photo=True)


def test_masses_are_those_that_the_protocols_state_with_their_source() -> None:
    stated = {one.protocol: (one.mg, one.source) for one in SHIPPED.masses}
    assert stated["tlc-ta 1"][0] == 4 and "REDAN" in stated["tlc-ta 1"][1]
    assert all(mg > 0 and source for mg, source in stated.values())
    assert not {name for name in stated if name.startswith(("strip", "ftir", "weighing"))}


def test_too_little_is_said_per_protocol_and_nothing_where_no_mass_is_known() -> None:
    lacks = needing.lacking({**NEEDED, "mass_mg": Decimal(2)}, SHIPPED)
    assert {one.protocol for one in lacks.too_little} == {"tlc-ta 1", "tlc-tb 1"}
    assert not needing.lacking(NEEDED, SHIPPED).too_little


def test_without_a_protocol_nothing_is_invented() -> None:
    bare = needing.needs_of([])
    assert bare.masses == () and all(need.required for need in bare.answers)


def test_a_figure_without_a_source_names_no_mass() -> None:
    step = {"id": "a", "records": ["sample.used_mg"], "figures": {"mass": {"value": 4}}}
    assert not needing.needs_of([{"technique": "tlc", "steps": [step]}]).masses


@given(
    st.dictionaries(st.sampled_from(["form", "mass_mg", "logo", "photo"]), st.none() | st.text())
)
def test_no_answer_breaks_the_rule(answers: dict[str, Any]) -> None:
    needing.lacking(answers, SHIPPED)


# -------------------------------------------------------------------------------- with records


@pytest.fixture
def in_force(session: Session, network: Network) -> Network:
    protocols.publish_shipped(session, OPERATOR)
    session.commit()
    return network


FULL = {
    "mass_mg": Decimal(300),
    "colour": "red",
    "logo": "none",
    "length_mm": Decimal(8),
    "width_mm": Decimal(8),
    "thickness_mm": Decimal(4),
}


def test_the_list_finds_exactly_what_the_rule_finds(session: Session, in_force: Network) -> None:
    told = [
        told_sample(**FULL),
        told_sample(**{**FULL, "width_mm": None}),
        told_sample(**{**FULL, "width_mm": None}, whole_or_part="part"),
        told_sample(**FULL, consent_photo=True),
        told_sample(form="powder", colour="white", mass_mg=Decimal(50)),
        told_sample(form="powder", colour="white"),
        told_sample(form="blotter", mass_mg=Decimal(10), colour="white"),
    ]
    made = make_samples(session, in_force, *told)
    pictured = make_samples(session, in_force, told_sample(**FULL, consent_photo=True))[0]
    size = {"side": "front", "sha256": "0" * 64, "width": 9, "height": 9, "by": "worker"}
    session.add(SamplePhoto(sample_id=pictured.id, **size))
    session.flush()
    by_rule = completeness.lacking(session, [*made, pictured])
    filters = queries.SampleFilters(incomplete=True)
    rows, total = queries.samples(session, in_force.worker, filters)
    assert {row.id for row in rows} == {name for name, lacks in by_rule.items() if lacks}
    assert total == 4 and not by_rule[pictured.id]


def test_what_has_left_is_not_in_the_list(session: Session, in_force: Network) -> None:
    sample = make_samples(session, in_force)[0]
    sample.state = "sent"
    session.flush()
    filters = queries.SampleFilters(incomplete=True)
    assert queries.samples(session, in_force.worker, filters)[1] == 0


def test_the_needs_are_plain_values_in_three_languages(session: Session, in_force: Network) -> None:
    told = json.loads(json.dumps(completeness.needs(session)))
    assert all(set(one["words"]) == {"fr", "nl", "en"} for one in told["answers"])
    masses = {one["protocol"]: one["mg"] for one in told["masses"]}
    assert masses["tlc-ta 1"] == "4"


def test_the_pages_say_what_is_wanted(app: Any, session: Session, in_force: Network) -> None:
    sample = make_samples(session, in_force, told_sample(mass_mg=Decimal(2)))[0]
    page = log_in_client(app, session, "worker")
    told = page.get(f"/samples/{sample.id}").text
    assert "Length, width and thickness" in told and "more than was handed in" in told
    listed = page.get("/samples?incomplete=yes").text
    assert "Still wanted:" in listed and sample.code[:4] in listed
    assert "data-needs" in page.get("/register").text


def test_the_api_says_what_is_wanted(app: Any, session: Session, in_force: Network) -> None:
    sample = make_samples(session, in_force)[0]
    client, headers = app.test_client(), api_headers(session, "worker")
    told = client.get(f"/api/intake/samples/{sample.id}/lacking", headers=headers).json
    assert not told["required"] and told["wanted"][0]["fields"] == ["mass_mg"]
    assert told["wanted"][0]["words"]["nl"]
    assert client.get("/api/intake/needs", headers=headers).json["masses"]
    listed = client.get("/api/intake/samples?incomplete=true", headers=headers).json
    assert listed["total"] == 1
