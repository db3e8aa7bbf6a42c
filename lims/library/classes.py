"""The chemical classes of the library in words."""

from __future__ import annotations

from lims.foundation.words import Message, _

CLASS_WORDS = {
    "alkaloid-other": _("other alkaloid"),
    "alkyl-nitrite": _("alkyl nitrite"),
    "alpha2-sedative": _("alpha-2 sedative"),
    "amine-other": _("other amine"),
    "amino-acid": _("amino acid"),
    "aminoindane": _("aminoindane"),
    "analgesic": _("painkiller"),
    "anthelmintic": _("worming medicine"),
    "antidepressant": _("antidepressant"),
    "antifungal": _("antifungal"),
    "antihistamine": _("antihistamine"),
    "antimalarial": _("antimalarial"),
    "antipsychotic": _("antipsychotic"),
    "arylcyclohexylamine": _("arylcyclohexylamine"),
    "barbiturate": _("barbiturate"),
    "benzodiazepine": _("benzodiazepine"),
    "by-product-other": _("other by-product"),
    "cannabinoid": _("cannabinoid"),
    "cardiovascular": _("heart medicine"),
    "cathinone": _("cathinone"),
    "dissociative-other": _("other dissociative"),
    "ergot-alkaloid": _("ergot alkaloid"),
    "excipient": _("excipient"),
    "gabapentinoid": _("gabapentinoid"),
    "ghb-analogue": _("GHB and its analogues"),
    "hypnotic-other": _("other hypnotic"),
    "indole-other": _("other indole"),
    "industrial-additive": _("industrial additive"),
    "inhalant": _("inhalant"),
    "inorganic": _("inorganic"),
    "local-anaesthetic": _("local anaesthetic"),
    "lysergamide": _("lysergamide"),
    "nootropic": _("nootropic"),
    "opioid": _("opioid"),
    "opioid-fentanyl": _("opioid, fentanyl group"),
    "opioid-nitazene": _("opioid, nitazene group"),
    "pde5-inhibitor": _("erectile medicine"),
    "phenethylamine": _("phenethylamine"),
    "phenidate": _("phenidate"),
    "piperazine": _("piperazine"),
    "polymer": _("polymer"),
    "polyol": _("polyol"),
    "precursor-other": _("other precursor"),
    "solvent": _("solvent"),
    "stimulant-other": _("other stimulant"),
    "sugar": _("sugar"),
    "synthetic-cannabinoid": _("synthetic cannabinoid"),
    "terpenoid": _("terpenoid"),
    "tropane": _("tropane"),
    "tryptamine": _("tryptamine"),
    "vitamin": _("vitamin"),
    "xanthine": _("xanthine"),
}


def class_words(code: str) -> Message:
    """Return a chemical class in words; a code that nobody worded stands for itself."""
    return CLASS_WORDS.get(code) or Message(code)
