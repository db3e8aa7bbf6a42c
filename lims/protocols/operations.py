"""Publishing protocols. A published version never changes; a new one supersedes it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused
from lims.foundation.shipped import shipped
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.protocols import queries, rules
from lims.protocols.documents import documents_in
from lims.protocols.records import ProtocolVersion


def publish_shipped(session: Session, actor: Actor) -> list[ProtocolVersion]:
    """Publish the shipped documents that are not published yet, and return these."""
    actor.must(Permission.PUBLISH_PROTOCOL)
    documents = documents_in(shipped("protocols"))
    made = [publish(session, actor, document) for document in documents]
    return [version for version in made if version is not None]


def publish(session: Session, actor: Actor, document: Mapping[str, Any]) -> ProtocolVersion | None:
    """Publish one document; None when the same content is already published.

    Raises Invalid with every problem of the document, and Refused when this version has been
    published with another content or when the version before it has not been published.
    """
    actor.must(Permission.PUBLISH_PROTOCOL)
    _refuse_unsound(document)
    name, number = document["name"], document["version"]
    hashed = rules.content_hash(document)
    there = queries.published(session, name, number)
    if there is not None:
        _refuse_another_content(there, hashed)
        return None
    before = _version_before(session, name, number)
    made = ProtocolVersion(
        id=uuid.uuid4(),
        name=name,
        version=number,
        technique=document["technique"],
        titles=dict(document["title"]),
        content_hash=hashed,
        document=dict(document),
        published_by=actor.account,
        supersedes_id=before.id if before else None,
    )
    session.add(made)
    about = [("protocol", made.id)]
    journal.record(session, actor, "publish protocol", about, label=made.label, hash=hashed)
    return made


def _refuse_unsound(document: Mapping[str, Any]) -> None:
    problems = rules.check_document(document)
    if problems:
        which = f"{document.get('name', '?')}-{document.get('version', '?')}"
        named = [Problem(f"{which}: {one.field}", one.message) for one in problems]
        raise Invalid(named, _("This protocol cannot be published yet."))


def _refuse_another_content(there: ProtocolVersion, hashed: str) -> None:
    if there.content_hash != hashed:
        words = _(
            "%(name)s version %(version)s is already published with another content. "
            "A published version never changes: publish this as version %(next)s.",
            name=there.name,
            version=there.version,
            next=there.version + 1,
        )
        raise Refused(words)


def _version_before(session: Session, name: str, number: int) -> ProtocolVersion | None:
    if number == 1:
        return None
    before = queries.published(session, name, number - 1)
    if before is None:
        words = _(
            "Publish version %(before)s of %(name)s before version %(version)s.",
            before=number - 1,
            name=name,
            version=number,
        )
        raise Refused(words)
    return before
