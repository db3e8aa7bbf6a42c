"""Duties and what they permit: the whole table on one page, and when a login is refused.

Nothing else in the program decides who may do what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from lims.foundation.errors import Problem
from lims.foundation.words import _


class OrganisationKind(StrEnum):
    """What an organisation does in the network."""

    TESTING = "testing"
    LABORATORY = "laboratory"
    COORDINATION = "coordination"
    PARTNER = "partner"


class Duty(StrEnum):
    """What a member is trusted with, at a site or in the whole network."""

    TESTING_POINT_WORKER = "testing-point worker"
    COUNSELLOR = "counsellor"
    CHEMIST = "chemist"
    VERIFIER = "verifier"
    LABORATORY_HEAD = "laboratory head"
    LOCAL_COORDINATOR = "local coordinator"
    NETWORK_COORDINATOR = "network coordinator"
    ALERT_APPROVER = "alert approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What an operation asks for in its first line."""

    REGISTER = "register samples"
    PRINT = "print labels and tickets"
    USE_DEVICE = "use a device without network"
    RESCUE_RECORDS = "bring in records of a lost device"
    HAND_OVER = "hand over parcels"
    RECEIVE = "receive parcels"
    MANAGE_CUSTODY = "account for masses"
    KEEP_PERMITS = "keep transport authorisations"
    ANALYSE = "record analyses"
    CONCLUDE = "propose a conclusion"
    ADD_REFERENCE = "add reference measurements"
    VERIFY = "verify and release"
    MANAGE_LABORATORY = "manage the laboratory"
    RECORD_TRAINING = "write down trainings"
    CALIBRATE = "calibrate identification"
    READ_FINDINGS = "read released findings"
    READ_BY_CODE = "read a finding by the code shown"
    FOLLOW_SAMPLES = "follow samples"
    CONSULT = "consult products, alerts and library"
    RECORD_TALK = "record the talk"
    REPORT_EFFECT = "report an effect"
    PUBLISH_PROTOCOL = "publish protocols"
    PUBLISH_RULES = "publish danger rules"
    APPROVE_RULES = "approve danger rules"
    EDIT_PRODUCTS = "edit the product database"
    TRIAGE = "triage signals"
    DRAFT_ALERT = "draft alerts"
    APPROVE_ALERT = "approve alerts"
    KEEP_RECIPIENTS = "keep recipients of alerts"
    ORDER_WORK = "order the work list"
    PROPOSE_TRIAGE = "propose the order of work"
    APPROVE_TRIAGE = "approve the order of work"
    EDIT_POINT = "describe a testing point"
    PUBLISH_POINT = "publish the page of a testing point"
    IMPORT_RESULTS = "import partner results"
    READ_INDICATORS = "read indicators"
    MAKE_REPORT = "make reports"
    APPROVE_REPORT = "approve reports"
    EXPORT = "export data"
    READ_JOURNAL = "read the journal"
    ADMINISTER = "administer accounts and sites"


