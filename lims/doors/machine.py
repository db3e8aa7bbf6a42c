"""The machine door: JSON in and out, problem+json for refusals, an API key for who acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, current_app, g, jsonify, make_response, request
from flask_smorest import Api
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from lims.doors.browser import language, session
from lims.doors.house import house
from lims.doors.schema import Amount, problems_in
from lims.foundation.actors import Actor
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotPermitted, Refusal
from lims.foundation.words import Message, _, say

Answer = TypeVar("Answer")
PREFIX = "/api/"
TABLE = "/table/"


def is_api_request() -> bool:
    """Tell whether this request came through the machine door."""
    return request.path.startswith(PREFIX)


def speaks_json() -> bool:
    """Tell whether the answer must be JSON: at the API, and behind the screen that works offline.

    The screen's own files (blueprint `table`) are pages like any other.
    """
    if is_api_request():
        return True
    return request.path.startswith(TABLE) and request.blueprint != "table"


def recognise() -> Actor | None:
    """Return the actor of the request's API key, or None."""
    kind, _space, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        return None
    with open_session(house().engine, reading=True) as asked:  # the writer's lock comes later
        return house().recognise_key(asked, key.strip())


def actor() -> Actor:
    """Return who acts; raises NotPermitted without a valid key."""
    found: Actor | None = g.get("actor")
    if found is None:
        raise NotPermitted(_("Send a valid API key as a bearer token."))
    return found


def act(operation: Callable[[Session, Actor, Any], Answer], command: Any) -> Answer:
    """Do one operation in the request's unit of work and commit it."""
    who = actor()
    try:
        answer = operation(session(), who, command)
        session().commit()
    except IntegrityError:
        # Somebody sent the same, or took the same number, at the same moment: look again, once.
        session().rollback()
        answer = operation(session(), who, command)
        session().commit()
    return answer


def read(query: Callable[..., Answer], *given: Any, **named: Any) -> Answer:
    """Ask one query, which checks the actor's permission itself."""
    return query(session(), actor(), *given, **named)


def problem(status: int, title: str, **more: Any) -> Response:
    """Return an answer of type application/problem+json (RFC 9457)."""
    body = {"type": "about:blank", "status": status, "title": title, **more}
    response = make_response(jsonify(body), status)
    response.mimetype = "application/problem+json"
    return response


def refused(refusal: Refusal) -> Response:
    """Return a refusal as a problem, its fields named."""
    tongue = language()
    more: dict[str, Any] = {"detail": say(refusal.message, tongue)}
    if isinstance(refusal, Invalid):
        more["errors"] = [
            {"field": wrong.field, "message": say(wrong.message, tongue)}
            for wrong in refusal.problems
        ]
    status = 401 if isinstance(refusal, NotPermitted) and g.get("actor") is None else refusal.status
    response = problem(status, TITLES.get(status, "Refused"), **more)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


TITLES = {
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    409: "Refused",
    422: "Invalid",
}


class MachineApi(Api):  # type: ignore[misc]
    """flask-smorest's API with our problems instead of its error body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register_field(Amount, "string", "decimal")

    def handle_http_exception(self, error: HTTPException) -> Any:
        if not speaks_json():
            return current_app.extensions["page_error"](error)
        data = getattr(error, "data", None) or {}
        messages = data.get("messages")
        if error.code == 422 and messages:
            flat = {
                key: value
                for place, inner in messages.items()
                for key, value in (inner.items() if isinstance(inner, dict) else [(place, inner)])
            }
            return refused(Invalid(problems_in(flat)))
        response = problem(error.code or 500, error.name, detail=str(error.description or ""))
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after", "www-authenticate"}:
                response.headers[name] = value
        return response


PROBLEM = {
    "type": "object",
    "required": ["type", "status", "title"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
REFUSALS = {
    "400": "The request was not understood",
    "401": "A valid API key is needed",
    "403": "The duties or scopes do not cover this",
    "404": "There is no such record, or it may not be seen",
    "409": "The present state does not allow it",
    "413": "Too large",
    "415": "Not JSON",
    "422": "What was given cannot be right; each field is named",
    "429": "Too many tries",
}


def document_refusals(api: Api) -> None:
    """Describe the refusals of every endpoint as application/problem+json."""
    api.spec.components.schema("Refusal", PROBLEM)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for operations in api.spec._paths.values():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            responses = operation.setdefault("responses", {})
            responses.pop("default", None)
            for status, words in REFUSALS.items():
                responses[status] = {"description": words, "content": content}


def stale(_error: StaleDataError) -> Response:
    """Return the answer for a record that somebody changed meanwhile."""
    message = _("Somebody changed this in the meantime. Read it again and repeat.")
    return problem(409, "Refused", detail=say(message, language()))


def spoken(message: Message | str) -> str:
    """Say a message in the language of the request."""
    return say(message, language())
