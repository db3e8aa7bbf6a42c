from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.findings import danger, queries, rulebook
from lims.findings.rulebook import ChooseJurisdictions
from lims.foundation.errors import Invalid, NotPermitted
from lims.library.records import Substance
from tests.findings import makers
from tests.findings.drafting_rules import RULE, drafted, published
from tests.findings.makers import substance


@pytest.fixture(autouse=True)
def lists(session: Session) -> None:
    makers.vocabularies(session)


def test_the_shipped_rules_are_all_published_once(session: Session, network: Any) -> None:
    first = rulebook.publish_shipped_rules(session, network.coordinator)
    again = rulebook.publish_shipped_rules(session, network.coordinator)
    assert (len(first), len(again)) == (73, 0)
    in_force = {rule.rule_key for rule in first if rule.in_force}
    assert len(in_force) == 58
    assert "sp-mdma-120" in in_force and "be-eurotox-mdma-120" not in in_force


def test_a_shipped_rule_says_what_its_source_says(session: Session, network: Any) -> None:
    published = rulebook.publish_shipped_rules(session, network.coordinator)
    by_key = {rule.rule_key: rule for rule in published}
    lsd = by_key["sp-lsd-250"]
    assert (lsd.operator, lsd.limit_value, lsd.unit) == (">", Decimal(250), "µg/unit")
    assert by_key["sp-unexpected-low"].target_type == "role"
    assert by_key["sp-late-onset"].target == "late_onset"
    assert by_key["any-nitazene-group"].target == "nitazenes"
    assert by_key["be-advice-mdma-kg"].condition == "human"
    assert by_key["be-usual-dose-mdma"].condition_words == "reference dose 120-130"
    asked = {key for key, rule in by_key.items() if rule.in_force and rule.condition == "human"}
    assert asked == {
        *("sp-combination-risky", "sp-combination-high", "sp-acute-lethal", "sp-nps-unknown")
    }
    assert {rule.level for rule in published} == {"information", "caution", "warning"}


def test_a_new_version_stands_and_the_old_one_stays_readable(
    session: Session, network: Any
) -> None:
    substance(session, "mdma")
    published(session, network)
    stricter = replace(RULE, limit_value=Decimal(140))
    second = published(session, network, stricter)
    history = queries.rule_versions(session, network.chemist, "be-mdma-150")
    assert [(one.version, one.limit_value) for one in history] == [(2, 140), (1, 150)]
    assert [one.id for one in queries.current_rules(session)] == [second.id]


def test_what_the_network_changed_is_not_overruled_by_the_shipped_rule(
    session: Session, network: Any
) -> None:
    from lims.network.queries import OPERATOR

    substance(session, "mdma")
    rulebook.publish_shipped_rules(session, OPERATOR)
    own = replace(RULE, rule_key="sp-mdma-120", limit_value=Decimal(110))
    published(session, network, own)
    assert rulebook.publish_shipped_rules(session, OPERATOR) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rule_key", "MDMA 120!"),
        ("target_type", "colour"),
        ("target", "no-such-substance"),
        ("condition", "maybe"),
        ("level", "red"),
        ("operator", "<"),
        ("limit_value", Decimal(0)),
        ("limit_value", None),
        ("unit", "mm"),
        ("source", " "),
        ("jurisdiction", ""),
        ("expected_as", "no-such-substance"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused_with_words(
    session: Session, network: Any, field: str, value: Any
) -> None:
    substance(session, "mdma")
    with pytest.raises(Invalid) as refusal:
        drafted(session, network, **{field: value})
    assert field in {problem.field for problem in refusal.value.problems}


@given(text=st.text(max_size=200), number=st.decimals(allow_nan=False, allow_infinity=False))
def test_nonsense_is_refused_and_never_breaks(
    session: Session, network: Any, text: str, number: Decimal
) -> None:
    odd = replace(RULE, rule_key=text, target=text, limit_value=number, unit=text, level=text)
    with pytest.raises(Invalid):
        drafted(session, network, odd)


@pytest.mark.parametrize("who", ["chemist", "verifier", "approver", "administrator", "worker"])
def test_only_the_network_coordinator_writes_rules(
    session: Session, network: Any, who: str
) -> None:
    with pytest.raises(NotPermitted):
        drafted(session, network, actor=getattr(network, who))


class Tablet:
    form = "tablet"
    sold_as = "MDMA"
    unit_mass_mg = None

    def __init__(self, sold_as: Substance) -> None:
        self.sold_as_substance = sold_as


class Measured:
    label, kind, unit, expressed_as = "", "measured", "mg/unit", "HCl"
    value, uncertainty, loq = Decimal(130), Decimal(2), None

    def __init__(self, substance: Substance) -> None:
        self.substance = substance


def test_context_rules_of_a_chosen_place_judge_too(session: Session, network: Any) -> None:
    mdma = substance(session, "mdma", salt_factor_hcl=Decimal("0.8413"))
    published(session, network, in_force=False)
    lower = replace(RULE, rule_key="be-125", limit_value=Decimal(125), in_force=False)
    published(session, network, lower)
    today = date(2026, 11, 1)
    assert danger.weigh(session, Tablet(mdma), [Measured(mdma)], today).level == "neutral"
    rulebook.choose_jurisdictions(session, network.coordinator, ChooseJurisdictions(("BE",)))
    weighing = danger.weigh(session, Tablet(mdma), [Measured(mdma)], today)
    assert weighing.level == "caution"
    kept = {one["rule"]: one for one in weighing.outcomes}
    assert (kept["be-125"]["verdict"], kept["be-125"]["version"]) == ("above", 1)
    assert kept["be-mdma-150"]["raises"] is False
    assert kept["be-125"]["inputs"]["value"] == "130"


def test_a_place_that_no_rule_names_is_refused(session: Session, network: Any) -> None:
    with pytest.raises(Invalid):
        rulebook.choose_jurisdictions(session, network.coordinator, ChooseJurisdictions(("XX",)))


def test_a_rule_judges_within_its_own_dates(session: Session, network: Any) -> None:
    mdma = substance(session, "mdma")
    dated = replace(RULE, limit_value=Decimal(100), valid_from=date(2026, 1, 1))
    published(session, network, dated, valid_until=date(2026, 6, 1))
    found = [Measured(mdma)]
    levels = [
        danger.weigh(session, Tablet(mdma), found, day).level
        for day in (date(2025, 12, 31), date(2026, 6, 1), date(2026, 6, 2))
    ]
    assert levels == ["neutral", "caution", "neutral"]
