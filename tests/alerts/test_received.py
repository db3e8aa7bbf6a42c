from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts import acknowledging, delivered, delivering, letters, recipients
from lims.alerts.audiences import Audience
from lims.alerts.outbox import Delivery
from lims.alerts.records import AlertMessage
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.foundation.words import LANGUAGES
from lims.journal.records import JournalEntry
from tests.alerts.alerting import approve, make_draft, submit, withdraw
from tests.alerts.mailing import Heard, make_group, make_recipient, postman
from tests.makers import Network

pytestmark = pytest.mark.usefixtures("connected")


def canary(audience: str, language: str) -> str:
    return f"CANARY-{audience}-{language}"


@pytest.fixture
def heard(
    session: Session, network: Network, settings: Settings, engine: Any
) -> dict[str, tuple[Heard, int]]:
    """Give an alert whose every message holds a word of its own, sent to every audience."""
    offices = [
        make_recipient(session, network, audience=str(one), language=language, name=f"desk {n}")
        for n, (one, language) in enumerate(zip(Audience, ("fr", "nl", "en") * 9, strict=False))
    ]
    hook = make_recipient(
        session, network, kind="webhook", address="https://hooks.example/in", audience="health"
    )
    secret = recipients.MakeSecret(hook.id, settings.data_dir)
    recipients.make_secret(session, network.coordinator, secret)
    make_group(session, network, *offices, hook)
    version = make_draft(session, network)
    for message in version.messages:
        message.headline = "HEAD-" + canary(message.audience, message.language)
        message.body = "BODY-" + canary(message.audience, message.language)
    facts = {"site": "CANARY-site", "place": "CANARY-place", "notes": "CANARY-notes"}
    version.facts = {**version.facts, **facts, "visitors": "CANARY-visitors"}
    session.flush()
    approve(session, network, submit(session, network, version))
    session.commit()
    told = Heard()
    postman(engine, settings, told).deliver_all()
    session.expire_all()
    by_id = {one.id: one.audience for one in session.scalars(select(Delivery))}
    session.commit()
    assert len(told.letters) == len(offices) + 1
    return {f"{by_id[one.id]} {one.kind}": (told, place) for place, one in enumerate(told.letters)}


def states(session: Session) -> list[str]:
    session.expire_all()
    found = [one.state for one in session.scalars(select(Delivery))]
    session.commit()
    return found


def test_no_mail_and_no_address_holds_anything_of_what_the_alert_says(
    heard: dict[str, tuple[Heard, int]],
) -> None:
    from lims.alerts.channels.mail import written

    for kind, (told, place) in heard.items():
        letter = told.letters[place]
        assert "CANARY" not in letter.subject + letter.body + letter.address
        if kind.endswith("mail"):
            assert letter.content == {}
            assert b"CANARY" not in written(letter, "alerts@network.example").as_bytes()


def test_a_webhook_is_sent_the_message_of_its_audience_by_the_allow_list_alone(
    heard: dict[str, tuple[Heard, int]],
) -> None:
    told, place = heard["health webhook"]
    content = dict(told.letters[place].content)
    assert set(content) == set(letters.WEBHOOK_FIELDS)
    mine = canary("health", "en")
    whole = json.dumps(content)
    assert whole.count("CANARY") == 2
    assert (content["headline"], content["body"]) == (f"HEAD-{mine}", f"BODY-{mine}")


def test_asking_for_the_page_confirms_nothing_and_tells_nothing(
    session: Session, public_app: Any, heard: dict[str, tuple[Heard, int]]
) -> None:
    told, place = heard["health mail"]
    client = public_app.test_client()
    pages = [client.get(f"/received/{token}") for token in (told.token(place), "x" * 43)]
    assert [one.status_code for one in pages] == [200, 200]
    bodies = [one.get_data(as_text=True) for one in pages]
    assert bodies[0].replace(told.token(place), "") == bodies[1].replace("x" * 43, "")
    assert client.head(f"/received/{told.token(place)}").status_code == 200
    assert "acknowledged" not in states(session)


