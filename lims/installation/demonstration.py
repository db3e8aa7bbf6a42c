"""The demonstration network: invented places, people and samples of the past weeks.

It is made with the operations that everybody uses, in one transaction: all of it or nothing.
It holds no row of anybody's data, and every measured value in it is invented.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.installation import installing
from lims.installation.cast import PEOPLE
from lims.installation.stage import Stage
from lims.installation.stories import Stories
from lims.network import queries as network
from lims.network.records import Installation
from lims.network.rules import Permission
from lims.overview import queries

DAYS = 60


def fill(session: Session, actor: Actor, folder: Path | None = None) -> bool:
    """Add the demonstration network; tell whether it was added now.

    With the folder of files it also has synthetic spectra.

    Raises Refused in a database that a real network uses: its passwords are shown to everybody.
    """
    actor.must(Permission.ADMINISTER)
    if queries.demonstration_accounts(session):
        return False
    if network.is_set_up(session):
        raise Refused(
            _("A network already works with this database; a demonstration needs one of its own.")
        )
    today = clock.now()
    stage = Stage(session, today, f"demo-{secrets.token_hex(2)}-{secrets.token_hex(2)}", folder)
    with clock.stopped_at(today - timedelta(days=DAYS)):
        installing.publish_and_load(session, actor)
        stage.build(actor)
    stage.tell(Stories(stage).all())
    accounts = [
        {
            "account": person.account,
            "duty": str(person.duty),
            "site": stage.sites[person.place].name if person.place else "",
            "password": stage.password,
        }
        for person in PEOPLE
    ]
    session.add(Installation(key=queries.DEMONSTRATION, value={"accounts": accounts}))
    journal.record(session, actor, "fill demonstration", [("installation", queries.DEMONSTRATION)])
    return True
