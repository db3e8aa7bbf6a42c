"""What the page of a spectrum shows: the drawing and its numbers, the peaks, the candidates."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import curves, holdings
from lims.analysis.curves import Drawing, Series
from lims.analysis.instruments import unit_words
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Run
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _, say
from lims.identification.mixture_fits import MixtureFits
from lims.identification.overlays import overlay, with_gaps
from lims.identification.records import CandidateList, Decision
from lims.identification.shelves import reference_spectrum
from lims.identification.spectrum_fits import Candidate, SpectrumFits
from lims.library.peaks import unpacked
from lims.library.spectra import ReferenceSpectrum
from lims.spectra import shaping, signal
from lims.spectra.spectrum import Floats, Kind, Spectrum

MOST_PEAKS = 20
TENTH = Decimal("0.1")
RESIDUAL_HEIGHT = 120
MOST_NUMBERS = 6000


@dataclass(frozen=True, eq=False)
class Picture:
    """What is drawn: the numbers of each line by role, and the words that name them."""

    sticks: bool
    falling: bool
    x: Floats
    #: query, other, rest → values on x (sticks: pairs of their own)
    lines: Mapping[str, tuple[Floats, Floats]]
    x_label: str
    y_label: str
    other: str = ""
    #: why the other could not be laid over it
    refusal: str = ""

    def drawings(self) -> list[Drawing]:
        """Return the drawing, and the one of what is left over below it."""
        series = {css: Series(css, *pair) for css, pair in self.lines.items()}
        if self.sticks:
            return [curves.draw_sticks(series["query"], series.get("other"))]
        above = [series[css] for css in ("query", "other") if css in series]
        drawn = [curves.draw_curves(above, falling=self.falling)]
        if "rest" in series:
            drawn.append(
                curves.draw_curves([series["rest"]], falling=self.falling, height=RESIDUAL_HEIGHT)
            )
        return drawn

    def as_document(self) -> dict[str, Any]:
        """Return the numbers for the drawing by script; what is missing is null."""
        return {
            "sticks": self.sticks,
            "falling": self.falling,
            "x_label": self.x_label,
            "y_label": self.y_label,
            "lines": {
                css: {"x": _numbers(pair[0]), "y": _numbers(pair[1])}
                for css, pair in self._thinned().items()
            },
        }

    def _thinned(self) -> Mapping[str, tuple[Floats, Floats]]:
        if self.sticks:
            return {css: (x, _relative(y)) for css, (x, y) in self.lines.items()}
        step = max(1, self.x.size // MOST_NUMBERS)
        return {css: (x[::step], y[::step]) for css, (x, y) in self.lines.items()}


def _relative(y: Floats) -> Floats:
    most = float(y.max()) if y.size else 0.0
    return np.asarray(100 * y / most if most > 0 else y)


def _numbers(values: Floats) -> list[float | None]:
    return [round(float(one), 6) if np.isfinite(one) else None for one in values]


def plain_picture(spectrum: Spectrum, tongue: str) -> Picture:
    """Return a spectrum alone, as its file wrote it."""
    falling = spectrum.kind is Kind.IR
    order = np.argsort(spectrum.x, kind="stable")
    pair = (spectrum.x[order], spectrum.y[order])
    return Picture(
        sticks=spectrum.sticks,
        falling=falling,
        x=pair[0],
        lines={"query": pair},
        x_label=say(unit_words(spectrum.x_unit), tongue),
        y_label=say(unit_words("relative" if spectrum.sticks else spectrum.y_unit), tongue),
    )


def compared_picture(
    spectrum: Spectrum, reference: ReferenceSpectrum, name: str, tongue: str
) -> Picture:
    """Return a spectrum with a reference: laid over it, or mirrored below for peaks."""
    plain = plain_picture(spectrum, tongue)
    if spectrum.sticks:
        theirs = (unpacked(reference.x), unpacked(reference.y))
        return _other(plain, {**plain.lines, "other": theirs}, name)
    try:
        laid = overlay(spectrum, reference_spectrum(spectrum.kind, reference))
    except Invalid as refusal:
        words = say(refusal.problems[0].message, tongue)
        return Picture(**{**vars(plain), "refusal": words})
    x, query, other, rest = with_gaps(laid.x, laid.query, laid.other, laid.residual)
    return _grid_picture(plain, x, {"query": query, "other": other, "rest": rest}, name, tongue)


def mixture_picture(spectrum: Spectrum, found: MixtureFits, tongue: str) -> Picture:
    """Return a curve with the sum of its components and what they leave."""
    plain, mixture = plain_picture(spectrum, tongue), found.mixture
    if mixture is None:
        return plain
    x, query, other, rest = with_gaps(
        mixture.x, mixture.measured, mixture.fitted + mixture.baseline, mixture.residual
    )
    name = say(_("the components together"), tongue)
    return _grid_picture(plain, x, {"query": query, "other": other, "rest": rest}, name, tongue)


def _other(plain: Picture, lines: Mapping[str, tuple[Floats, Floats]], name: str) -> Picture:
    return Picture(**{**vars(plain), "lines": lines, "other": name})


def _grid_picture(
    plain: Picture, x: Floats, lines: Mapping[str, Floats], name: str, tongue: str
) -> Picture:
    kind = "arbitrary" if plain.x_label != say(unit_words("cm-1"), tongue) else "absorbance"
    changed = {
        "x": x,
        "lines": {css: (x, values) for css, values in lines.items()},
        "other": name,
        "y_label": say(unit_words(kind), tongue),
    }
    return Picture(**{**vars(plain), **changed})


@dataclass(frozen=True)
class PeakLine:
    """One peak or band in the table beside the drawing."""

    place: Decimal
    height: Decimal


def peak_lines(spectrum: Spectrum) -> list[PeakLine]:
    """Return the strongest peaks, relative to the first; of a curve the bands above the noise."""
    if spectrum.sticks:
        order = np.argsort(-spectrum.y, kind="stable")[:MOST_PEAKS]
        pairs = [(float(spectrum.x[one]), float(spectrum.y[one])) for one in order]
        return _lines(pairs, curves.mass)
    try:
        curve = signal.prepare(spectrum)
    except Invalid:
        return []
    bands = shaping.strongest_bands(curve.y, curve.covered, curve.grid, MOST_PEAKS)
    return _lines([(one.position, one.height) for one in bands], lambda value: f"{value:.0f}")


def _lines(pairs: Sequence[tuple[float, float]], write: Any) -> list[PeakLine]:
    most = max((height for _place, height in pairs), default=0.0)
    if most <= 0:
        return []
    return [
        PeakLine(Decimal(write(place)), Decimal(str(round(100 * height / most, 1))).quantize(TENTH))
        for place, height in pairs
    ]


@dataclass(frozen=True)
class CandidateLine:
    """One candidate as it is shown."""

    candidate: Candidate
    name: str
    substance_id: uuid.UUID | None
    facts: Sequence[tuple[str, str]]
    selected: bool


def candidate_lines(fits: SpectrumFits, selected: str, tongue: str) -> list[CandidateLine]:
    """Return the candidates said in one language."""
    return [
        CandidateLine(
            one,
            one.name(tongue),
            one.reference.substance_id,
            [(stance, say(words, tongue)) for stance, words in one.facts],
            str(one.reference.id) == selected,
        )
        for one in fits.candidates
    ]


@dataclass(frozen=True)
class Standing:
    """What was decided last on a spectrum: the verdict, why, the accepted, its kept list."""

    verdict: str
    why: str
    accepted: Sequence[str]
    kept: CandidateList
    unknown: str = ""


def standing_of(
    session: Session, run: Run, measured: MeasuredSpectrum, tongue: str
) -> Standing | None:
    """Return what was decided last on a spectrum, or None."""
    query = (
        select(Decision, CandidateList)
        .join(CandidateList, CandidateList.id == Decision.candidate_list_id)
        .where(CandidateList.spectrum_id == measured.id)
        .order_by(Decision.at.desc(), Decision.id)
    )
    row = session.execute(query.limit(1)).first()
    answers = [one for one in run.answers if stands_on(one.evidence, measured.id)]
    names = [one.substance.name(tongue) if one.substance else one.group for one in answers]
    if row is None:
        return None
    decision, kept = row
    unknown = next((one.group for one in answers if one.group), "")
    return Standing(decision.verdict, decision.why, names, kept, unknown)


def stands_on(evidence: Mapping[str, Any], spectrum_id: uuid.UUID) -> bool:
    """Tell whether an answer stands on a spectrum."""
    listed = [one.get("spectrum_id") for one in evidence.get("spectra", ())]
    return str(spectrum_id) in (evidence.get("spectrum_id"), *listed)


def file_facts(measured: MeasuredSpectrum, tongue: str) -> list[tuple[str, str]]:
    """Return what the file says of itself, as term and value."""
    facts = measured.facts
    pairs = [
        (_("File"), measured.upload.name),
        (_("Title"), measured.title),
        (_("Instrument"), facts.get("instrument", "")),
        (_("Retention"), facts.get("retention_time", "")),
        (_("Retention index"), facts.get("retention_index", "")),
        (_("Precursor m/z"), facts.get("precursor_mz", "")),
        (_("Collision energy"), facts.get("collision_energy", "")),
        (_("Units as written"), _written(facts)),
        (_("SHA-256"), measured.upload.sha256[:16] + "…"),
    ]
    return [(say(term, tongue), str(value)) for term, value in pairs if value]


def _written(facts: Mapping[str, Any]) -> str:
    return " · ".join(one for one in (facts.get("x_written"), facts.get("y_written")) if one)


def remark_words(measured: MeasuredSpectrum, tongue: str) -> list[str]:
    """Return what was noted while the file was read, said in one language."""
    remarks: list[Message] = holdings.remarks_of(measured)
    return [say(one, tongue) for one in remarks]
