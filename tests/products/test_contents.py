from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.findings.operations import FindingReleased
from lims.foundation import clock, happenings
from lims.foundation.errors import Invalid, NotPermitted
from lims.journal.queries import acts_about
from lims.products import circulation, contents, exporting, matches, queries
from lims.products.circulation import Circulating
from lims.products.contents import Declared
from lims.products.operations import file_under_product
from lims.products.records import Product
from lims.products.tables import harmless, table
from tests.findings import makers
from tests.makers import PASSWORD

SEEN = date(2026, 11, 3)
NOW = clock.now().replace(year=2026, month=11, day=22)


@pytest.fixture(autouse=True)
def wired(session: Session, network: Any) -> Iterator[None]:
    makers.ready(session, network)
    session.commit()
    happenings.connect({FindingReleased: [file_under_product]})
    with clock.stopped_at(NOW):
        yield
    happenings.connect({})


def filed(session: Session, network: Any, mg: str = "100", **look: Any) -> Product:
    sample = makers.analysed_tablet(session, network, mg, **look)
    makers.released(session, network, sample)
    product = queries.product_of(session, sample.id)
    assert product is not None
    return product


def sold_as_mdma(session: Session, **more: Any) -> Declared:
    period = {"since": SEEN - timedelta(weeks=1), "until": SEEN + timedelta(weeks=1)}
    return Declared(makers.mdma(session).id, **{**period, **more})


def holding(session: Session, network: Any, *answers: dict[str, Any], **more: Any) -> Any:
    """Return a released sample sold as MDMA in which a run found something."""
    sample = makers.sample(session, network, makers.mdma(session))
    makers.run(session, network, sample, "gcms", list(answers), **more)
    return makers.released(session, network, sample)


def test_a_spread_has_an_interval_of_its_middle_only_with_samples_enough(
    session: Session, network: Any
) -> None:
    for mg in ("90", "100", "110", "120", "130"):
        product = filed(session, network, mg)
    (few,) = queries.spread(session, product.id)
    assert (few.n, few.median, few.middle.low, few.middle.high) == (5, 110, None, None)
    filed(session, network, "140")
    (enough,) = queries.spread(session, product.id)
    assert (enough.n, enough.median) == (6, 115)
    assert (enough.middle.low, enough.middle.high) == (90, 140)


def test_a_spread_is_told_by_week_and_by_region(session: Session, network: Any) -> None:
    network.counter.area = "Brussels"
    for mg in ("90", "110"):
        product = filed(session, network, mg)
    (spread,) = queries.spread(session, product.id)
    ((week,), (region,)) = spread.by_week(), spread.by_region()
    assert (week.name, week.middle.n, week.low, week.high) == ("2026-W45", 2, 90, 110)
    assert (region.name, region.middle.median) == ("Brussels", 100)


def test_what_is_sold_as_one_thing_is_spread_apart_by_unit_and_salt(
    session: Session, network: Any
) -> None:
    mdma = makers.mdma(session)
    for stated, unit in (("HCl", "mg/unit"), ("base", "mg/unit"), ("HCl", "%")):
        holding(session, network, makers.amount(mdma, "80", expressed_as=stated, unit=unit))
    found = contents.declared_spread(session, network.counsellor, sold_as_mdma(session))
    assert {(one.unit, one.expressed_as, one.n) for one in found} == {
        ("mg/unit", "HCl", 1),
        ("mg/unit", "base", 1),
        ("%", "HCl", 1),
    }
    early = sold_as_mdma(session, until=SEEN - timedelta(days=1))
    assert contents.declared_spread(session, network.counsellor, early) == []


def test_shares_stand_on_findings_and_never_on_what_was_not_analysed(
    session: Session, network: Any
) -> None:
    mdma, pmma = makers.mdma(session), makers.pmma(session)
    for _each in range(3):
        holding(session, network, {"substance": mdma})
    holding(session, network, {"substance": pmma})
    makers.sample(session, network, mdma)
    makers.sample(session, network, mdma, state="not analysed")
    makers.sample(session, network, mdma, state="withdrawn")
    found = matches.matching(session, network.counsellor, sold_as_mdma(session))
    assert (found.handed_in, found.analysed, found.not_analysed, found.counted) == (6, 4, 1, 4)
    shares = dict(zip(matches.MATCHES, found.shares, strict=True))
    assert (shares["as-expected"].count, shares["as-expected"].of) == (3, 4)
    assert shares["other-instead"].share == 0.25
    (month,) = found.months
    assert (month.name, month.handed_in, month.counted) == ("2026-11", 6, 4)


def test_what_was_not_looked_for_is_not_counted_as_absent(session: Session, network: Any) -> None:
    mdma, pmma = makers.mdma(session), makers.pmma(session)
    holding(session, network, {"substance": pmma})
    holding(session, network, {"substance": mdma}, scope=[{"id": "pmma"}])
    holding(session, network, {"substance": mdma}, scope=[{"id": "cocaine"}])
    found = matches.matching(session, network.counsellor, sold_as_mdma(session))
    (one,) = found.unexpected
    assert (one.substance.key, one.share.count, one.share.of) == ("pmma", 1, 2)
    assert found.counted == 3


def test_products_seen_lately_come_with_region_and_newest_content(
    session: Session, network: Any
) -> None:
    network.counter.area = "Brussels"
    strong = filed(session, network, "210")
    filed(session, network, "98")
    weak = filed(session, network, "60", logo="Anchor")
    reader = network.counsellor
    (first, second), total = circulation.circulating(session, reader, Circulating(4))
    assert total == 2 and [first.row.product, second.row.product] == [strong, weak]
    assert (first.samples, first.areas) == (2, (("Brussels", 2),))
    (content,) = first.contents
    assert content.value in (Decimal(210), Decimal(98)) and content.expressed_as == "HCl"

    def count(**chosen: Any) -> int:
        return circulation.circulating(session, reader, Circulating(**chosen))[1]

    assert (count(danger="warning"), count(danger="red")) == (1, 0)
    assert (count(area="Brussels"), count(area="Liège"), count(form="powder")) == (2, 0, 0)
    with clock.stopped_at(NOW + timedelta(weeks=10)):
        assert (count(weeks=4), count(weeks=26)) == (0, 2)


def test_what_leaves_the_house_counts_only_where_the_person_agrees(
    session: Session, network: Any
) -> None:
    filed(session, network, "210", consent_data=True)
    filed(session, network, "98", consent_data=False)
    filed(session, network, "98", logo="Anchor", consent_data=False)
    command = exporting.ExportCirculating(Circulating(4), PASSWORD)
    (one,) = exporting.export_circulating(session, network.coordinator, command)
    assert one.samples == 1 and [each.value for each in one.contents] == [210]
    with pytest.raises(Invalid):
        wrong = exporting.ExportCirculating(Circulating(4), "wrong")
        exporting.export_circulating(session, network.coordinator, wrong)
    for who in ("counsellor", "chemist", "approver", "local_coordinator"):
        with pytest.raises(NotPermitted):
            exporting.export_circulating(session, getattr(network, who), command)
    assert acts_about(session, "product", []) == []


def test_a_cell_that_would_be_a_formula_is_text() -> None:
    made = table([["=1+1", "-2", "a;b", 'say "x"']], ["@a", "b", "c", "d"])
    (head, row) = csv.reader(StringIO(made.decode("utf-8-sig")), delimiter=";")
    assert row == ["'=1+1", "'-2", "a;b", 'say "x"']
    assert harmless("2026-W45") == "2026-W45" and head[1] == "b"
