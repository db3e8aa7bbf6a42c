from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.overview import (
    report_lists,
    reports,
)
from tests.makers import PASSWORD, Network
from tests.overview.counted_network import NOW, Counted, counted_network
from tests.overview.reporting import AFTER, WORDS, acts, approved, drafted, edited, file, text_of


@pytest.fixture
def made(session: Session, network: Network) -> Iterator[Counted]:
    """Give the network that was counted by hand, after the half-year is over."""
    with clock.stopped_at(NOW):
        found = counted_network(session, network)
    with clock.stopped_at(AFTER):
        yield found


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
