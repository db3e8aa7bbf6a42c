"""The advice on the next test as it is shown: what it should bring, in what time, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message, _, say
from lims.identification.available import NextTests
from lims.identification.certainty import words_of
from lims.identification.next_test import Advice, expected_bits
from lims.identification.rules import NONE_OF_THE_LIBRARY

MODELS: Mapping[str, Message] = {
    "hrf": _("from the hRf references of this system"),
    "colour": _("from the colour references of this reagent"),
    "default": _("from the default likelihood ratio of this technique, if its library holds them"),
}
TELLS_APART, TELLS_A_LITTLE = 0.5, 0.1
"""Bits that a test brings on two equally probable candidates: told apart, told apart a little."""


@dataclass(frozen=True)
class Viewer:
    """Says what is shown in one language."""

    names: Mapping[str, str]
    language: str

    def name(self, key: str) -> str:
        return self.names.get(key, key)

    def say(self, words: Message | str) -> str:
        return say(words, self.language) if isinstance(words, Message) else words


def shown_advice(one: Advice, tests: NextTests, viewer: Viewer) -> dict[str, Any]:
    """Return one test with what it is expected to bring, and the reason."""
    rate = one.bits_per_minute
    return {
        "key": one.test.key,
        "technique": one.test.technique,
        "protocol": one.test.protocol,
        "title": _test_title(one, viewer),
        "bits": round(one.bits, 3),
        "minutes": one.test.minutes,
        "minutes_by": one.test.minutes_by,
        "bits_per_minute": None if rate is None else round(rate, 4),
        "words": viewer.say(_brings(one)),
        "reason": viewer.say(_reason(one, tests, viewer)),
    }


def _test_title(one: Advice, viewer: Viewer) -> str:
    if one.test.technique == "tlc":
        return f"TLC {one.test.key}"
    if one.test.technique == "reagent":
        return one.test.key
    return viewer.say(words_of(one.test.technique))


def _brings(one: Advice) -> Message:
    bits = Decimal(str(round(one.bits, 2)))
    if one.test.minutes is None:
        return _("expected %(bits)s bit; no bench time stated", bits=bits)
    values = {"bits": bits, "minutes": one.test.minutes}
    if one.test.minutes_by == "laboratory":
        return _("expected %(bits)s bit in %(minutes)s min (timed here)", **values)
    return _("expected %(bits)s bit in %(minutes)s min (protocol)", **values)


def _spoken(key: str, viewer: Viewer) -> str:
    is_none = key == NONE_OF_THE_LIBRARY
    return viewer.say(_("none of the library")) if is_none else viewer.name(key)


def _reason(one: Advice, tests: NextTests, viewer: Viewer) -> Message:
    model = MODELS.get(one.test.model, Message(one.test.model))
    if len(tests.weighed) < 2:
        return model
    pair = [_spoken(line.substance, viewer) for line in tests.weighed[:2]]
    bits = expected_bits((0.5, 0.5), one.test.table[:2])
    values = {"one": pair[0], "other": pair[1], "model": model}
    if bits >= TELLS_APART:
        return _("Tells %(one)s from %(other)s; %(model)s.", **values)
    if bits >= TELLS_A_LITTLE:
        return _("Tells %(one)s from %(other)s a little; %(model)s.", **values)
    return _("Helps with the others, not with %(one)s or %(other)s; %(model)s.", **values)
