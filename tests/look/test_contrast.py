"""Every pair of colours that stands together can be read: WCAG 2.2 AA, light, dark and print.

Text needs 4.5:1; graphics, borders and focus need 3:1. Luminance and ratio as in WCAG 2.2, 1.4.3.
"""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css").read_text()


def colours(start: str) -> dict[str, str]:
    body = CSS[CSS.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", body[: body.index("}")]))


LIGHT = colours(":root {")
SCHEMES = {
    "light": LIGHT,
    "dark chosen": {**LIGHT, **colours(':root[data-theme="dark"] {')},
    "dark by the system": {**LIGHT, **colours(':root:not([data-theme="light"]) {')},
    "print": {**LIGHT, **colours(":root, :root[data-theme] {")},
}
SIGNALS = ("info", "caution", "warning", "red", "late", "error")

TEXT = [
    (ink, ground)
    for ground in ("bg", "surface", "surface-2", "surface-3")
    for ink in ("ink", "ink-2", "ink-3", "link")
]
TEXT += [(f"{s}-ink", ground) for ground in ("surface", "surface-2", "bg") for s in SIGNALS]
TEXT += [(f"on-{k}", k) for k in ("info", "caution", "warning", "red", "late", "act")]
TEXT += [(f"{k}-ink", f"{k}-bg") for k in (*SIGNALS, "neutral", "prov")]
TEXT += [(ink, f"{s}-bg") for s in SIGNALS for ink in ("ink", "ink-2")]
TEXT += [
    ("on-act", "act-hover"),
    ("ink", "act-soft"),
    ("ink-2", "act-soft"),
    ("link", "act-soft"),
    ("act", "act-soft"),
    ("rail-ink", "rail"),
    ("rail-ink", "rail-hover"),
    ("rail-ink-2", "rail"),
    ("rail-on-ink", "rail-on"),
    ("demo-ink", "demo-bg"),
    ("off-ink", "off-bg"),
    ("mark-ink", "mark"),
    ("ink", "mark"),
    ("plate-ink", "plate"),
    ("plate-ink", "plate-lane"),
    ("surface", "ink"),
    ("paper-ink", "paper"),
    ("paper-ink-2", "paper"),
    ("paper-on", "paper-red"),
    ("paper-on", "paper-late"),
]
ON_SURFACE = "line-strong act focus info warning red late neutral-line prov-line error-line"
GRAPHIC = [(g, "surface") for g in [*ON_SURFACE.split(), "plot-1", "plot-2", "plot-3", "plot-mute"]]
GRAPHIC += [
    ("line-strong", "bg"),
    ("line-strong", "surface-2"),
    ("act", "bg"),
    ("focus", "bg"),
    ("focus-rail", "rail"),
    ("spot", "plate"),
    ("plate-line", "plate"),
    ("plate-sel", "plate-lane"),
    ("on-caution", "caution"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("pairs", "needed"), [(TEXT, 4.5), (GRAPHIC, 3.0)], ids=["text", "signs"])
def test_what_stands_together_can_be_read(
    scheme: str, pairs: list[tuple[str, str]], needed: float
) -> None:
    colour = SCHEMES[scheme]
    weak = {
        f"{a} on {b}": round(ratio(colour[a], colour[b]), 2)
        for a, b in pairs
        if ratio(colour[a], colour[b]) < needed
    }
    assert weak == {}


def test_both_dark_schemes_are_the_same() -> None:
    assert SCHEMES["dark chosen"] == SCHEMES["dark by the system"]


def test_a_neutral_result_is_white_in_every_scheme() -> None:
    assert {scheme["neutral-bg"] for scheme in SCHEMES.values()} == {"#FFFFFF"}


def test_no_colour_is_written_outside_the_tokens() -> None:
    for sheet in ("balise.css", "fonts.css"):
        text = (Path(__file__).resolve().parents[2] / "static" / "css" / sheet).read_text()
        assert re.findall(r"#[0-9A-Fa-f]{3,8}\b(?=\s*[;,)}])", text) == [], sheet
