"""The pages of reference spectra: libraries, searching, one spectrum with its picture."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.doors.schema import CommandSchema
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _, number, say
from lims.library import collecting, collection, exporting, outgoing, own_spectra
from lims.library import spectrum_schemas as schemas
from lims.library.peaks import STICKS, unpacked
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.library.spectrum_drawing import Drawn, drawing
from lims.library.standing import KIND_WORDS, SEARCHED_KINDS, STATE_WORDS
from lims.network.rules import Permission

blueprint = Blueprint("reference_spectra", __name__, url_prefix="/library/spectra")
PAGE = 50
POINTS_SHOWN = 200
ASKED = ("text", "kind", "state", "ion", "precursor", "library_id")


def words() -> dict[str, Any]:
    """Return the words that every page of spectra says."""
    tongue = browser.language()
    return {
        "kind_words": {kind: say(told, tongue) for kind, told in KIND_WORDS.items()},
        "state_words": {state: say(told, tongue) for state, told in STATE_WORDS.items()},
        "kinds": [(kind, say(KIND_WORDS[kind], tongue)) for kind in SEARCHED_KINDS],
        "name_of": name_of,
    }


def name_of(library: SpectrumLibrary) -> str:
    """Return the name of a library; the network's own ones are named in the reader's language."""
    if not library.own:
        return library.name
    kind = say(KIND_WORDS[library.kind], browser.language())
    return say(_("Measured here: %(kind)s", kind=kind), browser.language())


@blueprint.get("")
def libraries() -> ResponseReturnValue:
    """List the libraries of reference spectra."""
    session, actor = browser.session(), browser.actor()
    return browser.render(
        "library/spectra.html",
        libraries=collection.libraries(session, actor),
        may_add=actor.may(Permission.ADD_REFERENCE),
        typed={},
        problems=browser.Problems(),
        **words(),
    )


@blueprint.get("/find")
def find() -> ResponseReturnValue:
    """Search the spectra by name, structure, ion and precursor."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    typed, problems = request.args.to_dict(), browser.Problems()
    found: list[ReferenceSpectrum] = []
    total = 0
    try:
        filters = schemas.FindSpectraSchema().read(typed)
        found, total = collection.spectra(session, actor, filters, page, PAGE)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    shown = browser.render(
        "library/find_spectra.html",
        spectra=found,
        typed=typed,
        problems=problems,
        states=[(state, say(STATE_WORDS[state], browser.language())) for state in schemas.STATES],
        **way("reference_spectra.find", page, total, {key: typed.get(key, "") for key in ASKED}),
        **words(),
    )
    return shown, 422 if problems else 200


