from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lims.identification import indexes
from lims.identification.searching import SEARCHERS
from lims.identification.shelves import Shelf, open_shelf
from lims.library.spectra import ReferenceSpectrum
from lims.library.versions import note_library_change
from lims.spectra.spectrum import Kind, Spectrum
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


def shelf(session: Any, folder: Path, kind: Kind = Kind.EI) -> Shelf:
    return open_shelf(session, folder, kind, SEARCHERS[kind])


def spectrum(kind: Kind, peaks: Any, **facts: str) -> Spectrum:
    x, y = (np.array(column) for column in peaks)
    return Spectrum(kind, x, y, "m/z", "relative", sticks=True, facts=facts)


def names(session: Any, on: Shelf, query: Spectrum) -> list[tuple[str, int]]:
    hits = SEARCHERS[on.kind].search(on.index, query, 10, "")
    return [(session.get(ReferenceSpectrum, on.ids[hit.position]).name, hit.score) for hit in hits]


def test_a_position_in_the_index_stands_for_its_reference(stocked: Any, tmp_path: Path) -> None:
    found = names(stocked, shelf(stocked, tmp_path), spectrum(Kind.EI, B))
    assert found[0] == ("b", 999)
    assert names(stocked, shelf(stocked, tmp_path), spectrum(Kind.EI, B)) == found


def test_fragments_are_searched_by_the_mass_of_their_precursor(
    stocked: Any, tmp_path: Path
) -> None:
    on = shelf(stocked, tmp_path, Kind.MSMS)
    near = names(stocked, on, spectrum(Kind.MSMS, A, precursor_mz="304.15"))
    assert near[0] == ("a", 999)
    assert names(stocked, on, spectrum(Kind.MSMS, A, precursor_mz="500.0")) == []


def test_a_change_of_the_library_is_searched_at_once(stocked: Any, tmp_path: Path) -> None:
    before = shelf(stocked, tmp_path)
    library = make_spectrum_library(stocked, name="Synthetic, later")
    make_reference_spectrum(stocked, library, [44.0, 200.0], [999.0, 300.0], name="later")
    note_library_change(stocked)
    stocked.commit()
    after = shelf(stocked, tmp_path)
    assert (len(before.ids), len(after.ids)) == (2, 3)
    assert after.version > before.version


def test_a_library_in_draft_is_not_searched(stocked: Any, tmp_path: Path) -> None:
    draft = make_spectrum_library(stocked, name="Synthetic draft", state="draft")
    make_reference_spectrum(stocked, draft, [44.0, 200.0], [999.0, 300.0], name="draft")
    note_library_change(stocked)
    stocked.commit()
    assert len(shelf(stocked, tmp_path).ids) == 2


def build(place: str, made: str) -> None:
    def slowly(folder: Path) -> None:
        time.sleep(0.3)
        (folder / "index").write_text("whole", encoding="utf-8")
        with Path(made).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")

    indexes.build_once(Path(place), "ei-", slowly)


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
        indexes.build_once(place, "ei-", broken)
    assert [one.name for one in place.parent.iterdir() if one.is_dir()] == []


def test_indexes_of_earlier_states_are_removed(tmp_path: Path) -> None:
    for number in range(4):
        indexes.build_once(tmp_path / f"ei-{number}-aa", "ei-", lambda folder: None)
        time.sleep(0.01)
    left = sorted(one.name for one in tmp_path.iterdir() if one.is_dir())
    assert left == ["ei-2-aa", "ei-3-aa"]
