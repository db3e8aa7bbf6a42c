"""One's own work of today: how many records wait for each act that one's duties allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lims.alerts.outbox import Delivery, Recipient
from lims.alerts.records import AlertVersion, Event
from lims.analysis.records import Run
from lims.custody import authorisations
from lims.custody.records import Parcel
from lims.findings.records import Finding
from lims.findings.rule_records import JudgedAgain, RuleDraft
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _
from lims.intake.records import Sample
from lims.network.points import PointPage
from lims.network.rules import Permission
from lims.overview.ordering import WAITING, at_sites
from lims.overview.records import TriageRule
from lims.surveillance.records import Signal

P = Permission


@dataclass(frozen=True)
class Waiting:
    """A kind of work: what it is, who may do it, where it is done, and what counts."""

    words: Message
    permission: Permission
    endpoint: str
    icon: str
    query: Callable[[Actor], Select[Any]]


def _count(table: Any) -> Select[Any]:
    return select(func.count()).select_from(table)


KINDS = (
    Waiting(
        _("Samples that wait for a parcel"),
        P.HAND_OVER,
        "custody.parcels",
        "box",
        lambda who: _count(Sample).where(
            Sample.state == "registered", at_sites(who, P.HAND_OVER, Sample.site_id)
        ),
    ),
    Waiting(
        _("Parcels to seal or to send"),
        P.HAND_OVER,
        "custody.parcels",
        "box",
        lambda who: _count(Parcel).where(
            Parcel.state.in_(("draft", "sealed")), at_sites(who, P.HAND_OVER, Parcel.from_site_id)
        ),
    ),
    Waiting(
        _("Parcels on their way to you"),
        P.RECEIVE,
        "custody.parcels",
        "box",
        lambda who: _count(Parcel).where(
            Parcel.state.in_(("in transit", "partly received")),
            at_sites(who, P.RECEIVE, Parcel.to_site_id),
        ),
    ),
    Waiting(
        _("Transport authorisations that end soon"),
        P.HAND_OVER,
        "permits.permits",
        "sign",
        lambda who: authorisations.ending(who, P.HAND_OVER),
    ),
    Waiting(
        _("Transport authorisations to renew"),
        P.ADMINISTER,
        "permits.permits",
        "sign",
        lambda who: authorisations.ending(who, P.KEEP_PERMITS),
    ),
    Waiting(
        _("Samples to analyse"),
        P.ANALYSE,
        "overview.work_list",
        "flask",
        lambda who: _count(Sample).where(
            Sample.state.in_(WAITING), at_sites(who, P.ANALYSE, Sample.laboratory_id)
        ),
    ),
    Waiting(
        _("Your runs that are not finished"),
        P.ANALYSE,
        "analysis.runs",
        "plate",
        lambda who: _count(Run).where(Run.state == "recorded", Run.analyst == who.account),
    ),
    Waiting(
        _("Your findings that are not finished"),
        P.CONCLUDE,
        "overview.work_list",
        "pencil",
        lambda who: _count(Finding).where(Finding.state == "draft", Finding.author == who.account),
    ),
    Waiting(
        _("Runs to verify"),
        P.VERIFY,
        "overview.to_verify",
        "check",
        lambda who: _count(Run).where(
            Run.state == "to verify",
            Run.analyst != who.account,
            at_sites(who, P.VERIFY, Run.site_id),
        ),
    ),
    Waiting(
        _("Findings to verify"),
        P.VERIFY,
        "overview.to_verify",
        "sign",
        lambda who: _count(Finding).where(
            Finding.state == "to verify",
            Finding.author != who.account,
            at_sites(who, P.VERIFY, Finding.site_id),
        ),
    ),
    Waiting(
        _("Proposed orders of work to decide on"),
        P.APPROVE_TRIAGE,
        "triage.rules",
        "queue",
        lambda who: _count(TriageRule).where(
            TriageRule.state == "draft",
            TriageRule.drafted_by != who.account,
            at_sites(who, P.APPROVE_TRIAGE, TriageRule.laboratory_id),
        ),
    ),
    Waiting(
        _("Pages of testing points that are not published"),
        P.PUBLISH_POINT,
        "points.listed_points",
        "people",
        lambda who: _count(PointPage).where(
            PointPage.published_at.is_(None), at_sites(who, P.PUBLISH_POINT, PointPage.site_id)
        ),
    ),
    Waiting(
        _("Drafts of danger rules to decide on"),
        P.APPROVE_RULES,
        "rules.drafts",
        "sign",
        lambda who: _count(RuleDraft).where(
            RuleDraft.state == "review", RuleDraft.author != who.account
        ),
    ),
    Waiting(
        _("Your danger rules that are drafts"),
        P.PUBLISH_RULES,
        "rules.drafts",
        "pencil",
        lambda who: _count(RuleDraft).where(
            RuleDraft.state == "draft", RuleDraft.author == who.account
        ),
    ),
    Waiting(
        _("Findings that a newer danger rule judges otherwise"),
        P.PUBLISH_RULES,
        "judged.to_look_at_again",
        "back",
        lambda who: (
            _count(JudgedAgain)
            .join(Finding)
            .where(JudgedAgain.settled_at.is_(None), Finding.state == "released")
        ),
    ),
    Waiting(
        _("Signals to look at"),
        P.TRIAGE,
        "surveillance.signals",
        "pulse",
        lambda who: _count(Signal).where(Signal.state == "open"),
    ),
    Waiting(
        _("Events to decide on"),
        P.DRAFT_ALERT,
        "events.events",
        "beacon",
        lambda who: _count(Event).where(Event.state == "pending"),
    ),
    Waiting(
        _("Events under verification, to assess"),
        P.APPROVE_ALERT,
        "events.events",
        "beacon",
        lambda who: _count(Event).where(Event.state == "pending"),
    ),
    Waiting(
        _("Your alerts that are drafts"),
        P.DRAFT_ALERT,
        "alerts.alerts",
        "pencil",
        lambda who: _count(AlertVersion).where(
            AlertVersion.state == "draft", AlertVersion.author == who.account
        ),
    ),
    Waiting(
        _("Alerts that wait for approval"),
        P.APPROVE_ALERT,
        "alerts.alerts",
        "beacon",
        lambda who: _count(AlertVersion).where(
            AlertVersion.state == "review", AlertVersion.author != who.account
        ),
    ),
    Waiting(
        _("Recipients that wait for a second person"),
        P.APPROVE_ALERT,
        "recipients.recipients_page",
        "people",
        lambda who: _count(Recipient).where(
            Recipient.verified_at.is_(None),
            Recipient.removed_at.is_(None),
            Recipient.added_by != who.account,
        ),
    ),
    Waiting(
        _("Messages that could not be delivered"),
        P.KEEP_RECIPIENTS,
        "deliveries.deliveries_page",
        "err",
        lambda who: _count(Delivery).where(Delivery.state == "dead"),
    ),
    Waiting(
        _("Alerts in force"),
        P.CONSULT,
        "alerts.alerts",
        "beacon",
        lambda who: _count(AlertVersion).where(
            AlertVersion.state == "published", AlertVersion.kind != "withdrawal"
        ),
    ),
)


def own_work(session: Session, actor: Actor) -> list[tuple[Waiting, int]]:
    """Return the kinds of work that the actor's duties cover, each with its count; one query."""
    kinds = [kind for kind in KINDS if actor.may(kind.permission)]
    if not kinds:
        return []
    counts = session.execute(select(*(kind.query(actor).scalar_subquery() for kind in kinds))).one()
    return list(zip(kinds, (int(count) for count in counts), strict=True))
