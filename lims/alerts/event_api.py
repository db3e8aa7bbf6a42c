"""More of events through the machine door."""

from __future__ import annotations

from flask_smorest import Blueprint

blueprint = Blueprint("events-api", __name__, url_prefix="/api/events", description="Events")
