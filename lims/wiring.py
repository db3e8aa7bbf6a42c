"""The only lists of "when X happens, Y reacts", of what each kind of long work does, and of what
each kind of sealed record becomes.

Reactions run in the same transaction, in order; long work is done later by `lims worker`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lims.alerts import deliveries, events, issuing, notices, verification
from lims.alerts.cap import station
from lims.alerts.issuing import MessageOwed
from lims.alerts.operations import AlertPublished
from lims.custody import masses, sealed_scans
from lims.exchange import observing
from lims.findings import judging, reissuing
from lims.findings.operations import FindingReleased
from lims.foundation import happenings
from lims.foundation.happenings import Reaction
from lims.foundation.jobs import Daily, Work
from lims.foundation.settings import Settings
from lims.identification.unknowns import UnknownSolved
from lims.intake import outbox, sealed_beside, sealed_visits
from lims.intake.corrections import MassCorrected, SampleWithdrawn
from lims.intake.registration import SampleRegistered
from lims.library import importing, long_import
from lims.products import operations as products
from lims.surveillance import (
    lateness,
    looking,
    matters,
    noticing,
    observations,
    own_results,
    watch_work,
)
from lims.surveillance import operations as surveillance
from lims.surveillance.acts import SignalEscalated
from lims.surveillance.arrivals import PartnerArrived


def reactions() -> Mapping[type, Sequence[Reaction]]:
    """Return every reaction of the program."""
    return {
        SampleRegistered: (masses.enter_handed_in, noticing.count_told_effects),
        SampleWithdrawn: (observations.forget_withdrawn,),
        MassCorrected: (masses.enter_corrected,),
        FindingReleased: (
            judging.keep_judgements,
            products.file_under_product,
            surveillance.raise_danger_signals,
            observations.observe_finding,
        ),
        PartnerArrived: (observations.observe_partner,),
        UnknownSolved: (reissuing.list_reissues,),
        surveillance.SignalRaised: (events.absorb_signal, noticing.count_reports),
        AlertPublished: (issuing.issue_message, deliveries.queue_deliveries),
        MessageOwed: (notices.tell_of_owed,),
        deliveries.DeliveryInTrouble: (notices.tell_of_trouble,),
        SignalEscalated: (notices.tell_of_signal,),
    }


def works() -> Mapping[str, Work]:
    """Return what is done for each kind of job."""
    return {
        importing.JOB: long_import.import_spectra,
        looking.JOB: watch_work.watch,
    }


def daily() -> Sequence[Daily]:
    """Return what the worker asks for by itself, once a minute: each looks whether it is due."""
    return (lateness.look_for_late, watch_work.ask_when_due)


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
    matters.connect(verification.pending_matters)
    own_results.connect(observing.every_sample)
