from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.exchange.column_sets import Period, column_set
from lims.exchange.exporting import ExportRows, export_rows
from lims.exchange.passing import look
from lims.exchange.records import DataExport
from lims.foundation.errors import Invalid, NotPermitted
from tests.exchange.leaving import WEEK
from tests.makers import Network, make_network

AROUND = Period(WEEK - timedelta(days=9), WEEK + timedelta(days=9))


@pytest.fixture
def network(session: Session) -> Network:
    return make_network(session)


@pytest.mark.parametrize("account", ["worker", "chemist", "approver", "administrator"])
def test_others_may_neither_look_nor_export(
    session: Session, network: Network, account: str
) -> None:
    actor = getattr(network, account)
    with pytest.raises(NotPermitted):
        look(session, actor, column_set("samples"), AROUND, "x")
    with pytest.raises(NotPermitted):
        export_rows(session, actor, ExportRows("samples", WEEK, WEEK), io.BytesIO(), "x")


def test_a_wrong_password_a_format_or_period_that_is_none_give_nothing(
    session: Session, network: Network
) -> None:
    for asked in (
        {"password": "not this one"},
        {"format": "nothing"},
        {"kind": "pdf"},
        {"until": WEEK - timedelta(days=400)},
        {"since": date(1, 1, 1)},
    ):
        command = ExportRows(**{"format": "samples", "since": WEEK, "until": WEEK, **asked})
        out = io.BytesIO()
        with pytest.raises(Invalid):
            export_rows(session, network.coordinator, command, out, "x")
        assert out.getvalue() == b""
    assert session.scalars(select(DataExport)).all() == []
