"""The pages of what danger rules judged: by version, to look at again, and whose rules count."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.findings import judging, queries, rule_drafts, rule_schemas, rulebook, schemas
from lims.findings.rule_shown import periods
from lims.findings.shown import VERDICTS
from lims.findings.statements import tell
from lims.foundation.actors import Actor
from lims.foundation.words import _, say
from lims.network.rules import Permission

SIZE = rule_drafts.SIZE
blueprint = Blueprint("judged", __name__, url_prefix="/findings/rules")


@blueprint.route("/places", methods=["GET", "POST"])
def places() -> ResponseReturnValue:
    """Choose whose context rules judge here too, seeing what each place would change."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        months = rule_schemas.trial_query(request.args)["months"]
        looked, listed = rule_drafts.places(session, actor, months)
        return browser.render(
            "findings/rule_places.html",
            places=listed,
            looked=looked,
            months=months,
            periods=periods(browser.language()),
            chosen=typed.get("codes") or queries.jurisdictions(session),
            may_choose=actor.may(Permission.PUBLISH_RULES),
            problems=problems,
        )

    schema = schemas.ChooseJurisdictionsSchema()
    return browser.form_page(
        act=lambda session, actor, typed: rulebook.choose_jurisdictions(
            session, actor, schema.read(typed)
        ),
        then=lambda _codes: url_for("judged.places"),
        show=show,
        done=lambda _codes: _("The choice of places is saved."),
    )


@blueprint.get("/<rule_key>/judged")
def judged(rule_key: str) -> ResponseReturnValue:
    """List the findings that a rule judged, each with the version that did."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    versions = queries.rule_versions(session, actor, rule_key)
    asked = request.args.get("version", "")
    version = int(asked) if asked in {str(one.version) for one in versions} else None
    rows, total = rule_drafts.judged(session, actor, rule_key, version, page, SIZE)
    tongue = browser.language()
    return browser.render(
        "findings/rule_judged.html",
        rule=versions[0],
        versions=[(str(one.version), str(one.version)) for one in versions],
        version=asked if version is not None else "",
        rows=[(one, say(VERDICTS[one.verdict], tongue)) for one in rows],
        total=total,
        page=page,
        size=SIZE,
        page_url=lambda n: url_for("judged.judged", rule_key=rule_key, version=asked, page=n),
    )


@blueprint.post("/<rule_key>/judge-again")
def judge_again(rule_key: str) -> ResponseReturnValue:
    """List the findings that the present version would judge otherwise."""
    schema = rule_schemas.JudgeAgainSchema()
    return browser.act_and_go(
        lambda session, actor, typed: judging.judge_again(
            session, actor, schema.read({**typed, "rule_key": rule_key})
        ),
        url_for("judged.to_look_at_again", rule=rule_key),
        _("The list is made. No finding is changed and nobody is warned by it."),
    )


@blueprint.get("/again")
def to_look_at_again() -> ResponseReturnValue:
    """List the findings that a later version of a rule would judge otherwise."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    key = request.args.get("rule", "")
    rows, total = rule_drafts.judged_again(session, actor, key, page, SIZE)
    tongue = browser.language()
    return browser.render(
        "findings/judged_again.html",
        rows=[(one, tell(one.words, tongue) if one.words else "") for one in rows],
        total=total,
        page=page,
        size=SIZE,
        rule_key=key,
        may_settle=actor.may(Permission.PUBLISH_RULES),
        page_url=lambda n: url_for("judged.to_look_at_again", rule=key, page=n),
    )


@blueprint.post("/again/<uuid:line_id>/leave")
def leave(line_id: uuid.UUID) -> ResponseReturnValue:
    """Take a finding off the list: it stays as it is."""
    schema = rule_schemas.LeaveSchema()
    return browser.act_and_go(
        lambda session, actor, typed: judging.leave_as_it_is(
            session, actor, schema.read({**typed, "id": str(line_id)})
        ),
        url_for("judged.to_look_at_again"),
        _("The finding stays as it is; your reason is kept."),
    )
