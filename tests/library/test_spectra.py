from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.journal.records import JournalEntry
from lims.library import collecting, collection, own_spectra, peaks, standing
from lims.library.collecting import (
    AddSpectrumLibrary,
    DecideExport,
    RetireLibrary,
    ReviewLibrary,
)
from lims.library.collection import SpectrumFilters
from lims.library.own_spectra import AddOwnSpectrum, RetireSpectrum, ReviewSpectrum
from lims.library.queries import library_version
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.network.queries import OPERATOR
from tests.library.makers import make_reference_spectrum, make_spectrum_library
from tests.makers import Network, make_substance

NEW = AddSpectrumLibrary("Synthetic EI", "ei", "synthetic, may be shared")


def searched(session: Session, kind: str, few: bool = False) -> list[str]:
    return [row.name for row in collection.spectra_in_use(session, kind, few=few)]


def own(substance: Any, **facts: Any) -> AddOwnSpectrum:
    told = {"x": (58.0, 135.0, 77.0), "y": (999.0, 120.0, 40.0), "x_unit": "m/z", **facts}
    return AddOwnSpectrum(substance.id, **{"kind": "ei", "y_unit": "relative", **told})


def test_a_library_waits_for_another_person_before_it_is_searched(
    session: Session, network: Network
) -> None:
    library = collecting.add_spectrum_library(session, network.chemist, NEW)
    make_reference_spectrum(session, library, name="A")
    assert searched(session, "ei") == []
    before = library_version(session)
    collecting.review_library(session, network.head, ReviewLibrary(library.id))
    assert searched(session, "ei") == ["A"]
    assert library_version(session) == before + 1


def test_nobody_reviews_a_library_of_their_own(session: Session, network: Network) -> None:
    library = collecting.add_spectrum_library(session, network.head, NEW)
    make_reference_spectrum(session, library)
    with pytest.raises(Refused, match="your own work"):
        collecting.review_library(session, network.head, ReviewLibrary(library.id))


def test_an_empty_library_cannot_be_put_in_use(session: Session, network: Network) -> None:
    library = collecting.add_spectrum_library(session, network.chemist, NEW)
    with pytest.raises(Refused, match="no spectrum"):
        collecting.review_library(session, network.head, ReviewLibrary(library.id))


def test_a_retired_library_is_searched_no_more_and_keeps_its_reason(
    session: Session, network: Network
) -> None:
    library = make_spectrum_library(session)
    make_reference_spectrum(session, library)
    with pytest.raises(Invalid):
        collecting.retire_library(session, network.head, RetireLibrary(library.id, " "))
    retired = collecting.retire_library(
        session, network.head, RetireLibrary(library.id, "licence ended")
    )
    assert (retired.state, retired.reason) == ("retired", "licence ended")
    assert searched(session, "ei") == []
    with pytest.raises(Refused):
        collecting.review_library(session, network.head, ReviewLibrary(library.id))


def test_a_library_needs_a_licence_a_known_kind_and_a_free_name(
    session: Session, network: Network
) -> None:
    add = collecting.add_spectrum_library
    add(session, network.chemist, NEW)
    for wrong in (
        AddSpectrumLibrary("Other", "ei", "  "),
        AddSpectrumLibrary("Other", "nmr", "free"),
        AddSpectrumLibrary(NEW.name, "ei", "free"),
    ):
        with pytest.raises(Invalid):
            add(session, network.chemist, wrong)


def test_the_same_library_sent_twice_is_kept_once(session: Session, network: Network) -> None:
    command = AddSpectrumLibrary("Synthetic", "ir", "free", id=uuid.uuid4())
    one = collecting.add_spectrum_library(session, network.chemist, command)
    assert collecting.add_spectrum_library(session, network.chemist, command).id == one.id
    assert session.scalar(select(func.count()).select_from(SpectrumLibrary)) == 1


