from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.journal.queries import verify_chain
from lims.journal.records import JournalDetail, JournalEntry
from lims.overview import ordering, triaging, work
from lims.overview.triage import Fact, Line
from lims.overview.triaging import DecideRule, MoveSample, ProposeRule, PutBackInOrder
from lims.products.records import Product
from tests.makers import Network, api_headers, log_in_client
from tests.overview.points_and_queues import NOBODY, RULE, in_force, lists, waiting


def order(session: Session, network: Network) -> list[uuid.UUID]:
    return [one.sample_id for one in ordering.ordered(session, network.chemist)]


def reasons(session: Session, network: Network) -> list[str]:
    found = ordering.ordered(session, network.chemist)
    return [str(ordering.because(session, one.place, "en")) for one in found]


def test_before_a_rule_is_adopted_the_example_orders_the_work(
    session: Session, network: Network
) -> None:
    ordinary = waiting(session, network)
    taken = waiting(session, network, already_taken=True, effects=("seizure",))
    harmed = waiting(session, network, incident_link="emergency")
    assert order(session, network) == [harmed.id, taken.id, ordinary.id]
    assert reasons(session, network) == [
        "first, because: incident: emergency call, hospital",
        "before others, because: already taken, effect: seizure",
        "in order of arrival",
    ]
    assert ordering.chosen(ordering.rules_in_force(session), None).rule is None


def test_an_adopted_rule_orders_instead_of_the_example(session: Session, network: Network) -> None:
    harmed = waiting(session, network, incident_link="emergency", form="powder")
    blotter = waiting(session, network, form="blotter")
    in_force(session, network, (Line(Fact.FORM, ("blotter",)),))
    assert order(session, network) == [blotter.id, harmed.id]
    assert reasons(session, network)[0] == "first, because: form: blotter"


def test_a_laboratorys_own_rule_counts_before_that_of_the_network(
    session: Session, network: Network
) -> None:
    in_force(session, network, (Line(Fact.FORM, ("tablet",)),))
    in_force(session, network, (Line(Fact.FORM, ("powder",)),), laboratory_id=network.laboratory.id)
    there = ordering.rules_in_force(session)
    own = ordering.chosen(there, network.laboratory.id)
    others = ordering.chosen(there, network.second_laboratory.id)
    assert (own.lines[0].values, others.lines[0].values) == (("powder",), ("tablet",))


def test_a_logo_that_nobody_handed_in_before_can_go_first(
    session: Session, network: Network
) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=9)):
        seen = waiting(session, network, logo="buoy")
    again = waiting(session, network, logo="buoy")
    new = waiting(session, network, logo="anchor")
    in_force(session, network, (Line(Fact.NEW_LOGO),))
    # The first sample of a logo is new as well: nobody had handed it in before.
    assert order(session, network) == [seen.id, new.id, again.id]


def test_what_looks_like_an_alert_or_a_dangerous_product_can_go_first(
    session: Session, network: Network
) -> None:
    ordinary = waiting(session, network, logo="anchor")
    alike = waiting(session, network, colour="orange", logo="Buoy")
    session.add(
        Product(
            number="P-0001",
            form="tablet",
            colour="orange",
            logo="buoy",
            logo_folded="buoy",
            first_seen=clock.today(),
            last_seen=clock.today(),
            danger="red",
        )
    )
    session.flush()
    in_force(session, network, (Line(Fact.ALERT_LOOK), Line(Fact.DANGER_LOOK)))
    assert order(session, network) == [alike.id, ordinary.id]
    assert "looks like product" in reasons(session, network)[0]


# -------------------------------------------------------------------------- proposing, approving


def test_nobody_approves_their_own_proposal(session: Session, network: Network) -> None:
    lists(session)
    made = triaging.propose_rule(session, network.coordinator, ProposeRule(RULE, "synthetic"))
    with pytest.raises(Refused, match="own work"):
        triaging.approve_rule(session, network.coordinator, DecideRule(made.id))
    assert made.state == "draft"


def test_a_rule_for_all_is_decided_by_the_network_and_one_for_a_laboratory_by_its_head(
    session: Session, network: Network
) -> None:
    lists(session)
    proposer = network.local_coordinator
    for_all = triaging.propose_rule(session, proposer, ProposeRule(RULE, "synthetic"))
    with pytest.raises(Refused, match="network"):
        triaging.approve_rule(session, network.head, DecideRule(for_all.id))
    own = ProposeRule(RULE, "synthetic", network.laboratory.id)
    theirs = ProposeRule(RULE, "synthetic", network.second_laboratory.id)
    approved = triaging.approve_rule(
        session, network.head, DecideRule(triaging.propose_rule(session, proposer, own).id)
    )
    assert approved.state == "in force"
    elsewhere = triaging.propose_rule(session, proposer, theirs)
    with pytest.raises(NotPermitted):
        triaging.approve_rule(session, network.head, DecideRule(elsewhere.id))


