"""The pages of findings and danger rules: composing, second reading, reading, certificate."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis.queries import READERS
from lims.doors import browser
from lims.doors.browser import Problems, Show, Typed
from lims.findings import (
    danger,
    evidence,
    operations,
    queries,
    referable,
    rule_drafts,
    schemas,
    trials,
)
from lims.findings.drafting import compose_again
from lims.findings.records import Finding
from lims.findings.rules import Condition
from lims.findings.ruling import CONDITION_WORDS
from lims.findings.shown import shown_finding, shown_kept_evidence, shown_offers
from lims.foundation.actors import Actor
from lims.foundation.words import LANGUAGES, _, language_name, say
from lims.intake import queries as intake
from lims.library.queries import terms
from lims.network.rules import Permission

blueprint = Blueprint("findings", __name__, url_prefix="/findings")


def _address(found: Finding) -> str:
    return url_for("findings.finding", finding_id=found.id)


def _options(session: Session, list_name: str) -> list[tuple[str, str]]:
    tongue = browser.language()
    return [(term.code, term.label(tongue)) for term in terms(session, list_name)]


@blueprint.route("/new/<uuid:sample_id>", methods=["GET", "POST"])
def new_finding(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show what there is to conclude on, and compose a draft from it."""
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.CONCLUDE)
    begun = queries.latest_finding(session, sample_id)
    if begun is not None and request.method == "GET":
        return redirect(_address(begun))
    command = operations.DraftFinding(sample_id)

    def show(opened: Session, who: Actor, typed: Typed, problems: Problems) -> str:
        return browser.render(
            "findings/new.html",
            sample=intake.sample(opened, who, sample_id),
            runs=evidence.verified_runs(opened, sample_id),
            waiting=evidence.unverified_runs(opened, sample_id),
            problems=problems,
        )

    return browser.form_page(
        act=lambda opened, who, typed: operations.draft_finding(opened, who, command),
        then=_address,
        show=show,
    )