def way(endpoint: str, page: int, total: int, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return which part of a long list is shown, and the addresses before and after it."""
    last = min(page * PAGE, total)
    return {
        "first": (page - 1) * PAGE + 1,
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, page=page - 1, **kept) if page > 1 else None,
        "next_url": url_for(endpoint, page=page + 1, **kept) if last < total else None,
    }


@blueprint.get("/<uuid:library_id>")
def library(library_id: uuid.UUID) -> ResponseReturnValue:
    """Show a library: its licence, its state, and the spectra in it."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    counted = collection.library(session, actor, library_id)
    filters = collection.SpectrumFilters(library_id=library_id)
    found, total = collection.spectra(session, actor, filters, page, PAGE)
    return browser.render(
        "library/spectrum_library.html",
        counted=counted,
        library=counted.library,
        spectra=found,
        may_decide=actor.may(Permission.MANAGE_LABORATORY, counted.library.site_id),
        may_add=actor.may(Permission.ADD_REFERENCE),
        own_work=counted.library.added_by == actor.account,
        **way("reference_spectra.library", page, total, {"library_id": library_id}),
        **words(),
    )


@blueprint.post("/<uuid:library_id>/review")
def review(library_id: uuid.UUID) -> ResponseReturnValue:
    """Put a library in use."""
    act, schema = collecting.review_library, schemas.ReviewLibrarySchema()
    return _act_on(
        "library", library_id, act, schema, _("The library is in use. Searches use it from now on.")
    )


@blueprint.post("/<uuid:library_id>/retire")
def retire(library_id: uuid.UUID) -> ResponseReturnValue:
    """Take a library out of use."""
    act, schema = collecting.retire_library, schemas.RetireLibrarySchema()
    return _act_on("library", library_id, act, schema, _("The library is retired."))


@blueprint.post("/<uuid:library_id>/exportable")
def exportable(library_id: uuid.UUID) -> ResponseReturnValue:
    """Say whether the spectra of a library may leave the network."""
    act, schema = collecting.decide_export, schemas.DecideExportSchema()
    return _act_on("library", library_id, act, schema, _("The decision on export is saved."))


@blueprint.post("/<uuid:library_id>/export")
def export(library_id: uuid.UUID) -> ResponseReturnValue:
    """Give a library as a file, if its licence allows that."""
    session = browser.session()
    made = exporting.export_library(session, browser.actor(), library_id)
    session.commit()
    texts = outgoing.texts(house().engine, made.library_id)
    answer = Response(texts, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer


@blueprint.get("/one/<uuid:spectrum_id>")
def spectrum(spectrum_id: uuid.UUID) -> ResponseReturnValue:
    """Show one reference spectrum: picture, numbers, facts, where it comes from."""
    session, actor = browser.session(), browser.actor()
    found = collection.spectrum(session, actor, spectrum_id)
    return browser.render(
        "library/spectrum.html",
        spectrum=found,
        library=found.library,
        picture=_picture(found),
        points=_points(found),
        y_name=say(y_words(found.y_unit), browser.language()),
        facts=sorted(found.facts.items()),
        may_decide=actor.may(Permission.MANAGE_LABORATORY),
        own_work=found.added_by == actor.account,
        **words(),
    )


def _picture(found: ReferenceSpectrum) -> Markup:
    """Return the drawing of a spectrum."""
    tongue = browser.language()
    x, y = unpacked(found.x), unpacked(found.y)
    sticks = found.kind in STICKS
    strongest = number(float(x[y.argmax()]), tongue)
    told = {"n": found.points, "least": number(float(x.min()), tongue)}
    told |= {"most": number(float(x.max()), tongue), "unit": axis(found.x_unit)}
    summary = _(
        "Points: %(n)s, from %(least)s to %(most)s %(unit)s; the strongest stands at %(top)s.",
        top=strongest,
        **told,
    )
    drawn = Drawn(
        x.tolist(),
        y.tolist(),
        sticks,
        say(y_words(found.y_unit), tongue),
        say(summary, tongue),
        axis(found.x_unit),
        descending=found.kind == "ir",
    )
    return Markup(drawing(drawn))  # our own SVG, its words escaped


def axis(unit: str) -> str:
    """Return a unit of the x axis as people write it."""
    return {"cm-1": "cm⁻¹"}.get(unit, unit)


def y_words(unit: str) -> Message:
    """Return a unit of the y axis in words."""
    known = {
        "relative": _("Relative intensity"),
        "absorbance": _("Absorbance"),
        "transmittance": _("Transmittance"),
        "percent transmittance": _("Transmittance (%%)"),
        "arbitrary": _("Intensity (arbitrary)"),
        "counts": _("Intensity (counts)"),
    }
    return known.get(unit) or Message(unit.replace("%", "%%"))


def _points(found: ReferenceSpectrum) -> list[tuple[float, float]]:
    """Return the peaks, or as many points of a curve as a table can show, in the file's order."""
    x, y = unpacked(found.x), unpacked(found.y)
    step = max(1, -(-len(x) // POINTS_SHOWN))
    if found.kind in STICKS and step > 1:
        kept = sorted((-y).argsort(kind="stable")[:POINTS_SHOWN])
        x, y, step = x[kept], y[kept], 1
    pairs = zip(x[::step].tolist(), y[::step].tolist(), strict=True)
    return [(float(f"{one:.8g}"), float(f"{other:.5g}")) for one, other in pairs]


@blueprint.post("/one/<uuid:spectrum_id>/review")
def review_one(spectrum_id: uuid.UUID) -> ResponseReturnValue:
    """Put an own spectrum in use."""
    act, schema = own_spectra.review_spectrum, schemas.ReviewSpectrumSchema()
    return _act_on(
        "spectrum",
        spectrum_id,
        act,
        schema,
        _("The spectrum is in use. Searches use it from now on."),
    )


@blueprint.post("/one/<uuid:spectrum_id>/retire")
def retire_one(spectrum_id: uuid.UUID) -> ResponseReturnValue:
    """Take one spectrum out of use."""
    act, schema = own_spectra.retire_spectrum, schemas.RetireSpectrumSchema()
    return _act_on("spectrum", spectrum_id, act, schema, _("The spectrum is retired."))


def _act_on(
    what: str,
    its_id: uuid.UUID,
    act: Callable[[Session, Actor, Any], Any],
    schema: CommandSchema,
    done: Message,
) -> ResponseReturnValue:
    """Do an act of one button on a library or a spectrum, and go back to its page."""
    its: dict[str, Any] = {f"{what}_id": str(its_id)}
    return browser.act_and_go(
        lambda session, actor, typed: act(session, actor, schema.read({**typed, **its})),
        url_for(f"reference_spectra.{what}", **its),
        done,
    )
