"""Giving products in circulation out of the house: by permission, with a password, journalled.

Only samples count whose person agrees that the data are used again. No code of a sample, no day and
no testing point goes along: weeks and regions.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.network import logins
from lims.network.rules import Permission
from lims.products.circulation import Circulating, Seen, circulating

MOST_ROWS = 5_000


@dataclass(frozen=True)
class ExportCirculating:
    """The products in circulation that are chosen; the password is asked again."""

    chosen: Circulating
    password: str


def export_circulating(session: Session, actor: Actor, command: ExportCirculating) -> list[Seen]:
    """Return the chosen products for a table that leaves the house; Invalid for a wrong password.

    At most 5,000, the most dangerous first.
    """
    actor.must(Permission.EXPORT)
    if not logins.is_own_password(session, actor, command.password):
        raise refuse_field("password", _("This is not your password."))
    found, _total = circulating(session, actor, command.chosen, 1, MOST_ROWS, shared=True)
    chosen = command.chosen
    facts = {"weeks": chosen.weeks, "danger": chosen.danger, "form": chosen.form}
    journal.record(session, actor, "export products", [], **facts, rows=len(found))
    return found
