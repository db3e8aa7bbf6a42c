"""Synthetic photographs of plates with known spots, to measure what the proposals are worth.

Perspective, uneven light, oval and tailing spots, faint ones, pencil lines, noise and compression.
No plate and no substance is real.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from lims.analysis.colours import Lab, lab_from_srgb
from lims.analysis.photographs import Corners, Floats, homography

_SILICA = np.array([0.965, 0.96, 0.945])
SIZE = 760
PLATE = 560


@dataclass(frozen=True)
class TrueSpot:
    """A spot as it was drawn: how far it ran, its palette colour, how strong it is."""

    ran: float
    colour: str
    strength: float
    tailing: bool


@dataclass(frozen=True)
class TrueLane:
    """A lane as it was drawn; a blank has no spot."""

    middle: float
    spots: tuple[TrueSpot, ...]


@dataclass(frozen=True)
class SimulatedPhotograph:
    """A photograph with what is on it, and its corners and lines as a hand places them."""

    data: bytes
    lanes: tuple[TrueLane, ...]
    corners: Corners
    origin: float
    front: float


def photograph(random: np.random.Generator, colours: Mapping[str, str]) -> SimulatedPhotograph:
    """Draw a plate and photograph it; `colours` are palette codes with values such as #a0b1c2."""
    origin, front = 0.9 + random.uniform(-0.02, 0.02), 0.12 + random.uniform(-0.04, 0.05)
    lanes = _lanes(random, list(colours))
    plate = _plate(random, lanes, colours, origin, front)
    rgb, corners = _taken(random, plate)
    kept = io.BytesIO()
    levels = (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)
    Image.fromarray(levels).save(kept, "JPEG", quality=int(random.integers(75, 95)))
    placed = [[x + random.normal(0, 0.003), y + random.normal(0, 0.003)] for x, y in corners]
    return SimulatedPhotograph(
        kept.getvalue(),
        lanes,
        placed,
        origin + random.normal(0, 0.003),
        front + random.normal(0, 0.003),
    )


def _lanes(random: np.random.Generator, codes: list[str]) -> tuple[TrueLane, ...]:
    count = int(random.integers(4, 9))
    spacing = random.uniform(0.8, 0.98) / count
    first = 0.5 - spacing * (count - 1) / 2 + random.normal(0, 0.01)
    lanes = []
    for at in range(count):
        middle = first + spacing * at + random.normal(0, 0.004)
        blank = at == count - 1 or random.random() < 0.08
        lanes.append(TrueLane(middle, () if blank else _spots(random, codes)))
    return tuple(lanes)


def _spots(random: np.random.Generator, codes: list[str]) -> tuple[TrueSpot, ...]:
    places: list[float] = []
    for _try in range(int(random.integers(1, 4))):
        ran = random.uniform(0.06, 0.93)
        if all(abs(ran - other) > 0.09 for other in places):
            places.append(ran)
    return tuple(
        TrueSpot(
            ran,
            codes[int(random.integers(len(codes)))],
            float(random.choice([1.0, 0.7, 0.4, 0.2, 0.1])),
            bool(random.random() < 0.2),
        )
        for ran in sorted(places)
    )


def _plate(
    random: np.random.Generator,
    lanes: tuple[TrueLane, ...],
    colours: Mapping[str, str],
    origin: float,
    front: float,
) -> Floats:
    y, x = np.mgrid[0:PLATE, 0:PLATE] / PLATE
    silica = _SILICA + random.normal(0, 0.008, 3)
    plate = np.ones((PLATE, PLATE, 3)) * silica
    plate += ndimage.gaussian_filter(random.normal(0, 1, (PLATE, PLATE)), 1.2)[..., None] * 0.02
    plate += _spray(random, x, y)
    for line, dark in ((origin, 0.25), (front, 0.2)):
        plate -= (np.abs(y - line) < 0.0016)[..., None] * dark
    marked = random.random() < 0.6  # not everybody marks where a sample is put
    for lane in lanes:
        if marked:
            plate -= ((np.hypot(x - lane.middle, y - origin)) < 0.005)[..., None] * 0.2
        for spot in lane.spots:
            cover = _cover(random, x, y, lane.middle, origin - spot.ran * (origin - front), spot)
            plate = plate * (1 - cover[..., None]) + _rgb(colours[spot.colour]) * cover[..., None]
    return np.clip(plate, 0, 1)


