"""Logos as people write them: folded for comparing, so that one mark has one entry in the list."""

from __future__ import annotations

import unicodedata

LONGEST = 60
NO_LOGO = frozenset({"", "none", "no", "aucun", "sans", "geen", "nologo", "sanslogo"})
"""What people write for a tablet without a logo, folded."""


def fold_logo(logo: str) -> str:
    """Fold a logo for comparing: case, accents, spaces and punctuation; no logo is empty."""
    plain = unicodedata.normalize("NFKD", logo).casefold()
    bare = "".join(letter for letter in plain if letter.isalnum())[:LONGEST]
    return "" if bare in NO_LOGO else bare
