from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.intake import batch_schemas
from lims.intake.batch_schemas import BatchReport, SendBatch, send_batch
from lims.intake.records import Sample, SampleCode, Ticket
from tests.intake.sheets import DAY, filled, row, text_sheet
from tests.makers import Network, load_vocabularies, make_block


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    return network


def send(
    session: Session, network: Network, content: bytes, *, dry_run: bool = False
) -> BatchReport:
    return send_batch(session, network.worker, SendBatch(content, network.counter.id, dry_run))


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_sheet_twice_makes_nothing_twice(session: Session, ready: Network) -> None:
    sheet = text_sheet(row(visit="1"), row(visit="1"), row(), row())
    first, second = send(session, ready, sheet), send(session, ready, sheet)
    assert first.samples == 4
    assert (second.samples, second.known_rows) == (0, [2, 3, 4, 5])
    assert second.codes == first.codes
    assert count(session, Sample) == 4


def test_a_sheet_that_grew_registers_its_new_rows_alone(session: Session, ready: Network) -> None:
    one, other = row(visit="1"), row(visit="2", logo="heart")
    send(session, ready, text_sheet(one))
    report = send(session, ready, text_sheet(one, other))
    assert (report.samples, report.known_rows) == (1, [2])


def test_a_sheet_saved_again_in_another_language_or_order_is_the_same_sheet(
    session: Session, ready: Network
) -> None:
    french = row(form="comprimé", consent_destroy="oui", mass_mg="12,5")
    send(session, ready, text_sheet(french))
    dutch = {"consent_destroy": "ja", "mass_mg": "12,5", "sold_as": "MDMA", "form": "tablet"}
    report = send(
        session,
        ready,
        text_sheet({**dutch, "day": f"{DAY[8:]}/{DAY[5:7]}/{DAY[:4]}"}, delimiter=","),
    )
    assert report.known_rows == [2] and count(session, Sample) == 1


def test_the_same_rows_in_two_templates_are_two_sheets(session: Session, ready: Network) -> None:
    for _template in range(2):
        template = batch_schemas.template(session, ready.worker, "en", "xlsx")
        assert send(session, ready, filled(template, row())).samples == 1
    assert count(session, Sample) == 2


def test_a_sheet_makes_no_ticket(session: Session, ready: Network) -> None:
    send(session, ready, text_sheet(row()))
    assert count(session, Ticket) == 0


def test_codes_that_are_written_are_taken_before_the_next_free_ones(
    session: Session, ready: Network
) -> None:
    free = session.scalars(select(SampleCode.code).order_by(SampleCode.code)).all()
    report = send(session, ready, text_sheet(row(code=""), row(code=free[0]), row(code="")))
    assert report.is_kept and report.codes[3].replace("-", "") == free[0]


def test_a_code_written_twice_is_said_at_its_second_cell(session: Session, ready: Network) -> None:
    free = session.scalars(select(SampleCode.code).order_by(SampleCode.code)).first()
    report = send(session, ready, text_sheet(row(code=free), row(code=free, logo="b")))
    assert [one.address for one in report.problems] == ["E3"]


def test_more_samples_than_free_codes_keeps_everything_out(
    session: Session, network: Network
) -> None:
    load_vocabularies(session)
    make_block(session, network, 3)
    report = send(session, network, text_sheet(*(row(logo=str(n)) for n in range(5))))
    assert not report.is_kept and count(session, Sample) == 0
    assert {str(one.message)[:16] for one in report.problems} == {"No free code is "}


def test_a_sheet_given_back_with_remarks_can_be_put_right_and_sent_again(
    session: Session, ready: Network
) -> None:
    template = batch_schemas.template(session, ready.worker, "en", "xlsx")
    report = send(session, ready, filled(template, row(mass_mg="heavy", logo="a"), row(logo="b")))
    back = batch_schemas.remarked(report, "en", "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(back))
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "Remarks" and "is not a number" in sheet["A3"].value
    keys = [cell.value for cell in sheet[1]]
    sheet.cell(3, keys.index("mass_mg") + 1).value = "120"
    kept = io.BytesIO()
    book.save(kept)
    assert send(session, ready, kept.getvalue()).samples == 2


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("risky", ["+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)"])
def test_what_a_spreadsheet_could_compute_is_given_back_as_text(
    session: Session, ready: Network, kind: str, risky: str
) -> None:
    report = send(session, ready, text_sheet(row(mass_mg="heavy", logo=risky)))
    back = batch_schemas.remarked(report, "en", kind)
    if kind == "csv":
        assert f"'{risky}" in back.decode("utf-8-sig")
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(back)).worksheets[0]
        found = [cell for line in sheet for cell in line if cell.value and risky in str(cell.value)]
        assert [cell.data_type for cell in found] == ["s"]
        assert found[0].value == f"'{risky}"
    again = send(session, ready, back.replace(b"heavy", b"12.0") if kind == "csv" else back)
    assert {one.column for one in again.problems} <= {"mass_mg", "logo"}
