from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.exchange import operations, queries
from lims.exchange.operations import (
    IgnoreName,
    ImportReport,
    ImportResults,
    MarkReviewed,
    ResolveName,
)
from lims.exchange.queries import SampleFilter
from lims.exchange.records import PartnerDetection, PartnerImport, PartnerSample, UnresolvedName
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.journal.records import JournalEntry
from tests.exchange.deliveries import ECSTASY, WEDINOS
from tests.exchange.library import load_library
from tests.makers import Network, make_network

WEDINOS_FILES = {"samples.csv": WEDINOS}


@pytest.fixture
def network(session: Session) -> Network:
    made = make_network(session)
    load_library(session)
    return made


def bring(session: Session, actor: Actor, source: str = "wedinos", **files: bytes) -> ImportReport:
    given = {f"{name}.csv": content for name, content in files.items()}
    whole = {"wedinos": WEDINOS_FILES, "ecstasydata": ECSTASY}[source]
    report = operations.import_results(session, actor, ImportResults(source, {**whole, **given}))
    session.commit()
    return report


def how_many(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def sample(session: Session, source_id: str) -> PartnerSample:
    return session.scalars(select(PartnerSample).where(PartnerSample.source_id == source_id)).one()


def test_an_import_keeps_its_licence_and_the_day_on_which_it_was_fetched(
    session: Session, network: Network
) -> None:
    fetched = clock.today() - timedelta(days=3)
    command = ImportResults("wedinos", WEDINOS_FILES, fetched_on=fetched)
    operations.import_results(session, network.coordinator, command)
    bring(session, network.coordinator, "ecstasydata")
    kept = {one.source: one for one in session.scalars(select(PartnerImport))}
    assert (
        kept["wedinos"].fetched_on == fetched and "Public Health Wales" in kept["wedinos"].licence
    )
    assert kept["ecstasydata"].fetched_on == clock.today()
    late = ImportResults("wedinos", WEDINOS_FILES, True, clock.today() + timedelta(days=1))
    with pytest.raises(Invalid):
        operations.import_results(session, network.coordinator, late)


def test_a_delivery_comes_in_with_its_words_and_our_codes(
    session: Session, network: Network
) -> None:
    report = bring(session, network.coordinator)
    assert (report.added, report.already_known) == (5, 0)
    found = sample(session, "X2")
    assert (found.form, found.colours, found.route) == ("tablet", ["white"], "oral")
    assert found.effects == [{"code": "memory-loss", "raw": "Memory Loss"}]
    assert found.raw["sample_form"] == "Tabled"
    assert sample(session, "X3").not_analysed_raw == "No postcode supplied"
    assert [one.name for one in sample(session, "X4").detections] == ["Heroin", "Metonitazene"]


def test_amounts_are_kept_exactly(session: Session, network: Network) -> None:
    bring(session, network.coordinator, "ecstasydata")
    assert [d.amount for d in sample(session, "2").detections] == [Decimal("200.1"), Decimal(20)]


def test_only_who_may_import_does(session: Session, network: Network) -> None:
    for actor in (network.worker, network.chemist, network.approver, network.administrator):
        with pytest.raises(NotPermitted):
            operations.import_results(session, actor, ImportResults("wedinos", WEDINOS_FILES))
    assert how_many(session, PartnerSample) == 0


def test_a_dry_run_writes_nothing(session: Session, network: Network) -> None:
    before = how_many(session, JournalEntry)
    report = operations.import_results(
        session, network.coordinator, ImportResults("wedinos", WEDINOS_FILES, dry_run=True)
    )
    session.commit()
    assert (report.added, report.dry_run, report.import_id) == (5, True, None)
    assert [how_many(session, t) for t in (PartnerSample, PartnerImport, UnresolvedName)] == [0] * 3
    assert how_many(session, JournalEntry) == before


def test_the_same_delivery_twice_adds_nothing(session: Session, network: Network) -> None:
    bring(session, network.coordinator)
    tables = (PartnerSample, PartnerDetection, PartnerImport, UnresolvedName)
    before = [how_many(session, table) for table in tables]
    report = bring(session, network.coordinator)
    assert (report.added, report.already_known, report.conflicts) == (0, 5, ())
    assert [how_many(session, table) for table in tables] == before


def test_a_longer_delivery_adds_what_is_new(session: Session, network: Network) -> None:
    bring(session, network.coordinator)
    more = WEDINOS + b"X9,1,,2025-04-01,Ket,Ketamine,,ZZ1,,White,Powder,,,0,,0\n"
    report = bring(session, network.coordinator, samples=more)
    assert (report.added, report.already_known) == (1, 5)


def test_a_row_that_changed_since_is_a_conflict_and_not_overwritten(
    session: Session, network: Network
) -> None:
    bring(session, network.coordinator)
    changed = WEDINOS.replace(b"Bromazolam", b"Diazepam")
    report = bring(session, network.coordinator, samples=changed)
    assert (report.added, report.already_known, len(report.conflicts)) == (0, 4, 1)
    assert (report.conflicts[0].file, report.conflicts[0].row) == ("samples.csv", 3)
    assert [one.name for one in sample(session, "X2").detections] == ["Bromazolam"]


def test_a_delivery_that_was_cut_off_adds_nothing(session: Session, network: Network) -> None:
    with pytest.raises(Refused):
        bring(session, network.coordinator, samples=WEDINOS[:-60])
    session.rollback()
    assert how_many(session, PartnerSample) == 0


def test_without_a_library_nothing_is_imported(session: Session) -> None:
    made = make_network(session)
    with pytest.raises(Refused):
        bring(session, made.coordinator)


def test_danger_rules_make_a_list_to_read_and_nothing_else(
    session: Session, network: Network
) -> None:
    bring(session, network.coordinator, "ecstasydata")
    listed = queries.review_list(session, network.coordinator)
    assert {one.source_id for one in listed.rows} == {"1", "2", "3"}
    lines = {
        source_id: {row["rule"]: row["verdict"] for row in sample(session, source_id).review}
        for source_id in ("1", "2")
    }
    assert lines["2"]["sp-mdma-200"] == "cannot-be-excluded", "neither form nor basis is known"
    assert "sp-mdma-120" in lines["1"] and "sp-mdma-200" not in lines["1"]
    from lims.surveillance.records import Signal

    assert how_many(session, Signal) == 0


def test_what_was_read_leaves_the_list(session: Session, network: Network) -> None:
    bring(session, network.coordinator, "ecstasydata")
    listed = queries.review_list(session, network.coordinator)
    command = MarkReviewed(tuple(one.id for one in listed.rows))
    assert operations.mark_reviewed(session, network.coordinator, command) == 3
    assert queries.review_list(session, network.coordinator).total == 0
    with pytest.raises(Refused):
        operations.mark_reviewed(session, network.coordinator, command)


NEW_NAMES = (
    b"Y1,1,,2025-03-04,Pill,Methylclonazepam,,ZZ1,,Blue,Tablet,,,0,,0\n"
    b"Y2,1,,2025-03-04,Pill,Nosuchamine,MDMA or MDA,ZZ1,,Blue,Tablet,,,0,,0\n"
    b"Y3,1,,2025-03-04,Pill,Nosuchamine,,ZZ1,,Blue,Tablet,,,0,,0\n"
)


def waiting(session: Session, actor: Actor) -> dict[str, UnresolvedName]:
    return {one.name: one for one in queries.unresolved_names(session, actor).rows}


def test_a_name_without_a_substance_waits_with_its_candidates(
    session: Session, network: Network
) -> None:
    bring(session, network.coordinator, samples=WEDINOS + NEW_NAMES)
    found = waiting(session, network.coordinator)
    assert {name: one.occurrences for name, one in found.items()} == {
        "Nosuchamine": 2,
        "Methylclonazepam": 1,
        "MDMA or MDA": 1,
    }
    assert found["MDMA or MDA"].candidates == ["mda", "mdma"]


def test_a_decision_about_a_name_reaches_every_sample_that_bears_it(
    session: Session, network: Network
) -> None:
    bring(session, network.coordinator, samples=WEDINOS + NEW_NAMES)
    name = waiting(session, network.coordinator)["Nosuchamine"]
    command = ResolveName(name.id, "isotonitazene")
    operations.resolve_name(session, network.coordinator, command)
    session.commit()
    for source_id in ("Y2", "Y3"):
        found = sample(session, source_id)
        assert "nitazene" in found.flags
        assert found.to_review
        assert "any-nitazene" in {row["rule"] for row in found.review}
    assert "Nosuchamine" not in waiting(session, network.coordinator)
    later = WEDINOS + NEW_NAMES + b"Y4,1,,2025-03-04,Pill,Nosuchamine,,ZZ1,,Blue,Tablet,,,0,,0\n"
    bring(session, network.coordinator, samples=later)
    assert "nitazene" in sample(session, "Y4").flags
    assert "Nosuchamine" not in waiting(session, network.coordinator)


def test_a_name_may_stay_without_a_substance(session: Session, network: Network) -> None:
    bring(session, network.coordinator, samples=WEDINOS + NEW_NAMES)
    name = waiting(session, network.coordinator)["Nosuchamine"]
    operations.ignore_name(session, network.coordinator, IgnoreName(name.id))
    session.commit()
    assert "Nosuchamine" not in waiting(session, network.coordinator)
    assert sample(session, "Y3").detections[0].substance_id is None


def test_a_decision_needs_a_name_and_a_substance_that_exist(
    session: Session, network: Network
) -> None:
    bring(session, network.coordinator, samples=WEDINOS + NEW_NAMES)
    name = waiting(session, network.coordinator)["Nosuchamine"]
    with pytest.raises(Invalid):
        operations.resolve_name(session, network.coordinator, ResolveName(name.id, "no-such"))
    with pytest.raises(NotFound):
        operations.ignore_name(session, network.coordinator, IgnoreName(network.counter.id))
    with pytest.raises(NotPermitted):
        operations.ignore_name(session, network.chemist, IgnoreName(name.id))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (SampleFilter(source="ecstasydata"), {"1", "2", "3"}),
        (SampleFilter(flag="nitazene"), {"X4"}),
        (SampleFilter(flag="pma"), set()),
        (SampleFilter(substance="mdma"), {"X1", "1", "2"}),
        (SampleFilter(text="VALI"), {"X2"}),
        (SampleFilter(text="%"), set()),
        (SampleFilter(analysed=False), {"X3"}),
    ],
)
def test_partner_samples_can_be_narrowed_down(
    session: Session, network: Network, wanted: SampleFilter, found: set[str]
) -> None:
    bring(session, network.coordinator)
    bring(session, network.coordinator, "ecstasydata")
    part = queries.partner_samples(session, network.chemist, wanted)
    assert {one.source_id for one in part.rows} == found
    assert part.total == len(found)


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    session: Session, network: Network
) -> None:
    from sqlalchemy import event

    def questions() -> int:
        asked: list[str] = []
        engine = session.get_bind()

        def hear(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        session.expire_all()
        for one in queries.partner_samples(session, network.chemist, SampleFilter()).rows:
            assert one.detections is not None
        event.remove(engine, "before_cursor_execute", hear)
        return len(asked)

    bring(session, network.coordinator)
    few = questions()
    rows = "".join(
        f"Q{n},1,,2025-04-01,Ket,Ketamine,,ZZ1,,White,Powder,,,0,,0\n" for n in range(60)
    )
    bring(session, network.coordinator, samples=WEDINOS + rows.encode())
    assert questions() == few


def test_the_import_keeps_its_report_source_and_licence(session: Session, network: Network) -> None:
    bring(session, network.coordinator, samples=WEDINOS + b"Y5,perhaps,,,,,,,,,,,,,,\n")
    kept = queries.imports(session, network.chemist).rows[0]
    assert "Public Health Wales" in kept.licence
    assert kept.report["counts"]["samples"] == 5
    assert [(p["row"], p["left_out"]) for p in kept.report["problems"] if p["left_out"]] == [
        (7, True)
    ]
