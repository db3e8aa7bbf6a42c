"""What both applications put around every answer: security headers, error pages, no addresses kept.

No client address is read here or anywhere: `REMOTE_ADDR` and the forwarding headers are removed
before a request reaches the application.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from lims.doors import browser, machine
from lims.foundation.errors import Refusal
from lims.foundation.words import Message, _, say

STAFF_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PUBLIC_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
COMPILING = ("/table/", "/static/js/scan/reader.js")
"""Where WebAssembly is compiled: the offline screen makes tickets, the camera's worker reads codes.
A worker obeys the policy of its own answer, so no other page has to allow it (decision 0025)."""
ADDRESSES = (
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)

ERRORS: dict[int, tuple[Message, Message]] = {
    400: (_("This request was not understood."), _("Go back and try again.")),
    401: (_("Please log in."), _("Your session has ended or has not begun.")),
    403: (_("Not for your duties."), _("Ask whoever holds the duty, or your administrator.")),
    404: (_("Nothing here."), _("The address is wrong, or you may not see what is here.")),
    405: (_("This request was not understood."), _("Go back and try again.")),
    409: (_("Not possible as things stand."), _("Look at the present state and try again.")),
    413: (_("Too large."), _("The file or text is larger than this place accepts.")),
    429: (_("Too many tries."), _("Wait a minute, then try again.")),
    500: (_("Something broke on our side."), _("Nothing was half done. Try again, or tell us.")),
}


class NoAddresses:
    """WSGI middleware that removes every client address before anything can keep it."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        without = {name: value for name, value in environ.items() if name not in ADDRESSES}
        return self.application(without, start_response)


def _policy(csp: str, path: str) -> str:
    """Return the policy of an answer: the application's, wider where WebAssembly is compiled."""
    if csp is PUBLIC_CSP or not path.startswith(COMPILING):
        return csp
    return csp.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


def shelter(app: Flask, csp: str, *, https: bool) -> None:
    """Put headers, error pages and the address filter around an application."""
    app.wsgi_app = NoAddresses(app.wsgi_app)  # type: ignore[method-assign]
    app.teardown_request(browser.close_session)
    app.extensions["page_error"] = http_error

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _policy(csp, request.path))
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response

    app.register_error_handler(Refusal, refusal_error)
    app.register_error_handler(StaleDataError, stale_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected_error)


def refusal_error(refusal: Refusal) -> Any:
    """Answer a refusal that no page has shown beside its form."""
    browser.close_session()
    if machine.speaks_json():
        return machine.refused(refusal)
    return problem_page(refusal.status, refusal.message)


def stale_error(error: StaleDataError) -> Any:
    """Answer when somebody changed the record meanwhile."""
    browser.close_session()
    if machine.speaks_json():
        return machine.stale(error)
    return browser.stale_page(browser.typed()), 409


def http_error(error: HTTPException) -> Any:
    """Answer an HTTP error in words."""
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if machine.speaks_json():
        return machine.problem(code, error.name, detail=str(error.description or ""))
    return problem_page(code)


def unexpected_error(error: Exception) -> Any:
    """Answer a fault of ours: logged without request data, nothing half done."""
    from flask import current_app

    browser.close_session()
    current_app.logger.error("fault in %s", request.endpoint, exc_info=error)
    if machine.speaks_json():
        return machine.problem(500, "Internal Server Error")
    return problem_page(500)


def problem_page(code: int, message: Message | None = None) -> tuple[str, int]:
    """Return an error page in words."""
    title, advice = ERRORS.get(code, ERRORS[400] if code < 500 else ERRORS[500])
    tongue = browser.language()
    values = {
        "code": code,
        "title": say(title, tongue),
        "message": say(message or advice, tongue),
        "advice": say(advice, tongue),
    }
    return browser.render("problem.html", **values), code
