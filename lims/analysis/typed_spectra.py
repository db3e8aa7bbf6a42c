"""A mass spectrum typed by hand: the ions of a peak with their heights become a file of the run.

From then on it is searched, decided on and kept like what an instrument wrote; its file says that
a person typed it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from lims.analysis.instruments import KIND_OF, Told
from lims.analysis.ions import read_ions
from lims.analysis.measured import Upload
from lims.analysis.noting import own_open_run, record_in_journal
from lims.analysis.records import Peak
from lims.analysis.uploading import GiveFile, give_file
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.spectra.spectrum import Kind


@dataclass(frozen=True)
class TakePeak:
    """A peak of a run whose typed ions are to be searched."""

    peak_id: uuid.UUID
    folder: Path


def take_peak(session: Session, actor: Actor, command: TakePeak) -> Upload:
    """Make a file of the typed ions of a peak; raises Invalid for ions without their heights."""
    actor.must(Permission.ANALYSE)
    peak = session.get(Peak, command.peak_id)
    if peak is None:
        raise NotFound(_("There is no such peak; save the run first."))
    run = own_open_run(session, actor, peak.run_id)
    kind = KIND_OF.get(run.technique)
    if kind not in (Kind.EI, Kind.MSMS):
        raise Refused(_("Only a mass spectrum is made of ions."))
    place = f"{peak.place.normalize():f} {peak.unit}"
    lines = [f"{mz:g} {height:g}" for mz, height in read_ions(peak.ions)]
    head = [f"Name: typed by hand, {place}", "Comments: typed by hand", f"Num Peaks: {len(lines)}"]
    text = "\n".join([*head, *lines, "", ""])
    given = GiveFile(
        run_id=run.id,
        name=f"typed {place}.msp",
        data=text.encode(),
        folder=command.folder,
        sample_id=peak.sample_id,
        told=Told(kind=kind),
    )
    made = give_file(session, actor, given)
    record_in_journal(session, actor, "type spectrum", run, file=made.name, ions=len(lines))
    return made
