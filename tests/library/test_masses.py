from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.errors import Invalid
from lims.library import chemistry, masses


@pytest.mark.parametrize(
    "written", ["C11H15NO2", "NO2C11H15", "c11".upper() + " H15 N O2", "C₁₁H₁₅NO₂", "CH3C10H12NO2"]
)
def test_a_formula_is_the_same_in_any_order(written: str) -> None:
    assert masses.atoms(written) == {"C": 11, "H": 15, "N": 1, "O": 2}


@pytest.mark.parametrize("nonsense", ["", "MDMA", "Xx2", "C0", "c6h6", "C11H15NO2+", "()"])
def test_what_is_no_formula_is_told_apart(nonsense: str) -> None:
    assert masses.atoms(nonsense) is None


def test_adducts_of_mdma_are_where_every_laboratory_finds_them() -> None:
    mdma = Decimal("193.11028")
    assert masses.adduct_mz(mdma, "[M+H]+") == Decimal("194.1176")
    assert masses.adduct_mz(mdma, "[M+Na]+") == Decimal("216.0995")
    assert masses.adduct_mz(mdma, "[M+NH4]+") == Decimal("211.1441")
    assert masses.adduct_mz(mdma, "[M-H]-") == Decimal("192.1030")
    assert masses.adduct_mz(mdma, "M+.") == Decimal("193.1097")


def test_particle_masses_agree_with_the_periodic_table() -> None:
    isotopes = chemistry.isotopes(("H", "N", "Na"))
    for symbol, mass in (("H", masses.HYDROGEN), ("N", masses.NITROGEN), ("Na", masses.SODIUM)):
        assert isotopes[symbol][0][0] == pytest.approx(float(mass), abs=1e-6)


def test_a_tolerance_is_of_the_peak_and_not_of_the_substance() -> None:
    low, high = masses.neutral_masses(Decimal(200), "M", Decimal(10), "ppm")
    assert (low, high) == (Decimal("199.998"), Decimal("200.002"))
    low, high = masses.neutral_masses(Decimal("194.1176"), "[M+H]+", Decimal("0.001"), "Da")
    assert low < Decimal("193.1103") < high


@pytest.mark.parametrize(("adduct", "unit"), [("[M+K]+", "ppm"), ("M", "percent")])
def test_an_unknown_ion_or_unit_is_refused(adduct: str, unit: str) -> None:
    with pytest.raises(Invalid):
        masses.neutral_masses(Decimal(100), adduct, Decimal(1), unit)


def test_one_bromine_and_two_chlorines_show_their_patterns() -> None:
    table = chemistry.isotopes(("Br", "Cl"))
    bromine = masses.isotope_pattern({"Br": 1}, table)
    assert [one.shift for one in bromine] == [0, 2]
    assert bromine[1].percent == pytest.approx(97.3, abs=0.2)
    chlorine = masses.isotope_pattern({"Cl": 2}, table)
    # (3 + 1)² with 3 : 1 of the isotopes: 9 : 6 : 1, so 100 : 64 : 10 with the true abundances
    assert [round(one.percent) for one in chlorine] == [100, 64, 10]


def test_ten_carbons_give_the_next_peak_that_counting_gives() -> None:
    (first, second, *_more) = masses.isotope_pattern({"C": 10}, chemistry.isotopes(("C",)))
    assert first.mass == pytest.approx(120.0, abs=1e-9)
    assert second.percent == pytest.approx(100 * 10 * 0.0107 / 0.9893, abs=0.05)


def test_a_salt_holds_less_base_than_it_weighs() -> None:
    weights = chemistry.weights({"C", "H", "N", "O", *masses.COUNTER_ATOMS})
    (hydrochloride,) = masses.salt_forms("C11H15NO2", ["HCl"], weights)
    assert hydrochloride.factor == Decimal("0.8413")
    once, twice = masses.salt_forms("C9H13N", ["sulfate"], weights)
    assert (once.bases, twice.bases) == (1, 2)
    assert once.factor == pytest.approx(Decimal("0.5796"), abs=Decimal("0.0003"))
    assert twice.factor == pytest.approx(Decimal("0.7339"), abs=Decimal("0.0003"))
    (sodium,) = masses.salt_forms("C4H8O3", ["sodium"], weights)
    assert sodium.factor == pytest.approx(Decimal("0.8257"), abs=Decimal("0.0003"))
    assert masses.salt_forms("C9H13N", ["unheard of"], weights) == ()


@given(st.text(max_size=30))
def test_any_text_is_a_formula_or_none(text: str) -> None:
    found = masses.atoms(text)
    assert found is None or all(count > 0 for count in found.values())
