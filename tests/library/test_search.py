"""Finding a substance by what is known of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid
from lims.library.operations import load_library
from lims.library.search import SubstanceFilters, search
from lims.network.queries import OPERATOR


@pytest.fixture
def library(session: Session, network: Any) -> int:
    return load_library(session, OPERATOR).number


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"text": "NO2C11H15"}, "mdma"),
        ({"formula": "C11 H15 O2 N"}, "mdma"),
        ({"text": "SHXWCVYOXRDMCX"}, "mdma"),
        ({"text": "SHXWCVYOXRDMCX-UHFFFAOYSA-N"}, "mdma"),
        ({"text": "42542-10-9"}, "mdma"),
        ({"mz": Decimal("194.1176"), "adduct": "[M+H]+"}, "mdma"),
        ({"mz": Decimal("216.0995"), "adduct": "[M+Na]+", "tolerance": Decimal(3)}, "mdma"),
        ({"mz": Decimal("193.11"), "tolerance": Decimal("0.01"), "unit": "Da"}, "mdma"),
        ({"structure": "C1OC2=CC=CC=C2O1"}, "mdma"),
        ({"structure": "CNC(C)Cc1ccc2c(c1)OCO2", "relation": "similar"}, "mdma"),
        ({"group": "phenethylamines", "text": "mdma"}, "mdma"),
        ({"status": "skeleton"}, "mbzp"),
        ({"role": "diluent", "text": "lactose"}, "lactose"),
        ({"text": "amfétamine"}, "amphetamine"),
    ],
)
def test_a_substance_is_found_by_what_is_known_of_it(
    session: Session, network: Any, library: int, filters: dict[str, Any], expected: str
) -> None:
    found = search(session, network.chemist, SubstanceFilters(**filters), size=400)
    assert expected in [one.key for one in found.substances]
    assert found.total == len(found.substances) < 60


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"formula": "MDMA"}, "formula"),
        ({"structure": "c1cc"}, "structure"),
        ({"structure": "c1cc", "relation": "similar"}, "structure"),
        ({"mz": Decimal(100), "adduct": "[M+K]+"}, "adduct"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_in_words(
    session: Session, network: Any, library: int, filters: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        search(session, network.chemist, SubstanceFilters(**filters))
    assert [one.field for one in refusal.value.problems] == [field]
