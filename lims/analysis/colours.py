"""Colours as numbers: from the values of a picture to CIELAB, and how far two colours differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Lab = tuple[float, float, float]
#: reference white of D65 for the 2 degree observer, and sRGB to XYZ; IEC 61966-2-1
_D65 = np.array([0.95047, 1.0, 1.08883])
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab_of(written: str) -> Lab:
    """Return CIELAB of a colour written as #a0b1c2; raises ValueError for anything else."""
    digits = written.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(written)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    light, red, yellow = lab_from_srgb(np.array(parts))
    return float(light), float(red), float(yellow)


def lab_from_srgb(given: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return CIELAB (D65, 2 degree observer) of sRGB values from 0 to 1, in the last axis.

    IEC 61966-2-1 for transfer and matrix, CIE 15 for L*, a* and b*.
    """
    return lab_from_linear(linear_from_srgb(given))


def linear_from_srgb(given: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return amounts of light of sRGB values from 0 to 1 (IEC 61966-2-1)."""
    linear = np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear, dtype=np.float64)


def lab_from_linear(linear: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return CIELAB (D65) of amounts of light in the primaries of sRGB (CIE 15)."""
    relative = linear @ _TO_XYZ.T / _D65
    straight = relative / (3 * (6 / 29) ** 2) + 4 / 29
    root = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), straight)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def linear_from_lab(lab: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return amounts of light in the primaries of sRGB of CIELAB (D65): the way back."""
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    relative = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    return np.asarray((relative * _D65) @ np.linalg.inv(_TO_XYZ).T, dtype=np.float64)


def ciede2000(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the CIEDE2000 difference of CIELAB colours (last axis L*, a*, b*; broadcasts).

    Sharma, Wu, Dalal, Color Research and Application 30 (2005) 21–30, equations 2 to 22,
    parametric factors 1.
    """
    chroma_mean = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    grey = 0.5 * (1 - np.sqrt(chroma_mean**7 / (chroma_mean**7 + 25.0**7)))
    a1, a2 = (1 + grey) * one[..., 1], (1 + grey) * other[..., 1]
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, other[..., 2])
    h1 = np.degrees(np.arctan2(one[..., 2], a1)) % 360
    h2 = np.degrees(np.arctan2(other[..., 2], a2)) % 360
    apart = np.abs(h2 - h1)
    coloured = c1 * c2 != 0
    turn = np.where(apart <= 180, h2 - h1, h2 - h1 - 360 * np.sign(h2 - h1))
    turn = np.where(coloured, turn, 0.0)
    hue = np.where(apart <= 180, (h1 + h2) / 2, (h1 + h2 + 360) / 2 % 360)
    hue = np.where(coloured, hue, h1 + h2)
    return _weighted(
        (one[..., 0] + other[..., 0]) / 2,
        (c1 + c2) / 2,
        hue,
        (
            other[..., 0] - one[..., 0],
            c2 - c1,
            2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)),
        ),
    )


def _weighted(
    light: NDArray[np.float64],
    chroma: NDArray[np.float64],
    hue: NDArray[np.float64],
    steps: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Weigh differences in lightness, chroma and hue at a mean colour (same paper, 15 to 22)."""
    angle = np.radians
    tone = (
        1
        - 0.17 * np.cos(angle(hue - 30))
        + 0.24 * np.cos(angle(2 * hue))
        + 0.32 * np.cos(angle(3 * hue + 6))
        - 0.20 * np.cos(angle(4 * hue - 63))
    )
    in_light = steps[0] / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    in_chroma = steps[1] / (1 + 0.045 * chroma)
    in_hue = steps[2] / (1 + 0.015 * chroma * tone)
    turn = 30 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -np.sin(angle(2 * turn)) * 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    squares = in_light**2 + in_chroma**2 + in_hue**2 + rotation * in_chroma * in_hue
    return np.asarray(np.sqrt(squares), dtype=np.float64)
