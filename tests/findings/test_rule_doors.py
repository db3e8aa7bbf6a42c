from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings import queries, rule_review
from lims.findings.rule_records import JudgedAgain, RuleDraft
from lims.findings.rule_schemas import DraftRuleSchema
from lims.foundation.errors import Invalid
from lims.wiring import connect
from tests.findings import makers
from tests.findings.drafting_rules import RULE, drafted, in_review, published
from tests.makers import api_headers, log_in_client

FORM = {
    "rule_key": "be-mdma-150",
    "target_type": "substance",
    "target": "mdma",
    "condition": "content",
    "operator": ">",
    "limit_value": "150,5",
    "unit": "mg/unit",
    "expressed_as": "HCl",
    "level": "caution",
    "jurisdiction": "BE (synthetic)",
    "source": "synthetic",
    "why": "a synthetic reason",
    "in_force": "yes",
}


@pytest.fixture(autouse=True)
def lists(session: Session, network: Any) -> None:
    connect()
    makers.vocabularies(session)
    makers.mdma(session)
    session.commit()


@pytest.fixture
def client(app: Any, session: Session) -> Callable[[str], Any]:
    return lambda account: log_in_client(app, session, account)


def the_draft(session: Session) -> RuleDraft:
    session.expire_all()
    found = session.scalars(select(RuleDraft)).one()
    session.commit()
    return found


def test_a_rule_goes_from_draft_to_force_through_its_pages(
    session: Session, client: Callable[[str], Any]
) -> None:
    coordinator, approver = client("coordinator"), client("approver")
    wrong = coordinator.post("/findings/rules/new", data={**FORM, "limit_value": "much"})
    assert wrong.status_code == 422 and "much" in wrong.text
    assert 'id="f-limit_value-e"' in wrong.text
    assert coordinator.post("/findings/rules/new", data=FORM).status_code == 303
    draft = the_draft(session)
    path = f"/findings/rules/drafts/{draft.id}"
    read = {"row_version": str(draft.row_version)}
    edited = {**FORM, "limit_value": "140", **read}
    assert coordinator.get(f"{path}/edit").status_code == 200
    assert coordinator.post(f"{path}/edit", data=edited).status_code == 303
    read = {"row_version": str(the_draft(session).row_version)}
    assert coordinator.post(f"{path}/submit", data=read).status_code == 303
    read = {"row_version": str(the_draft(session).row_version)}
    own = coordinator.post(f"{path}/approve", data=read)
    assert own.status_code in (409, 422) and queries.current_rules(session) == []
    session.commit()
    assert approver.post(f"{path}/approve", data=read).status_code == 303
    page = client("chemist").get("/findings/rules/be-mdma-150?lang=en").text
    assert "140" in page and "approver" in page and "coordinator" in page


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_every_page_of_rules_is_read_in_each_language(
    session: Session, network: Any, client: Callable[[str], Any], language: str
) -> None:
    published(session, network, limit_value=Decimal(200))
    sample = makers.analysed_tablet(session, network, "160", "2")
    makers.released(session, network, sample)
    waiting = in_review(session, network)
    published(session, network, limit_value=Decimal(180))
    context = replace(RULE, rule_key="fr-context", jurisdiction="FR (x)", in_force=False)
    published(session, network, context)
    session.commit()
    readers = [client("coordinator"), client("approver")]
    paths = (
        *("", "/drafts", "/places", "/again", "/be-mdma-150", "/be-mdma-150/judged?version=1"),
        *(f"/drafts/{waiting.id}", f"/drafts/{waiting.id}/trial?months=12&which=new"),
    )
    for reader in readers:
        for path in paths:
            joined = "&" if "?" in path else "?"
            page = reader.get(f"/findings/rules{path}{joined}lang={language}")
            assert page.status_code == 200, path
    trial = readers[0].get(f"/findings/rules/drafts/{waiting.id}/trial?lang=en").text
    assert "Would have fired 1 times, in 1 findings" in trial


@pytest.mark.parametrize("who", ["chemist", "worker", "auditor"])
def test_pages_of_drafts_are_for_those_who_write_or_publish(
    session: Session, network: Any, client: Callable[[str], Any], who: str
) -> None:
    made = in_review(session, network)
    session.commit()
    reader = client(who)
    for path in ("new", "drafts", f"drafts/{made.id}", f"drafts/{made.id}/trial", "places"):
        assert reader.get(f"/findings/rules/{path}").status_code == 403, path
    for path in ("submit", "approve", "send-back", "withdraw"):
        data = {"row_version": "1", "reason": "x"}
        answer = reader.post(f"/findings/rules/drafts/{made.id}/{path}", data=data)
        assert answer.status_code == 403, path


