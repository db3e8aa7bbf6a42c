"""Formulas, adducts, isotope patterns and salts as plain arithmetic on atomic masses.

Masses of particles and isotopes: CODATA 2018 and AME 2020 (Wang et al., Chinese Physics C 45,
030003, 2021). Abundances and atomic weights are given by the caller, from RDKit's periodic table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.foundation.errors import refuse_field
from lims.foundation.words import _

ELECTRON = Decimal("0.000548579909")
HYDROGEN = Decimal("1.007825031898")
NITROGEN = Decimal("14.003074004251")
SODIUM = Decimal("22.989769281957")
ADDUCTS: Mapping[str, Decimal] = {
    "[M+H]+": HYDROGEN - ELECTRON,
    "[M+Na]+": SODIUM - ELECTRON,
    "[M+NH4]+": NITROGEN + 4 * HYDROGEN - ELECTRON,
    "[M-H]-": ELECTRON - HYDROGEN,
    "M+.": -ELECTRON,
}
"""Singly charged ions by their usual names: what is added to the neutral mass, in Da."""
NEUTRAL = "M"
UNITS = ("ppm", "Da")

# Acid added to one base, its formula, and how many bases one molecule of it can bind.
ACIDS: Mapping[str, tuple[str, int]] = {
    "HCl": ("HCl", 1),
    "HBr": ("HBr", 1),
    "sulfate": ("H2SO4", 2),
    "phosphate": ("H3PO4", 1),
    "tartrate": ("C4H6O6", 2),
    "fumarate": ("C4H4O4", 2),
    "maleate": ("C4H4O4", 1),
    "succinate": ("C4H6O4", 2),
    "citrate": ("C6H8O7", 1),
}
METALS = {"sodium": ("Na", 1), "potassium": ("K", 1), "magnesium": ("Mg", 2)}

COUNTER_ATOMS = ("Br", "C", "Cl", "H", "K", "Mg", "Na", "O", "P", "S")
"""The elements of which the acids and metals above are made."""

_PART = re.compile(r"([A-Z][a-z]?)(\d{0,4})")
_WRITTEN = re.compile(r"(?:[A-Z][a-z]?\d{0,4})+")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
ELEMENTS = frozenset(
    re.findall(
        "[A-Z][a-z]?",
        "HHeLiBeBCNOFNeNaMgAlSiPSClArKCaScTiVCrMnFeCoNiCuZnGaGeAsSeBrKrRbSrYZrNbMoTcRuRhPdAgCdInSn"
        "SbTeIXeCsBaLaCePrNdPmSmEuGdTbDyHoErTmYbLuHfTaWReOsIrPtAuHgTlPbBiPoAtRnFrRaAcThPaU",
    )
)


def atoms(formula: str) -> Mapping[str, int] | None:
    """Return the atoms of a formula written in any order, or None when it is no formula."""
    bare = re.sub(r"[\s·]", "", formula).translate(_SUBSCRIPTS)
    if not _WRITTEN.fullmatch(bare):
        return None
    found: Counter[str] = Counter()
    for symbol, count in _PART.findall(bare):
        found[symbol] += int(count or 1)
    return found if set(found) <= ELEMENTS and all(found.values()) else None


def adduct_mz(mass: Decimal, adduct: str) -> Decimal:
    """Return the m/z of a singly charged ion of a neutral mass (Da), to 0.0001."""
    return (mass + ADDUCTS[adduct]).quantize(Decimal("0.0001"))


def neutral_masses(
    mz: Decimal, adduct: str, tolerance: Decimal, unit: str
) -> tuple[Decimal, Decimal]:
    """Return between which neutral masses (Da) a peak may lie; the tolerance is that of its m/z.

    The adduct "M" means that the mass itself was given. Raises Invalid on "adduct" or "unit".
    """
    if adduct != NEUTRAL and adduct not in ADDUCTS:
        raise refuse_field("adduct", _("Choose one of the list."))
    if unit not in UNITS:
        raise refuse_field("unit", _("Choose one of the list."))
    half = mz * tolerance / 1_000_000 if unit == "ppm" else tolerance
    middle = mz - ADDUCTS.get(adduct, Decimal(0))
    return middle - half, middle + half


@dataclass(frozen=True)
class Isotopologue:
    """All molecules of one nominal mass: their mean mass (Da), and abundance (% of the highest)."""

    shift: int
    mass: float
    percent: float


_Spread = dict[int, tuple[float, float]]


def isotope_pattern(
    found: Mapping[str, int],
    isotopes: Mapping[str, Sequence[tuple[float, float]]],
    least_percent: float = 0.1,
) -> tuple[Isotopologue, ...]:
    """Return the isotope pattern of a formula, peaks of one nominal mass taken together.

    `isotopes` gives (mass in Da, abundance as a share) of each element. The patterns of the atoms
    are multiplied as polynomials (Yergey, Int J Mass Spectrom Ion Phys 52, 1983, 337).
    """
    whole: _Spread = {0: (1.0, 0.0)}
    for symbol, count in sorted(found.items()):
        one: _Spread = {round(mass): (share, mass) for mass, share in isotopes[symbol] if share}
        for _atom in range(count):
            whole = _times(whole, one)
    highest = max(share for share, _mass in whole.values())
    lightest = min(whole)
    return tuple(
        Isotopologue(nominal - lightest, mass, 100 * share / highest)
        for nominal, (share, mass) in sorted(whole.items())
        if 100 * share / highest >= least_percent
    )


def _times(one: _Spread, other: _Spread) -> _Spread:
    """Multiply two patterns: shares multiply, mean masses add; what is under 1e-12 is dropped."""
    made: _Spread = {}
    for nominal, (share, mass) in one.items():
        for more, (rate, heavier) in other.items():
            part = share * rate
            if part < 1e-12:
                continue
            before, middle = made.get(nominal + more, (0.0, 0.0))
            mean = (before * middle + part * (mass + heavier)) / (before + part)
            made[nominal + more] = (before + part, mean)
    return made


@dataclass(frozen=True)
class SaltForm:
    """A salt that occurs: how many bases per acid (or metal), and base mass / salt mass."""

    salt: str
    bases: int
    factor: Decimal


def salt_forms(
    formula: str, salts: Sequence[str], weights: Mapping[str, float]
) -> tuple[SaltForm, ...]:
    """Return base mass / salt mass of each salt, anhydrous, from atomic weights, to 0.0001.

    An acid that can bind two bases is given both ways; which one a standard is stands on its label.
    """
    base = atoms(formula)
    if base is None:
        return ()
    forms = []
    for salt in salts:
        if salt in ACIDS:
            acid, most = ACIDS[salt]
            forms += [_with_acid(base, salt, acid, bases, weights) for bases in range(1, most + 1)]
        elif salt in METALS:
            forms.append(_with_metal(base, salt, *METALS[salt], weights))
    return tuple(forms)


def weigh(found: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """Return the average mass of atoms, in g/mol."""
    return sum(weights[symbol] * count for symbol, count in found.items())


def _with_acid(
    base: Mapping[str, int], salt: str, acid: str, bases: int, weights: Mapping[str, float]
) -> SaltForm:
    free = bases * weigh(base, weights)
    return SaltForm(salt, bases, _factor(free, free + weigh(atoms(acid) or {}, weights)))


def _with_metal(
    base: Mapping[str, int], salt: str, metal: str, charge: int, weights: Mapping[str, float]
) -> SaltForm:
    """Give the salt of an acid: each acid gives one hydrogen, the metal takes their place."""
    free = charge * weigh(base, weights)
    return SaltForm(salt, charge, _factor(free, free - charge * weights["H"] + weights[metal]))


def _factor(free: float, whole: float) -> Decimal:
    return Decimal(free / whole).quantize(Decimal("0.0001"))
