"""The reference standards of a laboratory: the bottles, what was taken, what expires soon."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import _, say
from lims.library import operations, queries, references, rules, schemas, stock
from lims.network.rules import Permission

blueprint = Blueprint("standards", __name__, url_prefix="/library/lots")


@blueprint.route("", methods=["GET", "POST"])
def lots() -> ResponseReturnValue:
    """List the reference lots of one's laboratory and add one."""
    return browser.form_page(
        act=_add_lot,
        then=lambda _lot: url_for("standards.lots"),
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
    today, tongue = clock.today(), browser.language()
    every = references.bottles(session, actor, here, text=request.args.get("text", ""))
    state = request.args.get("state", "")
    counts = {str(one): sum(bottle.state == one for bottle in every) for one in rules.LotState}
    listed = [bottle for bottle in every if not state or bottle.state == state]
    return browser.render(
        "library/lots.html",
        bottles=[(one, rules.expiry_words(one.lot.expires, today)) for one in listed],
        total=len(every),
        states=[
            (str(one), say(words, tongue), counts[one]) for one, words in rules.LOT_WORDS.items()
        ],
        state=state,
        state_words=rules.LOT_WORDS,
        typed={**request.args, **typed},
        problems=problems,
        may_add=actor.may(Permission.MANAGE_LABORATORY, here),
        suggestions=queries.suggestions(session, tongue),
    )


@blueprint.get("/<uuid:lot_id>")
def lot(lot_id: uuid.UUID) -> ResponseReturnValue:
    """Show a bottle with what was taken from it."""
    return _show_lot(browser.session(), browser.actor(), lot_id, {}, browser.Problems())


def _show_lot(
    session: Session,
    actor: Actor,
    lot_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    found = references.bottle(session, actor, lot_id)
    return browser.render(
        "library/lot.html",
        bottle=found,
        lot=found.lot,
        words=rules.expiry_words(found.lot.expires, clock.today()),
        state_words=rules.LOT_WORDS,
        name=found.substance.name(browser.language()),
        may_correct=actor.may(Permission.MANAGE_LABORATORY, found.lot.site_id),
        typed=typed,
        problems=problems,
    )


@blueprint.route("/<uuid:lot_id>/uses", methods=["GET", "POST"])
def use(lot_id: uuid.UUID) -> ResponseReturnValue:
    """Take an amount out of a bottle."""
    return browser.form_page(
        act=lambda session, actor, typed: stock.use_reference(
            session, actor, stock.UseReference(lot_id, **schemas.UseReferenceSchema().read(typed))
        ),
        then=lambda _lot: url_for("standards.lot", lot_id=lot_id),
        done=lambda kept: _("Taken out. Left: %(mg)s mg.", mg=kept.remaining_mg),
        show=lambda session, actor, typed, problems: _show_lot(
            session, actor, lot_id, typed, problems
        ),
    )


@blueprint.route("/<uuid:lot_id>/corrections", methods=["GET", "POST"])
def correct(lot_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what a bottle really holds."""
    return browser.form_page(
        act=lambda session, actor, typed: stock.correct_reference_lot(
            session,
            actor,
            stock.CorrectReferenceLot(lot_id, **schemas.CorrectReferenceLotSchema().read(typed)),
        ),
        then=lambda _lot: url_for("standards.lot", lot_id=lot_id),
        done=lambda kept: _("Counted again. Left: %(mg)s mg.", mg=kept.remaining_mg),
        show=lambda session, actor, typed, problems: _show_lot(
            session, actor, lot_id, typed, problems
        ),
    )
