"""What leaves by mail, by webhook and behind the link of a mail: thin, or the reader's own."""

from __future__ import annotations

import email
import json
import re
import uuid
from email import policy
from typing import Any

import pytest
from sqlalchemy import select

from lims.alerts.audiences import Audience
from lims.alerts.channels.folder import NAME
from lims.alerts.letters import webhook_content
from lims.alerts.outbox import Delivery
from lims.alerts.records import AlertVersion
from lims.alerts.sending import Postman
from lims.foundation.words import LANGUAGES
from tests.leaks.conftest import Planted
from tests.leaks.planting import leaks
from tests.leaks.test_alerts import allowed


@pytest.fixture(scope="module")
def mails(planted: Planted) -> dict[str, Any]:
    """Give every mail that the alert made, read as a mail program reads it, by delivery."""
    engine = planted.world.app.extensions["house"].engine
    Postman(engine, planted.world.settings).deliver_all()
    folder = planted.world.settings.data_dir / NAME
    with planted.session() as session:
        query = select(Delivery.id).where(Delivery.version_id == planted.version_id)
        names = {str(one) for one in session.scalars(query)}
    files = [one for one in folder.glob("*.eml") if one.stem in names]
    read = {one.stem: one.read_bytes() for one in files}
    return {n: email.message_from_bytes(b, policy=policy.default) for n, b in read.items()}


def test_a_mail_names_no_substance_no_place_and_nothing_that_anybody_wrote(
    planted: Planted, mails: dict[str, Any]
) -> None:
    assert len(mails) >= 3
    with planted.session() as session:
        version = session.get_one(AlertVersion, planted.version_id)
        substance = version.facts["substance"] or {"en": "never"}
    for one in mails.values():
        whole = one.as_string() + one.get_body().get_content()
        assert planted.number in whole
        assert leaks(whole) == []
        assert not [name for name in substance.values() if name.lower() in whole.lower()]


def test_the_page_behind_a_mail_shows_its_readers_message_and_no_other(
    planted: Planted, mails: dict[str, Any]
) -> None:
    client = planted.world.public_app.test_client()
    seen = set()
    for name, one in mails.items():
        link = re.search(r"/received/[\w-]+", one.get_body().get_content())
        assert link is not None
        with planted.session() as session:
            audience = Audience(
                session.scalars(
                    select(Delivery.audience).where(Delivery.id == uuid.UUID(name))
                ).one()
            )
        assert leaks(client.get(link[0]).text) == []
        page = client.post(link[0]).text
        assert planted.number in page
        assert leaks(page, allowed(audience)) == []
        seen.add(audience)
    assert seen


@pytest.mark.parametrize("audience", list(Audience))
def test_a_webhook_is_sent_the_message_of_its_audience_only(
    planted: Planted, audience: Audience
) -> None:
    with planted.session() as session:
        version = session.get_one(AlertVersion, planted.version_id)
        mine = [one for one in version.messages if one.audience == audience]
        sent = [json.dumps(webhook_content("event", version, one, "link")) for one in mine]
    assert len(sent) == len(LANGUAGES)
    assert [leaks(text, allowed(audience)) for text in sent] == [[]] * len(LANGUAGES)
