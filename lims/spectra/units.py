"""The one name of each unit, and the technique that words and units speak of.

Instruments write the same unit in twenty ways. What the file wrote is kept beside the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lims.spectra.spectrum import Floats, Kind, Spectrum

WAVENUMBER = "cm-1"
MASS = "m/z"
NANOMETRE = "nm"
ARBITRARY = "arbitrary"
ABSORBANCE = "absorbance"
TRANSMITTANCE = "transmittance"
PERCENT = "percent transmittance"
RELATIVE = "relative"

_X_UNITS = (
    (r"raman|wave ?numbers?|cm ?\^?[-−⁻][1¹]|1 ?/ ?cm|rcm", WAVENUMBER),
    (r"nanomet|\bnm\b|wavelength", NANOMETRE),
    (r"micromet|micron|\bum\b|µm|μm", "µm"),
    (r"m ?/ ?z|mass|\bamu\b|\bda\b", MASS),
    (r"\bppm\b|parts per million", "ppm"),
    (r"mhz|megahertz", "MHz"),
    (r"\bhz\b|hertz", "Hz"),
    (r"min(utes?)?\b", "min"),
    (r"\b(s|sec|seconds?)\b", "s"),
    (r"\bev\b|electron ?volt", "eV"),
    (r"degrees|2 ?theta", "degrees"),
)
_Y_UNITS = (
    (r"%(?!.*reflect).*t(rans|\b)|t(rans\w*)? ?\(?%|per ?cent.*trans|trans.*per ?cent", PERCENT),
    (r"trans(mitt|miss)|^t$", TRANSMITTANCE),
    (r"kubelka", "kubelka-munk"),
    (r"log ?\(? ?1 ?/ ?r", "log(1/R)"),
    (r"absorb|^abs?\b|^a$|\ba\.?u\.?$|extinction|optical density", ABSORBANCE),
    (r"%.*reflect|reflect.*%|per ?cent.*reflect", "percent reflectance"),
    (r"reflect", "reflectance"),
    (r"rel", RELATIVE),
    (r"count", "counts"),
    (r"arb|intens|raman|signal|emission", ARBITRARY),
)
_TECHNIQUES = (
    (r"raman", Kind.RAMAN),
    (r"near.?infra|\bnir\b|interferogram|single.?(beam|channel)|chromatogram", Kind.OTHER),
    (r"infra.?red|ft-?ir\b|\bir\b|\batr\b", Kind.IR),
    (r"ultra.?violet|\buv", Kind.UV),
)
# Mid infrared ends at 4,000 cm-1; overtones above are another technique with other bands.
_NEAR_INFRARED = 3_900.0
_LONGEST_UNIT = 120


def x_name(written: str) -> str:
    """Return the one name of a unit of the x axis; an unknown one as it is written."""
    return _named(written, _X_UNITS)


def y_name(written: str) -> str:
    """Return the one name of a unit of the y axis; an unknown one as it is written."""
    return _named(written, _Y_UNITS)


def _named(written: str, names: tuple[tuple[str, str], ...]) -> str:
    plain = " ".join(written[:_LONGEST_UNIT].lower().replace("_", " ").split())
    for pattern, name in names:
        if re.search(pattern, plain):
            return name
    return plain or ARBITRARY


def kind_of(technique: str, x_unit: str, y_unit: str, x: Floats) -> Kind:
    """Return the technique of a curve: what the file says, otherwise what its units allow.

    Wavenumbers without a word on the technique are infrared only when the other axis is one
    of infrared work. A near-infrared range is no infrared for the library.
    """
    said = _said(technique)
    if said is None:
        said = _from_units(x_unit, y_unit)
    return Kind.OTHER if said in (Kind.IR, Kind.UV) and not _in_range(said, x_unit, x) else said


def _said(technique: str) -> Kind | None:
    plain = technique.lower()
    return next((kind for words, kind in _TECHNIQUES if re.search(words, plain)), None)


def _from_units(x_unit: str, y_unit: str) -> Kind:
    if x_unit == WAVENUMBER and y_unit in (ABSORBANCE, TRANSMITTANCE, PERCENT):
        return Kind.IR
    return Kind.UV if x_unit == NANOMETRE else Kind.OTHER


def _in_range(kind: Kind, x_unit: str, x: Floats) -> bool:
    if x.size == 0:
        return True
    low, high = float(x.min()), float(x.max())
    if kind is Kind.IR:
        return x_unit in (WAVENUMBER, "µm") and not (x_unit == WAVENUMBER and low > _NEAR_INFRARED)
    return x_unit == NANOMETRE and high <= 1_100


def may_be(one: Spectrum, wanted: Kind) -> bool:
    """Tell whether a spectrum is of a technique, or may be because its file does not say.

    A file that names another technique, or measures along another axis, cannot be: an NMR
    spectrum is no infrared spectrum, though both are of the kind `other` or could be.
    """
    if one.kind is not Kind.OTHER:
        return one.kind is wanted
    if one.facts.get("technique"):
        return False
    if wanted in (Kind.IR, Kind.RAMAN, Kind.UV) and one.x_unit in (WAVENUMBER, NANOMETRE):
        axis = NANOMETRE if wanted is Kind.UV else WAVENUMBER
        ranged = Kind.IR if wanted is Kind.RAMAN else wanted
        return one.x_unit == axis and _in_range(ranged, one.x_unit, one.x)
    return one.x_unit == ARBITRARY or (one.x_unit == MASS and wanted in (Kind.EI, Kind.MSMS))


def mass_kind(facts: Mapping[str, str]) -> Kind:
    """Return which mass library a spectrum belongs to, from what its record says.

    EI where it is said or where nothing is; MS/MS with a precursor or a level of two or more;
    a first-level spectrum of another ionisation is neither.
    """
    source = f"{facts.get('instrument_type', '')} {facts.get('ionisation', '')}".lower()
    if re.search(r"\bei\d?\b|electron (impact|ionization|ionisation)", source):
        return Kind.EI
    level = facts.get("ms_level", "").lower()
    if re.search(r"ms ?[2-9]|ms/ms|^[2-9]$|msn|tandem", level) or _is_positive(
        facts.get("precursor_mz", "")
    ):
        return Kind.MSMS
    soft = re.search(
        r"esi|spray|apci|appi|maldi|\bci\b|chemical|dart|lc-|fab|fast atom|desorption", source
    )
    return Kind.OTHER if soft else Kind.EI


def _is_positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False
