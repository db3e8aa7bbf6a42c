"""The pages of danger rules on their way: drafts by four eyes, and trials on the past."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.findings import (
    queries,
    rule_drafts,
    rule_review,
    rule_schemas,
    rule_shown,
    ruling,
)
from lims.findings.rule_records import RuleDraft
from lims.findings.rule_shown import periods
from lims.findings.ruling import RuleText
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.library.queries import substance_keys, terms
from lims.network.rules import Permission

blueprint = Blueprint("rules", __name__, url_prefix="/findings/rules")
SIZE = rule_drafts.SIZE


@blueprint.get("/drafts")
def drafts() -> ResponseReturnValue:
    """List the drafts of danger rules, what waits for review first."""
    page, state = browser.page_number(), request.args.get("state", "")
    state = state if state in tuple(ruling.RuleDraftState) else ""
    listed, total = rule_drafts.drafts(browser.session(), browser.actor(), state, page, SIZE)
    return browser.render(
        "findings/rule_drafts.html",
        drafts=[(one, ruling.read(one.content)) for one in listed],
        total=total,
        page=page,
        size=SIZE,
        state=state,
        may_draft=browser.actor().may(Permission.PUBLISH_RULES),
        page_url=lambda n: url_for("rules.drafts", state=state, page=n),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new_rule() -> ResponseReturnValue:
    """Begin a draft of a rule, or of the next version of one: `?rule=` fills the form."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        actor.must(Permission.PUBLISH_RULES)
        key = request.args.get("rule", "")
        stands = queries.rule_versions(session, actor, key)[0] if key else None
        filled = typed if request.method == "POST" else _begun(stands)
        return _form(session, filled, problems, stands, None)

    schema = rule_schemas.DraftRuleSchema()
    return browser.form_page(
        act=lambda session, actor, typed: rule_review.draft_rule(
            session, actor, schema.read(typed)
        ),
        then=_address,
        show=show,
        done=lambda made: _("Draft %(number)s is kept. It judges nothing yet.", number=made.number),
    )


def _begun(stands: Any) -> Typed:
    told = {"in_force": True} if stands is None else _typed(ruling.text_of(stands))
    return {"id": str(uuid.uuid4()), **told}


def _typed(text: RuleText) -> Typed:
    return {name: "" if value is None else value for name, value in ruling.kept(text).items()}


def _address(draft: RuleDraft) -> str:
    return url_for("rules.draft", draft_id=draft.id)


def _form(
    session: Session, typed: Typed, problems: Problems, stands: Any, draft: RuleDraft | None
) -> str:
    tongue = browser.language()
    return browser.render(
        "findings/new_rule.html",
        typed=typed,
        problems=problems,
        stands=stands,
        draft=draft,
        targets=_options(ruling.TARGET_WORDS),
        conditions=_options(ruling.CONDITION_WORDS),
        units=[(unit, unit) for unit in ruling.LIMIT_UNITS],
        levels=[(level, say(ruling.LEVEL_WORDS[level], tongue)) for level in ruling.LEVELS],
        forms=[(one.code, one.label(tongue)) for one in terms(session, "dosage_form")],
        keys=substance_keys(session),
    )


def _options(words: Mapping[str, Message]) -> list[tuple[str, str]]:
    return [(code, say(said, browser.language())) for code, said in words.items()]


