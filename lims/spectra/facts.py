"""What records say of their spectra, under one name each.

Every library names the same fact in its own way. Only facts that are named here are kept: who
measured or submitted a spectrum is nobody's business in this house.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from lims.foundation.words import _
from lims.spectra.places import LONGEST_FACT, at_line

#: Lines that describe one record; real ones have some dozens.
MOST_NAMED_LINES = 5_000
_NAMES = {
    "name": "name compoundname chname compound title samplename",
    "synonyms": "synon synonym synonyms names",
    "inchikey": "inchikey inchiaux",
    "inchi": "inchi inchicode iupac",
    "smiles": "smiles computedsmiles",
    "formula": "formula form molform molecularformula",
    "cas": "cas casno casregistryno casrn casnumber",
    "exact_mass": "exactmass monoisotopicmass totalexactmass",
    "mass": "mw molecularweight molweight",
    "precursor_mz": "precursormz precursormass pepmass parentmass",
    "precursor_type": "precursortype adduct adductionname",
    "collision_energy": "collisionenergy ce",
    "ion_mode": "ionmode ionpolarity polarity",
    "instrument": "instrument instrumentname spectrometerdatasystem spectrometer",
    "instrument_type": "instrumenttype sourceinstrument",
    "ionisation": "ionization ionisation ionizationmode ionizationenergy ionisationmode",
    "ms_level": "spectrumtype mslevel mstype",
    "licence": "license licence",
    "source": "contributor lab source origin library",
    "retention_index": "retentionindex ri kovats kovatsri",
    "retention_time": "retentiontime rt rtinseconds scanstarttime",
    "record": "db dbno dbid accession id nistno nist spectrumid splash libraryid",
    "comment": "comment comments",
    "form": "state samplestate physicalstate",
    "resolution": "resolution",
}
_BY_KEY = {key: name for name, keys in _NAMES.items() for key in keys.split()}
_QUOTED = re.compile(r'"([^"=]{1,40})=([^"]*)"')
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
#: Retention indices of NIST: kind of column, then value/deviation/count.
_NON_POLAR = re.compile(r"\b(?:SemiStdNP|StdNP|NP)\s*[=:]\s*(\d+(?:\.\d+)?)", re.IGNORECASE)


def named_lines(text: str, first_line: int) -> list[tuple[str, str]]:
    """Return the lines `key: value` of a text; raises Unreadable when they are too many."""
    found: list[tuple[str, str]] = []
    for line, row in enumerate(io.StringIO(text), start=first_line):
        key, colon, value = row.partition(":")
        if colon:
            found.append((key, value))
        if len(found) > MOST_NAMED_LINES:
            raise at_line(line, _("there are more than %(n)s lines of text", n=MOST_NAMED_LINES))
    return found


def plain_key(written: str) -> str:
    """Return a key without the signs that writers differ in: `Precursor_m/z` is precursormz."""
    return "".join(c for c in written.lower() if c.isalnum())


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the facts that have a name here; the first writing of each, synonyms together."""
    facts: dict[str, str] = {}
    for key, value in pairs:
        name = _BY_KEY.get(plain_key(key[:80]))
        text = value.strip()
        if name is None or not text or text.upper() in ("N/A", "NA", "NONE"):
            continue
        if name == "synonyms" and name in facts:
            facts[name] = f"{facts[name]}; {text}"[:LONGEST_FACT]
        elif name == "comment" and '="' not in text and "=" in text and '"' in text:
            for inner, said in gathered(_QUOTED.findall(text)).items():
                facts.setdefault(inner, said)
        else:
            facts.setdefault(name, text[:LONGEST_FACT])
    return _tidied(facts)


def _tidied(facts: dict[str, str]) -> dict[str, str]:
    """Return facts whose numbers are numbers: 1183 of `SemiStdNP=1183/3/12`."""
    index = facts.get("retention_index")
    if index is not None and (found := _NON_POLAR.search(index) or _NUMBER.match(index)):
        facts["retention_index"] = found[found.lastindex or 0]
    elif index is not None:
        del facts["retention_index"]
    precursor = facts.get("precursor_mz")
    if precursor is not None:
        found = _NUMBER.match(precursor)
        facts["precursor_mz"] = found[0] if found else ""
    return {name: value for name, value in facts.items() if value}
