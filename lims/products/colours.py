"""How far apart two colours are to the eye: CIEDE2000 on the sRGB values of the list of colours.

A value of the list stands for a word that somebody chose under some light. A small distance says
that two people may well have chosen either word; it says nothing of what a tablet holds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

from lims.foundation.words import Message, _

Lab = tuple[float, float, float]
NEAR_COLOUR = 26.0
"""CIEDE2000 distance up to which colours of the list count as near, unless one asks otherwise: the
list's neighbours (orange and red, blue and purple, green and turquoise) lie within it."""
_HEX = re.compile(r"#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
_KINK = 25.0**7


@lru_cache(maxsize=512)
def lab(hexadecimal: str) -> Lab | None:
    """Return the CIELAB (D65) of an sRGB colour such as #F5D90A, IEC 61966-2-1; None if unread."""
    match = _HEX.fullmatch(hexadecimal.strip())
    if match is None:
        return None
    red, green, blue = (_linear(int(part, 16) / 255) for part in match.groups())
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (_cube(part) for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _cube(part: float) -> float:
    return float(part ** (1 / 3)) if part > (6 / 29) ** 3 else part * (29 / 6) ** 2 / 3 + 4 / 29


def colour_distance(one: str, other: str) -> float | None:
    """Return the CIEDE2000 distance of two colours given as hex, or None."""
    first, second = lab(one), lab(other)
    return None if first is None or second is None else ciede2000(first, second)


def ciede2000(one: Lab, other: Lab) -> float:
    """Return ΔE00 of two CIELAB colours, with kL = kC = kH = 1.

    G. Sharma, W. Wu, E. N. Dalal, The CIEDE2000 color-difference formula: implementation notes,
    supplementary test data, and mathematical observations, Color Research & Application 30 (2005)
    21-30, doi 10.1002/col.20070; the steps are numbered as there.
    """
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = ((hypot(a1, b1) + hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - sqrt(mean / (mean + _KINK)))  # (2) to (5)
    c1, c2 = hypot(a1 * stretch, b1), hypot(a2 * stretch, b2)  # (6)
    h1, h2 = _hue(a1 * stretch, b1), _hue(a2 * stretch, b2)  # (7)
    turn = _turn(h1, h2) if c1 * c2 else 0.0  # (10)
    hue = 2 * sqrt(c1 * c2) * sin(radians(turn) / 2)  # (11)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2  # (12), (13)
    middle = _middle(h1, h2) if c1 * c2 else h1 + h2  # (14)
    weight = (  # (15)
        1
        - 0.17 * cos(radians(middle - 30))
        + 0.24 * cos(radians(2 * middle))
        + 0.32 * cos(radians(3 * middle + 6))
        - 0.20 * cos(radians(4 * middle - 63))
    )
    part_l = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2))  # (18)
    part_c = (c2 - c1) / (1 + 0.045 * chroma)  # (19)
    part_h = hue / (1 + 0.015 * chroma * weight)  # (20)
    return sqrt(
        part_l**2 + part_c**2 + part_h**2 + _rotation(chroma, middle) * part_c * part_h
    )  # (22)


def _hue(a: float, b: float) -> float:
    return degrees(atan2(b, a)) % 360 if a or b else 0.0


def _turn(one: float, other: float) -> float:
    difference = other - one
    if difference > 180:
        return difference - 360
    return difference + 360 if difference < -180 else difference


def _middle(one: float, other: float) -> float:
    if abs(one - other) <= 180:
        return (one + other) / 2
    return (one + other + 360) / 2 if one + other < 360 else (one + other - 360) / 2


def _rotation(chroma: float, middle: float) -> float:
    """Return the term that turns the ellipses of the blue region, (16), (17) and (21)."""
    angle = 30 * exp(-(((middle - 275) / 25) ** 2))
    return -sin(radians(2 * angle)) * 2 * sqrt(chroma**7 / (chroma**7 + _KINK))


def colour_fit(distance: float | None, within: float) -> float:
    """Return how well a colour fits, 1 at no distance, a half at the limit, 0 beyond it."""
    if distance is None or distance > within:
        return 0.0
    return 1.0 - distance / (2 * within)


def colour_words(distance: float | None, within: float, *, same: bool) -> Message:
    """Say how near a colour is."""
    if same:
        return _("same colour")
    if distance is None or distance > within:
        return _("another colour")
    return _("near colour (ΔE00 %(distance)s)", distance=f"{distance:.0f}")
