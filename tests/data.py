"""The public development data that stands beside a developer's checkout, never inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
BESIDE = "shared/data"


def shared_data(*parts: str) -> Path:
    """Return a file or folder of the development data, or skip the test where it is absent."""
    # A second worktree of the same checkout stands one folder deeper.
    for place in (CHECKOUT.parent, CHECKOUT.parent.parent):
        found = place.joinpath(BESIDE, *parts)
        if found.exists():
            return found
    pytest.skip(f"needs ../{BESIDE}/{'/'.join(parts)}, which is not beside this checkout")
