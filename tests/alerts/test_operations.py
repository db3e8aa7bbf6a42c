from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.alerts import operations, queries
from lims.alerts.audiences import Audience
from lims.alerts.operations import (
    DecideEvent,
    EditMessage,
    OpenEvent,
)
from lims.foundation import clock
from lims.foundation.errors import Invalid, Refused, Stale
from lims.foundation.words import LANGUAGES
from lims.library.records import VocabularyTerm
from lims.surveillance.operations import SignalRaised
from tests.alerts.alerting import (
    UNIDENTIFIED,
    approve,
    assess,
    decide,
    edit_facts,
    edit_text,
    make_draft,
    make_event,
    make_published,
    make_signal,
    submit,
)
from tests.makers import Network, make_substance


def test_an_event_takes_its_level_from_the_gravest_signal_and_moves_its_signals(
    session: Session, network: Network
) -> None:
    signals = [make_signal(session, network, level) for level in ("caution", "red")]
    made = make_event(session, network, *signals)
    assert (made.number, made.state, made.level) == ("E-0001", "pending", "red")
    assert {one.state for one in signals} == {"event"}
    assert {one.event_id for one in signals} == {made.id}


def test_a_signal_is_the_origin_of_one_event_only(session: Session, network: Network) -> None:
    signal = make_signal(session, network)
    make_event(session, network, signal)
    with pytest.raises(Refused):
        make_event(session, network, signal)


@pytest.mark.parametrize("field", ["title", "signal_ids"])
def test_an_event_needs_a_title_and_a_signal(
    session: Session, network: Network, field: str
) -> None:
    signal = make_signal(session, network)
    values: dict[str, Any] = {"signal_ids": (signal.id,), "title": "Blue crystal"}
    values[field] = () if field == "signal_ids" else "  "
    with pytest.raises(Invalid) as refusal:
        operations.open_event(session, network.coordinator, OpenEvent(**values))
    assert [problem.field for problem in refusal.value.problems] == [field]


def on_a_substance(session: Session, network: Network, substance_id: Any, level: str) -> Any:
    signal = make_signal(session, network, level)
    signal.substance_id = substance_id
    session.flush()
    return signal


@pytest.mark.parametrize(
    ("level", "state"), [("caution", "merged"), ("warning", "merged"), ("red", "open")]
)
def test_a_pending_event_takes_in_the_same_substance_unless_it_is_graver(
    session: Session, network: Network, level: str, state: str
) -> None:
    pmma = make_substance(session, "pmma")
    made = make_event(session, network, on_a_substance(session, network, pmma.id, "warning"))
    signal = on_a_substance(session, network, pmma.id, level)
    operations.absorb_signal(session, network.verifier, SignalRaised(signal.id))
    assert signal.state == state
    assert signal.event_id == (made.id if state == "merged" else None)


def test_a_decided_event_takes_nothing_in(session: Session, network: Network) -> None:
    pmma = make_substance(session, "pmma")
    made = make_event(session, network, on_a_substance(session, network, pmma.id, "warning"))
    decide(session, network, made)
    signal = on_a_substance(session, network, pmma.id, "warning")
    operations.absorb_signal(session, network.verifier, SignalRaised(signal.id))
    assert signal.state == "open"


def test_dissent_between_assessors_is_kept(session: Session, network: Network) -> None:
    made = make_event(session, network)
    assess(session, made, network.coordinator, hazard=1)
    assess(session, made, network.approver, hazard=3)
    assess(session, made, network.coordinator, hazard=2)
    kept = {one["by"]: one["hazard"] for one in made.assessments}
    assert kept == {"coordinator": 2, "approver": 3}


def test_one_assessor_is_not_enough_to_decide(session: Session, network: Network) -> None:
    made = make_event(session, network)
    assess(session, made, network.coordinator)
    with pytest.raises(Refused):
        command = DecideEvent(made.id, True, "sure", made.row_version)
        operations.decide_event(session, network.coordinator, command)


def test_a_grade_that_does_not_exist_is_refused(session: Session, network: Network) -> None:
    made = make_event(session, network)
    with pytest.raises(Invalid):
        assess(session, made, network.coordinator, hazard=4)


