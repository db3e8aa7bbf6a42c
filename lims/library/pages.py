"""The library's pages: searching, one substance, adding one, confirming its structure."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _, say
from lims.library import (
    adding,
    confirming,
    figures,
    masses,
    measuring,
    queries,
    references,
    rules,
    schemas,
    search,
    shown,
)
from lims.library.classes import CLASS_WORDS, class_words
from lims.network.rules import Permission

blueprint = Blueprint("library", __name__, url_prefix="/library")
PAGE = 50
MORE = ("role", "group", "status", "formula", "mz", "structure")


@blueprint.get("")
def substances() -> ResponseReturnValue:
    """Search the substances by name, identifier, formula, mass, structure, class and role."""
    session, tongue = browser.session(), browser.language()
    typed = request.args.to_dict()
    problems, page = browser.Problems(), browser.page_number()
    found = search.Found((), 0)
    try:
        filters = schemas.SearchSchema().read(typed)
        found = search.search(session, browser.actor(), filters, page, PAGE, tongue)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    shown_page = browser.render(
        "library/substances.html",
        found=found,
        likeness=figures.likeness(found.similarity) if typed.get("relation") == "similar" else {},
        typed=typed,
        problems=problems,
        searching=any(typed.get(name) for name in ("text", "chemical_class", *MORE)),
        more_open=any(typed.get(name) for name in MORE),
        **_choices(session, tongue),
        version=queries.library_version(session),
        **_way(page, found.total, typed),
    )
    return shown_page, 422 if problems else 200


def _choices(session: Session, tongue: str) -> dict[str, Any]:
    """Return the lists that a search chooses from, in words."""
    classes = [(code, say(class_words(code), tongue)) for code in queries.chemical_classes(session)]
    groups = queries.terms(session, "structural_group")
    return {
        "classes": sorted(classes, key=_words),
        "roles": _said(rules.ROLE_WORDS, tongue),
        "statuses": _said(rules.STATUS_WORDS, tongue),
        "groups": sorted(((one.code, one.label(tongue)) for one in groups), key=_words),
        "adducts": [(masses.NEUTRAL, say(_("neutral mass"), tongue))]
        + [(one, one) for one in masses.ADDUCTS],
        "class_words": class_words,
        "role_words": rules.ROLE_WORDS,
        "status_words": rules.STATUS_WORDS,
    }


def _said(words: Any, tongue: str) -> list[tuple[str, str]]:
    return [(str(code), say(message, tongue)) for code, message in words.items()]


def _words(option: tuple[str, str]) -> str:
    return rules.fold(option[1])


def _way(page: int, total: int, typed: dict[str, str]) -> dict[str, Any]:
    """Return which part of a long list is shown, and the addresses before and after it."""
    fields = schemas.SearchSchema().fields
    kept = {name: value for name, value in typed.items() if value and name in fields}
    first = (page - 1) * PAGE + 1
    last = min(page * PAGE, total)

    def address(number: int) -> str:
        return url_for("library.substances", page=number, _external=False, **kept)

    return {
        "first": first,
        "last": last,
        "total": total,
        "previous_url": address(page - 1) if page > 1 else None,
        "next_url": address(page + 1) if last < total else None,
    }


@blueprint.get("/substances/<uuid:substance_id>")
def substance(substance_id: uuid.UUID) -> ResponseReturnValue:
    """Show all that is known of a substance, each figure with its source."""
    return _show_substance(browser.session(), browser.actor(), substance_id, {}, browser.Problems())


def _show_substance(
    session: Session,
    actor: Actor,
    substance_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    tongue = browser.language()
    known = references.known_of(session, actor, substance_id)
    labels = figures.Labels(session, tongue)
    return browser.render(
        "library/substance.html",
        known=known,
        substance=known.substance,
        name=known.substance.name(tongue),
        marked=known.substance.is_marked,
        structure=figures.structure(known.substance, tongue),
        computed=shown.computed_of(known.substance),
        isotopes=figures.isotopes(known.substance, tongue),
        colours=[labels.colour(one) for one in known.colours],
        own_colours=[labels.colour(one) for one in known.measured_colours],
        systems={term.code: term for term in queries.terms(session, "tlc_system")},
        groups=figures.groups(session, known.substance, tongue),
        class_words=class_words,
        role_words=rules.ROLE_WORDS,
        status_words=rules.STATUS_WORDS,
        may_add=actor.may(Permission.ADD_REFERENCE),
        may_take_back={one.site_id for one in known.plates if _heads(actor, one.site_id)},
        standing=[one for one in known.confirmations if one.withdrawn_at is None],
        typed=typed,
        problems=problems,
    )


def _heads(actor: Actor, site_id: uuid.UUID) -> bool:
    return actor.may(Permission.MANAGE_LABORATORY, site_id)


@blueprint.route("/substances/new", methods=["GET", "POST"])
def new_substance() -> ResponseReturnValue:
    """Add a substance that the library lacks."""
    return browser.form_page(
        act=lambda session, actor, typed: adding.add_substance(
            session, actor, schemas.AddSubstanceSchema().read(typed)
        ),
        then=lambda made: url_for("library.substance", substance_id=made.id),
        done=lambda made: _("%(name)s is added. Two people must confirm it.", name=made.name_en),
        show=_show_new,
    )


def _show_new(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    actor.must(Permission.ADD_REFERENCE)
    tongue = browser.language()
    twin = figures.twin(session, str(typed.get("smiles", ""))) if problems else None
    classes = [(code, say(words, tongue)) for code, words in CLASS_WORDS.items()]
    return browser.render(
        "library/new_substance.html",
        typed=typed,
        problems=problems,
        twin=twin,
        drawing=figures.preview(str(typed.get("smiles", "")), tongue) if problems else "",
        classes=sorted(classes, key=_words),
        roles=_said(rules.ROLE_WORDS, tongue),
    )


def _act_on(
    substance_id: uuid.UUID,
    act: Callable[[Session, Actor, dict[str, Any]], object],
    done: Message,
) -> ResponseReturnValue:
    """Do an act of a substance's page; a refusal shows the page again with what was typed."""
    return browser.form_page(
        act=act,
        then=lambda _record: url_for("library.substance", substance_id=substance_id),
        done=lambda _record: done,
        show=lambda session, actor, typed, problems: _show_substance(
            session, actor, substance_id, typed, problems
        ),
    )


