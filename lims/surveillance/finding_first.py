"""Finding first sightings among what arrives, in the order in which it was analysed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims.findings.statements import Names
from lims.foundation.words import Message, _
from lims.surveillance import first_seen, sightings
from lims.surveillance.first_seen import Answer, Scope, Sighting
from lims.surveillance.noticed import Noticed
from lims.surveillance.rules import SignalSource
from lims.surveillance.series import names_of
from lims.surveillance.sightings import Seen
from lims.surveillance.weeks import monday_of, week_name


@dataclass(frozen=True)
class Seeing:
    """One substance in one sample that has just arrived."""

    origin: str
    substance: uuid.UUID
    region: str
    declared: uuid.UUID | None
    seen_on: date
    confidence: str
    sample_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None


class _Memory:
    """What was seen before, and what is seen while one goes through the arrivals."""

    def __init__(self, session: Session, origin: str, seeings: Sequence[Seeing]) -> None:
        self.session, self.origin = session, origin
        substances = {one.substance for one in seeings}
        self.isomers = sightings.isomers_of(session, substances)
        wanted = substances.union(*self.isomers.values())
        self.seen = sightings.seen_before(session, origin, wanted)

    def last(self, substances: set[uuid.UUID], seeing: Seeing, scope: Scope) -> date | None:
        return first_seen.latest(
            one.last
            for one in self.seen
            if one.substance in substances
            and (scope is not Scope.REGION or one.region == seeing.region)
            and (scope is not Scope.LINE or one.declared == seeing.declared)
        )

    def sighting(self, seeing: Seeing, scope: Scope, parameters: first_seen.Parameters) -> Sighting:
        region = seeing.region if scope is Scope.REGION else None
        line = seeing.declared if scope is Scope.LINE else None
        last = self.last({seeing.substance}, seeing, scope)
        isomer = self.last(self.isomers[seeing.substance], seeing, scope)
        if last is not None and (seeing.seen_on - last).days < parameters.unseen_days:
            looked = first_seen.Looked(None, 0)  # known already: nobody asks
        else:
            looked = sightings.looked_at(
                self.session, self.origin, region, line, parameters.least_samples
            )
        return Sighting(seeing.seen_on, seeing.confidence, last, isomer, looked)

    def remember(self, seeing: Seeing) -> None:
        self.seen.append(Seen(seeing.substance, seeing.region, seeing.declared, seeing.seen_on))


def first_sightings(session: Session, seeings: Sequence[Seeing]) -> list[Noticed]:
    """Return a notice for each substance that is new, in the widest scope in which it is."""
    parameters, found = first_seen.Parameters(), []
    notable = sightings.notable(session, {one.substance for one in seeings})
    seeings = [one for one in seeings if one.substance in notable]
    for origin in sorted({one.origin for one in seeings}):
        mine = [one for one in seeings if one.origin == origin]
        memory = _Memory(session, origin, mine)
        names = names_of(session, _named(mine))
        for seeing in mine:
            notice = _noticed(memory, seeing, parameters, names)
            found += [notice] if notice else []
            memory.remember(seeing)
    return found


def _named(seeings: Sequence[Seeing]) -> list[uuid.UUID]:
    ids = {one.substance for one in seeings} | {one.declared for one in seeings}
    return [one for one in ids if one is not None]


def _noticed(
    memory: _Memory,
    seeing: Seeing,
    parameters: first_seen.Parameters,
    names: dict[uuid.UUID, Names],
) -> Noticed | None:
    for scope in Scope:
        if (scope is Scope.REGION and not seeing.region) or (
            scope is Scope.LINE and seeing.declared is None
        ):
            continue
        sighting = memory.sighting(seeing, scope, parameters)
        answer = first_seen.judge(sighting, parameters)
        if answer is Answer.NEW:
            return _notice(seeing, scope, sighting, parameters, names)
    return None


def _notice(
    seeing: Seeing,
    scope: Scope,
    sighting: Sighting,
    parameters: first_seen.Parameters,
    names: dict[uuid.UUID, Names],
) -> Noticed:
    where = {Scope.NETWORK: "", Scope.REGION: seeing.region, Scope.LINE: str(seeing.declared)}
    begins = f"first:{seeing.origin}:{seeing.substance}:"
    return Noticed(
        matter=f"{begins}{scope}:{where[scope]}",
        held_by=(f"{begins}{Scope.NETWORK}:",),
        source=SignalSource.FIRST_SEEN,
        level=first_seen.LEVELS[scope],
        reason=_reason(seeing, scope, sighting, names),
        algorithm=first_seen.ALGORITHM,
        version=first_seen.VERSION,
        parameters=asdict(parameters),
        inputs=first_seen.inputs_of(sighting) | {"scope": str(scope)},
        outcome={"answer": str(Answer.NEW)},
        origin=seeing.origin,
        region=seeing.region,
        week=monday_of(seeing.seen_on),
        substance_id=seeing.substance,
        product_id=seeing.product_id,
        sample_id=seeing.sample_id,
    )


def _reason(
    seeing: Seeing, scope: Scope, sighting: Sighting, names: dict[uuid.UUID, Names]
) -> Message:
    substance = names[seeing.substance]
    if sighting.last_seen is not None:
        how = _("not seen since %(week)s", week=week_name(sighting.last_seen))
    else:
        since = sighting.looked.since or seeing.seen_on
        how = _("never seen since counting began in %(week)s", week=week_name(since))
    if scope is Scope.REGION:
        return _(
            "%(substance)s first seen in %(region)s, %(how)s.",
            substance=substance,
            region=seeing.region,
            how=how,
        )
    if scope is Scope.LINE and seeing.declared is not None:
        line = names[seeing.declared]
        return _(
            "%(substance)s first seen in what is sold as %(line)s, %(how)s.",
            substance=substance,
            line=line,
            how=how,
        )
    return _("%(substance)s first seen in the network, %(how)s.", substance=substance, how=how)
