from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.exchange import outgoing_facts
from lims.exchange.column_sets import (
    DAY_FACTS,
    FORMATS,
    GRAINS,
    Period,
    column_set,
    read_set,
)
from lims.exchange.exporting import ExportRows, export_rows
from lims.exchange.outgoing_facts import FACTS, NEVER, known_to, used_fields
from lims.exchange.passing import look
from lims.exchange.records import DataExport, PartnerDetection, PartnerSample
from lims.foundation.database import Base
from lims.foundation.errors import Invalid
from lims.journal.records import JournalEntry
from tests.exchange.leaving import WEEK, leaving_sample
from tests.makers import Network, make_network

AROUND = Period(WEEK - timedelta(days=9), WEEK + timedelta(days=9))
TABLES = ("sample", "visit", "finding", "detection", "site")
CANARIES = {
    "outside_code": "CANARY-OUTSIDE",
    "sold_as": "CANARY-SOLD",
    "street_name": "CANARY-STREET",
    "logo_back": "CANARY-BACK",
    "packaging": "CANARY-PACK",
    "obtained_region": "CANARY-REGION",
    "taken_with": ["CANARY-WITH"],
    "note": "CANARY-NOTE",
}


@pytest.fixture
def network(session: Session) -> Network:
    return make_network(session)


def exported(
    session: Session, network: Network, name: str, kind: str = "csv", **asked: Any
) -> bytes:
    out = io.BytesIO()
    command = ExportRows(name, AROUND.since, AROUND.until, kind, **asked)
    export_rows(session, network.coordinator, command, out, "Synthetic network")
    return out.getvalue()


def rows_of(data: bytes, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=separator))


# ------------------------------------------------------------------------------ what may leave


def test_every_field_is_made_into_a_fact_or_refused_with_a_reason() -> None:
    there = {f"{name}.{one.name}" for name in TABLES for one in Base.metadata.tables[name].columns}
    assert there - used_fields() - set(NEVER) == set()
    assert (used_fields() | set(NEVER)) - there == set()
    assert used_fields() & set(NEVER) == set()
    assert all(NEVER.values())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_lists_or_refuses_every_fact(name: str) -> None:
    chosen = column_set(name)
    listed = {column.fact for column in chosen.columns if column.fact}
    assert known_to(chosen.unit) - listed - set(chosen.refuses) == set()
    assert listed & set(chosen.refuses) == set()
    assert all(chosen.refuses.values())
    assert all(column.means for column in chosen.columns)


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_tells_a_day_a_person_or_a_site(name: str) -> None:
    chosen = column_set(name)
    days = [column for column in chosen.columns if column.fact in DAY_FACTS]
    assert all(column.grain in GRAINS for column in days)
    told = {column.fact for column in chosen.columns}
    assert not told & {"visit_reference", "gender", "age_band", "already_taken", "service_type"}


def test_a_format_that_tells_a_bare_day_or_an_unknown_fact_is_refused() -> None:
    bare = {"title": "x", "version": 1, "unit": "sample", "source": "x"}
    for column in ({"name": "day", "from": "handed_in"}, {"name": "code", "from": "code"}):
        with pytest.raises(ValueError, match="x: "):
            read_set("x", {**bare, "columns": [column]})


def test_facts_are_named_once() -> None:
    assert set(FACTS) == set().union(*(known_to(unit) for unit in outgoing_facts.Unit))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_words_that_people_typed_are_in_no_file(
    session: Session, network: Network, name: str, kind: str
) -> None:
    if kind not in column_set(name).kinds:
        pytest.skip("this format has no such file")
    sample = leaving_sample(session, network, **CANARIES)
    network.counter.name = "CANARY-SITE"
    sample.visit.session_name = "CANARY-EVENT"
    session.flush()
    data = exported(session, network, name, kind)
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        data = "|".join(str(v) for row in book.active.values for v in row).encode()
    assert b"CANARY" not in data
    for kept in (sample.code, str(sample.id), str(sample.visit_id), WEEK.isoformat(), "Ixelles"):
        assert kept.encode() not in data, kept


@pytest.mark.parametrize("name", [one for one in FORMATS if one != "edas"])
def test_withdrawn_samples_and_those_without_agreement_stay_inside(
    session: Session, network: Network, name: str
) -> None:
    leaving_sample(session, network, state="withdrawn")
    taken_back = leaving_sample(session, network)
    separator = column_set(name).separator
    assert rows_of(exported(session, network, name), separator)
    taken_back.consent_data = False
    session.flush()
    assert rows_of(exported(session, network, name), separator) == []
    looked = look(session, network.coordinator, column_set(name), AROUND, "x")
    assert (looked.records, looked.held_back) == (0, 2)


def test_references_tell_the_same_sample_in_our_formats_and_nothing_across_others(
    session: Session, network: Network
) -> None:
    leaving_sample(session, network)
    own = {
        rows_of(exported(session, network, one))[0]["reference"] for one in ("samples", "findings")
    }
    bewsd = rows_of(exported(session, network, "bewsd"), ";")[0]["unique_sample_id"]
    tedi = rows_of(exported(session, network, "tedi"))[0]["Sample UID"]
    assert len(own) == 1 and len({*own, bewsd, tedi}) == 3
    assert rows_of(exported(session, network, "bewsd"), ";")[0]["unique_sample_id"] == bewsd


# ------------------------------------------------------------------------------- what is told


def test_bewsd_is_written_as_hd4dp_reads_it(session: Session, network: Network) -> None:
    leaving_sample(session, network)
    data = exported(session, network, "bewsd")
    head = data.decode("utf-8").split("\r\n")[0].split(";")
    assert head == [
        "nature_of_the_sample",
        "nature_of_the_sample|additional_information_on_the_nature_of_the_sample",
        "case_id",
        "secondary_case_id",
        "unique_sample_id",
        "receival_date",
    ]
    assert rows_of(data, ";")[0]["receival_date"] == "14/09/2026"
    with pytest.raises(Invalid):
        exported(session, network, "bewsd", "xlsx")


