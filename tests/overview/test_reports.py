from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.journal.records import JournalDetail, JournalEntry
from lims.overview import (
    meetings,
    report_contents,
    report_files,
    report_lists,
    report_told,
    reports,
)
from lims.overview.report_records import FocalMeeting, NetworkReport
from tests.makers import PASSWORD, Network
from tests.overview.counted_network import NOW, Counted, counted_network

AFTER = datetime(2026, 7, 6, 12, tzinfo=UTC)
WORDS = {"fr": "Un commentaire.", "nl": "Een toelichting.", "en": "A commentary."}


@pytest.fixture
def made(session: Session, network: Network) -> Iterator[Counted]:
    """Give the network that was counted by hand, after the half-year is over."""
    with clock.stopped_at(NOW):
        found = counted_network(session, network)
    with clock.stopped_at(AFTER):
        yield found


def drafted(made: Counted, period: str = "2026-1") -> NetworkReport:
    return reports.draft_report(made.session, made.network.coordinator, reports.DraftReport(period))


def approved(made: Counted, report: NetworkReport, **more: Any) -> NetworkReport:
    command = reports.ApproveReport(report.id, PASSWORD, **more)
    return reports.approve_report(made.session, made.network.approver, command)


def edited(made: Counted, report: NetworkReport, **words: Any) -> NetworkReport:
    command = reports.EditReport(report.id, **words)
    return reports.edit_report(made.session, made.network.coordinator, command)


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))


def file(made: Counted, report: NetworkReport, end: str) -> bytes:
    (name,) = [one.name for one in report.files if one.name.endswith(end)]
    return report_lists.file(made.session, made.network.auditor, report.id, name).content


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_report_is_drawn_up_read_by_another_and_frozen(made: Counted) -> None:
    report = edited(made, drafted(made), commentary=WORDS)
    assert (report.state, report.edition, report.files) == ("draft", 1, [])
    approved(made, report)
    made.session.refresh(report)
    assert (report.state, report.approved_by) == ("approved", "approver")
    assert len(report.files) == 14
    kept = [
        report_lists.file(made.session, made.network.auditor, report.id, one.name)
        for one in report.files
    ]
    assert all(hashlib.sha256(one.content).hexdigest() == one.sha256 for one in kept)
    lines = "".join(sorted(f"{one.name} {one.sha256}\n" for one in kept))
    assert report.hash == hashlib.sha256(lines.encode()).hexdigest()
    assert acts(made.session)[-3:] == ["draft report", "edit report", "approve report"]


def test_nobody_approves_what_they_wrote(made: Counted) -> None:
    report = drafted(made)
    with pytest.raises(Refused):
        reports.approve_report(
            made.session, made.network.coordinator, reports.ApproveReport(report.id, PASSWORD)
        )
    report.author, report.editors = "somebody", ["approver"]
    with pytest.raises(Refused):
        approved(made, report)
    assert report.state == "draft"


def test_the_password_is_asked_again(made: Counted) -> None:
    report = drafted(made)
    with pytest.raises(Invalid):
        reports.approve_report(
            made.session, made.network.approver, reports.ApproveReport(report.id, "wrong")
        )
    assert report.state == "draft"


def test_an_approved_report_never_changes(made: Counted) -> None:
    report = approved(made, drafted(made))
    for act in (
        lambda: edited(made, report, commentary=WORDS),
        lambda: edited(made, report, redraw=True),
        lambda: approved(made, report),
    ):
        with pytest.raises(Refused):
            act()


def test_a_correction_is_a_new_edition_that_says_what_it_changes(made: Counted) -> None:
    first = approved(made, drafted(made))
    before = {
        one.name: one.sha256
        for one in report_lists.report(made.session, made.network.auditor, first.id).files
    }
    second = drafted(made)
    assert second.edition == 2
    with pytest.raises(Refused):
        drafted(made)  # one draft at a time
    with pytest.raises(Refused):
        approved(made, second)  # it does not say what it changes
    edited(made, second, changes={"fr": "Corrigé.", "nl": "Verbeterd.", "en": "Corrected."})
    approved(made, second)
    assert (first.state, second.state) == ("replaced", "approved")
    after = {
        one.name: one.sha256
        for one in report_lists.report(made.session, made.network.auditor, first.id).files
    }
    assert before == after
    made.session.expire_all()
    second = report_lists.report(made.session, made.network.auditor, second.id)
    assert "Corrigé." in text_of(file(made, second, "-2-fr.pdf"))
    assert [
        one.edition for one in report_lists.published(made.session) if one.period == "2026-1"
    ] == [2]


def test_a_period_that_runs_is_drafted_and_not_approved(made: Counted) -> None:
    report = drafted(made, "2026-2")
    with pytest.raises(Refused):
        approved(made, report)
    with pytest.raises(Invalid):
        drafted(made, "2027-1")  # it has not begun


def test_figures_from_before_the_end_are_counted_again_first(made: Counted) -> None:
    with clock.stopped_at(datetime(2026, 6, 20, 12, tzinfo=UTC)):
        report = drafted(made)
    with pytest.raises(Refused):
        approved(made, report)
    edited(made, report, redraw=True)
    assert approved(made, report).state == "approved"


