from __future__ import annotations

import contextlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.exchange.sources import files_at, read_files
from lims.exchange.sources.rows import QuantityKind, Reading, Role, Status
from lims.foundation.errors import Invalid, NotFound, Refusal
from tests.exchange.deliveries import ECSTASY, TEMPLATE, WEDINOS

TODAY = date(2026, 6, 1)


def wedinos(content: bytes = WEDINOS) -> Reading:
    return read_files({"samples.csv": content}, "wedinos", TODAY)


def with_row(*rows: str) -> bytes:
    return WEDINOS + "".join(row + "\n" for row in rows).encode()


def test_welsh_words_become_our_codes_and_stay_beside_them() -> None:
    sample = wedinos().samples[1]
    assert sample.form is not None and (sample.form.code, sample.form.raw) == ("tablet", "Tabled")
    assert [(c.code, c.raw) for c in sample.colours] == [("white", "Gwyn")]
    assert sample.route is not None and sample.route.code == "oral"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(("Glas", "blue"), ("Melyn", "yellow"), ("Coch", "red"), ("Gwyrdd", "green")),
        *(("Oren", "orange"), ("Pinc", "pink"), ("Porffor", "purple"), ("Llwyd", "grey")),
        *(("Du", "black"), ("Brown", "brown"), ("Di-liw", "transparent"), ("Hufen", "off-white")),
        *(("Glas golau", "blue"), ("LIGHT BLUE", "blue"), ("Gwyn a glas", "white")),
    ],
)
def test_a_colour_in_welsh_or_english_is_understood(word: str, code: str) -> None:
    row = f"Z,1,,2025-01-01,x,MDMA,,ZZ1,,{word},Tablet,Oral,,0,,0"
    assert wedinos(with_row(row)).samples[-1].colours[0].code == code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(("Powdr", "powder"), ("Hylif", "liquid"), ("Capsiwl", "capsule"), ("Crisial", "crystal")),
        *(("Gronynnau", "granules"), ("Solid", "rock"), ("Plant matter", "plant")),
        *(("Blotter Paper", "blotter"), ("blotter paper", "blotter"), ("Arall", "other")),
    ],
)
def test_a_form_in_welsh_or_english_is_understood(word: str, code: str) -> None:
    row = f"Z,1,,2025-01-01,x,MDMA,,ZZ1,,White,{word},Oral,,0,,0"
    form = wedinos(with_row(row)).samples[-1].form
    assert form is not None and form.code == code


def test_a_word_that_no_vocabulary_has_is_kept_and_said() -> None:
    reading = wedinos(with_row("Z,1,,2025-01-01,x,MDMA,,ZZ1,,Octarine,Tablet,Oral,,0,,0"))
    assert [(c.code, c.raw) for c in reading.samples[-1].colours] == [(None, "Octarine")]
    assert any(
        p.column == "sample_colour" and "Octarine" in str(p.message) for p in reading.problems
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("No postcode supplied", "form-incomplete"),
        ("Incomplete effects form", "form-incomplete"),
        ("Insufficient sample", "too-little"),
        ("Sample damaged in transit", "lost-damaged"),
        ("Inappropriate submission", "not-accepted"),
        ("Sharps in envelope", "safety"),
        ("Something new", "other"),
    ],
)
def test_a_reason_for_not_analysing_keeps_its_own_words(words: str, code: str) -> None:
    reason = wedinos(with_row(f"Z,0,{words},,,,,,,,,,,,,")).samples[-1].not_analysed_reason
    assert reason is not None and (reason.code, reason.raw) == (code, words)


def test_a_status_phrase_is_no_substance() -> None:
    entry = wedinos().samples[4].detections[0]
    assert entry.status is Status.NO_ACTIVE


def test_major_and_minor_substances_are_told_apart() -> None:
    found = wedinos().samples[0].detections
    assert [(d.name_raw, d.role) for d in found] == [("MDMA", Role.MAJOR), ("Caffeine", Role.MINOR)]


def test_a_place_is_no_finer_than_needed() -> None:
    assert {sample.region for sample in wedinos().samples} == {"ZZ", ""}


def test_an_implausible_date_is_kept_and_said() -> None:
    reading = wedinos(with_row("Z,1,,2031-01-01,x,MDMA,,ZZ1,,White,Tablet,Oral,,0,,0"))
    assert reading.samples[3].received == date(1989, 1, 1)
    assert reading.samples[-1].received == date(2031, 1, 1)
    assert [p.row for p in reading.problems if p.column == "date_received"] == [5, 7]
    assert reading.left_out == 0


