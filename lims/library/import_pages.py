"""The pages that bring in libraries of spectra: look at a file, say its licence, follow, decide."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _, kept, say
from lims.library import collection, importing, imports, naming, queries, rules
from lims.library import spectrum_schemas as schemas
from lims.library.previews import look, rows
from lims.library.spectra import SpectrumImport
from lims.library.standing import KIND_WORDS, SEARCHED_KINDS
from lims.network.rules import Permission

blueprint = Blueprint("spectrum_imports", __name__, url_prefix="/library/imports")
PAGE = 50
UNDER_WAY = ("waiting", "running")


@blueprint.route("", methods=["GET", "POST"])
def all_imports() -> ResponseReturnValue:
    """List the files that were brought in, and take another."""
    return browser.form_page(act=_keep, then=_address, show=_show_all)


def _address(found: SpectrumImport) -> str:
    return url_for("spectrum_imports.one_import", import_id=found.id)


def _keep(session: Session, actor: Actor, typed: dict[str, Any]) -> SpectrumImport:
    """Keep the file whatever it holds, and look at it."""
    actor.must(Permission.ADD_REFERENCE)
    given = request.files.get("file")
    if given is None or not given.filename:
        raise refuse_field("file", _("Choose a file."))
    folder = house().settings.data_dir
    sha256, size = files.store_stream(folder, given.stream)
    command = importing.LookAtFile(given.filename, sha256, size, folder)
    return importing.look_at_file(session, actor, command)


def _show_all(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    page = browser.page_number()
    found, total = imports.imports(session, actor, page, PAGE)
    return browser.render(
        "library/imports.html",
        imports=found,
        problems=problems,
        most_mb=house().settings.max_upload_mb,
        waiting=imports.unresolved(session, actor, 1, 1)[1],
        **_way("spectrum_imports.all_imports", page, total),
        **_words(),
    )


def _words() -> dict[str, Any]:
    tongue = browser.language()
    return {
        "kind_words": {kind: say(told, tongue) for kind, told in KIND_WORDS.items()},
        "kinds": [(kind, say(KIND_WORDS[kind], tongue)) for kind in SEARCHED_KINDS],
        "told": lambda values: say(kept(values), tongue) if values else "",
    }


def _way(endpoint: str, page: int, total: int) -> dict[str, Any]:
    last = min(page * PAGE, total)
    return {
        "first": (page - 1) * PAGE + 1,
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, page=page + 1) if last < total else None,
    }


@blueprint.route("/<uuid:import_id>", methods=["GET", "POST"])
def one_import(import_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a file holds and ask where it goes; then follow its import."""
    schema = schemas.BeginImportSchema()

    def show(
        session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
    ) -> str:
        found = imports.one_import(session, actor, import_id)
        return browser.render(
            "library/import.html",
            found=found,
            file=found.file,
            under_way=found.job is not None and found.job.state in UNDER_WAY,
            problems=problems,
            may_decide=actor.may(Permission.MANAGE_LABORATORY),
            **_asking(session, actor, found.file, typed),
            **_words(),
        )

    return browser.form_page(
        act=lambda session, actor, typed: importing.begin_import(
            session, actor, schema.read({**typed, "import_id": str(import_id)})
        ),
        then=_address,
        done=lambda _found: _("The import has begun. You can leave this page."),
        show=show,
    )


def _asking(
    session: Session, actor: Actor, file: SpectrumImport, typed: dict[str, Any]
) -> dict[str, Any]:
    """Return what the form before an import shows; nothing once it has begun."""
    if file.state != "looked at":
        return {"preview": None, "typed": typed}
    preview = look(files.path_of(house().settings.data_dir, file.sha256), file.name)
    drafts = [
        (str(one.library.id), one.library.name)
        for one in collection.libraries(session, actor, "draft")
        if not one.library.own
    ]
    filled = {
        "kind": preview.kind,
        "licence": preview.told("licence"),
        "source": preview.told("source"),
        **typed,
    }
    return {
        "preview": preview,
        "records": list(rows(preview)),
        "drafts": drafts,
        "typed": filled,
    }


@blueprint.get("/<uuid:import_id>/progress")
def progress(import_id: uuid.UUID) -> ResponseReturnValue:
    """Give the part of the page that tells how far an import is."""
    found = imports.one_import(browser.session(), browser.actor(), import_id)
    under_way = found.job is not None and found.job.state in UNDER_WAY
    shown = browser.render(
        "library/_progress.html", found=found, file=found.file, under_way=under_way, **_words()
    )
    answer = make_response(shown)
    if not under_way:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/<uuid:import_id>/stop")
def stop(import_id: uuid.UUID) -> ResponseReturnValue:
    """Stop an import."""
    return browser.act_and_go(
        lambda session, actor, _typed: importing.stop_import(session, actor, import_id),
        url_for("spectrum_imports.one_import", import_id=import_id),
        _("The import is stopped. What was taken in stays."),
    )


@blueprint.post("/<uuid:import_id>/resume")
def resume(import_id: uuid.UUID) -> ResponseReturnValue:
    """Let an import go on."""
    return browser.act_and_go(
        lambda session, actor, _typed: importing.resume_import(session, actor, import_id),
        url_for("spectrum_imports.one_import", import_id=import_id),
        _("The import goes on where it was."),
    )


@blueprint.get("/names")
def names() -> ResponseReturnValue:
    """List the names and structures that no substance of the library bears."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    found, total = imports.unresolved(session, actor, page, PAGE)
    return browser.render(
        "library/unresolved.html",
        waiting=found,
        suggestions=queries.suggestions(session, browser.language()),
        **_way("spectrum_imports.names", page, total),
    )


@blueprint.post("/names/link")
def link() -> ResponseReturnValue:
    """Link the spectra of a name or structure to a substance."""
    schema = schemas.IdentitySchema()

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> int:
        found = queries.resolve_name(session, str(typed.get("substance", "")))
        if found.substance is None:
            raise rules.refuse_name([one.name_en for one in found.candidates])
        told = {"identity": typed.get("identity", ""), "substance_id": str(found.substance.id)}
        return naming.decide_identity(session, actor, schema.read(told))

    words = _("The spectra of this name are linked to their substance.")
    return browser.act_and_go(act, url_for("spectrum_imports.names"), words)


@blueprint.post("/names/leave")
def leave() -> ResponseReturnValue:
    """Leave the spectra of a name or structure without a substance."""
    schema = schemas.IdentitySchema()
    return browser.act_and_go(
        lambda session, actor, typed: naming.decide_identity(
            session, actor, schema.read({"identity": typed.get("identity", "")})
        ),
        url_for("spectrum_imports.names"),
        _("The spectra of this name stay without a substance."),
    )
