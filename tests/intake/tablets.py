"""A tablet of a test: enrolled, with codes and selectors, that seals and sends."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher

from lims.foundation import codes
from tests.intake.sealer import RECORDED_AT, Sealed, seal, visit_body

VERIFIES = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass
class Tablet:
    """A device of a site, what is reserved for it, and the browser that it speaks with."""

    client: Any
    id: str
    site_id: str
    key: dict[str, str]
    codes: list[str]
    selectors: list[str]

    def visit(self, *, id: str = "", code: str = "", recorded_at: str = "", **told: Any) -> Sealed:
        """Record and seal a visit with one sample."""
        body = visit_body(self.site_id, code or self.codes.pop(), **told)
        return seal(self.key, self.id, body, id=id, recorded_at=recorded_at or RECORDED_AT)

    def seals(self, body: dict[str, Any], kind: str = "visit", id: str = "") -> Sealed:
        return seal(self.key, self.id, body, kind=kind, id=id)

    def send(self, sealed: Sealed, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.put(f"/table/outbox/{sealed.id}", data=sealed.text, headers=given)

    def ticket(self) -> tuple[str, dict[str, str]]:
        """Make a ticket as a device does; return what the visitor gets and what is uploaded."""
        selector, secret = self.selectors.pop(), codes.new_ticket().secret
        printed = next(
            selector + secret + last
            for last in codes.TICKET_ALPHABET
            if codes._ticket_check(selector + secret) == last
        )
        return printed, {"selector": selector, "verifier": VERIFIES.hash(secret)}

    def exported(self, *sealed: Sealed) -> bytes:
        """Return the queue as the device writes it to a file."""
        rows = [
            {
                "seq": place,
                "id": one.id,
                "kind": "visit",
                "recorded_at": RECORDED_AT,
                "hash": one.hash,
                "envelope": one.text.decode(),
            }
            for place, one in enumerate(sealed, start=1)
        ]
        return json.dumps({"balise_outbox": 1, "device": self.id, "rows": rows}).encode()


def enrolled(client: Any, n: int = 5) -> Tablet:
    """Enrol a tablet with whoever is logged in, and reserve for it."""
    id = str(uuid.uuid4())
    told = client.post("/table/devices", json={"id": id, "name": "tablet 1"})
    assert told.status_code == 201, told.json
    asked = {"id": str(uuid.uuid4()), "codes": n, "selectors": n}
    given = client.post(f"/table/devices/{id}/reserve", json=asked)
    assert given.status_code == 200, given.json
    found = given.json["codes"], given.json["selectors"]
    return Tablet(client, id, told.json["site_id"], told.json["seal_key"], *map(list, found))
