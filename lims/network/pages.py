"""The network's pages: first run, logging in and out, sites, accounts, duties and keys."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from lims.doors import browser
from lims.doors.house import house
from lims.doors.schema import Identifier
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused
from lims.foundation.words import Message, _, say
from lims.network import logins, operations, queries, schemas
from lims.network.rules import Duty, OrganisationKind, Permission

blueprint = Blueprint("network", __name__)


def _cookie() -> str:
    return "__Host-balise" if house().settings.secure_cookies else "balise"


def _kinds() -> list[tuple[str, str]]:
    words = {
        OrganisationKind.TESTING: _("testing points"),
        OrganisationKind.LABORATORY: _("laboratory"),
        OrganisationKind.COORDINATION: _("coordination"),
        OrganisationKind.PARTNER: _("partner"),
    }
    return [(str(kind), say(said, browser.language())) for kind, said in words.items()]


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """Tell a monitor that the application and its database answer."""
    browser.session().execute(text("SELECT 1"))
    return {"status": "ok"}


@blueprint.route("/log-in", methods=["GET", "POST"])
def log_in() -> ResponseReturnValue:
    """Log in; the same words for a wrong account, a wrong password and a waiting account."""
    if not queries.is_set_up(browser.session()):
        return redirect(url_for("network.set_up"))
    problems = browser.Problems()
    if request.method == "POST":
        account, password = request.form.get("account", ""), request.form.get("password", "")
        token = logins.log_in(browser.session(), account, password, house().settings)
        browser.session().commit()
        if token is not None:
            response = make_response(redirect(_next_page(), 303))
            _set_cookie(response, _cookie(), token)
            return response
        wrong = _(
            "Account or password is wrong, or the account waits after too many tries "
            "(%(n)s minutes).",
            n=house().settings.lockout_minutes,
        )
        problems = browser.said([Problem("account", wrong)], wrong)
    typed = {"account": request.form.get("account", "")}
    shown = browser.render(
        "network/log_in.html", typed=typed, problems=problems, sample=_sample_accounts()
    )
    return shown, 401 if problems else 200


def _next_page() -> str:
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    here = not parts.scheme and not parts.netloc and wanted.startswith("/") and "\\" not in wanted
    return wanted if here and not wanted.startswith("//") else "/"


def _set_cookie(response: Any, name: str, value: str) -> None:
    settings = house().settings
    response.set_cookie(
        name, value, httponly=True, secure=settings.secure_cookies, samesite="Lax", path="/"
    )


def _sample_accounts() -> list[dict[str, str]]:
    """Return the demonstration's accounts, which the login page shows; empty otherwise."""
    if not house().settings.demonstration:
        return []
    from lims.network.records import Installation

    kept = browser.session().get(Installation, "demonstration")
    return list(kept.value.get("accounts", [])) if kept else []


@blueprint.post("/demonstration/continue-as/<account>")
def continue_as(account: str) -> ResponseReturnValue:
    """Go on with another account of the demonstration; nowhere else does this exist."""
    sample = {one["account"]: one for one in _sample_accounts()}
    if account not in sample:
        raise NotFound(_("There is no such account."))
    session, settings = browser.session(), house().settings
    if g.get("actor") is not None:
        logins.log_out(session, browser.actor(), g.get("token", ""))
    token = logins.log_in(session, account, sample[account]["password"], settings)
    session.commit()
    response = make_response(redirect(_next_page() if token else url_for("network.log_in"), 303))
    if token:
        _set_cookie(response, _cookie(), token)
    return response


@blueprint.post("/log-out")
def log_out() -> ResponseReturnValue:
    """Log out and forget the cookie."""
    logins.log_out(browser.session(), browser.actor(), g.get("token", ""))
    browser.session().commit()
    response = make_response(redirect(url_for("network.log_in"), 303))
    response.delete_cookie(_cookie(), path="/", secure=house().settings.secure_cookies)
    return response


