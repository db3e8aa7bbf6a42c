"""The page of long work, for laboratory heads and administrators."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation.words import kept, say
from lims.overview import jobs

blueprint = Blueprint("long_work", __name__, url_prefix="/long-work")


@blueprint.get("")
def long_work() -> ResponseReturnValue:
    """List the long work with its progress, and what failed in words."""
    tongue, page = browser.language(), browser.page_number()
    found, total = jobs.long_work(browser.session(), browser.actor(), page, jobs.SIZE)
    last = min(page * jobs.SIZE, total)
    return browser.render(
        "overview/long_work.html",
        jobs=found,
        kind_of=lambda job: say(jobs.kind_words(job.kind), tongue),
        state_of=lambda job: say(jobs.STATES[job.state], tongue),
        why=lambda job: say(kept(job.error), tongue) if job.error else "",
        percent=jobs.percent,
        first=(page - 1) * jobs.SIZE + 1,
        last=last,
        total=total,
        previous_url=url_for("long_work.long_work", page=page - 1) if page > 1 else None,
        next_url=url_for("long_work.long_work", page=page + 1) if last < total else None,
    )
