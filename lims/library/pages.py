"""The library's pages: searching, one substance, the reference lots of a laboratory."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.words import _, say
from lims.library import operations, queries, references, rules, schemas
from lims.library.classes import class_words
from lims.library.records import Substance
from lims.network.rules import Permission

blueprint = Blueprint("library", __name__, url_prefix="/library")
PAGE = 50


@blueprint.get("")
def substances() -> ResponseReturnValue:
    """Search the substances by name, InChIKey or CAS number, and by class."""
    session, tongue = browser.session(), browser.language()
    typed = request.args.to_dict()
    problems = browser.Problems()
    filters = queries.SubstanceFilters()
    try:
        filters = schemas.SearchSchema().read(typed)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    page = browser.page_number()
    found, total = queries.substances(session, browser.actor(), filters, page, PAGE, tongue)
    shown = browser.render(
        "library/substances.html",
        substances=found,
        typed=typed,
        problems=problems,
        classes=_class_options(session),
        class_words=class_words,
        role_words=rules.ROLE_WORDS,
        status_words=rules.STATUS_WORDS,
        version=queries.library_version(session),
        **_way(page, total),
    )
    return shown, 422 if problems else 200


def _way(page: int, total: int) -> dict[str, Any]:
    """Return which part of a long list is shown, and the addresses before and after it."""
    kept = {name: request.args.get(name, "") for name in ("text", "chemical_class")}
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


def _class_options(session: Session) -> list[tuple[str, str]]:
    tongue = browser.language()
    codes = queries.chemical_classes(session)
    return sorted(((code, say(class_words(code), tongue)) for code in codes), key=_words)


def _words(option: tuple[str, str]) -> str:
    return rules.fold(option[1])


@blueprint.get("/substances/<uuid:substance_id>")
def substance(substance_id: uuid.UUID) -> ResponseReturnValue:
    """Show all that is known of a substance, each figure with its source."""
    session, tongue = browser.session(), browser.language()
    known = references.known_of(session, browser.actor(), substance_id)
    return browser.render(
        "library/substance.html",
        known=known,
        substance=known.substance,
        name=known.substance.name(tongue),
        structure=_structure(known.substance, tongue),
        colours=[_colour(session, colour, tongue) for colour in known.colours],
        systems={term.code: term for term in queries.terms(session, "tlc_system")},
        groups=[
            queries.term_label(session, "structural_group", code, tongue)
            for code in known.substance.groups
        ],
        class_words=class_words,
        role_words=rules.ROLE_WORDS,
        status_words=rules.STATUS_WORDS,
    )


def _structure(substance: Substance, tongue: str) -> Markup:
    """Return the drawing of a structure, or nothing when there is none."""
    if not substance.smiles:
        return Markup("")
    label = say(_("Structure of %(name)s", name=substance.name(tongue)), tongue)
    return Markup(_drawing(substance.smiles, label))  # our own SVG, its label escaped


@lru_cache(maxsize=512)
def _drawing(smiles: str, label: str) -> str:
    from lims.library import chemistry  # RDKit takes a second to load: only when one looks

    return chemistry.drawing(smiles, label)


def _colour(session: Session, colour: Any, tongue: str) -> dict[str, Any]:
    """Return a colour reference with its stages as (code, label) pairs."""
    return {
        "reagent": queries.term_label(session, "reagent", colour.reagent, tongue),
        "stages": [
            [(code, queries.term_label(session, "palette", code, tongue)) for code in stage]
            for stage in rules.stages(colour.colours)
        ],
        "agreement": colour.agreement,
        "source": colour.source,
    }


@blueprint.route("/lots", methods=["GET", "POST"])
def lots() -> ResponseReturnValue:
    """List the reference lots of one's laboratory and add one."""
    return browser.form_page(
        act=_add_lot,
        then=lambda _lot: url_for("library.lots"),
        done=lambda lot: _("Lot %(lot)s is added.", lot=lot.lot),
        show=_show_lots,
    )


def _add_lot(session: Session, actor: Actor, typed: dict[str, Any]) -> Any:
    found = queries.resolve_name(session, str(typed.get("substance", "")))
    substance_id = str(found.substance.id) if found.substance else ""
    if not substance_id:
        raise rules.refuse_name([one.name_en for one in found.candidates])
    whole = {**typed, "substance_id": substance_id, "site_id": str(actor.site_id or "")}
    return operations.add_reference_lot(session, actor, schemas.AddReferenceLotSchema().read(whole))


def _show_lots(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    here = actor.site_id or uuid.UUID(int=0)
    today = clock.today()
    listed = [
        (lot, what, rules.expiry_words(lot.expires, today), rules.has_expired(lot.expires, today))
        for lot, what in references.lots_of_laboratory(session, actor, here)
    ]
    return browser.render(
        "library/lots.html",
        lots=listed,
        typed=typed,
        problems=problems,
        may_add=actor.may(Permission.MANAGE_LABORATORY, here),
        suggestions=queries.suggestions(session, browser.language()),
    )