def test_only_the_duties_for_it_add_review_and_retire(session: Session, network: Network) -> None:
    with pytest.raises(NotPermitted):
        collecting.add_spectrum_library(session, network.worker, NEW)
    library = make_spectrum_library(session, state="draft")
    for act, command in (
        (collecting.review_library, ReviewLibrary(library.id)),
        (collecting.retire_library, RetireLibrary(library.id, "why")),
        (collecting.decide_export, DecideExport(library.id, True)),
    ):
        with pytest.raises(NotPermitted):
            act(session, network.chemist, command)  # type: ignore[operator]


def test_somebody_elses_change_is_not_written_over(session: Session, network: Network) -> None:
    library = make_spectrum_library(session)
    with pytest.raises(Stale):
        collecting.decide_export(session, network.head, DecideExport(library.id, True, 99))


def test_a_library_of_one_laboratory_is_not_shown_to_another(
    session: Session, network: Network
) -> None:
    library = make_spectrum_library(session, site_id=network.second_laboratory.id)
    spectrum = make_reference_spectrum(session, library)
    assert collection.libraries(session, network.chemist) == []
    assert collection.spectra(session, network.chemist, SpectrumFilters()) == ([], 0)
    with pytest.raises(NotFound):
        collection.spectrum(session, network.chemist, spectrum.id)
    assert collection.library(session, network.other_chemist, library.id).spectra == 1


# ------------------------------------------------------------------------------ own spectra


def test_an_own_spectrum_is_a_draft_until_another_person_reviews_it(
    session: Session, network: Network
) -> None:
    mdma = make_substance(session, "mdma")
    added = own_spectra.add_own_spectrum(session, network.chemist, own(mdma))
    assert (added.state, added.library.own, added.library.exportable) == ("draft", True, False)
    assert searched(session, "ei") == []
    before = library_version(session)
    own_spectra.review_spectrum(session, network.head, ReviewSpectrum(added.id))
    assert searched(session, "ei") == ["MDMA"]
    assert library_version(session) == before + 1
    own_spectra.retire_spectrum(session, network.head, RetireSpectrum(added.id, "doubtful"))
    assert searched(session, "ei") == []


def test_a_head_does_not_review_the_spectrum_that_the_head_added(
    session: Session, network: Network
) -> None:
    added = own_spectra.add_own_spectrum(session, network.head, own(make_substance(session, "ghb")))
    with pytest.raises(Refused, match="your own work"):
        own_spectra.review_spectrum(session, network.head, ReviewSpectrum(added.id))


def test_the_same_own_spectrum_twice_is_kept_once(session: Session, network: Network) -> None:
    mdma = make_substance(session, "mdma")
    one = own_spectra.add_own_spectrum(session, network.chemist, own(mdma))
    assert own_spectra.add_own_spectrum(session, network.chemist, own(mdma)).id == one.id
    other = own_spectra.add_own_spectrum(session, network.chemist, own(mdma, form="hydrochloride"))
    assert other.id != one.id and other.library_id == one.library_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": (), "y": ()},
        {"x": (1.0, 2.0), "y": (1.0,)},
        {"x": (1.0, float("nan")), "y": (1.0, 1.0)},
        {"kind": "nmr"},
    ],
)
def test_numbers_that_are_no_spectrum_are_refused(
    session: Session, network: Network, wrong: dict[str, Any]
) -> None:
    command = own(make_substance(session, "mdma"), **wrong)
    with pytest.raises(Invalid):
        own_spectra.add_own_spectrum(session, network.chemist, command)


def test_every_act_on_spectra_is_in_the_journal(session: Session, network: Network) -> None:
    added = own_spectra.add_own_spectrum(
        session, network.chemist, own(make_substance(session, "mdma"))
    )
    own_spectra.review_spectrum(session, network.head, ReviewSpectrum(added.id))
    written = list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
    assert written[-3:] == [
        "add spectrum library",
        "add own reference spectrum",
        "review reference spectrum",
    ]


# ------------------------------------------------------------------------------ searching


