"""What leaves in files and on public pages beside alerts: no canary, no hidden day, no maker."""

from __future__ import annotations

import io
import logging
import zipfile
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from lims.exchange import opening
from lims.exchange.column_sets import FORMATS, column_set
from lims.exchange.exporting import ExportRows, export_rows
from lims.network.queries import OPERATOR
from lims.network.records import Organisation
from lims.overview import feedback, report_contents, report_files
from lims.overview.feedback_sheet import draw_feedback
from lims.overview.feedback_shown import shown_feedback
from lims.overview.indicator_periods import named
from lims.overview.report_told import Edition
from tests.browser.conftest import staff_token
from tests.leaks.conftest import Planted
from tests.leaks.planting import HIDDEN_DAY, leaks

WEEK = "2001-W05"
"""Told on purpose where a format tells the week; the day and the minute never are."""
LOOK = ("canary-product-shape", "canary-sample-shape")


def inside(content: bytes) -> str:
    """Return everything that a file holds: each part of a workbook, its properties too."""
    if content[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(content))
        return "\n".join(book.read(name).decode() for name in book.namelist())
    if content[:4] == b"%PDF":
        document = pypdfium2.PdfDocument(content)
        words = [page.get_textpage().get_text_range() for page in document]
        words += [f"{name} {value}" for name, value in document.get_metadata_dict().items()]
        return "\n".join([*words, content.decode("latin-1")])
    return content.decode("utf-8-sig")


def leaked(content: bytes | str, *more: str) -> list[str]:
    text = content if isinstance(content, str) else inside(content)
    return leaks(text.replace(WEEK, "week"), (*LOOK, *more))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", FORMATS)
def test_no_export_tells_what_people_wrote_or_the_day(
    planted: Planted, name: str, kind: str
) -> None:
    if kind not in column_set(name).kinds:
        pytest.skip("this format has no such file")
    out = io.BytesIO()
    with planted.session() as session:
        asked = ExportRows(name, HIDDEN_DAY, HIDDEN_DAY.replace(year=2026, month=12), kind)
        kept = export_rows(session, OPERATOR, asked, out, "Synthetic")
        assert kept.rows or name == "bewsd"
        session.rollback()
    beside = () if name != "edas" else ("canary-alert-contact",)
    assert leaked(out.getvalue(), *beside) == []


def test_no_file_of_open_data_tells_it(planted: Planted) -> None:
    with planted.session() as session:
        command = opening.PrepareRelease("2001-Q1", "synthetic", 28)
        files = opening.prepare_release(session, OPERATOR, command).files
        found = {one.name: leaked(one.content) for one in files}
        session.rollback()
    assert len(found) >= 6 and not any(found.values()), found


def test_no_public_file_of_a_report_tells_it(planted: Planted) -> None:
    with planted.session() as session:
        contents = report_contents.draw_up(session, OPERATOR, named("2001"))
    edition = Edition("2001", 1, contents, {}, {}, "Synthetic", approved=True)
    files = [one for one in report_files.files(edition) if one.public]
    assert len(files) == 7
    assert {one.name: leaked(one.content) for one in files if leaked(one.content)} == {}


def test_a_feedback_names_no_other_institution(planted: Planted) -> None:
    with planted.session() as session:
        for one in session.scalars(select(Organisation)):
            one.name = f"canary-organisation-{one.id.hex}"
        session.flush()
        for one in feedback.institutions(session, OPERATOR):
            found = feedback.feedback(session, OPERATOR, one.id, 52)
            it = shown_feedback(session, found, "fr")
            own = (one.name, "canary-sample-sold_as")
            for told in (str(it), inside(draw_feedback(it, "fr", True))):
                assert leaked("".join(told.splitlines()), *own) == []
        session.rollback()


def test_no_line_of_the_log_says_what_was_asked_for(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    asked = "canary-asked-for"
    staff, public = planted.world.app.test_client(), planted.world.public_app.test_client()
    staff.set_cookie("balise", staff_token(planted.world, "coordination"))
    pages: list[Any] = []
    with caplog.at_level(logging.DEBUG):
        for client in (staff, public):
            pages += [client.get(f"/{asked}"), client.get(f"/alerts/{asked}")]
            pages += [client.get(f"/open-data/{asked}/{asked}"), client.get(f"/reports/{asked}")]
    assert {page.status_code for page in pages} == {404}
    assert leaks("\n".join(record.getMessage() for record in caplog.records)) == []


@pytest.mark.parametrize("path", ["/", "/points", "/points.json", "/open-data", "/reports"])
def test_no_other_public_page_tells_it(planted: Planted, path: str) -> None:
    answer = planted.world.public_app.test_client().get(path)
    assert answer.status_code == 200
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    told = ("canary-site-name", "canary-site-area")  # of a point, on purpose
    assert leaked(answer.text + headers, *told) == []
