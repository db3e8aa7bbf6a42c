from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.alerts import mailboxes

ALLOWED = mailboxes.hosts("hooks.example, other.example:8443")


@pytest.mark.parametrize(
    "address", ["wacht@office.example", "info.drugs@office.example", "meldpunt-1@a.b.example"]
)
def test_a_mailbox_that_names_a_function_passes(address: str) -> None:
    assert mailboxes.mailbox_problem(address) is None
    assert mailboxes.mailbox_warning(address) is None


@pytest.mark.parametrize("address", ["an.peeters@office.example", "jd@office.example"])
def test_a_mailbox_that_may_be_a_persons_must_be_answered(address: str) -> None:
    asked = mailboxes.address_problems("mail", address, ALLOWED, is_office=False)
    assert [one.field for one in asked] == ["address"]
    assert mailboxes.address_problems("mail", address, ALLOWED, is_office=True) == []


def test_a_name_that_may_be_a_persons_must_be_answered() -> None:
    assert mailboxes.name_warning("An Peeters") is not None
    assert mailboxes.name_warning("toxicology desk") is None


NO_ADDRESSES = [
    *("", "office", "office@", "@office.example", "office@example", "a b@office.example"),
    *("office@office.example\r\nBcc: other@elsewhere.example", "office@office..example"),
    *("<office@office.example>", "office@office.example, b@c.example", "x" * 65 + "@a.example"),
]
NO_WEBHOOKS = [
    *("http://hooks.example/", "https://hooks.example:8443/", "https://elsewhere.example/"),
    *("https://hooks.example@elsewhere.example/", "https://a:b@hooks.example/"),
    *("https://hooks.example.elsewhere.example/", "https://hooks.example/\r\nHost: x"),
    *("https://hooks.example\\@elsewhere.example/", "https://hooks.example#@elsewhere.example"),
    *("ftp://hooks.example/", "https://[::1]/", "https://127.0.0.1/", "//hooks.example/"),
    *("https://hooks.example:0/", "https://hooks.example:99999/", "https://ｈooks.example/"),
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert mailboxes.mailbox_problem(address) is not None


@given(st.text(max_size=80), st.sampled_from(["\r", "\n", "\x00", "\x85", "\u2028", " ", ",", "<"]))
def test_nothing_that_could_begin_another_header_passes(text: str, odd: str) -> None:
    for address in (f"{text}{odd}@office.example", f"alerts@office.example{odd}{text}"):
        assert mailboxes.mailbox_problem(address) is not None


@pytest.mark.parametrize(
    "address",
    ["https://hooks.example/in", "https://hooks.example:443/", "https://other.example:8443/?a=b"],
)
def test_a_webhook_of_an_allowed_host_passes(address: str) -> None:
    assert mailboxes.webhook_problem(address, ALLOWED) is None


@pytest.mark.parametrize("address", NO_WEBHOOKS)
def test_a_webhook_elsewhere_or_in_disguise_is_refused(address: str) -> None:
    assert mailboxes.webhook_problem(address, ALLOWED) is not None


def test_without_a_list_of_hosts_there_is_no_webhook() -> None:
    assert mailboxes.webhook_problem("https://hooks.example/", mailboxes.hosts("")) is not None


def test_a_reader_of_the_feed_has_no_address() -> None:
    assert mailboxes.address_problems("feed", "", ALLOWED, is_office=True) == []
    assert mailboxes.address_problems("feed", "a@b.example", ALLOWED, is_office=True) != []