def test_a_draft_holds_one_message_for_each_audience_and_language(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    assert version.alert.number == f"{clock.today().year}-0001"
    assert (version.state, version.kind, version.version) == ("draft", "alert", 1)
    assert len({(one.audience, one.language) for one in version.messages}) == len(Audience) * len(
        LANGUAGES
    )
    assert {one.tlp for one in version.messages if one.audience == "public"} == {"TLP:CLEAR"}


def test_an_alert_can_warn_of_what_nobody_has_identified(
    session: Session, network: Network
) -> None:
    version = make_published(session, network)
    assert version.facts["substance"] is None and version.alert.substance_id is None
    assert version.state == "published"


def test_the_facts_keep_the_names_in_three_languages(session: Session, network: Network) -> None:
    make_substance(session, "pmma", name_fr="PMMA (fr)")
    labels = {"en": "tablet", "fr": "comprimé", "nl": "tablet"}
    session.add(VocabularyTerm(list_name="dosage_form", code="tablet", labels=labels))
    session.flush()
    facts = replace(UNIDENTIFIED, substance="pmma", unidentified=False, form="tablet")
    version = make_draft(session, network, facts=facts)
    assert version.facts["substance"]["fr"] == "PMMA (fr)"
    assert version.facts["form"] == {"code": "tablet", **labels}
    message = queries.message(session, version.id, "public", "fr")
    assert message.headline == "PMMA (fr)\u00a0: comprimé, logo buoy"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"unidentified": False}, "facts.substance"),
        ({"unidentified": False, "substance": "no such thing"}, "facts.substance"),
        ({"sold_as": "no such thing"}, "facts.sold_as"),
        ({"form": "no such form"}, "facts.form"),
        ({"dangers": ("x",)}, "facts.dangers"),
        ({"advice": ("x",)}, "facts.advice"),
        ({"region": "BE100"}, "facts.region"),
        ({"week": "week 45"}, "facts.week"),
        ({"samples": 0}, "facts.samples"),
        ({"confidence": "sure"}, "facts.confidence"),
        ({"signs": ("x",)}, "facts.signs"),
        ({"replaces": "2020-0001"}, "facts.replaces"),
    ],
)
def test_a_fact_that_cannot_be_right_names_its_field(
    session: Session, network: Network, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make_draft(session, network, facts=replace(UNIDENTIFIED, **facts))
    assert [problem.field for problem in refusal.value.problems] == [field]


@pytest.mark.parametrize(("days", "level"), [(None, "red"), (0, "red"), (400, "red"), (30, "blue")])
def test_an_alert_needs_a_level_and_an_end(
    session: Session, network: Network, days: int | None, level: str
) -> None:
    review_on = None if days is None else clock.today() + timedelta(days=days)
    with pytest.raises(Invalid):
        make_draft(session, network, review_on=review_on, level=level)


def test_nobody_warns_of_a_refuted_event(session: Session, network: Network) -> None:
    made = make_event(session, network)
    version = submit(session, network, make_draft(session, network, event=made))
    decide(session, network, made, confirmed=False)
    with pytest.raises(Refused):
        make_draft(session, network, event=made)
    with pytest.raises(Refused):
        approve(session, network, version)


def test_new_facts_rewrite_the_texts_except_those_that_a_person_wrote(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    edit_text(session, network, version)
    edit_facts(session, network, version, facts=replace(UNIDENTIFIED, logo="anchor"))
    written = queries.message(session, version.id, "public", "fr")
    composed = queries.message(session, version.id, "public", "en")
    assert (written.headline, written.body) == ("H", "B")
    assert "anchor" in composed.headline and "buoy" not in composed.headline


def test_an_emptied_text_is_composed_again(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    edit_text(session, network, version)
    edit_text(session, network, version, headline="", body=" ")
    message = queries.message(session, version.id, "public", "fr")
    assert not queries.is_edited(version, message) and "buoy" in message.headline


def test_half_a_message_is_refused(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    with pytest.raises(Invalid) as refusal:
        edit_text(session, network, version, headline="")
    assert refusal.value.problems[0].field == "headline"


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    before = version.row_version
    edit_text(session, network, version)
    with pytest.raises(Stale):
        command = EditMessage(version.id, before, "public", "nl", "x", "y")
        operations.edit_message(session, network.coordinator, command)


def test_a_second_text_by_the_same_person_makes_older_pages_old_too(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    edit_text(session, network, version)
    before = version.row_version
    edit_text(session, network, version, headline="not what the other page shows")
    with pytest.raises(Stale):
        submit = operations.SubmitAlert(version.id, before)
        operations.submit_alert(session, network.coordinator, submit)


NONSENSE = st.text(max_size=80)


@given(substance=NONSENSE, week=NONSENSE, replaces=NONSENSE, region=NONSENSE, form=NONSENSE)
def test_nonsense_in_the_facts_is_refused_in_words(
    session: Session,
    network: Network,
    substance: str,
    week: str,
    replaces: str,
    region: str,
    form: str,
) -> None:
    made = make_event(session, network)
    facts = replace(
        UNIDENTIFIED, unidentified=False, substance=substance.replace("\0", ""), week=week
    )
    facts = replace(facts, replaces=replaces.replace("\0", ""), region=region, form=form)
    with pytest.raises(Invalid) as refusal:
        make_draft(session, network, event=made, facts=facts)
    assert all(problem.field.startswith("facts.") for problem in refusal.value.problems)
