"""Reference spectra as text for other programs: MSP for peaks, JCAMP-DX for curves.

Each spectrum carries its source and licence, because a licence asks for it. Numbers are written
with every digit, so that reading the text again gives the same spectrum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lims.library.peaks import STICKS, unpacked

_DATA_TYPES = {
    "ir": "INFRARED SPECTRUM",
    "raman": "RAMAN SPECTRUM",
    "uv": "UV-VIS SPECTRUM",
}
_X_UNITS = {"cm-1": "1/CM", "nm": "NANOMETERS"}
_Y_UNITS = {
    "absorbance": "ABSORBANCE",
    "transmittance": "TRANSMITTANCE",
    "percent transmittance": "% TRANSMITTANCE",
    "arbitrary": "ARBITRARY UNITS",
}


@dataclass(frozen=True)
class Written:
    """A spectrum as it is written: kind, name, numbers, units, facts by the names of `_LINES`."""

    kind: str
    name: str
    x: bytes
    y: bytes
    x_unit: str
    y_unit: str
    facts: Mapping[str, str] = field(default_factory=dict)


_LINES = {
    "synonyms": "Synon",
    "inchikey": "InChIKey",
    "smiles": "SMILES",
    "formula": "Formula",
    "cas": "CASNO",
    "exact_mass": "ExactMass",
    "precursor_mz": "PrecursorMZ",
    "precursor_type": "Precursor_type",
    "collision_energy": "Collision_energy",
    "ion_mode": "Ion_mode",
    "instrument": "Instrument",
    "instrument_type": "Instrument_type",
    "ionisation": "Ionization",
    "ms_level": "Spectrum_type",
    "retention_index": "RetentionIndex",
    "record": "Accession",
    "source": "Contributor",
    "licence": "License",
}


def ending(kind: str) -> str:
    """Return the ending of a file of spectra of a kind, without the point."""
    return "msp" if kind in STICKS else "jdx"


def text_of(spectrum: Written) -> str:
    """Return one spectrum as text."""
    return _msp(spectrum) if spectrum.kind in STICKS else _jcamp(spectrum)


def _msp(spectrum: Written) -> str:
    facts = dict(spectrum.facts)
    facts.setdefault("ms_level", "MS1" if spectrum.kind == "ei" else "MS2")
    if spectrum.kind == "ei":
        facts.setdefault("ionisation", "EI")
    x, y = unpacked(spectrum.x), unpacked(spectrum.y)
    lines = [f"Name: {_line(spectrum.name)}"]
    lines += [f"{label}: {_line(facts[key])}" for key, label in _LINES.items() if facts.get(key)]
    lines.append(f"Num Peaks: {len(x)}")
    lines += [f"{mass!r} {height!r}" for mass, height in zip(x.tolist(), y.tolist(), strict=True)]
    return "\n".join(lines) + "\n\n"


def _jcamp(spectrum: Written) -> str:
    x, y = unpacked(spectrum.x).tolist(), unpacked(spectrum.y).tolist()
    facts = spectrum.facts
    labels = {
        "TITLE": spectrum.name,
        "JCAMP-DX": "4.24",
        "DATA TYPE": _DATA_TYPES[spectrum.kind],
        "ORIGIN": facts.get("source", ""),
        "OWNER": facts.get("licence", ""),
        "CAS REGISTRY NO": facts.get("cas", ""),
        "MOLFORM": facts.get("formula", ""),
        "$INCHIKEY": facts.get("inchikey", ""),
        "$SMILES": facts.get("smiles", ""),
        "STATE": facts.get("form", ""),
        "SPECTROMETER/DATA SYSTEM": facts.get("instrument", ""),
        "XUNITS": _X_UNITS.get(spectrum.x_unit, spectrum.x_unit),
        "YUNITS": _Y_UNITS.get(spectrum.y_unit, spectrum.y_unit),
        "XFACTOR": "1",
        "YFACTOR": "1",
        "FIRSTX": repr(x[0]),
        "LASTX": repr(x[-1]),
        "NPOINTS": str(len(x)),
        "FIRSTY": repr(y[0]),
    }
    lines = [f"##{label}={_line(value)}" for label, value in labels.items() if value]
    lines.append("##XYPOINTS=(XY..XY)")
    lines += [f"{one!r}, {other!r}" for one, other in zip(x, y, strict=True)]
    return "\n".join([*lines, "##END="]) + "\n"


def _line(text: str) -> str:
    return " ".join(str(text).split())
