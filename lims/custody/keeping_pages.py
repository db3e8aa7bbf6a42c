"""The pages of keeping: alarms, holdings at any day, destructions with their protocol."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.custody import (
    alarms,
    conventions,
    destructions,
    inspecting,
    keeping_schemas,
    operations,
    rules,
    shown,
    witnesses,
)
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refused
from lims.foundation.words import _, say
from lims.network import queries as network
from lims.network.rules import Permission

blueprint = Blueprint("keeping", __name__)
PAGE = 50


@blueprint.route("/custody/alarms", methods=["GET", "POST"])
def alarms_page() -> ResponseReturnValue:
    """List what is unreturned or unaccounted for, and answer an alarm in words."""
    return browser.form_page(
        act=_settle,
        then=lambda _alarm: url_for("keeping.alarms_page"),
        done=lambda _alarm: _("The alarm is answered."),
        show=_alarms,
    )


def _settle(session: Session, actor: Actor, typed: browser.Typed) -> Any:
    told = keeping_schemas.SettleAlarmSchema().read(typed)
    command = operations.SettleAlarm(**told, agreed=shown.agreed(house().settings))
    return operations.settle_alarm(session, actor, command)


def _alarms(
    session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
) -> str:
    agreed, page, tongue = shown.agreed(house().settings), browser.page_number(), browser.language()
    kind = request.args.get("kind", "")[:20]
    rows, total = alarms.alarms(session, actor, agreed, page, PAGE, kind=kind)
    answered, _all = alarms.settled(session, actor, 1, 10)
    return browser.render(
        "custody/alarms.html",
        alarms=rows,
        pages=browser.listed("keeping.alarms_page", page, PAGE, total, kind=kind),
        total=total,
        kind=kind,
        kinds=[(str(one), say(words, tongue)) for one, words in conventions.ALARM_WORDS.items()],
        words={str(one): words for one, words in conventions.ALARM_WORDS.items()},
        answered=answered,
        agreed=agreed,
        may_answer={one.site_id for one in rows if _may_answer(actor, one.site_id)},
        typed=typed if request.method == "POST" else {},
        problems=problems,
    )


def _may_answer(actor: Actor, site_id: uuid.UUID) -> bool:
    sides = (Permission.HAND_OVER, Permission.MANAGE_CUSTODY)
    return any(actor.may(side, site_id) for side in sides)


@blueprint.get("/holdings")
def holdings() -> ResponseReturnValue:
    """Show what one's site held at the end of a day, and that its account is even."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    if actor.site_id is None:
        raise Refused(_("Choose one of your sites first."))
    problems, tongue = browser.Problems(), browser.language()
    asked = {name: request.args.get(name, "") for name in ("day", "since")}
    try:
        told = keeping_schemas.AskedReportSchema().read({**asked, "site_id": str(actor.site_id)})
        since, day = inspecting.days_of(told["since"], told["day"])
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
        since, day = inspecting.days_of(None, None)
    rows, total, mg = inspecting.held_on(session, actor, actor.site_id, day, page, PAGE)
    return browser.render(
        "custody/holdings.html",
        holdings=rows,
        total=total,
        mg=mg,
        day=day,
        since=since,
        problems=problems,
        typed=asked,
        pages=browser.listed(
            "keeping.holdings", page, PAGE, total, **{k: v for k, v in asked.items() if v}
        ),
        places=inspecting.by_place(session, actor, actor.site_id, day),
        account=inspecting.account(session, actor, actor.site_id, since, day),
        into=[(say(rules.MOVE_WORDS[kind], tongue), kind) for kind in rules.ORDER_IN],
        out_of=[(say(rules.MOVE_WORDS[kind], tongue), kind) for kind in rules.ORDER_OUT],
        head=inspecting.journal_head(session),
    )


@blueprint.post("/holdings/report.<any(pdf, csv):form>")
def report(form: str) -> ResponseReturnValue:
    """Make a report of holdings to keep or to print; its hash is written in the journal."""
    from lims.custody import papers

    session, actor = browser.session(), browser.actor()
    told = {**browser.typed(), "site_id": str(actor.site_id or "")}
    command = operations.ReportHoldings(**keeping_schemas.AskedReportSchema().read(told))
    made = operations.report_holdings(session, actor, command)
    session.commit()
    name = f"holdings-{made.day.isoformat()}.{form}"
    facts = shown.report_facts(made)
    if form == "csv":
        answer = Response(papers.write_csv(facts), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer
    drawn = papers.draw_holdings(facts, browser.language(), house().settings.demonstration)
    return browser.pdf(drawn, name)


@blueprint.route("/destructions", methods=["GET", "POST"])
def destructions_page() -> ResponseReturnValue:
    """List the destructions at one's sites; destroy residues before a second person."""
    return browser.form_page(
        act=_destroy,
        then=lambda made: url_for("keeping.destruction", destruction_id=made.id),
        done=lambda made: _("Destruction %(number)s is in the ledger.", number=made.number),
        show=_destructions,
    )


def _destroy(session: Session, actor: Actor, typed: browser.Typed) -> Any:
    codes = keeping_schemas.CodesSchema().read({"code": typed.get("codes", "")})["code"]
    residues = [{"code": code, "mg": typed.get("mg", "")} for code in codes]
    told = {**typed, "site_id": str(actor.site_id or ""), "residues": residues}
    command = keeping_schemas.DestroySamplesSchema().read(told)
    return witnesses.destroyed(session, actor, command, house().settings)


def _destructions(
    session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
) -> str:
    page = browser.page_number()
    rows, total = destructions.destructions(session, actor, page, PAGE)
    manages = actor.site_id is not None and actor.may(Permission.MANAGE_CUSTODY, actor.site_id)
    return browser.render(
        "custody/destructions.html",
        destructions=rows,
        pages=browser.listed("keeping.destructions_page", page, PAGE, total),
        manages=manages,
        to_destroy=destructions.left_of_concluded(session, actor, actor.site_id)
        if manages and actor.site_id
        else [],
        typed=typed,
        problems=problems,
        new_id=typed.get("id") or str(uuid.uuid4()),
    )


@blueprint.get("/destructions/<uuid:destruction_id>")
def destruction(destruction_id: uuid.UUID) -> ResponseReturnValue:
    """Show one destruction: what, why, how, before whom."""
    session, actor = browser.session(), browser.actor()
    found = destructions.destruction(session, actor, destruction_id)
    lines = destructions.lines_of(session, found.id)
    return browser.render(
        "custody/destruction.html",
        act=found,
        site=network.site(session, found.site_id),
        lines=lines,
        mg=sum((mg for _code, _id, mg in lines), 0),
    )


@blueprint.get("/destructions/<uuid:destruction_id>/protocol.pdf")
def protocol(destruction_id: uuid.UUID) -> ResponseReturnValue:
    """Send the protocol of a destruction as PDF, with places for two signatures."""
    from lims.custody.papers import draw_protocol

    session, actor = browser.session(), browser.actor()
    found = destructions.destruction(session, actor, destruction_id)
    facts = destructions.protocol_facts(session, found)
    drawn = draw_protocol(facts, browser.language(), house().settings.demonstration)
    return browser.pdf(drawn, f"{found.number}.pdf")
