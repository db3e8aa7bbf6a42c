"""The page of one spectrum: drawn, with its peaks, what fits it, and the decision on it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis import holdings
from lims.analysis import queries as runs
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Run
from lims.analysis.states import RunState
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.identification import (
    mixture_fits,
    spectrum_deciding,
    spectrum_fits,
    spectrum_schemas,
    spectrum_view,
    unknowns,
)
from lims.identification.deciding import Verdict
from lims.identification.mass_msms import Question
from lims.identification.records import Decision, Unknown
from lims.identification.resemblance import resembling
from lims.identification.shelves import CURVES
from lims.network.rules import Permission
from lims.spectra.spectrum import Kind

blueprint = Blueprint("spectra", __name__, url_prefix="/runs/<uuid:run_id>/spectra/<uuid:id>")
WAYS: dict[str, list[tuple[str, Message]]] = {
    "curve": [
        ("search", _("One substance")),
        ("mixture", _("A mixture")),
        ("rest", _("What is left over")),
    ],
    "msms": [
        ("search", _("The same precursor")),
        (Question.OPEN, _("Any mass")),
        (Question.ANALOGUES, _("Analogues")),
    ],
}
"""How a spectrum can be looked at: curves as one substance or several, fragments by mass."""
DONE: dict[str, Message] = {
    Verdict.ACCEPT: _("Accepted: the run answers with it."),
    Verdict.REJECT: _("The candidates are rejected, with your reason."),
    Verdict.UNDECIDED: _("Left undecided, with your reason."),
}


@blueprint.get("")
def spectrum(run_id: uuid.UUID, id: uuid.UUID) -> ResponseReturnValue:
    """Show a spectrum with what fits it: candidates, or the mixture that it may be."""
    return _show(browser.session(), browser.actor(), id, {}, browser.Problems())


@blueprint.get("/numbers")
def numbers(run_id: uuid.UUID, id: uuid.UUID) -> ResponseReturnValue:
    """Give the numbers of the drawing to the script that draws it with a zoom."""
    found = _Page(browser.session(), browser.actor(), id)
    return jsonify(found.picture().as_document())


@blueprint.route("/decisions", methods=["GET", "POST"])
def decide(run_id: uuid.UUID, id: uuid.UUID) -> ResponseReturnValue:
    """Decide on what fits a spectrum."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> list[Decision]:
        told = spectrum_schemas.DecideOnSpectrumSchema().read(typed)
        command = spectrum_schemas.decision_of(id, house().settings.data_dir, told)
        return spectrum_deciding.decide_on_spectrum(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: url_for(".spectrum", run_id=run_id, id=id, view=_view()),
        done=lambda made: DONE[made[0].verdict],
        show=lambda session, actor, typed, problems: _show(session, actor, id, typed, problems),
    )


