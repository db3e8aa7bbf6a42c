"""The protocols' pages: what is in force, one version to read, and what changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation.words import say
from lims.protocols import documents, queries, readable
from lims.protocols.records import ProtocolVersion
from lims.protocols.rules import Technique
from lims.protocols.techniques import TECHNIQUE_WORDS, technique_words

blueprint = Blueprint("protocols", __name__, url_prefix="/protocols")


@blueprint.get("")
def protocols() -> ResponseReturnValue:
    """List the protocols in force by technique."""
    tongue = browser.language()
    wanted = request.args.get("technique", "")
    filters = queries.ProtocolFilters(wanted if wanted in set(Technique) else "")
    found, _total = queries.protocols(browser.session(), browser.actor(), filters)
    return browser.render(
        "protocols/protocols.html",
        shelves=_shelves(found, tongue),
        techniques=[(str(code), say(words, tongue)) for code, words in TECHNIQUE_WORDS.items()],
        technique=filters.technique,
    )


def _shelves(
    found: Sequence[ProtocolVersion], tongue: str
) -> list[tuple[str, list[ProtocolVersion]]]:
    order = {str(code): place for place, code in enumerate(Technique)}
    placed = sorted(found, key=lambda one: (order.get(one.technique, 99), one.name))
    return [
        (say(technique_words(technique), tongue), list(those))
        for technique, those in groupby(placed, key=lambda one: one.technique)
    ]


@blueprint.get("/<uuid:version_id>")
def protocol(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show one version of a protocol, its other versions, and what changed since the last."""
    session, tongue = browser.session(), browser.language()
    found = queries.protocol(session, browser.actor(), version_id)
    before = queries.version(session, found.supersedes_id) if found.supersedes_id else None
    versions = queries.versions(session, found.name)
    in_force = next((one for one in versions if one.withdrawn_at is None), None)
    return browser.render(
        "protocols/protocol.html",
        protocol=found,
        read=readable.read(found.document, tongue, documents.scope_names(tongue)),
        technique=say(technique_words(found.technique), tongue),
        versions=versions,
        in_force=in_force,
        before=before,
        changes=readable.changes(before.document, found.document) if before else [],
    )
