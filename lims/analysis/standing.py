"""How a run stands for one person: the steps of its protocol, its words, what may be done."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lims.analysis import queries
from lims.analysis.answers import scope_of
from lims.analysis.records import Run
from lims.analysis.states import KIND_WORDS, RunState
from lims.foundation.actors import Actor
from lims.library import queries as library
from lims.network.rules import Permission
from lims.protocols.readable import read
from lims.protocols.techniques import technique_words
from lims.quality.competences import Trained, training_of


def about_run(session: Session, actor: Actor, found: Run, tongue: str) -> dict[str, Any]:
    """Return what every page of a run shows: protocol steps, answers, what may be done."""
    own = found.analyst == actor.account
    waits = found.state == RunState.TO_VERIFY
    return {
        "run": found,
        "steps": read(found.protocol.document, tongue, {}).steps,
        "technique_words": technique_words,
        "kind_words": KIND_WORDS,
        "group_words": group_words(session, found, tongue),
        "untrained": not queries.is_competence_kept(session, found.protocol.name, found.site_id),
        "retests": queries.retests(session, found.id),
        "may_submit": own and found.state == RunState.RECORDED,
        "may_verify": waits and actor.may(Permission.VERIFY, found.site_id),
        "may_withdraw": own and (waits or found.state == RunState.RECORDED),
        "may_retest": actor.may(Permission.ANALYSE, found.site_id)
        and found.state in (RunState.TO_VERIFY, RunState.VERIFIED, RunState.RECORDED),
        "own": own,
        "waits": waits,
        "trainings": _trainings(session, actor, found) if waits else [],
    }


def _trainings(session: Session, actor: Actor, found: Run) -> list[Trained]:
    """Return how the analyst and the person who looks are trained on a run's protocol."""
    accounts = dict.fromkeys((found.analyst, actor.account))
    known = (training_of(session, account, found.protocol.name) for account in accounts)
    return [one for one in known if one is not None]


def group_words(session: Session, found: Run, tongue: str) -> dict[str, str]:
    """Return the names of the groups that a run's protocol looks for."""
    return {
        one.key: library.term_label(session, "structural_group", one.key, tongue)
        for one in scope_of(found.protocol.document)
        if one.is_group
    }