@blueprint.route("/unknowns", methods=["GET", "POST"])
def number_unknown(run_id: uuid.UUID, id: uuid.UUID) -> ResponseReturnValue:
    """Number a spectrum that nothing of the library explains."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Unknown:
        command = spectrum_schemas.NumberSpectrumSchema().read({**typed, "spectrum_id": str(id)})
        return unknowns.number_spectrum(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: url_for(".spectrum", run_id=run_id, id=id),
        done=lambda made: _("It is unknown %(number)s from now on.", number=made.number),
        show=lambda session, actor, typed, problems: _show(session, actor, id, typed, problems),
    )


def _view() -> str:
    asked = request.values.get("view", "")
    known = {code for ways in WAYS.values() for code, _words in ways}
    return asked if asked in known else "search"


class _Page:
    """One spectrum as a request asks for it: its view, what is compared, what fits."""

    def __init__(self, session: Session, actor: Actor, spectrum_id: uuid.UUID) -> None:
        self.session, self.actor = session, actor
        self.measured = holdings.measured(session, actor, spectrum_id)
        self.run = runs.run(session, actor, self.measured.upload.run_id)
        self.spectrum = holdings.spectrum_of(self.measured)
        self.folder, self.tongue, self.view = house().settings.data_dir, browser.language(), _view()
        is_curve = not self.measured.sticks and self.measured.kind in CURVES
        self.ways = WAYS.get("curve" if is_curve else self.measured.kind, [])
        self.view = self.view if self.view in dict(self.ways) else "search"
        self.mixture = self._mixture() if self.view in ("mixture", "rest") else None
        self.fits = self._fits()

    def _mixture(self) -> mixture_fits.MixtureFits:
        return mixture_fits.mixture_of(self.session, self.run, self.measured, self.folder)

    def _fits(self) -> spectrum_fits.SpectrumFits:
        query = None
        if self.view == "rest" and self.mixture and self.mixture.mixture:
            query = self.mixture.mixture.left_over()
        question = self.view if self.view in list(Question) else ""
        return spectrum_fits.fits_of(
            self.session, self.run, self.measured, self.folder, query, question
        )

    @property
    def selected(self) -> str:
        """Return the reference that is laid over: the one asked for, else the first."""
        asked = request.args.get("with", "")
        known = [str(one.reference.id) for one in self.fits.candidates]
        return asked if asked in known else (known[0] if known else "")

    def picture(self) -> spectrum_view.Picture:
        """Return what is drawn."""
        if self.view == "mixture" and self.mixture is not None:
            return spectrum_view.mixture_picture(self.spectrum, self.mixture, self.tongue)
        shown = self.spectrum
        if self.view == "rest" and self.mixture and self.mixture.mixture:
            shown = self.mixture.mixture.left_over()
        for one in self.fits.candidates:
            if str(one.reference.id) == self.selected:
                name = one.name(self.tongue)
                return spectrum_view.compared_picture(shown, one.reference, name, self.tongue)
        return spectrum_view.plain_picture(shown, self.tongue)


def _show(
    session: Session,
    actor: Actor,
    spectrum_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    page = _Page(session, actor, spectrum_id)
    tongue = page.tongue
    return browser.render(
        "identification/spectrum.html",
        run=page.run,
        measured=page.measured,
        name=say(holdings.name_of(page.measured), tongue),
        view=page.view,
        ways=page.ways,
        picture=page.picture(),
        fits=page.fits,
        mixture=page.mixture,
        lines=spectrum_view.candidate_lines(page.fits, page.selected, tongue),
        selected=page.selected,
        peaks=spectrum_view.peak_lines(page.spectrum),
        standing=spectrum_view.standing_of(session, page.run, page.measured, tongue),
        facts=spectrum_view.file_facts(page.measured, tongue),
        remarks=spectrum_view.remark_words(page.measured, tongue),
        alike=[one.name(tongue) for one in page.fits.alike],
        resembling=resembling(session, page.measured) if page.view == "search" else [],
        libraries_url=_libraries(),
        may_decide=_may_decide(actor, page.run, page.measured),
        only_excludes=page.measured.kind == Kind.UV,
        typed=typed,
        problems=problems,
        numbers_url=url_for(".numbers", run_id=page.run.id, id=spectrum_id, **_asked(page)),
        siblings=_siblings(session, page, tongue),
    )


def _asked(page: _Page) -> dict[str, Any]:
    return {"view": page.view, "with": page.selected}


def _siblings(session: Session, page: _Page, tongue: str) -> list[dict[str, Any]]:
    """Return the spectra of the run, to go from one to the next."""
    return [
        {
            "id": one.id,
            "name": say(holdings.name_of(one), tongue),
            "current": one.id == page.measured.id,
            "role": upload.role,
        }
        for upload in holdings.uploads_of(session, page.run.id)
        for one in upload.spectra
    ]


def _libraries() -> str | None:
    """Return the address of the libraries of spectra."""
    there = "spectrum_libraries.libraries" in current_app.view_functions
    return url_for("spectrum_libraries.libraries") if there else None


def _may_decide(actor: Actor, run: Run, measured: MeasuredSpectrum) -> bool:
    mine = run.analyst == actor.account and actor.may(Permission.ANALYSE, run.site_id)
    return mine and run.state == RunState.RECORDED and measured.upload.role == "sample"
