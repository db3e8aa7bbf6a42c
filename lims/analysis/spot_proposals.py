"""Lanes and spots proposed from a straightened plate: what stands out against the plate around it.

Everything found here is a proposal: the chemist confirms, moves or removes it. Places are fractions
of the straightened plate, from its left edge and from its top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage, signal

from lims.analysis.colours import Lab, ciede2000, lab_from_srgb
from lims.analysis.photographs import Floats
from lims.analysis.plate_backgrounds import WHITE, background, evened
from lims.foundation.errors import refuse_field
from lims.foundation.words import _

MOST_LANES = 30
#: Least contrast of a spot against the plate around it, in ΔE (CIE76), and in noise.
LEAST_CONTRAST = 1.2
LEAST_OVER_NOISE = 4.0
STRONG, MEDIUM = 22.0, 9.0
#: Rows this near to origin or front, as a share of the run between them, show the pencil line.
PENCIL = 0.025
#: The outermost columns, as a share of the width, may show the bench.
EDGE = 0.025
#: The core of a spot: what stands out this much of its most.
CORE = 0.9
#: A tail is this much longer below the spot than above it.
TAIL = 1.9


@dataclass(frozen=True)
class ProposedSpot:
    """A spot: how far it ran as a fraction of the front, and what it looks like."""

    ran: float
    contrast: float
    intensity: str
    tailing: bool
    lab: Lab
    #: nearest colour of the palette, and how far it is (ΔE2000)
    colour: str
    colour_distance: float


@dataclass(frozen=True)
class ProposedLane:
    """A lane by the fraction of the width where its middle stands."""

    middle: float
    spots: tuple[ProposedSpot, ...]


def propose(
    straight: Floats,
    origin: float,
    front: float,
    palette: Mapping[str, Lab],
    lanes: int | None = None,
) -> tuple[ProposedLane, ...]:
    """Propose lanes and spots between origin and front (fractions from the top).

    `lanes` says how many there are, evenly spaced; else each column that shows a spot is a lane.
    Raises Invalid when origin and front leave nothing between them.
    """
    high = straight.shape[0]
    top, bottom = round(front * high), round(origin * high)
    if bottom - top < 20:
        raise refuse_field("front", _("The front lies above the origin."))
    lab = lab_from_srgb(ndimage.gaussian_filter(straight, (1.0, 1.0, 0)))
    ground = background(lab)
    apart = (lab - ground)[top:bottom]
    contrast = np.sqrt((apart**2).sum(axis=-1))
    edge = max(1, round(EDGE * straight.shape[1]))
    contrast[:, :edge] = contrast[:, -edge:] = 0.0
    pencil = max(2, round(PENCIL * (bottom - top)))
    inside = contrast[pencil:-pencil]
    marks = _marks(lab, ground, bottom)
    middles = _even_lanes(inside, marks, lanes) if lanes else _lanes_seen(inside)
    even = evened(straight, ground)[top:bottom]
    reader = _Reader(even, contrast, pencil, palette, _spacing(middles, straight.shape[1]))
    return tuple(
        ProposedLane(round(middle / straight.shape[1], 4), reader.spots(middle))
        for middle in middles
    )


def _columns(contrast: Floats) -> Floats:
    """Return how much each column stands out: the mean of its strongest rows, smoothed."""
    strongest = np.sort(contrast, axis=0)[-max(3, contrast.shape[0] // 30) :]
    smooth: Floats = ndimage.gaussian_filter1d(strongest.mean(axis=0), contrast.shape[1] / 120)
    return smooth


def _lanes_seen(contrast: Floats) -> list[float]:
    columns = _columns(contrast)
    wide = len(columns)
    floor = float(np.percentile(columns, 20))
    least = max(LEAST_CONTRAST, 0.06 * (float(columns.max()) - floor))
    places, _facts = signal.find_peaks(
        columns, height=floor + least, prominence=least, distance=max(3, wide / (MOST_LANES + 2))
    )
    return [float(place) for place in places]


def _marks(lab: Floats, ground: Floats, origin: int) -> Floats:
    """Return how much each column stands out along the origin: pencil marks, what did not run."""
    rows = slice(max(0, origin - lab.shape[0] // 60), origin + lab.shape[0] // 60 + 1)
    apart = np.sqrt(((lab - ground)[rows] ** 2).sum(axis=-1)).mean(axis=0)
    level = ndimage.median_filter(apart, max(3, len(apart) // 8))  # the line itself
    edge = max(1, round(EDGE * len(apart)))
    apart[:edge] = apart[-edge:] = 0.0
    marks: Floats = ndimage.gaussian_filter1d(np.clip(apart - level, 0, None), len(apart) / 200)
    return marks


def _even_lanes(contrast: Floats, marks: Floats, lanes: int) -> list[float]:
    """Return the middles of evenly spaced lanes that hold most of what stands out."""
    columns: Floats = _columns(contrast)
    level = float(np.median(columns))  # most of a plate lies between its spots
    columns = columns - level - 1.5 * float(np.median(np.abs(columns - level)))
    # a strong lane counts more than a faint one, but must not outvote two of them
    columns = np.sqrt(np.clip(columns, 0, None))
    columns /= max(float(columns.max()), 1e-9)
    noise = 1.4826 * float(np.median(np.abs(marks - np.median(marks))))
    if marks.max() > 8 * noise:
        columns += 0.7 * np.sqrt(marks / marks.max())
    wide, best = len(columns), (-np.inf, 0.0, 0.0)
    if lanes == 1:
        return [float(np.argmax(columns))]
    for spacing in np.linspace(0.55, 1.12, 115) * wide / lanes:
        # no lane stands on the edge of the plate
        last_first = wide - spacing * (lanes - 1) - 0.35 * spacing
        for first in np.arange(0.35 * spacing, last_first, 1.0):
            at = first + spacing * np.arange(lanes)
            between = at[:-1] + spacing / 2
            gained = np.interp(at, np.arange(wide), columns).sum()
            lost = np.interp(between, np.arange(wide), columns).sum()
            # plates are spotted about their middle, and over nearly all of their width
            aside = abs(first + spacing * (lanes - 1) / 2 - wide / 2) / wide
            narrow = abs(spacing * lanes / wide - 0.9)
            score = float(gained - lost - (aside + narrow) * columns.max())
            if score > best[0]:
                best = (score, first, float(spacing))
    return [_settled(columns, best[1] + best[2] * at, best[2]) for at in range(lanes)]


def _settled(columns: Floats, middle: float, spacing: float) -> float:
    """Return the middle of a lane moved to the peak beside it, when there is one."""
    low, high = max(0, round(middle - spacing / 4)), round(middle + spacing / 4) + 1
    part = columns[low:high]
    if not part.size or part.max() < 0.3 * columns.max():
        return float(np.clip(middle, 0, len(columns) - 1))
    return float(low + int(np.argmax(part)))


def _spacing(middles: Sequence[float], wide: int) -> float:
    gaps = np.diff(sorted(middles))
    return float(np.median(gaps)) if len(gaps) else wide / 6


@dataclass(frozen=True)
class _Reader:
    """Reads the spots of one lane after the other."""

    even: Floats
    contrast: Floats
    pencil: int
    palette: Mapping[str, Lab]
    spacing: float

    def spots(self, middle: float) -> tuple[ProposedSpot, ...]:
        """Return the spots of the lane with this middle, from the origin up."""
        profile = self._profile(middle)
        noise = 1.4826 * float(np.median(np.abs(profile - np.median(profile))))
        least = max(LEAST_CONTRAST, LEAST_OVER_NOISE * noise)
        wide = max(3.0, 0.02 * len(profile))
        places, facts = signal.find_peaks(
            profile, height=least, prominence=0.6 * least, distance=wide
        )
        found = [
            self._spot(middle, int(place), profile, float(rise))
            for place, rise in zip(places, facts["prominences"], strict=True)
            if self.pencil <= place < len(profile) - self.pencil
        ]
        return tuple(one for one in reversed(found) if one is not None)

    def _profile(self, middle: float) -> Floats:
        """Return how much each row of a lane stands out against the gaps beside it."""
        half = max(2, round(self.spacing * 0.16))
        lane = self._strip(middle, half).mean(axis=1)
        beside = np.minimum(
            self._strip(middle - self.spacing / 2, max(1, half // 2)).mean(axis=1),
            self._strip(middle + self.spacing / 2, max(1, half // 2)).mean(axis=1),
        )
        smooth: Floats = ndimage.gaussian_filter1d(lane - beside, max(1.0, len(lane) / 250))
        return smooth

    def _strip(self, middle: float, half: int) -> Floats:
        wide = self.contrast.shape[1]
        at = int(np.clip(round(middle), half, wide - 1 - half))
        return self.contrast[:, at - half : at + half + 1]

    def _spot(self, middle: float, place: int, profile: Floats, rise: float) -> ProposedSpot | None:
        height = profile[place]
        above, below = _reach(profile[::-1], len(profile) - 1 - place), _reach(profile, place)
        if rise < 0.15 * height:  # a ripple in the tail of another
            return None
        exact = _between(profile, place)
        lab = self._lab(middle, place)
        colour, distance = nearest_colour(lab, self.palette)
        return ProposedSpot(
            ran=round(1 - (exact + 0.5) / len(profile), 4),
            contrast=round(float(height), 2),
            intensity=_intensity(float(np.linalg.norm(np.subtract(lab, WHITE)))),
            tailing=below > TAIL * above and below > 0.02 * len(profile),
            lab=lab,
            colour=colour,
            colour_distance=distance,
        )

    def _lab(self, middle: float, place: int) -> Lab:
        """Return the colour of the core of a spot as it would be on a white plate."""
        half = max(2, round(self.spacing * 0.2))
        wide = self.contrast.shape[1]
        at = int(np.clip(round(middle), half, wide - 1 - half))
        rows = slice(max(0, place - half), place + half + 1)
        part = self.contrast[rows, at - half : at + half + 1]
        core = part >= CORE * part.max()
        light, red, yellow = self.even[rows, at - half : at + half + 1][core].mean(axis=0)
        return round(float(max(0.0, light)), 2), round(float(red), 2), round(float(yellow), 2)


def _reach(profile: Floats, place: int) -> int:
    """Return how many rows below a peak its flank keeps a quarter of the height."""
    under = np.flatnonzero(profile[place:] < 0.25 * profile[place])
    return int(under[0]) if under.size else len(profile) - place


def _between(profile: Floats, place: int) -> float:
    """Return a peak between rows: the top of the parabola through three of them."""
    if not 0 < place < len(profile) - 1:
        return float(place)
    left, top, right = profile[place - 1 : place + 2]
    bend = left - 2 * top + right
    return float(place + 0.5 * (left - right) / bend) if bend else float(place)


def _intensity(contrast: float) -> str:
    return "strong" if contrast >= STRONG else "medium" if contrast >= MEDIUM else "faint"


def nearest_colour(lab: Lab, palette: Mapping[str, Lab]) -> tuple[str, float]:
    """Return the code of the nearest palette colour and its ΔE2000; raises Invalid without any."""
    if not palette:
        raise refuse_field("palette", _("The palette holds no colour."))
    codes = list(palette)
    known: Any = np.array([palette[one] for one in codes], dtype=np.float64)
    apart = ciede2000(np.array(lab, dtype=np.float64)[None, :], known)
    best = int(np.argmin(apart))
    return codes[best], round(float(apart[best]), 2)
