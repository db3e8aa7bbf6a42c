from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import feedparser  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.alerts.commands import alerts as alerts_command
from lims.alerts.operations import WithdrawAlert, withdraw_alert
from lims.foundation.settings import Settings
from tests.alerts.alerting import approve, make_draft, make_published, submit
from tests.makers import Network

ATOM = "{http://www.w3.org/2005/Atom}"


def withdrawn(session: Session, network: Network) -> Any:
    version = make_published(session, network)
    command = WithdrawAlert(version.alert_id, "it was something else")
    withdrawal = withdraw_alert(session, network.coordinator, command)
    session.flush()
    approve(session, network, submit(session, network, withdrawal))
    session.commit()
    return version


def title_of(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page)
    return found.group(1) if found else ""


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_public_reads_published_alerts_under_a_bare_title(
    session: Session, network: Network, public_app: Any, language: str
) -> None:
    version = make_published(session, network)
    session.commit()
    client = public_app.test_client()
    for path in ("/alerts", f"/alerts/{version.alert.number}"):
        page = client.get(f"{path}?lang={language}")
        assert page.status_code == 200 and title_of(page.text) == "Balise"
        public = [one for one in version.messages if one.audience == "public"]
        assert next(one for one in public if one.language == language).headline in page.text
        assert "Set-Cookie" not in page.headers


def test_drafts_and_reasons_never_reach_the_public(
    session: Session, network: Network, public_app: Any
) -> None:
    draft = make_draft(session, network)
    withdrawn(session, network)
    client = public_app.test_client()
    assert client.get(f"/alerts/{draft.alert.number}").status_code == 404
    for path in ("/alerts", "/alerts.atom"):
        text = client.get(path).text
        assert draft.alert.number not in text and "it was something else" not in text


def test_a_withdrawn_alert_says_so_and_when(
    session: Session, network: Network, public_app: Any
) -> None:
    version = withdrawn(session, network)
    page = public_app.test_client().get(f"/alerts/{version.alert.number}?lang=en").text
    assert "Withdrawn on" in page and "no longer holds" in page


@pytest.mark.parametrize("number", ["nothing", "2020-0001", "%00", "…"])
def test_an_alert_that_is_not_there_is_not_found(
    session: Session, network: Network, public_app: Any, number: str
) -> None:
    assert public_app.test_client().get(f"/alerts/{number}").status_code == 404


def read(client: Any, language: str = "en", **headers: str) -> Any:
    return client.get(f"/alerts.atom?lang={language}", headers=headers)


def is_valid_atom(body: bytes) -> list[str]:
    """Return what RFC 4287 asks for and the feed lacks."""
    feed = ElementTree.fromstring(body)
    wrong = [] if feed.tag == f"{ATOM}feed" else ["root"]
    for place in (feed, *feed.findall(f"{ATOM}entry")):
        wrong += [
            f"{place.tag}: {name}"
            for name in ("id", "title", "updated")
            if len(place.findall(f"{ATOM}{name}")) != 1 or not place.findtext(f"{ATOM}{name}")
        ]
    moments = [*feed.iter(f"{ATOM}updated"), *feed.iter(f"{ATOM}published")]
    wrong += [str(one.text) for one in moments if not _has_offset(str(one.text))]
    wrong += [str(one.text) for one in feed.iter(f"{ATOM}id") if "://" not in str(one.text)]
    links = {one.get("rel") for one in feed.findall(f"{ATOM}link")}
    return wrong + sorted({"self", "alternate"} - links)


def _has_offset(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", text) is not None


def test_the_feed_is_never_empty(session: Session, network: Network, public_app: Any) -> None:
    client = public_app.test_client()
    first, second = read(client), read(client)
    assert not is_valid_atom(first.data) and first.data == second.data
    feed = feedparser.parse(first.data)
    assert not feed.bozo and [entry.title for entry in feed.entries] == ["No alert at present"]


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_feed_carries_the_public_messages_of_one_language(
    session: Session, network: Network, public_app: Any, language: str
) -> None:
    version = make_published(session, network)
    session.commit()
    answer = read(public_app.test_client(), language)
    assert not is_valid_atom(answer.data) and answer.mimetype == "application/atom+xml"
    feed = feedparser.parse(answer.data)
    assert not feed.bozo and feed.feed.language == language
    (entry,) = feed.entries
    public = next(
        one for one in version.messages if (one.audience, one.language) == ("public", language)
    )
    assert public.headline in entry.title and entry.summary == public.body
    assert entry.id.endswith(f"/cap/127.0.0.1-{version.alert.number}-1.xml")
    assert f"/alerts/{version.alert.number}" in entry.link
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"].endswith(f"/alerts.atom?lang={language}")


def test_the_feed_tells_of_a_withdrawal_in_a_line_of_its_own(
    session: Session, network: Network, public_app: Any
) -> None:
    version = make_published(session, network)
    session.commit()
    before = feedparser.parse(read(public_app.test_client()).data).entries[0]
    command = WithdrawAlert(version.alert_id, "wrong")
    withdrawal = withdraw_alert(session, network.coordinator, command)
    session.flush()
    approve(session, network, submit(session, network, withdrawal))
    session.commit()
    last, first = feedparser.parse(read(public_app.test_client()).data).entries
    assert first.id == before.id != last.id and first.title.startswith("No longer holds: ")
    assert last.title.startswith("Withdrawn: ")


def test_a_reader_that_has_the_feed_is_told_that_nothing_changed(
    session: Session, network: Network, public_app: Any
) -> None:
    client = public_app.test_client()
    first = read(client)
    assert first.headers["Cache-Control"] == "max-age=60" and first.headers["ETag"]
    again = read(client, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    make_published(session, network)
    session.commit()
    assert read(client, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_command_line_lists_published_alerts(
    session: Session, network: Network, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_published(session, network)
    session.commit()
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    plain = CliRunner().invoke(alerts_command, ["list"])
    assert plain.exit_code == 0 and version.alert.number in plain.output
    machine = CliRunner().invoke(alerts_command, ["list", "--json"])
    assert json.loads(machine.output)["number"] == version.alert.number