@blueprint.get("/<uuid:finding_id>")
def finding(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Show a finding as it stands, with what this person may do next."""
    return _page(finding_id)(browser.session(), browser.actor(), {}, Problems())


def _page(finding_id: uuid.UUID) -> Show:
    """Return how a finding is shown, with what was typed and what is wrong."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        found = queries.finding(session, actor, finding_id)
        tongue = browser.language()
        tab = request.args.get("text", tongue)
        return browser.render(
            "findings/finding.html",
            it=shown_finding(session, found, tongue),
            may=_may(actor, found),
            versions=queries.versions(session, found.sample_id),
            tab=tab if tab in LANGUAGES else tongue,
            knows_life="overview.sample_life" in current_app.view_functions
            and intake.may_follow(actor, found.sample),
            tongues=[(code, language_name(code)) for code in LANGUAGES],
            typed=typed,
            problems=problems,
            **_editing(session, actor, found),
            **referable.offers(session, actor, found, tongue),
        )

    return show


def _may(actor: Actor, found: Finding) -> dict[str, bool]:
    """Return which forms to show; the operations decide again."""
    concludes = actor.may(Permission.CONCLUDE, found.site_id)
    verifies = actor.may(Permission.VERIFY, found.site_id)
    return {
        "edit": concludes and found.state == "draft",
        "submit": actor.account in (found.author, *found.co_authors),
        "verify": verifies and found.state == "to verify",
        "own": actor.account in (found.author, *found.co_authors),
        "amend": concludes and found.state == "released",
        "evidence": any(actor.may(one, found.site_id) for one in READERS),
    }


def _editing(session: Session, actor: Actor, found: Finding) -> dict[str, Any]:
    if not _may(actor, found)["edit"]:
        return {}
    offers = shown_offers(found, compose_again(session, found), browser.language())
    human = [
        rule
        for rule in queries.current_rules(session)
        if rule.in_force and rule.condition == Condition.HUMAN
    ]
    return {
        "offers": offers,
        "human_rules": human,
        "decided": list(found.decided),
        "roles": _options(session, "detection_role"),
        "abundances": _options(session, "abundance"),
        "matches": _options(session, "match_to_expected"),
        "waiting": evidence.unverified_runs(session, found.sample_id),
        "kept_evidence": shown_kept_evidence(session, found.sample_id, browser.language()),
    }


def _form(finding_id: uuid.UUID, schema: Any, operation: Any, done: Any) -> ResponseReturnValue:
    """Do one act on a finding; a refusal shows the page again with all that was typed."""
    return browser.form_page(
        act=lambda session, actor, typed: operation(
            session, actor, schema().read({**typed, "finding_id": str(finding_id)})
        ),
        then=_address,
        show=_page(finding_id),
        done=lambda _found: done,
    )


@blueprint.post("/<uuid:finding_id>/edit")
def edit(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Save a draft."""
    done = _("The draft is saved.")
    return _form(finding_id, schemas.EditFindingSchema, operations.edit_finding, done)


@blueprint.post("/<uuid:finding_id>/submit")
def submit(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Sign a draft for the second reading."""
    done = _("Signed. It waits for the second reading by another person.")
    return _form(finding_id, schemas.SubmitFindingSchema, operations.submit_finding, done)


@blueprint.post("/<uuid:finding_id>/release")
def release(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Sign as the second person."""
    done = _("Signed and released. A correction becomes a new version.")
    return _form(finding_id, schemas.ReleaseFindingSchema, operations.release_finding, done)


@blueprint.post("/<uuid:finding_id>/send-back")
def send_back(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Give a finding back to its author."""
    done = _("Sent back to its author, with your reason.")
    return _form(finding_id, schemas.SendBackFindingSchema, operations.send_back_finding, done)


@blueprint.post("/<uuid:finding_id>/amend")
def amend(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Begin a correction."""
    done = _("A new version is begun. The old one stands until this one is released.")
    return _form(finding_id, schemas.AmendFindingSchema, operations.amend_finding, done)


@blueprint.get("/<uuid:finding_id>/certificate")
def certificate(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Show the certificate of a released finding, to print."""
    session = browser.session()
    found = queries.released_for_certificate(session, browser.actor(), finding_id)
    it = shown_finding(session, found, browser.language())
    return browser.render("findings/certificate.html", it=it)


@blueprint.get("/<uuid:finding_id>/certificate.pdf")
def certificate_pdf(finding_id: uuid.UUID) -> ResponseReturnValue:
    """Send the certificate as PDF."""
    from lims.findings.certificate import draw_certificate

    session = browser.session()
    found = queries.released_for_certificate(session, browser.actor(), finding_id)
    tongue = browser.language()
    drawn = draw_certificate(shown_finding(session, found, tongue), tongue)
    answer = make_response(drawn)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="certificate.pdf"'
    return answer


@blueprint.get("/rules")
def rules_page() -> ResponseReturnValue:
    """Show every danger rule: in force, or context."""
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.CONSULT)
    current = queries.current_rules(session)
    chosen = set(queries.jurisdictions(session))
    shown = [(rule, bool(danger.places(rule.jurisdiction) & chosen)) for rule in current]
    return browser.render(
        "findings/rules.html",
        in_force=[one for one in shown if one[0].in_force],
        context=[one for one in shown if not one[0].in_force],
        conditions=_conditions(),
        may_draft=actor.may(Permission.PUBLISH_RULES),
        may_read=actor.may(rule_drafts.reader(actor)),
    )


def _conditions() -> dict[str, str]:
    """Return when a rule applies, in words, by condition."""
    return {key: say(words, browser.language()) for key, words in CONDITION_WORDS.items()}


@blueprint.get("/rules/<rule_key>")
def rule(rule_key: str) -> ResponseReturnValue:
    """Show every version of a danger rule, and how many findings each judged."""
    session, actor = browser.session(), browser.actor()
    found = queries.rule_versions(session, actor, rule_key)
    may_read = actor.may(rule_drafts.reader(actor))
    return browser.render(
        "findings/rule.html",
        versions=found,
        rule=found[0],
        conditions=_conditions(),
        counts=rule_drafts.judged_by_version(session, actor, rule_key),
        drafts=rule_drafts.drafts_of_rule(session, rule_key) if may_read else [],
        may_read=may_read,
        may_draft=actor.may(Permission.PUBLISH_RULES),
        periods=[(str(n), n) for n in trials.MONTHS],
    )
