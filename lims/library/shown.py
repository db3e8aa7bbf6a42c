"""The records of the library as JSON: substances, references, bottles, systems."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount
from lims.library import masses, seeds
from lims.library.discrimination import Separation
from lims.library.records import Substance
from lims.library.systems import System


class SubstanceSchema(ma.Schema):
    """A substance as JSON."""

    id = fields.UUID()
    key = fields.String()
    name_en = fields.String()
    name_fr = fields.String()
    name_nl = fields.String()
    chemical_class = fields.String()
    role = fields.String()
    smiles = fields.String()
    inchikey = fields.String()
    cas = fields.String()
    formula = fields.String()
    monoisotopic_mass = Amount()
    salts = fields.List(fields.String())
    salt_factor_hcl = Amount()
    late_onset = fields.Boolean()
    always_alert = fields.Boolean()
    groups = fields.List(fields.String())
    structure_status = fields.String()
    #: mass, groups and drawing are not to be relied on yet
    is_marked = fields.Boolean(data_key="marked")
    source = fields.String()
    added_by = fields.String()


class SubstancePageSchema(ma.Schema):
    """Part of a list of substances."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(SubstanceSchema))
    similarity = fields.Dict(keys=fields.UUID(), values=fields.Float())


class ColourReferenceSchema(ma.Schema):
    """Colours with a reagent; ">" orders them in time, "/" gives alternatives."""

    reagent = fields.String()
    colours = fields.String()
    agreement = fields.String()
    source = fields.String()


class CitedRetentionSchema(ma.Schema):
    """A cited retention."""

    system = fields.String()
    hrf = Amount()
    source = fields.String()


class MeasuredRetentionSchema(ma.Schema):
    """What a laboratory measured under a protocol version."""

    protocol = fields.String()
    site = fields.String()
    n = fields.Integer()
    mean = Amount()
    sd = Amount()
    demonstration = fields.Boolean()


class MeasuredColourSchema(ma.Schema):
    """Colours that standards showed in the network, and how often."""

    reagent = fields.String()
    colours = fields.String()
    protocol = fields.String()
    site = fields.String()
    n = fields.Integer()
    demonstration = fields.Boolean()


class TaughtBySchema(ma.Schema):
    """A plate that gave a value."""

    run_id = fields.UUID()
    site = fields.String()
    day = fields.DateTime()
    hrf = Amount()
    withdrawn = fields.Boolean()


class ConfirmationSchema(ma.Schema):
    """One person's word for a structure."""

    id = fields.UUID()
    inchikey = fields.String()
    by = fields.String()
    compared_with = fields.String()
    at = fields.DateTime()
    withdrawn_at = fields.DateTime(allow_none=True)
    withdrawn_by = fields.String()
    reason = fields.String()


class SpectrumOfSchema(ma.Schema):
    """A reference spectrum of a substance, without its numbers."""

    id = fields.UUID()
    kind = fields.String()
    name = fields.String()
    form = fields.String()
    state = fields.String()
    points = fields.Integer()
    precursor_mz = fields.Float(allow_none=True)
    collision_energy = fields.String()
    library = fields.String(attribute="library.name")
    licence = fields.String(attribute="library.licence")


class NameRowSchema(ma.Schema):
    """A name as written, and who added it."""

    id = fields.UUID()
    name = fields.String()
    added_by = fields.String()


class SaltSchema(ma.Schema):
    """A salt: base mass / salt mass."""

    salt = fields.String()
    bases = fields.Integer()
    factor = Amount()


class IsotopeSchema(ma.Schema):
    """One nominal mass of the isotope pattern."""

    shift = fields.Integer()
    mass = fields.Float()
    percent = fields.Float()


class ComputedSchema(ma.Schema):
    """What follows from the structure."""

    average_mass = Amount()
    adducts = fields.Dict(keys=fields.String(), values=Amount())
    isotopes = fields.List(fields.Nested(IsotopeSchema))
    salts = fields.List(fields.Nested(SaltSchema))


