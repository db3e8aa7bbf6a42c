"""Which code a sample gets when nobody typed or scanned one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lims.foundation.database import open_session
from lims.intake import operations as intake
from lims.intake.records import Sample, SampleCode, SampleCodeBlock
from tests.makers import Network, load_vocabularies, make_block, make_samples, told_sample


@pytest.fixture
def blocks(session: Session, network: Network) -> list[SampleCodeBlock]:
    """Give the counter two blocks of two codes each."""
    load_vocabularies(session)
    made = [make_block(session, network, 2), make_block(session, network, 2)]
    session.commit()
    return made


def codes_of(session: Session, block: SampleCodeBlock) -> list[str]:
    query = select(SampleCode.code).where(SampleCode.block_id == block.id)
    return sorted(session.scalars(query))


def taken(samples: Sequence[Sample]) -> list[str]:
    return [sample.code for sample in samples]


def test_codes_are_taken_in_their_order_from_the_oldest_block_first(
    session: Session, network: Network, blocks: list[SampleCodeBlock]
) -> None:
    made = make_samples(session, network, told_sample(), told_sample(), told_sample())
    older, newer = (codes_of(session, block) for block in blocks)
    assert taken(made) == [*older, newer[0]]


def test_a_block_of_which_only_labels_on_a_pad_are_left_waits_for_the_next(
    session: Session, network: Network, blocks: list[SampleCodeBlock]
) -> None:
    command = intake.PrintBlock(blocks[0].number, "a4-3x8")
    intake.print_blank_labels(session, network.worker, command)
    made = make_samples(session, network, *(told_sample() for _number in range(3)))
    on_the_pad, free = (codes_of(session, block) for block in blocks)
    assert taken(made) == [*free, on_the_pad[0]]


def test_codes_that_somebody_else_takes_at_this_moment_do_not_stop_a_registration(
    session: Session, engine: Engine, network: Network, blocks: list[SampleCodeBlock]
) -> None:
    if engine.dialect.name == "sqlite":
        return  # one writer at a time: nobody else takes a code meanwhile
    with open_session(engine) as other:
        held = select(SampleCode).where(SampleCode.block_id == blocks[0].id).with_for_update()
        assert len(other.scalars(held).all()) == 2
        (made,) = make_samples(session, network, told_sample())
        other.rollback()
    assert made.code == codes_of(session, blocks[1])[0]
