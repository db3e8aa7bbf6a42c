from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.findings.rules import (
    MOVES,
    Expected,
    FindingState,
    Found,
    Known,
    Level,
    Rule,
    Verdict,
    highest,
    refuse_move,
    weigh,
)
from lims.findings.statements import Names, keep, tell
from lims.foundation.errors import Refused
from lims.foundation.measures import Quantity
from lims.foundation.words import LANGUAGES

OVER_120 = Rule(
    *("mdma-120", 1, "substance", "mdma", "content", "caution"),
    operator=">",
    limit_value=Decimal(120),
    unit="mg/unit",
    expressed_as="HCl",
    dosage_form="tablet",
)
OVER_200 = replace(OVER_120, key="mdma-200", limit_value=Decimal(200), level="warning")
LSD_150 = replace(
    OVER_120, key="lsd-150", target="lsd", limit_value=Decimal(150), unit="µg/unit", expressed_as=""
)
ANY_PMMA = Rule("any-pmma", 1, "substance", "pmma", "any-detection", "warning")
ANY_NITAZENE = Rule("any-nitazene", 1, "class", "opioid-nitazene", "any-detection", "warning")
NITAZENE_CORE = Rule(
    "nitazene-core", 1, "structural group", "nitazenes", "any-detection", "warning"
)
CUTTING = Rule("cutting", 1, "role", "adulterant|diluent", "unexpected", "information")
OTHER_ACTIVE = Rule("other-active", 1, "role", "psychoactive", "unexpected", "caution")
LATE = Rule("late", 1, "flag", "late_onset", "unexpected", "warning")
ATROPINE = Rule(
    "atropine", 1, "substance", "atropine", "any-detection", "warning", expected_as="cocaine"
)
HUMAN = Rule("acute", 1, "any", "*", "human", "warning")
ALL = [OVER_120, OVER_200, LSD_150, ANY_PMMA, ANY_NITAZENE, NITAZENE_CORE, CUTTING, OTHER_ACTIVE]
ALL += [LATE, ATROPINE, HUMAN]


def known(key: str, role: str = "psychoactive", **more: object) -> Known:
    return Known(key, Names(key, key, key), role=role, **more)  # type: ignore[arg-type]


MDMA = known("mdma", salt_factor=Decimal("0.8413"))
LSD = known("lsd")
PMMA = known("pmma", late_onset=True)
CAFFEINE = known("caffeine", "adulterant")
SOLD_AS_MDMA = Expected("mdma", True, form="tablet")


def measured(
    what: Known, value: str, unit: str = "mg/unit", spread: str | None = None, stated: str = "HCl"
) -> Found:
    uncertainty = None if spread is None else Decimal(spread)
    return Found(what, "measured", Quantity(Decimal(value), unit, stated or None, uncertainty))


def verdicts(rules: list[Rule], found: Found, expected: Expected) -> dict[str, str]:
    return {one.rule.key: one.verdict for one in weigh(rules, [found], expected)[1]}


@pytest.mark.parametrize(
    ("value", "spread", "verdict"),
    [
        ("100", "6", "below"),
        ("120", None, "below"),
        ("120", "12", "cannot-be-excluded"),
        ("108", "12", "below"),
        ("109", "12", "cannot-be-excluded"),
        ("132", "11.9", "above"),
        ("133", "12", "above"),
    ],
)
def test_an_amount_is_held_against_a_limit_with_its_uncertainty(
    value: str, spread: str | None, verdict: str
) -> None:
    found = measured(MDMA, value, spread=spread)
    assert verdicts([OVER_120], found, SOLD_AS_MDMA) == {"mdma-120": verdict}


def test_what_cannot_be_excluded_counts_as_raised_and_says_so() -> None:
    level, outcomes = weigh(
        [OVER_120, OVER_200], [measured(MDMA, "195", spread="10")], SOLD_AS_MDMA
    )
    assert level == Level.WARNING
    words = tell(keep(outcomes[0].words), "nl")
    assert outcomes[0].verdict == Verdict.CANNOT_BE_EXCLUDED
    assert "195 ± 10" in words and "200" in words


