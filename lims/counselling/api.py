"""Counselling through the machine door: one result by code, talks."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.counselling import operations, queries, results, schemas
from lims.counselling.bundle import bundle
from lims.counselling.records import Talk
from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.sealing import sign_bundle

blueprint = Blueprint(
    "counselling-api",
    __name__,
    url_prefix="/api/counselling",
    description="Released results and talks",
)


@blueprint.route("/samples/<string:code>/result")
class ResultByCode(MethodView):
    """What there is to tell about the sample of a code."""

    @blueprint.response(200, schemas.ResultSchema)
    @blueprint.alt_response(404, description="no sample of this code, or not for this key")
    @blueprint.alt_response(422, description="this cannot be a code")
    def get(self, code: str) -> Any:
        """Read the result of a sample code that was shown; only the released version is told."""
        # What is opened from another site is journalled: a reading unit of work cannot do that.
        who = machine.actor()
        browser.close_session()
        with open_session(house().engine) as session:
            samples = operations.look_up(session, who, operations.LookUp(code))
            session.commit()
            found = results.results_of(session, samples[:1], browser.language(), "rdr-network")[0]
        spoken = machine.spoken(found.waiting) if found.standing == "not ready" else ""
        return replace(found, waiting=spoken)


@blueprint.route("/bundle")
class SignedBundle(MethodView):
    """What a table without network may look up."""

    @blueprint.response(200, schemas.SignedBundleSchema)
    def get(self) -> Any:
        """Read alerts, dangerous products, lists and names as one signed text."""
        return sign_bundle(house().settings.data_dir, machine.read(bundle))


@blueprint.route("/talks")
class Talks(MethodView):
    """The talks of a day."""

    @blueprint.arguments(schemas.TalksQuerySchema, location="query")
    @blueprint.response(200, schemas.TalksSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List the talks of a day (today without one) at the key's sites, without notes."""
        day, page = asked["day"] or clock.today(), asked["page"]
        rows, total = machine.read(queries.talks, day, page)
        return {"total": total, "page": page, "talks": [row.talk for row in rows]}

    @blueprint.arguments(schemas.RecordTalkSchema)
    @blueprint.response(201, schemas.TalkSchema)
    @blueprint.alt_response(404, description="no such sample, or not for this key")
    @blueprint.alt_response(409, description="the result has changed meanwhile")
    def post(self, command: operations.RecordTalk) -> Talk:
        """Record a talk; the same identifier sent twice keeps one."""
        return machine.act(operations.record_talk, command)


@blueprint.route("/talks/<uuid:talk_id>")
class OneTalk(MethodView):
    """A talk with an identifier that the client made."""

    @blueprint.arguments(schemas.RecordTalkSchema)
    @blueprint.response(200, schemas.TalkSchema)
    @blueprint.alt_response(404, description="no such sample, or not for this key")
    @blueprint.alt_response(409, description="recorded before by another, or the result changed")
    def put(self, command: operations.RecordTalk, talk_id: uuid.UUID) -> Talk:
        """Record a talk under an identifier; sent again, it changes nothing."""
        return machine.act(operations.record_talk, replace(command, id=talk_id))
