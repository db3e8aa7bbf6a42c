"""The page of an instrument's files: giving them to a run, what was read, taking them off again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis import (
    curves,
    file_schemas,
    holdings,
    instruments,
    queries,
    standing,
    typed_spectra,
    uploading,
)
from lims.analysis.measured import Upload
from lims.analysis.records import Run
from lims.analysis.states import RunState
from lims.doors import browser
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.sentences import restore
from lims.foundation.words import Message, _, say

blueprint = Blueprint("files", __name__, url_prefix="/runs/<uuid:run_id>/files")


@blueprint.route("", methods=["GET", "POST"])
def of_run(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show the instrument's files of a run; its analyst gives them here."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> list[Upload]:
        told = file_schemas.GiveFileSchema().read(typed)
        given = [one for one in request.files.getlist("file") if one.filename]
        if not given:
            raise refuse_field("file", _("Choose a file."))
        return [
            uploading.give_file(
                session,
                actor,
                file_schemas.file_of(
                    run_id, house().settings.data_dir, one.read(), told, name=one.filename or ""
                ),
            )
            for one in given
        ]

    return browser.form_page(
        act=act,
        then=lambda made: _tell(made, run_id),
        show=lambda session, actor, typed, problems: _show(session, actor, run_id, typed, problems),
    )


def _tell(made: list[Upload], run_id: uuid.UUID) -> str:
    """Say what was read and what was refused; return where to look next."""
    for one in made:
        if one.state == uploading.READ:
            words: Message = _("“%(name)s” is kept and read.", name=one.name)
            browser.tell(words)
        else:
            why = restore(one.refusal)
            words = _("“%(name)s” is kept, but was not read: %(why)s", name=one.name, why=why)
            browser.tell(words, "problem")
    only = made[0] if len(made) == 1 else None
    if only is not None and only.role == "sample" and len(only.spectra) == 1 and not only.scans:
        return url_for("spectra.spectrum", run_id=run_id, id=only.spectra[0].id)
    return url_for(".of_run", run_id=run_id)


def _show(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    tongue = browser.language()
    run = queries.run(session, actor, run_id)
    uploads = holdings.uploads_of(session, run.id)
    return browser.render(
        "analysis/files.html",
        uploads=uploads,
        name_of=holdings.name_of,
        refusals={one.id: say(restore(one.refusal), tongue) for one in uploads if one.refusal},
        same=holdings.same_files(session, uploads),
        traces={one.id: _trace(one) for one in uploads if one.scans},
        codes={one.sample_id: one.sample.code for one in run.samples},
        editable=run.state == RunState.RECORDED and run.analyst == actor.account,
        typed=typed,
        problems=problems,
        largest=house().settings.max_upload_mb,
        **_words(run, tongue),
        **standing.about_run(session, actor, run, tongue),
    )


def _words(run: Run, tongue: str) -> dict[str, Any]:
    """Return what the selects of the form offer, in words."""
    kind = instruments.KIND_OF.get(run.technique)
    units = instruments.Y_UNITS.get(kind, ()) if kind else ()
    return {
        "kind_words_of": instruments.KIND_WORDS,
        "role_words": instruments.ROLE_WORDS,
        "unit_words": instruments.unit_words,
        "takes_files": kind is not None,
        "wanted": instruments.KIND_WORDS[kind] if kind else None,
        "roles": [(one, say(instruments.ROLE_WORDS[one], tongue)) for one in instruments.ROLES],
        "y_units": [(one, say(instruments.unit_words(one), tongue)) for one in units],
        "samples": [
            (str(one.sample_id), f"{one.sample.code[:4]}-{one.sample.code[4:]}")
            for one in run.samples
        ],
    }


def _trace(upload: Upload) -> dict[str, Any]:
    """Return the drawing of a row of scans, how many there are and which is the strongest."""
    import numpy as np

    places, sums = (np.asarray(upload.scans[name], dtype=float) for name in ("places", "sums"))
    drawn = curves.draw_sticks(curves.Series("query", places, sums), height=170, plain=True)
    return {"drawing": drawn, "count": places.size, "strongest": int(np.argmax(sums)) + 1}


@blueprint.post("/<uuid:upload_id>/reading")
def read_again(run_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Read a kept file again, with the units that it does not state."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> None:
        told = file_schemas.ColumnsToldSchema().read(typed)
        command = file_schemas.reading_of(upload_id, house().settings.data_dir, told)
        made = uploading.read_file_again(session, actor, command)
        if made.state == uploading.READ:
            browser.tell(_("“%(name)s” is read.", name=made.name))
        else:
            browser.tell(restore(made.refusal), "problem")

    return browser.act_and_go(act, url_for(".of_run", run_id=run_id))


@blueprint.route("/<uuid:upload_id>/scans", methods=["GET", "POST"])
def scans(run_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Make a spectrum of one scan of a file, or of the mean of several."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Any:
        told = file_schemas.TakeScansSchema().read(typed)
        command = file_schemas.scans_of(upload_id, house().settings.data_dir, told)
        return uploading.take_scans(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda made: url_for("spectra.spectrum", run_id=run_id, id=made.id),
        show=lambda session, actor, typed, problems: _show(
            session, actor, run_id, {**typed, "upload_id": upload_id}, problems
        ),
    )


@blueprint.post("/<uuid:upload_id>/removal")
def remove(run_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Take a file off an open run."""
    return browser.act_and_go(
        lambda session, actor, _typed: uploading.remove_file(
            session, actor, uploading.RemoveFile(upload_id)
        ),
        url_for(".of_run", run_id=run_id),
        _("The file is off this run."),
    )


@blueprint.post("/peaks/<uuid:peak_id>")
def take_peak(run_id: uuid.UUID, peak_id: uuid.UUID) -> ResponseReturnValue:
    """Make a spectrum of the ions that were typed for a peak."""
    return browser.act_and_go(
        lambda session, actor, _typed: typed_spectra.take_peak(
            session, actor, typed_spectra.TakePeak(peak_id, house().settings.data_dir)
        ),
        url_for("analysis.run", run_id=run_id),
        _("The typed ions are a spectrum of this run now: open it to see what fits."),
    )


@blueprint.get("/<uuid:upload_id>/content")
def content(run_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Give a file back, byte for byte."""
    found = holdings.upload(browser.session(), browser.actor(), upload_id)
    data = files.fetch(house().settings.data_dir, found.sha256)
    return browser.attachment(found.name, data)
