"""Bringing in CAP alerts of other countries, and making a signal of one that concerns us.

A foreign alert is shown apart and marked as not verified by us. It never becomes an alert of ours
and reaches no feed: a person who triages may make a signal of it, which then goes the usual way.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.x509 import Certificate
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts.cap import station
from lims.alerts.cap.checking import Report, check
from lims.alerts.cap.remarks import moment_of
from lims.alerts.cap.signing import Signed
from lims.exchange import foreign_queries, knowledge
from lims.exchange.foreign_records import ForeignAlert, ForeignCitation
from lims.exchange.foreign_texts import ForeignText, foreign_text, kept_remarks, line
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _, keep
from lims.network.rules import Permission
from lims.surveillance import rules as surveillance
from lims.surveillance.operations import SignalRaised
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalSource, SignalState

TAKEN = ("Alert", "Update", "Cancel")
ENDING = ("Update", "Cancel")


@dataclass(frozen=True)
class BringForeignAlert:
    """A CAP file of another country, where it comes from, and the certificates that we know."""

    content: bytes
    source: str
    licence: str = ""
    pinned: tuple[Certificate, ...] = ()


@dataclass(frozen=True)
class Brought:
    """The foreign alert of a file, and whether it was known before."""

    alert: ForeignAlert
    is_new: bool


@dataclass(frozen=True)
class SignalFromAlert:
    """A foreign alert concerns us: at which level, and about which substance when it is known."""

    alert_id: uuid.UUID
    level: str
    substance: str = ""


def bring_foreign_alert(session: Session, actor: Actor, command: BringForeignAlert) -> Brought:
    """Check a CAP file and keep it apart; the same file twice is kept once.

    Raises Invalid for what is no CAP 1.2 or has a broken signature, Refused for a message that is
    not public, or our own.
    """
    actor.must(Permission.IMPORT_RESULTS)
    if not command.source.strip():
        raise refuse_field("source", _("Say where the file comes from."))
    report = check(command.content, command.pinned)
    text = _taken(report)
    digest = hashlib.sha256(command.content).hexdigest()
    before = foreign_queries.known(session, digest)
    if before is not None:
        return Brought(before, is_new=False)
    alert = _kept(actor, command, report, text, digest)
    session.add(alert)
    session.flush()
    _follow(session, alert)
    journal.record(
        session,
        actor,
        "bring in foreign alert",
        [("foreign_alert", alert.id)],
        sender=alert.sender,
        identifier=alert.identifier,
        signature=alert.signature,
        sha256=digest,
    )
    return Brought(alert, is_new=True)


def _taken(report: Report) -> ForeignText:
    """Return what is kept of a checked file; raises what it is refused for."""
    said = report.message
    broken = report.signature.state is Signed.BROKEN
    sent = moment_of(said.sent) if said is not None else None
    if said is None or sent is None or broken or not (said.sender and said.identifier):
        wrong = [one for one in report.remarks if one.rule in report.rules][:10]
        words = _("This is no CAP 1.2 alert in order.")
        raise Invalid([Problem("file", one.message) for one in wrong], words)
    if said.scope != "Public":
        raise Refused(_("This message is not public. Only public alerts are brought in."))
    if said.msg_type not in TAKEN:
        raise Refused(_("This message is no alert, but an answer between programs."))
    if said.sender == station.in_force().sender:
        raise Refused(_("This is an alert of our own."))
    if max(len(said.sender), len(said.identifier)) > 250:
        raise Refused(_("%(name)s is too long.", name="sender, identifier"))
    return foreign_text(said, sent)


def _kept(
    actor: Actor, command: BringForeignAlert, report: Report, text: ForeignText, digest: str
) -> ForeignAlert:
    return ForeignAlert(
        id=uuid.uuid4(),
        source=line(command.source, 120),
        licence=line(command.licence, 200),
        sender=text.sender,
        identifier=text.identifier,
        sent=text.sent,
        status=text.status,
        msg_type=text.msg_type,
        severity=text.severity,
        headlines=text.headlines,
        infos=text.infos,
        expires=text.expires,
        signature=str(report.signature.state),
        fingerprint=report.signature.fingerprint,
        subject=line(report.signature.subject),
        remarks=kept_remarks(report.remarks),
        sha256=digest,
        content=command.content,
        brought_by=actor.account,
        brought_at=clock.now(),
        cited=[
            ForeignCitation(id=uuid.uuid4(), place=place, sender=sender, identifier=identifier)
            for place, (sender, identifier) in enumerate(text.cited)
        ],
    )


def _follow(session: Session, alert: ForeignAlert) -> None:
    """End what an update or cancel cites, whichever of them came to us first."""
    if alert.msg_type in ENDING:
        for one in alert.cited:
            asked = select(ForeignAlert).where(
                ForeignAlert.sender == one.sender, ForeignAlert.identifier == one.identifier
            )
            for earlier in session.scalars(asked):
                _end(earlier, alert)
    citing = (
        select(ForeignAlert)
        .join(ForeignCitation, ForeignCitation.alert_id == ForeignAlert.id)
        .where(
            ForeignCitation.sender == alert.sender,
            ForeignCitation.identifier == alert.identifier,
            ForeignAlert.msg_type.in_(ENDING),
        )
        .order_by(ForeignAlert.sent)
    )
    for later in session.scalars(citing).unique():
        _end(alert, later)


def _end(earlier: ForeignAlert, later: ForeignAlert) -> None:
    """Let a later message end an earlier one, when it comes from whom the earlier came from.

    Anybody can write a sender's name: a signed alert is ended only by a message of the same key.
    """
    same_sender = later.sender == earlier.sender and later.id != earlier.id
    same_key = not earlier.fingerprint or earlier.fingerprint == later.fingerprint
    is_later = earlier.ended_by is None or earlier.ended_by.sent < later.sent
    if same_sender and same_key and is_later and later.sent >= earlier.sent:
        earlier.ended_by = later


def make_signal(session: Session, actor: Actor, command: SignalFromAlert) -> Signal:
    """Make a signal (source partner) of a foreign alert; a second time gives the same signal.

    Raises Refused for an exercise or a cancel, Invalid for an unknown level or substance.
    """
    actor.must(Permission.TRIAGE)
    alert = foreign_queries.foreign_alert(session, actor, command.alert_id)
    if alert.signal is not None:
        return alert.signal
    if alert.status != "Actual":
        raise Refused(_("Its sender says that it is an exercise or a test."))
    if alert.msg_type == "Cancel":
        raise Refused(_("It cancels an alert: there is nothing to look into."))
    if command.level not in surveillance.REPORT_LEVELS:
        raise refuse_field("level", _("Choose one of the list."))
    named = command.substance.strip()
    substance = knowledge.substance_named(session, named) if named else None
    if named and substance is None:
        raise refuse_field("substance", _("There is no such substance in the library."))
    signal = _signal(alert, command.level, substance.id if substance else None)
    signal.number = next_number(session, Signal.number, "S-")
    session.add(signal)
    session.flush()
    alert.signal = signal
    about: Sequence[tuple[str, uuid.UUID]] = [
        ("signal", signal.id),
        ("foreign_alert", alert.id),
    ]
    journal.record(session, actor, "make signal of foreign alert", about, level=signal.level)
    happenings.announce(session, actor, SignalRaised(signal.id))
    return signal


def _signal(alert: ForeignAlert, level: str, substance_id: uuid.UUID | None) -> Signal:
    headline = alert.headlines.partition("\n")[0]
    words = _(
        "Alert of another country, not verified by us: %(headline)s (%(sender)s)",
        headline=headline,
        sender=alert.sender,
    )
    return Signal(
        id=uuid.uuid4(),
        source=SignalSource.PARTNER,
        level=level,
        state=SignalState.OPEN,
        substance_id=substance_id,
        reason=keep(words),
        data_hash=alert.sha256,
        opened_at=clock.now(),
    )