@blueprint.route("/set-up", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Make the first organisation, site and administrator; only once."""
    if queries.is_set_up(browser.session()):
        return redirect(url_for("network.log_in"))
    typed, problems = browser.typed(), browser.Problems()
    if request.method == "POST":
        try:
            command = schemas.SetUpSchema().read(typed)
            operations.set_up(browser.session(), queries.OPERATOR, command)
            browser.session().commit()
            browser.tell(_("Balise is set up. Log in with the account you have just made."))
            return redirect(url_for("network.log_in"), 303)
        except Invalid as refusal:
            browser.session().rollback()
            problems = browser.said(refusal.problems, refusal.message)
    page = browser.render("network/set_up.html", typed=typed, problems=problems, kinds=_kinds())
    return page, 422 if problems else 200


@blueprint.post("/site")
def choose_site() -> ResponseReturnValue:
    """Work at another of one's sites."""

    def act(session: Any, actor: Actor, typed: dict[str, Any]) -> None:
        wanted = Identifier(required=True).deserialize(typed.get("site_id", ""))
        if not any(wanted in sites for sites in actor.grants.values()):
            raise Refused(_("You hold no duty at this site."))
        logins.choose_site(session, actor, g.get("token", ""), wanted)

    return browser.act_and_go(act, url_for("overview.start"))


@blueprint.route("/account", methods=["GET", "POST"])
def own_account() -> ResponseReturnValue:
    """Show one's duties and change one's password."""
    return browser.form_page(
        act=lambda session, actor, typed: logins.change_password(
            session, actor, str(typed.get("old", "")), str(typed.get("new", ""))
        ),
        then=lambda _nothing: url_for("network.own_account"),
        done=lambda _nothing: _("Your password is changed."),
        show=lambda session, actor, typed, problems: browser.render(
            "network/own_account.html",
            problems=problems,
            held=queries.member(session, actor.member_id).duties if actor.member_id else [],
        ),
    )


@blueprint.route("/accounts", methods=["GET", "POST"])
def accounts() -> ResponseReturnValue:
    """List the accounts and add one."""

    def show(session: Any, actor: Actor, typed: dict[str, Any], problems: browser.Problems) -> str:
        page = browser.page_number()
        listed, total = queries.members(session, actor, page)
        return browser.render(
            "network/accounts.html",
            members=listed,
            total=total,
            page=page,
            typed=typed,
            problems=problems,
            duties=list(Duty),
            sites=queries.sites(session),
        )

    return browser.form_page(
        act=lambda session, actor, typed: operations.add_member(
            session, actor, schemas.AddMemberSchema().read(typed)
        ),
        then=lambda _member: url_for("network.accounts"),
        done=lambda member: _("The account %(name)s is made.", name=member.account),
        show=show,
    )


@blueprint.post("/accounts/<uuid:member_id>/duties")
def give_duty(member_id: uuid.UUID) -> ResponseReturnValue:
    """Give an account a duty."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.give_duty(
            session, actor, schemas.GiveDutySchema().read({**typed, "member_id": str(member_id)})
        ),
        url_for("network.accounts"),
        _("The duty is given."),
    )


@blueprint.post("/duties/<uuid:duty_id>/end")
def end_duty(duty_id: uuid.UUID) -> ResponseReturnValue:
    """End a duty."""
    return _button(operations.end_duty, duty_id, _("The duty has ended."))


@blueprint.post("/accounts/<uuid:member_id>/close")
def close_account(member_id: uuid.UUID) -> ResponseReturnValue:
    """Close an account."""
    return _button(operations.close_account, member_id, _("The account is closed."))


def _button(operation: Any, record_id: uuid.UUID, done: Message) -> ResponseReturnValue:
    return browser.act_and_go(
        lambda session, actor, typed: operation(session, actor, record_id),
        url_for("network.accounts"),
        done,
    )


@blueprint.route("/sites", methods=["GET", "POST"])
def sites_page() -> ResponseReturnValue:
    """List the sites and add one."""

    def show(session: Any, actor: Actor, typed: dict[str, Any], problems: browser.Problems) -> str:
        actor.must(Permission.ADMINISTER)
        return browser.render(
            "network/sites.html",
            sites=queries.sites(session),
            organisations=queries.organisations(session),
            kind_words=dict(_kinds()),
            kinds=_kinds(),
            typed=typed,
            problems=problems,
        )

    return browser.form_page(
        act=lambda session, actor, typed: operations.add_site(
            session, actor, schemas.AddSiteSchema().read(typed)
        ),
        then=lambda _site: url_for("network.sites_page"),
        done=lambda site: _("The site %(name)s is added.", name=site.name),
        show=show,
    )


@blueprint.route("/keys", methods=["GET", "POST"])
def keys() -> ResponseReturnValue:
    """List the API keys and make one; the key is shown once."""
    session, actor = browser.session(), browser.actor()
    problems, made = browser.Problems(), None
    if request.method == "POST":
        try:
            command = schemas.MakeApiKeySchema().read(browser.typed())
            _key, made = operations.make_api_key(session, actor, command)
            session.commit()
        except Invalid as refusal:
            session.rollback()
            problems = browser.said(refusal.problems, refusal.message)
    listed, _total = queries.members(session, actor, 1, 500)
    page = browser.render(
        "network/keys.html",
        keys=queries.api_keys(session, actor),
        made=made,
        members=listed,
        scopes=list(Permission),
        typed=browser.typed(),
        problems=problems,
    )
    return page, 422 if problems else 200


@blueprint.post("/keys/<uuid:key_id>/revoke")
def revoke_key(key_id: uuid.UUID) -> ResponseReturnValue:
    """Revoke an API key."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.revoke_api_key(session, actor, key_id),
        url_for("network.keys"),
        _("The key is revoked."),
    )


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Go to the start page."""
    known = "overview.start" in current_app.view_functions
    return redirect(url_for("overview.start" if known else "network.own_account"))
