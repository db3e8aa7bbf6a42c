"""Templates of labels: of a site or of the network, seen and changed by whom they concern."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.intake import label_queries, label_schemas, paper
from lims.intake.label_facts import LabelTemplateFacts, wrong_facts
from lims.intake.label_records import LabelTemplate
from lims.intake.label_templates import (
    ChangeLabelTemplate,
    ChooseLabelTemplate,
    MakeLabelTemplate,
    change_label_template,
    choose_label_template,
    make_label_template,
    retire_label_template,
)
from lims.network.queries import OPERATOR
from tests.makers import Network, load_vocabularies

FACTS = LabelTemplateFacts("Tubes", "avery-l7651", ("form", "week"))


def made(session: Session, network: Network, **more: Any) -> LabelTemplate:
    command = MakeLabelTemplate(replace(FACTS, **more), network.counter.id)
    return make_label_template(session, network.worker, command)


def of_the_network(session: Session) -> LabelTemplate:
    facts = replace(FACTS, name="For everybody")
    return make_label_template(session, OPERATOR, MakeLabelTemplate(facts))


def names(session: Session, actor: Any) -> list[str]:
    return [one.name for one in label_queries.templates(session, actor)[0]]


def test_a_template_is_seen_at_its_site_and_one_of_the_network_everywhere(
    session: Session, network: Network
) -> None:
    mine, shared = made(session, network), of_the_network(session)
    assert names(session, network.worker) == ["For everybody", "Tubes"]
    assert names(session, network.festival_worker) == ["For everybody"]
    with pytest.raises(NotFound):
        label_queries.template(session, network.festival_worker, mine.id)
    assert label_queries.template(session, network.festival_worker, shared.id) is shared
    with pytest.raises(Invalid):
        label_queries.chosen(session, network.festival_worker, str(mine.id))


def test_only_who_prints_everywhere_changes_a_template_of_the_network(
    session: Session, network: Network
) -> None:
    shared = of_the_network(session)
    with pytest.raises(NotPermitted):
        make_label_template(session, network.worker, MakeLabelTemplate(FACTS))
    change = ChangeLabelTemplate(shared.id, FACTS, shared.row_version)
    with pytest.raises(NotPermitted):
        change_label_template(session, network.worker, change)
    with pytest.raises(NotPermitted):
        retire_label_template(session, network.worker, shared.id)
    assert change_label_template(session, OPERATOR, change).name == "Tubes"


@pytest.mark.parametrize("account", ["counsellor", "chemist", "administrator", "auditor"])
def test_who_may_not_print_has_no_templates(
    session: Session, network: Network, account: str
) -> None:
    actor, found = network.actors[account], made(session, network)
    for act in (
        lambda: make_label_template(session, actor, MakeLabelTemplate(FACTS, network.counter.id)),
        lambda: change_label_template(session, actor, ChangeLabelTemplate(found.id, FACTS, 1)),
        lambda: retire_label_template(session, actor, found.id),
        lambda: choose_label_template(
            session, actor, ChooseLabelTemplate(network.counter.id, found.id)
        ),
        lambda: label_queries.templates(session, actor),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_worker_of_one_site_makes_none_for_another(session: Session, network: Network) -> None:
    with pytest.raises(NotPermitted):
        make_label_template(session, network.worker, MakeLabelTemplate(FACTS, network.festival.id))


def test_the_same_identifier_makes_the_same_template_once(
    session: Session, network: Network
) -> None:
    command = MakeLabelTemplate(FACTS, network.counter.id, uuid.uuid4())
    first = make_label_template(session, network.worker, command)
    assert make_label_template(session, network.worker, command) is first
    with pytest.raises(Refused):
        other = replace(command, facts=replace(FACTS, name="Other"))
        make_label_template(session, network.worker, other)


def test_two_templates_in_use_do_not_have_one_name(session: Session, network: Network) -> None:
    first = made(session, network)
    with pytest.raises(Invalid):
        made(session, network)
    retire_label_template(session, network.worker, first.id)
    assert made(session, network).id != first.id


def test_a_template_changed_by_somebody_else_meanwhile_is_refused(
    session: Session, network: Network
) -> None:
    found = made(session, network)
    version = found.row_version
    change = ChangeLabelTemplate(found.id, replace(FACTS, copies=2), version)
    change_label_template(session, network.worker, change)
    with pytest.raises(Stale):
        change_label_template(session, network.worker, change)


def test_a_site_prints_with_its_own_template_until_it_is_retired(
    session: Session, network: Network
) -> None:
    assert label_queries.chosen(session, network.worker, "").name == "roll-62x29"
    found = made(session, network)
    choice = ChooseLabelTemplate(network.counter.id, found.id)
    choose_label_template(session, network.worker, choice)
    assert label_queries.chosen(session, network.worker, "").name == "Tubes"
    load_vocabularies(session)
    assert paper.choices(session, network.worker, "fr")[0] == (str(found.id), "Tubes")
    assert label_queries.chosen(session, network.festival_worker, "").name == "roll-62x29"
    retire_label_template(session, network.worker, found.id)
    assert label_queries.chosen(session, network.worker, "").name == "roll-62x29"


def test_a_site_does_not_take_the_template_of_another(session: Session, network: Network) -> None:
    found = made(session, network)
    for actor, site in ((network.festival_worker, network.festival), (OPERATOR, network.festival)):
        with pytest.raises((NotFound, Refused)):
            choose_label_template(session, actor, ChooseLabelTemplate(site.id, found.id))


def test_an_own_paper_is_kept_with_its_measures(session: Session, network: Network) -> None:
    own = {
        "page_width": Decimal("105"),
        "page_height": Decimal("148.5"),
        "label_width": Decimal(50),
    }
    own |= {"label_height": Decimal("24.5"), "columns": 2, "rows": 6, "left": Decimal("2.5")}
    found = made(session, network, paper="own", own=own)
    session.flush()
    session.expire(found)
    layout = label_queries.layout_of(found)
    assert (layout.page, layout.label, layout.per_page) == ((105, 148.5), (50, 24.5), 12)
    assert layout.left == 2.5 and layout.gap_x == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "  "}, "name"),
        ({"paper": "papyrus"}, "paper"),
        ({"qr_side": Decimal("11.9")}, "qr_side"),
        ({"text_pt": Decimal("3")}, "text_pt"),
        ({"copies": 6}, "copies"),
        ({"offset_x": Decimal("10.5")}, "offset_x"),
        ({"offset_y": Decimal("-11")}, "offset_y"),
        ({"fields": ("sold_as",)}, "fields"),
        ({"output": "zpl203"}, "output"),
    ],
)
def test_what_cannot_be_printed_is_refused_at_its_field(
    session: Session, network: Network, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        made(session, network, **changed)
    assert field in {one.field for one in refused.value.problems}


TYPED = st.one_of(st.text(max_size=12), st.integers(-500, 2000).map(str), st.just(""))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    typed=st.dictionaries(
        st.sampled_from(
            [
                *("name", "paper", "qr_side", "text_pt", "copies", "offset_x", "offset_y"),
                *("output", "field_1", "field_2", "own_page_width", "own_page_height"),
                *("own_label_width", "own_label_height", "own_columns", "own_rows", "own_left"),
            ]
        ),
        TYPED,
    ),
    own=st.booleans(),
)
def test_whatever_is_typed_makes_a_label_or_a_sentence(typed: dict[str, str], own: bool) -> None:
    begin = {"name": "x", "paper": "own" if own else "a4-3x8", "qr_side": "12", "text_pt": "7"}
    begin |= {"copies": "1", "offset_x": "0", "offset_y": "0", "own_page_width": "60"}
    begin |= {"own_page_height": "30", "own_label_width": "60", "own_label_height": "30"}
    try:
        facts = label_schemas.facts_from_form({**begin, **typed})
    except Invalid as refused:
        assert refused.problems and all(str(one.message) for one in refused.problems)
        return
    problems = wrong_facts(facts)
    layout = facts.layout()
    if not problems:
        assert layout is not None
        assert "<svg" in paper.preview(layout, facts.design(), "", "nl", True)
