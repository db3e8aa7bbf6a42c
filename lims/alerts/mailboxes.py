"""Addresses of recipients: an office and not a person, and a host that the operator allowed.

No program can tell from a name alone whether it belongs to a person. This errs towards asking: a
word that names a function passes, everything else must be answered with one tick, and a second
person reads the address before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _
from lims.intake import screening

LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3: a path has 256 characters, two of which are its brackets."""
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.A)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ODD = re.compile(r"[^\x21-\x7e]|\\")
_PATH = re.compile(r"[A-Za-z0-9/_.~!$&'()*+,;=:@%?-]*", re.ASCII)

_OFFICES = (
    "accueil acute admin agence alarm alarme alarms alert alerte alerten alertes alerts balie "
    "bereikbaarheid bureau cel cell cellule centrale centre centrum contact control coordination "
    "coordinatie coordinator crisis desk dienst dispatch drugs duty early emergency equipe feed "
    "focalpoint garde gezondheid group groupe health helpdesk hotline hospital hospitaal hulp "
    "incident info inbox inspectie inspection intake kantoor lab labo laboratoire laboratory "
    "laboratorium mail meldpunt melding mobile network netwerk news noreply office onthaal ops "
    "permanence permanentie pharmacie pharmacy point police politie post postmaster prevention "
    "preventie press presse pers program public rdr reception redaction redactie report reseau "
    "safety sante secretariat secretariaat security service signal spoed support surveillance "
    "team toxicologie toxicology unit unite urgence urgences veille wacht wachtdienst warning "
    "warnings watch webhook"
)
OFFICE_WORDS = frozenset(_OFFICES.split())
"""Words of functions in the three languages; a house convention that only decides whether to ask.
"""
ABOUT_A_PERSON = _(
    "This looks as if it could belong to one person. Give the mailbox of an office, or tick that "
    "an office reads it."
)


def name_warning(name: str) -> Message | None:
    """Return the warning to be answered when a name may be that of a person."""
    told = screening.warnings({"name": name}, frozenset({"name"})).get("name")
    return ABOUT_A_PERSON if told is not None else None


def mailbox_problem(address: str) -> Message | None:
    """Return why this is no address of a mailbox, or None (RFC 5321 without quotes)."""
    local, at, domain = address.rpartition("@")
    if not at or len(address) > LONGEST_ADDRESS or len(local) > 64:
        return _("This is not an e-mail address.")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return _("This is not an e-mail address.")
    return None


def mailbox_warning(address: str) -> Message | None:
    """Return the warning to be answered when a mailbox does not name a function."""
    local = address.rpartition("@")[0].casefold()
    words = {word for word in re.split(r"[^a-z]+", local) if word}
    return None if words & OFFICE_WORDS else ABOUT_A_PERSON


def hosts(listed: str) -> frozenset[str]:
    """Return the hosts of a setting, each with its port: `example.org:443`."""
    found = (one.strip().casefold() for one in listed.split(","))
    return frozenset(one if ":" in one else f"{one}:443" for one in found if one)


def webhook_problem(address: str, allowed: Collection[str]) -> Message | None:
    """Return why a webhook may not be called at this address, or None."""
    parts = _split(address)
    if parts is None or parts.scheme != "https":
        return _("A webhook has an https address, without name, password or #.")
    if f"{parts.hostname}:{parts.port or 443}" not in allowed:
        return _(
            "This host is not on the list of the server (LIMS_WEBHOOK_HOSTS). Ask its operator."
        )
    return None


def _split(address: str) -> SplitResult | None:
    if len(address) > LONGEST_ADDRESS or _ODD.search(address):
        return None  # what parses an address may drop such characters silently
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if port == 0 or parts.username is not None or parts.password is not None or "#" in address:
        return None
    query = f"?{parts.query}" if parts.query else ""
    if not parts.hostname or not _HOST.fullmatch(parts.hostname):
        return None
    return parts if _PATH.fullmatch(parts.path + query) else None


def address_problems(
    kind: str, address: str, allowed: Collection[str], *, is_office: bool
) -> list[Problem]:
    """Return what is wrong with the address of a recipient; a warning is answered by the tick."""
    if kind == "feed":
        told = _("A reader of the feed has no address: nothing is sent.") if address else None
        return [Problem("address", told)] if told else []
    wrong = webhook_problem(address, allowed) if kind == "webhook" else mailbox_problem(address)
    if wrong is None and kind == "mail" and not is_office:
        wrong = mailbox_warning(address)
    return [Problem("address", wrong)] if wrong else []
