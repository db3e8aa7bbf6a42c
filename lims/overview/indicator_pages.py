"""The pages of the indicators: one period beside the one before, with every definition."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation import clock
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _
from lims.intake.rules import day_in_belgium
from lims.network.rules import Permission
from lims.overview import indicator_told, indicators
from lims.overview.indicator_periods import Period, half_of, recent
from lims.overview.indicator_schemas import AskedPeriod, AskedPeriodSchema
from lims.overview.indicator_tables import csv_bytes, sheets, workbook

blueprint = Blueprint("indicators", __name__)


@blueprint.get("/indicators")
def board() -> ResponseReturnValue:
    """Show every indicator of the plan for a period; a period that cannot be is said beside."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    problems = browser.Problems()
    actor.must(Permission.READ_INDICATORS)
    try:
        period = asked().chosen()
    except Invalid as wrong:
        problems = browser.said(wrong.problems, wrong.message)
        period = half_of(day_in_belgium(clock.now()))
    found = indicators.board(session, actor, period)
    today = day_in_belgium(clock.now())
    shown = browser.render(
        "overview/indicators.html",
        period=period,
        period_words=period_words(period),
        compared_words=period_words(found.compared),
        runs_still=period.last >= today,
        sections=indicator_told.shown_sections(found, tongue),
        sites=found.sites,
        periods=[(name, url_for("indicators.board", period=name)) for name in recent(today)],
        files=[
            (kind, url_for("indicators.table", kind=kind, **here())) for kind in ("xlsx", "csv")
        ],
        may_report=actor.may(Permission.MAKE_REPORT) or actor.may(Permission.APPROVE_REPORT),
        typed=request.args,
        problems=problems,
    )
    return shown, 422 if problems else 200


@blueprint.get("/indicators.<any(xlsx, csv):kind>")
def table(kind: str) -> ResponseReturnValue:
    """Give the indicators of a period as a workbook or as CSV, with their definitions."""
    session, tongue = browser.session(), browser.language()
    found = indicators.board(session, browser.actor(), asked().chosen())
    tables = sheets(indicator_told.told_board(found, tongue), tongue)
    body = workbook(tables) if kind == "xlsx" else csv_bytes(tables[0])
    return file(body, f"indicators-{file_name(found.period)}.{kind}")


def asked() -> AskedPeriod:
    """Return the period that the address asks for; raises Invalid."""
    found: AskedPeriod = AskedPeriodSchema().read(request.args)
    return found


def here() -> dict[str, Any]:
    """Return what the address says of the period, to carry it to the next one."""
    kept = {key: request.args[key] for key in ("period", "from", "to") if request.args.get(key)}
    return dict(kept)


def period_words(period: Period) -> Message:
    """Return a period in words, with its days."""
    days = {"first": period.first, "last": period.last}
    if period.is_half_year:
        year, half = period.name.split("-")
        if half == "1":
            return _("First half of %(year)s (%(first)s to %(last)s)", year=year, **days)
        return _("Second half of %(year)s (%(first)s to %(last)s)", year=year, **days)
    if period.name:
        return _("Year %(year)s (%(first)s to %(last)s)", year=period.name, **days)
    return _("%(first)s to %(last)s, %(n)s weeks", n=period.weeks, **days)


def file_name(period: Period) -> str:
    return period.name or f"{period.first}-{period.last}"


def file(body: bytes, name: str) -> Response:
    """Return a file to keep: CSV and workbooks are saved, never shown."""
    answer = browser.attachment(name, body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
