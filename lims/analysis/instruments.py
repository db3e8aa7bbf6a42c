"""What an instrument's file may hold for each technique, and what must be asked when it is silent.

A file of another technique is refused in words. What the file does not say of its columns is
taken from the technique where there is one usual answer, and asked from a person where the answer
changes the meaning: absorbance and transmittance are each other's opposite.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import Message, _
from lims.protocols.rules import Technique
from lims.spectra.spectrum import Kind, Spectrum
from lims.spectra.units import may_be

FIELD = "file"
ROLES = ("sample", "background", "blank")
ROLE_WORDS: Mapping[str, Message] = {
    "sample": _("sample"),
    "background": _("background"),
    "blank": _("blank"),
}
KIND_OF: Mapping[str, Kind] = {
    Technique.FTIR: Kind.IR,
    Technique.RAMAN: Kind.RAMAN,
    Technique.GCMS: Kind.EI,
    Technique.LCMS: Kind.MSMS,
    Technique.HPLC_UV: Kind.UV,
    Technique.UV: Kind.UV,
}
"""Technique → the kind of spectrum that its runs take."""
KIND_WORDS: Mapping[Kind, Message] = {
    Kind.EI: _("mass spectrum (electron ionisation)"),
    Kind.MSMS: _("mass spectrum (MS/MS)"),
    Kind.IR: _("infrared spectrum"),
    Kind.RAMAN: _("Raman spectrum"),
    Kind.UV: _("ultraviolet spectrum"),
    Kind.OTHER: _("spectrum of a kind that is not known"),
}
X_UNITS: Mapping[Kind, str] = {
    Kind.EI: "m/z",
    Kind.MSMS: "m/z",
    Kind.IR: "cm-1",
    Kind.RAMAN: "cm-1",
    Kind.UV: "nm",
}
Y_UNITS: Mapping[Kind, tuple[str, ...]] = {
    Kind.EI: ("relative",),
    Kind.MSMS: ("relative",),
    Kind.IR: ("absorbance", "transmittance", "percent transmittance"),
    Kind.RAMAN: ("arbitrary",),
    Kind.UV: ("absorbance", "transmittance", "percent transmittance"),
}
UNIT_WORDS: Mapping[str, Message] = {
    "m/z": _("m/z"),
    "cm-1": _("cm⁻¹"),
    "nm": _("nm"),
    "µm": _("µm"),
    "relative": _("relative intensity"),
    "absorbance": _("absorbance"),
    "transmittance": _("transmittance, 0 to 1"),
    "percent transmittance": _("transmittance, %"),
    "arbitrary": _("intensity"),
}
FEWEST_CURVE, MOST_POINTS = 8, 400_000


@dataclass(frozen=True)
class Told:
    """What a person says of the columns of a file; it stands above what the file says."""

    kind: str = ""
    x_unit: str = ""
    y_unit: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return what was said, without empty answers."""
        pairs = (("kind", self.kind), ("x_unit", self.x_unit), ("y_unit", self.y_unit))
        return {name: value for name, value in pairs if value}


def unit_words(unit: str) -> Message:
    """Return a unit as people write it; an unknown one stands for itself."""
    return UNIT_WORDS.get(unit) or Message(unit)


def fitting(found: Iterable[Spectrum], technique: str, told: Told) -> list[Spectrum]:
    """Return the spectra of a file that a run of this technique takes, told units filled in.

    Raises Invalid, in one sentence, when there is none, or when a unit must be asked.
    """
    wanted = KIND_OF[technique]
    completed = [_completed(one, wanted, told) for one in found]
    kept = [one for one in completed if _is_of(one, wanted)]
    if not completed:
        raise refuse_field(FIELD, _("There is no spectrum in this file."))
    if not kept:
        held = KIND_WORDS.get(completed[0].kind, KIND_WORDS[Kind.OTHER])
        words = _(
            "The file holds this: %(held)s. A run of this protocol takes another: %(wanted)s.",
            held=held,
            wanted=KIND_WORDS[wanted],
        )
        raise refuse_field(FIELD, words)
    for one in kept:
        _refuse_numbers(one)
        _refuse_unasked(one)
    return kept


def _completed(one: Spectrum, wanted: Kind, told: Told) -> Spectrum:
    kind = Kind(told.kind) if told.kind else one.kind
    asked = replace(one, x_unit=told.x_unit or one.x_unit)
    kind = wanted if kind is Kind.OTHER and may_be(asked, wanted) else kind
    x_unit = told.x_unit or one.x_unit or X_UNITS.get(kind, "")
    only = Y_UNITS.get(kind, ())
    written = one.y_unit if one.facts.get("y_written", one.y_unit) else ""
    y_unit = told.y_unit or written or (only[0] if len(only) == 1 else "")
    sticks = one.sticks or (kind in (Kind.EI, Kind.MSMS) and one.kind is Kind.OTHER)
    return replace(one, kind=kind, x_unit=x_unit, y_unit=y_unit, sticks=sticks)


def _is_of(one: Spectrum, wanted: Kind) -> bool:
    return one.kind is wanted


def _refuse_numbers(one: Spectrum) -> None:
    if one.x.size != one.y.size or not one.x.size:
        raise refuse_field(FIELD, _("There is no spectrum in this file."))
    if not one.sticks and one.x.size < FEWEST_CURVE:
        words = _("A curve of %(n)s points is too short to compare.", n=int(one.x.size))
        raise refuse_field(FIELD, words)
    if one.x.size > MOST_POINTS:
        words = _("A spectrum has at most %(most)s points.", most=MOST_POINTS)
        raise refuse_field(FIELD, words)
    if not (np.isfinite(one.x).all() and np.isfinite(one.y).all()):
        raise refuse_field(FIELD, _("The file has values that are not numbers."))


def _refuse_unasked(one: Spectrum) -> None:
    if one.y_unit:
        return
    words: Message = _(
        "The file does not say whether it is absorbance or transmittance. Say so and read it again."
    )
    raise refuse_field(FIELD, words)


def sentence(refusal: Invalid) -> Message:
    """Return the one sentence that a refusal of a file says."""
    return refusal.problems[0].message if refusal.problems else refusal.message
