"""An unknown followed across the network: where it was met, and what was seen of it each time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from lims.analysis import curves, holdings
from lims.analysis import queries as analysis
from lims.analysis.curves import Drawing, Series, mass
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Answer, Lane, Plate, Run, Spot
from lims.analysis.states import ULTRAVIOLET_WORDS
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _, say
from lims.identification.records import Unknown
from lims.identification.resemblance import spectra_in
from lims.intake.records import Sample
from lims.library import queries as library
from lims.network.rules import Permission
from lims.spectra.spectrum import Kind

MOST_SIGHTINGS = 60
IONS = 8
THUMBNAIL = 140


@dataclass(frozen=True)
class Shown:
    """A spectrum of an unknown: its drawing and its strongest ions."""

    id: uuid.UUID
    name: str
    drawing: Drawing
    ions: str


@dataclass(frozen=True)
class Sighting:
    """One run that met an unknown in one sample."""

    sample: Sample
    run: Run
    may_read: bool
    #: such as "spot a, hRf 62" and colours by reagent
    spot: str = ""
    colours: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    spectra: Sequence[Shown] = ()


@dataclass(frozen=True)
class Followed:
    """An unknown with its sightings, the newest first."""

    unknown: Unknown
    sightings: Sequence[Sighting]
    samples: int


def followed(session: Session, actor: Actor, number: str, tongue: str) -> Followed:
    """Return an unknown and where it was met; raises NotFound."""
    if not any(actor.may(permission) for permission in analysis.READERS):
        actor.must(Permission.ANALYSE)
    query = select(Unknown).where(Unknown.number == number.strip().upper()[:20])
    options = (joinedload(Unknown.sample), joinedload(Unknown.substance))
    unknown = session.scalar(query.options(*options))
    if unknown is None:
        raise NotFound(_("There is no such unknown."))
    rows = _answers(session, unknown)
    spectra = _spectra(session, [one for answer, _sample in rows for one in _ids(answer)])
    spots = _spots(session, [answer.evidence.get("spot_id") for answer, _sample in rows])
    readable = _readable(session, actor, [answer.run_id for answer, _sample in rows])
    teller = _Teller(session, tongue)
    sightings = [
        Sighting(
            sample=sample,
            run=answer.run,
            may_read=answer.run_id in readable,
            spectra=[teller.shown(spectra[one]) for one in _ids(answer) if one in spectra],
            **teller.spot(spots.get(str(answer.evidence.get("spot_id", "")))),
        )
        for answer, sample in rows
    ]
    return Followed(unknown, sightings, len({one.sample.id for one in sightings}))


def _answers(session: Session, unknown: Unknown) -> list[tuple[Answer, Sample]]:
    query = (
        select(Answer, Sample)
        .join(Run, Run.id == Answer.run_id)
        .join(Sample, Sample.id == Answer.sample_id)
        .where(Answer.group == unknown.number, Run.state.not_in(analysis.ENDED))
        .options(joinedload(Answer.run).joinedload(Run.protocol))
        .order_by(Run.started_at.desc(), Answer.position)
        .limit(MOST_SIGHTINGS)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _ids(answer: Answer) -> list[uuid.UUID]:
    return spectra_in(answer.evidence)


def _spectra(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, MeasuredSpectrum]:
    query = select(MeasuredSpectrum).where(MeasuredSpectrum.id.in_(list(ids)))
    whole = query.options(undefer(MeasuredSpectrum.x), undefer(MeasuredSpectrum.y))
    return {one.id: one for one in session.scalars(whole)} if ids else {}


def _spots(session: Session, ids: Sequence[str | None]) -> dict[str, tuple[Spot, Plate]]:
    wanted = [uuid.UUID(one) for one in ids if one]
    query = (
        select(Spot, Plate)
        .join(Lane, Lane.id == Spot.lane_id)
        .join(Plate, Plate.run_id == Lane.run_id)
        .where(Spot.id.in_(wanted))
        .options(selectinload(Spot.observations))
    )
    return {str(row[0].id): (row[0], row[1]) for row in session.execute(query)} if wanted else {}


def _readable(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    query = select(Run.id).where(Run.id.in_(list(ids)), analysis.may_read(actor))
    return set(session.scalars(query)) if ids else set()


class _Teller:
    """Says what was seen, in one language."""

    def __init__(self, session: Session, tongue: str) -> None:
        self.tongue = tongue
        self.colours = {one.code: one.label(tongue) for one in library.terms(session, "palette")}
        self.reagents = {one.code: one.label(tongue) for one in library.terms(session, "reagent")}

    def shown(self, found: MeasuredSpectrum) -> Shown:
        """Return a small drawing of a spectrum and its strongest ions."""
        read = holdings.spectrum_of(found)
        query = Series("query", read.x, read.y)
        if read.sticks:
            drawing = curves.draw_sticks(query, height=THUMBNAIL)
            order = (-read.y).argsort(kind="stable")[:IONS]
            ions = ", ".join(mass(float(read.x[one])) for one in order)
        else:
            falling = read.kind is Kind.IR
            drawing, ions = curves.draw_curves([query], falling=falling, height=THUMBNAIL), ""
        return Shown(found.id, say(holdings.name_of(found), self.tongue), drawing, ions)

    def spot(self, found: tuple[Spot, Plate] | None) -> dict[str, Any]:
        """Return what a spot showed: where it stood and its colours by reagent."""
        if found is None:
            return {}
        spot, plate = found
        words = say(_("spot %(label)s", label=spot.label), self.tongue)
        if plate.front_mm:
            hrf = (100 * spot.distance_mm / plate.front_mm).quantize(Decimal(1))
            words = f"{words}, {plate.system} hRf {hrf}"
        seen = [
            (self.reagents.get(one.step, one.step), self._colours(one.colours))
            for one in spot.observations
        ]
        return {"spot": words, "colours": seen}

    def _colours(self, written: str) -> list[tuple[str, str]]:
        return [
            (code, self.colours.get(code) or say(ULTRAVIOLET_WORDS.get(code, code), self.tongue))
            for code in written.split(">")
            if code
        ]
