"""The button that makes a spectrum of a confirmed sample a reference."""

from __future__ import annotations

import uuid

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.findings import references, schemas
from lims.foundation.words import _

blueprint = Blueprint("finding_references", __name__, url_prefix="/findings")


@blueprint.post("/<uuid:finding_id>/references")
def add(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Add a spectrum of a confirmed sample as a draft reference."""
    schema = schemas.AddConfirmedAsReferenceSchema()
    return browser.act_and_go(
        lambda session, actor, typed: references.add_confirmed_as_reference(
            session, actor, schema.read({**typed, "finding_id": str(finding_id)})
        ),
        url_for("findings.finding", finding_id=finding_id),
        _("The spectrum is a draft reference. Another person reviews it before it is searched."),
    )