@blueprint.get("/drafts/<uuid:draft_id>")
def draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft with what it would change, and what may be done with it."""
    return _draft_page(draft_id)(browser.session(), browser.actor(), {}, Problems())


def _draft_page(draft_id: uuid.UUID) -> Callable[[Session, Actor, Typed, Problems], str]:
    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        found = rule_drafts.draft(session, actor, draft_id)
        stands = rule_drafts.standing(session, found.rule_key)
        text = ruling.read(found.content)
        base, tongue = ruling.text_of(stands) if stands else None, browser.language()
        own = actor.account in (found.author, *found.editors)
        return browser.render(
            "findings/rule_draft.html",
            draft=found,
            text=text,
            sentence=rule_shown.sentence(session, text, tongue),
            stands=stands,
            outrun=found.base_version != (stands.version if stands else 0),
            changes=[rule_shown.change(one, tongue) for one in ruling.differences(base, text)],
            whole=[rule_shown.change(one, tongue) for one in ruling.differences(None, text)],
            others=[
                one
                for one in rule_drafts.drafts_of_rule(session, found.rule_key)
                if one.id != found.id
            ],
            own=own,
            may_write=actor.may(Permission.PUBLISH_RULES),
            may_approve=actor.may(Permission.APPROVE_RULES) and not own,
            typed=typed,
            problems=problems,
        )

    return show


@blueprint.route("/drafts/<uuid:draft_id>/edit", methods=["GET", "POST"])
def edit(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Write a draft anew."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        actor.must(Permission.PUBLISH_RULES)
        found = rule_drafts.draft(session, actor, draft_id)
        filled = {**_typed(ruling.read(found.content)), "why": found.why}
        filled["row_version"] = found.row_version
        stands = rule_drafts.standing(session, found.rule_key)
        given = typed if request.method == "POST" else filled
        return _form(session, given, problems, stands, found)

    schema = rule_schemas.EditRuleSchema()
    return browser.form_page(
        act=lambda session, actor, typed: rule_review.edit_rule(
            session, actor, schema.read({**typed, "draft_id": str(draft_id)})
        ),
        then=_address,
        show=show,
        done=lambda _made: _("The draft is saved."),
    )


def _move(draft_id: uuid.UUID, schema: Any, operation: Any, done: Message) -> ResponseReturnValue:
    return browser.form_page(
        act=lambda session, actor, typed: operation(
            session, actor, schema().read({**typed, "draft_id": str(draft_id)})
        ),
        then=_address,
        show=_draft_page(draft_id),
        done=lambda _made: done,
    )


@blueprint.post("/drafts/<uuid:draft_id>/submit")
def submit(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Send a draft to another person."""
    done = _("Sent to review. Another person publishes it or sends it back.")
    return _move(draft_id, rule_schemas.MoveRuleSchema, rule_review.submit_rule, done)


@blueprint.post("/drafts/<uuid:draft_id>/send-back")
def send_back(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Give a draft back to who wrote it."""
    done = _("Sent back, with your reason.")
    return _move(draft_id, rule_schemas.EndRuleSchema, rule_review.send_back_rule, done)


@blueprint.post("/drafts/<uuid:draft_id>/withdraw")
def withdraw(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Give a draft up."""
    done = _("The draft is withdrawn. It stays readable.")
    return _move(draft_id, rule_schemas.EndRuleSchema, rule_review.withdraw_rule, done)


@blueprint.post("/drafts/<uuid:draft_id>/approve")
def approve(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Publish a draft as the second person."""
    done = _("Published. It judges every finding from now on; those before keep their version.")
    return _move(draft_id, rule_schemas.MoveRuleSchema, rule_review.approve_rule, done)


@blueprint.get("/drafts/<uuid:draft_id>/trial")
def trial(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a draft would have said of the findings of the last months."""
    session, actor = browser.session(), browser.actor()
    found = rule_drafts.draft(session, actor, draft_id)
    asked, page = rule_schemas.trial_query(request.args), browser.page_number()
    tried = rule_drafts.trial(session, actor, ruling.read(found.content), asked["months"])
    lines = tried.which(asked["which"])
    part, tongue = lines[(page - 1) * SIZE : page * SIZE], browser.language()
    return browser.render(
        "findings/rule_trial.html",
        draft=found,
        text=ruling.read(found.content),
        tried=tried,
        figures=tried.figures,
        rows=[(one, rule_shown.verdict(one.outcome, tongue)) for one in part],
        total=len(lines),
        page=page,
        size=SIZE,
        periods=periods(browser.language()),
        forms={one.code: one.label(browser.language()) for one in terms(session, "dosage_form")},
        **asked,
        page_url=lambda n: url_for("rules.trial", draft_id=draft_id, page=n, **asked),
    )
