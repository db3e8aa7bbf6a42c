"""The techniques in words: what a protocol is about, as a person would say it."""

from __future__ import annotations

from lims.foundation.words import Message, _
from lims.protocols.rules import Technique

TECHNIQUE_WORDS = {
    Technique.TLC: _("Thin-layer chromatography (TLC)"),
    Technique.REAGENT: _("Colour tests"),
    Technique.STRIP: _("Test strips"),
    Technique.FTIR: _("Infrared spectroscopy (FTIR)"),
    Technique.RAMAN: _("Raman spectroscopy"),
    Technique.GCMS: _("Gas chromatography, mass spectrometry (GC-MS)"),
    Technique.LCMS: _("Liquid chromatography, mass spectrometry (LC-MS)"),
    Technique.HPLC_UV: _("Liquid chromatography, ultraviolet (HPLC-UV)"),
    Technique.UV: _("Ultraviolet spectrometry"),
    Technique.WEIGHING: _("Weighing"),
    Technique.APPEARANCE: _("Appearance"),
    Technique.GUIDELINE: _("Guideline"),
}


def technique_words(technique: str) -> Message:
    """Return a technique in words; an unknown code stands for itself."""
    known = technique in set(Technique)
    return TECHNIQUE_WORDS[Technique(technique)] if known else Message(technique)
