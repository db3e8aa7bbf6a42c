"""The order of work as the rule in force makes it, and the rules themselves.

The samples that wait are ordered by the pure rule of `triage`, so that the order and its reason
never differ; only the few facts of the rule are read for all, the rest for one page.
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ColumnElement, exists, func, literal, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from lims.alerts.records import Alert, AlertVersion
from lims.custody.records import ParcelItem
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.shipped import shipped
from lims.foundation.words import Message, _
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample
from lims.library.queries import term_label
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.overview import triage
from lims.overview.records import QueueMove, TriageRule
from lims.overview.triage import Fact, Line, Place, RuleState, Told
from lims.products.records import Product

WAITING = ("received", "in analysis")
GRAVE_LEVELS = ("warning", "red")
Look = tuple[str, str, str]


@dataclass(frozen=True)
class Placed:
    """A sample that waits: where, since when, and why it stands where it stands."""

    sample_id: uuid.UUID
    laboratory_id: uuid.UUID | None
    code: str
    arrived: datetime
    place: Place


@dataclass(frozen=True)
class InForce:
    """The lines that order the work; `rule` is None for the shipped example, not adopted yet."""

    lines: tuple[Line, ...]
    source: str
    rule: TriageRule | None = None


def at_sites(actor: Actor, permission: str, column: Any) -> ColumnElement[bool]:
    """Return the condition that a record is at a site where the actor holds a permission."""
    sites = actor.sites_for(permission)
    return true() if sites is None else cast("ColumnElement[bool]", column.in_(sites))


# ------------------------------------------------------------------------------------------------
# The rules.
# ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def shipped_rule() -> InForce:
    """Return the example that comes with the program: a house convention, to be adopted."""
    path = shipped("reference_data") / "triage_rule.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = tuple(
        Line(Fact(row["fact"]), tuple(value for value in row["values"].split("|") if value))
        for row in rows
    )
    return InForce(lines, rows[0]["source"])


def rules_in_force(session: Session) -> Mapping[uuid.UUID | None, TriageRule]:
    """Return laboratory → its own rule; under None the rule of all others, when there is one."""
    query = select(TriageRule).where(TriageRule.state == RuleState.IN_FORCE)
    rows = session.scalars(query.order_by(TriageRule.number))
    return {one.laboratory_id: one for one in rows}


def chosen(
    rules: Mapping[uuid.UUID | None, TriageRule], laboratory_id: uuid.UUID | None
) -> InForce:
    """Return what orders the work of a laboratory: its own rule, the network's, the example."""
    found = rules.get(laboratory_id) or rules.get(None)
    if found is None:
        return shipped_rule()
    return InForce(triage.read(found.lines), found.source, found)


