"""What the device does as the server does: codes, tickets, sealing, signed bundles."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from lims.foundation import codes
from lims.foundation.errors import Invalid
from tests.browser.devices import Device, Table
from tests.browser.small_server import b64url, point
from tests.conftest import watch
from tests.kept import STRONG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
ODD = (
    *(
        "",
        " ",
        "2",
        "2222-2222",
        "2222 2222",
        "２２２２２２２２",
        "bcdf-ghjk",
        "BCDFGHJ",
        "BCDFGHJKM",
    ),
    *(
        "0000-0000",
        "BCDF–GHJK",
        "B\u200bCDF−GHJK",
        "·BCDF·",
        "ß" * 4,
        "😀" * 8,
        "😀" * 81,
        "x" * 81,
        "\tABC\n",
    ),
)


@pytest.fixture(scope="module")
def screen(browser: Browser, shell_app: Any) -> Iterator[Page]:
    """Give one page with the modules, for tests that only compute."""
    table = Table(shell_app)
    table.server.start()
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    watch(page, wrong)
    page.goto(f"{table.address}/blank")
    page.wait_for_function("() => globalThis.table")
    page.evaluate(
        """async () => { for (const name of ["codes", "tickets", "sealing"])
        globalThis[name] = await import(`/static/js/table/${name}.js`); }"""
    )
    yield page
    context.close()
    table.server.stop()
    assert not wrong


def said(text: str) -> str:
    """Return what the server says of a typed code: the code itself, or that it is refused."""
    try:
        return codes.read_code(text)
    except Invalid:
        return "refused"


def test_device_and_server_read_the_same_codes(screen: Page) -> None:
    drawn = random.Random(4)
    typed = [*ODD, *(codes.new_code() for _one in range(300))]
    typed += ["".join(drawn.choices(codes.ALPHABET + "015-I", k=8)) for _one in range(2000)]
    read = screen.evaluate("all => all.map(one => codes.readCode(one).code || 'refused')", typed)
    assert read == [said(one) for one in typed]
    sevens = ["".join(drawn.choices(codes.ALPHABET, k=7)) for _one in range(500)]
    checks = screen.evaluate("all => all.map(codes.checkCharacter)", sevens)
    assert checks == [codes.check_character(seven) for seven in sevens]
    assert screen.evaluate("codes.shown('BCDFGHJK')") == codes.shown("BCDFGHJK")


def test_the_reason_for_a_refusal_is_told(screen: Page) -> None:
    code = codes.new_code()
    other = next(one for one in codes.ALPHABET if one != code[0])
    typed = [code[:-1], code[:-1] + "0", other + code[1:]]
    assert screen.evaluate("all => all.map(one => codes.readCode(one).problem)", typed) == [
        *("length", "letter", "check"),
    ]


def test_every_single_error_and_every_swap_of_neighbours_is_refused(screen: Page) -> None:
    valid = [codes.new_code() for _one in range(150)]
    missed = screen.evaluate(
        """valid => { const missed = [];
        for (const code of valid) for (let at = 0; at < 8; at += 1) {
            for (const wrong of codes.ALPHABET) {
                const typed = code.slice(0, at) + wrong + code.slice(at + 1);
                if (typed !== code && codes.readCode(typed).code) missed.push(typed);
            }
            const swapped = code.slice(0, at) + code[at + 1] + code[at] + code.slice(at + 2);
            if (at < 7 && swapped !== code && codes.readCode(swapped).code) missed.push(swapped);
        }
        return missed; }""",
        valid,
    )
    assert missed == []


def test_a_ticket_made_on_the_device_opens_at_the_server_and_nothing_else_does(
    screen: Page,
) -> None:
    hasher = STRONG["lims.intake.tickets"]
    made = [
        screen.evaluate("selector => tickets.makeTicket(selector)", selector)
        for selector in ("0AZ9K", "ZZZZZ", "12345")
    ]
    for one in made:
        ticket = codes.read_ticket(one["ticket"])
        assert codes.shown_ticket(ticket) == one["ticket"]
        assert ticket.selector == one["selector"]
        assert hasher.verify(one["verifier"], ticket.secret)
        assert not hasher.check_needs_rehash(one["verifier"])
        assert ticket.secret not in one["verifier"]
    assert len({codes.read_ticket(one["ticket"]).secret for one in made}) == 3
    assert len({one["verifier"].split("$")[4] for one in made}) == 3, "each has a salt of its own"


def test_a_record_is_sealed_as_agreed_and_never_twice_alike(shell_app: Any, screen: Page) -> None:
    small = Table(shell_app).small
    told = {
        **{"id": "0b0e7c66-7d5c-4b6e-9d42-6c4ef6c0f3a1", "kind": "visit"},
        **{
            "device": "d1",
            "plaintext": json.dumps({"body": {"note": "é € 😀"}}, ensure_ascii=False),
        },
    }
    made = [
        screen.evaluate(
            "([key, told]) => sealing.seal(key, 'k1', told)", [b64url(point(small.key)), told]
        )
        for _turn in range(2)
    ]
    for one in made:
        envelope = one["envelope"].encode()
        assert small.unseal(envelope) == {"body": {"note": "é € 😀"}}
        assert one["hash"] == hashlib.sha256(envelope).hexdigest()
    first, second = (json.loads(one["envelope"]) for one in made)
    assert not {first[part] for part in ("epk", "iv", "ct")} & {
        second[part] for part in ("epk", "iv", "ct")
    }


def test_an_envelope_whose_clear_parts_were_changed_does_not_open(
    shell_app: Any, screen: Page
) -> None:
    from cryptography.exceptions import InvalidTag

    small = Table(shell_app).small
    told = {"id": "0b0e7c66-7d5c-4b6e-9d42-6c4ef6c0f3a1", "kind": "visit", "device": "d1"}
    made = screen.evaluate(
        "([key, told]) => sealing.seal(key, 'k1', {...told, plaintext: '{}'})",
        [b64url(point(small.key)), told],
    )
    for part, other in (("kind", "photo"), ("device", "d2"), ("key", "k2")):
        changed = {**json.loads(made["envelope"]), part: other}
        with pytest.raises(InvalidTag):
            small.unseal(json.dumps(changed, separators=(",", ":")).encode())


def test_only_a_bundle_that_the_server_signed_is_believed(screen: Page) -> None:
    key, payload = ec.generate_private_key(ec.SECP256R1()), '{"made_at":"2026-06-01T10:00:00Z"}'
    r, s = decode_dss_signature(key.sign(payload.encode(), ec.ECDSA(hashes.SHA256())))
    signature = b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    asked = [
        (b64url(point(key)), {"payload": payload, "signature": signature}),
        (b64url(point(key)), {"payload": payload + " ", "signature": signature}),
        (b64url(point(key)), {"payload": payload, "signature": "AAAA"}),
        (
            b64url(point(ec.generate_private_key(ec.SECP256R1()))),
            {"payload": payload, "signature": signature},
        ),
        ("AAAA", {"payload": payload, "signature": signature}),
    ]
    found = [screen.evaluate("([k, b]) => sealing.verifyBundle(k, b)", list(one)) for one in asked]
    assert found == [True, False, False, False, False]


def test_nothing_that_is_stored_can_be_read_on_the_device(table: Table, browser: Browser) -> None:
    device = Device(browser.new_context(), table.address)
    page = device.tab()
    page.evaluate("table.enrol()")
    table.server.stop()
    page.evaluate("table.record({note: 'canary-7391'})")
    kept = page.evaluate(
        """async () => { const db = await new Promise(done => {
            const asked = indexedDB.open("balise-table");
            asked.onsuccess = () => done(asked.result); });
        const told = [];
        for (const name of db.objectStoreNames) told.push(await new Promise(done => {
            const asked = db.transaction(name).objectStore(name).getAll();
            asked.onsuccess = () => done(asked.result); }));
        db.close();
        return JSON.stringify(told) + JSON.stringify({...localStorage, ...sessionStorage}); }"""
    )
    device.context.close()
    assert "canary" not in kept and "powder" not in kept
    assert '"kind":"visit"' in kept