def test_a_new_version_replaces_the_one_before_which_stays_readable(
    session: Session, network: Network
) -> None:
    first, second = in_force(session, network), in_force(session, network)
    assert (first.state, second.state) == ("replaced", "in force")
    assert first.ended_at is not None
    assert ordering.rules(session, network.chemist)[1] == 2
    with pytest.raises(Refused, match="replaced"):
        triaging.approve_rule(session, network.coordinator, DecideRule(first.id))


def test_a_refused_or_ended_rule_orders_nothing_and_says_why(
    session: Session, network: Network
) -> None:
    lists(session)
    made = triaging.propose_rule(session, network.local_coordinator, ProposeRule(RULE, "s"))
    with pytest.raises(Invalid):
        triaging.refuse_rule(session, network.coordinator, DecideRule(made.id, " "))
    triaging.refuse_rule(session, network.coordinator, DecideRule(made.id, "too narrow"))
    ended = in_force(session, network)
    triaging.end_rule(session, network.coordinator, DecideRule(ended.id, "it did not help"))
    assert (made.reason, ended.reason) == ("too narrow", "it did not help")
    assert ordering.rules_in_force(session) == {}


def test_a_proposal_names_only_codes_that_exist(session: Session, network: Network) -> None:
    for line in (Line(Fact.INCIDENT, ("elephant",)), Line(Fact.SOLD_AS, ("no-such-key",))):
        with pytest.raises(Invalid):
            command = ProposeRule((line,), "synthetic")
            triaging.propose_rule(session, network.local_coordinator, command)
    point = ProposeRule((Line(Fact.NEW_LOGO),), " ", network.counter.id)
    with pytest.raises(Invalid) as refusal:
        triaging.propose_rule(session, network.local_coordinator, point)
    assert {one.field for one in refusal.value.problems} == {"source", "laboratory_id"}


# ------------------------------------------------------------------------------- moving by hand


def test_a_person_moves_a_sample_with_a_reason_that_the_journal_keeps(
    session: Session, network: Network
) -> None:
    harmed = waiting(session, network, incident_link="emergency")
    ordinary = waiting(session, network)
    forward = MoveSample(ordinary.id, "forward", "its person leaves tomorrow")
    triaging.move_sample(session, network.chemist, forward)
    assert order(session, network) == [ordinary.id, harmed.id]
    assert reasons(session, network)[0].endswith("its person leaves tomorrow")
    triaging.move_sample(
        session, network.head, MoveSample(ordinary.id, "back", "its standard is missing")
    )
    assert order(session, network) == [harmed.id, ordinary.id]
    triaging.put_back_in_order(session, network.chemist, PutBackInOrder(ordinary.id))
    assert reasons(session, network)[1] == "in order of arrival"
    kept = session.execute(
        select(JournalEntry.act, JournalDetail.body)
        .join(JournalDetail, JournalDetail.seq == JournalEntry.seq)
        .where(JournalEntry.act.in_(("put forward", "put back", "put back in order")))
        .order_by(JournalEntry.seq)
    ).all()
    assert [act for act, _body in kept] == ["put forward", "put back", "put back in order"]
    assert kept[0][1] == {"reason": "its person leaves tomorrow"}
    assert verify_chain(session).is_whole


@pytest.mark.parametrize(
    ("step", "reason"),
    [("forward", " "), ("sideways", "why"), ("back", "x" * 121), ("back", "call 0470 12 34 56")],
    ids=["no-reason", "no-step", "long", "a-person"],
)
def test_a_move_without_a_good_reason_is_refused(
    session: Session, network: Network, step: str, reason: str
) -> None:
    sample = waiting(session, network)
    with pytest.raises(Invalid):
        triaging.move_sample(session, network.chemist, MoveSample(sample.id, step, reason))


def test_only_what_waits_at_ones_own_laboratory_is_moved(
    session: Session, network: Network
) -> None:
    sample = waiting(session, network)
    with pytest.raises((NotPermitted, NotFound)):
        triaging.move_sample(session, network.other_chemist, MoveSample(sample.id, "back", "why"))
    with pytest.raises(Refused, match="moved"):
        triaging.put_back_in_order(session, network.chemist, PutBackInOrder(sample.id))
    sample.state = "released"
    session.flush()
    with pytest.raises(Refused, match="wait"):
        triaging.move_sample(session, network.chemist, MoveSample(sample.id, "back", "why"))


