from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.findings.operations import (
    AmendFinding,
    FindingReleased,
    ReleaseFinding,
    SubmitFinding,
    amend_finding,
    release_finding,
    submit_finding,
)
from lims.foundation import happenings
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.journal.queries import acts_about
from lims.products import queries
from lims.products.operations import (
    ConfirmFiling,
    LinkLookAlikes,
    MoveSample,
    UndoMove,
    confirm_filing,
    file_under_product,
    link_look_alikes,
    move_sample,
    undo_move,
)
from lims.products.queries import ProductFilters
from lims.products.records import Product, ProductSample
from tests.findings import makers


@pytest.fixture(autouse=True)
def wired(session: Session, network: Any) -> Iterator[None]:
    makers.ready(session, network)
    session.commit()
    happenings.connect({FindingReleased: [file_under_product]})
    yield
    happenings.connect({})


def filed(session: Session, network: Any, mg: str = "100", **look: Any) -> tuple[Any, Product]:
    sample = makers.analysed_tablet(session, network, mg, **look)
    makers.released(session, network, sample)
    product = queries.product_of(session, sample.id)
    assert product is not None
    return sample, product


def test_a_released_sample_begins_a_product(session: Session, network: Any) -> None:
    sample, product = filed(session, network, "210")
    assert (product.number, product.form, product.colour, product.logo_folded) == (
        *("P-0001", "tablet", "orange", "buoy"),
    )
    assert (product.danger, product.first_seen) == ("warning", date(2026, 11, 3))
    filing = queries.filing_of(session, sample.id)
    assert filing is not None and (filing.state, filing.by) == ("proposed", "program")
    acts = [one.act for one in acts_about(session, "sample", [sample.id])]
    assert "file under product" in acts


def test_the_same_look_is_proposed_for_the_same_product(session: Session, network: Any) -> None:
    _first, one = filed(session, network, logo="Red Bull")
    _second, same = filed(session, network, logo="RED-BULL")
    _third, other = filed(session, network, logo="Red Bull", colour="blue")
    assert one.id == same.id != other.id


def test_without_a_logo_every_sample_is_a_product_of_its_own(
    session: Session, network: Any
) -> None:
    _first, one = filed(session, network, logo="")
    _second, other = filed(session, network, logo="none")
    assert one.id != other.id


def test_the_same_look_sold_as_something_else_is_a_look_alike_kept_apart(
    session: Session, network: Any
) -> None:
    _sample, one = filed(session, network)
    pmma = makers.pmma(session)
    sample = makers.sample(session, network, pmma)
    makers.run(session, network, sample, "gcms", [{"substance": pmma}])
    makers.released(session, network, sample)
    other = queries.product_of(session, sample.id)
    assert other is not None and other.id != one.id
    assert [row.product.id for row in queries.look_alikes(session, one.id)] == [other.id]
    assert [row.product.id for row in queries.look_alikes(session, other.id)] == [one.id]


def test_the_spread_holds_every_measured_sample(session: Session, network: Any) -> None:
    for mg in ("98", "168", "236", "120"):
        _sample, product = filed(session, network, mg)
    (spread,) = queries.spread(session, product.id)
    assert (spread.substance.key, spread.unit, spread.expressed_as) == ("mdma", "mg/unit", "HCl")
    assert (spread.n, spread.low, spread.median, spread.high) == (4, 98, 144, 236)
    assert [point.uncertainty for point in spread.points] == [6] * 4
    assert product.danger == "warning"


def test_salt_and_base_are_never_mixed_in_one_spread(session: Session, network: Any) -> None:
    mdma = makers.mdma(session)
    for stated in ("HCl", "base"):
        sample = makers.sample(session, network, mdma)
        answer = makers.amount(mdma, "100") | {"expressed_as": stated}
        makers.run(session, network, sample, "gcms", [answer])
        makers.released(session, network, sample)
    product = queries.product_of(session, sample.id)
    assert product is not None
    assert {one.expressed_as for one in queries.spread(session, product.id)} == {"HCl", "base"}


def test_a_correction_changes_the_products_danger_and_no_filing(
    session: Session, network: Any
) -> None:
    sample, product = filed(session, network)
    assert product.danger == "neutral"
    makers.run(session, network, sample, "ftir", [{"substance": makers.pmma(session)}])
    standing = queries.samples_of(session, product.id)[0][0].finding
    assert standing is not None
    second = amend_finding(session, network.chemist, AmendFinding(standing.id, "PMMA seen."))
    submit_finding(session, network.chemist, SubmitFinding(second.id))
    release_finding(session, network.verifier, ReleaseFinding(second.id))
    assert product.danger == "warning"
    assert len(queries.history(session, sample.id)) == 1


