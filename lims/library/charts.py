"""Small drawings of the library: an isotope pattern, and where substances lie on a plate.

Plain SVG without script or style attributes; the table beside each says the same in figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from lims.library.masses import Isotopologue

WIDTH, HEIGHT, FOOT = 320, 120, 22
STRIP_ROW, STRIP_TOP = 16, 18
_NEAR = 9.0  # hRf under which two names would lie over each other


def isotope_chart(pattern: Sequence[Isotopologue], labels: Sequence[str], title: str) -> str:
    """Return the isotope pattern as sticks; `labels` are what stands under them."""
    step = (WIDTH - 20) / max(1, len(pattern))
    parts = [f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}"/>']
    for place, (one, label) in enumerate(zip(pattern, labels, strict=True)):
        x, height = 10 + step * (place + 0.5), max(1.0, one.percent / 100 * (HEIGHT - 14))
        parts.append(
            f'<rect class="bar" x="{x - 3:.1f}" y="{HEIGHT - height:.1f}" width="6" '
            f'height="{height:.1f}"/>'
            f'<text x="{x:.1f}" y="{HEIGHT + 15}" text-anchor="middle">{escape(label)}</text>'
        )
    return _chart(WIDTH, HEIGHT + FOOT, title, parts, " chart--isotopes")


def strip(values: Mapping[str, float], title: str) -> str:
    """Return the substances of a system along a line from origin (0) to front (100)."""
    rows: list[float] = []
    parts = []
    for name, value in sorted(values.items(), key=lambda pair: (pair[1], pair[0])):
        row = next((place for place, last in enumerate(rows) if value - last >= _NEAR), len(rows))
        rows[row : row + 1] = [value]
        x, y = 10 + value * 6.4, STRIP_TOP + STRIP_ROW * row
        anchor, shift = ("end", -6) if value > 80 else ("start", 6)
        parts.append(
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="8" y2="{y}"/>'
            f'<circle class="dot" cx="{x:.1f}" cy="{y}" r="4"/>'
            f'<text x="{x + shift:.1f}" y="{y + 4}" text-anchor="{anchor}">{escape(name)}</text>'
        )
    bottom = STRIP_TOP + STRIP_ROW * max(1, len(rows))
    axis = [f'<line class="axis" x1="10" x2="650" y1="{bottom}" y2="{bottom}"/>']
    for hrf in range(0, 101, 20):
        x = 10 + hrf * 6.4
        axis.append(
            f'<line class="axis" x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 5}"/>'
            f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{hrf}</text>'
        )
    return _chart(680, bottom + 26, title, [*axis, *parts])


def _chart(width: int, height: int, title: str, parts: Sequence[str], kind: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart{kind}" role="img" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
