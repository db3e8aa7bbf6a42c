from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.findings.operations import FindingReleased
from lims.foundation import happenings
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.journal.queries import acts_about
from lims.products import queries
from lims.products.linking import UnlinkLookAlikes, unlink_look_alikes
from lims.products.operations import (
    LinkLookAlikes,
    MoveSample,
    UndoMove,
    file_under_product,
    link_look_alikes,
    move_sample,
    undo_move,
)
from lims.products.records import LookAlike, Product, ProductSubstance
from lims.products.series import (
    MergeProducts,
    SplitProduct,
    UndoChange,
    merge_products,
    split_product,
    undo_change,
)
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


def under(session: Session, product: Product) -> set[uuid.UUID]:
    rows, _total = queries.samples_of(session, product.id, size=500)
    return {row.sample.id for row in rows}


def merge(session: Session, network: Any, gone: Product, into: Product) -> Any:
    command = MergeProducts(gone.id, into.id, "The same press.")
    return merge_products(session, network.coordinator, command)


def split(session: Session, network: Any, product: Product, *samples: Any) -> Any:
    chosen = tuple(one.id for one in samples)
    command = SplitProduct(product.id, chosen, "Another make: darker, thicker.")
    return split_product(session, network.coordinator, command)


def undo(session: Session, network: Any, change: Any) -> Any:
    return undo_change(session, network.coordinator, UndoChange(change.id, "It was not so."))


def test_a_merged_product_leaves_its_samples_and_its_number_to_the_other(
    session: Session, network: Any
) -> None:
    one, red = filed(session, network, "210", logo="Red Bull")
    two, bull = filed(session, network, "98", logo="Taureau")
    change = merge(session, network, bull, red)
    assert under(session, red) == {one.id, two.id} and under(session, bull) == set()
    assert (red.samples, bull.samples, red.danger) == (2, 0, "warning")
    assert queries.standing(session, bull) is red
    listed, _n = queries.products(
        session, network.counsellor, queries.ProductFilters(number=bull.number.lower())
    )
    assert [row.product for row in listed] == [red]
    acts = acts_about(session, "product", [red.id])
    assert [one.detail["reason"] for one in acts if one.act == "merge products"] == [
        "The same press."
    ]
    assert "merge products" in [one.act for one in acts_about(session, "sample", [two.id])]
    assert change.samples == 1


def test_what_looks_like_a_merged_product_is_filed_where_that_one_went(
    session: Session, network: Any
) -> None:
    _one, red = filed(session, network, logo="Red Bull")
    _two, bull = filed(session, network, logo="Taureau")
    merge(session, network, bull, red)
    _three, found = filed(session, network, logo="Taureau")
    assert found is red and red.samples == 3


def test_undoing_a_merge_brings_back_those_samples_and_no_other(
    session: Session, network: Any
) -> None:
    one, red = filed(session, network, logo="Red Bull")
    two, bull = filed(session, network, logo="Taureau")
    three, _same = filed(session, network, logo="Taureau")
    change = merge(session, network, bull, red)
    four, _new = filed(session, network, logo="Taureau")
    move_sample(session, network.coordinator, MoveSample(three.id))
    undo(session, network, change)
    assert under(session, bull) == {two.id}
    assert under(session, red) == {one.id, four.id}
    assert queries.standing(session, bull) is bull
    assert (change.undone_by, change.undone_why) == ("coordinator", "It was not so.")


def test_a_chain_of_mergings_is_undone_from_its_end(session: Session, network: Any) -> None:
    _one, a = filed(session, network, logo="Alpha")
    _two, b = filed(session, network, logo="Beta")
    _three, c = filed(session, network, logo="Gamma")
    first, second = merge(session, network, a, b), merge(session, network, b, c)
    assert queries.standing(session, a) is queries.standing(session, b) is c
    assert {
        one.id
        for one in session.scalars(select(Product).where(Product.id.in_(queries.known_as(c.id))))
    } == {a.id, b.id, c.id}
    with pytest.raises(Refused, match="Undo that first"):
        undo(session, network, first)
    undo(session, network, second)
    assert queries.standing(session, a) is b and queries.standing(session, b) is b
    undo(session, network, first)
    assert [one.samples for one in (a, b, c)] == [1, 1, 1]


def test_chosen_samples_become_a_product_of_their_own_and_a_look_alike(
    session: Session, network: Any
) -> None:
    one, red = filed(session, network, "98")
    two, _same = filed(session, network, "236", thickness_mm=5)
    change = split(session, network, red, two)
    new = queries.product_of(session, two.id)
    assert new is not None and new.id == change.other_id != red.id
    assert (under(session, red), under(session, new)) == ({one.id}, {two.id})
    assert (new.thickness_mm, red.danger, new.danger) == (5, "neutral", "warning")
    assert [row.product for row in queries.look_alikes(session, red.id)] == [new]
    undo(session, network, change)
    assert under(session, red) == {one.id, two.id} and new.samples == 0
    assert queries.standing(session, new) is red
    assert queries.look_alikes(session, red.id) == []


def test_what_was_proposed_is_proposed_again_after_undoing(session: Session, network: Any) -> None:
    _one, red = filed(session, network)
    two, _same = filed(session, network)
    change = split(session, network, red, two)
    standing = queries.filing_of(session, two.id)
    assert standing is not None and standing.state == "confirmed"
    undo(session, network, change)
    standing = queries.filing_of(session, two.id)
    assert standing is not None and standing.state == "proposed"


