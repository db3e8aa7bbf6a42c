"""A fusion as plain values that JSON can hold: its lines, and what it is computed again from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lims.identification.fusion import Fused, Parameters, Statement, fuse
from lims.identification.rules import Prior


def fused_document(fused: Fused) -> list[dict[str, Any]]:
    """Return the lines as a kept list holds them."""
    bases = [(one.technique, one.basis.value) for one in fused.techniques]
    return [
        {
            "rank": line.rank,
            "substance": line.substance,
            "llr": line.llr,
            "log_prior": line.log_prior,
            "posterior": line.posterior,
            "contributions": [
                {"technique": technique, "basis": basis, "llr": value}
                for (technique, basis), value in zip(bases, line.contributions, strict=True)
            ],
        }
        for line in fused.lines
    ]


def question_document(statements: Sequence[Statement], prior: Prior) -> dict[str, Any]:
    """Return what a fusion stands on, as plain values that JSON can hold."""
    return {
        "statements": [asdict(one) for one in statements],
        "counts": dict(prior.counts),
        "declared": sorted(prior.declared),
        "prior_used": prior.used,
    }


def fuse_document(observed: Mapping[str, Any], parameters: Mapping[str, Any]) -> Fused:
    """Return a fusion computed again from what was kept with it."""
    lists = ("runs", "named", "alike", "slight", "denied")
    statements = [
        Statement(**{**one, **{key: tuple(one[key]) for key in lists}})
        for one in observed["statements"]
    ]
    prior = Prior(observed["counts"], frozenset(observed["declared"]), observed["prior_used"])
    return fuse(statements, prior, Parameters(**parameters))
