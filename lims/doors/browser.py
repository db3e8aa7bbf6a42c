"""The page door: one unit of work per request, forms that lose nothing typed, refusals in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any, TypeVar

from flask import Response, abort, flash, g, get_flashed_messages, redirect, request, url_for
from flask import render_template as _render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Problem, Refusal, Stale
from lims.foundation.files import PART
from lims.foundation.words import LANGUAGES, Message, _, say

Record = TypeVar("Record")
Typed = dict[str, Any]
Show = Callable[[Session, Actor, Typed, "Problems"], str]
SAFE = {"GET", "HEAD", "OPTIONS"}


class Problems(dict[str, str]):
    """Messages by form field, in the reader's language, with a heading sentence."""

    heading: str = ""


def session() -> Session:
    """Return the unit of work of this request; reading requests do not take the writer's lock."""
    if "session" not in g:
        g.session = open_session(house().engine, reading=request.method in SAFE)
    found: Session = g.session
    return found


def close_session(_error: BaseException | None = None) -> None:
    """End the unit of work; what was not committed is undone."""
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()


def actor() -> Actor:
    """Return who acts; the application has already sent strangers to the login page."""
    found: Actor | None = g.get("actor")
    if found is None:
        abort(401)
    return found


def language() -> str:
    """Return the language of this answer."""
    chosen = g.get("language")  # asked for every word of a page
    return str(chosen) if chosen is not None else house().settings.default_language


def choose_language(preferred: str = "") -> str:
    """Return the language asked for: by the address, the cookie, the account or the browser."""
    asked = request.args.get("lang", "") or request.cookies.get("language", "") or preferred
    if asked in LANGUAGES:
        return asked
    best = request.accept_languages.best_match(LANGUAGES)
    return best or house().settings.default_language


def typed() -> Typed:
    """Return what was typed in the form, nested: `samples-0-form` is samples → 0 → form."""
    return nested(request.form)


def nested(form: MultiDict[str, str]) -> Typed:
    """Return a form's fields as nested dictionaries and lists; repeated names become lists."""
    tree: Typed = {}
    for name in form:
        values = form.getlist(name)
        value: Any = values if name.endswith("[]") else values[-1]
        parts = name.removesuffix("[]").split("-")
        branch = tree
        for part in parts[:-1]:
            inner = branch.setdefault(part, {})
            branch = inner if isinstance(inner, dict) else {}
        branch[parts[-1]] = value
    return {key: _listed(value) for key, value in tree.items() if key != "csrf_token"}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def render(template: str, **values: Any) -> str:
    """Render a page in the reader's language."""
    return _render_template(template, **values)


def said(problems: Iterable[Problem], heading: Message) -> Problems:
    """Return problems by form field, said in the reader's language."""
    told = Problems()
    told.heading = say(heading, language())
    for problem in problems:
        told.setdefault(problem.field.replace(".", "-"), say(problem.message, language()))
    return told


def tell(message: Message, kind: str = "done") -> None:
    """Say something on the next page."""
    flash(say(message, language()), kind)


def told_now() -> list[dict[str, str]]:
    """Return what is to be said on this page."""
    return [
        {"kind": str(pair[0]), "message": str(pair[1])}
        for pair in get_flashed_messages(with_categories=True)
    ]


def form_page(
    *,
    act: Callable[[Session, Actor, Typed], Record],
    then: Callable[[Record], str],
    show: Show,
    done: Callable[[Record], Message | None] | None = None,
) -> ResponseReturnValue:
    """Show a form, or do its act and go on; a refusal shows the form again with all that was typed.

    `act` gets session, actor and the typed fields and returns a record; `then` gives the next
    address; `show` renders the form from typed fields and problems; `done` gives a sentence to say.
    """
    opened, who = session(), actor()
    if request.method in SAFE:
        return show(opened, who, nested(request.args), Problems())
    what = typed()
    try:
        record = act(opened, who, what)
        address = then(record)
        message = done(record) if done else None
        opened.commit()
    except (NotPermitted, NotFound):
        raise
    except (Stale, StaleDataError):
        close_session()
        return stale_page(what), 409
    except Refusal as refusal:
        close_session()
        problems = (
            refusal.problems if isinstance(refusal, Invalid) else [Problem("", refusal.message)]
        )
        return show(session(), who, what, said(problems, refusal.message)), refusal.status
    if message is not None:
        tell(message)
    return redirect(address, 303)


