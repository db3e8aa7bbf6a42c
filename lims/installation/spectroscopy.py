"""The demonstration with spectra: two synthetic libraries, an infrared and a mass spectrum run.

Every name says synthetic: nothing here is about a real substance.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy import select

from lims.analysis import operations as analysis
from lims.analysis.records import Run
from lims.analysis.uploading import GiveFile, give_file
from lims.foundation import files, jobs
from lims.foundation.jobs import JobState
from lims.installation import synthetic_spectra
from lims.installation.stage import Stage, Story
from lims.intake.records import Sample
from lims.library import collecting, importing, imports
from lims.library.taking import Taking, parts
from lims.protocols import queries as protocols
from lims.spectra.reading import each

LICENCE = "Synthetic, for demonstration: no real substance"
CHEMIST, HEAD = "chimiste2", "labo.responsable"


class Spectroscopy:
    """What the laboratory of the demonstration does with spectra."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.folder = stage, folder

    def libraries(self) -> Story:
        """A chemist brings two synthetic libraries in, the head puts them in use."""
        yield self.stage.day(57, 10)
        made = [
            self._library("Demo: synthetic infrared", "ir", "synthetic.jdx", "infrared_library"),
            self._library("Demo: synthetic mass spectra", "ei", "synthetic.msp", "mass_library"),
        ]
        yield self.stage.day(56, 15)
        for library_id in made:
            command = collecting.ReviewLibrary(library_id)
            collecting.review_library(self.stage.session, self.stage.who(HEAD), command)
            self.stage.session.flush()

    def runs(self, samples: dict[str, Sample]) -> Story:
        """A powder is measured by infrared and by GC-MS; nobody has decided on it yet."""
        yield self.stage.day(1, 13)
        sample = samples["plate-2"]
        self._run("ftir", sample, "demo-powder.jdx", synthetic_spectra.measured_powder())
        self._run("gc-ms", sample, "demo-run.msp", synthetic_spectra.measured_chromatogram())

    def _run(self, protocol: str, sample: Sample, name: str, data: bytes) -> Run:
        session, actor = self.stage.session, self.stage.who(CHEMIST)
        wanted = protocols.latest(session, protocol)
        command = analysis.StartRun(wanted.id, (sample.id,), uuid.uuid4())
        run = analysis.start_run(session, actor, command)
        session.flush()
        given = GiveFile(run.id, name, data, self.folder, sample.id)
        give_file(session, actor, given)
        session.flush()
        return run

    def _library(self, name: str, kind: str, file: str, made: str) -> uuid.UUID:
        """Import a synthetic library at once; a worker takes real ones, which are large."""
        session, actor = self.stage.session, self.stage.who(CHEMIST)
        data = getattr(synthetic_spectra, made)()
        sha256 = files.store(self.folder, data)
        seen = importing.LookAtFile(file, sha256, len(data), self.folder)
        found = importing.look_at_file(session, actor, seen)
        session.flush()
        begun = importing.BeginImport(found.id, kind, name, LICENCE, source="Balise")
        found = importing.begin_import(session, actor, begun)
        path = files.path_of(self.folder, sha256)
        with path.open("rb") as opened:
            for records in parts(each(opened, file), 0, 500):
                taking = Taking(imports.known(session))
                importing.take_in(session, actor, found, records, taking)
        importing.end_import(session, actor, found)
        session.flush()
        job = session.scalars(select(jobs.Job).where(jobs.Job.subject_id == found.id)).one()
        job.done = job.total
        jobs.end(job, JobState.DONE)
        session.flush()
        assert found.library_id is not None  # an import that has begun has its library
        return found.library_id
