"""Which samples hold something that a reader should be pointed to, found or only named.

A substance of the library is judged by its key, class and always-alert mark. A name that is not in
the library is judged by the ending or stem that chemists give its family; rather one too many than
one too few, for these flags make a list for a person to read, never a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from lims.exchange.names import KnownSubstance
from lims.foundation.words import _
from lims.library.rules import fold


class Flag(StrEnum):
    """A family or substance that partners' results are searched for."""

    NITAZENE = "nitazene"
    FENTANYL = "fentanyl"
    CARFENTANIL = "carfentanil"
    PMMA = "pmma"
    PMA = "pma"
    DESIGNER_BENZODIAZEPINE = "designer_benzodiazepine"
    SYNTHETIC_CANNABINOID = "synthetic_cannabinoid"
    XYLAZINE = "xylazine"
    MEDETOMIDINE = "medetomidine"
    NBOME = "nbome"


FLAG_WORDS = {
    Flag.NITAZENE: _("Nitazene"),
    Flag.FENTANYL: _("Fentanyl or relative"),
    Flag.CARFENTANIL: _("Carfentanil"),
    Flag.PMMA: _("PMMA"),
    Flag.PMA: _("PMA"),
    Flag.DESIGNER_BENZODIAZEPINE: _("Designer benzodiazepine"),
    Flag.SYNTHETIC_CANNABINOID: _("Synthetic cannabinoid"),
    Flag.XYLAZINE: _("Xylazine"),
    Flag.MEDETOMIDINE: _("Medetomidine"),
    Flag.NBOME: _("NBOMe or NBOH"),
}

#: Benzodiazepines and thienodiazepines that were in medical use when they were listed in Schedule
#: IV of the 1971 UN Convention (1984 list, midazolam 1990, brotizolam 1995), further INN medicines
#: authorised in the EU, the UK or Japan, and their plain metabolites. Every other name of the
#: family (etizolam, phenazepam, bromazolam and all later ones) counts as designer.
MEDICINES = frozenset(
    [
        *("alprazolam", "bromazepam", "brotizolam", "camazepam", "cinolazepam", "clobazam"),
        *("clonazepam", "cloxazolam", "climazolam", "delorazepam", "diazepam", "doxefazepam"),
        *("estazolam", "fludiazepam", "flunitrazepam", "flurazepam", "flutazolam"),
        *("flutoprazepam", "halazepam", "haloxazolam", "ketazolam", "loprazolam"),
        *("lorazepam", "lormetazepam", "medazepam", "metaclazepam", "mexazolam", "midazolam"),
        *("nimetazepam", "nitrazepam", "nordazepam", "nordiazepam", "oxazepam", "oxazolam"),
        *("pinazepam", "prazepam", "quazepam", "remimazolam", "temazepam", "tetrazepam"),
        *("triazolam", "bentazepam", "clotiazepam", "desmethyldiazepam", "demethyldiazepam"),
        *("ndesmethyldiazepam",),
    ]
)
_METABOLITE = re.compile(r"^(?:alpha|[347])?(?:hydroxy|amino|acetamido)(?=[a-z])")
_BENZODIAZEPINE = re.compile(r"(?:azepam|azolam|izolam|oxipam)(?:$|e$)")
_NAMES = {
    Flag.NITAZENE: re.compile(r"nitaz(?:en|epyne|epipne|epin)|^metazene$|^etazene$"),
    Flag.FENTANYL: re.compile(r"fentan"),
    Flag.CARFENTANIL: re.compile(r"carfentan"),
    Flag.PMMA: re.compile(r"^pmma$|^(?:4|p|para)methoxymet(?:h|)am(?:ph|f)etamine$"),
    Flag.PMA: re.compile(r"^pma$|^(?:4|p|para)methoxyam(?:ph|f)etamine$"),
    Flag.XYLAZINE: re.compile(r"xylazin"),
    Flag.MEDETOMIDINE: re.compile(r"medetomidin"),
    Flag.NBOME: re.compile(r"nb\d?ome|nboh"),
}
#: Indazole and indole carboxamides and esters by ending; older series by maker's number.
_CANNABINOID = re.compile(
    r"inaca|[^a-z]pica|mica(?:$|\d)|chmica|butica|fubica|hexoxizid|oxizid|pegaclone|fubimina|"
    r"cumyl|apinaca|akb ?48|^jwh ?\d|^am ?\d{3,4}|^mam ?2201|^eam ?2201|^nm ?2201|ur ?144|"
    r"xlr ?1[12]|"
    r"fub ?144|^(?:5f|4f|5cl|fdu|fub)?pb ?22|^bb ?22|quchic|qupic|^sts ?135|^thj ?\d|^rcs ?[48]|"
    r"^hu ?2(?:10|11)$|^cp ?47|^cp ?55|^sdb ?\d|^mn ?(?:18|24|25)$|^win ?55|^a ?796260|"
    r"^a ?834735|"
    r"^(?:5f|4f|4cn|fub)?(?:amb|mmb|emb|adb|edmb|mdmb)(?:$|\d|fub|ch|\d?en|4en|bu|bi|pi|in)|"
    r"synthetic ?cannabinoid"
)


def flags_of(names: Iterable[tuple[str, KnownSubstance | None]]) -> frozenset[Flag]:
    """Return the flags of a sample, from each published name and the substance it means."""
    return frozenset(flag for name, known in names for flag in flags_of_one(name, known))


def flags_of_one(name: str, known: KnownSubstance | None) -> frozenset[Flag]:
    """Return the flags of one detection.

    The stem rules look at the published name always, so that "despropionyl fentanyl" is pointed
    to as well; the two families with medicines or look-alikes among them are judged by the
    library where the name is resolved.
    """
    folded = fold(name)
    found = {flag for flag, pattern in _NAMES.items() if pattern.search(folded)}
    if known is None:
        if is_designer_benzodiazepine_name(name):
            found.add(Flag.DESIGNER_BENZODIAZEPINE)
        if _CANNABINOID.search(folded):
            found.add(Flag.SYNTHETIC_CANNABINOID)
        return frozenset(found)
    return frozenset(found | _by_library(known))


def _by_library(known: KnownSubstance) -> set[Flag]:
    found = {flag for flag in (Flag.CARFENTANIL, Flag.PMMA, Flag.PMA) if known.key == flag}
    found |= {flag for flag in (Flag.XYLAZINE, Flag.MEDETOMIDINE) if known.key == flag}
    families = {
        "opioid-nitazene": Flag.NITAZENE,
        "opioid-fentanyl": Flag.FENTANYL,
        "synthetic-cannabinoid": Flag.SYNTHETIC_CANNABINOID,
    }
    if flag := families.get(known.substance_class):
        found.add(flag)
    if known.substance_class == "benzodiazepine" and known.always_alert:
        found.add(Flag.DESIGNER_BENZODIAZEPINE)
    if known.key.endswith(("nbome", "nboh")):
        found.add(Flag.NBOME)
    return found


def is_designer_benzodiazepine_name(name: str) -> bool:
    """Return whether a name has a benzodiazepine ending and is no listed medicine."""
    words = [fold(part) for part in re.split(r"[()\[\];]| - ", name)]
    if any(word in MEDICINES for word in words):
        return False
    return any(
        _BENZODIAZEPINE.search(word) and _METABOLITE.sub("", word) not in MEDICINES
        for word in words
    )