@pytest.mark.parametrize("account", ["worker", "counsellor", "verifier", "auditor"])
def test_who_orders_no_work_neither_moves_nor_proposes(
    session: Session, network: Network, account: str
) -> None:
    who = network.actors[account]
    with pytest.raises(NotPermitted):
        triaging.move_sample(session, who, MoveSample(NOBODY, "back", "why"))
    with pytest.raises(NotPermitted):
        triaging.propose_rule(session, who, ProposeRule(RULE, "synthetic"))
    with pytest.raises(NotPermitted):
        triaging.approve_rule(session, who, DecideRule(NOBODY))


# ------------------------------------------------------------------------------ through the doors


def test_the_order_of_work_through_the_pages(app: Any, session: Session, network: Network) -> None:
    sample = waiting(session, network)
    session.commit()
    proposer = log_in_client(app, session, "local_coordinator")
    typed = {"lines-0-fact": "incident", "lines-0-values": "overdose emergency", "source": "ours"}
    wrong = proposer.post("/order-of-work/new?lang=en", data=typed | {"lines-0-values": "x"})
    assert wrong.status_code == 422 and "Choose one of the list." in wrong.text
    made = proposer.post("/order-of-work/new", data=typed)
    assert made.status_code == 303
    address = made.location
    assert "not adopted" in proposer.get("/order-of-work?lang=en").text
    refused = proposer.post(f"{address}/approve")
    assert refused.status_code == 403
    coordinator = log_in_client(app, session, "coordinator")
    assert coordinator.post(f"{address}/approve").status_code == 303
    assert "in force" in coordinator.get(f"{address}?lang=en").text
    chemist = log_in_client(app, session, "chemist")
    moved = {"step": "forward", "reason": "its person leaves tomorrow"}
    assert chemist.post(f"/work/{sample.id}/move", data=moved).status_code == 303
    assert "its person leaves tomorrow" in chemist.get("/work?lang=en").text
    assert chemist.post(f"/work/{sample.id}/back-in-order").status_code == 303
    assert "its person leaves tomorrow" not in chemist.get("/work?lang=en").text


def test_the_order_of_work_through_the_machine_door(
    app: Any, session: Session, network: Network
) -> None:
    sample = waiting(session, network)
    session.commit()
    client, at = app.test_client(), "/api/overview"
    proposer = api_headers(session, "coordinator")
    rule = {"lines": [{"fact": "incident", "values": ["overdose"]}], "source": "ours"}
    made = client.post(f"{at}/order-of-work", json=rule, headers=proposer)
    assert made.status_code == 201 and made.json["state"] == "draft"
    address = f"{at}/order-of-work/{made.json['id']}"
    own = client.post(f"{address}/approve", json={}, headers=proposer)
    assert own.status_code == 409 and "own work" in own.json["detail"]
    assert client.get(f"{at}/order-of-work/in-force", headers=proposer).json["adopted"] is False
    assert client.get(f"{at}/order-of-work", headers=proposer).json["total"] == 1
    chemist = api_headers(session, "chemist")
    assert client.post(f"{address}/approve", json={}, headers=chemist).status_code == 403
    move = {"sample_id": str(sample.id), "step": "forward", "reason": "urgent for the person"}
    assert client.post(f"{at}/work-list/moves", json=move, headers=chemist).status_code == 201
    (task,) = client.get(f"{at}/work-list", headers=chemist).json["items"]
    assert task["moved"] == "forward" and "urgent for the person" in task["because"]
    gone = client.delete(f"{at}/work-list/moves/{sample.id}", headers=chemist)
    assert gone.status_code == 204
    assert client.delete(f"{at}/work-list/moves/{sample.id}", headers=chemist).status_code == 409


def test_a_page_of_the_work_list_follows_the_order(session: Session, network: Network) -> None:
    ordinary = [waiting(session, network) for _each in range(3)]
    harmed = waiting(session, network, incident_link="emergency")
    first, total = work.work_list(session, network.chemist, 1, 2)
    second, _total = work.work_list(session, network.chemist, 2, 2)
    assert total == 4 and first[0].sample.id == harmed.id
    assert {one.sample.id for one in (*first[1:], *second)} == {one.id for one in ordinary}