@pytest.mark.parametrize(
    ("stated", "limit_stated", "verdict"),
    [
        ("HCl", "HCl", "above"),
        ("HCl", "base", "below"),
        ("base", "base", "above"),
        ("base", "HCl", "above"),
        ("HCl", "", "cannot-be-excluded"),
        ("", "HCl", "above"),
        ("", "base", "cannot-be-excluded"),
        ("phosphate", "base", "cannot-be-excluded"),
    ],
)
def test_salt_and_base_decide_on_which_side_of_the_limit_an_amount_lies(
    stated: str, limit_stated: str, verdict: str
) -> None:
    rule = replace(OVER_120, expressed_as=limit_stated)
    found = measured(MDMA, "130", spread="3", stated=stated)
    assert verdicts([rule], found, SOLD_AS_MDMA) == {"mdma-120": verdict}


def test_micrograms_are_compared_as_micrograms() -> None:
    blotter = replace(SOLD_AS_MDMA, key="lsd", form="blotter")
    rule = replace(LSD_150, dosage_form="blotter")
    of = {"mg": measured(LSD, "0.2", stated=""), "µg": measured(LSD, "149", "ug/unit", stated="")}
    assert verdicts([rule], of["mg"], blotter) == {"lsd-150": "above"}
    assert verdicts([rule], of["µg"], blotter) == {"lsd-150": "below"}


def test_a_share_is_counted_per_tablet_when_one_tablet_was_weighed() -> None:
    weighed = replace(SOLD_AS_MDMA, unit_mass_mg=Decimal(400))
    assert verdicts([OVER_120], measured(MDMA, "35", "%"), weighed) == {"mdma-120": "above"}
    assert verdicts([OVER_120], measured(MDMA, "35", "%"), SOLD_AS_MDMA) == {
        "mdma-120": "not-measured"
    }


def test_an_amount_that_was_not_measured_is_no_verdict() -> None:
    level, outcomes = weigh([OVER_120], [Found(MDMA)], SOLD_AS_MDMA)
    assert (level, outcomes[0].verdict) == (Level.NEUTRAL, Verdict.NOT_MEASURED)


def test_an_amount_below_quantification_is_below_a_limit_that_is_higher() -> None:
    trace = Found(MDMA, "below-loq", Quantity(Decimal(2), "mg/unit", "HCl"), Decimal(2))
    assert verdicts([OVER_120], trace, SOLD_AS_MDMA) == {"mdma-120": "below"}
    coarse = replace(trace, loq=Decimal(150))
    assert verdicts([OVER_120], coarse, SOLD_AS_MDMA) == {"mdma-120": "cannot-be-excluded"}


def test_the_factor_of_one_salt_is_never_used_for_a_limit_in_another() -> None:
    rule = replace(OVER_120, expressed_as="phosphate")
    found = Found(MDMA, "measured", Quantity(Decimal(110), "mg/unit", "base"))
    _level, (outcome,) = weigh([rule], [found], Expected("mdma", True, form="tablet"))
    assert outcome.verdict == Verdict.CANNOT_BE_EXCLUDED and outcome.raises


@pytest.mark.parametrize(
    ("form", "verdict"), [("tablet", "above"), ("powder", None), ("unknown", "cannot-be-excluded")]
)
def test_a_rule_for_tablets_judges_tablets(form: str, verdict: str | None) -> None:
    expected = replace(SOLD_AS_MDMA, form=form)
    assert verdicts([OVER_120], measured(MDMA, "150"), expected).get("mdma-120") == verdict


def test_pmma_in_a_tablet_sold_as_mdma_meets_every_rule_that_sees_it() -> None:
    level, outcomes = weigh(ALL, [Found(PMMA)], SOLD_AS_MDMA)
    raised = {one.rule.key for one in outcomes if one.raises}
    assert (level, raised) == (Level.WARNING, {"any-pmma", "other-active", "late"})


def test_atropine_is_a_warning_in_what_was_sold_as_cocaine_only() -> None:
    found = Found(known("atropine", "adulterant"))
    assert weigh([ATROPINE], [found], Expected("cocaine", True))[0] == Level.WARNING
    assert weigh([ATROPINE], [found], SOLD_AS_MDMA)[0] == Level.NEUTRAL
    in_words = weigh([ATROPINE], [found], Expected(None, True))
    assert in_words[1][0].verdict == Verdict.CANNOT_BE_EXCLUDED


