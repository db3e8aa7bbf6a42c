from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted
from lims.journal.records import JournalEntry
from lims.quality import operations, queries
from lims.quality.operations import (
    AddInstrument,
    AddReagentLot,
    CheckReagentLot,
    SetInstrumentState,
)


def marquis(network: Any, **more: Any) -> AddReagentLot:
    given = {"reagent": "Marquis", "lot": "M-1", "expires": date(2030, 1, 1), **more}
    return AddReagentLot(site_id=given.pop("site_id", network.laboratory.id), **given)


def test_a_lot_is_listed_at_its_laboratory_under_the_reagents_code(
    session: Session, network: Any
) -> None:
    operations.add_reagent_lot(session, network.head, marquis(network))
    operations.add_reagent_lot(session, network.head, marquis(network, reagent="Simon's"))
    listed = queries.reagent_lots(session, network.laboratory.id)
    assert [lot.reagent for lot in listed] == ["marquis", "simons"]
    assert len(queries.reagent_lots(session, network.laboratory.id, "simons")) == 1
    assert not queries.reagent_lots(session, network.second_laboratory.id)


def test_sending_a_lot_twice_keeps_one_and_another_of_the_same_number_is_refused(
    session: Session, network: Any
) -> None:
    command = marquis(network, id=uuid.uuid4())
    first = operations.add_reagent_lot(session, network.head, command)
    assert operations.add_reagent_lot(session, network.head, command).id == first.id
    with pytest.raises(Invalid) as refusal:
        operations.add_reagent_lot(session, network.head, marquis(network))
    assert refusal.value.problems[0].field == "lot"


def test_a_reagent_without_a_letter_is_refused(session: Session, network: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        operations.add_reagent_lot(session, network.head, marquis(network, reagent="''"))
    assert refusal.value.problems[0].field == "reagent"


def test_only_the_head_of_that_laboratory_manages_it(session: Session, network: Any) -> None:
    elsewhere = marquis(network, site_id=network.second_laboratory.id)
    for actor, command in ((network.head, elsewhere), (network.chemist, marquis(network))):
        with pytest.raises(NotPermitted):
            operations.add_reagent_lot(session, actor, command)
    instrument = AddInstrument(network.laboratory.id, "Balance 1", "weighing")
    with pytest.raises(NotPermitted):
        operations.add_instrument(session, network.chemist, instrument)


def test_a_check_that_fails_bars_the_lot_until_one_succeeds(session: Session, network: Any) -> None:
    lot = operations.add_reagent_lot(session, network.head, marquis(network))
    for positive, negative, failed in (
        (True, False, True),
        (False, True, True),
        (True, True, False),
    ):
        command = CheckReagentLot(lot.id, positive, negative)
        checked = operations.check_reagent_lot(session, network.head, command)
        assert (checked.check_failed, checked.checked_on) == (failed, clock.today())
    acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)).all()
    assert acts[-3:] == ["check reagent lot"] * 3


def test_a_check_of_tomorrow_or_of_an_unknown_lot_is_refused(
    session: Session, network: Any
) -> None:
    lot = operations.add_reagent_lot(session, network.head, marquis(network))
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(Invalid):
        command = CheckReagentLot(lot.id, True, True, tomorrow)
        operations.check_reagent_lot(session, network.head, command)
    with pytest.raises(NotFound):
        command = CheckReagentLot(uuid.uuid4(), True, True)
        operations.check_reagent_lot(session, network.head, command)


def test_instruments_are_listed_by_technique_and_taken_out_of_service(
    session: Session, network: Any
) -> None:
    here = network.laboratory.id
    command = AddInstrument(here, "Infrared 1", "ftir", id=uuid.uuid4())
    made = operations.add_instrument(session, network.head, command)
    assert operations.add_instrument(session, network.head, command).id == made.id
    operations.set_instrument_state(
        session, network.head, SetInstrumentState(made.id, date(2027, 1, 1), True)
    )
    (found,) = queries.instruments(session, here, "ftir")
    assert (found.out_of_service, found.calibrated_until) == (True, date(2027, 1, 1))
    assert not queries.instruments(session, here, "tlc")


@pytest.mark.parametrize(
    ("name", "technique", "field"),
    [("Infrared 1", "ftir", "name"), ("Infrared 2", "divination", "technique")],
)
def test_an_instrument_of_a_known_name_or_an_unknown_technique_is_refused(
    session: Session, network: Any, name: str, technique: str, field: str
) -> None:
    here = network.laboratory.id
    operations.add_instrument(session, network.head, AddInstrument(here, "Infrared 1", "ftir"))
    with pytest.raises(Invalid) as refusal:
        operations.add_instrument(session, network.head, AddInstrument(here, name, technique))
    assert refusal.value.problems[0].field == field
