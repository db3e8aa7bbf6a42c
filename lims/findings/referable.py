"""Which measured spectra of a confirmed sample can become references, and of what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.analysis.records import Run
from lims.analysis.states import AnswerKind, RunState
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _
from lims.identification.certainty import Word
from lims.library.own_spectra import OWN_NAMES
from lims.library.spectra import ReferenceSpectrum
from lims.network.rules import Permission
from lims.spectra.spectrum import Kind

WHOLE_SAMPLE = (Kind.IR, Kind.RAMAN, Kind.UV)
"""Kinds that see everything in a sample at once: of a mixture they are no reference."""


@dataclass(frozen=True)
class Referable:
    """A measured spectrum that can become a reference, and the reference that it became if any."""

    spectrum: MeasuredSpectrum
    run: Run
    reference: ReferenceSpectrum | None


def found_in(finding: Finding) -> list[Detection]:
    """Return the substances that a finding says are there."""
    return [
        one
        for one in finding.detections
        if one.substance_id is not None and one.kind != AnswerKind.NOT_DETECTED
    ]


def reason_against(finding: Finding) -> Message | None:
    """Return why no spectrum of a finding's sample can become a reference, or None."""
    if finding.state != FindingState.RELEASED or finding.confidence != Word.CONFIRMED:
        return _("Only a sample whose released finding is confirmed can become a reference.")
    if not found_in(finding):
        return _("This finding names no substance.")
    return None


def reason_against_spectrum(finding: Finding, kind: str) -> Message | None:
    """Return why a kind of spectrum of this sample is no reference of one substance, or None."""
    if kind not in OWN_NAMES:
        return _("There is no library for spectra of this kind.")
    present = [one for one in finding.detections if one.kind != AnswerKind.NOT_DETECTED]
    if kind in WHOLE_SAMPLE and len(present) > 1:
        return _("This sample is a mixture: such a spectrum shows all of it, not one substance.")
    return None


def measured_for(
    session: Session, finding: Finding, spectrum_id: uuid.UUID | None = None
) -> list[tuple[MeasuredSpectrum, Run]]:
    """Return the spectra of the sample in verified runs, or the one asked for."""
    query = (
        select(MeasuredSpectrum, Run)
        .join(Upload, Upload.id == MeasuredSpectrum.upload_id)
        .join(Run, Run.id == Upload.run_id)
        .where(
            Upload.sample_id == finding.sample_id,
            Upload.role == "sample",
            Run.state == RunState.VERIFIED,
        )
        .options(joinedload(MeasuredSpectrum.upload))
        .order_by(Run.number, MeasuredSpectrum.block)
    )
    if spectrum_id is not None:
        query = query.where(MeasuredSpectrum.id == spectrum_id)
    return [(spectrum, run) for spectrum, run in session.execute(query.limit(50))]


def referable(session: Session, finding: Finding) -> list[Referable]:
    """Return the spectra of a confirmed sample that can become references; none before."""
    if reason_against(finding) is not None:
        return []
    pairs = [
        (spectrum, run)
        for spectrum, run in measured_for(session, finding)
        if reason_against_spectrum(finding, spectrum.kind) is None
    ]
    query = select(ReferenceSpectrum).where(ReferenceSpectrum.sample_id == finding.sample_id)
    made = {one.facts.get("measured_as"): one for one in session.scalars(query)}
    return [Referable(spectrum, run, made.get(str(spectrum.id))) for spectrum, run in pairs]


def offers(session: Session, actor: Actor, finding: Finding, language: str) -> dict[str, Any]:
    """Return what the page of a finding offers to who may add references: spectra, substances."""
    if not actor.may(Permission.ADD_REFERENCE, finding.site_id):
        return {"references": [], "present": []}
    there = [(one.substance_id, one.substance) for one in found_in(finding)]
    names = [(key, substance.name(language)) for key, substance in there if substance]
    return {"references": referable(session, finding), "present": names}