def test_a_commentary_stands_in_three_languages_or_in_none(made: Counted) -> None:
    report = edited(made, drafted(made), commentary={"fr": "Un commentaire."})
    with pytest.raises(Refused):
        approved(made, report)


@pytest.mark.parametrize("words", ["mailto jan@example.org", "Appelez le 0475 12 34 56"])
def test_a_commentary_is_looked_through_for_persons(made: Counted, words: str) -> None:
    report = drafted(made)
    with pytest.raises(Invalid) as wrong:
        edited(made, report, commentary={"fr": words})
    assert wrong.value.problems[0].field == "commentary.fr"
    edited(made, report, commentary={"fr": words}, not_a_person=True)


@given(st.text(max_size=80), st.sampled_from(["fr", "de", "", "commentary.fr"]))
def test_no_commentary_breaks_the_draft(words: str, code: str) -> None:
    wrong = reports._wrong("commentary", {code: words}, False)
    assert all(one.field.startswith("commentary.") for one in wrong)
    assert code == "fr" or wrong


def test_only_the_coordination_makes_reports(made: Counted) -> None:
    network = made.network
    for actor in (network.local_coordinator, network.approver, network.auditor, network.head):
        with pytest.raises(NotPermitted):
            reports.draft_report(made.session, actor, reports.DraftReport("2026-1"))
    report = drafted(made)
    for actor in (network.auditor, network.local_coordinator):
        with pytest.raises(NotPermitted):
            command = reports.ApproveReport(report.id, PASSWORD)
            reports.approve_report(made.session, actor, command)
    with pytest.raises(NotPermitted):
        report_lists.report(made.session, network.local_coordinator, report.id)
    assert report_lists.report(made.session, network.auditor, report.id) is report


def test_a_duty_at_one_site_makes_no_report_of_the_network(made: Counted) -> None:
    here = frozenset({made.network.counter.id})
    coordinator = made.network.coordinator
    grants = {key: here for key in coordinator.grants}
    with pytest.raises(NotPermitted):
        command = reports.DraftReport("2026-1")
        reports.draft_report(made.session, replace(coordinator, grants=grants), command)


# ------------------------------------------------------------------------------------------------
# What stands in it.
# ------------------------------------------------------------------------------------------------


def test_only_public_facts_of_alerts_stand_in_a_report(made: Counted) -> None:
    contents = drafted(made).contents
    assert [(one["kind"], one["day"]) for one in contents["alerts"]] == [
        ("alert", "2026-01-09"),
        ("update", "2026-01-20"),
        ("alert", "2026-02-02"),
    ]
    assert "CANARY" not in str(contents)


def test_no_file_of_a_report_names_a_person_a_ticket_or_a_note(made: Counted) -> None:
    for sample in made.samples.values():
        sample.note, sample.street_name, sample.packaging = "CANARY-NOTE", "CANARY-S", "CANARY-P"
        sample.outside_code = "CANARY-OUT"
        sample.visit.session_name = "CANARY-SESSION"
    made.session.flush()
    report = approved(made, edited(made, drafted(made), commentary=WORDS))
    made.session.expire_all()
    for one in report_lists.report(made.session, made.network.auditor, report.id).files:
        assert "CANARY" not in readable(one.name, file(made, report, one.name)), one.name


def readable(name: str, content: bytes) -> str:
    if name.endswith(".pdf"):
        return text_of(content)
    if name.endswith(".csv"):
        return content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    return "\n".join(str(cell) for row in rows for cell in row)


def test_the_public_version_has_no_place_and_no_small_number(made: Counted) -> None:
    report = approved(made, drafted(made))
    for one in report_lists.report(made.session, made.network.auditor, report.id).files:
        words = readable(one.name, file(made, report, one.name))
        assert ("Festival" in words) is not one.public, one.name
    table = file(made, report, "public-en.csv").decode("utf-8-sig")
    line = next(one for one in table.splitlines() if one.startswith("2026-1") and ";forms;" in one)
    assert ";;;2;" in line  # two kinds: that is no two samples
    assert "3 tablets" not in table and ";form;tablet;;" in table


def test_the_numbers_of_the_table_are_those_of_the_indicators(made: Counted) -> None:
    report = approved(made, drafted(made))
    book = openpyxl.load_workbook(io.BytesIO(file(made, report, "2026-1-1.xlsx")))
    assert len(book.sheetnames) == 6
    rows = list(book["Numbers EN"].iter_rows(values_only=True))
    found = {row[1]: row for row in rows[1:] if not row[4] and str(row[0]).startswith("2026-1")}
    assert found["encodings"][6] == 5
    assert found["talks"][6] == pytest.approx(0.8)
    assert (found["talks"][8], found["talks"][9]) == (5, 4)