def act_and_go(
    act: Callable[[Session, Actor, Typed], Any],
    address: str,
    done: Message | None = None,
) -> ResponseReturnValue:
    """Do an act that needs no form of its own (a button) and go to a page; say refusals there."""
    opened, who = session(), actor()
    try:
        act(opened, who, typed())
        opened.commit()
    except (NotPermitted, NotFound):
        raise
    except StaleDataError:
        tell(_("Somebody changed this in the meantime. Here is its present state."), "problem")
    except Refusal as refusal:
        opened.rollback()
        tell(_first_words(refusal), "problem")
    else:
        if done is not None:
            tell(done)
    return redirect(address, 303)


def _first_words(refusal: Refusal) -> Message:
    if isinstance(refusal, Invalid) and refusal.problems:
        return refusal.problems[0].message
    return refusal.message


def attachment(name: str, data: bytes) -> Response:
    """Return bytes that a browser keeps as a file and never shows."""
    answer = Response(data, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def conditional(content: bytes, kind: str, tag: str) -> Response:
    """Return content that a reader keeps for a minute, then asks only whether it changed."""
    answer = Response(content, content_type=kind)
    answer.headers["Cache-Control"] = "max-age=60"
    answer.set_etag(tag)
    answer.make_conditional(request)
    return answer


def streamed(file: IO[bytes], name: str, kind: str, size: int) -> Response:
    """Return a written file part by part, to be kept under a name; it is closed at the end."""
    file.seek(0)
    answer = Response(_parts(file), mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART):
            yield part


def pdf(document: bytes, name: str) -> Response:
    """Return a PDF that the browser shows and does not keep."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(document, mimetype="application/pdf", headers=headers)


def listed(endpoint: str, page: int, size: int, total: int, **kept: Any) -> dict[str, Any]:
    """Return what the links below one page of a list need, `kept` being its address besides."""
    last = min(page * size, total)
    return {
        "first": min((page - 1) * size + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, **kept, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, **kept, page=page + 1) if last < total else None,
    }


def stale_page(what: Mapping[str, Any]) -> str:
    """Render "someone changed this" with all that was typed, so that nothing is lost."""
    kept = [(name, value) for name in request.form for value in request.form.getlist(name)]
    fields = [pair for pair in kept if pair[0] not in {"csrf_token", "row_version"}]
    return render("stale.html", typed=what, kept=fields, action=request.path)


def form_token() -> str:
    """Return the token that proves that a form, or a device's request, came from our pages."""
    return str(generate_csrf())


def page_number() -> int:
    """Return the page asked for in `?page=`, at least 1."""
    try:
        return max(1, min(int(request.args.get("page", "1")), 100_000))
    except ValueError:
        return 1


def list_links(endpoint: str, page: int, total: int, size: int, **more: Any) -> dict[str, Any]:
    """Return what the macro `pagination` needs for one part of a list."""
    last = min(page * size, total)
    return {
        "first": min((page - 1) * size + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, **more, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, **more, page=page + 1) if last < total else None,
    }


def language_links() -> list[dict[str, Any]]:
    """Return links to this page in each language."""
    arguments = {**request.args.to_dict(), **(request.view_args or {})}
    links = []
    for code in LANGUAGES:
        if request.endpoint is None or request.method not in SAFE:
            url = f"{request.path}?lang={code}"
        else:
            url = url_for(request.endpoint, **{**arguments, "lang": code})
        links.append({"code": code, "url": url, "current": code == language()})
    return links
