"""The messages of an alert, written from its facts: one per audience and language.

Each message begins with `audiences.visible`, so that nothing can be said that its audience is not
told. People edit the texts afterwards; this is where they start from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lims.alerts.audiences import Audience, Label, visible
from lims.alerts.rules import Kind
from lims.foundation.words import Message, _, number, say, with_unit

Facts = Mapping[str, Any]
LONGEST_HEADLINE = 200


@dataclass(frozen=True)
class Text:
    """A message: headline, and paragraphs with empty lines between."""

    headline: str
    body: str


@dataclass(frozen=True)
class Advice:
    """Something to do, with its pictogram."""

    sign: str
    words: Message


DANGERS: Mapping[str, Message] = {
    "other": _("It holds something else than people expect."),
    "strong": _("It is stronger than people expect."),
    "late": _("It acts later. People think that nothing happens, take more, and are poisoned."),
    "tiny": _("A very small amount can already be too much."),
    "breathing": _("It can stop the breathing."),
    "mixture": _("It holds several substances that make each other stronger."),
    "unknown": _("Little is known of what it does to people."),
    "reports": _("People who took it had bad effects."),
}
"""Why it is dangerous: what the author of an alert chooses from."""

ADVICE: Mapping[str, Advice] = {
    "not-take": Advice("stop", _("Do not take it.")),
    "no-more": Advice("late", _("Nothing happens? Do not take more.")),
    "not-alone": Advice("alone", _("Do not stay alone.")),
    "no-mix": Advice("nomix", _("Do not mix.")),
    "call": Advice("phone", _("Very hot, confused, stiff, hard to wake: call 112.")),
    "naloxone": Advice("drop", _("Keep naloxone within reach.")),
    "test": Advice("flask", _("Have yours tested.")),
}
"""What to do: what the author of an alert chooses from."""

REGIONS: Mapping[str, Message] = {
    "BE": _("Belgium"),
    "BE1": _("Brussels-Capital Region"),
    "BE2": _("Flanders"),
    "BE3": _("Wallonia"),
}
"""How exact a message may be about the place: NUTS 0 and 1, never finer."""

CONFIDENCE: Mapping[str, Message] = {
    "presumptive": _("presumptive"),
    "identified": _("identified"),
    "confirmed": _("confirmed by two independent methods"),
}
UNITS: Mapping[str, Message] = {
    "mg/unit": _("mg per unit"),
    "µg/unit": _("µg per unit"),
}


def compose(facts: Facts, audience: Audience, kind: str, language: str) -> Text:
    """Return the message of one audience in one language, written from what it may be told."""
    told = visible(facts, audience)
    headline = _headline(told, language)
    if kind == Kind.WITHDRAWAL:
        headline = say(_("Withdrawn: %(headline)s", headline=headline), language)
        body = _paragraphs(told, language, WITHDRAWN)
    else:
        if kind == Kind.UPDATE:
            headline = say(_("Update: %(headline)s", headline=headline), language)
        body = _paragraphs(told, language, WARNING)
    return Text(shortened(headline), body)


def shortened(headline: str) -> str:
    """Return a headline that fits its column, an ellipsis where it was cut."""
    if len(headline) <= LONGEST_HEADLINE:
        return headline
    return headline[: LONGEST_HEADLINE - 1].rstrip() + "…"


def label(given: Label | None, language: str) -> str:
    """Return a label in one language, else in English."""
    return (given.get(language) or given.get("en") or "") if given else ""


def _headline(told: Facts, language: str) -> str:
    substance, sold = label(told.get("substance"), language), label(told.get("sold_as"), language)
    if not substance:
        what = _("Not yet identified")
    elif sold and sold != substance:
        what = _("%(substance)s in what is sold as %(sold)s", substance=substance, sold=sold)
    else:
        what = Message("%(substance)s", {"substance": substance})
    look = brief_look(told, language)
    if not look:
        return say(what, language)
    return say(_("%(what)s: %(look)s", what=what, look=look), language)


def brief_look(told: Facts, language: str) -> str:
    """Return form, colour and logo in a few words."""
    parts = [label(told.get("form"), language), label(told.get("colour"), language)]
    if told.get("logo"):
        parts.append(say(_("logo %(logo)s", logo=told["logo"]), language))
    return ", ".join(part for part in parts if part)


def _paragraphs(told: Facts, language: str, writers: tuple[Writer, ...]) -> str:
    written = (writer(told, language) for writer in writers)
    return "\n\n".join(part for part in written if part)


def _identity(told: Facts, language: str) -> str:
    if not told.get("unidentified"):
        return ""
    return say(_("No laboratory has identified it yet. We warn because of its effects."), language)


def look_line(told: Facts, language: str) -> str:
    """Return what it looks like, in one paragraph."""
    parts = [brief_look(told, language), str(told.get("shape", ""))]
    if told.get("length_mm"):
        size = _amount(told["length_mm"], "mm", language)
        parts.append(say(_("size %(size)s", size=size), language))
    if told.get("thickness_mm"):
        size = _amount(told["thickness_mm"], "mm", language)
        parts.append(say(_("thickness %(size)s", size=size), language))
    if told.get("unit_mass_mg"):
        parts.append(_amount(told["unit_mass_mg"], "mg", language))
    look = ", ".join(part for part in parts if part)
    return say(_("What it looks like: %(look)s.", look=look), language) if look else ""


def _amount(text: str, unit: str, language: str) -> str:
    try:
        return with_unit(Decimal(text), unit, language)
    except InvalidOperation:
        return text


def _content(told: Facts, language: str) -> str:
    lines = [content_line(one, language) for one in told.get("content", ())]
    if told.get("samples"):
        lines.append(say(_("Samples seen: %(n)s.", n=told["samples"]), language))
    return "\n".join(lines)


def content_line(one: Mapping[str, Any], language: str) -> str:
    """Return how much of one substance was found, with the number of samples."""
    unit = one.get("unit", "")
    values = {
        "substance": label(one.get("substance"), language),
        "low": number(Decimal(one["low"]), language),
        "high": number(Decimal(one["high"]), language),
        "unit": UNITS.get(unit, unit),
        "expressed": one.get("expressed_as") or _("base or salt not stated"),
        "n": one.get("n"),
    }
    if one["low"] == one["high"]:
        return say(
            _("%(substance)s: %(low)s %(unit)s (%(expressed)s), measured in: %(n)s.", **values),
            language,
        )
    return say(
        _(
            "%(substance)s: %(low)s to %(high)s %(unit)s (%(expressed)s), measured in: %(n)s.",
            **values,
        ),
        language,
    )


def _method(told: Facts, language: str) -> str:
    parts = []
    if told.get("method"):
        parts.append(say(_("Method: %(method)s.", method=told["method"]), language))
    if told.get("confidence") in CONFIDENCE:
        words = CONFIDENCE[told["confidence"]]
        parts.append(say(_("How sure: %(words)s.", words=words), language))
    return " ".join(parts)


def _dangers(told: Facts, language: str) -> str:
    said = [say(DANGERS[code], language) for code in told.get("dangers", ()) if code in DANGERS]
    if told.get("late_onset") and "late" not in told.get("dangers", ()):
        said.append(say(_("It acts later than people expect."), language))
    if not said:
        return ""
    return say(_("Why it is dangerous: %(words)s", words=" ".join(said)), language)


def advice_line(told: Facts, language: str) -> str:
    """Return what to do, in one paragraph."""
    words = " ".join(say(one.words, language) for one in advice_of(told))
    return say(_("What to do: %(words)s", words=words), language) if words else ""


def advice_of(told: Facts) -> list[Advice]:
    """Return what to do, in the order of the list."""
    chosen = set(told.get("advice", ()))
    return [one for code, one in ADVICE.items() if code in chosen]


def _reserve(told: Facts, language: str) -> str:
    if not (told.get("advice") and (told.get("form") or told.get("colour") or told.get("logo"))):
        return ""
    return say(
        _(
            "Others that look the same may hold something else. "
            "The look does not tell what is in yours."
        ),
        language,
    )


def _clinic(told: Facts, language: str) -> str:
    parts = []
    for name, sentence in (
        ("signs", _("Clinical signs: %(words)s.")),
        ("effects", _("Effects reported: %(words)s.")),
    ):
        words = ", ".join(label(one, language) for one in told.get(name, ()))
        if words:
            parts.append(say(Message(sentence.msgid, {"words": words}), language))
    if told.get("contact"):
        parts.append(say(_("Contact: %(contact)s.", contact=told["contact"]), language))
    return "\n".join(parts)


def _table(told: Facts, language: str) -> str:
    lines = []
    for name, sentence in (
        ("site", _("Site: %(words)s.")),
        ("place", _("Place: %(words)s.")),
        ("notes", _("Notes: %(words)s")),
    ):
        if told.get(name):
            lines.append(say(Message(sentence.msgid, {"words": told[name]}), language))
    return "\n".join(lines)


def where_line(told: Facts, language: str) -> str:
    """Return the region and the week, in one paragraph."""
    region = REGIONS.get(told.get("region", ""))
    parts = [say(region, language) if region else "", str(told.get("week", ""))]
    place = ", ".join(part for part in parts if part)
    return say(_("Where and when: %(place)s.", place=place), language) if place else ""


def _replaces(told: Facts, language: str) -> str:
    if not told.get("replaces"):
        return ""
    return say(_("This replaces alert %(number)s.", number=told["replaces"]), language)


def _withdrawn(told: Facts, language: str) -> str:
    return say(
        _("This alert is withdrawn: it no longer holds. That does not make any drug safe."),
        language,
    )


Writer = Callable[[Facts, str], str]
WARNING: tuple[Writer, ...] = (
    *(_identity, look_line, _content, _method, _dangers, advice_line, _reserve),
    *(_clinic, _table, where_line, _replaces),
)
WITHDRAWN: tuple[Writer, ...] = (_withdrawn, look_line, where_line)