def _spray(random: np.random.Generator, x: Floats, y: Floats) -> Floats:
    """Return what spraying, fingers and a lamp do: patches, smudges, one bright place."""
    patches = ndimage.gaussian_filter(random.normal(0, 1, (PLATE, PLATE)), PLATE * 0.08)
    tint = random.normal(0, 1, 3) * 0.5 - 0.5
    found = patches[..., None] / max(float(np.abs(patches).max()), 1e-9) * 0.025 * tint
    for _smudge in range(int(random.integers(0, 3))):
        at, wide = random.uniform(0.05, 0.95, 2), random.uniform(0.03, 0.07)
        blob = np.exp(-0.5 * ((x - at[0]) ** 2 + (y - at[1]) ** 2) / wide**2)
        found = found - blob[..., None] * random.uniform(0.005, 0.03)
    at, wide = random.uniform(0, 1, 2), random.uniform(0.1, 0.25)
    bright = np.exp(-0.5 * ((x - at[0]) ** 2 + (y - at[1]) ** 2) / wide**2)
    return np.asarray(found + bright[..., None] * random.uniform(0, 0.05), dtype=np.float64)


def _cover(
    random: np.random.Generator, x: Floats, y: Floats, middle: float, at: float, spot: TrueSpot
) -> Floats:
    wide, tall = random.uniform(0.014, 0.026), random.uniform(0.008, 0.02)
    aside = middle + random.normal(0, 0.003)
    body = np.exp(-0.5 * (np.abs((x - aside) / wide) ** 2.6 + np.abs((y - at) / tall) ** 2.6))
    if spot.tailing:
        long = random.uniform(0.05, 0.09)
        tail = np.exp(-0.5 * ((x - aside) / (0.7 * wide)) ** 2) * np.exp(-(y - at) / long)
        body = np.maximum(body, 0.55 * tail * (y > at))
    return np.asarray(spot.strength * body, dtype=np.float64)


def _rgb(written: str) -> NDArray[np.float64]:
    digits = written.removeprefix("#")
    return np.array([int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)])


def _taken(random: np.random.Generator, plate: Floats) -> tuple[Floats, list[list[float]]]:
    """Return a plate as a camera sees it: from aside, on a bench, in light from one side."""
    corners = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
    corners = [[x + random.normal(0, 0.03), y + random.normal(0, 0.03)] for x, y in corners]
    back = np.linalg.inv(homography(corners))
    v, u = np.mgrid[0:SIZE, 0:SIZE] / (SIZE - 1)
    at = back @ np.stack([u.ravel(), v.ravel(), np.ones(u.size)])
    at = (at[:2] / at[2]).reshape(2, SIZE, SIZE)
    on = ((at >= 0) & (at <= 1)).all(axis=0)
    places = at[::-1] * (PLATE - 1)
    seen = np.stack(
        [
            ndimage.map_coordinates(plate[..., one], places, order=1, mode="nearest")
            for one in range(3)
        ],
        axis=-1,
    )
    bench = np.array([0.32, 0.3, 0.29]) + random.normal(0, 0.03, 3)
    rgb = np.where(on[..., None], seen, bench)
    angle, fall = random.uniform(0, 2 * np.pi), random.uniform(0.05, 0.3)
    slope = (np.cos(angle) * (u - 0.5) + np.sin(angle) * (v - 0.5)) * fall
    corner_dark = random.uniform(0, 0.15) * ((u - 0.5) ** 2 + (v - 0.5) ** 2) * 2
    light = (random.uniform(0.78, 0.98) + slope - corner_dark)[..., None]
    tint = 1 + random.normal(0, 0.02, 3)
    return np.clip(rgb * light * tint + random.normal(0, 0.012, rgb.shape), 0, 1), corners


def palette_labs(colours: Mapping[str, str]) -> dict[str, Lab]:
    """Return the CIELAB values of palette colours."""
    found = {}
    for code, written in colours.items():
        light, red, yellow = lab_from_srgb(_rgb(written))
        found[code] = (float(light), float(red), float(yellow))
    return found


def seen_lab(written: str, strength: float) -> Lab:
    """Return CIELAB of a palette colour that covers a white plate by this share."""
    shown = _rgb(written) * strength + _SILICA * (1 - strength)
    light, red, yellow = lab_from_srgb(shown)
    return float(light), float(red), float(yellow)
