"""Reading what instruments wrote: the files of a run, their spectra and the numbers of these."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.analysis.queries import may_read, refuse_stranger
from lims.analysis.records import Peak, Run
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import Message, _
from lims.spectra.spectrum import Kind, Spectrum


def uploads_of(session: Session, run_id: uuid.UUID) -> list[Upload]:
    """Return the files given to a run, in the order given, with their spectra."""
    query = select(Upload).where(Upload.run_id == run_id).options(selectinload(Upload.spectra))
    return list(session.scalars(query.order_by(Upload.at, Upload.id)))


def upload(session: Session, actor: Actor, upload_id: uuid.UUID) -> Upload:
    """Return a file of a run that this person may read; raises NotFound."""
    refuse_stranger(actor)
    query = select(Upload).join(Run, Run.id == Upload.run_id)
    query = query.where(Upload.id == upload_id, may_read(actor))
    found = session.scalar(query.options(selectinload(Upload.spectra)))
    if found is None:
        raise NotFound(_("There is no such file, or it is not for your laboratory."))
    return found


def measured(session: Session, actor: Actor, spectrum_id: uuid.UUID) -> MeasuredSpectrum:
    """Return a spectrum of a run that this person may read, with its file; raises NotFound."""
    refuse_stranger(actor)
    query = select(MeasuredSpectrum).join(Upload).join(Run, Run.id == Upload.run_id)
    query = query.where(MeasuredSpectrum.id == spectrum_id, may_read(actor))
    found = session.scalar(query.options(joinedload(MeasuredSpectrum.upload)))
    if found is None:
        raise NotFound(_("There is no such spectrum, or it is not for your laboratory."))
    return found


def spectrum_of(found: MeasuredSpectrum) -> Spectrum:
    """Return the numbers of a measured spectrum, as its file wrote them."""
    return Spectrum(
        kind=Kind(found.kind),
        x=np.frombuffer(found.x, dtype="<f8").astype(np.float64),
        y=np.frombuffer(found.y, dtype="<f8").astype(np.float64),
        x_unit=found.x_unit,
        y_unit=found.y_unit,
        sticks=found.sticks,
        title=found.title,
        block=found.block,
        facts=found.facts,
    )


def same_files(session: Session, found: Sequence[Upload]) -> dict[uuid.UUID, list[str]]:
    """Return the numbers of other runs that hold the same bytes, by file."""
    hashes = {one.sha256 for one in found}
    if not hashes:
        return {}
    query = select(Upload.sha256, Upload.run_id, Run.number).join(Run, Run.id == Upload.run_id)
    rows = session.execute(query.where(Upload.sha256.in_(hashes)).order_by(Run.number)).all()
    return {
        one.id: [row.number for row in rows if row[0] == one.sha256 and row[1] != one.run_id]
        for one in found
    }


def peaks_with_ions(session: Session, run_id: uuid.UUID) -> list[Peak]:
    """Return the peaks of a run for which somebody typed ions."""
    query = select(Peak).where(Peak.run_id == run_id, Peak.ions != "").order_by(Peak.position)
    return list(session.scalars(query))


def name_of(found: MeasuredSpectrum) -> Message:
    """Return what to call a spectrum: its retention, its title, or the name of its file."""
    if scans := found.facts.get("scans"):
        return _("mean of spectra %(n)s", n=scans)
    if when := found.facts.get("retention_time"):
        return _("%(n)s at %(when)s", n=found.block + 1, when=when)
    if found.title:
        return Message(found.title)
    name = found.upload.name
    alone = len(found.upload.spectra) == 1
    return Message(name) if alone else _("%(name)s, spectrum %(n)s", name=name, n=found.block + 1)


def remarks_of(found: MeasuredSpectrum) -> list[Message]:
    """Return what was noted while the file was read."""
    return [Message(one) for one in str(found.facts.get("remarks", "")).split("\n") if one]
