"""The mass ledger through the machine door: what scales say, what goes, alarms, inspection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.custody import (
    alarms,
    inspecting,
    keeping_schemas,
    operations,
    queries,
    shown,
    witnesses,
)
from lims.doors import browser, machine
from lims.doors.house import house
from lims.intake import queries as intake

blueprint = Blueprint(
    "keeping-api",
    __name__,
    url_prefix="/api/custody",
    description="The mass ledger, alarms and the report of holdings",
)


@blueprint.route("/samples/<uuid:sample_id>/ledger")
class Ledger(MethodView):
    """The mass ledger of a sample."""

    @blueprint.response(200, keeping_schemas.LedgerSchema)
    def get(self, sample_id: uuid.UUID) -> Any:
        """Read the ledger, oldest entry first."""
        sample = machine.read(intake.sample, sample_id)
        lines = queries.ledger(browser.session(), sample.id)
        return {"lines": lines, "balance": queries.balance(browser.session(), sample.id)}


@blueprint.route("/weighings")
class Weighings(MethodView):
    """What scales say."""

    @blueprint.arguments(keeping_schemas.WeighSampleSchema)
    @blueprint.response(201, keeping_schemas.MassEntrySchema)
    def post(self, command: operations.WeighSample) -> Any:
        """Enter what is there now."""
        return machine.act(operations.weigh_sample, command)


@blueprint.route("/uses")
class Uses(MethodView):
    """What runs use up."""

    @blueprint.arguments(keeping_schemas.UseMassSchema)
    @blueprint.response(201, keeping_schemas.MassEntrySchema)
    def post(self, command: operations.UseMass) -> Any:
        """Take from the ledger what was used."""
        return machine.act(operations.use_mass, command)


@blueprint.route("/destructions")
class Destructions(MethodView):
    """What is destroyed before two persons."""

    @blueprint.arguments(keeping_schemas.DestroySamplesSchema)
    @blueprint.response(201, shown.DestructionSchema)
    def post(self, command: operations.DestroySamples) -> Any:
        """Destroy some or all of many samples; the second person proves it with a password."""
        return machine.act(
            lambda session, actor, told: witnesses.destroyed(
                session, actor, told, house().settings
            ),
            command,
        )


@blueprint.route("/returns")
class Returns(MethodView):
    """What is given back."""

    @blueprint.arguments(keeping_schemas.ReturnSampleSchema)
    @blueprint.response(201, keeping_schemas.MassEntrySchema)
    def post(self, command: operations.ReturnSample) -> Any:
        """Give material back where the law policy of the site allows it."""
        return machine.act(operations.return_sample, command)


@blueprint.route("/sites/<uuid:site_id>/holdings")
class Holdings(MethodView):
    """What a site held at the end of a day."""

    @blueprint.arguments(keeping_schemas.HoldingArguments, location="query")
    @blueprint.response(200, shown.HoldingPageSchema)
    def get(self, asked: Mapping[str, Any], site_id: uuid.UUID) -> Any:
        """List what a site held, fifty samples a page, and the sum; today without a day."""
        page = asked["page"] or 1
        _since, day = inspecting.days_of(None, asked["day"])
        rows, total, mg = machine.read(inspecting.held_on, site_id, day, page)
        return {"day": day, "holdings": rows, "total": total, "mg": mg, "page": page}


@blueprint.route("/losses")
class Losses(MethodView):
    """Samples that are not where they should be."""

    @blueprint.arguments(keeping_schemas.LoseSampleSchema)
    @blueprint.response(201, keeping_schemas.MassEntrySchema)
    def post(self, command: operations.LoseSample) -> Any:
        """Declare all that a site holds of a sample lost."""
        return machine.act(operations.lose_sample, command)


@blueprint.route("/finds")
class Finds(MethodView):
    """Samples that are found again."""

    @blueprint.arguments(keeping_schemas.FindSampleSchema)
    @blueprint.response(201, shown.KeptSampleSchema)
    def post(self, command: operations.FindSample) -> Any:
        """Take a sample that was lost onto an account again."""
        return machine.act(operations.find_sample, command)


@blueprint.route("/alarms")
class Alarms(MethodView):
    """What is unreturned or unaccounted for at one's sites."""

    @blueprint.arguments(keeping_schemas.PageArguments, location="query")
    @blueprint.response(200, shown.AlarmPageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List the alarms that stand, oldest first, fifty a page."""
        page = asked["page"] or 1
        rows, total = machine.read(alarms.alarms, shown.agreed(house().settings), page)
        return {"alarms": rows, "total": total, "page": page}


@blueprint.route("/alarms/settled")
class SettledAlarms(MethodView):
    """Alarms that were answered."""

    @blueprint.arguments(keeping_schemas.SettleAlarmSchema)
    @blueprint.response(201, shown.AlarmSchema)
    def post(self, told: Mapping[str, Any]) -> Any:
        """Answer an alarm in words."""
        command = operations.SettleAlarm(**told, agreed=shown.agreed(house().settings))
        return machine.act(operations.settle_alarm, command)


@blueprint.route("/reports")
class Reports(MethodView):
    """Reports of holdings at any past day."""

    @blueprint.arguments(keeping_schemas.AskedReportSchema)
    @blueprint.response(201, shown.HoldingsReportSchema)
    def post(self, told: Mapping[str, Any]) -> Any:
        """Make a report, whose hash is written in the journal."""
        return machine.act(operations.report_holdings, operations.ReportHoldings(**told))
