"""Giving a run the files of its instrument: kept as they came, read, or refused in words.

The bytes are kept under their hash before anything is read. A file that cannot be read, or is of
another technique, stays with the sentence that says why; it can be read again with the units that
it does not state. Several spectra of a chromatogram can be averaged, less those beside the peak.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import holdings, instruments
from lims.analysis.instruments import FIELD, KIND_OF, ROLES, Told
from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.analysis.noting import not_in_run, own_open_run, record_in_journal
from lims.analysis.records import Run
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Refused, refuse_field
from lims.foundation.sentences import keep
from lims.foundation.words import Message, _
from lims.network.rules import Permission
from lims.spectra.scans import mean_of, trace_of
from lims.spectra.spectrum import Kind, Spectrum

MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 60
# A file with more spectra is a library.
MOST_SPECTRA = 60
FEWEST_SCANS = 2
LONGEST_NAME = 200
READ, REFUSED = "read", "refused"


@dataclass(frozen=True)
class GiveFile:
    """A file of an instrument; `folder` is where this installation keeps its files."""

    run_id: uuid.UUID
    name: str
    data: bytes = field(repr=False)
    folder: Path
    sample_id: uuid.UUID | None = None
    role: str = "sample"
    told: Told = Told()
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ReadAgain:
    """A file to be read again, with what a person says of its columns."""

    upload_id: uuid.UUID
    folder: Path
    told: Told = Told()


@dataclass(frozen=True)
class TakeScans:
    """The mean of the spectra `first` to `last` of a file, less the mean beside; from 1."""

    upload_id: uuid.UUID
    folder: Path
    first: int
    last: int | None = None
    beside_first: int | None = None
    beside_last: int | None = None


@dataclass(frozen=True)
class RemoveFile:
    """A file that was given by mistake."""

    upload_id: uuid.UUID


def give_file(session: Session, actor: Actor, command: GiveFile) -> Upload:
    """Keep a file of an instrument and read it; the same identifier twice keeps one.

    Raises Invalid for a sample, role or size that cannot be, and for the same bytes twice; a file
    that cannot be read is kept, its `refusal` says why.
    """
    actor.must(Permission.ANALYSE)
    run = own_open_run(session, actor, command.run_id)
    there = session.get(Upload, command.id) if command.id else None
    if there is not None:
        if there.run_id != run.id:
            raise Refused(_("Another file already has this identifier."))
        return there
    _refuse_command(session, run, command)
    sha256 = files.store(command.folder, command.data)
    _refuse_twice(session, run, command, sha256)
    upload = Upload(
        id=command.id or uuid.uuid4(),
        run_id=run.id,
        sample_id=command.sample_id,
        name=_clean_name(command.name),
        sha256=sha256,
        size=len(command.data),
        role=command.role,
        state=REFUSED,
        by=actor.account,
    )
    session.add(upload)
    _read(run, upload, command.data, command.told)
    session.flush()
    facts = {"file": upload.name, "sha256": sha256, "state": upload.state}
    record_in_journal(session, actor, "give file", run, **facts)
    return upload


def read_file_again(session: Session, actor: Actor, command: ReadAgain) -> Upload:
    """Read a kept file again; its spectra are made anew."""
    actor.must(Permission.ANALYSE)
    upload, run = _own_upload(session, actor, command.upload_id)
    _refuse_standing(run, upload)
    data = files.fetch(command.folder, upload.sha256)
    upload.spectra.clear()
    session.flush()
    upload.refusal, upload.scans = {}, {}
    _read(run, upload, data, command.told)
    session.flush()
    facts = {"file": upload.name, "state": upload.state, **command.told.as_dict()}
    record_in_journal(session, actor, "read file again", run, **facts)
    return upload


def take_scans(session: Session, actor: Actor, command: TakeScans) -> MeasuredSpectrum:
    """Make the mean of several spectra of one file; raises Invalid outside the file."""
    actor.must(Permission.ANALYSE)
    upload, run = _own_upload(session, actor, command.upload_id)
    count = len(upload.scans.get("places", ()))
    if not count:
        raise Refused(_("This file has no scans to average."))
    last = command.first if command.last is None else command.last
    _refuse_scans("first", "last", command.first, last, count)
    scans = _scans(run, upload, files.fetch(command.folder, upload.sha256))
    beside: Sequence[Spectrum] = ()
    if command.beside_first is not None:
        end = command.beside_first if command.beside_last is None else command.beside_last
        _refuse_scans("beside_first", "beside_last", command.beside_first, end, count)
        beside = scans[command.beside_first - 1 : end]
    made = _mean(scans, command.first, last, beside)
    if not made.x.size:
        raise refuse_field("beside_first", _("Nothing is left of these scans."))
    kept = _measured(made, 1 + max((one.block for one in upload.spectra), default=-1))
    upload.spectra.append(kept)
    session.flush()
    facts = {"file": upload.name, "scans": made.facts.get("scans", "")}
    record_in_journal(session, actor, "take scans", run, **facts)
    return kept


def remove_file(session: Session, actor: Actor, command: RemoveFile) -> Upload:
    """Take a file off an open run; raises Refused while an answer stands on a spectrum of it."""
    actor.must(Permission.ANALYSE)
    upload, run = _own_upload(session, actor, command.upload_id)
    _refuse_standing(run, upload)
    facts = {"file": upload.name, "sha256": upload.sha256}
    session.delete(upload)
    session.flush()
    record_in_journal(session, actor, "remove file", run, **facts)
    return upload


def _own_upload(session: Session, actor: Actor, upload_id: uuid.UUID) -> tuple[Upload, Run]:
    upload = session.get(Upload, upload_id)
    if upload is None:
        raise NotFound(_("There is no such file."))
    return upload, own_open_run(session, actor, upload.run_id)


def _refuse_command(session: Session, run: Run, command: GiveFile) -> None:
    if run.technique not in KIND_OF:
        raise Refused(_("A run of this technique takes no files of an instrument."))
    if command.role not in ROLES:
        raise refuse_field("role", _("Choose one of the list."))
    samples = {item.sample_id for item in run.samples}
    if command.role == "sample" and command.sample_id is None:
        raise refuse_field("sample_id", _("Say of which sample it is."))
    if command.sample_id is not None and command.sample_id not in samples:
        raise refuse_field("sample_id", not_in_run())
    if len(command.data) > MOST_BYTES:
        words = _("A file has at most %(most)s MB.", most=MOST_BYTES // (1024 * 1024))
        raise refuse_field(FIELD, words)
    if len(holdings.uploads_of(session, run.id)) >= MOST_FILES:
        raise refuse_field(FIELD, _("At most %(n)s files in one run.", n=MOST_FILES))
    if command.told.kind and command.told.kind not in set(Kind):
        raise refuse_field("kind", _("Choose one of the list."))


def _refuse_twice(session: Session, run: Run, command: GiveFile, sha256: str) -> None:
    query = select(Upload).where(Upload.run_id == run.id, Upload.sha256 == sha256)
    for one in session.scalars(query):
        if (one.sample_id, one.role) == (command.sample_id, command.role):
            words = _("The same file is there already, as “%(name)s”.", name=one.name)
            raise refuse_field(FIELD, words)


def _clean_name(name: str) -> str:
    """Return the last part of a name as a person may read it; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(one for one in last if one.isprintable()).strip()[-LONGEST_NAME:]
    return kept or "file"