P = Permission
TABLE: Mapping[Duty, frozenset[Permission]] = {
    Duty.TESTING_POINT_WORKER: frozenset(
        {P.REGISTER, P.PRINT, P.HAND_OVER, P.READ_FINDINGS, P.FOLLOW_SAMPLES, P.CONSULT}
        | {P.RECORD_TALK, P.REPORT_EFFECT, P.USE_DEVICE, P.EDIT_POINT}
    ),
    Duty.COUNSELLOR: frozenset(
        {P.READ_FINDINGS, P.READ_BY_CODE, P.CONSULT, P.RECORD_TALK, P.REPORT_EFFECT}
    ),
    Duty.CHEMIST: frozenset(
        {P.RECEIVE, P.ANALYSE, P.CONCLUDE, P.ADD_REFERENCE, P.READ_FINDINGS}
        | {P.FOLLOW_SAMPLES, P.CONSULT, P.MANAGE_CUSTODY, P.USE_DEVICE, P.ORDER_WORK}
    ),
    Duty.VERIFIER: frozenset({P.VERIFY, P.READ_FINDINGS, P.FOLLOW_SAMPLES, P.CONSULT}),
    Duty.LABORATORY_HEAD: frozenset(
        {P.MANAGE_LABORATORY, P.RECEIVE, P.HAND_OVER, P.READ_FINDINGS, P.FOLLOW_SAMPLES, P.CONSULT}
        | {P.MANAGE_CUSTODY, P.READ_INDICATORS, P.RECORD_TRAINING, P.CALIBRATE, P.ADD_REFERENCE}
        | {P.USE_DEVICE, P.ORDER_WORK, P.PROPOSE_TRIAGE, P.APPROVE_TRIAGE}
    ),
    Duty.LOCAL_COORDINATOR: frozenset(
        {P.HAND_OVER, P.RECEIVE, P.MANAGE_CUSTODY, P.FOLLOW_SAMPLES, P.READ_FINDINGS}
        | {P.CONSULT, P.READ_INDICATORS, P.PRINT, P.PROPOSE_TRIAGE, P.EDIT_POINT}
        | {P.PUBLISH_POINT, P.USE_DEVICE, P.RESCUE_RECORDS, P.KEEP_PERMITS}
    ),
    Duty.NETWORK_COORDINATOR: frozenset(
        {P.PUBLISH_PROTOCOL, P.PUBLISH_RULES, P.EDIT_PRODUCTS, P.TRIAGE, P.DRAFT_ALERT}
        | {P.IMPORT_RESULTS, P.READ_INDICATORS, P.READ_FINDINGS, P.FOLLOW_SAMPLES, P.CONSULT}
        | {P.REPORT_EFFECT, P.CALIBRATE, P.PROPOSE_TRIAGE, P.APPROVE_TRIAGE, P.EDIT_POINT}
        | {P.PUBLISH_POINT, P.EXPORT, P.APPROVE_RULES, P.KEEP_RECIPIENTS}
        | {P.MAKE_REPORT, P.APPROVE_REPORT}
    ),
    Duty.ALERT_APPROVER: frozenset(
        {P.APPROVE_ALERT, P.APPROVE_RULES, P.CONSULT, P.READ_FINDINGS, P.APPROVE_REPORT}
    ),
    Duty.AUDITOR: frozenset({P.READ_JOURNAL, P.READ_INDICATORS, P.EXPORT}),
    Duty.ADMINISTRATOR: frozenset({P.ADMINISTER, P.KEEP_PERMITS}),
}

OPERATOR: frozenset[Permission] = frozenset(
    {P.PUBLISH_PROTOCOL, P.PUBLISH_RULES, P.IMPORT_RESULTS, P.READ_JOURNAL, P.ADMINISTER, P.PRINT}
    | {P.FOLLOW_SAMPLES, P.ADD_REFERENCE, P.RECORD_TRAINING, P.CONSULT, P.KEEP_PERMITS}
    | {P.USE_DEVICE, P.RESCUE_RECORDS, P.REGISTER, P.TRIAGE, P.KEEP_RECIPIENTS, P.EXPORT}
    | {P.READ_INDICATORS}
)
"""What the person at the server's own command line may do."""


RESCUED: frozenset[Permission] = frozenset({P.REGISTER})
"""What rescuing the records of a device permits besides, at the device's site and for its records
alone: a person at the table recorded them, who may not be there to send them."""


class HeldDuty(Protocol):
    """A duty as it is held: where, from when, until when."""

    @property
    def duty(self) -> str: ...
    @property
    def site_id(self) -> object: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...


def grants(held: Iterable[HeldDuty], at: datetime) -> dict[str, frozenset[object]]:
    """Return permission → sites (None: everywhere) from the duties in force at a moment."""
    found: dict[str, set[object]] = {}
    for duty in held:
        if duty.since <= at and (duty.until is None or at < duty.until):
            for permission in TABLE[Duty(duty.duty)]:
                found.setdefault(permission, set()).add(duty.site_id)
    return {permission: frozenset(sites) for permission, sites in found.items()}


MINIMUM_PASSWORD = 12
"""NIST SP 800-63B and OWASP ASVS 5.0 6.2.1 ask for at least 8; 15 recommended; we take 12."""


def weak_password(account: str, password: str) -> list[Problem]:
    """Return what is wrong with a new password."""
    if len(password) < MINIMUM_PASSWORD:
        return [
            Problem("password", _("At least %(n)s characters, please.", n=MINIMUM_PASSWORD)),
        ]
    if len(password) > 1024:
        return [Problem("password", _("At most %(n)s characters, please.", n=1024))]
    if account.lower() in password.lower() or len(set(password)) < 5:
        return [Problem("password", _("This password is too easy to guess."))]
    return []


def is_locked(locked_until: datetime | None, at: datetime) -> bool:
    """Tell whether an account still waits after too many wrong passwords."""
    return locked_until is not None and at < locked_until


def locked_after(failures: int, tries: int, minutes: int, at: datetime) -> datetime | None:
    """Return until when an account waits after so many failures, or None."""
    return at + timedelta(minutes=minutes) if failures >= tries else None


def session_has_ended(
    *, created: datetime, seen: datetime, at: datetime, idle_minutes: int, hours: int
) -> bool:
    """Tell whether a staff session is over, by idleness or by age."""
    return at - seen > timedelta(minutes=idle_minutes) or at - created > timedelta(hours=hours)
