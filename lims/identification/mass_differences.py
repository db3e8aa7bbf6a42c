"""The mass difference between a substance and its analogue, explained by atoms gained and lost.

Masses: most abundant isotopes, CODATA/AME values as in the IUPAC table of 2021. Explanations are
arithmetic, not proof: several formulas can have one mass.
"""

from __future__ import annotations

from functools import cache
from itertools import product

ATOMS = {
    "C": 12.0,
    "H": 1.00782503,
    "N": 14.00307401,
    "O": 15.99491462,
    "F": 18.99840316,
    "S": 31.97207117,
    "Cl": 34.96885268,
    "Br": 78.91833760,
    "I": 126.90447190,
}
# How many of each atom an explanation may gain or lose.
_GREATEST = {"C": 6, "H": 14, "N": 2, "O": 3, "F": 2, "S": 1, "Cl": 1, "Br": 1, "I": 1}
TOLERANCE = 0.003
_MOST_WORDS = 2
_HALOGENS = ("F", "Cl", "Br", "I")

Change = tuple[tuple[str, int], ...]


def mass_of(change: Change) -> float:
    """Return the mass of atoms gained minus lost, in Da."""
    return sum(ATOMS[atom] * count for atom, count in change)


def written(change: Change) -> str:
    """Return a change as people write it, such as "+CH2" or "+Cl −H"."""
    gained = "".join(_atom(atom, count) for atom, count in change if count > 0)
    lost = "".join(_atom(atom, -count) for atom, count in change if count < 0)
    return " ".join(part for part in (f"+{gained}" * bool(gained), f"−{lost}" * bool(lost)) if part)


def explain(difference: float) -> str:
    """Return the simplest changes of formula that have this mass (Da); empty when none has."""
    size = abs(difference)
    fits = [
        (complexity, abs(mass - size), change)
        for mass, complexity, change in _table()
        if abs(mass - size) <= TOLERANCE
    ]
    # A much more complicated change than the simplest one explains nothing.
    fits = sorted(fits)
    best = [fit for fit in fits if fit[0] <= fits[0][0] + 1][:_MOST_WORDS]
    sign = 1 if difference > 0 else -1
    return " / ".join(written(tuple((a, sign * n) for a, n in change)) for _c, _d, change in best)


def _atom(atom: str, count: int) -> str:
    return atom if count == 1 else f"{atom}{count}"


@cache
def _table() -> tuple[tuple[float, int, Change], ...]:
    """Return (mass, complexity, change) of every change with a positive mass."""
    found = []
    skeletons = product(*(range(-_GREATEST[atom], _GREATEST[atom] + 1) for atom in "CNOS"))
    for c, n, o, s in skeletons:
        for halogen, count in _halogen_changes():
            atoms = {"C": c, "N": n, "O": o, "S": s, **({halogen: count} if count else {})}
            heavy = sum(abs(value) for value in atoms.values())
            if heavy > _GREATEST["C"] + 1 or len([v for v in atoms.values() if v]) > 3:
                continue
            for h in range(-_GREATEST["H"], _GREATEST["H"] + 1):
                odd = (h + n + count) % 2
                change = tuple((a, v) for a, v in {**atoms, "H": h}.items() if v)
                mass = mass_of(change)
                if not odd and mass > TOLERANCE and abs(h) <= 2 * heavy + 2:
                    mixed = len({v > 0 for _a, v in change}) - 1
                    found.append((mass, heavy + mixed + abs(h) // 4, _ordered(change)))
    return tuple(found)


def _halogen_changes() -> list[tuple[str, int]]:
    return [("F", 0)] + [
        (atom, count)
        for atom in _HALOGENS
        for count in range(-_GREATEST[atom], _GREATEST[atom] + 1)
        if count
    ]


def _ordered(change: Change) -> Change:
    """Return the atoms in the order of Hill: carbon, hydrogen, the others by letter."""
    return tuple(sorted(change, key=lambda pair: (pair[0] != "C", pair[0] != "H", pair[0])))
