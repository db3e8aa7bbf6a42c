"""The pages of accuracy: how often identification was right, and its calibration."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.findings import accuracy_schemas, calibrating, confirmations
from lims.findings.accuracy import DEFINITIONS
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.identification import calibration
from lims.identification.certainty import words_of
from lims.identification.records import Calibration
from lims.network.rules import Permission

blueprint = Blueprint("accuracy", __name__)


@blueprint.get("/accuracy")
def accuracy() -> ResponseReturnValue:
    """Show how often identification was right, per technique, protocol and laboratory."""
    rows = confirmations.accuracy(browser.session(), browser.actor())
    return browser.render(
        "findings/accuracy.html", rows=rows, definitions=DEFINITIONS, words_of=words_of
    )


@blueprint.route("/calibrations", methods=["GET", "POST"])
def calibrations() -> ResponseReturnValue:
    """Show what is calibrated and what could be; calibrate."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Calibration:
        command = accuracy_schemas.CalibrateSchema().read(typed)
        return calibrating.calibrate(session, actor, command)

    def show(
        session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
    ) -> str:
        return browser.render(
            "findings/calibrations.html",
            groups=confirmations.groups_to_read(session, actor),
            fewest=calibration.FEWEST,
            may_calibrate=actor.may(Permission.CALIBRATE),
            words_of=words_of,
            problems=problems,
        )

    return browser.form_page(
        act=act,
        then=lambda _made: url_for(".calibrations"),
        done=lambda made: _("Calibrated on %(n)s confirmed samples.", n=made.samples),
        show=show,
    )