def test_tables_of_a_few_ions_are_never_part_of_a_search_of_whole_spectra(
    session: Session, network: Network
) -> None:
    make_reference_spectrum(session, make_spectrum_library(session, few=True), name="few")
    whole = make_spectrum_library(session, name="Whole")
    make_reference_spectrum(session, whole, name="whole")
    assert searched(session, "ei") == ["whole"]
    assert searched(session, "ei", few=True) == ["few"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (SpectrumFilters(text="amphet"), ["Amphetamine"]),
        (SpectrumFilters(text="QQSHTBNLZSQHGC-UHFFFAOYSA-N"), ["Amphetamine"]),
        (SpectrumFilters(text="QQSHTBNLZSQHGC"), ["Amphetamine"]),
        (SpectrumFilters(ion=91), ["Amphetamine"]),
        (SpectrumFilters(ion=9), []),
        (SpectrumFilters(precursor=180.1019), ["Mephedrone"]),
        (SpectrumFilters(precursor=178.1226), []),
        (SpectrumFilters(text="%"), []),
        (SpectrumFilters(text="e", state="retired"), []),
    ],
)
def test_spectra_are_found_by_name_structure_ion_and_precursor(
    session: Session, network: Network, filters: SpectrumFilters, found: list[str]
) -> None:
    library = make_spectrum_library(session)
    make_reference_spectrum(
        session,
        library,
        (44.05, 91.054),
        name="Amphetamine",
        inchikey="QQSHTBNLZSQHGC-UHFFFAOYSA-N",
    )
    make_reference_spectrum(session, library, name="Mephedrone", precursor_mz=180.102)
    rows, total = collection.spectra(session, network.worker, filters)
    assert ([one.name for one in rows], total) == (found, len(found))


def test_libraries_are_counted_with_what_is_in_use_and_what_waits(
    session: Session, network: Network
) -> None:
    library = make_spectrum_library(session)
    make_reference_spectrum(session, library, substance_id=make_substance(session, "mdma").id)
    make_reference_spectrum(session, library, name="x", state="draft")
    make_reference_spectrum(session, library, name="y", state="retired")
    found = collection.library(session, network.head, library.id)
    assert (found.spectra, found.in_use, found.resolved, found.waiting) == (3, 1, 1, 1)


def test_what_the_operator_brought_in_a_person_of_the_network_reviews(
    session: Session, network: Network
) -> None:
    library = collecting.add_spectrum_library(session, OPERATOR, NEW)
    make_reference_spectrum(session, library)
    with pytest.raises((NotPermitted, Refused)):
        collecting.review_library(session, OPERATOR, ReviewLibrary(library.id))
    reviewed = collecting.review_library(session, network.head, ReviewLibrary(library.id))
    assert reviewed.reviewed_by == "head"


# ------------------------------------------------------------------------------ numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_come_back_as_they_were_kept(values: list[float]) -> None:
    assert peaks.unpacked(peaks.packed(np.array(values))).tolist() == values


def test_the_strongest_ions_are_listed_strongest_first() -> None:
    x, y = np.array([58.07, 91.05, 134.96]), np.array([999.0, 20.0, 300.0])
    assert peaks.nominal_ions("ei", x, y) == ",58,135,91,"
    assert peaks.nominal_ions("ir", x, y) == ""


def test_every_state_says_what_may_come_after_it() -> None:
    assert set(standing.MOVES) == set(standing.LibraryState)
    assert set(standing.SPECTRUM_MOVES) == set(standing.SpectrumState)
    for present in standing.LibraryState:
        for wanted in standing.LibraryState:
            if wanted in standing.MOVES[present]:
                standing.refuse_library_move(present, wanted)
            else:
                with pytest.raises(Refused):
                    standing.refuse_library_move(present, wanted)


def test_records_of_two_databases_tell_the_same_spectrum_apart_alike() -> None:
    one = peaks.content_hash("ei", b"x", b"y", "KEY")
    assert one == peaks.content_hash("ei", b"x", b"y", "KEY")
    assert one != peaks.content_hash("ei", b"x", b"y", "OTHER")
    assert ReferenceSpectrum.__table__.c.hash.type.length == len(one)  # type: ignore[attr-defined]
