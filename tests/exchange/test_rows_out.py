from __future__ import annotations

import io
import uuid

import openpyxl
from sqlalchemy.orm import Session

from lims.exchange import outgoing
from lims.exchange.column_sets import FORMATS, Period, column_set
from lims.exchange.outgoing_facts import Unit
from tests.exchange.leaving import leaving_sample
from tests.exchange.test_exports import AROUND, exported, network
from tests.makers import Network
from tests.overview.test_queries import counted as statements

__all__ = ["network"]


def test_files_of_two_formats_cannot_be_joined_by_the_place_of_a_row(
    session: Session, network: Network
) -> None:
    made = {leaving_sample(session, network).id for _each in range(12)}
    period = Period(AROUND.since, AROUND.until)
    order: dict[str, list[uuid.UUID]] = {}
    for name in FORMATS:
        if column_set(name).unit is not Unit.ALERT:
            facts = outgoing.rows(session, column_set(name), period, "Synthetic")
            references = {outgoing.reference(one, name): one for one in made}
            found = [references[one["reference"]] for one in facts]
            order[name] = list(dict.fromkeys(found))
    assert all(set(one) == made for one in order.values())
    assert order.pop("samples") == order["findings"]  # they share their identifiers
    assert len({tuple(one) for one in order.values()}) == len(order) == 4


def test_rows_are_asked_for_together_however_many_there_are(
    session: Session, network: Network
) -> None:
    def asked(name: str) -> int:
        period = Period(AROUND.since, AROUND.until)
        session.expire_all()
        with statements(session) as seen:
            told = list(outgoing.rows(session, column_set(name), period, "Synthetic"))
        assert told
        return len(seen)

    leaving_sample(session, network)
    session.flush()
    few = {name: asked(name) for name in ("samples", "findings", "template", "tedi")}
    for _each in range(9):
        leaving_sample(session, network)
    session.flush()
    assert {name: asked(name) for name in few} == few
    assert max(few.values()) <= 4


def test_a_workbook_names_no_maker_and_has_no_hidden_sheet(
    session: Session, network: Network
) -> None:
    leaving_sample(session, network)
    book = openpyxl.load_workbook(io.BytesIO(exported(session, network, "samples", "xlsx")))
    said = book.properties
    assert (said.creator or "", said.lastModifiedBy or "", said.created.year) == ("", "", 2000)
    assert [sheet.sheet_state for sheet in book] == ["visible"]
