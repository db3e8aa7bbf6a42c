from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest

from lims.identification import indexes
from lims.identification.shelves import open_shelf
from lims.library.versions import note_library_change
from lims.spectra.spectrum import Kind
from tests.library.makers import make_reference_spectrum, make_spectrum_library

# Synthetic spectra of nothing.
A = ([58.0, 91.0, 135.0], [999.0, 120.0, 40.0])
B = ([82.0, 182.0, 303.0], [999.0, 700.0, 150.0])


@pytest.fixture
def stocked(session: Any) -> Any:
    ei = make_spectrum_library(session)
    fragments = make_spectrum_library(session, name="Synthetic fragments", kind="msms")
    for name, peaks in {"a": A, "b": B}.items():
        make_reference_spectrum(session, ei, *peaks, name=name)
        make_reference_spectrum(session, fragments, *peaks, name=name, precursor_mz=304.15)
    note_library_change(session)
    session.commit()
    return session


def test_a_search_names_the_reference_and_everything_needed_to_repeat_it(
    stocked: Any, tmp_path: Path
) -> None:
    found = indexes.search_ei(stocked, tmp_path, *B)
    assert str(found.references[0]) == found.hits[0].id
    told = found.as_document()
    assert told["hits"][0]["score"] == 999.0
    assert told["algorithm"] == "ei-1"
    assert told["parameters"]["retention_index"] is None
    again = indexes.search_ei(stocked, tmp_path, *B)
    assert again.as_document() == told


def test_fragments_are_searched_by_the_mass_of_their_precursor(
    stocked: Any, tmp_path: Path
) -> None:
    found = indexes.search_msms(stocked, tmp_path, *A, precursor=304.15)
    assert [hit.score for hit in found.hits] == [999.0, 0.0]
    assert not indexes.search_msms(stocked, tmp_path, *A, precursor=500.0).hits


def test_a_change_of_the_library_is_searched_at_once(stocked: Any, tmp_path: Path) -> None:
    before = indexes.mass_index(stocked, tmp_path, Kind.EI)
    library = make_spectrum_library(stocked, name="Synthetic, later")
    make_reference_spectrum(stocked, library, [44.0, 200.0], [999.0, 300.0], name="later")
    note_library_change(stocked)
    stocked.commit()
    after = indexes.mass_index(stocked, tmp_path, Kind.EI)
    assert (len(before.ids), len(after.ids)) == (2, 3)
    assert after.version > before.version


def test_a_library_in_draft_is_not_searched(stocked: Any, tmp_path: Path) -> None:
    draft = make_spectrum_library(stocked, name="Synthetic draft", state="draft")
    make_reference_spectrum(stocked, draft, [44.0, 200.0], [999.0, 300.0], name="draft")
    note_library_change(stocked)
    stocked.commit()
    assert len(indexes.mass_index(stocked, tmp_path, Kind.EI).ids) == 2


def test_the_pages_of_a_run_search_mass_spectra_too(stocked: Any, tmp_path: Path) -> None:
    shelf = open_shelf(stocked, tmp_path, Kind.EI)
    assert {hit.position for hit in shelf.index.search(*A)} == {0, 1}
    assert len(shelf.ids) == 2


def build(place: str, made: str) -> None:
    def slowly(folder: Path) -> None:
        time.sleep(0.3)
        (folder / "index").write_text("whole", encoding="utf-8")
        with Path(made).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")

    indexes.build_once(Path(place), slowly)


def test_of_two_processes_one_builds_and_both_find_it_whole(tmp_path: Path) -> None:
    place, made = tmp_path / "indexes" / "ei-1-aa", tmp_path / "made"
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=build, args=(str(place), str(made))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert [one.exitcode for one in both] == [0, 0]
    assert len(made.read_text(encoding="utf-8").splitlines()) == 1
    assert (place / "index").read_text(encoding="utf-8") == "whole"


def test_an_index_that_could_not_be_built_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "indexes" / "ei-1-bb"

    def broken(folder: Path) -> None:
        (folder / "half").write_text("half", encoding="utf-8")
        raise OSError

    with pytest.raises(OSError):
        indexes.build_once(place, broken)
    assert [one.name for one in place.parent.iterdir() if one.is_dir()] == []


def test_indexes_of_earlier_states_are_removed(tmp_path: Path) -> None:
    for number in range(4):
        indexes.build_once(tmp_path / f"ei-{number}-aa", lambda folder: None)
        time.sleep(0.01)
    left = sorted(one.name for one in tmp_path.iterdir() if one.is_dir())
    assert left == ["ei-2-aa", "ei-3-aa"]
