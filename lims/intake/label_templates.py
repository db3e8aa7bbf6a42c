"""Making, changing and retiring templates of labels, and choosing the one of a site."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotPermitted, Problem, Refused, refuse_stale
from lims.foundation.words import _
from lims.intake import label_queries
from lims.intake.label_design import OWN
from lims.intake.label_facts import LabelTemplateFacts, wrong_facts
from lims.intake.label_records import LabelDefault, LabelTemplate
from lims.network import queries as network
from lims.network.rules import Permission


@dataclass(frozen=True)
class MakeLabelTemplate:
    """A new template of a site, or (no site) of the whole network."""

    facts: LabelTemplateFacts
    site_id: uuid.UUID | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ChangeLabelTemplate:
    """Another look for a template, as of a version that was read."""

    template_id: uuid.UUID
    facts: LabelTemplateFacts
    row_version: int


@dataclass(frozen=True)
class ChooseLabelTemplate:
    """The template that a site takes from now on; none: the usual roll again."""

    site_id: uuid.UUID
    template_id: uuid.UUID | None


def make_label_template(
    session: Session, actor: Actor, command: MakeLabelTemplate
) -> LabelTemplate:
    """Make a template; the same identifier again gives the same template."""
    actor.must(Permission.PRINT, command.site_id)
    _refuse_stranger(actor, command.site_id)
    known = session.get(LabelTemplate, command.id) if command.id else None
    if known is not None:
        if (known.site_id, known.name) != (command.site_id, command.facts.name.strip()):
            raise Refused(_("Another template has this identifier."))
        return known
    if command.site_id is not None:
        network.site(session, command.site_id)
    _refuse_wrong(session, command.facts, command.site_id, None)
    made = LabelTemplate(
        id=command.id or uuid.uuid4(), site_id=command.site_id, made_by=actor.account
    )
    _write(made, command.facts)
    session.add(made)
    session.flush()
    subjects = [("label template", made.id)]
    journal.record(session, actor, "make label template", subjects, name=made.name)
    return made


def change_label_template(
    session: Session, actor: Actor, command: ChangeLabelTemplate
) -> LabelTemplate:
    """Change a template; labels that are printed stay as they are. Raises Stale."""
    actor.must(Permission.PRINT)
    found = label_queries.template(session, actor, command.template_id)
    _refuse_stranger(actor, found.site_id)
    refuse_stale(found, command.row_version)
    if found.retired:
        raise Refused(_("This template is retired. Make a copy of it."))
    _refuse_wrong(session, command.facts, found.site_id, found.id)
    _write(found, command.facts)
    session.flush()
    subjects = [("label template", found.id)]
    journal.record(session, actor, "change label template", subjects, name=found.name)
    return found


def retire_label_template(session: Session, actor: Actor, template_id: uuid.UUID) -> LabelTemplate:
    """Offer a template no longer; sites that took it take the usual roll again."""
    actor.must(Permission.PRINT)
    found = label_queries.template(session, actor, template_id)
    _refuse_stranger(actor, found.site_id)
    found.retired = True
    session.flush()
    subjects = [("label template", found.id)]
    journal.record(session, actor, "retire label template", subjects, name=found.name)
    return found


def choose_label_template(
    session: Session, actor: Actor, command: ChooseLabelTemplate
) -> LabelTemplate | None:
    """Choose the template that a site takes when nobody chooses another."""
    actor.must(Permission.PRINT, command.site_id)
    site = network.site(session, command.site_id)
    found = None
    if command.template_id is not None:
        found = label_queries.template(session, actor, command.template_id)
        if found.retired or found.site_id not in (None, site.id):
            raise Refused(_("This template is not for this site."))
    chosen = session.get(LabelDefault, site.id)
    if found is None and chosen is not None:
        session.delete(chosen)
    elif found is not None and chosen is not None:
        chosen.template_id = found.id
    elif found is not None:
        session.add(LabelDefault(site_id=site.id, template_id=found.id))
    session.flush()
    subjects = [("site", site.id)]
    name = found.name if found else label_queries.USUAL_LAYOUT
    journal.record(session, actor, "choose label template", subjects, name=name)
    return found


def _refuse_stranger(actor: Actor, site_id: uuid.UUID | None) -> None:
    if not label_queries.may_change(actor, site_id):
        raise NotPermitted(
            _("Only who prints for the whole network changes its templates. Make a copy.")
        )


def _refuse_wrong(
    session: Session,
    facts: LabelTemplateFacts,
    site_id: uuid.UUID | None,
    itself: uuid.UUID | None,
) -> None:
    problems = wrong_facts(facts)
    same = select(LabelTemplate.id).where(
        LabelTemplate.name == facts.name.strip(),
        LabelTemplate.site_id == site_id if site_id else LabelTemplate.site_id.is_(None),
        LabelTemplate.retired.is_(False),
    )
    if session.scalar(same.where(LabelTemplate.id != itself) if itself else same):
        problems.append(Problem("name", _("Another template has this name.")))
    if problems:
        raise Invalid(problems)


def _write(found: LabelTemplate, facts: LabelTemplateFacts) -> None:
    found.name = facts.name.strip()
    found.paper = facts.paper
    found.own_paper = (
        {name: str(value) for name, value in facts.own.items() if value is not None}
        if facts.paper == OWN
        else {}
    )
    found.fields = list(facts.fields)
    found.qr_side, found.text_pt, found.copies = facts.qr_side, facts.text_pt, facts.copies
    found.offset_x, found.offset_y, found.output = facts.offset_x, facts.offset_y, facts.output
