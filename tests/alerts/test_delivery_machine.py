from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.channels import channel_of
from lims.alerts.channels.folder import NAME
from lims.alerts.outbox import Delivery
from lims.alerts.sending import Postman
from lims.cli import main
from lims.foundation.settings import Settings
from lims.surveillance.acts import SignalEscalated
from lims.wiring import reactions
from tests.alerts.alerting import make_draft, make_published, make_signal
from tests.alerts.mailing import (
    make_group,
    make_recipient,
)
from tests.makers import Network, api_headers

pytestmark = pytest.mark.usefixtures("connected")
FORM = {
    "name": "toxicology desk",
    "kind": "mail",
    "address": "wacht@office.example",
    "audience": "health",
    "language": "nl",
    "tlp_ceiling": "TLP:GREEN",
}


def test_everything_is_done_through_the_machine_door_too(
    app: Any, session: Session, network: Network
) -> None:
    client, keeper = app.test_client(), api_headers(session, "coordinator")
    second = api_headers(session, "approver")
    made = client.post("/api/recipients/", json=FORM, headers=keeper)
    assert made.status_code == 201
    told = made.get_json()
    here = f"/api/recipients/{told['id']}"
    body = {"row_version": told["row_version"]}
    assert client.post(f"{here}/confirm", json=body, headers=keeper).status_code == 409
    assert client.post(f"{here}/confirm", json=body, headers=second).status_code == 200
    listed = client.get("/api/recipients/?audience=health", headers=keeper).get_json()
    assert (listed["total"], listed["recipients"][0]["number"]) == (1, "R-0001")
    group = client.post("/api/recipient-groups/", json={"name": "hospitals"}, headers=keeper)
    inside = f"/api/recipient-groups/{group.get_json()['id']}/members"
    member = {"recipient_id": told["id"]}
    assert client.post(inside, json=member, headers=keeper).status_code == 200
    version = make_draft(session, network)
    session.commit()
    choice = {"row_version": version.row_version, "group_ids": [group.get_json()["id"]]}
    reach = client.put(
        f"/api/alert-versions/{version.id}/recipients", json=choice, headers=keeper
    ).get_json()
    assert [one["recipient"] for one in reach["told"]] == ["R-0001"]
    assert client.delete(f"{inside}/{told['id']}", headers=keeper).status_code == 200
    gone = client.post(f"{here}/remove", json={"reason": "closed"}, headers=keeper)
    assert gone.get_json()["address"] == ""
    assert client.get("/api/deliveries/", headers=keeper).get_json()["total"] == 0
    assert client.post(f"{here}/confirm", json=body, headers=second).status_code == 409


def test_the_machine_door_refuses_who_may_not_and_names_each_field(
    app: Any, session: Session, network: Network
) -> None:
    client, worker = app.test_client(), api_headers(session, "worker")
    assert client.post("/api/recipients/", json=FORM, headers=worker).status_code == 403
    keeper = api_headers(session, "coordinator")
    wrong = {**FORM, "address": "nowhere", "tlp_ceiling": "TLP:CLEAR"}
    answer = client.post("/api/recipients/", json=wrong, headers=keeper)
    assert answer.status_code == 422
    fields = {one["field"] for one in answer.get_json()["errors"]}
    assert fields == {"address", "tlp_ceiling"}


def test_a_demonstration_writes_into_its_folder_and_sends_nothing(
    app: Any, session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    shown = replace(settings, demonstration=True, smtp_host="127.0.0.1", smtp_port=1)
    make_group(session, network, make_recipient(session, network))
    make_published(session, network)
    session.commit()
    assert Postman(engine, shown).deliver_all() == 1
    [file] = (settings.data_dir / NAME).iterdir()
    assert file.suffix == ".eml" and b"Auto-Submitted: auto-generated" in file.read_bytes()
    for kind in ("mail", "webhook"):
        assert type(channel_of(kind, shown)).__name__ == "FolderChannel"
        assert type(channel_of(kind, settings)).__name__ != "FolderChannel"


def test_the_command_sends_what_is_due_once(
    session: Session, network: Network, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_group(session, network, make_recipient(session, network))
    make_published(session, network)
    session.commit()
    environment = {
        "LIMS_DATA_DIR": str(settings.data_dir),
        "LIMS_DATABASE_URL": settings.database_url,
        "LIMS_DEMONSTRATION": "yes",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["alerts", "deliver", "--once"])
    assert (done.exit_code, done.output.strip()) == (0, "taken up: 1")
    assert len(list(Path(settings.data_dir / NAME).iterdir())) == 1
    again = CliRunner().invoke(main, ["alerts", "deliver", "--once"])
    assert again.output.strip() == "taken up: 0"


def test_a_signal_that_waits_too_long_is_told_to_the_coordination(
    session: Session, network: Network
) -> None:
    own = make_recipient(session, network)
    make_group(session, network, own, purpose="coordination", standing_level="")
    for level, count in (("red", 1), ("red", 2), ("warning", 3), ("caution", 3)):
        signal = make_signal(session, network, level)
        for react in reactions()[SignalEscalated]:
            for _twice in range(2):
                react(session, network.coordinator, SignalEscalated(signal.id, "look"))
        told = session.scalars(select(Delivery).filter_by(purpose="notice")).all()
        assert len(told) == count
