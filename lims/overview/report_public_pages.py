"""The approved reports on the public application: each in three languages, with its numbers."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.overview import report_lists
from lims.overview.indicator_periods import named
from lims.overview.report_told import title_words

blueprint = Blueprint("public_reports", __name__)


@blueprint.get("/reports")
def listed() -> ResponseReturnValue:
    """List the approved reports, the latest first."""
    found = report_lists.published(browser.session())
    tongue = browser.language()
    return browser.render(
        "overview/public_reports.html",
        reports=[
            {
                "title": title_words(named(one.period)),
                "report": one,
                "changes": one.changes.get(tongue, ""),
                "files": [file for file in one.files if file.public],
            }
            for one in found
        ],
    )


@blueprint.get("/reports/<name>")
def file(name: str) -> ResponseReturnValue:
    """Give a public file of an approved report, byte for byte."""
    found = report_lists.public_file(browser.session(), name)
    if found.name.endswith(".pdf"):
        return browser.pdf(found.content, found.name)
    return browser.attachment(found.name, found.content)
