"""What happened in the demonstration network, told story by story. All of it is invented."""

from __future__ import annotations

from collections.abc import Iterator

from lims.overview.stage import Stage, Story


class Stories:
    """The stories of the demonstration, each a generator of moments."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def all(self) -> Iterator[Story]:
        """Give every story."""
        return iter(())
