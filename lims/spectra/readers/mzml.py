"""mzML: spectra of a mass-spectrometric run, plain or packed with zlib.

Of the first level the scan at the top of each peak is given, of higher levels the strongest
scans. A document type refuses the file: a few lines of entities can fill the memory. No tree is
built, and what is packed is unpacked within a budget.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

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
_MOST_SCANS = 200_000
_DEEPEST = 60
_MOST_UNPACKED = 512 * 1024 * 1024
# Terms of the PSI-MS vocabulary.
_LEVEL, _TOTAL, _TIME = "MS:1000511", "MS:1000285", "MS:1000016"
_ION, _ENERGY = "MS:1000744", "MS:1000045"
_POSITIVE, _NEGATIVE = "MS:1000130", "MS:1000129"
_MASSES, _HEIGHTS, _ZLIB, _PLAIN = "MS:1000514", "MS:1000515", "MS:1000574", "MS:1000576"
_FORMS = {"MS:1000523": "<f8", "MS:1000521": "<f4", "MS:1000519": "<i4", "MS:1000522": "<i8"}
_OF_SCANS = (_LEVEL, _TOTAL, _TIME, _ION, _ENERGY, _POSITIVE, _NEGATIVE)
_OF_ARRAYS = (_MASSES, _HEIGHTS, _ZLIB, _PLAIN, *_FORMS)
_MINUTES = "UO:0000031"
# Electrospray, nanoelectrospray, APCI, APPI, MALDI, chemical ionisation.
_SOFT = ("MS:1000073", "MS:1000398", "MS:1000070", "MS:1000382", "MS:1000075", "MS:1000071")


@dataclass
class _Scan:
    """One scan as written: its terms, and its arrays not yet unpacked."""

    number: int
    terms: dict[str, str] = field(default_factory=dict)
    minutes: bool = False
    arrays: list[tuple[set[str], str]] = field(default_factory=list)

    @property
    def is_first_level(self) -> bool:
        """Tell whether nothing was broken on purpose before this scan."""
        return self.terms.get(_LEVEL, "1") == "1"


@dataclass
class _Run:
    """What was read of a file so far."""

    parser: expat.XMLParserType
    scans: list[_Scan] = field(default_factory=list)
    soft: bool = False
    scan: _Scan | None = None
    terms: set[str] | None = None
    text: list[str] | None = None
    depth: int = 0

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """Note the beginning of an element."""
        tag = name.rpartition(":")[2]
        self.depth += 1
        if self.depth > _DEEPEST:
            line = self.parser.CurrentLineNumber
            raise at_line(line, _("its elements stand deeper in each other than any spectrum"))
        if tag == "spectrum":
            if len(self.scans) >= _MOST_SCANS:
                line = self.parser.CurrentLineNumber
                raise at_line(line, _("there are more than %(n)s spectra", n=_MOST_SCANS))
            self.scan = _Scan(len(self.scans) + 1)
            self.scans.append(self.scan)
        elif tag == "binaryDataArray":
            self.terms = set()
        elif tag == "binary" and self.terms is not None:
            self.text = []
        elif tag == "cvParam":
            self._term(attributes)

    def _term(self, attributes: dict[str, str]) -> None:
        term = attributes.get("accession", "")
        if term in _SOFT:
            self.soft = True
        elif self.terms is not None:
            self.terms |= {term} & set(_OF_ARRAYS)
        elif self.scan is not None and term in _OF_SCANS:
            self.scan.terms.setdefault(term, attributes.get("value", ""))
            if term == _TIME:
                self.scan.minutes = attributes.get("unitAccession") == _MINUTES

    def said(self, text: str) -> None:
        """Keep the text of an array."""
        if self.text is not None:
            self.text.append(text)

    def closed(self, name: str) -> None:
        """Note the end of an element."""
        tag = name.rpartition(":")[2]
        self.depth -= 1
        if tag == "binaryDataArray":
            if self.scan is not None and self.terms and len(self.scan.arrays) < 8:
                self.scan.arrays.append((self.terms, "".join(self.text or ())))
            self.terms, self.text = None, None
        elif tag == "spectrum":
            self.scan = None

    def refuse_doctype(self, *_parts: object) -> None:
        """Refuse what entities are made with."""
        at = self.parser.CurrentByteIndex
        raise at_byte(at, _("a document type or entity is not accepted"))


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return b"<mzML" in head[:4096] or b"<indexedmzML" in head[:4096]


def read(data: bytes, _name: str) -> tuple[Spectrum, ...]:
    """Read the chosen scans of a run; raises Unreadable."""
    run = _parsed(data)
    budget = _Budget()
    first = [one for one in run.scans if one.is_first_level]
    higher = [one for one in run.scans if not one.is_first_level]
    chosen = [first[at] for at in chosen_scans(_totals(first, budget))] if first else []
    order = np.argsort(-_totals(higher, budget), kind="stable")[:MOST_APEXES]
    chosen += [higher[int(at)] for at in sorted(order)]
    if not chosen:
        raise Unreadable(_("there is no spectrum in it"))
    columns = [_columns(one, budget) for one in chosen]
    for block, (scan, one) in enumerate(zip(chosen, columns, strict=True)):
        one.block = block
        first_level = Kind.OTHER if run.soft else Kind.EI
        one.kind = first_level if scan.is_first_level else Kind.MSMS
        if len(chosen) < len(run.scans):
            one.remarks.append(_ONLY_TOPS)
    return tuple(made(one) for one in columns)


def _parsed(data: bytes) -> _Run:
    parser = expat.ParserCreate()
    run = _Run(parser)
    parser.buffer_text = True
    parser.StartElementHandler = run.opened
    parser.EndElementHandler = run.closed
    parser.CharacterDataHandler = run.said
    parser.StartDoctypeDeclHandler = run.refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as wrong:
        raise at_line(wrong.lineno, _("the XML is damaged or cut off")) from None
    return run


@dataclass
class _Budget:
    """How much may still be unpacked from one file."""

    left: int = _MOST_UNPACKED

    def array(self, scan: _Scan, wanted: str) -> Floats:
        """Return an array of a scan; none gives no numbers."""
        found = next(((terms, text) for terms, text in scan.arrays if wanted in terms), None)
        if found is None:
            return np.zeros(0)
        terms, text = found
        form = next((_FORMS[term] for term in terms if term in _FORMS), None)
        if form is None or not terms & {_ZLIB, _PLAIN}:
            raise _in_scan(scan, _("its numbers are packed in an unknown way"))
        try:
            raw = base64.b64decode(text)
            if _ZLIB in terms:
                raw = zlib.decompressobj().decompress(raw, LARGEST_RECORD)
        except (binascii.Error, ValueError, zlib.error):
            raise _in_scan(scan, _("its numbers are damaged")) from None
        self.left -= len(raw)
        if self.left < 0:
            raise _in_scan(scan, _("the record is larger than any spectrum"))
        return column(raw, 0, len(raw) // np.dtype(form).itemsize, form)


def _totals(scans: list[_Scan], budget: _Budget) -> Floats:
    return np.array([_total(one, budget) for one in scans], dtype=np.float64)


def _total(scan: _Scan, budget: _Budget) -> float:
    written = _number(scan.terms.get(_TOTAL))
    return float(budget.array(scan, _HEIGHTS).sum()) if written is None else written


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def _in_scan(scan: _Scan, problem: Message) -> Unreadable:
    return Unreadable(_("scan %(n)s: %(problem)s", n=scan.number, problem=problem))


def _columns(scan: _Scan, budget: _Budget) -> Columns:
    masses, heights = budget.array(scan, _MASSES), budget.array(scan, _HEIGHTS)
    if masses.size != heights.size or not masses.size:
        raise _in_scan(scan, _("masses and intensities are not equally many"))
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
    found = Columns(masses, heights, "m/z", "arbitrary", sticks=True, facts=facts)
    time = _number(terms.get(_TIME))
    if time is not None:
        found.z = time * 60 if scan.minutes else time
    return found
