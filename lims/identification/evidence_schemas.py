"""All evidence on a sample as JSON: techniques, lines, disagreements, certainty, next tests."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount


class EvidenceRunSchema(ma.Schema):
    """A run that speaks."""

    id = fields.UUID()
    number = fields.String()
    verified = fields.Boolean()


class TechniqueSchema(ma.Schema):
    """What one technique says, and where its weight comes from."""

    technique = fields.String()
    label = fields.String()
    runs = fields.List(fields.Nested(EvidenceRunSchema))
    lists = fields.List(fields.UUID())
    basis = fields.String(metadata={"enum": ["calibrated", "default", "neutral"]})
    basis_words = fields.String()
    most = fields.Float(allow_none=True)
    named = fields.List(fields.String())
    alike = fields.List(fields.String())
    accepted = fields.Boolean()
    fits_nothing = fields.Boolean()
    verified = fields.Boolean()


class ContributionSchema(ma.Schema):
    """What one technique adds for one substance: a natural log-likelihood ratio."""

    technique = fields.String()
    basis = fields.String()
    llr = fields.Float()
    stance = fields.String(metadata={"enum": ["for", "against", "neutral"]})
    words = fields.String()


class FusedLineSchema(ma.Schema):
    """One candidate, or none of the library."""

    rank = fields.Integer()
    substance = fields.String()
    name = fields.String()
    is_none = fields.Boolean()
    llr = fields.Float()
    words = fields.String()
    prior = fields.Float()
    posterior = fields.Float()
    contributions = fields.List(fields.Nested(ContributionSchema))


class DisagreementSchema(ma.Schema):
    """Two techniques that do not say the same."""

    one = fields.String()
    other = fields.String()
    kind = fields.String(metadata={"enum": ["against", "another", "nothing"]})
    names = fields.List(fields.String())
    others = fields.List(fields.String())
    words = fields.String()


class CertaintySchema(ma.Schema):
    """How sure a finding would be now, and when what stands is accepted and verified."""

    substance = fields.String()
    name = fields.String()
    now = fields.String(allow_none=True)
    then = fields.String()
    reason = fields.List(fields.String())


class CriterionSchema(ma.Schema):
    """A criterion of another network for a second laboratory, met here; context only."""

    rule = fields.String()
    words = fields.String()
    jurisdiction = fields.String()
    source = fields.String()


class NextTestSchema(ma.Schema):
    """A test, the bits that it is expected to bring, its bench time."""

    key = fields.String()
    technique = fields.String()
    protocol = fields.String()
    title = fields.String()
    bits = fields.Float()
    minutes = Amount(allow_none=True)
    minutes_by = fields.String(metadata={"enum": ["", "protocol", "laboratory"]})
    bits_per_minute = fields.Float(allow_none=True)
    words = fields.String()
    reason = fields.String()


class EvidenceSchema(ma.Schema):
    """All evidence on a sample."""

    sample_id = fields.UUID()
    code = fields.String()
    library_version = fields.Integer()
    prior_used = fields.Boolean()
    #: first by the evidence alone, and first on the list; empty when they are the same
    moved_by_prior = fields.List(fields.String())
    techniques = fields.List(fields.Nested(TechniqueSchema))
    lines = fields.List(fields.Nested(FusedLineSchema))
    more = fields.List(fields.Nested(FusedLineSchema))
    disagreements = fields.List(fields.Nested(DisagreementSchema))
    certainty = fields.List(fields.Nested(CertaintySchema))
    second_laboratory = fields.List(fields.Nested(CriterionSchema))
    next_tests = fields.List(fields.Nested(NextTestSchema))
    unranked = fields.List(fields.String())


class BenchTimeShownSchema(ma.Schema):
    """A bench time of a laboratory."""

    id = fields.UUID()
    site_id = fields.UUID()
    protocol = fields.String()
    minutes = Amount()
    why = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class ProtocolTimeSchema(ma.Schema):
    """How long a protocol takes, as stated and as timed."""

    protocol = fields.Function(lambda one: one.protocol.name)
    stated = Amount(allow_none=True)
    own = fields.Nested(BenchTimeShownSchema, allow_none=True)
