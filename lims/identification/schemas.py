"""From text to the decisions on candidates, and from rankings to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Whole, YesNo
from lims.foundation.words import Message, say
from lims.identification.operations import VERDICTS
from lims.identification.queries import Ranked


class DecideSchema(CommandSchema):
    """A decision on a spot, or on the colour tests of a sample."""

    row_version = Whole(required=True)
    verdict = Choice(*VERDICTS, required=True)
    spot_id = Identifier(load_default=None, allow_none=True)
    sample_id = Identifier(load_default=None, allow_none=True)
    substance = Text(80, load_default="")
    why = Text(400, load_default="")
    use_prior = YesNo(load_default=True)


class NumberUnknownSchema(CommandSchema):
    """A spot that fits nothing."""

    row_version = Whole(required=True)
    spot_id = Identifier(required=True)
    description = Text(400, load_default="")


class SolveUnknownSchema(CommandSchema):
    """What an unknown turned out to be."""

    substance = Text(120, required=True)


class PriorSchema(ma.Schema):
    """Whether the prior counts; it is always shown."""

    prior = YesNo(load_default=True)


class PageSchema(ma.Schema):
    """Which part of the answer."""

    page = Whole(least=1, most=100_000, load_default=1)


class TermSchema(ma.Schema):
    """One piece of evidence."""

    kind = fields.String()
    about = fields.String()
    log_ratio = fields.Float()
    stance = fields.String()
    fact = fields.String()


class CandidateSchema(ma.Schema):
    """A candidate with its evidence; posterior is not calibrated."""

    rank = fields.Integer()
    substance = fields.String()
    posterior = fields.Float()
    likelihood_ratio = fields.Float(allow_none=True)
    log_prior = fields.Float()
    loglik = fields.Float()
    evidence = fields.List(fields.Nested(TermSchema))


class RankingSchema(ma.Schema):
    """The ranking of one spot."""

    spot_id = fields.UUID(allow_none=True)
    spot = fields.String()
    sample_id = fields.UUID()
    algorithm = fields.String()
    library = fields.String()
    prior_used = fields.Boolean()
    demonstration_values = fields.Boolean()
    candidates = fields.List(fields.Nested(CandidateSchema))
    groups = fields.List(fields.List(fields.String()))
    not_assessed = fields.List(fields.String())


class DecisionSchema(ma.Schema):
    """A decision as JSON."""

    id = fields.UUID()
    candidate_list_id = fields.UUID()
    substance_id = fields.UUID(allow_none=True)
    verdict = fields.String()
    why = fields.String()
    by = fields.String()
    at = fields.DateTime()


class UnknownSchema(ma.Schema):
    """A numbered unknown as JSON."""

    id = fields.UUID()
    number = fields.String()
    description = fields.String()
    sample_id = fields.UUID()
    substance_id = fields.UUID(allow_none=True)
    at = fields.DateTime()


class UnknownsSchema(ma.Schema):
    """One page of unknowns."""

    total = fields.Integer()
    unknowns = fields.List(fields.Nested(UnknownSchema))


def ranking_of(ranked: Ranked, language: str) -> Mapping[str, Any]:
    """Return a ranking as plain values, its facts said in a language."""
    ranking = ranked.ranking
    return {
        "spot_id": ranked.seen.spot.id if ranked.seen else None,
        "spot": ranked.label,
        "sample_id": ranked.sample.id,
        "algorithm": ranking.algorithm,
        "library": ranking.library,
        "prior_used": ranking.prior_used,
        "demonstration_values": ranked.knowledge.demonstration,
        "groups": ranking.groups,
        "not_assessed": ranking.not_assessed,
        "candidates": [
            {
                "rank": one.rank,
                "substance": one.substance,
                "posterior": one.posterior,
                "likelihood_ratio": one.likelihood_ratio,
                "log_prior": one.log_prior,
                "loglik": one.loglik,
                "evidence": [
                    {
                        "kind": term.kind,
                        "about": term.about,
                        "log_ratio": term.log_ratio,
                        "stance": term.stance,
                        "fact": _said(term.fact, language),
                    }
                    for term in one.evidence
                ],
            }
            for one in ranking.candidates
        ],
    }


def _said(fact: Message, language: str) -> str:
    return say(fact, language)
