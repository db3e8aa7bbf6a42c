"""The main job as a partner's program does it: every step through the JSON API."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.installation.installing import publish_and_load
from lims.network.queries import OPERATOR
from tests.makers import PASSWORD, Network, api_headers

pytest.importorskip("lims.analysis.api", reason="the bench has no machine door yet")


class Program:
    """A program that acts through the API with one key per account."""

    def __init__(self, app: Any, session: Session) -> None:
        self.client, self.session = app.test_client(), session
        self.keys: dict[str, dict[str, str]] = {}

    def ask(self, account: str, method: str, path: str, body: Any = None, status: int = 0) -> Any:
        """Ask the API as an account; the answer must have a status (or be one of success)."""
        if account not in self.keys:
            self.keys[account] = api_headers(self.session, account)
        answer = self.client.open(
            f"/api{path}", method=method, json=body, headers=self.keys[account]
        )
        expected = [status] if status else [200, 201, 204]
        assert answer.status_code in expected, (method, path, answer.status_code, answer.text)
        return answer.json

    def verified(
        self, sample: dict[str, Any], protocol: str, answers: list[dict[str, Any]]
    ) -> None:
        """Run a protocol as one chemist and verify it as another person."""
        run_id = uuid.uuid4()
        at = f"/analysis/runs/{run_id}"
        run = self.ask("chemist", "PUT", at, {"protocol": protocol, "samples": [sample["code"]]})
        told = [{**one, "sample_id": sample["id"]} for one in answers]
        body = {"row_version": run["row_version"], "answers": told}
        run = self.ask("chemist", "PUT", f"{at}/results", body)
        run = self.ask("chemist", "POST", f"{at}/submit", {"row_version": run["row_version"]})
        version = {"row_version": run["row_version"]}
        self.ask("chemist", "POST", f"{at}/verify", version, 403)
        self.ask("verifier", "POST", f"{at}/verify", version)


@pytest.fixture
def program(app: Any, session: Session, network: Network) -> Program:
    """Give a program on a network where everything is published."""
    publish_and_load(session, OPERATOR)
    session.commit()
    return Program(app, session)


def test_the_main_job_through_the_api(program: Program, network: Network) -> None:
    ask = program.ask
    # 1. Register: the same visit sent twice is one.
    ask("worker", "POST", "/intake/blocks", {"site_id": str(network.counter.id), "count": 5})
    visit = f"/intake/visits/{uuid.uuid4()}"
    tablet = {"form": "tablet", "sold_as": "MDMA", "colour": "yellow", "logo": "Test wave"}
    masses = {"mass_mg": "400", "unit_mass_mg": "400", "consent_destroy": True}
    told = {"site_id": str(network.counter.id), "samples": [{**tablet, **masses}]}
    registered = ask("worker", "PUT", visit, told)
    (sample,) = registered["samples"]
    assert registered["ticket"]
    again = ask("worker", "PUT", visit, told)
    assert [one["id"] for one in again["samples"]] == [sample["id"]] and not again["ticket"]

    # 2. Hand over.
    parcel = f"/custody/parcels/{uuid.uuid4()}"
    sites = {"from_site_id": str(network.counter.id), "to_site_id": str(network.laboratory.id)}
    ask("worker", "PUT", parcel, sites)
    packed = ask("worker", "PUT", f"{parcel}/samples/{sample['code']}")
    seal = {"seal": "T-1", "row_version": packed["row_version"]}
    ask("worker", "POST", f"{parcel}/seal", seal, 422)
    seal["lacking_why"] = "Synthetic: no photo."
    sealed = ask("worker", "POST", f"{parcel}/seal", seal)
    ask("worker", "POST", f"{parcel}/send", {"row_version": sealed["row_version"]})
    ask("chemist", "POST", f"{parcel}/scans", {"code": sample["code"]})
    arrived = ask("chemist", "POST", f"{parcel}/seal-check", {"seal": "T-1", "whole": True})
    closed = {"row_version": arrived["row_version"]}
    assert ask("chemist", "POST", f"{parcel}/reconcile", closed)["state"] == "reconciled"
    waiting = ask("chemist", "GET", "/overview/work-list")
    assert [one["sample"]["id"] for one in waiting["items"]] == [sample["id"]]

    # 3 and 4. Analyse, verify by another person, conclude, release by another person.
    program.verified(sample, "gc-ms", [{"substance": "pmma", "kind": "found"}])
    finding = ask("chemist", "POST", "/findings", {"sample_id": sample["id"]})
    at = f"/findings/{finding['id']}"
    finding = ask("chemist", "POST", f"{at}/submit", {"row_version": finding["row_version"]})
    version = {"row_version": finding["row_version"]}
    ask("chemist", "POST", f"{at}/release", version, 403)
    assert ask("verifier", "POST", f"{at}/release", version)["state"] == "released"

    # 5. It is filed under a product.
    assert ask("coordinator", "GET", "/products")["total"] == 1

    # 6. Warn: a signal at once, two assessors, two people for the alert.
    signals = ask("coordinator", "GET", "/signals/")["signals"]
    opened = {"title": "Synthetic: PMMA", "signal_ids": [one["id"] for one in signals]}
    event = ask("coordinator", "POST", "/events/", opened)
    place = f"/events/{event['id']}"
    grades = {"hazard": 3, "exposure": 2, "certainty": 3, "words": "Synthetic."}
    for account in ("coordinator", "approver"):
        body = {**grades, "row_version": ask(account, "GET", place)["row_version"]}
        event = ask(account, "POST", f"{place}/assessments", body)
    decision = {"confirmed": True, "reason": "Synthetic.", "row_version": event["row_version"]}
    ask("coordinator", "POST", f"{place}/decision", decision)
    facts = {"substance": "pmma", "sold_as": "mdma", "advice": ["not-take"], "late_onset": True}
    review = f"{clock.today() + timedelta(days=30):%Y-%m-%d}"
    draft = {"event_id": event["id"], "level": "warning", "facts": facts, "review_on": review}
    alert = ask("coordinator", "POST", "/alerts/", draft)
    at = f"/alert-versions/{alert['id']}"
    alert = ask("coordinator", "POST", f"{at}/submit", {"row_version": alert["row_version"]})
    approval = {"row_version": alert["row_version"], "password": PASSWORD}
    ask("coordinator", "POST", f"{at}/approve", approval, 403)
    assert ask("approver", "POST", f"{at}/approve", approval)["state"] == "published"

    # 7. Counsel.
    result = ask("counsellor", "GET", f"/counselling/samples/{sample['code']}/result")
    assert result["standing"] != "not ready"
    talk = {"sample_id": sample["id"], "finding_id": finding["id"], "intention": "not-take"}
    ask("counsellor", "PUT", f"/counselling/talks/{uuid.uuid4()}", talk)

    # 8. Look back.
    life = ask("worker", "GET", f"/overview/samples/{sample['id']}/life")
    acts = [one["act"] for one in life["acts"]]
    assert acts[0] == "register visit" and "release finding" in acts and "record talk" in acts
    assert life["alerts"] and life["balance_mg"] == "400"
    assert ask("auditor", "GET", "/overview/journal/proof")["whole"] is True
