"""The pages of the thin-layer systems: how well each separates, and which pairs stay together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lims.doors import browser
from lims.foundation.errors import Invalid
from lims.foundation.words import _, say
from lims.library import charts, discrimination, schemas, systems
from lims.library.systems import CITED, Basis

blueprint = Blueprint("systems", __name__, url_prefix="/library/systems")
PAIRS = 40


@blueprint.get("")
def every() -> ResponseReturnValue:
    """List the systems with discriminating power and mean list length."""
    window, problems = _window()
    tongue = browser.language()
    found = systems.systems(browser.session(), browser.actor(), tongue, window)
    page = browser.render(
        "library/systems.html",
        systems=[(one, [_shown(basis) for basis in one.bases]) for one in found],
        **_usual(problems),
    )
    return page, 422 if problems else 200


@blueprint.get("/<code>")
def one(code: str) -> ResponseReturnValue:
    """Show what one system separates, on cited and on measured values apart."""
    window, problems = _window()
    tongue = browser.language()
    found = systems.system(browser.session(), browser.actor(), code, tongue, window)
    drawings = [_strip(found.code, basis, tongue) for basis in found.bases]
    page = browser.render(
        "library/system.html",
        system=found,
        bases=list(zip([_shown(basis) for basis in found.bases], drawings, strict=True)),
        pairings=[
            (pairing, _figure(pairing.correlation.r), _figures(pairing.together))
            for pairing in found.pairings
        ],
        pairs=PAIRS,
        **_usual(problems),
    )
    return page, 422 if problems else 200


def _window() -> tuple[float | None, browser.Problems]:
    try:
        given = schemas.WindowSchema().read(request.args.to_dict())["window"]
        return (None if given is None else float(given)), browser.Problems()
    except Invalid as refusal:
        return None, browser.said(refusal.problems, refusal.message)


def _usual(problems: browser.Problems) -> dict[str, Any]:
    return {
        "typed": request.args.to_dict(),
        "problems": problems,
        "cited_window": _plain(discrimination.WINDOW_SDS * discrimination.CITED_SD),
        "measured_window": _plain(discrimination.WINDOW_SDS * discrimination.MEASURED_SD),
    }


def _shown(basis: Basis) -> dict[str, Any]:
    found = basis.separation
    pairs: Sequence[tuple[str, str, Decimal]] = [
        (first, second, _rounded(apart, "0.1")) for first, second, apart in found.together[:PAIRS]
    ]
    return {"basis": basis, "cited": basis.kind == CITED, "pairs": pairs, **_figures(found)}


def _figures(found: discrimination.Separation) -> dict[str, Any]:
    return {
        "n": found.n,
        "power": _figure(found.power),
        "mean_list": _figure(found.mean_list),
        "window": _plain(found.window),
        "together": len(found.together),
    }


def _figure(value: float | None) -> Decimal | None:
    return None if value is None else _rounded(value, "0.01")


def _plain(value: float) -> Decimal:
    """Return a width without a needless zero behind the point."""
    return Decimal(int(value)) if value == int(value) else _rounded(value, "0.1")


def _rounded(value: float, places: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(places))


def _strip(code: str, basis: Basis, tongue: str) -> Markup:
    if not basis.values:
        return Markup("")
    words = _("Measured values of system %(code)s along the plate, in hRf", code=code)
    if basis.kind == CITED:
        words = _("Cited values of system %(code)s along the plate, in hRf", code=code)
    return Markup(charts.strip(basis.values, say(words, tongue)))
