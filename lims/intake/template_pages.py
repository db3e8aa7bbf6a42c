"""Pages of label templates: make, copy, change, retire, with a picture of one label beside."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.doors.schema import Identifier
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.words import _, say
from lims.intake import calibration, label_queries, label_schemas, label_templates, paper, papers
from lims.intake.label_design import FIELDS, OUTPUTS, OWN
from lims.intake.label_facts import wrong_facts
from lims.network.rules import Permission

blueprint = Blueprint("label_templates", __name__, url_prefix="/labels")
PAGE = 50
#: What a new template begins with: the week says enough on a tube.
BEGIN = {
    **{"paper": "a4-3x8", "field_1": "form", "field_2": "week", "qr_side": "14"},
    **{"text_pt": "7.5", "copies": "1", "offset_x": "0", "offset_y": "0", "output": "pdf"},
}


@blueprint.get("")
def templates() -> ResponseReturnValue:
    """List the templates of one's site and of the network, and the papers with their sources."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    page = browser.page_number()
    retired = request.args.get("retired") == "yes"
    rows, total = label_queries.templates(session, actor, page, PAGE, retired=retired)
    default = label_queries.default_of(session, actor.site_id)
    more = {"retired": "yes"} if retired else {}
    return browser.render(
        "intake/templates.html",
        templates=[(one, papers.told(label_queries.layout_of(one), tongue)) for one in rows],
        may={one.id: label_queries.may_change(actor, one.site_id) for one in rows},
        default=default,
        retired=retired,
        fields=_words(FIELDS),
        outputs=_words(OUTPUTS),
        papers=[(papers.told(one, tongue), one) for one in papers.papers().values()],
        pages=browser.list_links("label_templates.templates", page, total, PAGE, **more),
    )


def _words(named: Any) -> dict[str, str]:
    return {name: say(words, browser.language()) for name, words in named.items()}


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Make a template, from nothing or as a copy of another."""
    typed = browser.typed()
    if request.method == "POST" and typed.get("then") == "preview":
        return _form(browser.session(), browser.actor(), typed, browser.Problems(), None)
    return browser.form_page(
        act=lambda session, actor, told: label_templates.make_label_template(
            session,
            actor,
            label_templates.MakeLabelTemplate(
                label_schemas.facts_from_form(told), _whose(actor, told)
            ),
        ),
        then=lambda _made: url_for("label_templates.templates"),
        done=lambda made: _("Template “%(name)s” is made.", name=made.name),
        show=lambda session, actor, told, problems: _form(session, actor, told, problems, None),
    )


def _whose(actor: Actor, typed: browser.Typed) -> uuid.UUID | None:
    everywhere = label_queries.may_change(actor, None)
    return None if everywhere and typed.get("whose") == "network" else actor.site_id


@blueprint.route("/<uuid:template_id>", methods=["GET", "POST"])
def template(template_id: uuid.UUID) -> ResponseReturnValue:
    """Show a template and change it."""
    typed = browser.typed()
    if request.method == "POST" and typed.get("then") == "preview":
        return _form(browser.session(), browser.actor(), typed, browser.Problems(), template_id)

    def change(session: Session, actor: Actor, told: browser.Typed) -> Any:
        read = label_schemas.ChangeVersionSchema().read(told)
        command = label_templates.ChangeLabelTemplate(
            template_id, label_schemas.facts_from_form(told), read["row_version"]
        )
        return label_templates.change_label_template(session, actor, command)

    return browser.form_page(
        act=change,
        then=lambda _made: url_for("label_templates.templates"),
        done=lambda made: _("Template “%(name)s” is changed.", name=made.name),
        show=lambda session, actor, told, problems: _form(
            session, actor, told, problems, template_id
        ),
    )


def _form(
    session: Session,
    actor: Actor,
    typed: browser.Typed,
    problems: browser.Problems,
    template_id: uuid.UUID | None,
) -> str:
    actor.must(Permission.PRINT)
    found = label_queries.template(session, actor, template_id) if template_id else None
    given = typed if request.method == "POST" else _begin(session, actor, found)
    tongue = browser.language()
    return browser.render(
        "intake/template.html",
        found=found,
        typed=given,
        problems=problems,
        may=label_queries.may_change(actor, found.site_id) if found else True,
        for_network=label_queries.may_change(actor, None),
        papers=[
            *((name, papers.told(one, tongue)) for name, one in papers.papers().items()),
            (OWN, say(_("Own paper, measured in mm"), tongue)),
        ],
        fields=list(_words(FIELDS).items()),
        outputs=list(_words(OUTPUTS).items()),
        shown=_preview(actor, given),
    )


def _begin(session: Session, actor: Actor, found: Any) -> dict[str, Any]:
    copied = request.args.get("copy", "")
    if found is None and copied:
        wanted = Identifier(required=True).deserialize(copied) if _is_uuid(copied) else None
        found = label_queries.template(session, actor, wanted) if wanted else None
        if found is not None:
            name = say(_("%(name)s, copy", name=found.name), browser.language())[:60]
            return {**label_schemas.typed_of(found), "name": name}
    if found is not None:
        return label_schemas.typed_of(found)
    wanted_paper = request.args.get("paper", "")
    return {**BEGIN, **({"paper": wanted_paper} if wanted_paper in papers.papers() else {})}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _preview(actor: Actor, typed: browser.Typed) -> dict[str, Any]:
    """Return one label as a picture, or what is wrong in words."""
    tongue, demo = browser.language(), house().settings.demonstration
    try:
        facts = label_schemas.facts_from_form(typed)
    except Invalid as refusal:
        return {"problems": [say(one.message, tongue) for one in refusal.problems]}
    problems = [one for one in wrong_facts(facts) if one.field != "name"]
    layout = facts.layout()
    if problems or layout is None:
        return {"problems": [say(one.message, tongue) for one in problems]}
    picture = paper.preview(layout, facts.design(), actor.site_name, tongue, demo)
    return {"picture": picture, "paper": papers.told(layout, tongue), "size": layout.label}


@blueprint.post("/preview")
def preview() -> ResponseReturnValue:
    """Return the picture of a label that is being changed, as a part of its page."""
    actor = browser.actor()
    actor.must(Permission.PRINT)
    return browser.render("intake/_preview.html", shown=_preview(actor, browser.typed()))


@blueprint.post("/<uuid:template_id>/retire")
def retire(template_id: uuid.UUID) -> ResponseReturnValue:
    """Offer a template no longer."""
    return browser.act_and_go(
        lambda session, actor, _typed: label_templates.retire_label_template(
            session, actor, template_id
        ),
        url_for("label_templates.templates"),
        _("The template is retired."),
    )


@blueprint.post("/default")
def choose() -> ResponseReturnValue:
    """Choose the template that one's site takes."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = label_schemas.ChooseTemplateSchema().read(typed)
        site_id = actor.site_id
        if site_id is None:
            raise Invalid([])
        command = label_templates.ChooseLabelTemplate(site_id, told["template_id"])
        return label_templates.choose_label_template(session, actor, command)

    return browser.act_and_go(
        act, url_for("label_templates.templates"), _("Your site takes this template from now on.")
    )


@blueprint.get("/calibration.pdf")
def calibrate() -> ResponseReturnValue:
    """Return a sheet that shows how far a printer shifts."""
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.PRINT)
    chosen = label_queries.chosen(session, actor, request.args.get("layout", "a4-3x8"))
    data = calibration.calibration_pdf(chosen.paper, chosen.design, browser.language())
    shown = {"Content-Disposition": 'inline; filename="calibration.pdf"'}
    return Response(data, mimetype="application/pdf", headers=shown)