def _read(run: Run, upload: Upload, data: bytes, told: Told) -> None:
    """Read a file into its upload: spectra, or the sentence that refuses it."""
    upload.told = told.as_dict()
    try:
        found = _spectra(run, upload, data, told)
    except Invalid as refusal:
        upload.state, upload.refusal = REFUSED, keep(instruments.sentence(refusal))
        return
    upload.state = READ
    if len(found) >= FEWEST_SCANS and all(one.sticks for one in found):
        trace = trace_of(found)
        upload.scans = {"places": list(trace.places), "sums": list(trace.sums)}
    for block, one in enumerate(found):
        upload.spectra.append(_measured(one, block))


def _spectra(run: Run, upload: Upload, data: bytes, told: Told) -> list[Spectrum]:
    from lims.spectra.reading import read

    found = instruments.fitting(read(data, upload.name), run.technique, told)
    if len(found) > MOST_SPECTRA:
        words = _(
            "The file holds %(n)s spectra: it is a library, not one sample. Import it there.",
            n=len(found),
        )
        raise refuse_field(FIELD, words)
    return found


def _scans(run: Run, upload: Upload, data: bytes) -> list[Spectrum]:
    return _spectra(run, upload, data, Told(**upload.told))


def _refuse_scans(low: str, high: str, first: int, last: int, count: int) -> None:
    if not 1 <= first <= count:
        raise refuse_field(low, _("The file has spectra 1 to %(n)s.", n=count))
    if not first <= last <= count:
        raise refuse_field(high, _("The file has spectra 1 to %(n)s.", n=count))


def _mean(
    scans: Sequence[Spectrum], first: int, last: int, beside: Sequence[Spectrum] = ()
) -> Spectrum:
    chosen = scans[first - 1 : last]
    made = mean_of(chosen, beside)
    middle = chosen[len(chosen) // 2]
    facts = {**middle.facts, "scans": str(first) if first == last else f"{first}–{last}"}
    return replace(made, z=middle.z, facts=facts)


def _measured(one: Spectrum, block: int) -> MeasuredSpectrum:
    facts = {str(key)[:60]: str(value)[:400] for key, value in list(one.facts.items())[:80]}
    if one.z is not None:
        facts.setdefault("z", f"{one.z:g}")
    return MeasuredSpectrum(
        block=block,
        kind=one.kind,
        title=" ".join(one.title.split())[:300],
        x=one.x.astype("<f8").tobytes(),
        y=one.y.astype("<f8").tobytes(),
        points=int(one.x.size),
        x_unit=one.x_unit[:20],
        y_unit=one.y_unit[:40],
        sticks=one.sticks,
        facts=facts,
    )


def _refuse_standing(run: Run, upload: Upload) -> None:
    ids = {str(one.id) for one in upload.spectra}
    if any(ids & set(_standing_on(answer.evidence)) for answer in run.answers):
        words: Message = _(
            "An answer of this run stands on this file. Take the decision back before."
        )
        raise Refused(words)


def _standing_on(evidence: Mapping[str, Any]) -> list[str]:
    """Return the spectra that an answer stands on."""
    listed = [one.get("spectrum_id") for one in evidence.get("spectra", ())]
    return [str(one) for one in (evidence.get("spectrum_id"), *listed) if one]
