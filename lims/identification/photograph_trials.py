"""`lims evaluate plate-photos`: proposals from synthetic photographs of plates with known spots."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import Any

import click
import numpy as np

from lims.analysis import photographs, spot_proposals
from lims.analysis.colours import Lab
from lims.analysis.simulated_photographs import (
    SimulatedPhotograph,
    TrueLane,
    palette_labs,
    photograph,
    seen_lab,
)
from lims.analysis.spot_proposals import ProposedLane, nearest_colour
from lims.foundation.shipped import shipped
from lims.identification.averages import mean_with_interval
from lims.identification.trials import share_with_interval

#: A proposal is right within this of where the spot was drawn, as a fraction of the front: 2 hRf.
NEAR = 0.02
FAINT = 0.2
WHAT = {
    "data": "synthetic photographs: perspective, uneven light, smudges, oval and tailing spots of"
    " the shipped palette at 100, 70, 40, 20 and 10 % strength, noise, compression; corners, origin"
    " and front placed with an error of 0.3 % (sd)",
    "n": "spots drawn",
    "lanes_found": "lanes proposed within a quarter of the spacing, their number being known",
    "lanes_found_number_unknown": "the same of lanes that hold a spot, their number not known",
    "spots_found": "spots proposed on their lane within 2 hRf",
    "spots_found_faint": "the same of those at 10 or 20 % strength",
    "false_per_plate": "proposed spots that are none, mean over the photographs",
    "colour_right": "proposed palette colour is the one nearest to what the drawn spot shows at its"
    " strength on a white plate",
    "colour_right_full": "the same of spots at 70 or 100 % strength",
    "tail_right": "tail or no tail, as drawn",
    "_ci": "95 % interval: Wilson for shares, normal for means",
}


@click.command(name="plate-photos")
@click.option("--n", "count", default=60, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=7, show_default=True, help="Seed of the photographs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def plate_photos(count: int, seed: int, as_json: bool) -> None:
    """Measure lanes, spots and colours proposed from synthetic photographs of plates."""
    colours = _palette()
    tally, labs = _Tally(), palette_labs(colours)
    for at in range(count):
        photo = photograph(np.random.default_rng((seed, at)), colours)
        straight = photographs.straighten(photographs.pixels(photo.data), photo.corners)
        known, unknown = (
            spot_proposals.propose(straight, photo.origin, photo.front, labs, lanes)
            for lanes in (len(photo.lanes), None)
        )
        tally.add(photo, known, unknown, labs, colours)
    document = {**tally.as_document(), "photographs": count, "seed": seed, "what": WHAT}
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        shown = ("n", "lanes_found", "spots_found", "false_per_plate", "colour_right")
        click.echo(", ".join(f"{key} {document[key]}" for key in shown))


def _palette() -> dict[str, str]:
    with (shipped("reference_data") / "palette.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["hex"] and row["code"] != "white"]
    return {row["code"]: row["hex"] for row in rows}


class _Tally:
    """Counts what was right, by name: hits and how many were asked."""

    def __init__(self) -> None:
        self.shares: dict[str, list[bool]] = {name: [] for name in WHAT if name in SHARES}
        self.false: list[float] = []

    def add(
        self,
        photo: SimulatedPhotograph,
        known: Sequence[ProposedLane],
        unknown: Sequence[ProposedLane],
        labs: dict[str, Lab],
        colours: dict[str, str],
    ) -> None:
        """Note one photograph."""
        false = 0
        free = list(known)
        for lane in photo.lanes:
            found = _lane_of(lane, free, photo.lanes)
            self.shares["lanes_found"].append(found is not None)
            if lane.spots:
                seen = _lane_of(lane, unknown, photo.lanes) is not None
                self.shares["lanes_found_number_unknown"].append(seen)
            if found is not None:
                free.remove(found)
            false += self._spots(lane, found, labs, colours)
        self.false.append(false + sum(len(lane.spots) for lane in free))

    def _spots(
        self,
        lane: TrueLane,
        found: ProposedLane | None,
        labs: dict[str, Lab],
        colours: dict[str, str],
    ) -> int:
        """Note the spots of a lane; return how many proposals are left over."""
        left = list(found.spots) if found else []
        for spot in lane.spots:
            near = [one for one in left if abs(one.ran - spot.ran) <= NEAR]
            self.shares["spots_found"].append(bool(near))
            if spot.strength <= FAINT:
                self.shares["spots_found_faint"].append(bool(near))
            if not near:
                continue
            best = min(near, key=lambda one: abs(one.ran - spot.ran))
            left.remove(best)
            right = nearest_colour(seen_lab(colours[spot.colour], spot.strength), labs)[0]
            self.shares["colour_right"].append(best.colour == right)
            if spot.strength > 2 * FAINT:
                self.shares["colour_right_full"].append(best.colour == right)
            self.shares["tail_right"].append(best.tailing == spot.tailing)
        return len(left)

    def as_document(self) -> dict[str, Any]:
        """Return every share with its n and interval."""
        document: dict[str, Any] = {"n": len(self.shares["spots_found"])}
        for name, seen in self.shares.items():
            document |= share_with_interval(name, sum(seen), len(seen))
            document[f"{name}_n"] = len(seen)
        return {**document, **mean_with_interval("false_per_plate", self.false)}


SHARES = (
    *("lanes_found", "lanes_found_number_unknown", "spots_found", "spots_found_faint"),
    *("colour_right", "colour_right_full", "tail_right"),
)


def _lane_of(
    lane: TrueLane, found: Sequence[ProposedLane], lanes: Sequence[TrueLane]
) -> ProposedLane | None:
    gap = (lanes[-1].middle - lanes[0].middle) / max(1, len(lanes) - 1)
    near = [one for one in found if abs(one.middle - lane.middle) <= gap / 4]
    return min(near, key=lambda one: abs(one.middle - lane.middle), default=None)
