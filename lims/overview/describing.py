"""What a testing point says of itself: edited as a draft, published by a coordinator.

Its words are not looked through for persons: a service publishes its own place on purpose, and a
coordinator reads it before.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_stale
from lims.foundation.words import LANGUAGES, _
from lims.intake import rules as intake_rules
from lims.library import queries as library
from lims.network import opening
from lims.network.opening import Timetable
from lims.network.points import PointPage
from lims.network.queries import sites
from lims.network.rules import Permission
from lims.overview import points

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
LONGEST_PLACE = 400
SPOKEN = (
    *("fr", "nl", "en", "de", "ar", "tr", "es", "it", "pt", "pl", "ro", "bg", "uk", "ru"),
    *("so", "ti", "fa", "ps"),
)
"""Languages that a point may say it speaks, as codes of ISO 639-1."""


@dataclass(frozen=True)
class DescribePoint:
    """The draft of a point's page, whole."""

    site_id: uuid.UUID
    slug: str
    timetable: Timetable
    languages: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    laboratories: tuple[uuid.UUID, ...] = ()
    place: dict[str, str] = field(default_factory=dict)
    row_version: int | None = None


@dataclass(frozen=True)
class PublishPoint:
    """The draft as it was read becomes what the public reads; or the page is taken down."""

    site_id: uuid.UUID
    row_version: int | None = None


def describe_point(session: Session, actor: Actor, command: DescribePoint) -> PointPage:
    """Write the draft of a point's page; the public reads it after it is published."""
    actor.must(Permission.EDIT_POINT)
    site, page = points.point(session, actor, command.site_id)
    if page is not None:
        refuse_stale(page, command.row_version)
    problems = _problems(session, command)
    if problems:
        raise Invalid(problems)
    if page is None:
        page = PointPage(id=uuid.uuid4(), site=site, published={})
        session.add(page)
    page.slug, page.draft = command.slug, _kept(command)
    page.edited_by, page.edited_at = actor.account, clock.now()
    session.flush()
    journal.record(session, actor, "describe point", [("site", site.id)], slug=page.slug)
    return page


def publish_point(session: Session, actor: Actor, command: PublishPoint) -> PointPage:
    """Publish the draft of a point's page; raises Refused while it says not when it is open."""
    actor.must(Permission.PUBLISH_POINT)
    page = _page(session, actor, command)
    timetable = points.facts_of(page.draft).timetable
    if not timetable.weekly and not timetable.sessions:
        raise Refused(_("Say when it is open before the page is published."))
    page.published = dict(page.draft)
    page.published_by, page.published_at = actor.account, clock.now()
    session.flush()
    journal.record(session, actor, "publish point", [("site", page.site_id)], slug=page.slug)
    return page


def unpublish_point(session: Session, actor: Actor, command: PublishPoint) -> PointPage:
    """Take the page of a point down; its draft stays."""
    actor.must(Permission.PUBLISH_POINT)
    page = _page(session, actor, command)
    if not page.is_published:
        raise Refused(_("This page is not published."))
    page.published, page.published_by, page.published_at = {}, "", None
    session.flush()
    journal.record(session, actor, "unpublish point", [("site", page.site_id)], slug=page.slug)
    return page


def _page(session: Session, actor: Actor, command: PublishPoint) -> PointPage:
    site, page = points.point(session, actor, command.site_id)
    actor.must(Permission.PUBLISH_POINT, site.id)
    if page is None:
        raise Refused(_("Nothing is written for this testing point yet."))
    refuse_stale(page, command.row_version)
    return page


def _kept(command: DescribePoint) -> dict[str, Any]:
    return {
        **opening.kept(command.timetable),
        "languages": list(command.languages),
        "forms": list(command.forms),
        "laboratories": [str(one) for one in command.laboratories],
        "place": {code: text for code, text in command.place.items() if text},
    }


def _problems(session: Session, command: DescribePoint) -> list[Problem]:
    found = _slug_problems(session, command)
    found += opening.problems(command.timetable)
    known = {term.code for term in library.terms(session, "dosage_form")}
    there = {one.id for one in sites(session, "laboratory")}
    chosen = _("Choose one of the list.")
    for name, good in (
        ("languages", set(command.languages) <= set(SPOKEN)),
        ("forms", set(command.forms) <= known),
        ("laboratories", set(command.laboratories) <= there),
    ):
        found += [] if good else [Problem(name, chosen)]
    return found + _place_problems(command.place)


def _slug_problems(session: Session, command: DescribePoint) -> list[Problem]:
    if not SLUG.fullmatch(command.slug) or len(command.slug) > 60:
        return [Problem("slug", _("Small letters, digits and dashes only, such as brussels-one."))]
    taken = session.scalar(
        select(PointPage.id).where(
            PointPage.slug == command.slug, PointPage.site_id != command.site_id
        )
    )
    return [Problem("slug", _("Another point has this address."))] if taken else []


def _place_problems(place: dict[str, str]) -> list[Problem]:
    told = {code: text for code, text in place.items() if text}
    found = []
    for code, text in told.items():
        plain = text.replace("\n", " ")
        found += intake_rules.wrong_text(f"place.{code}", plain, LONGEST_PLACE)
    if told:
        found += [
            Problem(f"place.{code}", _("The text in this language is missing."))
            for code in LANGUAGES
            if code not in told
        ]
    return found
