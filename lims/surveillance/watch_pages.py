"""The pages of the watch: the list of series, one series with its chart, the runs."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation.words import _, say
from lims.surveillance import methods, series, watch_shown, watched, watching
from lims.surveillance.arrivals import OWN
from lims.surveillance.weeks import WEEK, mondays, week_name

blueprint = Blueprint("watch", __name__, url_prefix="/surveillance")
SIZE = 25


@blueprint.get("")
def listed() -> ResponseReturnValue:
    """List the series, those in alarm first."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    filters, page = _filters(), browser.page_number()
    found, total = watched.series(session, actor, filters, page, SIZE)
    there = watched.choices(session, actor, filters.origin)
    kept = {name: text for name, text in request.args.to_dict().items() if name != "page"}
    return browser.render(
        "surveillance/watched.html",
        rows=[watch_shown.listed(one, tongue) for one in found],
        filters=filters,
        origins=[(one, origin_words(one)) for one in there.origins],
        substances=[(str(one.id), one.name(tongue)) for one in there.substances],
        regions=there.regions,
        lines=[(str(one.id), one.name(tongue)) for one in there.lines],
        run=watched.latest_run(session),
        asked=watched.is_asked(session),
        week_name=week_name,
        **browser.listed("watch.listed", page, SIZE, total, **kept),
    )


def _filters() -> watched.SeriesFilters:
    """Return what is asked to be shown; an answer that is none shows every series."""
    asked = request.args
    line = asked.get("line", "")
    return watched.SeriesFilters(
        origin=asked.get("origin", "") or OWN,
        substance_id=_identifier(asked.get("substance", "")),
        region=asked.get("region", ""),
        line=line if line == watched.ALL or _identifier(line) else "",
        in_alarm=asked.get("in_alarm") == "yes",
    )


def _identifier(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def origin_words(origin: str) -> str:
    """Return whose results a series counts: the network's, or a partner's by its key."""
    message = _("our network") if origin == OWN else _("partner %(key)s", key=origin)
    return say(message, browser.language())


@blueprint.get("/series/<uuid:series_id>")
def one_series(series_id: uuid.UUID) -> ResponseReturnValue:
    """Show one series: chart, power, what each method says, the numbers."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    row = watched.one_series(session, actor, series_id)
    numbers = watch_shown.series(row)
    last = row.first_week + (numbers.weeks - 1) * WEEK
    return browser.render(
        "surveillance/series.html",
        row=row,
        title=watch_shown.title(row, tongue),
        origin=origin_words(row.origin),
        charts=watch_shown.charts(row, tongue),
        power=watch_shown.power_words(numbers, tongue),
        methods=watch_shown.method_rows(row, tongue),
        weeks=_weeks(row.first_week, numbers),
        last=week_name(last),
        presumed=series.presumptive(session, numbers.key, last, methods.WINDOW),
        signals=[_signal(one) for one in watched.signals_of(session, series_id)],
        window=watch_shown.in_window(numbers),
    )


def _weeks(first: Any, numbers: Any) -> list[dict[str, Any]]:
    """Return the weeks of the last year, the newest first."""
    names, samples = [week_name(day) for day in mondays(first, numbers.weeks)], numbers.in_samples
    return [
        {
            "name": names[place],
            "positives": int(numbers.positives[place]),
            "total": int(numbers.totals[place]),
            "late": int(numbers.positives[place] - numbers.timely[place]),
            "late_total": int(numbers.totals[place] - numbers.timely_totals[place]),
            "samples": (int(samples.positives[place]), int(samples.totals[place])),
        }
        for place in range(numbers.weeks - 1, max(numbers.weeks - 53, numbers.since() - 1, -1), -1)
    ]


def _signal(one: Any) -> dict[str, Any]:
    return {"signal": one, "url": url_for("surveillance.signal", signal_id=one.id)}


@blueprint.get("/runs")
def runs() -> ResponseReturnValue:
    """List the runs of the watch: what was judged, what fired."""
    page = browser.page_number()
    found, total = watched.runs(browser.session(), browser.actor(), page, SIZE)
    return browser.render(
        "surveillance/runs.html",
        runs=found,
        week_name=week_name,
        methods=[(one.key, say(one.name, browser.language())) for one in methods.ALL],
        **browser.listed("watch.runs", page, SIZE, total),
    )


@blueprint.post("/runs")
def ask() -> ResponseReturnValue:
    """Ask for a run now; the worker does it."""
    return browser.act_and_go(
        lambda session, actor, _typed: watching.ask_watch(session, actor, watching.AskWatch()),
        url_for("watch.listed"),
        _("Asked for. The worker runs the watch within a minute; reload this page."),
    )
