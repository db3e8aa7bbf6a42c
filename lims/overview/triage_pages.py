"""The pages of the order of work: the rule in force, its versions, a sample moved by hand."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.intake.counter import listed
from lims.network.queries import sites
from lims.network.rules import Permission
from lims.overview import ordering, triage, triage_schemas, triaging
from lims.overview.records import TriageRule

blueprint = Blueprint("triage", __name__)
EMPTY_LINES = 2


@blueprint.get("/order-of-work")
def rules() -> ResponseReturnValue:
    """Show what orders the work now, for all and for each laboratory, and every version."""
    session, actor = browser.session(), browser.actor()
    page = browser.page_number()
    versions, total = ordering.rules(session, actor, page)
    there = ordering.rules_in_force(session)
    names = {one.id: one.name for one in sites(session, "laboratory")}
    current = ordering.chosen(there, None)
    return browser.render(
        "overview/triage_rules.html",
        current=current,
        current_lines=_shown(current.lines),
        own=[
            (names.get(key, ""), one, _shown(triage.read(one.lines)))
            for key, one in there.items()
            if key is not None
        ],
        versions=versions,
        total=total,
        page=page,
        state_words=triage.STATE_WORDS,
        may_propose=actor.may(Permission.PROPOSE_TRIAGE),
    )


def _shown(lines: tuple[triage.Line, ...]) -> list[dict[str, Any]]:
    found = ordering.labels(browser.session(), lines, browser.language())
    return [{"words": triage.FACT_WORDS[line.fact], "values": named} for line, named in found]


@blueprint.get("/order-of-work/<uuid:rule_id>")
def rule(rule_id: uuid.UUID) -> ResponseReturnValue:
    """Show one version of the rule, with what can be done with it."""
    actor = browser.actor()
    found = ordering.rule(browser.session(), actor, rule_id)
    return browser.render(
        "overview/triage_rule.html",
        rule=found,
        lines=_shown(triage.read(found.lines)),
        state_words=triage.STATE_WORDS,
        may_decide=_may_decide(actor, found),
        own=found.drafted_by == actor.account,
    )


def _may_decide(actor: Actor, found: TriageRule) -> bool:
    if found.laboratory_id is None:
        decides = actor.may(Permission.APPROVE_TRIAGE)
        return decides and actor.sites_for(Permission.APPROVE_TRIAGE) is None
    return actor.may(Permission.APPROVE_TRIAGE, found.laboratory_id)


@blueprint.route("/order-of-work/new", methods=["GET", "POST"])
def new_rule() -> ResponseReturnValue:
    """Propose a version; the form begins with what is in force."""
    schema = triage_schemas.ProposeRuleSchema()
    return browser.form_page(
        act=lambda session, actor, typed: triaging.propose_rule(
            session, actor, schema.read(triage_schemas.compact(typed))
        ),
        then=lambda made: url_for("triage.rule", rule_id=made.id),
        done=lambda _made: _("The rule is proposed. It orders nothing before another approves it."),
        show=_show_new,
    )


def _show_new(session: Any, actor: Actor, typed: dict[str, Any], problems: browser.Problems) -> str:
    actor.must(Permission.PROPOSE_TRIAGE)
    told = triage_schemas.compact(typed)
    if not told["lines"] and not problems:
        told["lines"] = triage.kept(ordering.chosen(ordering.rules_in_force(session), None).lines)
    tongue = browser.language()
    room = min(triage.MOST_LINES, len(told["lines"]) + EMPTY_LINES)
    return browser.render(
        "overview/new_triage_rule.html",
        typed=told,
        room=room,
        problems=problems,
        facts=[(one, say(words, tongue)) for one, words in triage.FACT_WORDS.items()],
        lists=[
            (say(triage.FACT_WORDS[fact], tongue), listed(session, name, tongue))
            for fact, name in ordering.LISTS.items()
        ],
        laboratories=[(str(one.id), one.name) for one in sites(session, "laboratory")],
    )


def _decided(operation: Any, rule_id: uuid.UUID, done: Message) -> ResponseReturnValue:
    def act(session: Any, actor: Actor, typed: dict[str, Any]) -> None:
        told = triage_schemas.DecideRuleSchema().read(typed)
        operation(session, actor, triaging.DecideRule(rule_id, **told))

    return browser.act_and_go(act, url_for("triage.rule", rule_id=rule_id), done)


@blueprint.post("/order-of-work/<uuid:rule_id>/approve")
def approve(rule_id: uuid.UUID) -> ResponseReturnValue:
    """Put a proposed version in force."""
    return _decided(triaging.approve_rule, rule_id, _("The rule orders the work from now on."))


@blueprint.post("/order-of-work/<uuid:rule_id>/refuse")
def refuse(rule_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a proposed version."""
    return _decided(triaging.refuse_rule, rule_id, _("The proposal is refused."))


@blueprint.post("/order-of-work/<uuid:rule_id>/end")
def end(rule_id: uuid.UUID) -> ResponseReturnValue:
    """End the version in force."""
    return _decided(triaging.end_rule, rule_id, _("The rule is ended."))


@blueprint.post("/work/<uuid:sample_id>/move")
def move(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Put a sample forward or back in the work list."""
    return browser.act_and_go(
        lambda session, actor, typed: triaging.move_sample(
            session,
            actor,
            triage_schemas.MoveInListSchema().read({**typed, "sample_id": str(sample_id)}),
        ),
        url_for("overview.work_list"),
        _("The sample is moved; everybody reads why."),
    )


@blueprint.post("/work/<uuid:sample_id>/back-in-order")
def back_in_order(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Let the rule place a sample again."""
    command = triaging.PutBackInOrder(sample_id)
    return browser.act_and_go(
        lambda session, actor, typed: triaging.put_back_in_order(session, actor, command),
        url_for("overview.work_list"),
        _("The rule places the sample again."),
    )
