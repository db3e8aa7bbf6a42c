"""The visitor's pages: a ticket, the result it opens, a card, and destroying the ticket.

No session, no cookie, no code in an address. What opens nothing is answered in the same words,
with the same status, after the same work: nobody learns whether a ticket exists, has ended, was
destroyed or waits for its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from lims.counselling import rules, tickets
from lims.counselling.budgets import Budgets
from lims.counselling.results import Result
from lims.doors import browser
from lims.doors.house import house
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.words import LANGUAGES
from lims.intake.tickets import destroy_ticket

blueprint = Blueprint("visitor", __name__)
LONGEST_TICKET = 80
ALERTS = "/alerts"
POINTS = "/points"


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"level_words": rules.level_words}


@blueprint.get("/")
def ticket() -> ResponseReturnValue:
    """Ask for the ticket; a QR code brings it behind the # of the address, which stays here."""
    return browser.render("visitor/ticket.html", alerts_url=_way(ALERTS), points_url=_way(POINTS))


def _way(path: str) -> str:
    """Return the address of a public list, if this installation has it."""
    known = any(rule.rule == path for rule in current_app.url_map.iter_rules())
    return f"{path}?lang={browser.language()}" if known else ""


@blueprint.get("/result")
@blueprint.get("/card")
@blueprint.get("/destroy")
def without_ticket() -> ResponseReturnValue:
    """Send whoever reloads or bookmarks a result back to the form."""
    asked = request.args.get("lang", "")
    return redirect(url_for("visitor.ticket", lang=asked if asked in LANGUAGES else None))


@blueprint.post("/result")
def result() -> ResponseReturnValue:
    """Show what the ticket opens, one sample at a time."""
    opened = _opened()
    if opened.shown is None:
        return browser.render("visitor/nothing.html")
    if opened.shown.only_come:
        return _page("visitor/come.html", opened)
    return _page("visitor/result.html", opened)


@blueprint.post("/card")
def card() -> ResponseReturnValue:
    """Show a card to print: what was found and what to do, without brand, code or date."""
    opened = _opened()
    if opened.shown is None or opened.shown.only_come:
        return browser.render("visitor/nothing.html")
    return _page("visitor/card.html", opened)


@blueprint.post("/destroy")
def destroy() -> ResponseReturnValue:
    """Ask once more, then destroy the ticket; the same words whether or not there was one."""
    text = _typed_ticket()
    if request.form.get("sure") != "yes":
        return _without_links("visitor/destroy.html", ticket=text)
    budget, selector = _budget(), tickets.selector_of(text)
    _refuse_too_many(budget, selector)
    with open_session(house().engine) as session:
        if not destroy_ticket(session, text):
            budget.count_failure(selector, clock.now())
        session.commit()
    return browser.render("visitor/destroyed.html")


@dataclass(frozen=True)
class Opened:
    """What a ticket opened, and the ticket as typed, for the buttons of the page."""

    ticket: str
    shown: tickets.Shown | None

    @property
    def place(self) -> int:
        """Return which sample was asked for, counted from one; the first without an answer."""
        count = len(self.shown.results) if self.shown is not None else 0
        wanted = request.form.get("sample", "1")
        place = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1
        return min(max(place, 1), max(count, 1))

    @property
    def result(self) -> Result | None:
        """Return the sample that was asked for."""
        if self.shown is None or not self.shown.results:
            return None
        return self.shown.results[self.place - 1]


def _opened() -> Opened:
    text = _typed_ticket()
    budget, selector = _budget(), tickets.selector_of(text)
    _refuse_too_many(budget, selector)
    # A reading unit of work: the slow check of a ticket must not hold the writer's lock.
    with open_session(house().engine, reading=True) as session:
        shown = _open(session, text)
    if shown is None:
        budget.count_failure(selector, clock.now())
    return Opened(text, shown)


def _open(session: Session, text: str) -> tickets.Shown | None:
    return tickets.open_result(session, text, browser.language(), house().settings.ticket_days)


def _typed_ticket() -> str:
    return request.form.get("ticket", "")[:LONGEST_TICKET]


def _budget() -> Budgets:
    kept = current_app.extensions.setdefault("ticket-budgets", Budgets())
    return cast(Budgets, kept)


def _refuse_too_many(budget: Budgets, selector: str) -> None:
    if not budget.may_try(selector, clock.now()):
        raise TooManyRequests(retry_after=60)


def _page(template: str, opened: Opened) -> str:
    return _without_links(
        template,
        ticket=opened.ticket,
        shown=opened.shown,
        result=opened.result,
        place=opened.place,
    )


def _without_links(template: str, **values: object) -> str:
    """Render a page whose languages are buttons: a link would lose the ticket or tell it."""
    return browser.render(template, languages=LANGUAGES, here=request.path, **values)