class WholeSubstanceSchema(ma.Schema):
    """A substance with its names, what is computed of it, and its references."""

    substance = fields.Nested(SubstanceSchema)
    names = fields.List(fields.Nested(NameRowSchema))
    computed = fields.Function(lambda known: ComputedSchema().dump(computed_of(known.substance)))
    confirmations = fields.List(fields.Nested(ConfirmationSchema))
    colours = fields.List(fields.Nested(ColourReferenceSchema))
    measured_colours = fields.List(fields.Nested(MeasuredColourSchema))
    cited_retentions = fields.List(fields.Nested(CitedRetentionSchema))
    measured_retentions = fields.List(fields.Nested(MeasuredRetentionSchema))
    plates = fields.List(fields.Nested(TaughtBySchema))
    spectra = fields.List(fields.Nested(SpectrumOfSchema))
    library_version = fields.Integer()


def computed_of(substance: Substance) -> dict[str, Any]:
    """Return average mass, adducts, isotope pattern and salt factors; nothing without a formula."""
    found = masses.atoms(substance.formula)
    if not found or substance.monoisotopic_mass is None:
        return {"average_mass": None, "adducts": {}, "isotopes": (), "salts": ()}
    isotopes, weights = seeds.elements(tuple(sorted({*found, *masses.COUNTER_ATOMS})))
    mass = substance.monoisotopic_mass
    return {
        "average_mass": Decimal(masses.weigh(found, weights)).quantize(Decimal("0.001")),
        "adducts": {adduct: masses.adduct_mz(mass, adduct) for adduct in masses.ADDUCTS},
        "isotopes": masses.isotope_pattern(found, isotopes),
        "salts": masses.salt_forms(substance.formula, substance.salts, weights),
    }


class ReferenceLotSchema(ma.Schema):
    """A reference lot as JSON."""

    id = fields.UUID()
    substance_id = fields.UUID()
    site_id = fields.UUID()
    lot = fields.String()
    form = fields.String()
    supplier = fields.String()
    purity = Amount()
    received = fields.Date(allow_none=True)
    opened = fields.Date(allow_none=True)
    expires = fields.Date(allow_none=True)
    remaining_mg = Amount()
    storage = fields.String()
    row_version = fields.Integer()


class UseSchema(ma.Schema):
    """What was taken out of a bottle, or counted again."""

    kind = fields.String()
    mg = Amount()
    left_mg = Amount()
    reason = fields.String()
    by = fields.String()
    at = fields.DateTime()


class BottleSchema(ma.Schema):
    """A bottle with how it stands today."""

    lot = fields.Nested(ReferenceLotSchema)
    substance = fields.Pluck(SubstanceSchema, "key")
    state = fields.String()
    uses = fields.List(fields.Nested(UseSchema))


class SystemSchema(ma.Schema):
    """A thin-layer system and what it separates, on cited and on measured values."""

    code = fields.String()
    plate = fields.String()
    mobile_phase = fields.String()
    protocols = fields.Function(lambda one: [protocol.label for protocol in one.protocols])
    bases = fields.Function(lambda one: [_basis(one, basis) for basis in one.bases])
    pairings = fields.Function(lambda one: [_pairing(pairing) for pairing in one.pairings])


def _separation(found: Separation) -> dict[str, Any]:
    return {
        "n": found.n,
        "window_hrf": found.window,
        "discriminating_power": found.power,
        "mean_list_length": found.mean_list,
        "together": [list(pair) for pair in found.together],
    }


def _basis(one: System, basis: Any) -> dict[str, Any]:
    told = {
        "kind": basis.kind,
        "demonstration": basis.demonstration,
        **_separation(basis.separation),
    }
    return {**told, "values": dict(basis.values)}


def _pairing(pairing: Any) -> dict[str, Any]:
    told = {"other": pairing.other, "kind": pairing.kind, **_separation(pairing.together)}
    return {**told, "correlation": pairing.correlation.r, "correlation_n": pairing.correlation.n}
