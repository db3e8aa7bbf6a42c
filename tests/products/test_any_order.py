"""Merging, splitting, moving and undoing in any order, on both kinds of database."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.foundation import codes
from lims.foundation.database import open_session
from lims.foundation.errors import Refusal
from lims.intake.records import Sample, Visit
from lims.products import queries
from lims.products.filing import file, new_product, refresh
from lims.products.operations import MoveSample, UndoMove, move_sample, undo_move
from lims.products.records import Product, ProductChange, ProductSample
from lims.products.series import (
    MergeProducts,
    SplitProduct,
    UndoChange,
    merge_products,
    split_product,
    undo_change,
)

PLACES = st.integers(0, 1_000)
LOGOS = ("Alpha", "Beta", "Gamma", "Delta")


class Series(RuleBasedStateMachine):
    """Eight samples under four products; every act may be refused, and then changes nothing."""

    engine: Engine
    network: Any

    @initialize()
    def some_products(self) -> None:
        self.session: Session = open_session(self.engine)
        self.samples = [_sample(self.session, self.network, LOGOS[n // 2]) for n in range(8)]
        for first in range(0, 8, 2):
            product = new_product(self.session, self.samples[first])
            for one in self.samples[first : first + 2]:
                file(self.session, one.id, product, "program", "proposed")
            refresh(self.session, product)
        self.begun = self.partition()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    def partition(self) -> dict[uuid.UUID, uuid.UUID]:
        """Return where each sample of this machine is filed now."""
        mine = [one.id for one in self.samples]
        here = ProductSample.current_sample_id
        rows = self.session.execute(select(here, ProductSample.product_id).where(here.in_(mine)))
        return {row[0]: row[1] for row in rows}

    def products(self) -> list[Product]:
        filed = select(ProductSample.product_id).where(
            ProductSample.sample_id.in_([one.id for one in self.samples])
        )
        found = self.session.scalars(select(Product).where(Product.id.in_(filed)))
        return sorted(found, key=lambda one: one.number)

    def changes(self) -> list[ProductChange]:
        mine = [one.id for one in self.products()]
        query = select(ProductChange).where(ProductChange.product_id.in_(mine))
        return sorted(self.session.scalars(query), key=lambda one: one.at)

    def try_to(self, operation: Any, command: Any) -> None:
        before = self.partition()
        nested = self.session.begin_nested()
        try:
            operation(self.session, self.network.coordinator, command)
        except Refusal:
            nested.rollback()
            self.session.expire_all()
            assert self.partition() == before

    @rule(one=PLACES, other=PLACES)
    def merge(self, one: int, other: int) -> None:
        found = self.products()
        gone, into = found[one % len(found)], found[other % len(found)]
        self.try_to(merge_products, MergeProducts(gone.id, into.id, "why"))

    @rule(place=PLACES, picked=st.sets(st.integers(0, 7), min_size=1, max_size=3))
    def split(self, place: int, picked: set[int]) -> None:
        found = self.products()
        product = found[place % len(found)]
        held = [one for one, where in self.partition().items() if where == product.id]
        chosen = tuple({held[n % len(held)] for n in picked}) if held else ()
        self.try_to(split_product, SplitProduct(product.id, chosen, "why"))

    @rule(which=PLACES, place=PLACES)
    def move(self, which: int, place: int) -> None:
        found = [*self.products(), None]
        product = found[place % len(found)]
        wanted = None if product is None else product.id
        self.try_to(move_sample, MoveSample(self.samples[which % 8].id, wanted))

    @rule(which=PLACES)
    def move_back(self, which: int) -> None:
        self.try_to(undo_move, UndoMove(self.samples[which % 8].id))

    @precondition(lambda self: self.changes())
    @rule(which=PLACES)
    def undo(self, which: int) -> None:
        changes = self.changes()
        self.try_to(undo_change, UndoChange(changes[which % len(changes)].id, "why"))

    @invariant()
    def every_sample_is_under_one_product(self) -> None:
        if hasattr(self, "samples"):
            assert set(self.partition()) == {one.id for one in self.samples}

    @invariant()
    def a_number_that_was_taken_over_leads_to_one_that_stands_and_holds_nothing(self) -> None:
        for one in self.products() if hasattr(self, "samples") else ():
            held = select(func.count(ProductSample.id)).where(
                ProductSample.product_id == one.id, ProductSample.current_sample_id.is_not(None)
            )
            count = self.session.scalar(held)
            assert one.samples == count
            stands = queries.standing(self.session, one)
            assert stands.standing_id is None
            assert one.standing_id is None or count == 0
            assert (one.standing_id is None) == (one.merged_into_id is None)


def _sample(session: Session, network: Any, logo: str) -> Sample:
    visit = Visit(site_id=network.counter.id, day=date(2026, 11, 3), registered_by="worker")
    session.add(visit)
    session.flush()
    made = Sample(
        code=codes.new_code(),
        visit_id=visit.id,
        site_id=network.counter.id,
        form="tablet",
        colour="orange",
        sold_as="MDMA",
        logo=logo,
    )
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def machine(engine: Engine, network: Any, session: Session) -> Iterator[type[Series]]:
    session.rollback()
    Series.engine, Series.network = engine, network
    yield Series


def test_in_any_order_no_sample_is_lost_and_each_is_under_one_product(
    machine: type[Series],
) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=15))


def test_mergings_and_splittings_undone_from_the_last_leave_all_as_it_was(
    engine: Engine, network: Any, session: Session
) -> None:
    session.rollback()
    for seed in range(12):
        chance = random.Random(seed)
        machine = Series()
        machine.engine, machine.network = engine, network
        machine.some_products()
        done: list[uuid.UUID] = []
        for _step in range(8):
            known = {one.id for one in machine.changes()}
            if chance.random() < 0.6:
                machine.merge(chance.randrange(1000), chance.randrange(1000))
            else:
                picked = {chance.randrange(8) for _each in range(2)}
                machine.split(chance.randrange(1000), picked)
            done += [one.id for one in machine.changes() if one.id not in known]
        assert done
        for change in reversed(done):
            undo_change(machine.session, network.coordinator, UndoChange(change, "why"))
        assert machine.partition() == machine.begun
        machine.teardown()