@blueprint.route("/substances/<uuid:substance_id>/confirmation", methods=["GET", "POST"])
def confirm(substance_id: uuid.UUID) -> ResponseReturnValue:
    """Vouch for a structure."""
    return _act_on(
        substance_id,
        lambda session, actor, typed: confirming.confirm_structure(
            session,
            actor,
            confirming.ConfirmStructure(substance_id, **schemas.ConfirmSchema().read(typed)),
        ),
        _("Your confirmation is written down."),
    )


@blueprint.post("/substances/<uuid:substance_id>/confirmations/<uuid:confirmation_id>/withdrawal")
def withdraw(substance_id: uuid.UUID, confirmation_id: uuid.UUID) -> ResponseReturnValue:
    """Take a confirmation back."""
    return browser.act_and_go(
        lambda session, actor, typed: confirming.withdraw_confirmation(
            session,
            actor,
            confirming.WithdrawConfirmation(
                confirmation_id, **schemas.TakeBackSchema().read(typed)
            ),
        ),
        url_for("library.substance", substance_id=substance_id),
        _("The confirmation is taken back."),
    )


@blueprint.route("/substances/<uuid:substance_id>/names", methods=["GET", "POST"])
def add_name(substance_id: uuid.UUID) -> ResponseReturnValue:
    """Add a synonym."""
    return _act_on(
        substance_id,
        lambda session, actor, typed: adding.add_synonym(
            session,
            actor,
            adding.AddSynonym(substance_id, **schemas.SynonymSchema().read(typed)),
        ),
        _("The name is added."),
    )


@blueprint.post("/substances/<uuid:substance_id>/names/<uuid:name_id>/removal")
def remove_name(substance_id: uuid.UUID, name_id: uuid.UUID) -> ResponseReturnValue:
    """Remove a synonym that a person added."""
    return browser.act_and_go(
        lambda session, actor, typed: adding.remove_synonym(
            session, actor, adding.RemoveSynonym(substance_id, name_id)
        ),
        url_for("library.substance", substance_id=substance_id),
        _("The name is removed."),
    )


@blueprint.post("/substances/<uuid:substance_id>/measurements/<uuid:run_id>/withdrawal")
def take_back(substance_id: uuid.UUID, run_id: uuid.UUID) -> ResponseReturnValue:
    """Let the values of a plate count nowhere any more."""
    return browser.act_and_go(
        lambda session, actor, typed: measuring.take_back_measurements(
            session,
            actor,
            measuring.TakeBackMeasurements(run_id, **schemas.TakeBackSchema().read(typed)),
        ),
        url_for("library.substance", substance_id=substance_id),
        _("The values of this plate count no more."),
    )
