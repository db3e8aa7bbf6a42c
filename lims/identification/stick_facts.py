"""What speaks for a reference and against it, peak by peak: facts that a chemist checks by eye."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from lims.foundation.words import Message, _
from lims.spectra.spectrum import Floats, Kind, Spectrum

STRONGEST = 10
MANY, FEW = 8, 5
# A peak of at least this share of the base peak is missed when the other shows less than a trace.
STRONG, TRACE = 0.1, 0.01
MOST_NAMED = 5
# Peaks nearer than this are one (Da): nominal masses, and fragments of a high-resolution method.
NOMINAL, FINE = 0.5, 0.02
# Retention indices of one compound lie mostly within this.
RETENTION_NEAR = 15.0
PRECURSOR_PPM = 10.0

Fact = tuple[str, Message]


def stick_facts(query: Spectrum, reference: Spectrum) -> tuple[Fact, ...]:
    """Return what the peaks of two mass spectra say: pro, con or nil, in words."""
    apart = FINE if query.kind is Kind.MSMS else NOMINAL
    facts = [_base(query, reference, apart), _shared(query, reference, apart)]
    missing = _missing(reference, query, apart)
    if missing:
        words = _("Strong in the reference, absent here: m/z %(ions)s.", ions=missing)
        facts.append(("con", words))
    extra = _missing(query, reference, apart)
    if extra:
        words = _("Strong here, absent in the reference: m/z %(ions)s.", ions=extra)
        facts.append(("con", words))
    facts += _retention(query, reference)
    facts += _precursor(query, reference)
    return tuple(facts)


def _base(query: Spectrum, reference: Spectrum, apart: float) -> Fact:
    mine, theirs = (float(one.x[int(np.argmax(one.y))]) for one in (query, reference))
    if abs(mine - theirs) <= apart:
        return "pro", _("The same base peak: m/z %(mz)s.", mz=_mass(mine))
    words = _(
        "Another base peak: m/z %(mine)s here, %(theirs)s in the reference.",
        mine=_mass(mine),
        theirs=_mass(theirs),
    )
    return "con", words


def _shared(query: Spectrum, reference: Spectrum, apart: float) -> Fact:
    strongest = query.x[np.argsort(-query.y, kind="stable")[:STRONGEST]]
    found = int(sum(bool(np.any(np.abs(reference.x - mz) <= apart)) for mz in strongest))
    many, few = (round(limit * strongest.size / STRONGEST) for limit in (MANY, FEW))
    stance = "pro" if found >= many else "con" if found < few else "nil"
    words = _(
        "Of the %(n)s strongest ions, %(found)s are in the reference.",
        n=int(strongest.size),
        found=found,
    )
    return stance, words


def _missing(one: Spectrum, other: Spectrum, apart: float) -> str:
    """Return the strong ions of one spectrum that the other does not show, strongest first."""
    mine, theirs = _shares(one.y), _shares(other.y)
    absent: list[str] = []
    for place in np.argsort(-mine, kind="stable"):
        if mine[place] < STRONG or len(absent) == MOST_NAMED:
            break
        near = np.abs(other.x - one.x[place]) <= apart
        if not near.any() or float(theirs[near].max()) < TRACE:
            absent.append(_mass(float(one.x[place])))
    return ", ".join(absent)


def _shares(y: Floats) -> Floats:
    most = float(y.max()) if y.size else 0.0
    return np.asarray(y / most if most > 0 else y)


def _retention(query: Spectrum, reference: Spectrum) -> list[Fact]:
    mine, theirs = number_in(query, "retention_index"), number_in(reference, "retention_index")
    if mine is None or theirs is None:
        return []
    near = abs(mine - theirs) <= RETENTION_NEAR
    words = _(
        "Retention index %(mine)s here, %(theirs)s in the reference.",
        mine=round(mine),
        theirs=round(theirs),
    )
    return [("pro" if near else "con", words)]


def _precursor(query: Spectrum, reference: Spectrum) -> list[Fact]:
    mine, theirs = number_in(query, "precursor_mz"), number_in(reference, "precursor_mz")
    if not mine or not theirs:
        return []
    ppm = abs(mine - theirs) / mine * 1e6
    if ppm <= PRECURSOR_PPM:
        words = _("The precursor agrees within %(ppm)s ppm.", ppm=Decimal(f"{ppm:.1f}"))
        return [("pro", words)]
    words = _(
        "Precursor m/z %(mine)s here, %(theirs)s in the reference.",
        mine=_mass(mine),
        theirs=_mass(theirs),
    )
    return [("con", words)]


def number_in(spectrum: Spectrum, fact: str) -> float | None:
    """Return a fact of a spectrum that is a number, or None."""
    try:
        value = float(str(spectrum.facts.get(fact, "")).split()[0].replace(",", "."))
    except (ValueError, IndexError):
        return None
    return value if np.isfinite(value) and value > 0 else None


def _mass(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 0.005 else f"{value:.4f}"