def test_a_list_to_look_at_again_is_made_and_settled_through_the_pages(
    session: Session, network: Any, client: Callable[[str], Any]
) -> None:
    published(session, network, limit_value=Decimal(200))
    makers.released(session, network, makers.analysed_tablet(session, network, "160", "2"))
    published(session, network)
    session.commit()
    coordinator = client("coordinator")
    made = coordinator.post("/findings/rules/be-mdma-150/judge-again", data={"months": "12"})
    assert made.status_code == 303
    line = session.scalars(select(JudgedAgain)).one()
    session.commit()
    assert "would raise the level" in coordinator.get("/findings/rules/again?lang=en").text
    left = coordinator.post(f"/findings/rules/again/{line.id}/leave", data={"reason": "known"})
    assert left.status_code == 303
    session.expire_all()
    assert session.scalars(select(JudgedAgain.reason)).one() == "known"


def test_the_machine_drafts_tries_submits_and_publishes(
    session: Session, network: Any, app: Any
) -> None:
    makers.released(session, network, makers.analysed_tablet(session, network, "300", "2"))
    session.commit()
    client, key = app.test_client(), api_headers(session, "coordinator")
    body = {**FORM, "limit_value": "150.5", "in_force": True, "id": str(uuid.uuid4())}
    base = "/api/findings/rules"
    made = client.post(f"{base}/drafts", json=body, headers=key)
    assert made.status_code == 201 and made.json["state"] == "draft"
    assert client.post(f"{base}/drafts", json=body, headers=key).json["id"] == made.json["id"]
    path = f"{base}/drafts/{made.json['id']}"
    tried = client.get(f"{path}/trial?months=12", headers=key).json
    assert tried["figures"]["samples"] == 1 and "site" not in str(tried)
    read = {"row_version": made.json["row_version"]}
    sent = client.post(f"{path}/submit", json=read, headers=key).json
    read = {"row_version": sent["row_version"]}
    assert client.post(f"{path}/approve", json=read, headers=key).status_code == 409
    other = api_headers(session, "approver")
    assert client.post(f"{path}/approve", json=read, headers=other).json["published_version"] == 1
    again = client.post(f"{base}/be-mdma-150/judge-again", json={"months": 6}, headers=key)
    assert again.status_code == 201 and again.json == {"added": 1}
    (line,) = client.get(f"{base}/be-mdma-150/again", headers=key).json["items"]
    left = client.post(f"{base}/again/{line['id']}/leave", json={"reason": "x"}, headers=key)
    assert left.status_code == 200


def test_no_door_publishes_a_rule_by_one_person_at_once(session: Session, app: Any) -> None:
    key = api_headers(session, "coordinator")
    body = {**FORM, "limit_value": "150"}
    assert app.test_client().post("/api/findings/rules", json=body, headers=key).status_code == 405


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", f"drafts/{uuid.UUID(int=3)}", None, 404),
        ("post", f"drafts/{uuid.UUID(int=3)}/approve", {"row_version": 1}, 404),
        ("post", "drafts", {"rule_key": "x"}, 422),
        ("get", "drafts?page=0", None, 422),
        ("post", "nothing/judge-again", {"months": 12}, 404),
        ("post", "nothing/judge-again", {"months": 99}, 422),
        ("post", f"again/{uuid.UUID(int=3)}/leave", {"reason": "x"}, 404),
    ],
)
def test_the_machine_is_refused_in_words(
    session: Session, app: Any, method: str, path: str, body: Any, status: int
) -> None:
    key = api_headers(session, "coordinator")
    url = f"/api/findings/rules/{path}"
    answer = getattr(app.test_client(), method)(url, json=body, headers=key)
    assert answer.status_code == status and answer.mimetype == "application/problem+json"


WORDS = st.text(max_size=70)


@given(
    key=WORDS, target=WORDS, limit=WORDS, unit=WORDS, form=WORDS, source=WORDS, day=WORDS, why=WORDS
)
def test_any_form_is_kept_or_refused_beside_its_field(
    session: Session, network: Any, **given: str
) -> None:
    names = ("rule_key", "target", "limit_value", "unit", "dosage_form", "source", "valid_from")
    typed = {**FORM, **dict(zip((*names, "why"), given.values(), strict=True))}
    try:
        made = rule_review.draft_rule(session, network.coordinator, DraftRuleSchema().read(typed))
    except Invalid as refusal:
        assert {one.field for one in refusal.problems} <= set(typed)
    else:
        assert made.state == "draft"


def test_a_finding_names_the_version_that_judged_it(
    session: Session, network: Any, client: Callable[[str], Any]
) -> None:
    published(session, network)
    found = makers.released(session, network, makers.analysed_tablet(session, network, "300", "2"))
    published(session, network, limit_value=Decimal(140))
    session.commit()
    page = client("verifier").get(f"/findings/{found.id}?lang=en").text
    assert "be-mdma-150" in page and "version 1" in page
    drafted(session, network, limit_value=Decimal(130))