def test_moving_ends_a_filing_and_undoing_brings_it_back(session: Session, network: Any) -> None:
    sample, product = filed(session, network, "210")
    other_sample, _same = filed(session, network, "100")
    moved = move_sample(session, network.coordinator, MoveSample(sample.id))
    assert moved.product_id != product.id and moved.state == "confirmed"
    assert (product.danger, queries.product_of(session, other_sample.id)) == ("neutral", product)
    assert [one.ended_at is None for one in queries.history(session, sample.id)] == [True, False]
    undo_move(session, network.coordinator, UndoMove(sample.id))
    assert queries.product_of(session, sample.id) is product and product.danger == "warning"
    assert len(queries.history(session, sample.id)) == 3


def test_a_product_without_samples_is_not_listed(session: Session, network: Any) -> None:
    sample, product = filed(session, network)
    move_sample(session, network.coordinator, MoveSample(sample.id))
    listed, total = queries.products(session, network.counsellor, ProductFilters())
    assert total == 1 and listed[0].product.id != product.id


def test_refusals_of_filing(session: Session, network: Any) -> None:
    sample, product = filed(session, network)
    coordinator = network.coordinator
    confirm_filing(session, coordinator, ConfirmFiling(sample.id))
    with pytest.raises(Refused):
        confirm_filing(session, coordinator, ConfirmFiling(sample.id))
    with pytest.raises(Refused):
        undo_move(session, coordinator, UndoMove(sample.id))
    with pytest.raises(Invalid):
        move_sample(session, coordinator, MoveSample(sample.id, product.id))
    with pytest.raises(NotFound):
        move_sample(session, coordinator, MoveSample(sample.id, uuid.uuid4()))
    with pytest.raises(NotFound):
        confirm_filing(session, coordinator, ConfirmFiling(uuid.uuid4()))
    with pytest.raises(Stale):
        move_sample(session, coordinator, MoveSample(sample.id, None, 99))
    with pytest.raises(Invalid):
        link_look_alikes(session, coordinator, LinkLookAlikes(product.id, product.id))


@pytest.mark.parametrize("who", ["chemist", "verifier", "counsellor", "worker", "approver"])
def test_only_the_coordinator_edits_the_product_database(
    session: Session, network: Any, who: str
) -> None:
    sample, product = filed(session, network)
    actor = getattr(network, who)
    for act, command in (
        (confirm_filing, ConfirmFiling(sample.id)),
        (move_sample, MoveSample(sample.id)),
        (undo_move, UndoMove(sample.id)),
        (link_look_alikes, LinkLookAlikes(product.id, product.id)),
    ):
        with pytest.raises(NotPermitted):
            act(session, actor, command)  # type: ignore[operator]


def test_products_are_found_by_what_they_hold_and_how_they_look(
    session: Session, network: Any
) -> None:
    _sample, buoy = filed(session, network, "210")
    _other, blue = filed(session, network, "100", colour="blue", logo="Anchor")
    reader = network.counsellor

    def found(**filters: str) -> list[Product]:
        rows, _total = queries.products(session, reader, ProductFilters(**filters))
        return [row.product for row in rows]

    assert found(colour="blue") == [blue]
    assert found(logo="bUo") == [buoy]
    assert found(danger="warning") == [buoy]
    assert len(found(substance="mdma", form="tablet")) == 2
    assert found(substance="pmma") == []
    best, total = queries.find_by_look(session, reader, "tablet", "orange", "bouy")
    assert best[0].product is buoy and best[0].likeness is not None
    assert total >= 1


def test_a_list_asks_the_same_number_of_questions_however_long(
    session: Session, network: Any
) -> None:
    def questions() -> int:
        asked: list[str] = []

        def hear(*given: Any) -> None:
            asked.append(given[2])

        session.expire_all()
        event.listen(session.get_bind(), "before_cursor_execute", hear)
        queries.products(session, network.counsellor, ProductFilters())
        queries.find_by_look(session, network.counsellor, "tablet", "orange", "buoy")
        event.remove(session.get_bind(), "before_cursor_execute", hear)
        return len(asked)

    filed(session, network, logo="one")
    few = questions()
    for name in ("two", "three", "four"):
        filed(session, network, logo=name)
    assert session.query(ProductSample).count() == 4
    assert questions() == few
