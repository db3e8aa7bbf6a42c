"""The only lists of "when X happens, Y reacts", of what each kind of long work does, and of what
each kind of sealed record becomes.

Reactions run in the same transaction, in order; long work is done later by `lims worker`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lims.alerts import events, issuing
from lims.alerts.cap import station
from lims.alerts.operations import AlertPublished
from lims.custody import masses, sealed_scans
from lims.findings import reissuing
from lims.findings.operations import FindingReleased
from lims.foundation import happenings
from lims.foundation.happenings import Reaction
from lims.foundation.jobs import Work
from lims.foundation.settings import Settings
from lims.identification.unknowns import UnknownSolved
from lims.intake import outbox, sealed_beside, sealed_visits
from lims.intake.corrections import MassCorrected
from lims.intake.registration import SampleRegistered
from lims.library import importing, long_import
from lims.products import operations as products
from lims.surveillance import operations as surveillance


def reactions() -> Mapping[type, Sequence[Reaction]]:
    """Return every reaction of the program."""
    return {
        SampleRegistered: (masses.enter_handed_in,),
        MassCorrected: (masses.enter_corrected,),
        FindingReleased: (products.file_under_product, surveillance.raise_danger_signals),
        UnknownSolved: (reissuing.list_reissues,),
        surveillance.SignalRaised: (events.absorb_signal,),
        AlertPublished: (issuing.issue_message,),
    }


def works() -> Mapping[str, Work]:
    """Return what is done for each kind of job."""
    return {importing.JOB: long_import.import_spectra}


def envelopes() -> Mapping[str, outbox.Kind]:
    """Return what each kind of record becomes that a device sealed without network."""
    return {
        "visit": sealed_visits.VISIT,
        "photo": sealed_beside.PHOTO,
        "not accepted": sealed_beside.NOT_ACCEPTED,
        "scan": sealed_scans.SCAN,
    }


def connect(settings: Settings | None = None) -> None:
    """Make the lists known; every application and command starts with this."""
    if settings is not None:
        station.connect(settings)
    happenings.connect(reactions())
    outbox.connect(envelopes())