@pytest.mark.parametrize("audience", list(Audience))
def test_the_button_confirms_once_and_shows_the_message_of_the_audience_alone(
    session: Session,
    public_app: Any,
    heard: dict[str, tuple[Heard, int]],
    audience: str,
) -> None:
    told, place = heard[f"{audience} mail"]
    client, address = public_app.test_client(), f"/received/{told.token(place)}"
    for language in LANGUAGES:
        answer = client.post(f"{address}?lang={language}")
        page = answer.get_data(as_text=True)
        assert page.count("CANARY") == 2 and page.count(canary(audience, language)) == 2
        assert "TLP:" in page and answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "<title>Balise</title>" in page
    [when] = session.scalars(
        select(Delivery.acknowledged_at).where(Delivery.acknowledged_at.is_not(None))
    ).all()
    session.commit()
    with clock.stopped_at(clock.now() + timedelta(hours=1)):
        assert client.post(address).status_code == 200
    assert states(session).count("acknowledged") == 1
    again = session.scalars(
        select(Delivery.acknowledged_at).where(Delivery.acknowledged_at.is_not(None))
    ).all()
    assert list(again) == [when]
    acts = session.scalars(select(JournalEntry.act)).all()
    assert acts.count("acknowledge delivery") == 1


def test_unknown_and_old_links_get_the_same_words(
    session: Session, public_app: Any, heard: dict[str, tuple[Heard, int]]
) -> None:
    told, place = heard["health mail"]
    client = public_app.test_client()
    unknown = client.post("/received/" + "x" * 43)
    endless = client.post("/received/" + "x" * 5000)
    with clock.stopped_at(clock.now() + timedelta(days=delivering.TOKEN_DAYS, minutes=5)):
        old = client.post(f"/received/{told.token(place)}")
    tokens = (told.token(place), "x" * 43, "x" * 5000)
    pages = [one.get_data(as_text=True) for one in (old, unknown, endless)]
    bare = [page.replace(token, "") for page, token in zip(pages, tokens, strict=True)]
    assert {one.status_code for one in (old, unknown, endless)} == {200}
    assert bare[0] == bare[1] == bare[2] and "acknowledged" not in states(session)


def test_only_the_hash_of_a_token_stays_once_it_is_sent(
    session: Session, heard: dict[str, tuple[Heard, int]], settings: Settings
) -> None:
    for told, place in heard.values():
        token = told.token(place) if told.letters[place].kind == "mail" else "none"
        for row in session.scalars(select(Delivery)):
            assert token not in str(vars(row)) and row.token_sealed == ""


def test_a_withdrawn_alert_says_so_behind_its_old_link(
    session: Session, network: Network, public_app: Any, heard: dict[str, tuple[Heard, int]]
) -> None:
    told, place = heard["health mail"]
    delivery = session.get_one(Delivery, told.letters[place].id)
    assert delivery.version is not None
    made = withdraw(session, network, delivery.version)
    approve(session, network, submit(session, network, made))
    session.commit()
    page = public_app.test_client().post(f"/received/{told.token(place)}?lang=en")
    assert "withdrawn, does not hold any more" in page.get_data(as_text=True)


def test_a_link_without_a_message_in_its_language_breaks_nothing(
    session: Session, public_app: Any, heard: dict[str, tuple[Heard, int]]
) -> None:
    told, place = heard["health mail"]
    for one in session.scalars(select(AlertMessage).filter_by(audience="health", language="en")):
        one.language = "xx"
    session.commit()
    page = public_app.test_client().post(f"/received/{told.token(place)}?lang=en")
    assert page.status_code == 200 and "CANARY" not in page.get_data(as_text=True)


def test_the_time_until_each_audience_confirmed_is_counted_from_the_publication(
    session: Session, heard: dict[str, tuple[Heard, int]]
) -> None:
    told, place = heard["health mail"]
    since = clock.now() - timedelta(days=1)
    with clock.stopped_at(clock.now() + timedelta(minutes=40)):
        acknowledging.acknowledge(session, told.token(place))
    times = delivered.acknowledgement_times(session, since)
    assert len(times) == len(heard)
    confirmed = [one for one in times if one.took is not None]
    assert [one.audience for one in confirmed] == ["health"]
    assert timedelta(minutes=39) < (confirmed[0].took or timedelta()) < timedelta(minutes=42)
    assert delivered.acknowledgement_times(session, clock.now() + timedelta(days=1)) == []
