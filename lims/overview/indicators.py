"""The plan's own indicators for one period, in the order of their definitions.

About twenty questions to the database, each summed there: as many for a million samples as for
ten. Numbers about visitors are guarded here, before anybody sees them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.overview import (
    indicator_alerts,
    indicator_network,
    indicator_practice,
    indicator_results,
    indicator_talks,
    indicator_visits,
    indicator_waiting,
)
from lims.overview.indicator_definitions import Definition, definitions
from lims.overview.indicator_figures import Indicator, for_people
from lims.overview.indicator_ground import Ground, stand_on
from lims.overview.indicator_periods import Period


@dataclass(frozen=True)
class Row:
    """An indicator with its definition, and its figure in the period before."""

    definition: Definition
    now: Indicator
    before: Indicator


@dataclass(frozen=True)
class Board:
    """Every indicator for a period, beside the period before; of all sites or of some."""

    period: Period
    compared: Period
    rows: tuple[Row, ...]
    sites: tuple[str, ...] | None

    def of(self, key: str) -> Row:
        return next(one for one in self.rows if one.definition.key == key)


def board(session: Session, actor: Actor, period: Period) -> Board:
    """Return every indicator for the sites that the actor reads, beside the period before."""
    ground = stand_on(session, actor, period)
    compared = period.before()
    now, before = found(ground), found(replace(ground, period=compared))
    rows = tuple(Row(one, now[one.key], before[one.key]) for one in definitions().indicators)
    names = None if ground.mine is None else tuple(one.name for one in ground.own_places)
    return Board(period, compared, rows, names)


def found(ground: Ground) -> dict[str, Indicator]:
    """Return key → indicator; those about visitors with their small parts kept back."""
    came, ran = indicator_visits.visits(ground), indicator_practice.runs(ground)
    told = indicator_results.results(ground)
    listed = [
        *indicator_visits.of_points(ground, came),
        *indicator_visits.of_public(ground, came),
        *indicator_visits.of_hand_ins(ground),
        *indicator_results.of_products(ground),
        indicator_results.of_encodings(ground, told),
        *indicator_results.of_times(ground, told),
        indicator_results.of_partners(ground),
        *indicator_talks.of_contacts(ground),
        *indicator_practice.of_protocols(ground, ran),
        *indicator_practice.of_training(ground),
        indicator_practice.of_coverage(ground, came, ran),
        *indicator_alerts.of_alerts(ground),
        indicator_network.of_meetings(ground),
        indicator_network.of_reports(ground),
        indicator_waiting.feedback_reports(ground, came),
    ]
    by_key = {one.key: one for one in listed}
    return {
        one.key: for_people(by_key[one.key]) if one.about == "visitors" else by_key[one.key]
        for one in definitions().indicators
    }
