"""The page of transport authorisations: which there are, a new one, one that is withdrawn."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.custody import authorisations, keeping_schemas, operations
from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.network import queries as network
from lims.network.rules import Permission

blueprint = Blueprint("permits", __name__)
PAGE = 50


@blueprint.route("/permits", methods=["GET", "POST"])
def permits() -> ResponseReturnValue:
    """List the authorisations of one's sites, and write one down."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.add_permit(
            session, actor, keeping_schemas.AddPermitSchema().read(typed)
        ),
        then=lambda _permit: url_for("permits.permits"),
        done=lambda permit: _("Authorisation %(n)s is written down.", n=permit.number),
        show=_list,
    )


def _list(session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems) -> str:
    page = browser.page_number()
    rows, total = authorisations.permits(session, actor, page, PAGE)
    sites = network.sites(session)
    return browser.render(
        "custody/permits.html",
        permits=[
            {
                "permit": one,
                "left": authorisations.days_left(one),
                "soon": authorisations.ends_soon(one),
                "keeps": actor.may(Permission.KEEP_PERMITS, one.from_site_id),
            }
            for one in rows
        ],
        pages=browser.listed("permits.permits", page, PAGE, total),
        senders=[
            (str(one.id), one.name)
            for one in sites
            if actor.may(Permission.KEEP_PERMITS, one.id) and one.kind in ("testing", "laboratory")
        ],
        laboratories=[(str(one.id), one.name) for one in sites if one.kind == "laboratory"],
        typed=typed,
        problems=problems,
        new_id=typed.get("id") or str(uuid.uuid4()),
    )


@blueprint.post("/permits/<uuid:permit_id>/withdrawal")
def withdraw(permit_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw an authorisation, with the reason."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = keeping_schemas.WhySchema().read(typed)
        command = operations.WithdrawPermit(permit_id, **told)
        return operations.withdraw_permit(session, actor, command)

    return browser.act_and_go(act, url_for("permits.permits"), _("The authorisation is withdrawn."))
