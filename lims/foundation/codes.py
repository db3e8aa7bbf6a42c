"""Sample codes and tickets: what is printed on a label, and what a visitor takes home.

Both are random, tell nothing about a person or a place, and end in a check character that
catches every single wrong character and every swap of two neighbours. A code that is misread
is refused in words; it is never guessed at.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from lims.foundation.errors import refuse_field
from lims.foundation.words import _

#: No vowel (no word appears by chance) and nothing easily confused: 0/O, 1/I/L, 5/S, Z, N, U.
ALPHABET = "2346789BCDFGHJKMPQRTVWXY"
LENGTH = 8
#: Crockford's base 32: no I, L, O, U.
TICKET_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SELECTOR_LENGTH = 5
SECRET_LENGTH = 10
TICKET_LENGTH = SELECTOR_LENGTH + SECRET_LENGTH + 1
_CONFUSED = str.maketrans({"I": "1", "L": "1", "O": "0"})
#: What the row of digits writes when scanner and computer have other layouts; on no label.
_OTHER_KEYBOARD = frozenset("ÉÈÇÀÙ§£&\"'(!@#$^")
#: Nobody types more than this for one code; longer text is not even looked at.
_LONGEST_TYPED = 80
#: x³+x+1 and x⁵+x²+1: irreducible and primitive over GF(2).
_GF8, _GF32 = 0b1011, 0b100101


@dataclass(frozen=True)
class Ticket:
    """What a visitor keeps: 25 bits to find the record, 50 bits to open it, one to check."""

    selector: str
    secret: str = field(repr=False)
    check: str

    def __str__(self) -> str:
        return f"Ticket {self.selector}…"


def new_code() -> str:
    """Return a fresh random sample code: eight characters, upper case, without dash."""
    seven = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH - 1))
    return seven + check_character(seven)


def check_character(seven: str) -> str:
    """Return the one character that completes seven others to a sample code.

    The alphabet has 24 = 3 · 8 characters, no prime, so that each is a pair in GF(3) × GF(8).
    Places weigh the powers of a generator of each field; both weighted sums must be zero. A
    weight is never 0 (single errors show) and neighbours' weights differ (swaps show).
    """
    return next(character for character in ALPHABET if _is_whole(seven + character))


def read_code(text: str) -> str:
    """Return the sample code that was typed or scanned.

    Lower case, spaces, dashes and full-width characters are accepted. Raises Invalid on field
    "code" with the reason: length, a character that no code has, or the check character.
    """
    code = _tidied(text, "code")
    if any(character in _OTHER_KEYBOARD for character in code):
        words = _(
            "This was written for another keyboard (AZERTY and QWERTY). Set the scanner to this "
            "keyboard, or type the eight characters that are printed."
        )
        raise refuse_field("code", words)
    for character in code:
        if character not in ALPHABET:
            raise refuse_field(
                "code", _("No sample code contains “%(character)s”.", character=_named(character))
            )
    if len(code) != LENGTH:
        raise refuse_field(
            "code",
            _("A sample code has %(wanted)s characters, not %(n)s.", wanted=LENGTH, n=len(code)),
        )
    if not _is_whole(code):
        raise refuse_field(
            "code",
            _("This code has a typing error: its last character does not fit the others."),
        )
    return code


def shown(code: str) -> str:
    """Return a sample code as people read it: XXXX-XXXX."""
    return f"{code[:4]}-{code[4:]}"


def new_ticket() -> Ticket:
    """Return a fresh random ticket, independent of any sample code."""
    characters = "".join(secrets.choice(TICKET_ALPHABET) for _place in range(TICKET_LENGTH - 1))
    return _ticket(characters + _ticket_check(characters))


def read_ticket(text: str) -> Ticket:
    """Return the ticket that was typed; I and L are read as 1, O as 0.

    Raises Invalid on field "ticket"; the words never repeat what was typed beyond one character.
    """
    characters = _tidied(text, "ticket").translate(_CONFUSED)
    for character in characters:
        if character not in TICKET_ALPHABET:
            raise refuse_field(
                "ticket", _("No ticket contains “%(character)s”.", character=_named(character))
            )
    if len(characters) != TICKET_LENGTH:
        raise refuse_field(
            "ticket",
            _(
                "A ticket has %(wanted)s characters, not %(n)s.",
                wanted=TICKET_LENGTH,
                n=len(characters),
            ),
        )
    if _ticket_check(characters[:-1]) != characters[-1]:
        raise refuse_field("ticket", _("This ticket has a typing error. Please read it again."))
    return _ticket(characters)


def shown_ticket(ticket: Ticket) -> str:
    """Return a ticket as printed: four groups of four."""
    characters = ticket.selector + ticket.secret + ticket.check
    return "-".join(characters[start : start + 4] for start in range(0, TICKET_LENGTH, 4))


def _ticket(characters: str) -> Ticket:
    return Ticket(characters[:SELECTOR_LENGTH], characters[SELECTOR_LENGTH:-1], characters[-1])


def _tidied(text: str, field: str) -> str:
    if len(text) > _LONGEST_TYPED:
        raise refuse_field(field, _("This is too long to be a code."))
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in plain if not _is_noise(character))


def _is_noise(character: str) -> bool:
    """Tell whether a character only separates: spaces, dashes, controls, invisible marks."""
    kind = unicodedata.category(character)
    return kind[0] == "Z" or kind in ("Pd", "Pc", "Cc", "Cf") or character in "−·"


def _named(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _is_whole(code: str) -> bool:
    in_three = in_eight = 0
    weight_three = weight_eight = 1
    for character in code:
        three, eight = divmod(ALPHABET.index(character), 8)
        in_three = (in_three + weight_three * three) % 3
        in_eight ^= _product(weight_eight, eight, _GF8)
        weight_three = weight_three * 2 % 3
        weight_eight = _product(weight_eight, 2, _GF8)
    return in_three == in_eight == 0


def _ticket_check(characters: Sequence[str]) -> str:
    """Return the check character: the weighted sum in GF(32), the check's own weight being 1."""
    total, weight = 0, 2
    for character in reversed(characters):
        total ^= _product(weight, TICKET_ALPHABET.index(character), _GF32)
        weight = _product(weight, 2, _GF32)
    return TICKET_ALPHABET[total]


def _product(one: int, other: int, modulus: int) -> int:
    """Multiply two elements of a field of characteristic 2 given by its polynomial."""
    result, top = 0, 1 << (modulus.bit_length() - 1)
    while other:
        if other & 1:
            result ^= one
        other >>= 1
        one <<= 1
        if one & top:
            one ^= modulus
    return result
