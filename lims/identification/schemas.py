"""From text to the commands of identification, and from rankings and records to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors import machine
from lims.doors.schema import Amount, Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.identification import fusing, operations, unknowns
from lims.identification.operations import LONGEST_WHY, Verdict


class RankSpotSchema(CommandSchema):
    """The candidates for a spot, to be kept."""

    command = operations.RankSpot

    run_id = Identifier(required=True)
    spot_id = Identifier(required=True)
    with_prior = Tick(load_default=True)
    together = Tick()


class RankSampleColoursSchema(CommandSchema):
    """The candidates for the colours of a sample, to be kept."""

    command = operations.RankSampleColours

    run_id = Identifier(required=True)
    sample_id = Identifier(required=True)
    with_prior = Tick(load_default=True)
    together = Tick()


class DecideSchema(CommandSchema):
    """A decision on a kept list."""

    command = operations.Decide

    candidate_list_id = Identifier(required=True)
    verdict = Choice(*Verdict, required=True)
    substance_id = Identifier(load_default=None, allow_none=True)
    why = Text(LONGEST_WHY, load_default="")


class DecideNowSchema(CommandSchema):
    """A decision on what fits now."""

    command = operations.DecideNow

    run_id = Identifier(required=True)
    row_version = Whole(required=True, least=0, most=2**31 - 1)
    sample_id = Identifier(load_default=None, allow_none=True)
    spot_id = Identifier(load_default=None, allow_none=True)
    verdict = Choice(*Verdict, required=True)
    substance_id = Identifier(load_default=None, allow_none=True)
    why = Text(LONGEST_WHY, load_default="")
    with_prior = Tick(load_default=True)
    together = Tick()


class NumberUnknownSchema(CommandSchema):
    """A spot that nothing explains."""

    command = unknowns.NumberUnknown

    run_id = Identifier(required=True)
    sample_id = Identifier(required=True)
    spot_id = Identifier(required=True)
    description = Text(unknowns.LONGEST, load_default="")
    number = Text(20, load_default="")
    row_version = Whole(load_default=None, allow_none=True, least=0, most=2**31 - 1)


class SolveUnknownSchema(CommandSchema):
    """What an unknown turned out to be."""

    command = unknowns.SolveUnknown

    unknown_id = Identifier(required=True)
    substance_id = Identifier(required=True)


class KeepFusionSchema(CommandSchema):
    """All evidence on a sample, to be kept."""

    command = fusing.KeepFusion

    sample_id = Identifier(required=True)
    with_prior = Tick(load_default=True)


class BenchTimeSchema(CommandSchema):
    """How long a protocol takes at one laboratory."""

    command = fusing.RecordBenchTime

    site_id = Identifier(required=True)
    protocol = Text(60, required=True)
    minutes = Amount(required=True)
    why = Text(fusing.LONGEST_WHY, load_default="")


class PreviewOfSchema(ma.Schema):
    """Whether to count what was probable before looking."""

    with_prior = Tick(load_default=True)
    together = Tick()
    spot_id = Identifier(load_default=None, allow_none=True)


class EvidenceOfSchema(ma.Schema):
    """Whether to count what was probable before looking."""

    with_prior = Tick(load_default=True)


class PageOfSchema(ma.Schema):
    """Which page."""

    page = Whole(load_default=1, least=1, most=100_000)


class UnknownsOfSchema(PageOfSchema):
    """Which unknowns."""

    state = Choice("open", "solved", load_default="")
    text = Text(100, load_default="")


class FactSchema(ma.Schema):
    """One piece of evidence: for, against or neutral, in words."""

    stance = fields.Function(lambda pair: pair[0], metadata={"enum": ["pro", "con", "nil"]})
    words = fields.Function(lambda pair: pair[1])


class LineSchema(ma.Schema):
    """One candidate."""

    rank = fields.Integer()
    substance = fields.String(attribute="key")
    substance_id = fields.UUID(allow_none=True)
    name = fields.String()
    posterior = fields.Float()
    likelihood_ratio_to_next = fields.Float(attribute="ratio", allow_none=True)
    facts = fields.List(fields.Nested(FactSchema))


class CardSchema(ma.Schema):
    """What fits one spot or sample; the posterior is not calibrated."""

    sample_id = fields.Function(lambda card: str(card.fit.key[0]))
    spot_id = fields.Function(lambda card: str(card.fit.key[1]) if card.fit.key[1] else None)
    title = fields.String()
    candidates = fields.Method("candidates_of")
    groups = fields.List(fields.String())
    not_assessed = fields.Integer()
    prior_used = fields.Boolean()
    library_version = fields.Function(lambda card: card.fit.library_version)
    algorithm = fields.Function(lambda card: _ranking(card).algorithm if _ranking(card) else None)

    def candidates_of(self, card: Any) -> Any:
        """Return every candidate in its order."""
        lines = sorted([*card.pair, *card.lines, *card.more], key=lambda line: line.rank)
        return LineSchema(many=True).dump(lines)


def _ranking(card: Any) -> Any:
    return card.fit.ranking


class PreviewSchema(ma.Schema):
    """The candidates of a run as it reads now."""

    run_id = fields.UUID()
    row_version = fields.Integer()
    #: why nothing may be concluded on this run
    obstacles = fields.List(fields.String())
    spots = fields.List(fields.Nested(CardSchema))


class CandidateListSchema(ma.Schema):
    """A kept list, with all that it can be computed again from."""

    id = fields.UUID()
    run_id = fields.UUID(allow_none=True)
    sample_id = fields.UUID()
    spot_id = fields.UUID(allow_none=True)
    method = fields.String()
    library_version = fields.Integer()
    algorithm = fields.String()
    parameters = fields.Dict()
    observed = fields.Dict()
    ranked = fields.List(fields.Dict())
    made_at = fields.AwareDateTime()


class DifferenceSchema(ma.Schema):
    """One place where a list comes out otherwise than it was kept."""

    place = fields.String()
    kept = fields.Raw(allow_none=True)
    now = fields.Raw(allow_none=True)


class RecomputedSchema(ma.Schema):
    """A kept list and what computing it again gives."""

    kept = fields.Nested(CandidateListSchema)
    outcome = fields.String(metadata={"enum": ["equal", "different", "not-computed"]})
    words = fields.Function(lambda one: machine.spoken(one.words))
    differences = fields.List(fields.Nested(DifferenceSchema))


class CandidateListPageSchema(ma.Schema):
    """One page of kept lists."""

    items = fields.List(fields.Nested(CandidateListSchema))
    total = fields.Integer()
    page = fields.Integer()


class DecisionSchema(ma.Schema):
    """A decision."""

    id = fields.UUID()
    candidate_list_id = fields.UUID()
    substance_id = fields.UUID(allow_none=True)
    verdict = fields.String()
    why = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class UnknownSchema(ma.Schema):
    """An unknown."""

    id = fields.UUID()
    number = fields.String()
    description = fields.String()
    sample_id = fields.UUID()
    substance_id = fields.UUID(allow_none=True)
    at = fields.AwareDateTime()


class UnknownPageSchema(ma.Schema):
    """One page of unknowns."""

    items = fields.List(fields.Nested(UnknownSchema))
    total = fields.Integer()
    page = fields.Integer()
