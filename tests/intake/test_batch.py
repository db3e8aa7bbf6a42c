from __future__ import annotations

import io
from dataclasses import fields
from datetime import datetime as moment
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.errors import NotPermitted, Refused
from lims.foundation.words import LANGUAGES, say
from lims.intake import answers, batch_columns, batch_schemas, schemas
from lims.intake.batch_schemas import BatchReport, SendBatch, send_batch
from lims.intake.operations import register_visit
from lims.intake.records import Sample, SampleCode, Visit
from lims.journal.records import JournalEntry
from tests.intake.sheets import DAY, TODAY, filled, row, text_sheet
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


def told(report: BatchReport) -> list[tuple[str, str]]:
    return [(one.address, str(one.message)) for one in report.problems]


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


EVERYTHING = {
    "visit": "A",
    "day": DAY,
    "session_name": "Saturday",
    "language": "Nederlands",
    "first_visit": "ja",
    "age_band": "18 tot 20",
    "gender": "other",
    "outside_code": "4006381333931",
    "form": "comprimé",
    "sold_as": "MDMA",
    "street_name": "buoy",
    "colour": "rouge",
    "logo": "=1+1 is two",
    "score_line": "non",
    "length_mm": "8,5",
    "units": "2",
    "mass_mg": "351.25",
    "unit_mass_mg": 175.5,
    "whole_or_part": "whole",
    "price": "10",
    "price_per": "one unit",
    "route": "avalé (voie orale)",
    "effects": "euphorie; plus fort que prévu; opgewekt, stimulerend",
    "already_taken": "oui",
    "consent_destroy": "x",
    "consent_data": True,
    "note": "found on the floor",
}
AS_THE_FORM_HAS_IT = {
    **{"language": "nl", "first_visit": "yes", "age_band": "18-20", "session_name": "Saturday"},
    **{"gender": "other", "day": DAY},
    "samples": [
        {
            **{"outside_code": "4006381333931", "form": "tablet", "sold_as": "MDMA"},
            **{"street_name": "buoy", "colour": "red", "logo": "1+1 is two", "score_line": "no"},
            **{"length_mm": "8,5", "units": "2", "mass_mg": "351,25", "unit_mass_mg": "175,5"},
            **{"whole_or_part": "whole", "price": "10", "price_per": "unit", "route": "oral"},
            "effects": ["euphoria", "stronger", "stimulation"],
            **{"already_taken": "yes", "consent_destroy": "yes", "consent_data": "yes"},
            "note": "found on the floor",
        }
    ],
}


def facts(sample: Sample) -> dict[str, Any]:
    names = {one.name for one in fields(schemas.operations.RegisterSample)} - answers.NOT_KEPT
    kept = {name: getattr(sample, name) for name in names if hasattr(sample, name)}
    visit = ("session_name", "language", "first_visit", "age_band", "gender", "day")
    return {**kept, **{f"visit {name}": getattr(sample.visit, name) for name in visit}}


def test_a_filled_template_registers_what_the_form_would_have_registered(
    session: Session, ready: Network
) -> None:
    import uuid

    template = batch_schemas.template(session, ready.worker, "fr", "xlsx")
    sheet = filled(template, {**EVERYTHING, "logo": "1+1 is two"})
    report = send(session, ready, sheet)
    assert told(report) == [] and report.is_kept
    by_sheet = session.scalars(select(Sample)).one()
    form = {**AS_THE_FORM_HAS_IT, "id": str(uuid.uuid4()), "site_id": str(ready.counter.id)}
    made = register_visit(session, ready.worker, schemas.VisitFormSchema().read(form))
    assert facts(by_sheet) == facts(made.samples[0])
    assert by_sheet.mass_mg == Decimal("351.25") and by_sheet.site_id == ready.counter.id


def test_every_answer_of_the_form_is_a_column_with_words_in_three_languages(
    session: Session, ready: Network
) -> None:
    columns = batch_columns.columns(session)
    keys = {one.key for one in columns}
    sample = {*schemas.RegisterSampleSchema().fields} - {"id"}
    visit = {*schemas.RegisterVisitSchema().fields} - {"site_id", *batch_columns.NOT_ASKED}
    assert keys - {"visit"} == sample | visit
    for one in columns:
        assert one.key in batch_columns.LABELS, one.key
        assert all(one.words(language) for language in LANGUAGES)


