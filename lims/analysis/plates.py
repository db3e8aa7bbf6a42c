"""A plate drawn to scale as SVG, from plain values: one unit of the drawing is one millimetre.

Nothing here knows a record or a language; words come with the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

ORIGIN_MM = 10
SIZES = {"strong": 1.9, "medium": 1.5, "faint": 1.2}
STRENGTHS = {"strong": "0.9", "medium": "0.75", "faint": "0.5"}


@dataclass(frozen=True)
class DrawnSpot:
    """A spot in mm from the origin, filled with a palette colour when it has one."""

    label: str
    distance_mm: Decimal
    intensity: str = "medium"
    colour: str = ""
    tailing: bool = False
    selected: bool = False
    #: lane and letter, by which a pointer finds the distance that it moves
    key: str = ""


@dataclass(frozen=True)
class DrawnLane:
    """A lane with what stands above it."""

    position: int
    words: str
    spots: Sequence[DrawnSpot] = ()
    selected: bool = False


@dataclass(frozen=True)
class Words:
    """What the drawing says, in the reader's language."""

    title: str
    description: str
    #: such as "plate 100 × 100 mm", made from %(width)s and %(height)s
    size: str


def plate_size(lanes: int, front_mm: Decimal | None) -> tuple[int, int]:
    """Return width and height in mm of the usual plate that holds these lanes and this front."""
    return (100 if lanes <= 7 else 200), (100 if (front_mm or 0) <= 88 else 200)


def draw(front_mm: Decimal | None, lanes: Sequence[DrawnLane], words: Words) -> Markup:
    """Return the drawing of a plate with its ruler, front, lanes and spots."""
    width, height = plate_size(len(lanes), front_mm)
    origin = height - ORIGIN_MM
    front = origin - float(front_mm) if front_mm is not None else None
    parts = [
        _tag("title", words.title, id="plate-t"),
        _tag("desc", words.description, id="plate-d"),
        f'<rect class="glass" x="0" y="0" width="{width}" height="{height}" rx=".6"/>',
        *_ruler(origin, front if front is not None else 8),
    ]
    for place, lane in enumerate(lanes):
        middle = round(width * (place + 0.5) / max(len(lanes), 1), 2)
        parts += _lane(lane, middle, origin, front if front is not None else 6.0, height)
    if front is not None:
        parts.append(f'<path class="front" d="M0 {front:.1f}h{width}"/>')
    parts.append(f'<path class="origin" d="M0 {origin}h{width}"/>')
    parts += _scale(width, height, words.size)
    box = f"-9.5 -11.5 {width + 11} {height + 23}"
    return Markup(  # every text above is escaped
        f'<svg class="plate" viewBox="{box}" data-origin="{origin}" role="img" '
        'aria-labelledby="plate-t plate-d">' + "".join(parts) + "</svg>"
    )


def _tag(name: str, text: str, **attributes: str) -> str:
    written = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>{escape(text)}</{name}>"


def _ruler(origin: int, top: float) -> list[str]:
    parts = [_tag("text", "mm", class_="out2", x="-1.5", y="5", **{"text-anchor": "end"})]
    for mm in range(0, int(origin - top) + 1, 2):
        y, long = origin - mm, mm % 10 == 0
        parts.append(f'<path class="tick" d="M0 {y}h{3 if long else 1.5}"/>')
        if mm % 20 == 0:
            at = {"x": "-1.5", "y": str(y + 1), "text-anchor": "end"}
            parts.append(_tag("text", str(mm), class_="out2", **at))
    return parts


def _lane(lane: DrawnLane, x: float, origin: int, top: float, height: int) -> list[str]:
    parts = []
    if lane.selected:
        size = f'width="12" height="{height - 4}" rx=".5"'
        parts.append(f'<rect class="lane-on" x="{x - 6:.2f}" y="2" {size}/>')
    parts.append(f'<path class="lane" d="M{x} {origin}V{top:.1f}"/>')
    parts.append(f'<path class="origin" d="M{x - 2:.2f} {origin}h4M{x} {origin - 1.2:.1f}v2.4"/>')
    for spot in lane.spots:
        parts += _spot(spot, x, origin - float(spot.distance_mm))
    middle = {"x": f"{x}", "text-anchor": "middle"}
    parts.append(_tag("text", str(lane.position), class_="out", y="-6", **middle))
    parts.append(_tag("text", lane.words, class_="out2", y="-1.6", **middle))
    return parts


def _spot(spot: DrawnSpot, x: float, y: float) -> list[str]:
    tall = SIZES.get(spot.intensity, 1.5)
    wide = tall * 1.25
    fill = spot.colour if spot.colour not in ("", "none", "clear") else "grey"
    opacity = STRENGTHS.get(spot.intensity, "0.75")
    parts = []
    if spot.tailing:
        tail = f"M{x - 0.7:.2f} {y:.2f}L{x} {y + 6:.2f}L{x + 0.7:.2f} {y:.2f}z"
        parts.append(f'<path class="rgf-{escape(fill)}" d="{tail}" fill-opacity="0.35"/>')
    at = f'cx="{x}" cy="{y:.2f}"'
    parts.append(
        f'<ellipse class="rgf-{escape(fill)}" {at} rx="{wide:.2f}" ry="{tall}" '
        f'fill-opacity="{opacity}"/>'
    )
    parts.append(f'<ellipse class="pen" {at} rx="{wide + 0.7:.2f}" ry="{tall + 0.7:.2f}"/>')
    if spot.label:
        place = {"x": f"{x + wide + 1.4:.2f}", "y": f"{y + 1.2:.2f}"}
        parts.append(_tag("text", spot.label, **place))
    if spot.selected:
        parts.append(
            f'<rect class="sel" x="{x - 4.6:.2f}" y="{y - 3.6:.2f}" width="9.2" height="7.2" '
            'rx=".4"/>'
        )
    if not spot.key:
        return parts
    at = f'data-spot="{escape(spot.key)}" data-y="{y:.2f}"'
    return [f'<g class="spot" {at}>', *parts, "</g>"]


def _scale(width: int, height: int, size: str) -> list[str]:
    y = height + 5
    text = {"y": f"{y + 1.3}"}
    return [
        f'<path class="ruler" d="M0 {y}h20M0 {y - 1}v2M20 {y - 1}v2"/>',
        _tag("text", "20 mm", class_="out2", x="22", **text),
        _tag("text", size, class_="out2", x=str(width), **text, **{"text-anchor": "end"}),
    ]
