"""mzML: spectra of a mass-spectrometric run, plain or packed with zlib.

Of the first level the scan at the top of each peak is given, of higher levels the strongest
scans. A document type or an entity refuses the file: a few lines of them can fill the memory.
"""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

import numpy as np

from lims.foundation.words import Message, _
from lims.spectra.binary import column
from lims.spectra.curves import Columns, made
from lims.spectra.places import LARGEST_RECORD, Unreadable, at_byte, at_line
from lims.spectra.runs import MOST_APEXES, chosen_scans
from lims.spectra.spectrum import Floats, Kind, Spectrum

NAME = "mzML"
ENDINGS = ("mzml",)
_ONLY_TOPS = _("Of the run only the scans at the top of a peak are kept.")
# Terms of the PSI-MS vocabulary.
_LEVEL, _TOTAL, _TIME, _ION, _ENERGY = (
    *("MS:1000511", "MS:1000285", "MS:1000016", "MS:1000744", "MS:1000045"),
)
_POSITIVE, _NEGATIVE = "MS:1000130", "MS:1000129"
_MASSES, _HEIGHTS, _ZLIB, _PLAIN = "MS:1000514", "MS:1000515", "MS:1000574", "MS:1000576"
_FORMS = {"MS:1000523": "<f8", "MS:1000521": "<f4", "MS:1000519": "<i4", "MS:1000522": "<i8"}
_MINUTES = "UO:0000031"
_ELECTRON_IONISATION = b"MS:1000389"


@dataclass
class _Scan:
    """One scan as written: its terms, and its two arrays not yet unpacked."""

    number: int
    terms: dict[str, str] = field(default_factory=dict)
    minutes: bool = False
    arrays: list[tuple[set[str], str]] = field(default_factory=list)


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return b"<mzML" in head[:4096] or b"<indexedmzML" in head[:4096]


def read(data: bytes, _name: str) -> tuple[Spectrum, ...]:
    """Read the chosen scans of a run; raises Unreadable."""
    for mark in (b"<!DOCTYPE", b"<!ENTITY"):
        at = data.find(mark)
        if at >= 0:
            raise at_byte(at, _("a document type or entity is not accepted"))
    scans = list(_scans(data))
    first = [one for one in scans if one.terms.get(_LEVEL, "1") == "1"]
    higher = [one for one in scans if one.terms.get(_LEVEL, "1") != "1"]
    chosen = [first[at] for at in chosen_scans(_totals(first))] if first else []
    order = np.argsort(-_totals(higher), kind="stable")[:MOST_APEXES]
    chosen += [higher[int(at)] for at in sorted(order)]
    if not chosen:
        raise Unreadable(_("there is no spectrum in it"))
    left_out = len(chosen) < len(scans)
    first_level = Kind.EI if _ELECTRON_IONISATION in data else Kind.OTHER
    return tuple(_spectrum(one, block, first_level, left_out) for block, one in enumerate(chosen))


def _scans(data: bytes) -> Iterator[_Scan]:
    try:
        number = 0
        for _event, element in ElementTree.iterparse(io.BytesIO(data), events=("end",)):
            if _tag(element) == "spectrum":
                number += 1
                yield _scan(element, number)
                element.clear()
    except ElementTree.ParseError as wrong:
        raise at_line(wrong.position[0], _("the XML is damaged or cut off")) from None


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _scan(element: ElementTree.Element, number: int) -> _Scan:
    found = _Scan(number)
    for child in element.iter():
        tag = _tag(child)
        if tag == "cvParam":
            term = child.get("accession", "")
            found.terms.setdefault(term, child.get("value", ""))
            if term == _TIME:
                found.minutes = child.get("unitAccession") == _MINUTES
        elif tag == "binaryDataArray":
            terms = {one.get("accession", "") for one in child if _tag(one) == "cvParam"}
            text = next((one.text or "" for one in child if _tag(one) == "binary"), "")
            found.arrays.append((terms, text))
    return found


def _totals(scans: list[_Scan]) -> Floats:
    return np.array([_total(one) for one in scans], dtype=np.float64)


def _total(scan: _Scan) -> float:
    written = _number(scan.terms.get(_TOTAL))
    if written is not None:
        return written
    found = _array(scan, _HEIGHTS)
    return float(found.sum()) if found.size else 0.0


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def _array(scan: _Scan, wanted: str) -> Floats:
    for terms, text in scan.arrays:
        form = next((_FORMS[term] for term in terms if term in _FORMS), None)
        if wanted not in terms:
            continue
        if form is None or not terms & {_ZLIB, _PLAIN}:
            raise Unreadable(_in_scan(scan, _("its numbers are packed in an unknown way")))
        try:
            raw = base64.b64decode(text, validate=False)
            if _ZLIB in terms:
                raw = zlib.decompressobj().decompress(raw, LARGEST_RECORD)
        except (binascii.Error, zlib.error):
            raise Unreadable(_in_scan(scan, _("its numbers are damaged"))) from None
        return column(raw, 0, len(raw) // np.dtype(form).itemsize, form)
    return np.zeros(0)


def _in_scan(scan: _Scan, problem: Message) -> Message:
    return _("scan %(n)s: %(problem)s", n=scan.number, problem=problem)


def _spectrum(scan: _Scan, block: int, first_level: Kind, left_out: bool) -> Spectrum:
    masses, heights = _array(scan, _MASSES), _array(scan, _HEIGHTS)
    if masses.size != heights.size or not masses.size:
        problem = _("masses and intensities are not equally many")
        raise Unreadable(_in_scan(scan, problem))
    terms = scan.terms
    polarity = "positive" if _POSITIVE in terms else "negative" if _NEGATIVE in terms else ""
    facts = {
        "scan": str(scan.number),
        "ms_level": terms.get(_LEVEL, ""),
        "precursor_mz": terms.get(_ION, ""),
        "collision_energy": terms.get(_ENERGY, ""),
        "ion_mode": polarity,
        "technique": "mass spectrum",
    }
    columns = Columns(masses, heights, "m/z", "arbitrary", sticks=True, block=block, facts=facts)
    columns.kind = first_level if terms.get(_LEVEL, "1") == "1" else Kind.MSMS
    time = _number(terms.get(_TIME))
    if time is not None:
        columns.z = time * 60 if scan.minutes else time
    if left_out:
        columns.remarks.append(_ONLY_TOPS)
    return made(columns)