def test_caffeine_is_information() -> None:
    assert weigh(ALL, [Found(CAFFEINE)], SOLD_AS_MDMA)[0] == Level.INFORMATION


def test_what_was_sold_as_caffeine_and_is_caffeine_is_neutral() -> None:
    assert weigh(ALL, [Found(CAFFEINE)], Expected("caffeine", True))[0] == Level.NEUTRAL


def test_nothing_is_unexpected_when_nothing_was_stated() -> None:
    assert weigh([OTHER_ACTIVE, CUTTING], [Found(MDMA)], Expected())[0] == Level.NEUTRAL


def test_a_later_onset_than_another_late_one_cannot_be_excluded() -> None:
    late_too = Expected("2c-b", True, late_onset=True)
    assert weigh([LATE], [Found(PMMA)], late_too)[1][0].verdict == Verdict.CANNOT_BE_EXCLUDED


@pytest.mark.parametrize("rule", [ANY_NITAZENE, NITAZENE_CORE])
@pytest.mark.parametrize(
    "what",
    [
        known("metonitazene", chemical_class="opioid-nitazene", groups=("nitazenes",)),
        Known("nitazene", Names("", "", "")),
        Known("group:nitazenes", Names("", "", "")),
    ],
)
def test_a_nitazene_is_met_by_name_by_class_and_on_a_strip(rule: Rule, what: Known) -> None:
    assert weigh([rule], [Found(what)], Expected())[0] == Level.WARNING


def test_what_was_not_detected_raises_nothing() -> None:
    assert weigh(ALL, [Found(PMMA, "not-detected")], SOLD_AS_MDMA) == (Level.NEUTRAL, [])


def test_a_rule_that_is_context_is_shown_and_never_counted() -> None:
    context = replace(ANY_PMMA, in_force=False)
    level, outcomes = weigh([context], [Found(PMMA)], SOLD_AS_MDMA)
    assert level == Level.NEUTRAL
    assert [(one.verdict, one.raises) for one in outcomes] == [(Verdict.MET, False)]


def test_a_human_rule_is_asked_and_counts_only_when_a_person_says_so() -> None:
    asked = weigh([HUMAN], [Found(MDMA)], SOLD_AS_MDMA)
    assert (asked[0], asked[1][0].verdict) == (Level.NEUTRAL, Verdict.ASK)
    told = weigh([HUMAN], [Found(MDMA)], SOLD_AS_MDMA, decided=["acute"])
    assert (told[0], told[1][0].verdict) == (Level.WARNING, Verdict.DECIDED)


@given(
    value=st.decimals(0, 10_000, places=3),
    spread=st.one_of(st.none(), st.decimals(0, 1_000, places=3)),
    stated=st.sampled_from(["HCl", "base", "", "sulfate"]),
    unit=st.sampled_from(["mg/unit", "ug/unit", "%", "mg/g", "mm", "nonsense"]),
    form=st.sampled_from(["tablet", "powder", "", "unknown"]),
)
def test_no_amount_breaks_the_weighing_and_a_higher_amount_is_never_less_dangerous(
    value: Decimal, spread: Decimal | None, stated: str, unit: str, form: str
) -> None:
    expected = replace(SOLD_AS_MDMA, form=form)

    def level(amount: Decimal) -> Level:
        quantity = Quantity(amount, unit, stated or None, spread)
        found = Found(MDMA, "measured", quantity)
        level, outcomes = weigh([OVER_120, OVER_200], [found], expected)
        for outcome in outcomes:
            assert all(tell(keep(outcome.words), language) for language in LANGUAGES)
        return level

    low, high = level(value), level(value * 2)
    assert highest([low, high]) == high


@pytest.mark.parametrize("present", FindingState)
@pytest.mark.parametrize("wanted", FindingState)
def test_a_finding_moves_only_as_the_table_says(
    present: FindingState, wanted: FindingState
) -> None:
    if wanted in MOVES[present]:
        refuse_move(present, wanted)
    else:
        with pytest.raises(Refused):
            refuse_move(present, wanted)
