"""Writing an alert: its facts, taken from what the network knows, and its messages.

Facts are kept with their names in three languages, so that a published alert reads the same when
the library has changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import audiences, queries, rules, verification
from lims.alerts.audiences import Audience
from lims.alerts.composing import compose
from lims.alerts.facts import GivenFacts, facts_of
from lims.alerts.records import Alert, AlertMessage, AlertVersion
from lims.alerts.rules import AlertState, EventState, Kind
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_stale
from lims.foundation.numbers import next_number
from lims.foundation.words import LANGUAGES, _
from lims.library import queries as library
from lims.network.rules import Permission


@dataclass(frozen=True)
class DraftAlert:
    """A new alert on an event."""

    event_id: uuid.UUID
    level: str
    review_on: date | None
    facts: GivenFacts = GivenFacts()
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class EditAlert:
    """Other facts for a draft; texts that nobody edited follow them."""

    version_id: uuid.UUID
    row_version: int
    level: str
    review_on: date | None
    facts: GivenFacts = GivenFacts()


@dataclass(frozen=True)
class EditMessage:
    """Another text for one audience in one language; both empty: composed from the facts again."""

    version_id: uuid.UUID
    row_version: int
    audience: str
    language: str
    headline: str
    body: str


@dataclass(frozen=True)
class EditedText:
    """A text as a person leaves it, in one language."""

    language: str
    headline: str
    body: str


@dataclass(frozen=True)
class EditTexts:
    """The texts of one audience in several languages, kept together or not at all."""

    version_id: uuid.UUID
    row_version: int
    audience: str
    texts: tuple[EditedText, ...]


def draft_alert(session: Session, actor: Actor, command: DraftAlert) -> AlertVersion:
    """Draft an alert on an event that is not refuted, with a message per audience and language.

    An alert may be drafted before its substance is identified. Sending it twice keeps one. Raises
    Invalid beside each field, Refused on a refuted event.
    """
    actor.must(Permission.DRAFT_ALERT)
    known = session.get(Alert, command.id) if command.id else None
    if known is not None:
        return known.versions[0]
    event = verification.event_to_change(session, command.event_id)
    if event.state == EventState.REFUTED:
        raise Refused(_("This event is refuted: there is nothing to warn of."))
    if event.state == EventState.MERGED:
        raise Refused(_("This event was merged into another. Go on there."))
    facts = facts_of(session, command.level, command.review_on, command.facts, event.product_id)
    alert = Alert(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Alert.number, f"{clock.today().year}-"),
        event_id=event.id,
        product_id=event.product_id,
        made_at=clock.now(),
    )
    session.add(alert)
    _name_substance(session, alert, facts)
    version = add_version(session, actor, alert, Kind.ALERT, facts, command.level)
    version.review_on = command.review_on or rules.default_review(clock.today())
    journal.record(session, actor, "draft alert", queries.about(version), level=command.level)
    return version


def _name_substance(session: Session, alert: Alert, facts: dict[str, Any]) -> None:
    key = (facts.get("substance") or {}).get("code", "")
    substance = library.substance_by_key(session, key) if key else None
    alert.substance_id = substance.id if substance else None


def add_version(
    session: Session, actor: Actor, alert: Alert, kind: Kind, facts: dict[str, Any], level: str
) -> AlertVersion:
    """Add the next version of an alert as a draft, its messages composed from its facts."""
    actor.must(queries.either(actor, Permission.DRAFT_ALERT, Permission.APPROVE_ALERT))
    last = max((one.version for one in alert.versions), default=0)
    version = AlertVersion(
        id=uuid.uuid4(),
        alert=alert,
        version=last + 1,
        kind=kind,
        state=AlertState.DRAFT,
        level=level,
        facts=facts,
        author=actor.account,
        editors=[],
        review_on=rules.default_review(clock.today()),
        made_at=clock.now(),
    )
    for audience, language in _each_message():
        text = compose(facts, audience, kind, language)
        version.messages.append(
            AlertMessage(
                audience=audience,
                language=language,
                headline=text.headline,
                body=text.body,
                tlp=audiences.TLP[audience],
            )
        )
    session.add(version)
    session.flush()
    journal.record(session, actor, "add alert version", queries.about(version), kind=str(kind))
    return version


def _each_message() -> Iterator[tuple[Audience, str]]:
    """Yield every audience with every language."""
    for audience in Audience:
        for language in LANGUAGES:
            yield audience, language


def edit_alert(session: Session, actor: Actor, command: EditAlert) -> AlertVersion:
    """Change the facts of a draft; texts that people edited stay as they wrote them."""
    actor.must(Permission.DRAFT_ALERT)
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_editing(version.state)
    refuse_stale(version, command.row_version)
    given = command.facts
    facts = facts_of(session, command.level, command.review_on, given, version.alert.product_id)
    for message in version.messages:
        if not queries.is_edited(version, message):
            text = compose(facts, Audience(message.audience), version.kind, message.language)
            message.headline, message.body = text.headline, text.body
    version.facts, version.level = facts, command.level
    version.review_on = command.review_on or version.review_on
    _name_substance(session, version.alert, facts)
    version.note_editor(actor.account)
    journal.record(session, actor, "edit alert", queries.about(version), level=command.level)
    return version


def edit_message(session: Session, actor: Actor, command: EditMessage) -> AlertVersion:
    """Change the text of one audience in one language; both parts empty composes it again."""
    actor.must(Permission.DRAFT_ALERT)
    version = _draft_to_change(session, command)
    text = EditedText(command.language, command.headline, command.body)
    problems = _keep_text(session, version, command.audience, text)
    if problems:
        raise Invalid(problems)
    _note_texts(session, actor, version, command.audience, [command.language])
    return version


def edit_texts(session: Session, actor: Actor, command: EditTexts) -> AlertVersion:
    """Change the texts of one audience, all languages at once; an empty text is composed again.

    Raises Invalid beside each part that is missing: then nothing is kept.
    """
    actor.must(Permission.DRAFT_ALERT)
    version = _draft_to_change(session, command)
    problems = [
        Problem(f"texts.{text.language}.{one.field}", one.message)
        for text in command.texts
        for one in _keep_text(session, version, command.audience, text)
    ]
    if problems:
        raise Invalid(problems)
    _note_texts(session, actor, version, command.audience, [one.language for one in command.texts])
    return version


def _draft_to_change(session: Session, command: EditMessage | EditTexts) -> AlertVersion:
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_editing(version.state)
    refuse_stale(version, command.row_version)
    return version


def _keep_text(
    session: Session, version: AlertVersion, audience: str, text: EditedText
) -> list[Problem]:
    """Keep a text, or return what is missing in it; one that is empty is composed again."""
    message = queries.message(session, version.id, audience, text.language)
    headline, body = text.headline.strip(), text.body.strip()
    if not headline and not body:
        composed = compose(version.facts, Audience(audience), version.kind, text.language)
        headline, body = composed.headline, composed.body
    problems = [
        Problem(name, _("A message needs a headline and a text."))
        for name, part in (("headline", headline), ("body", body))
        if not part
    ]
    if not problems:
        message.headline, message.body = headline, body
    return problems


def _note_texts(
    session: Session, actor: Actor, version: AlertVersion, audience: str, languages: list[str]
) -> None:
    version.note_editor(actor.account)
    which = {"audience": audience, "language": ", ".join(languages)}
    journal.record(session, actor, "edit alert message", queries.about(version), **which)
