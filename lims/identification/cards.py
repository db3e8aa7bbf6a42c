"""The card of each spot or sample: its ranked list in one language, with bars and plain facts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.words import Message, _, say
from lims.identification.bars import Bar, evidence_bars
from lims.identification.documents import with_colour_names
from lims.identification.evidence import EvidenceTerm, Stance
from lims.identification.queries import Fit, Fits
from lims.identification.rules import NONE_OF_THE_LIBRARY, Candidate, Ranking
from lims.library import queries as library
from lims.library.records import Substance

SHOWN = 4
GREAT = Decimal(1000)
LEAST = Decimal("0.01")
MOST_CHOICES = 12
SIGNS = {Stance.FOR: "pro", Stance.AGAINST: "con", Stance.NEUTRAL: "nil"}
UNSURE = _("Its structure is not confirmed yet: mass and structural group may be wrong.")
YARDSTICK = _("The yardstick. It wins when nothing fits.")


@dataclass(frozen=True)
class Line:
    """One candidate as it is shown; the ratio compares the evidence with the next line."""

    rank: int
    key: str
    name: str
    substance_id: uuid.UUID | None
    posterior: float
    ratio: float | None
    #: ratio and posterior in words
    score: str
    bars: Sequence[Bar]
    #: pro, con or nil, and the words
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Seen:
    """The colours seen with one reagent, in order: palette codes and names."""

    reagent: str
    colours: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Card:
    """What fits one spot, or the colours of one sample."""

    key: str
    fit: Fit
    title: str
    seen: Sequence[Seen]
    #: the first lines that nothing observed can tell apart
    pair: Sequence[Line] = ()
    lines: Sequence[Line] = ()
    more: Sequence[Line] = ()
    #: the groups that cannot be told apart, in words
    groups: Sequence[str] = ()
    choices: Sequence[tuple[uuid.UUID, str]] = ()
    not_assessed: int = 0
    none_leads: bool = False
    prior_used: bool = True
    decided: str = ""


def cards(session: Session, fits: Fits, language: str) -> list[Card]:
    """Return the cards of a run in one language, one query for all names."""
    keys = {one.substance for fit in fits.fits if fit.ranking for one in fit.ranking.candidates}
    query = select(Substance).where(Substance.key.in_(sorted(keys))).order_by(Substance.key)
    named = {found.key: found for found in session.scalars(query)} if keys else {}
    colours = {term.code: term.label(language) for term in library.terms(session, "palette")}
    return [_Drawing(named, colours, language).card(fit) for fit in fits.fits]


class _Drawing:
    """Draws cards in one language."""

    def __init__(
        self, named: Mapping[str, Substance], colours: Mapping[str, str], language: str
    ) -> None:
        self.named, self.colours, self.language = named, colours, language

    def card(self, fit: Fit) -> Card:
        """Return the card of one spot or sample."""
        seen = [
            Seen(one.reagent, [(code, self.colours.get(code, code)) for code in one.colours])
            for one in fit.question.evidence.colours
        ]
        key, title = str(fit.key[1] or fit.key[0]), say(_title(fit), self.language)
        bare = Card(key, fit, title, seen, decided=self.decided(fit))
        return bare if fit.ranking is None else self.with_lines(bare, fit.ranking)

    def with_lines(self, bare: Card, ranking: Ranking) -> Card:
        """Return a card with its list: the leading group, the next lines, the rest."""
        lines = [self.line(one) for one in ranking.candidates]
        together = min(SHOWN, _leading(ranking))
        first, more = lines[together:SHOWN], lines[SHOWN:]
        yardstick = [line for line in more if line.key == NONE_OF_THE_LIBRARY]
        return replace(
            bare,
            pair=lines[:together],
            lines=[*first, *yardstick],
            more=[line for line in more if line.key != NONE_OF_THE_LIBRARY],
            groups=[self.group(group) for group in ranking.groups],
            choices=[
                (line.substance_id, line.name) for line in lines if line.substance_id is not None
            ][:MOST_CHOICES],
            not_assessed=len(ranking.not_assessed),
            none_leads=lines[0].key == NONE_OF_THE_LIBRARY,
            prior_used=ranking.prior_used,
        )

    def decided(self, fit: Fit) -> str:
        """Return the name of the accepted substance, or nothing."""
        accepted = fit.answer.substance if fit.answer else None
        return accepted.name(self.language) if accepted else ""

    def line(self, one: Candidate) -> Line:
        """Return one candidate; none of the library is the yardstick and has no facts."""
        is_none = one.substance == NONE_OF_THE_LIBRARY
        found = self.named.get(one.substance)
        return Line(
            rank=one.rank,
            key=one.substance,
            name=self.name(one.substance),
            substance_id=found.id if found else None,
            posterior=one.posterior,
            ratio=one.likelihood_ratio,
            score=" · ".join(say(words, self.language) for words in _score(one)),
            bars=evidence_bars(one.evidence),
            facts=[("nil", say(YARDSTICK, self.language))] if is_none else self.told(one, found),
        )

    def told(self, one: Candidate, found: Substance | None) -> list[tuple[str, str]]:
        """Say the facts of one candidate, and that its structure waits to be confirmed."""
        unsure = [("nil", say(UNSURE, self.language))] if found and found.is_marked else []
        return [*self.facts(one.evidence), *unsure]

    def facts(self, terms: Iterable[EvidenceTerm]) -> list[tuple[str, str]]:
        """Say each fact, its palette colours by their names in this language."""
        return [
            (SIGNS[term.stance], say(with_colour_names(term.fact, self.colours), self.language))
            for term in terms
        ]

    def name(self, key: str) -> str:
        """Return the name of a substance, or that it is none of the library."""
        if key == NONE_OF_THE_LIBRARY:
            return say(_("None of the library"), self.language)
        found = self.named.get(key)
        return found.name(self.language) if found else key

    def group(self, keys: Sequence[str]) -> str:
        """Say which substances nothing observed can tell apart."""
        first, *others = [self.name(key) for key in keys]
        words = _("This system cannot separate %(one)s from %(others)s.", one=first, others=others)
        return say(words, self.language)


def _leading(ranking: Ranking) -> int:
    """Return how many of the first lines are one group; 0 when the first stands alone."""
    keys = [one.substance for one in ranking.candidates]
    for group in ranking.groups:
        if set(keys[: len(group)]) == set(group):
            return len(group)
    return 0


def _score(one: Candidate) -> list[Message]:
    """Say ratio and posterior with no more digits than they deserve."""
    said = []
    if one.likelihood_ratio is not None:
        ratio = one.likelihood_ratio
        digits = Decimal(1) if ratio >= 10 else Decimal("0.1")
        said.append(
            _("LR to next above %(n)s", n=GREAT)
            if ratio >= GREAT
            else _("LR to next %(n)s", n=Decimal(ratio).quantize(digits))
        )
    if one.posterior < LEAST:
        return [*said, _("posterior below %(n)s", n=LEAST)]
    if one.posterior > 1 - LEAST:
        return [*said, _("posterior above %(n)s", n=1 - LEAST)]
    return [*said, _("posterior %(n)s", n=Decimal(one.posterior).quantize(LEAST))]


def _title(fit: Fit) -> Message:
    if fit.seen is None:
        return _("What fits these colours")
    lane, spot = fit.seen.lane.position, fit.seen.spot.label
    return _("What fits lane %(lane)s, spot %(spot)s", lane=lane, spot=spot)
