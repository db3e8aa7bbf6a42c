"""What may leave the house in a row, fact by fact, and what never does.

Every field of a sample, a visit, a finding, a detection or a site is either what a fact is made of
or refused here with its reason; a new field that is neither fails the build. A column set lists or
refuses every fact in turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a row of a column set stands for."""

    SAMPLE = "sample"
    DETECTION = "detection"
    ALERT = "alert"


@dataclass(frozen=True)
class Fact:
    """One thing that may be told: what kind of row knows it, and the fields it is made of."""

    unit: Unit
    fields: tuple[str, ...] = ()


def _of(unit: Unit, /, **made_of: str) -> dict[str, Fact]:
    return {name: Fact(unit, tuple(fields.split())) for name, fields in made_of.items()}


FACTS: Mapping[str, Fact] = {
    **_of(
        Unit.SAMPLE,
        organisation="",
        country="",
        reference="sample.id",
        visit_reference="sample.visit_id visit.id",
        handed_in="visit.day",
        concluded_in="finding.released_at",
        region="sample.site_id site.area",
        service_type="site.service_type",
        form="sample.form",
        sold_as="sample.sold_as_id",
        colour="sample.colour",
        second_colour="sample.colour_2",
        colours="sample.colour sample.colour_2",
        logo="sample.logo",
        shape="sample.shape",
        score_line="sample.score_line",
        length_mm="sample.length_mm",
        width_mm="sample.width_mm",
        thickness_mm="sample.thickness_mm",
        unit_mass_mg="sample.unit_mass_mg",
        price="sample.price",
        price_per="sample.price_per",
        currency="sample.price",
        obtained_from="sample.obtained_from",
        route="sample.route",
        effects="sample.effects",
        already_taken="sample.already_taken",
        gender="visit.gender",
        age_band="visit.age_band",
        analysed="sample.state finding.state",
        not_analysed_reason="sample.not_analysed_reason",
        match="finding.match",
        danger="finding.danger",
        confidence="finding.confidence",
        method="finding.methods",
        has_alert="",
        found_name="detection.substance_id detection.label detection.position",
        found_amount="detection.value detection.kind",
        found_unit="detection.unit",
    ),
    **_of(
        Unit.DETECTION,
        substance="detection.substance_id detection.label",
        substance_key="detection.substance_id",
        answer="detection.kind finding.scope",
        role="detection.role",
        abundance="detection.abundance",
        major_or_minor="detection.abundance",
        amount="detection.value detection.kind",
        uncertainty="detection.uncertainty",
        unit="detection.unit",
        plain_amount="detection.value detection.unit",
        plain_unit="detection.unit",
        expressed_as="detection.expressed_as",
        lod="detection.lod",
        loq="detection.loq",
    ),
    **_of(
        Unit.ALERT,
        alert_number="",
        alert_version="",
        alert_kind="",
        level="",
        published_in="",
        alert_substance="",
        alert_product="",
        alert_sold_as="",
        alert_week="",
        alert_region="",
        alert_content="",
        alert_method="",
        alert_confidence="",
        alert_dangers="",
        alert_signs="",
        alert_effects="",
        alert_advice="",
        alert_replaces="",
    ),
}
"""Every fact that a column can be made of. Those of an alert come through its audience alone."""

FREE = "words typed by a person may hold what is not kept"
INSIDE = "how the work is done inside; it says nothing of the sample"
PERSON = "an account of the staff"
PLACE = "finer than the region"
WHEN = "a moment; days leave as weeks"
CODE = "it stands on the tube and on the visitor's label"
AGREED = "read to decide whether the sample may leave, not told"
LINK = "a link inside the database"

NEVER: Mapping[str, str] = {
    "sample.code": CODE,
    "sample.outside_code": CODE,
    "sample.position": INSIDE,
    "sample.laboratory_id": PLACE,
    "sample.sold_as": FREE,
    "sample.believed_id": "asked to help the chemist, not for reuse",
    "sample.street_name": FREE,
    "sample.logo_id": LINK,
    "sample.logo_back": FREE,
    "sample.logo_back_id": LINK,
    "sample.units": "how much one person had",
    "sample.mass_mg": "how much one person had",
    "sample.whole_or_part": INSIDE,
    "sample.packaging": FREE,
    "sample.obtained_region": FREE,
    "sample.obtained_week": "when one person bought it",
    "sample.taken_with": FREE,
    "sample.incident_link": "it points to one incident of one person",
    "sample.consent_destroy": AGREED,
    "sample.consent_second_laboratory": AGREED,
    "sample.consent_data": AGREED,
    "sample.consent_photo": AGREED,
    "sample.note": FREE,
    "sample.recorded_at": WHEN,
    "sample.state_since": WHEN,
    "sample.row_version": INSIDE,
    "visit.site_id": PLACE,
    "visit.session_name": "it names the event",
    "visit.language": "of the person",
    "visit.first_visit": "of the person",
    "visit.table_scale": INSIDE,
    "visit.registered_by": PERSON,
    "visit.recorded_at": WHEN,
    "finding.id": LINK,
    "finding.sample_id": LINK,
    "finding.version": INSIDE,
    "finding.site_id": PLACE,
    "finding.danger_outcomes": INSIDE,
    "finding.confidence_reason": INSIDE,
    "finding.evidence_list_id": LINK,
    "finding.explanation": FREE,
    "finding.text_fr": "written for the visitor",
    "finding.text_nl": "written for the visitor",
    "finding.text_en": "written for the visitor",
    "finding.composed": INSIDE,
    "finding.decided": INSIDE,
    "finding.author": PERSON,
    "finding.co_authors": PERSON,
    "finding.verified_by": PERSON,
    "finding.made_at": WHEN,
    "finding.submitted_at": WHEN,
    "finding.supersedes_id": LINK,
    "finding.reason": FREE,
    "finding.lone_exception": INSIDE,
    "finding.row_version": INSIDE,
    "detection.id": LINK,
    "detection.finding_id": LINK,
    "site.id": PLACE,
    "site.organisation_id": PLACE,
    "site.name": PLACE,
    "site.opening_hours": PLACE,
    "site.languages": PLACE,
    "site.may_hold": INSIDE,
    "site.may_return": INSIDE,
    "site.permit": INSIDE,
    "site.permit_from": INSIDE,
    "site.permit_until": INSIDE,
    "site.ticket_policy": INSIDE,
    "site.lone_laboratory": INSIDE,
}
"""What no row holds, whatever its format, and why. Talks, tickets, devices, codes of a device,
photographs, parcels, masses and the journal have no fact at all."""


def known_to(unit: Unit) -> frozenset[str]:
    """Return the facts that a row of this unit can tell."""
    units = {Unit.SAMPLE, Unit.DETECTION} if unit is Unit.DETECTION else {unit}
    return frozenset(name for name, fact in FACTS.items() if fact.unit in units)


def used_fields() -> frozenset[str]:
    """Return every field that some fact is made of."""
    return frozenset(field for fact in FACTS.values() for field in fact.fields)
