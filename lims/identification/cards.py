"""What the pages show of a ranking: a card for each spot, with bars and facts, in one language.

And the plate as plain values for its drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.analysis import plates
from lims.analysis.readings import PlateRead, SpotRead
from lims.analysis.records import Run
from lims.analysis.states import ROLE_WORDS, LaneRole
from lims.foundation.words import _, number, say
from lims.identification import queries
from lims.identification.evidence import EvidenceTerm
from lims.identification.queries import Ranked
from lims.identification.rules import NONE_OF_THE_LIBRARY, Candidate

SHOWN = 4
LONGEST_BAR = 100
BAR_PER_UNIT = 14
CALIBRATED_FROM = 50


@dataclass(frozen=True)
class Bar:
    """One piece of evidence as a bar: right of the line speaks for, left against."""

    about: str
    length: int
    stance: str
    fact: str
    y: int


@dataclass(frozen=True)
class Line:
    """One candidate in words and bars."""

    key: str
    name: str
    posterior: str
    ratio: str
    bars: Sequence[Bar]
    is_none: bool


@dataclass(frozen=True)
class Card:
    """The candidates of one spot."""

    label: str
    spot_id: str
    sample_id: str
    first: Sequence[Line]
    others: Sequence[Line]
    #: candidates that nothing observed can tell apart from the first, in words
    alike: str
    #: names without any reference here: neither found nor excluded
    not_assessed: Sequence[str]
    prior_used: bool
    declared: Sequence[str]
    counted: int
    demonstration: bool
    hrf: str
    is_none: bool


def cards(session: Session, ranked: Sequence[Ranked], tongue: str) -> list[Card]:
    """Return one card for each ranking."""
    keys = {
        key
        for one in ranked
        for key in (
            *(candidate.substance for candidate in one.ranking.candidates),
            *one.ranking.not_assessed,
            *one.knowledge.prior.declared,
        )
    }
    known = queries.substances_of(session, sorted(keys))
    names = {key: one.name(tongue) for key, one in known.items()}
    names[NONE_OF_THE_LIBRARY] = say(_("None of the library"), tongue)
    return [_card(one, names, tongue) for one in ranked]


def _card(ranked: Ranked, names: Mapping[str, str], tongue: str) -> Card:
    ranking = ranked.ranking
    lines = [_line(one, names, tongue) for one in ranking.candidates]
    first = lines[:SHOWN]
    first += [one for one in lines[SHOWN:] if one.is_none]
    seen = ranked.seen
    value = seen.corrected if seen and seen.corrected is not None else seen.hrf if seen else None
    return Card(
        label=ranked.label,
        spot_id=str(seen.spot.id) if seen else "",
        sample_id=str(ranked.sample.id),
        first=first,
        others=[one for one in lines[SHOWN:] if not one.is_none],
        alike=_alike(ranking.groups, lines[0].key, names, tongue),
        not_assessed=[names.get(key, key) for key in ranking.not_assessed],
        prior_used=ranking.prior_used,
        declared=[names.get(key, key) for key in sorted(ranked.knowledge.prior.declared)],
        counted=sum(ranked.knowledge.prior.counts.values()),
        demonstration=ranked.knowledge.demonstration,
        hrf="" if value is None else number(value, tongue),
        is_none=lines[0].is_none,
    )


def _alike(
    groups: Sequence[Sequence[str]], first: str, names: Mapping[str, str], tongue: str
) -> str:
    for group in groups:
        if first in group:
            last = names.get(group[-1], group[-1])
            others = [names.get(key, key) for key in group[:-1]]
            words = _("%(some)s and %(last)s", some=", ".join(others), last=last)
            return say(words, tongue)
    return ""


def _line(one: Candidate, names: Mapping[str, str], tongue: str) -> Line:
    is_none = one.substance == NONE_OF_THE_LIBRARY
    return Line(
        key=one.substance,
        name=names.get(one.substance, one.substance),
        posterior=_share(one.posterior, tongue),
        ratio=_ratio(one.likelihood_ratio, tongue),
        bars=[_bar(term, place, tongue) for place, term in enumerate(one.evidence)],
        is_none=is_none,
    )


def _share(value: float, tongue: str) -> str:
    if value < 0.01:
        return "< " + _written("0.01", tongue)
    return _written(f"{value:.2f}", tongue)


def _ratio(value: float | None, tongue: str) -> str:
    if value is None:
        return ""
    if value >= 10_000:
        return "> " + _written("10000", tongue)
    if value < 0.01:
        return "< " + _written("0.01", tongue)
    return _written(f"{value:.0f}" if value >= 10 else f"{value:.1f}", tongue)


def _written(digits: str, tongue: str) -> str:
    return digits if tongue == "en" else digits.replace(".", ",")


def _bar(term: EvidenceTerm, place: int, tongue: str) -> Bar:
    length = min(LONGEST_BAR, round(abs(term.log_ratio) * BAR_PER_UNIT))
    about = "hRf" if term.kind == "hrf" else term.about
    return Bar(about, max(length, 1), str(term.stance), say(term.fact, tongue), 18 * place)


def drawing(
    run: Run,
    plate: PlateRead,
    selected: str,
    step: str,
    tongue: str,
) -> Markup:
    """Return the drawing of a plate, its selected spot marked, coloured as the step shows it."""
    lanes = [
        plates.DrawnLane(
            position=lane.position,
            words=_lane_words(lane.role, tongue),
            spots=[
                _drawn(seen, lane.position, selected, step)
                for seen in plate.spots
                if seen.lane is lane
            ],
            selected=selected[:-1] == str(lane.position),
        )
        for lane in plate.plate.lanes
    ]
    width, height = plates.plate_size(len(lanes), plate.plate.front_mm)
    words = plates.Words(
        title=say(_("Plate %(number)s drawn to scale", number=run.number), tongue),
        description=_described(plate, tongue),
        size=say(_("plate %(width)s × %(height)s mm", width=width, height=height), tongue),
    )
    return plates.draw(plate.plate.front_mm, lanes, words)


def _lane_words(role: str, tongue: str) -> str:
    if role == LaneRole.REFERENCE:
        return say(_("ref."), tongue)
    return say(ROLE_WORDS[LaneRole(role)], tongue)


def _drawn(seen: SpotRead, lane: int, selected: str, step: str) -> plates.DrawnSpot:
    colours = seen.colours.get(step) or next(iter(seen.colours.values()), ())
    label = "" if seen.lane.role == LaneRole.REFERENCE else seen.spot.label
    return plates.DrawnSpot(
        label=label,
        distance_mm=seen.spot.distance_mm,
        intensity=seen.spot.intensity,
        colour=colours[0] if colours else "",
        tailing=seen.spot.tailing,
        selected=selected == f"{lane}{seen.spot.label}",
    )


def _described(plate: PlateRead, tongue: str) -> str:
    """Say a plate in words, for whoever does not see the drawing."""
    parts = [
        say(
            _(
                "Lane %(lane)s (%(role)s): spots at %(places)s mm.",
                lane=lane.position,
                role=ROLE_WORDS[LaneRole(lane.role)],
                places=[spot.distance_mm for spot in lane.spots],
            ),
            tongue,
        )
        for lane in plate.plate.lanes
        if lane.spots
    ]
    if plate.plate.front_mm is not None:
        words = _("The front is %(mm)s mm above the origin.", mm=plate.plate.front_mm)
        parts.append(say(words, tongue))
    return " ".join(parts)
