from __future__ import annotations

import pytest

from lims.foundation.shipped import shipped
from lims.overview.indicator_definitions import FILE, definitions, read_definitions
from lims.overview.indicator_figures import Kind
from lims.overview.indicator_talks import LOWERS_A_RISK
from lims.overview.indicator_words import SPLIT_WORDS
from scripts.write_indicators import indicators
from tests.architecture.house import CHECKOUT


def text() -> str:
    return (shipped("reference_data") / FILE).read_text(encoding="utf-8")


def test_the_page_of_the_documentation_says_what_the_file_says() -> None:
    assert (CHECKOUT / "docs" / "indicators.md").read_text(encoding="utf-8") == indicators()


def test_every_line_of_the_plan_has_an_indicator() -> None:
    told = definitions()
    assert all(told.within(section) for section in told.sections)
    words = {one.title["en"] for one in told.sections}
    assert len(words) == 13


def test_a_share_and_a_time_say_among_what() -> None:
    for one in definitions().indicators:
        assert (one.among is not None) is (one.kind in (Kind.SHARE, Kind.TIMES)), one.key
        assert "%(" not in one.source["fr"] and one.section.title["fr"] in one.source["fr"]


def test_an_indicator_names_its_sources_where_it_uses_a_formula() -> None:
    for one in definitions().indicators:
        if one.kind is Kind.INDEX:
            assert all("Simpson 1949" in one.counts[code] for code in ("fr", "nl", "en"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('fr: "Visites"', 'fr: ""'),
        (', nl: "Bezoeken"}', "}"),
        ("kind: index", "kind: guess"),
        ("    about: visitors", "    about: everybody"),
        ("- key: visits", "- key: points"),
    ],
)
def test_a_definition_that_is_not_whole_is_refused(old: str, new: str) -> None:
    assert old in text()
    with pytest.raises(ValueError):
        read_definitions(text().replace(old, new, 1))


def test_the_intentions_that_lower_a_risk_are_those_that_the_definition_names() -> None:
    path = shipped("reference_data") / "vocabularies" / "intention_after_result.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    known = {row[1]: row[2].strip('"') for row in rows}
    assert set(known) >= LOWERS_A_RISK
    words = definitions().of("risk-lowering").counts["en"]
    named = [code for code, label in known.items() if f" {label}" in words]
    assert set(named) == LOWERS_A_RISK


def test_every_split_has_words() -> None:
    assert all(str(words) for words in SPLIT_WORDS.values())
