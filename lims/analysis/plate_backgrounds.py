"""The plate behind its spots: what most pixels show, and the picture with the light divided out."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from lims.analysis.colours import Lab, lab_from_linear, linear_from_lab, linear_from_srgb
from lims.analysis.photographs import Floats

#: What an unspotted plate is taken for: the palette's white.
WHITE: Lab = (97.18, -0.35, 0.96)


def background(lab: Floats) -> Floats:
    """Return the plate without its spots: a smooth surface through what most pixels show.

    A polynomial of the third degree in each channel, refitted without what stands out (light
    falls off smoothly over a plate; spots do not).
    """
    high, wide = lab.shape[:2]
    step = max(1, max(high, wide) // 160)
    few = lab[::step, ::step]
    terms = _terms(few.shape[0], few.shape[1])
    values = few.reshape(-1, 3)
    kept = np.ones(len(values), dtype=bool)
    weights: Any = np.zeros((terms.shape[1], 3))
    for _round in range(6):
        weights = np.linalg.lstsq(terms[kept], values[kept], rcond=None)[0]
        off = np.sqrt(((values - terms @ weights) ** 2).sum(axis=1))
        kept = off <= max(1.5, 2.5 * float(np.median(off[kept])))
        if kept.sum() < len(values) // 4:
            break
    return np.asarray((_terms(high, wide) @ weights).reshape(lab.shape), dtype=np.float64)


def _terms(high: int, wide: int) -> Floats:
    y, x = np.meshgrid(np.linspace(-1, 1, high), np.linspace(-1, 1, wide), indexing="ij")
    across, down = x.ravel(), y.ravel()
    powers = [across**i * down**j for i in range(4) for j in range(4 - i)]
    return np.stack(powers, axis=1)


def evened(straight: Floats, ground: Floats) -> Floats:
    """Return CIELAB as if the plate were white everywhere: each pixel against its background.

    Light that falls off multiplies what the plate and the spot send back, so it is divided out.
    """
    sent = linear_from_srgb(ndimage.gaussian_filter(straight, (1.0, 1.0, 0)))
    share = sent / np.maximum(linear_from_lab(ground), 0.01)
    return lab_from_linear(share * linear_from_lab(np.array(WHITE)))
