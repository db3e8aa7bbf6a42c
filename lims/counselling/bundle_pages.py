"""The bundle for tables without network, signed so that a device knows whose word it is."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.counselling.bundle import bundle
from lims.doors import machine
from lims.doors.house import house
from lims.foundation.sealing import sign_bundle

blueprint = Blueprint("bundle", __name__)


@blueprint.get("/table/bundle.json")
def signed_bundle() -> ResponseReturnValue:
    """Return alerts, dangerous products, lists and names, signed."""
    return dict(sign_bundle(house().settings.data_dir, machine.read(bundle)))