def test_tedi_tells_what_was_found_with_amounts_where_there_are_any(
    session: Session, network: Network
) -> None:
    leaving_sample(session, network)
    row = rows_of(exported(session, network, "tedi"))[0]
    assert (row["Substance-1"], row["Subst1-Quant"], row["Subst1-Unit"]) == (
        "MDMA",
        "131.4",
        "mg/unit",
    )
    assert (row["Substance-2"], row["Subst2-Quant"]) == ("CAFFEINE", "")
    assert (row["City"], row["Country"], row["Test Method"]) == (
        "Brussels-Capital Region",
        "Belgium",
        "GC-MS",
    )
    assert (row["Organisation"], row["Alert"]) == ("Synthetic network", "false")
    assert row["Gender"] == row["Age"] == row["Image"] == ""


def test_the_four_answers_stand_apart(session: Session, network: Network) -> None:
    leaving_sample(session, network)
    told = {row["substance"]: row for row in rows_of(exported(session, network, "findings"))}
    assert (told["MDMA"]["answer"], told["MDMA"]["amount"]) == ("measured", "131.4")
    assert (told["CAFFEINE"]["answer"], told["CAFFEINE"]["amount"]) == ("found", "")
    assert (told["PMMA"]["answer"], told["PMMA"]["lod"]) == ("not-detected", "1")
    assert told["MDMA"]["uncertainty"] == "9.8" and told["MDMA"]["week"] == "2026-W38"


def test_what_a_format_requires_and_nobody_knows_is_named_by_row_and_column(
    session: Session, network: Network
) -> None:
    leaving_sample(session, network, colour="", sold_as_id=None)
    looked = look(session, network.coordinator, column_set("tedi"), AROUND, "x")
    assert {one.column for one in looked.problems} == {"Sold-As", "Colour"}
    assert looked.left_out == 1 and looked.rows == []
    assert "required" in str(looked.problems[0].message)
    assert rows_of(exported(session, network, "tedi")) == []
    assert session.scalars(select(DataExport)).one().left_out == 1


def test_a_word_that_a_format_lacks_is_named(session: Session, network: Network) -> None:
    chosen = read_set(
        "x",
        {
            **{"title": "x", "version": 1, "unit": "sample", "source": "x"},
            "columns": [{"name": "kind", "from": "form", "words": {"powder": "P"}}],
        },
    )
    leaving_sample(session, network)
    looked = look(session, network.coordinator, chosen, AROUND, "x")
    assert "no word for tablet" in str(looked.problems[0].message)
    assert looked.rows == [[""]]


def test_our_own_table_is_read_again_by_our_own_reader(session: Session, network: Network) -> None:
    from lims.exchange.operations import ImportResults, import_results
    from tests.exchange.library import load_library

    load_library(session)
    leaving_sample(session, network, logo="=buoy")
    data = exported(session, network, "template")
    report = import_results(
        session, network.coordinator, ImportResults("csv", {"samples.csv": data})
    )
    assert report.added == 1 and report.reading.left_out == 0
    brought = session.scalars(select(PartnerSample)).one()
    assert (brought.form, brought.colours, brought.region) == ("tablet", ["orange"], "BE1")
    assert (brought.received, brought.name) == (date(2026, 9, 14), "=buoy")
    found = session.scalars(select(PartnerDetection).order_by(PartnerDetection.place)).all()
    assert [(one.name.lower(), one.amount, one.amount_kind) for one in found] == [
        ("mdma", Decimal("131.4"), "mg"),
        ("caffeine", None, "not-quantified"),
    ]


def test_alerts_tell_the_focal_points_what_their_audience_may_read(
    session: Session, network: Network
) -> None:
    from lims.alerts.records import Alert, AlertVersion
    from lims.foundation import clock

    alert = Alert(number="2026-0001")
    session.add(alert)
    session.flush()
    facts = {
        "substance": {"code": "pmma", "en": "PMMA"},
        "region": "BE1",
        "week": "2026-W38",
        "dangers": ["late"],
        **{name: "CANARY" for name in ("site", "place", "handed_in", "visitors", "notes")},
    }
    known = {"level": "red", "author": "a", "state": "published", "review_on": clock.today()}
    session.add(
        AlertVersion(alert_id=alert.id, version=1, facts=facts, published_at=clock.now(), **known)
    )
    session.flush()
    out = io.BytesIO()
    command = ExportRows("edas", clock.today(), clock.today())
    export_rows(session, network.coordinator, command, out, "x")
    row = rows_of(out.getvalue())[0]
    assert (row["national_reference"], row["type_of_risk"]) == ("2026-0001", "red")
    assert (row["substance"], row["place_of_event"], row["health_risks"]) == ("PMMA", "BE1", "late")
    assert "CANARY" not in out.getvalue().decode()


# ------------------------------------------------------------------------------------ the act


def test_an_export_is_recorded_with_its_counts_and_the_hash_of_the_file(
    session: Session, network: Network
) -> None:
    leaving_sample(session, network)
    data = exported(session, network, "samples")
    kept = session.scalars(select(DataExport)).one()
    assert kept.file_hash == hashlib.sha256(data).hexdigest()
    assert (kept.rows, kept.size, kept.by) == (1, len(data), "coordinator")
    assert (kept.since.weekday(), kept.until.weekday()) == (0, 6)
    assert [one.act for one in session.scalars(select(JournalEntry))] == ["export rows"]
    assert exported(session, network, "samples") == data
