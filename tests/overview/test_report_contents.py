from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.overview import (
    report_contents,
    report_files,
    report_lists,
    report_told,
)
from tests.makers import Network
from tests.overview.counted_network import NOW, Counted, counted_network
from tests.overview.reporting import AFTER, WORDS, approved, drafted, edited, file, text_of


@pytest.fixture
def made(session: Session, network: Network) -> Iterator[Counted]:
    """Give the network that was counted by hand, after the half-year is over."""
    with clock.stopped_at(NOW):
        found = counted_network(session, network)
    with clock.stopped_at(AFTER):
        yield found


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
