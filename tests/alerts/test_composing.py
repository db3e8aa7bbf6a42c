from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.alerts import audiences, composing
from lims.alerts.audiences import AUDIENCE_FACTS, REFUSED_FACTS, AlertFacts, Audience
from lims.alerts.rules import Kind
from lims.foundation.words import LANGUAGES, say

EACH = [(audience, language) for audience in Audience for language in LANGUAGES]
NEVER_TO_THE_POLICE = {"site", "place", "handed_in", "visitors", "notes", "sold_as", "effects"}


def label(word: str) -> dict[str, str]:
    return {"code": word, **dict.fromkeys(LANGUAGES, word)}


FACTS = AlertFacts(
    substance=label("PMMA"),
    sold_as=label("MDMA"),
    form=label("tablet"),
    colour=label("orange"),
    logo="buoy",
    shape="hexagon",
    length_mm="9.1",
    unit_mass_mg="300",
    content=[
        {
            "substance": label("PMMA"),
            "low": "42.5",
            "high": "61",
            "unit": "mg/unit",
            "expressed_as": "base",
            "n": 4,
        }
    ],
    samples=5,
    dangers=["late"],
    advice=["not-take", "call"],
    late_onset=True,
    region="BE3",
    week="2026-W45",
)


def canary(name: str) -> str:
    return f"canary-{name.replace('_', '-')}"


def full_of_canaries() -> dict[str, Any]:
    """Return facts in which every field that can hold words holds its own canary."""
    found: dict[str, Any] = {}
    for one in fields(AlertFacts):
        if one.name in ("substance", "sold_as", "form", "colour"):
            found[one.name] = label(canary(one.name))
        elif one.name in ("signs", "effects"):
            found[one.name] = [label(canary(one.name))]
        elif one.type == "str" and one.name not in ("region", "confidence"):
            found[one.name] = canary(one.name)
    content = {"substance": label(canary("content")), "low": "1", "high": "2", "unit": "mg/unit"}
    found |= {"content": [{**content, "expressed_as": "", "n": 3}], "samples": 7}
    found |= {"dangers": list(composing.DANGERS), "advice": list(composing.ADVICE)}
    found |= {"late_onset": True, "region": "BE1", "confidence": "confirmed"}
    return audiences.kept(AlertFacts(**found))


@pytest.mark.parametrize("audience", list(Audience))
def test_every_fact_is_either_told_to_an_audience_or_refused(audience: Audience) -> None:
    told, refused = AUDIENCE_FACTS[audience], REFUSED_FACTS[audience]
    assert told | refused == audiences.names_of_facts(), "list or refuse the new fact"
    assert not told & refused


def test_every_fact_has_a_name_for_people() -> None:
    assert set(audiences.FACT_WORDS) == audiences.names_of_facts()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("audience", "language"), EACH)
def test_a_message_says_nothing_that_its_audience_is_not_told(
    audience: Audience, language: str, kind: Kind
) -> None:
    text = composing.compose(full_of_canaries(), audience, kind, language)
    said = f"{text.headline}\n{text.body}"
    leaked = [name for name in REFUSED_FACTS[audience] if canary(name) in said]
    assert not leaked


@pytest.mark.parametrize(("audience", "language"), EACH)
def test_a_warning_says_the_words_of_each_fact_that_its_audience_is_told(
    audience: Audience, language: str
) -> None:
    facts = full_of_canaries()
    text = composing.compose(facts, audience, Kind.ALERT, language)
    said = f"{text.headline}\n{text.body}"
    worded = {name for name in AUDIENCE_FACTS[audience] if canary(name) in str(facts[name])}
    assert not [name for name in worded if canary(name) not in said]


def test_the_police_is_never_told_of_visitors_places_and_hours() -> None:
    assert not NEVER_TO_THE_POLICE & AUDIENCE_FACTS[Audience.JUDICIAL_POLICE]


@pytest.mark.parametrize("audience", list(Audience))
def test_nobody_is_told_what_visitors_said_of_themselves_or_when_they_came(
    audience: Audience,
) -> None:
    assert {"visitors", "handed_in"} <= REFUSED_FACTS[audience]


def test_the_public_reads_no_figures_of_content() -> None:
    text = composing.compose(audiences.kept(FACTS), Audience.PUBLIC, Kind.ALERT, "en")
    assert "42" not in text.body and "What to do: Do not take it." in text.body
    assert text.headline == "PMMA in what is sold as MDMA: tablet, orange, logo buoy"


def test_health_reads_the_content_with_unit_expression_and_count() -> None:
    text = composing.compose(audiences.kept(FACTS), Audience.HEALTH, Kind.ALERT, "en")
    assert "PMMA: 42.5 to 61 mg per unit (base), measured in: 4." in text.body
    assert "Samples seen: 5." in text.body


def test_numbers_are_written_as_the_language_writes_them() -> None:
    facts = audiences.kept(FACTS)
    assert "42,5" in composing.compose(facts, Audience.HEALTH, Kind.ALERT, "fr").body
    assert "9,1\u00a0mm" in composing.compose(facts, Audience.PUBLIC, Kind.ALERT, "nl").body


def test_an_alert_on_something_unidentified_says_so() -> None:
    facts = replace(FACTS, substance=None, unidentified=True, sold_as=None)
    text = composing.compose(audiences.kept(facts), Audience.PUBLIC, Kind.ALERT, "en")
    assert text.headline.startswith("Not yet identified: tablet, orange")
    assert "No laboratory has identified it yet." in text.body


@pytest.mark.parametrize(("audience", "language"), EACH)
def test_a_withdrawal_says_that_it_no_longer_holds_and_gives_no_advice(
    audience: Audience, language: str
) -> None:
    text = composing.compose(audiences.kept(FACTS), audience, Kind.WITHDRAWAL, language)
    warning = composing.compose(audiences.kept(FACTS), audience, Kind.ALERT, language)
    assert text.headline != warning.headline and text.body != warning.body
    assert say(composing.ADVICE["not-take"].words, language) not in text.body


@pytest.mark.parametrize("audience", list(Audience))
def test_the_three_languages_are_three_texts(audience: Audience) -> None:
    kept = audiences.kept(FACTS)
    texts = {composing.compose(kept, audience, Kind.ALERT, one).body for one in LANGUAGES}
    assert len(texts) == 3


TEXT = st.text(max_size=60)


@given(logo=TEXT, shape=TEXT, notes=TEXT, size=TEXT, place=TEXT)
def test_any_text_in_the_facts_gives_messages_that_fit(
    logo: str, shape: str, notes: str, size: str, place: str
) -> None:
    facts = replace(FACTS, logo=logo, shape=shape, notes=notes, length_mm=size, place=place)
    for audience, language in EACH:
        text = composing.compose(audiences.kept(facts), audience, Kind.ALERT, language)
        assert 0 < len(text.headline) <= composing.LONGEST_HEADLINE and text.body
