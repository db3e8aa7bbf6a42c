"""From text to the commands about spectra and their candidates; candidates as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors import machine
from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Whole
from lims.identification import unknowns
from lims.identification.deciding import LONGEST_WHY, Verdict
from lims.identification.mixture_fits import MixtureFits
from lims.identification.spectrum_deciding import (
    MOST_ACCEPTED,
    SEARCH,
    SPECTRAL,
    DecideOnSpectrum,
    KeepFits,
)
from lims.identification.spectrum_fits import SpectrumFits


class MethodSchema(CommandSchema):
    """How a spectrum is looked at: searched as one substance, or resolved as a mixture."""

    method = Choice(*SPECTRAL, load_default=SEARCH)


class DecideOnSpectrumSchema(CommandSchema):
    """A decision on what fits a spectrum now."""

    row_version = Whole(required=True, least=0, most=2**31 - 1)
    verdict = Choice(*Verdict, required=True)
    reference_ids = fields.List(
        Identifier(), load_default=list, validate=ma.validate.Length(max=MOST_ACCEPTED)
    )
    why = Text(LONGEST_WHY, load_default="")
    method = Choice(*SPECTRAL, load_default=SEARCH)


class NumberSpectrumSchema(CommandSchema):
    """A spectrum that nothing of the library explains."""

    command = unknowns.NumberSpectrum

    spectrum_id = Identifier(required=True)
    row_version = Whole(required=True, least=0, most=2**31 - 1)
    description = Text(unknowns.LONGEST, load_default="")
    number = Text(20, load_default="")


class NumberAsUnknownSchema(CommandSchema):
    """What was seen of something that no method names, or the number it was given before."""

    row_version = Whole(required=True, least=0, most=2**31 - 1)
    description = Text(unknowns.LONGEST, load_default="")
    number = Text(20, load_default="")


def decision_of(spectrum_id: uuid.UUID, folder: Path, told: Mapping[str, Any]) -> DecideOnSpectrum:
    """Return the command that decides on what fits a spectrum."""
    given = {**told, "reference_ids": tuple(one for one in told["reference_ids"] if one)}
    return DecideOnSpectrum(spectrum_id=spectrum_id, folder=folder, **given)


def keeping_of(spectrum_id: uuid.UUID, folder: Path, told: Mapping[str, Any]) -> KeepFits:
    """Return the command that keeps what fits a spectrum."""
    return KeepFits(spectrum_id, folder, told["method"] or SEARCH)


class SpokenFactSchema(ma.Schema):
    """One piece of evidence: pro, con or nil, in words."""

    stance = fields.Function(lambda pair: pair[0], metadata={"enum": ["pro", "con", "nil"]})
    words = fields.Function(lambda pair: machine.spoken(pair[1]))


class SpectrumCandidateSchema(ma.Schema):
    """One reference that fits."""

    rank = fields.Integer()
    reference_id = fields.UUID(attribute="reference.id")
    substance = fields.String(attribute="substance_key")
    substance_id = fields.UUID(attribute="reference.substance_id", allow_none=True)
    name = fields.String(attribute="reference.name")
    form = fields.String(attribute="reference.form")
    score = fields.Integer()
    gap = fields.Integer(allow_none=True)
    library = fields.String(attribute="reference.library.name")
    licence = fields.String(attribute="reference.library.licence")
    facts = fields.List(fields.Nested(SpokenFactSchema))


class ComponentSchema(ma.Schema):
    """One component of a mixture; the fraction is a part of the spectrum, semi-quantitative."""

    rank = fields.Integer()
    reference_id = fields.UUID(attribute="reference.id")
    substance = fields.Function(lambda one: one.row()["substance"])
    substance_id = fields.UUID(attribute="reference.substance_id", allow_none=True)
    name = fields.String(attribute="reference.name")
    fraction = fields.Float()
    standard_error = fields.Float(attribute="error")
    library = fields.String(attribute="reference.library.name")
    licence = fields.String(attribute="reference.library.licence")


def fits_document(found: SpectrumFits | MixtureFits) -> dict[str, Any]:
    """Return what fits a spectrum as JSON: candidates, or components and what is left over."""
    document: dict[str, Any] = {
        "spectrum_id": str(found.measured.id),
        "row_version": found.run.row_version,
        "library_version": found.library_version,
        "searched": found.searched,
        "algorithm": found.algorithm,
        "none_fits": found.none_fits,
        "refusal": machine.spoken(found.refusal) if found.refusal else None,
    }
    if isinstance(found, MixtureFits):
        document["components"] = ComponentSchema(many=True).dump(found.parts)
        document["words"] = [machine.spoken(one) for one in found.words]
        document["unexplained"] = found.mixture.unexplained if found.mixture else None
        return document
    document["least_score"] = found.least
    document["candidates"] = SpectrumCandidateSchema(many=True).dump(found.candidates)
    document["not_told_apart"] = [str(one.reference.id) for one in found.alike]
    document["words"] = [machine.spoken(one) for one in found.cautions]
    return document


class FitsSchema(ma.Schema):
    """What fits a spectrum now."""

    spectrum_id = fields.UUID()
    row_version = fields.Integer()
    library_version = fields.Integer()
    searched = fields.Integer()
    algorithm = fields.String()
    none_fits = fields.Boolean()
    refusal = fields.String(allow_none=True)
    least_score = fields.Integer()
    candidates = fields.List(fields.Dict())
    not_told_apart = fields.List(fields.String())
    components = fields.List(fields.Dict())
    unexplained = fields.Float(allow_none=True)
    words = fields.List(fields.String())


class ResemblanceSchema(ma.Schema):
    """An open unknown that a spectrum looks like."""

    number = fields.String(attribute="unknown.number")
    description = fields.String(attribute="unknown.description")
    score = fields.Integer()


class UnknownSightingSchema(ma.Schema):
    """One run that met an unknown in one sample."""

    sample_id = fields.UUID(attribute="sample.id")
    code = fields.String(attribute="sample.code")
    run = fields.String(attribute="run.number")
    run_id = fields.UUID(attribute="run.id")
    spot = fields.String()
    spectra = fields.Function(lambda one: [str(each.id) for each in one.spectra])
    ions = fields.Function(lambda one: [each.ions for each in one.spectra if each.ions])


class FollowedSchema(ma.Schema):
    """An unknown with where it was met, the newest first."""

    id = fields.UUID(attribute="unknown.id")
    number = fields.String(attribute="unknown.number")
    description = fields.String(attribute="unknown.description")
    substance_id = fields.UUID(attribute="unknown.substance_id", allow_none=True)
    samples = fields.Integer()
    sightings = fields.List(fields.Nested(UnknownSightingSchema))