def test_a_sample_is_not_put_back_under_a_product_that_was_taken_over(
    session: Session, network: Any
) -> None:
    _one, red = filed(session, network, logo="Red Bull")
    two, bull = filed(session, network, logo="Taureau")
    three, _same = filed(session, network, logo="Taureau")
    move_sample(session, network.coordinator, MoveSample(three.id))
    merge(session, network, bull, red)
    with pytest.raises(Refused):
        undo_move(session, network.coordinator, UndoMove(two.id))
    undo_move(session, network.coordinator, UndoMove(three.id))
    assert queries.product_of(session, three.id) is red
    with pytest.raises(Refused, match="taken over"):
        move_sample(session, network.coordinator, MoveSample(three.id, bull.id))


def test_refusals_of_merging_splitting_and_undoing(session: Session, network: Any) -> None:
    one, red = filed(session, network, logo="Red Bull")
    two, bull = filed(session, network, logo="Taureau")
    _three, powder = filed(session, network, form="powder", logo="Taureau")
    who = network.coordinator
    stays, other = uuid.uuid4(), (uuid.uuid4(),)
    for wrong in (
        MergeProducts(red.id, red.id, "why"),
        MergeProducts(red.id, bull.id, "  "),
        MergeProducts(red.id, bull.id, "x" * 401),
        MergeProducts(red.id, bull.id, "Ask jan@example.org"),
        MergeProducts(red.id, powder.id, "why"),
    ):
        with pytest.raises(Invalid):
            merge_products(session, who, wrong)
    for empty in ((), other, (two.id,), (one.id,)):
        with pytest.raises(Invalid):
            split_product(session, who, SplitProduct(red.id, empty, "why"))
    with pytest.raises(Stale):
        merge_products(session, who, MergeProducts(red.id, bull.id, "why", 99))
    with pytest.raises(Stale):
        split_product(session, who, SplitProduct(red.id, (one.id,), "why", 99))
    for missing in (MergeProducts(stays, red.id, "why"), MergeProducts(red.id, stays, "why")):
        with pytest.raises(NotFound):
            merge_products(session, who, missing)
    with pytest.raises(NotFound):
        undo_change(session, who, UndoChange(stays, "why"))
    change = merge(session, network, bull, red)
    for wrong in (MergeProducts(bull.id, red.id, "why"), MergeProducts(red.id, bull.id, "why")):
        with pytest.raises(Refused, match="was taken over by"):
            merge_products(session, who, wrong)
    with pytest.raises(Refused):
        split_product(session, who, SplitProduct(bull.id, (two.id,), "why"))
    undo(session, network, change)
    with pytest.raises(Refused, match="undone already"):
        undo(session, network, change)


@pytest.mark.parametrize("who", ["chemist", "verifier", "counsellor", "worker", "approver"])
def test_only_the_coordinator_merges_splits_and_unlinks(
    session: Session, network: Any, who: str
) -> None:
    sample, red = filed(session, network)
    actor = getattr(network, who)
    for act, command in (
        (merge_products, MergeProducts(red.id, red.id, "why")),
        (split_product, SplitProduct(red.id, (sample.id,), "why")),
        (undo_change, UndoChange(red.id, "why")),
        (unlink_look_alikes, UnlinkLookAlikes(red.id, red.id, "why")),
    ):
        with pytest.raises(NotPermitted):
            act(session, actor, command)  # type: ignore[operator]


def test_a_link_of_look_alikes_is_taken_away_with_a_reason_and_can_come_back(
    session: Session, network: Any
) -> None:
    _one, red = filed(session, network, logo="Red Bull")
    _two, bull = filed(session, network, logo="Taureau")
    who = network.coordinator
    with pytest.raises(NotFound):
        unlink_look_alikes(session, who, UnlinkLookAlikes(red.id, bull.id, "Not alike."))
    link_look_alikes(session, who, LinkLookAlikes(red.id, bull.id))
    with pytest.raises(Invalid):
        unlink_look_alikes(session, who, UnlinkLookAlikes(red.id, bull.id, ""))
    unlink_look_alikes(session, who, UnlinkLookAlikes(bull.id, red.id, "Not alike."))
    assert queries.look_alikes(session, red.id) == queries.look_alikes(session, bull.id) == []
    link = session.scalars(select(LookAlike)).one()
    assert (link.ended_by, link.ended_why) == ("coordinator", "Not alike.")
    link_look_alikes(session, who, LinkLookAlikes(red.id, bull.id))
    assert [row.product for row in queries.look_alikes(session, red.id)] == [bull]


def test_the_look_alikes_of_a_merged_product_are_those_of_the_one_that_took_it_over(
    session: Session, network: Any
) -> None:
    _one, red = filed(session, network, logo="Red Bull")
    _two, bull = filed(session, network, logo="Taureau")
    _three, cow = filed(session, network, logo="Vache")
    who = network.coordinator
    link_look_alikes(session, who, LinkLookAlikes(bull.id, cow.id))
    link_look_alikes(session, who, LinkLookAlikes(bull.id, red.id))
    merge(session, network, bull, red)
    assert [row.product for row in queries.look_alikes(session, red.id)] == [cow]
    assert [row.product for row in queries.look_alikes(session, cow.id)] == [red]
    unlink_look_alikes(session, who, UnlinkLookAlikes(red.id, cow.id, "Not alike."))
    assert queries.look_alikes(session, cow.id) == []


def test_a_product_tells_in_how_many_of_its_samples_a_substance_was_found(
    session: Session, network: Any
) -> None:
    _one, red = filed(session, network)
    two, _same = filed(session, network)
    held = select(func.max(ProductSubstance.samples)).where(ProductSubstance.product_id == red.id)
    assert session.scalar(held) == 2
    split(session, network, red, two)
    assert session.scalar(held) == 1
