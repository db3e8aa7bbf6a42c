"""What the tests of deliveries need everywhere: the reactions of the whole program."""

from __future__ import annotations

import pytest


@pytest.fixture
def connected() -> None:
    """Wire the reactions, as every application and command does when it starts."""
    from lims import wiring

    wiring.connect()
