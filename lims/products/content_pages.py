"""The pages of contents and matches by declared substance, of what circulates, and photos."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.browser import Problems
from lims.doors.house import house
from lims.findings.danger import rules_on
from lims.findings.rules import Rule
from lims.foundation import clock, files
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.words import say
from lims.library.queries import substance, terms
from lims.network import passwords
from lims.network.rules import Permission
from lims.products import circulation, contents, exporting, matches, photos
from lims.products.circulation import WEEKS
from lims.products.content_schemas import PERIODS, USUAL_PERIOD, CirculatingSchema, DeclaredSchema
from lims.products.content_shown import LEVELS, shown_declared, shown_matching, shown_seen
from lims.products.contents import Declared
from lims.products.listing import SIZE
from lims.products.shown import drawn_content, shown_spread
from lims.products.tables import table

blueprint = Blueprint("contents", __name__, url_prefix="/products")


@blueprint.get("/circulation")
def circulating() -> ResponseReturnValue:
    """Show the products handed in lately, with what was measured last."""
    typed = request.args.to_dict()
    chosen, problems = circulation.Circulating(), Problems()
    try:
        chosen = CirculatingSchema().read(typed)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    return _circulating(chosen, typed, problems), 422 if problems else 200


def _circulating(chosen: circulation.Circulating, typed: dict[str, Any], problems: Problems) -> str:
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    page = browser.page_number()
    found, total = circulation.circulating(session, actor, chosen, page)
    kept = {key: value for key, value in typed.items() if key not in ("page", "password")}
    return browser.render(
        "products/circulation.html",
        rows=[shown_seen(session, one, tongue) for one in found],
        chosen=chosen,
        typed=typed,
        problems=problems,
        weeks=[(str(one), str(one)) for one in WEEKS],
        levels=_levels(tongue),
        regions=[(one, one) for one in circulation.regions(session, actor)],
        forms=_options(session, "dosage_form"),
        may_export=actor.may(Permission.EXPORT),
        **browser.listed("contents.circulating", page, SIZE, total, **kept),
    )


def _levels(tongue: str) -> list[tuple[str, str]]:
    return [(level, say(words, tongue)) for level, words in LEVELS.items()]


def _options(session: Session, list_name: str) -> list[tuple[str, str]]:
    tongue = browser.language()
    return [(term.code, term.label(tongue)) for term in terms(session, list_name)]


@blueprint.post("/circulation/export")
def export() -> ResponseReturnValue:
    """Give the chosen products as CSV; the password is asked again."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()

    def act() -> bytes:
        return _exported(session, actor, typed)

    try:
        data = passwords.counted(session, actor.account, "password", house().settings, act)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
        return _circulating(circulation.Circulating(), typed, problems), 422
    session.commit()
    return browser.attachment("products.csv", data)


def _exported(session: Session, actor: Actor, typed: dict[str, Any]) -> bytes:
    chosen = CirculatingSchema().read(typed)
    command = exporting.ExportCirculating(chosen, str(typed.get("password", "")))
    found = exporting.export_circulating(session, actor, command)
    return table(_cells(shown_seen(session, one, browser.language())) for one in found)


def _cells(one: dict[str, Any]) -> list[object]:
    year, week, _day = one["last_seen"].isocalendar()
    newest = [
        f"{each['name']} {each['value']} {each['unit_label']} {each['expressed_as']}".strip()
        for each in one["contents"]
    ]
    facts = [one[name] for name in ("number", "form", "colour", "shape", "logo", "sold_as")]
    told = [one["danger"], ", ".join(one["found"]), one["samples"], f"{year}-W{week:02d}"]
    return [*facts, *told, ", ".join(one["areas"]), ", ".join(newest)]


@blueprint.get("/declared")
def declared() -> ResponseReturnValue:
    """List what samples were sold as, most often first."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    asked, typed, problems = _asked()
    rows = matches.declared_substances(session, actor, asked["since"], asked["until"])
    shown = browser.render(
        "products/declared.html",
        rows=[shown_declared(one, tongue) for one in rows],
        typed=typed,
        problems=problems,
        periods=_periods(),
    )
    return shown, 422 if problems else 200


def _asked() -> tuple[dict[str, Any], dict[str, Any], Problems]:
    typed: dict[str, Any] = {"weeks": str(USUAL_PERIOD), **request.args.to_dict()}
    try:
        return DeclaredSchema().read(typed), typed, Problems()
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
        return DeclaredSchema().read({}), typed, problems


def _periods() -> list[tuple[str, str]]:
    return [(str(one), str(one)) for one in PERIODS]


@blueprint.get("/declared/<uuid:substance_id>")
def declared_substance(substance_id: uuid.UUID) -> ResponseReturnValue:
    """Show what samples sold as one substance held and turned out to be."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    actor.must(Permission.CONSULT)
    sold = substance(session, substance_id)
    asked, typed, problems = _asked()
    chosen = Declared(substance_id=sold.id, **asked)
    found = matches.matching(session, actor, chosen)
    judging = rules_on(session, clock.today())
    shown = browser.render(
        "products/declared_substance.html",
        it=shown_matching(found, sold, tongue),
        spreads=[
            _drawn(judging, chosen.form, one, tongue)
            for one in contents.declared_spread(session, actor, chosen)
        ],
        answers=[one.code for one in terms(session, "match_to_expected")],
        words={one.code: one.label(tongue) for one in terms(session, "match_to_expected")},
        chosen=chosen,
        typed=typed,
        problems=problems,
        periods=_periods(),
        forms=_options(session, "dosage_form"),
        regions=[(one, one) for one in circulation.regions(session, actor)],
    )
    return shown, 422 if problems else 200


def _drawn(judging: Sequence[Rule], form: str, one: contents.Spread, tongue: str) -> dict[str, Any]:
    drawn = drawn_content(judging, form, one, {}, tongue)
    pictures = {size: Markup(drawn.pop(size)) for size in ("wide", "narrow")}
    return shown_spread(one, form, tongue) | drawn | pictures


@blueprint.get("/<uuid:product_id>/photos/<uuid:photo_id>.jpg")
def photo(product_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Give a photo of a product."""
    found = photos.photo(browser.session(), browser.actor(), product_id, photo_id)
    return Response(files.fetch(house().settings.data_dir, found.sha256), mimetype="image/jpeg")