def test_the_json_and_the_table_say_the_same() -> None:
    record = {
        "referenceCode": "X1",
        "analysed": True,
        "dateReceived": "04/03/2025",
        "purchaseIntent": "Pill",
        "majorSubstancesArray": ["MDMA"],
        "minorSubstancesArray": ["Caffeine"],
        "postcode": "ZZ1",
        "packageLabel": "Not stated",
        "sampleColour": "Blue\n          White",
        "sampleForm": "Tablet",
        "consumptionMethod": "Oral",
        "selfReportedEffects": ["Relaxed"],
    }
    content = json.dumps({"metadata": {"totalRecords": 1}, "records": [record]}).encode()
    one = read_files({"wedinos_raw.json": content}, "wedinos", TODAY).samples[0]
    other = wedinos().samples[0]
    for name in ("source_id", "received", "sold_as", "form", "colours", "detections", "effects"):
        assert getattr(one, name) == getattr(other, name), name


def test_marks_line_ends_and_delimiters_do_not_matter() -> None:
    plain = [s.detections for s in wedinos().samples]
    for content in (
        b"\xef\xbb\xbf" + WEDINOS,
        WEDINOS.replace(b"\n", b"\r\n"),
        WEDINOS.replace(b",", b";"),
        WEDINOS.replace(b",", b"\t"),
        WEDINOS.decode().encode("utf-16"),
    ):
        assert [s.detections for s in wedinos(content).samples] == plain


def test_two_tables_make_samples_with_amounts_and_what_the_number_means() -> None:
    first, second, third = read_files(ECSTASY, "ecstasydata", TODAY).samples
    assert (first.sold_as, first.mass_mg, first.country) == ("ecstasy", Decimal("310.0"), "Nowhere")
    assert second.detections[0].amount == Decimal("200.1") and second.detections[0].is_mg
    assert third.detections[0].quantity_kind is QuantityKind.RATIO
    assert not third.detections[0].is_mg
    assert third.form is not None and third.form.code == "blotter"
    assert third.detections[1].status is Status.UNABLE


def test_our_template_takes_decimal_commas_and_three_languages() -> None:
    first, second, third = read_files({"results.csv": TEMPLATE}, "csv", TODAY).samples
    assert (first.received, first.mass_mg) == (date(2024, 12, 31), Decimal("310.5"))
    assert first.form is not None and first.form.code == "tablet"
    assert [c.code for c in first.colours] == ["blue", "pink"]
    assert [(d.name_raw, d.amount, d.is_mg) for d in first.detections] == [
        ("MDMA", Decimal("168.5"), True),
        ("Caféine", None, False),
    ]
    assert second.detections[0].quantity_kind is QuantityKind.PERCENT
    assert not third.analysed


def test_a_folder_a_file_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_bytes(ECSTASY["samples.csv"])
    (tmp_path / "detections.csv").write_bytes(ECSTASY["detections.csv"])
    whole = files_at(tmp_path, "ecstasydata")
    assert whole == files_at(tmp_path / "samples.csv", "ecstasydata") == ECSTASY
    with pytest.raises(NotFound):
        files_at(tmp_path / "nothing", "ecstasydata")
    with pytest.raises(Invalid):
        files_at(tmp_path, "../words")


def test_the_same_content_has_the_same_fingerprint_under_another_name() -> None:
    one = read_files({"a.csv": TEMPLATE}, "csv", TODAY)
    assert one.sha256 == read_files({"b.csv": TEMPLATE}, "csv", TODAY).sha256
    assert one.sha256 != read_files({"b.csv": TEMPLATE + b"\n"}, "csv", TODAY).sha256


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda kids: (
            st.lists(kids)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "records",
                        "metadata",
                        "totalRecords",
                        "referenceCode",
                        "analysed",
                        "sampleColour",
                        "majorSubstancesArray",
                    ]
                ),
                kids,
            )
        ),
    )
)
def test_no_json_breaks_a_reader(whole: object) -> None:
    with contextlib.suppress(Refusal):
        read_files({"wedinos_raw.json": json.dumps(whole).encode()}, "wedinos", TODAY)
