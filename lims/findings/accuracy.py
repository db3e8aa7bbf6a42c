"""How often identification was right, per technique, protocol and laboratory; never per person.

A list counts as confirmed when the sample's released finding is confirmed and a structural
technique that is not correlated with the list's own found the substance too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lims.foundation.shares import wilson
from lims.foundation.words import Message, _
from lims.identification.certainty import STRUCTURAL, family_of

SMALL = 30
"""Below this a share is said with its smallness in words."""


@dataclass(frozen=True)
class Judged:
    """One decided list, as the page counts it."""

    technique: str
    protocol: str
    site: str
    #: accept, reject, undecided
    verdict: str
    #: place of the first confirmed substance on the list, from 1; None: not listed
    place: int | None = None
    #: the confirmed substances; empty when no independent technique has confirmed any
    truth: frozenset[str] = frozenset()
    #: the substance that was accepted
    accepted: str = ""


@dataclass(frozen=True)
class Share:
    """A share with its numerator, denominator and 95 % interval (Wilson)."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.n)


@dataclass(frozen=True)
class Row:
    """One technique under one protocol at one laboratory."""

    technique: str
    protocol: str
    site: str
    unknown: Share
    top1: Share
    top3: Share
    accepted_right: Share

    @property
    def is_small(self) -> bool:
        return self.top1.n < SMALL


DEFINITIONS: tuple[tuple[Message, Message], ...] = (
    (
        _("Decided"),
        _("Spots and spectra with a decision; the last decision on each counts."),
    ),
    (
        _("Unknown"),
        _("Of those decided: no substance was accepted (rejected, undecided, or an unknown)."),
    ),
    (
        _("Confirmed"),
        _(
            "Of those decided: the sample has a released finding that is confirmed, and a "
            "structural technique not correlated with this one found the same substance."
        ),
    ),
    (_("First"), _("Of those confirmed: a confirmed substance stood first on the list.")),
    (_("First three"), _("Of those confirmed: a confirmed substance stood among the first three.")),
    (
        _("Accepted rightly"),
        _("Of those confirmed in which a substance was accepted: it is a confirmed one."),
    ),
)


def independent(technique: str, others: Iterable[str]) -> bool:
    """Tell whether a structural technique stands among others that is not correlated with one."""
    own = family_of(technique)
    return any(one in STRUCTURAL and family_of(one) != own for one in others)


def place_of(ranked: Sequence[dict[str, Any]], truth: frozenset[str]) -> int | None:
    """Return the place of the first true substance on a list; several lines of one count once."""
    keys = [str(line.get("substance") or line.get("name") or "") for line in ranked]
    order = list(dict.fromkeys(key for key in keys if key))
    places = [order.index(key) + 1 for key in truth if key in order]
    return min(places, default=None)


def rows_of(judged: Iterable[Judged]) -> list[Row]:
    """Return the table: one row for each technique, protocol and laboratory."""
    groups: dict[tuple[str, str, str], list[Judged]] = {}
    for one in judged:
        groups.setdefault((one.technique, one.protocol, one.site), []).append(one)
    return [_row(*key, groups[key]) for key in sorted(groups)]


def _row(technique: str, protocol: str, site: str, judged: Sequence[Judged]) -> Row:
    confirmed = [one for one in judged if one.truth]
    accepted = [one for one in confirmed if one.accepted]
    return Row(
        technique,
        protocol,
        site,
        unknown=Share(sum(one.verdict != "accept" for one in judged), len(judged)),
        top1=Share(sum(one.place == 1 for one in confirmed), len(confirmed)),
        top3=Share(
            sum(one.place is not None and one.place <= 3 for one in confirmed), len(confirmed)
        ),
        accepted_right=Share(sum(one.accepted in one.truth for one in accepted), len(accepted)),
    )