def test_substances_are_counted_among_those_who_agreed(made: Counted) -> None:
    (mdma,) = [one.sold_as_substance for one in made.samples.values() if one.sold_as == "MDMA"][:1]
    for number in range(7):
        visit = made.visit(made.network.counter, "2026-03-02")
        agreed = number < 6
        made.sample(f"more {number}", visit, mdma, consent_data=agreed)
        made.finding(f"more {number}", "2026-03-04", "as-expected", mdma if number else None)
    for number in range(3):
        made.sample(f"not known {number}", made.visit(made.network.counter, "2026-03-02"), "x")
        made.finding(f"not known {number}", "2026-03-04", "no-expectation")
    made.session.flush()
    told = drafted(made).contents["substances"]
    # MDMA: tablet, other, early and six more, one of these without anything found.
    (product,) = told["products"]
    assert (product["label"]["en"], product["n"]) == ("MDMA", 9)
    # Found in tablet, early, five more: seven of nine leaves two, so a range; cocaine in one.
    lines = {line["label"]["en"]: (line["low"], line["high"]) for line in product["found"]}
    assert lines == {"MDMA": (5, 8), "COCAINE": (1, 4)}
    assert (told["without_agreement"], told["others"], told["n"]) == (1, 5, 14)


@given(st.dictionaries(st.integers(0, 9), st.integers(1, 12), max_size=9))
def test_what_is_left_for_other_products_is_no_small_number(n_of: dict[int, int]) -> None:
    known = report_contents._large_enough(n_of)
    assert all(n >= 5 for n in known.values())
    rest = sum(n_of.values()) - sum(known.values())
    assert rest == 0 or rest >= 5 or not known


@given(st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_number_that_is_told_exactly_is_small_on_neither_side(pair: tuple[int, int]) -> None:
    counted, n = pair
    line = report_contents._line({"en": "x"}, counted, n)
    assert line["low"] <= counted <= line["high"]
    if line["low"] == line["high"] and n >= 8:
        assert not 0 < counted < 5 and not 0 < n - counted < 5


def test_the_same_report_gives_the_same_pdf_with_headings_and_numbers(made: Counted) -> None:
    edition = report_told.edition_of(drafted(made), "Network", True)
    one, other = (report_files.pdf(edition, "fr", public=False) for _each in range(2))
    assert one == other
    document = pypdfium2.PdfDocument(one)
    titles = [(mark.get_title(), mark.level) for mark in document.get_toc()]
    assert titles[0] == ("Rapport semestriel 2026-1", 0)
    assert ("Couverture", 1) in titles
    words = text_of(one)
    assert f"Page 1 sur {len(document)}" in words
    assert "Brouillon" in words and "données inventées" in words
    assert b"/Lang" in one


# ------------------------------------------------------------------------------------------------
# Meetings.
# ------------------------------------------------------------------------------------------------


def met(made: Counted, **more: Any) -> FocalMeeting:
    given = {"day": date(2026, 7, 1), "partner": "health", "topic": "alerts", **more}
    return meetings.note_meeting(
        made.session, made.network.coordinator, meetings.NoteMeeting(**given)
    )


def test_a_correction_of_a_meeting_keeps_what_stood_there(made: Counted) -> None:
    one = met(made)
    command = meetings.CorrectMeeting(one.id, date(2026, 7, 2), "other", "network")
    meetings.correct_meeting(made.session, made.network.coordinator, command)
    assert (one.day, one.partner) == (date(2026, 7, 2), "other")
    last = made.session.scalars(select(JournalDetail).order_by(JournalDetail.seq.desc())).first()
    assert last is not None
    assert (last.body["day_before"], last.body["partner_before"]) == ("2026-07-01", "health")


def test_a_withdrawn_meeting_stays_and_counts_no_more(made: Counted) -> None:
    one = met(made)
    coordinator = made.network.coordinator
    meetings.withdraw_meeting(made.session, coordinator, meetings.WithdrawMeeting(one.id))
    assert one.withdrawn_at == AFTER
    with pytest.raises(Refused):
        meetings.withdraw_meeting(made.session, coordinator, meetings.WithdrawMeeting(one.id))
    assert acts(made.session)[-2:] == ["note meeting", "withdraw meeting"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", date(2026, 7, 7)),
        ("day", date(2019, 1, 1)),
        ("partner", "Jan"),
        ("topic", ""),
    ],
)
def test_a_meeting_that_cannot_be_is_refused(made: Counted, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as wrong:
        met(made, **{field: value})
    assert [one.field for one in wrong.value.problems] == [field]


def test_the_same_meeting_sent_twice_is_one(made: Counted) -> None:
    one = met(made)
    assert met(made, id=one.id) is one


def test_only_the_coordination_writes_meetings(made: Counted) -> None:
    command = meetings.NoteMeeting(date(2026, 7, 1), "health", "alerts")
    for actor in (made.network.local_coordinator, made.network.auditor, made.network.worker):
        with pytest.raises(NotPermitted):
            meetings.note_meeting(made.session, actor, command)


def test_what_is_not_there_is_not_found(made: Counted) -> None:
    with pytest.raises(NotFound):
        report_lists.public_file(made.session, "report-2026-1-1-fr.pdf")
