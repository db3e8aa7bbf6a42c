"""What happened, told upward: a feature announces, `wiring` alone says who reacts.

Reactions run at once, in the same transaction, in the order of the wiring list. Not a bus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor

Reaction = Callable[[Session, Actor, Any], None]
_reactions: dict[type, tuple[Reaction, ...]] = {}


def connect(reactions: Mapping[type, Sequence[Reaction]]) -> None:
    """Set the list of reactions; called by `wiring` when an application starts."""
    _reactions.clear()
    _reactions.update({kind: tuple(listed) for kind, listed in reactions.items()})


def announce(session: Session, actor: Actor, happening: object) -> None:
    """Tell everybody who is wired to this happening."""
    for reaction in _reactions.get(type(happening), ()):
        reaction(session, actor, happening)
