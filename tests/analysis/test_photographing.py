"""Photographs of plates: what is kept, placed, confirmed; the page and the machine door."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.confirming import ConfirmedSpot, ConfirmSpots, confirm_spots
from lims.analysis.measured import PlatePhoto
from lims.analysis.photographing import (
    PlaceLines,
    PutPhotograph,
    RemovePhotograph,
    place_lines,
    put_photograph,
    remove_photograph,
)
from lims.analysis.records import Run
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.foundation.files import fetch
from tests.analysis.bench import Bench, make_bench
from tests.analysis.plate_photographs import taken
from tests.makers import Network, api_headers, log_in_client


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


# -------------------------------------------------------------------------------- what is kept


def photographed(bench: Bench, folder: Path, seed: int = 0) -> Run:
    run: Run = bench.start("tlc-ta", bench.sample())
    command = PutPhotograph(run.id, folder, taken(seed).data)
    put_photograph(bench.session, bench.network.chemist, command)
    return run


def lines(run: Run, folder: Path, seed: int = 0, **given: Any) -> PlaceLines:
    photo = taken(seed)
    corners = tuple((float(x), float(y)) for x, y in photo.corners)
    values = {"corners": corners, "origin": photo.origin, "front": photo.front} | given
    return PlaceLines(run.id, folder, **values)


def confirmed(run: Run, *spots: ConfirmedSpot, **given: Any) -> ConfirmSpots:
    return ConfirmSpots(run.id, run.row_version, Decimal(80), spots, **given)


def test_a_photograph_is_kept_under_its_hash_and_proposes_nothing_before_lines_stand(
    bench: Bench, tmp_path: Path
) -> None:
    run = photographed(bench, tmp_path)
    photo = bench.session.get_one(PlatePhoto, run.id)
    assert fetch(tmp_path, photo.sha256)[:2] == b"\xff\xd8"
    assert photo.proposal == {}


def test_lines_propose_as_many_lanes_as_the_plate_has(bench: Bench, tmp_path: Path) -> None:
    run = photographed(bench, tmp_path)
    photo = place_lines(bench.session, bench.network.chemist, lines(run, tmp_path))
    plate = readings.plate_of(bench.session, run.id)
    assert len(photo.proposal["lanes"]) == len(plate.lanes)
    assert not any(lane.spots for lane in plate.lanes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"corners": ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))},
        {"corners": ((0.1, 0.1), (0.1, 0.9), (0.9, 0.9), (0.9, 0.1))},
        {"corners": ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))},
        {"corners": ((-0.4, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))},
        {"origin": 0.2, "front": 0.8},
        {"origin": 1.4},
    ],
    ids=["three", "anticlockwise", "a point", "outside", "upside down", "off the plate"],
)
def test_corners_and_lines_that_make_no_plate_are_refused(
    bench: Bench, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    run = photographed(bench, tmp_path)
    with pytest.raises(Invalid):
        place_lines(bench.session, bench.network.chemist, lines(run, tmp_path, **wrong))


def test_a_confirmed_spot_stands_on_the_plate_in_mm_with_its_colour(
    bench: Bench, tmp_path: Path
) -> None:
    run = photographed(bench, tmp_path)
    spot = ConfirmedSpot(2, Decimal("31.0"), "strong", True, "purple")
    wanted = confirmed(run, spot, step="marquis")
    confirm_spots(bench.session, bench.network.chemist, wanted)
    (kept,) = readings.plate_of(bench.session, run.id).lanes[1].spots
    assert (kept.distance_mm, kept.intensity, kept.tailing) == (Decimal("24.8"), "strong", True)
    assert [(one.step, one.colours) for one in kept.observations] == [("marquis", "purple")]


def test_a_spot_that_stands_on_the_plate_gains_the_colour_of_another_step(
    bench: Bench, tmp_path: Path
) -> None:
    run = photographed(bench, tmp_path)
    chemist = bench.network.chemist
    first = ConfirmedSpot(2, Decimal("31.0"), colour="purple")
    confirm_spots(bench.session, chemist, confirmed(run, first, step="marquis"))
    again = ConfirmedSpot(2, Decimal("31.8"), colour="blue")
    confirm_spots(bench.session, chemist, confirmed(run, again, step="mandelin"))
    (kept,) = readings.plate_of(bench.session, run.id).lanes[1].spots
    assert {one.step: one.colours for one in kept.observations} == {
        "marquis": "purple",
        "mandelin": "blue",
    }


def test_a_new_spot_of_the_reference_lane_is_the_reference_whose_window_holds_it(
    bench: Bench, tmp_path: Path
) -> None:
    run = photographed(bench, tmp_path)
    wanted = confirmed(run, *(ConfirmedSpot(1, Decimal(hrf)) for hrf in (18, 33, 56, 75)))
    confirm_spots(bench.session, bench.network.chemist, wanted)
    named = [one.reference for one in readings.plate_of(bench.session, run.id).lanes[0].spots]
    assert named == ["atropine", "codeine", "chlorprothixene", "diazepam"]


def test_confirming_keeps_the_notes_of_the_run(bench: Bench, tmp_path: Path) -> None:
    run = photographed(bench, tmp_path)
    run.note = "a crack at the left"
    bench.session.flush()
    spot = ConfirmedSpot(2, Decimal(31))
    confirm_spots(bench.session, bench.network.chemist, confirmed(run, spot))
    assert run.note == "a crack at the left"


@pytest.mark.parametrize(
    "spot", [ConfirmedSpot(9, Decimal(31)), ConfirmedSpot(2, Decimal(101)), None]
)
def test_a_spot_off_the_plate_is_refused(
    bench: Bench, tmp_path: Path, spot: ConfirmedSpot | None
) -> None:
    run = photographed(bench, tmp_path)
    with pytest.raises(Invalid):
        wanted = confirmed(run, *([spot] if spot else []))
        confirm_spots(bench.session, bench.network.chemist, wanted)


def test_a_removed_photograph_leaves_what_was_confirmed(bench: Bench, tmp_path: Path) -> None:
    run = photographed(bench, tmp_path)
    chemist = bench.network.chemist
    confirm_spots(bench.session, chemist, confirmed(run, ConfirmedSpot(2, Decimal(31))))
    remove_photograph(bench.session, chemist, RemovePhotograph(run.id))
    assert bench.session.get(PlatePhoto, run.id) is None
    assert readings.plate_of(bench.session, run.id).lanes[1].spots
    with pytest.raises(NotFound):
        place_lines(bench.session, chemist, lines(run, tmp_path))


def test_only_the_analyst_of_an_open_plate_gives_a_photograph(bench: Bench, tmp_path: Path) -> None:
    run = photographed(bench, tmp_path)
    command = PutPhotograph(run.id, tmp_path, taken(0).data)
    with pytest.raises(Refused):
        put_photograph(bench.session, bench.network.second_chemist, command)
    with pytest.raises(NotPermitted):
        put_photograph(bench.session, bench.network.counsellor, command)
    no_plate = bench.start("colour-reagents", bench.sample())
    with pytest.raises(Refused):
        put_photograph(
            bench.session, bench.network.chemist, PutPhotograph(no_plate.id, tmp_path, b"")
        )


# -------------------------------------------------------------------------------------- doors


@pytest.fixture
def chemist(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "chemist")


def lines_form(seed: int = 0) -> dict[str, str]:
    photo = taken(seed)
    typed = {"origin": f"{100 * photo.origin:.1f}", "front": f"{100 * photo.front:.1f}"}
    for at, (x, y) in enumerate(photo.corners):
        typed[f"corners-{at}-x"] = f"{100 * x:.1f}".replace(".", ",")
        typed[f"corners-{at}-y"] = f"{100 * y:.1f}"
    return typed


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_a_photograph_goes_from_the_camera_to_the_plate_by_typing_alone(
    chemist: Any, bench: Bench, language: str
) -> None:
    run = bench.start("tlc-ta", bench.sample())
    bench.session.commit()
    here = f"/runs/{run.id}/plate/photograph"
    assert chemist.get(f"{here}?lang={language}").status_code == 200
    given_file = {"photo": (io.BytesIO(taken(0).data), "plate.jpg")}
    assert chemist.post(here, data=given_file).status_code == 303
    assert chemist.get(f"{here}/image").mimetype == "image/jpeg"
    assert chemist.get(f"{here}/straight").status_code == 404
    assert chemist.post(f"{here}/lines", data=lines_form()).status_code == 303
    assert chemist.get(f"{here}/straight").mimetype == "image/jpeg"
    page = chemist.get(f"{here}?lang={language}").get_data(as_text=True)
    assert 'name="spots-0-hrf"' in page
    bench.session.rollback()
    bench.session.refresh(run)
    typed = {
        "row_version": str(run.row_version),
        "front_mm": "80",
        "step": "marquis",
        "spots-0-take": "yes",
        "spots-0-lane": "2",
        "spots-0-hrf": "31,5",
        "spots-0-intensity": "medium",
        "spots-0-colour": "purple",
        "spots-0-colour_distance": "3.5",
        "spots-1-lane": "2",
        "spots-1-hrf": "60",
    }
    bench.session.commit()
    assert chemist.post(f"{here}/spots", data=typed).status_code == 303
    bench.session.expire_all()
    spots = readings.plate_of(bench.session, run.id).lanes[1].spots
    assert [one.distance_mm for one in spots] == [Decimal("25.2")]
    bench.session.rollback()


def test_what_was_typed_stays_when_a_spot_is_refused(chemist: Any, bench: Bench) -> None:
    run = bench.start("tlc-ta", bench.sample())
    bench.session.commit()
    here = f"/runs/{run.id}/plate/photograph"
    chemist.post(here, data={"photo": (io.BytesIO(taken(0).data), "plate.jpg")})
    chemist.post(f"{here}/lines", data=lines_form())
    typed = {"row_version": "1", "front_mm": "80", "spots-0-take": "yes", "spots-0-lane": "2"}
    typed |= {"spots-0-hrf": "131", "spots-1-lane": "3", "spots-1-hrf": "44"}
    answer = chemist.post(f"{here}/spots", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="131"' in page
    assert 'value="44"' in page


def test_a_page_without_a_file_and_a_text_file_are_refused_beside_the_field(
    chemist: Any, bench: Bench
) -> None:
    run = bench.start("tlc-ta", bench.sample())
    bench.session.commit()
    here = f"/runs/{run.id}/plate/photograph"
    assert chemist.post(here, data={}).status_code == 422
    wrong = chemist.post(here, data={"photo": (io.BytesIO(b"a text"), "plate.jpg")})
    assert wrong.status_code == 422
    assert 'id="f-photo-e"' in wrong.get_data(as_text=True)


def test_a_program_puts_a_photograph_places_lines_and_confirms(
    app: Any, bench: Bench, session: Session
) -> None:
    key = api_headers(session, "chemist")
    run = bench.start("tlc-ta", bench.sample())
    version = run.row_version
    session.commit()
    client, here = app.test_client(), f"/api/analysis/runs/{run.id}/plate/photograph"
    assert client.get(here, headers=key).status_code == 404
    put = client.put(here, data=taken(0).data, headers={**key, "Content-Type": "image/jpeg"})
    assert put.status_code == 200
    photo = taken(0)
    told = {
        "corners": [{"x": round(100 * x, 3), "y": round(100 * y, 3)} for x, y in photo.corners],
        "origin": round(100 * photo.origin, 3),
        "front": round(100 * photo.front, 3),
    }
    placed = client.put(f"{here}/lines", json=told, headers=key)
    assert placed.status_code == 200, placed.json
    assert len(placed.json["proposal"]["lanes"]) == 4
    spots = {
        "row_version": version,
        "front_mm": "80",
        "spots": [{"lane": 2, "hrf": "31"}],
    }
    plate = client.post(f"{here}/spots", json=spots, headers=key)
    assert plate.status_code == 200, plate.json
    assert [one["distance_mm"] for one in plate.json["spots"]] == ["24.8"]
    assert client.post(f"{here}/spots", json=spots, headers=key).status_code == 409
    assert client.get(f"{here}/image", headers=key).data[:2] == b"\xff\xd8"
    assert client.delete(here, headers=key).status_code == 200