def test_an_answer_that_the_form_asks_tomorrow_is_a_column_at_once(
    session: Session, ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tomorrow(schemas.RegisterSampleSchema):
        smell = schemas.Text(40, load_default="")

    monkeypatch.setattr(schemas, "RegisterSampleSchema", Tomorrow)
    columns = {one.key: one for one in batch_columns.columns(session)}
    assert columns["smell"].words("fr") == "smell" and columns["smell"].longest == 40


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_template_holds_no_row_to_register(
    session: Session, ready: Network, kind: str, language: str
) -> None:
    template = batch_schemas.template(session, ready.worker, language, kind)
    with pytest.raises(Refused) as refused:
        send(session, ready, template)
    assert "no row to register" in str(refused.value.message)


def test_the_workbook_offers_the_lists_in_the_readers_language(
    session: Session, ready: Network
) -> None:
    template = batch_schemas.template(session, ready.worker, "nl", "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet, lists = book.worksheets[0], book["lists"]
    assert lists.sheet_state == "hidden"
    keys = [cell.value for cell in sheet[1]]
    place = keys.index("form") + 1
    offered = [cell.value for cell in lists[sheet.cell(1, place).column_letter][2:] if cell.value]
    assert "tablet" in offered and "poeder" in offered
    where = sheet.cell(4, place).coordinate
    assert any(where in rule.sqref for rule in sheet.data_validations.dataValidation)
    assert "Vendu comme\nVerkocht als\nSold as" in [cell.value for cell in sheet[2]]


def test_rows_of_one_visit_are_one_visit_and_others_stand_alone(
    session: Session, ready: Network
) -> None:
    rows = [row(visit="1", logo="a"), row(visit="2"), row(visit="1", logo="b"), row(), row()]
    report = send(session, ready, text_sheet(*rows))
    assert (report.rows, report.visits, report.samples) == (5, 4, 5)
    sizes = sorted(len(visit.samples) for visit in session.scalars(select(Visit)))
    assert sizes == [1, 1, 1, 2]
    assert set(report.codes) == {2, 3, 4, 5, 6}


def test_a_dry_run_keeps_nothing_and_says_what_would_be(session: Session, ready: Network) -> None:
    before = count(session, JournalEntry)
    report = send(session, ready, text_sheet(row(), row(visit="x")), dry_run=True)
    assert (report.visits, report.samples, report.is_kept, report.codes) == (2, 2, False, {})
    assert count(session, Visit) == count(session, Sample) == 0
    assert count(session, JournalEntry) == before
    free = select(func.count()).select_from(SampleCode).where(SampleCode.used)
    assert session.scalar(free) == 0


def test_one_wrong_cell_keeps_the_whole_sheet_out_and_is_named_by_its_address(
    session: Session, ready: Network
) -> None:
    rows = [row(mass_mg="12"), row(mass_mg="heavy"), row(mass_mg="1", form="brick")]
    report = send(session, ready, text_sheet(*rows))
    assert not report.is_kept and count(session, Visit) == 0
    assert told(report) == [
        ("E3", "“heavy” is not a number. Write it like 12,5 or 12.5."),
        ("B4", "“brick” is not in the list of this column."),
    ]


def test_what_the_rules_refuse_is_named_by_its_cell_too(session: Session, ready: Network) -> None:
    rows = [
        row(visit="v", note="", code=""),
        row(visit="v", note="call 0470 12 34 56", code="BCDF-2346"),
        row(note="", code="", consent_destroy=""),
        {**row(), "day": (TODAY + timedelta(days=9)).isoformat()},
        {**row(), "day": ""},
    ]
    report = send(session, ready, text_sheet(*rows), dry_run=True)
    cells = {one.address: str(one.message) for one in report.problems}
    assert "phone" in cells["F3"]
    assert "typing error" in cells["G3"]
    assert "give the sample back" in cells["D4"]
    assert "still to come" in cells["A5"]
    assert "day of each visit" in cells["A6"]


def test_a_text_that_was_read_again_is_taken(session: Session, ready: Network) -> None:
    asked = row(note="call 0470 12 34 56")
    assert told(send(session, ready, text_sheet(asked)))
    report = send(session, ready, text_sheet({**asked, "not_a_person": "oui"}))
    assert report.is_kept


def test_rows_of_a_visit_that_contradict_each_other_are_named(
    session: Session, ready: Network
) -> None:
    rows = [row(visit="1", gender="other"), row(visit="1", gender=""), row(visit="1")]
    rows[2]["day"] = (TODAY - timedelta(days=3)).isoformat()
    report = send(session, ready, text_sheet(*rows))
    assert [(one.row, one.column) for one in report.problems] == [(4, "day")]


def test_a_column_that_nobody_asked_for_is_refused(session: Session, ready: Network) -> None:
    report = send(session, ready, text_sheet(row(**{"first name": "x"})))
    assert [one.address for one in report.problems] == ["E1"]
    assert not report.is_kept


def test_a_formula_is_refused_and_never_computed(session: Session, ready: Network) -> None:
    template = batch_schemas.template(session, ready.worker, "en", "xlsx")
    for sheet in (filled(template, row(mass_mg="=300+50")), text_sheet(row(mass_mg="=300+50"))):
        report = send(session, ready, sheet)
        assert [str(one.message)[:24] for one in report.problems] == ["This cell holds a formul"]


def test_days_and_numbers_of_a_spreadsheet_are_read_as_they_are_shown(
    session: Session, ready: Network
) -> None:
    template = batch_schemas.template(session, ready.worker, "en", "xlsx")
    told_row = row(day=moment.combine(TODAY, time()), mass_mg=120.30000000000001, price=7)
    assert send(session, ready, filled(template, told_row)).is_kept
    sample = session.scalars(select(Sample)).one()
    assert (sample.visit.day, sample.mass_mg) == (TODAY, Decimal("120.3"))
    assert sample.price == 7


def test_who_may_not_register_sends_no_sheet(session: Session, ready: Network) -> None:
    for who in (ready.chemist, ready.festival_worker):
        with pytest.raises(NotPermitted):
            send_batch(session, who, SendBatch(text_sheet(row()), ready.counter.id, False))


def test_the_words_of_the_example_are_known_in_every_language() -> None:
    from lims.intake import batch_words

    for language in LANGUAGES:
        first = say(batch_words.EXAMPLE, language).casefold()
        assert first.startswith(batch_words.EXAMPLES)
