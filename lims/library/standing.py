"""Where a library of reference spectra and each of its spectra stand, and what is refused.

An imported library is reviewed as a whole; a spectrum that the network measured itself is reviewed
alone. What one person brought in, another person must review.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import Message, _


class LibraryState(StrEnum):
    """Where a library stands."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"


class SpectrumState(StrEnum):
    """Where a spectrum stands inside its library."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    RETIRED = "retired"
    INCLUDED = "included"


class ImportState(StrEnum):
    """Where the import of a file stands."""

    LOOKED_AT = "looked at"
    REFUSED = "refused"
    IMPORTING = "importing"
    DONE = "done"


IN_USE = (SpectrumState.REVIEWED, SpectrumState.INCLUDED)
"""States in which a spectrum is searched, if its library is reviewed."""

MOVES: Mapping[LibraryState, tuple[LibraryState, ...]] = {
    LibraryState.DRAFT: (LibraryState.REVIEWED, LibraryState.RETIRED),
    LibraryState.REVIEWED: (LibraryState.RETIRED,),
    LibraryState.RETIRED: (),
}
SPECTRUM_MOVES: Mapping[SpectrumState, tuple[SpectrumState, ...]] = {
    SpectrumState.DRAFT: (SpectrumState.REVIEWED, SpectrumState.RETIRED),
    SpectrumState.REVIEWED: (SpectrumState.RETIRED,),
    SpectrumState.INCLUDED: (SpectrumState.RETIRED,),
    SpectrumState.RETIRED: (),
}
STATE_WORDS: Mapping[str, Message] = {
    "draft": _("waits for review"),
    "reviewed": _("in use"),
    "included": _("stands with its library"),
    "retired": _("retired"),
}
KIND_WORDS: Mapping[str, Message] = {
    "ei": _("EI mass spectra"),
    "msms": _("MS/MS spectra"),
    "ir": _("infrared spectra"),
    "raman": _("Raman spectra"),
    "uv": _("UV spectra"),
    "other": _("spectra of another kind"),
}
SEARCHED_KINDS = ("ei", "msms", "ir", "raman", "uv")


def refuse_library_move(present: str, wanted: LibraryState) -> None:
    """Refuse a change of state that is not in the table (Refused)."""
    if wanted not in MOVES[LibraryState(present)]:
        raise Refused(_refusal(wanted, present))


def refuse_spectrum_move(present: str, wanted: SpectrumState) -> None:
    """Refuse a change of state that is not in the table (Refused)."""
    if wanted not in SPECTRUM_MOVES[SpectrumState(present)]:
        raise Refused(_refusal(wanted, present))


def _refusal(wanted: str, present: str) -> Message:
    words = STATE_WORDS[present]
    if wanted == "reviewed":
        return _("This does not wait for a review: %(state)s.", state=words)
    return _("This cannot be retired: %(state)s.", state=words)


def refuse_export(exportable: bool, licence: str) -> None:
    """Refuse to let spectra leave the network when their licence does not allow it (Refused)."""
    if not exportable:
        raise Refused(
            _("These spectra may not be exported. Their licence: %(licence)s", licence=licence)
        )


def given_reason(text: str) -> str:
    """Return the reason that was given; raises Invalid when there is none."""
    if not text.strip():
        raise refuse_field("reason", _("Say why."))
    return text.strip()
