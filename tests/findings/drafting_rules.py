"""How the tests of danger rules write, submit and publish one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.findings import queries, rule_review
from lims.findings.records import DangerRule
from lims.findings.rule_records import RuleDraft
from lims.findings.rule_review import DraftRule, EndRule, MoveRule
from lims.findings.ruling import RuleText

RULE = RuleText(
    rule_key="be-mdma-150",
    target_type="substance",
    target="mdma",
    condition="content",
    level="caution",
    jurisdiction="BE (synthetic)",
    source="a synthetic source",
    operator=">",
    limit_value=Decimal(150),
    unit="mg/unit",
    expressed_as="HCl",
    dosage_form="tablet",
)


def drafted(session: Session, network: Any, text: RuleText = RULE, **more: Any) -> RuleDraft:
    actor = more.pop("actor", network.coordinator)
    command = DraftRule(replace(text, **more), "a synthetic reason")
    made = rule_review.draft_rule(session, actor, command)
    session.flush()
    return made


def in_review(session: Session, network: Any, text: RuleText = RULE, **more: Any) -> RuleDraft:
    made = drafted(session, network, text, **more)
    rule_review.submit_rule(session, network.coordinator, MoveRule(made.id, made.row_version))
    session.flush()
    return made


def published(session: Session, network: Any, text: RuleText = RULE, **more: Any) -> DangerRule:
    made = in_review(session, network, text, **more)
    rule_review.approve_rule(session, network.approver, MoveRule(made.id, made.row_version))
    session.flush()
    return queries.rule_versions(session, network.coordinator, made.rule_key)[0]


def ended(made: RuleDraft, reason: str = "a synthetic reason") -> EndRule:
    return EndRule(made.id, reason, made.row_version)
