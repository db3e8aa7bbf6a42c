from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts import acknowledging, addressees, delivering, groups, recipients
from lims.alerts.addressees import RecipientFilters
from lims.alerts.groups import ChooseGroups, EndGroup, Membership
from lims.alerts.outbox import Delivery, Recipient
from lims.alerts.recipients import (
    AddRecipient,
    ChangeRecipient,
    ConfirmRecipient,
    MakeSecret,
    RemoveRecipient,
)
from lims.foundation.errors import Invalid, NotPermitted, Refused, Stale
from lims.foundation.settings import Settings
from lims.journal import queries as journal
from tests.alerts.alerting import make_draft, make_published, submit
from tests.alerts.mailing import (
    Heard,
    add_recipient,
    make_group,
    make_recipient,
    postman,
)
from tests.makers import Network

pytestmark = pytest.mark.usefixtures("connected")


def wrong(session: Session, network: Network, **given: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        add_recipient(session, network, **given)
    return [problem.field for problem in refusal.value.problems]


def confirm(session: Session, actor: Any, recipient: Recipient) -> Recipient:
    command = ConfirmRecipient(recipient.id, recipient.row_version)
    made = recipients.confirm_recipient(session, actor, command)
    session.flush()
    return made


def test_a_recipient_is_told_of_nothing_before_a_second_person_confirmed_it(
    session: Session, network: Network
) -> None:
    office = add_recipient(session, network)
    make_group(session, network, office)
    make_published(session, network)
    assert session.scalars(select(Delivery)).all() == []
    confirm(session, network.approver, office)
    make_published(session, network)
    assert [one.recipient_id for one in session.scalars(select(Delivery))] == [office.id]


def test_nobody_confirms_a_recipient_of_their_own_nor_one_that_changed_or_is_confirmed(
    session: Session, network: Network
) -> None:
    office = add_recipient(session, network)
    with pytest.raises(Refused):
        confirm(session, network.coordinator, office)
    with pytest.raises(Stale):
        old = ConfirmRecipient(office.id, office.row_version - 1)
        recipients.confirm_recipient(session, network.approver, old)
    confirm(session, network.approver, office)
    with pytest.raises(Refused):
        confirm(session, network.approver, office)


@pytest.mark.parametrize("account", ["worker", "chemist", "approver", "auditor", "administrator"])
def test_only_the_coordination_keeps_the_list(
    session: Session, network: Network, account: str
) -> None:
    office = add_recipient(session, network)
    actor = getattr(network, account)
    with pytest.raises(NotPermitted):
        recipients.add_recipient(session, actor, AddRecipient("desk", "mail", "desk@a.example"))
    with pytest.raises(NotPermitted):
        recipients.remove_recipient(session, actor, RemoveRecipient(office.id, "x"))
    with pytest.raises(NotPermitted):
        groups.make_group(session, actor, groups.MakeGroup("list"))


@pytest.mark.parametrize("account", ["worker", "chemist", "counsellor", "auditor"])
def test_who_keeps_no_list_reads_none(session: Session, network: Network, account: str) -> None:
    with pytest.raises(NotPermitted):
        addressees.recipients(session, getattr(network, account), RecipientFilters())


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "An Peeters"}, ["name"]),
        ({"address": "an.peeters@office.example"}, ["address"]),
        ({"address": "nowhere"}, ["address"]),
        ({"kind": "letter"}, ["kind"]),
        ({"audience": "everybody"}, ["audience"]),
        ({"audience": "judicial-police", "tlp_ceiling": "TLP:GREEN"}, ["tlp_ceiling"]),
        ({"kind": "webhook", "address": "https://elsewhere.example/"}, ["address"]),
        ({"kind": "webhook", "address": "https://hooks.example/", "digest": "daily"}, ["digest"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_with_a_recipient_is_said_beside_its_field(
    session: Session, network: Network, given: dict[str, Any], fields: list[str]
) -> None:
    assert wrong(session, network, **given) == fields


def test_one_mailbox_is_told_once_for_an_audience(session: Session, network: Network) -> None:
    add_recipient(session, network, address="desk@office.example")
    assert wrong(session, network, address="DESK@office.example") == ["address"]
    add_recipient(session, network, address="desk@office.example", audience="public")


def test_adding_twice_with_one_identifier_keeps_one(session: Session, network: Network) -> None:
    first = add_recipient(session, network)
    assert add_recipient(session, network, id=first.id).number == first.number


def test_a_recipient_without_an_audience_reaches_nobody(session: Session, network: Network) -> None:
    make_group(session, network, make_recipient(session, network, audience=""))
    make_published(session, network)
    assert session.scalars(select(Delivery)).all() == []


def test_a_removed_recipient_is_off_every_list_at_once(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    office = make_recipient(session, network)
    group = make_group(session, network, office)
    make_published(session, network)
    recipients.remove_recipient(session, network.coordinator, RemoveRecipient(office.id, "closed"))
    session.commit()
    heard = Heard()
    postman(engine, settings, heard).deliver_all()
    session.expire_all()
    assert heard.letters == []
    assert [one.state for one in session.scalars(select(Delivery))] == ["cancelled"]
    assert addressees.members_of(session, [group.id]) == []
    assert (office.address, office.removed_why) == ("", "closed")
    for command in (ConfirmRecipient(office.id, office.row_version),):
        with pytest.raises(Refused):
            recipients.confirm_recipient(session, network.approver, command)


def test_the_link_of_a_removed_recipient_opens_nothing(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    office = make_recipient(session, network)
    make_group(session, network, office)
    make_published(session, network)
    session.commit()
    heard = Heard()
    postman(engine, settings, heard).deliver_all()
    token = heard.token()
    session.expire_all()
    recipients.remove_recipient(session, network.coordinator, RemoveRecipient(office.id, "closed"))
    assert acknowledging.acknowledge(session, token) is None


def test_removing_asks_why(session: Session, network: Network) -> None:
    office = make_recipient(session, network)
    with pytest.raises(Invalid):
        recipients.remove_recipient(session, network.coordinator, RemoveRecipient(office.id, " "))


def test_pausing_stops_what_is_sent_and_keeps_the_confirmation(
    session: Session, network: Network
) -> None:
    office = make_recipient(session, network)
    make_group(session, network, office)
    command = ChangeRecipient(office.id, office.row_version, "nl", "", False)
    recipients.change_recipient(session, network.coordinator, command)
    make_published(session, network)
    assert session.scalars(select(Delivery)).all() == []
    assert (office.language, office.verified_by) == ("nl", "approver")


def test_the_secret_of_a_webhook_is_told_once_and_kept_encrypted(
    session: Session, network: Network, settings: Settings
) -> None:
    hook = make_recipient(session, network, kind="webhook", address="https://hooks.example/in")
    assert delivering.why_not(hook) is not None
    command = MakeSecret(hook.id, settings.data_dir)
    first = recipients.make_secret(session, network.coordinator, command)
    kept = hook.secret_sealed
    second = recipients.make_secret(session, network.coordinator, command)
    assert len(first) >= 43 and first != second
    assert first not in kept and kept != hook.secret_sealed
    assert delivering.why_not(hook) is None
    office = make_recipient(session, network)
    with pytest.raises(Refused):
        recipients.make_secret(
            session, network.coordinator, MakeSecret(office.id, settings.data_dir)
        )


def test_no_secret_address_or_token_stands_in_the_journal(
    session: Session, network: Network, settings: Settings
) -> None:
    hook = make_recipient(session, network, kind="webhook", address="https://hooks.example/canary")
    secret = recipients.make_secret(
        session, network.coordinator, MakeSecret(hook.id, settings.data_dir)
    )
    written = str([vars(one) for one in journal.acts_about(session, "recipient", [hook.id])])
    assert "add recipient" in written
    assert secret not in written and "canary" not in written


def test_a_group_that_is_dissolved_or_left_reaches_nobody(
    session: Session, network: Network
) -> None:
    office = make_recipient(session, network)
    first, second = (make_group(session, network, office) for _n in range(2))
    groups.end_group(session, network.coordinator, EndGroup(first.id))
    groups.remove_member(session, network.coordinator, Membership(second.id, office.id))
    make_published(session, network)
    assert session.scalars(select(Delivery)).all() == []


def test_a_group_needs_a_name_of_its_own_that_is_no_persons(
    session: Session, network: Network
) -> None:
    make_group(session, network, name="hospitals")
    for name in ("", "Hospitals", "An Peeters"):
        with pytest.raises(Invalid):
            make_group(session, network, name=name)


def test_the_coordinations_own_mailboxes_have_no_standing_rule(
    session: Session, network: Network
) -> None:
    with pytest.raises(Invalid):
        make_group(session, network, purpose="coordination", standing_level="red")


def test_groups_are_chosen_for_a_draft_only_and_who_chooses_is_its_author(
    session: Session, network: Network
) -> None:
    office = make_recipient(session, network)
    group = make_group(session, network, office, standing_level="")
    version = make_draft(session, network)
    before = version.row_version
    command = ChooseGroups(version.id, version.row_version, (group.id,))
    groups.choose_groups(session, network.coordinator, command)
    session.flush()
    assert version.row_version > before and "coordinator" in version.editors
    with pytest.raises(Stale):
        groups.choose_groups(session, network.coordinator, command)
    submit(session, network, version)
    with pytest.raises(Refused):
        late = ChooseGroups(version.id, version.row_version, ())
        groups.choose_groups(session, network.coordinator, late)


def test_the_coordinations_own_group_is_never_chosen_for_an_alert(
    session: Session, network: Network
) -> None:
    own = make_group(session, network, purpose="coordination", standing_level="")
    version = make_draft(session, network)
    with pytest.raises(Invalid):
        command = ChooseGroups(version.id, version.row_version, (own.id,))
        groups.choose_groups(session, network.coordinator, command)
