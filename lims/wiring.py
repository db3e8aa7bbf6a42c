"""The only list of "when X happens, Y reacts". Reactions run in the same transaction, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lims.alerts import events
from lims.custody import masses
from lims.foundation import happenings
from lims.foundation.happenings import Reaction
from lims.intake.corrections import MassCorrected
from lims.intake.registration import SampleRegistered
from lims.surveillance.operations import SignalRaised


def reactions() -> Mapping[type, Sequence[Reaction]]:
    """Return every reaction of the program."""
    return {
        SampleRegistered: (masses.enter_handed_in,),
        MassCorrected: (masses.enter_corrected,),
        SignalRaised: (events.absorb_signal,),
    }


def connect() -> None:
    """Make the reactions known; every application and command starts with this."""
    happenings.connect(reactions())
