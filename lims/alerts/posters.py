"""The words of the A4 poster: what the public is told, in three languages beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lims.alerts.audiences import Audience, visible
from lims.alerts.composing import advice_line, advice_of, compose, label, look_line, where_line
from lims.alerts.rules import IN_WORK, AlertState, Kind
from lims.foundation.words import LANGUAGES, Message, _, say, with_unit


@dataclass(frozen=True)
class Column:
    """One language of the poster; the headline only where a person wrote one."""

    language: str
    headline: str
    paragraphs: tuple[str, ...]
    advice: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Poster:
    """A poster: title, the look line by line, and a column per language."""

    title: str
    subtitles: tuple[tuple[str, str], ...]
    look: tuple[tuple[str, str], ...]
    short_look: Mapping[str, str]
    late_onset: bool
    week: str
    columns: tuple[Column, ...]
    level: Mapping[str, str]
    late: Mapping[str, str]
    review: Mapping[str, str]
    demonstration: Mapping[str, str]


LEVELS: Mapping[str, Message] = {
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}


def stands(state: str) -> tuple[str, ...]:
    """Return what a sheet says that is not, or no longer, a published alert, in each language."""
    if state == AlertState.PUBLISHED:
        return ()
    ended = _("This alert has ended. Take this sheet down.")
    words = _("Draft. Do not hang up or hand out.") if state in IN_WORK else ended
    return tuple(said(words))


def poster(
    facts: Mapping[str, Any], level: str, kind: str, texts: Mapping[str, tuple[str, str]]
) -> Poster:
    """Return the poster of a version; `texts` are its public headline and body by language."""
    told = visible(facts, Audience.PUBLIC)
    substance = told.get("substance")
    unknown = " · ".join(dict.fromkeys(said(_("Not yet identified"))))
    return Poster(
        title=label(substance, "fr") if substance else unknown,
        subtitles=_subtitles(told),
        look=_look(told),
        short_look={language: _short_look(told, language) for language in LANGUAGES},
        late_onset=bool(told.get("late_onset")),
        week=str(told.get("week", "")),
        columns=tuple(_column(told, kind, language, *texts[language]) for language in LANGUAGES),
        level=_each(LEVELS[level]),
        late=_each(_("Acts later")),
        review=_each(_("To be reviewed")),
        demonstration=_each(_("Demonstration: invented data")),
    )


def _each(message: Message) -> dict[str, str]:
    return {language: say(message, language) for language in LANGUAGES}


def said(message: Message) -> list[str]:
    """Return a message in the three languages."""
    return [say(message, language) for language in LANGUAGES]


def _subtitles(told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    sold, substance = told.get("sold_as"), told.get("substance")
    if not sold or sold == substance:
        return ()
    return tuple(
        (language, say(_("in what is sold as %(name)s", name=label(sold, language)), language))
        for language in LANGUAGES
    )


def _look(told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    lines = []
    for term, name in ((_("Form"), "form"), (_("Colour"), "colour")):
        if told.get(name):
            names = dict.fromkeys(label(told[name], language) for language in LANGUAGES)
            lines.append((_joined(term), " · ".join(names)))
    for term, name in ((_("Logo"), "logo"), (_("Shape"), "shape")):
        if told.get(name):
            lines.append((_joined(term), str(told[name])))
    for term, name, unit in (
        (_("Size"), "length_mm", "mm"),
        (_("Thickness"), "thickness_mm", "mm"),
        (_("Mass"), "unit_mass_mg", "mg"),
    ):
        if told.get(name):
            lines.append((_joined(term), _amount(told[name], unit)))
    return tuple(lines)


def _short_look(told: Mapping[str, Any], language: str) -> str:
    """Return the look in one language and one line, for a sheet of one language."""
    words = [label(told[name], language) for name in ("form", "colour") if told.get(name)]
    words += [str(told[name]) for name in ("logo", "shape") if told.get(name)]
    words += [
        _amount(told[name], unit, language)
        for name, unit in (("length_mm", "mm"), ("thickness_mm", "mm"), ("unit_mass_mg", "mg"))
        if told.get(name)
    ]
    return " · ".join(words)


def _amount(text: str, unit: str, language: str = "fr") -> str:
    try:
        return with_unit(Decimal(text), unit, language)
    except InvalidOperation:
        return text


def _joined(term: Message) -> str:
    return " · ".join(dict.fromkeys(said(term)))


def _column(told: Mapping[str, Any], kind: str, language: str, headline: str, body: str) -> Column:
    """Return one column: the public text, without what the poster draws as card and signs."""
    drawn = {writer(told, language) for writer in (look_line, advice_line, where_line)}
    kept = tuple(part for part in _parts(body) if part not in drawn)
    if headline == compose(told, Audience.PUBLIC, kind, language).headline:
        headline = ""  # title and look already say it
    advice = tuple((one.sign, say(one.words, language)) for one in advice_of(told))
    return Column(language, headline, kept, () if kind == Kind.WITHDRAWAL else advice)


def _parts(body: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in body.replace("\r\n", "\n").split("\n\n") if part.strip())