def rules(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[TriageRule], int]:
    """Return one page of every version of the rule, the newest first, and how many there are."""
    actor.must(Permission.FOLLOW_SAMPLES)
    total = session.scalar(select(func.count()).select_from(TriageRule)) or 0
    rows = session.scalars(
        select(TriageRule)
        .options(joinedload(TriageRule.laboratory))
        .order_by(TriageRule.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def rule(session: Session, actor: Actor, rule_id: uuid.UUID) -> TriageRule:
    """Return one version of the rule; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.get(TriageRule, rule_id, options=[joinedload(TriageRule.laboratory)])
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


# ------------------------------------------------------------------------------------------------
# The order.
# ------------------------------------------------------------------------------------------------


def ordered(session: Session, actor: Actor) -> list[Placed]:
    """Return every sample that waits for analysis at the actor's laboratories, first ones first."""
    actor.must(Permission.ORDER_WORK)
    rules = rules_in_force(session)
    asked = {line.fact for one in (None, *rules) for line in chosen(rules, one).lines}
    alerts = _alert_looks(session) if Fact.ALERT_LOOK in asked else {}
    products = _danger_looks(session) if Fact.DANGER_LOOK in asked else {}
    moves = _moves(session)
    found = []
    for row in session.execute(_waiting(actor, Fact.NEW_LOGO in asked)):
        look = (row.form, row.colour, fold_logo(row.logo))
        told = Told(
            incident=row.incident_link,
            taken=row.already_taken,
            effects=tuple(row.effects or ()),
            sold_as=row.key or "",
            form=row.form,
            logo=row.logo,
            new_logo=bool(row.new_logo),
            alert=_alert(alerts, look),
            product=products.get(look, "") if row.logo else "",
        )
        step, reason = moves.get(row.id, ("", ""))
        lines = chosen(rules, row.laboratory_id).lines
        place = triage.place(lines, told, step, reason)
        since = row.arrived or row.recorded_at
        found.append(Placed(row.id, row.laboratory_id, row.code, since, place))
    return sorted(found, key=lambda one: triage.order(one.place, one.arrived, one.code))


def _waiting(actor: Actor, with_logo: bool) -> Any:
    """Select of every waiting sample the facts that a rule may look at, and nothing else."""
    arrived = (
        select(func.min(ParcelItem.scanned_at))
        .where(ParcelItem.sample_id == Sample.id, ParcelItem.scan == "received")
        .correlate(Sample)
        .scalar_subquery()
    )
    earlier = aliased(Sample)
    seen = exists().where(
        earlier.logo == Sample.logo,
        earlier.form == Sample.form,
        earlier.recorded_at < Sample.recorded_at,
    )
    new_logo = ~seen if with_logo else literal(False)
    return (
        select(
            *(Sample.id, Sample.code, Sample.laboratory_id, Sample.recorded_at, Sample.form),
            *(Sample.colour, Sample.logo, Sample.incident_link, Sample.already_taken),
            *(Sample.effects, Substance.key),
            arrived.label("arrived"),
            new_logo.label("new_logo"),
        )
        .outerjoin(Substance, Substance.id == Sample.sold_as_id)
        .where(
            Sample.state.in_(WAITING),
            at_sites(actor, Permission.ORDER_WORK, Sample.laboratory_id),
        )
    )


def _moves(session: Session) -> dict[uuid.UUID, tuple[str, str]]:
    rows = session.execute(
        select(QueueMove.sample_id, QueueMove.step, QueueMove.reason)
        .join(Sample, Sample.id == QueueMove.sample_id)
        .where(QueueMove.ended_at.is_(None), Sample.state.in_(WAITING))
        .order_by(QueueMove.at)
    )
    return {sample_id: (step, reason) for sample_id, step, reason in rows}


def _alert_looks(session: Session) -> dict[Look, str]:
    """Return look → number of the alert in force that names form and a colour or logo."""
    rows = session.execute(
        select(AlertVersion.facts, Alert.number)
        .join(Alert, Alert.id == AlertVersion.alert_id)
        .where(AlertVersion.state == "published", AlertVersion.kind != "withdrawal")
        .order_by(Alert.number)
    )
    looks: dict[Look, str] = {}
    for facts, number in rows:
        form, colour, logo = (_text(facts.get(name)) for name in ("form", "colour", "logo"))
        if form and (colour or logo):
            looks[form, colour, fold_logo(logo)] = number
    return looks


def _text(value: Any) -> str:
    """Return a fact of an alert as the code it holds, whether alone or with its names."""
    if isinstance(value, Mapping):
        return str(value.get("code") or value.get("key") or "")
    return str(value or "")


def _alert(looks: Mapping[Look, str], look: Look) -> str:
    """Return the alert whose form, colour and logo are those of a sample; empty ones match all."""
    form, colour, logo = look
    for wanted in ((form, colour, logo), (form, "", logo), (form, colour, "")):
        if wanted in looks:
            return looks[wanted]
    return ""


def _danger_looks(session: Session) -> dict[Look, str]:
    rows = session.execute(
        select(Product.form, Product.colour, Product.logo_folded, Product.number).where(
            Product.danger.in_(GRAVE_LEVELS), Product.logo_folded != ""
        )
    )
    return {(form, colour, logo): number for form, colour, logo, number in rows}


# ------------------------------------------------------------------------------------------------
# In words.
# ------------------------------------------------------------------------------------------------

LISTS = {Fact.INCIDENT: "incident_link", Fact.TAKEN: "effect", Fact.FORM: "dosage_form"}


def because(session: Session, place: Place, language: str) -> Message:
    """Return in words why a sample stands where it does."""
    return triage.because(place, _label(session, place.fact, place.value, language))


def _label(session: Session, fact: Fact | None, value: str, language: str) -> str:
    if fact in LISTS and value:
        return term_label(session, LISTS[fact], value, language)
    return value


def labels(session: Session, lines: Iterable[Line], language: str) -> list[tuple[Line, list[str]]]:
    """Return each line with what its codes are called."""
    keys = {value for line in lines if line.fact == Fact.SOLD_AS for value in line.values}
    named = _names(session, sorted(keys), language)
    return [
        (line, [named.get(one) or _label(session, line.fact, one, language) for one in line.values])
        for line in lines
    ]


def _names(session: Session, keys: Sequence[str], language: str) -> dict[str, str]:
    if not keys:
        return {}
    found = session.scalars(select(Substance).where(Substance.key.in_(keys)))
    return {one.key: one.name(language) for one in found}
