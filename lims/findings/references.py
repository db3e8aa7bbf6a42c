"""Taking a spectrum of a confirmed sample into the network's own library of references."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.analysis.holdings import spectrum_of
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Run
from lims.findings import queries, referable
from lims.findings.records import Finding
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.library.own_spectra import AddOwnSpectrum, add_own_spectrum
from lims.library.spectra import ReferenceSpectrum
from lims.network.rules import Permission

_FACTS = (("precursor_type", 40), ("collision_energy", 80), ("ion_mode", 12), ("instrument", 200))
_NUMBERS = ("precursor_mz", "retention_index")


@dataclass(frozen=True)
class AddConfirmedAsReference:
    """A measured spectrum of a confirmed sample, and which of its substances it shows.

    Without a substance: the only one that the finding names.
    """

    finding_id: uuid.UUID
    spectrum_id: uuid.UUID
    substance_id: uuid.UUID | None = None
    form: str = ""


def add_confirmed_as_reference(
    session: Session, actor: Actor, command: AddConfirmedAsReference
) -> ReferenceSpectrum:
    """Add a spectrum of a confirmed sample as a draft reference; the same one twice keeps one.

    Raises Refused before the finding is released as confirmed, and for a spectrum of a mixture.
    """
    actor.must(Permission.ADD_REFERENCE)
    finding = queries.finding(session, actor, command.finding_id)
    actor.must(Permission.ADD_REFERENCE, finding.site_id)
    against = referable.reason_against(finding)
    if against is not None:
        raise Refused(against)
    substance_id = _substance(finding, command.substance_id)
    pairs = referable.measured_for(session, finding, command.spectrum_id)
    if not pairs:
        raise NotFound(_("No verified run of this sample holds this spectrum."))
    measured, run = pairs[0]
    against = referable.reason_against_spectrum(finding, measured.kind)
    if against is not None:
        raise Refused(against)
    added = add_own_spectrum(session, actor, _own(measured, run, finding, substance_id, command))
    about = [("finding", finding.id), ("sample", finding.sample_id), ("run", run.id)]
    about.append(("reference spectrum", added.id))
    journal.record(session, actor, "add confirmed sample as reference", about, kind=added.kind)
    return added


def _substance(finding: Finding, wanted: uuid.UUID | None) -> uuid.UUID:
    there = [one.substance_id for one in referable.found_in(finding) if one.substance_id]
    if wanted is None and len(there) == 1:
        return there[0]
    if wanted is None or wanted not in there:
        raise refuse_field("substance_id", _("Choose one of the substances that were found."))
    return wanted


def _own(
    measured: MeasuredSpectrum,
    run: Run,
    finding: Finding,
    substance_id: uuid.UUID,
    command: AddConfirmedAsReference,
) -> AddOwnSpectrum:
    numbers = spectrum_of(measured)
    facts: Mapping[str, Any] = measured.facts
    told: dict[str, Any] = {name: str(facts.get(name, ""))[:longest] for name, longest in _FACTS}
    told |= {name: _number(facts.get(name)) for name in _NUMBERS}
    return AddOwnSpectrum(
        substance_id=substance_id,
        kind=measured.kind,
        x=numbers.x.tolist(),
        y=numbers.y.tolist(),
        x_unit=measured.x_unit,
        y_unit=measured.y_unit,
        form=command.form,
        facts={"measured_as": str(measured.id), "run": run.number, "file": measured.upload.sha256},
        sample_id=finding.sample_id,
        run_id=run.id,
        **told,
    )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
