"""Addresses of the staff application, from its map: each with the records that can stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from flask import Flask
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lims.alerts.outbox import Recipient, RecipientGroup
from lims.alerts.records import AlertVersion, Event
from lims.analysis.measured import MeasuredSpectrum, PlatePhoto, Upload
from lims.analysis.records import Run
from lims.custody.records import Parcel, TransportPermit
from lims.custody.stores import Destruction, Stocktaking, StoragePlace
from lims.exchange.foreign_records import ForeignAlert
from lims.exchange.records import OpenRelease, PartnerImport, PartnerSample
from lims.findings.records import DangerRule, Detection, Finding
from lims.findings.rule_records import RuleDraft, RuleJudgement
from lims.findings.rules import FindingState
from lims.identification.records import CandidateList, Unknown
from lims.intake.device_records import Device
from lims.intake.label_records import LabelTemplate
from lims.intake.logo_records import Logo
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import NotAccepted, Sample, SampleCodeBlock, Visit
from lims.library.records import ReferenceLot, RetentionReference, Substance
from lims.library.spectra import ReferenceSpectrum, SpectrumImport, SpectrumLibrary
from lims.network.records import Organisation, Site
from lims.overview.records import TriageRule
from lims.overview.report_records import FocalMeeting, NetworkReport
from lims.products.records import Product, ProductSample
from lims.protocols.records import ProtocolVersion
from lims.surveillance.observed import SignalEvidence, WatchedSeries
from lims.surveillance.records import Signal

TRIES = 80
ASKED = {
    "/deliveries": "which=all",
    "/api/deliveries/": "which=all",
    "/library": "q=a",
    "/library/spectra/find": "q=synthetic",
    "/products/by-look": "form=tablet",
    "/api/products/by-look": "form=tablet",
}
"""What a search needs before it lists anything."""
OF_A_SITE = (
    "/api/library/lots",
    "/api/quality/reagent-lots",
    "/api/quality/instruments",
    "/api/quality/competences",
)
FULLEST_PRODUCT = (
    select(ProductSample.product_id)
    .join(Finding, Finding.sample_id == ProductSample.current_sample_id)
    .join(Detection, Detection.finding_id == Finding.id)
    .where(Finding.state == FindingState.RELEASED, Detection.kind == "measured")
    .group_by(ProductSample.product_id)
    .order_by(func.count().desc())
)
"""One of which every part is read: a product without contents asks less until rows come to it."""
IDENTIFIERS: dict[str, tuple[Any, ...]] = {
    "version_id": (AlertVersion.id, ProtocolVersion.id),
    "file_id": (Upload.id,),
    "upload_id": (Upload.id,),
    "run_id": (Upload.run_id, PlatePhoto.run_id, Run.id),
    "spectrum_id": (MeasuredSpectrum.id, ReferenceSpectrum.id),
    "id": (MeasuredSpectrum.id,),
    "code": (Sample.code, RetentionReference.system),
    "parcel_id": (Parcel.id,),
    "permit_id": (TransportPermit.id,),
    "place_id": (StoragePlace.id,),
    "stocktaking_id": (Stocktaking.id,),
    "destruction_id": (Destruction.id,),
    "sample_id": (Sample.id, PartnerSample.id),
    "release_id": (OpenRelease.id,),
    "site_id": (Site.id,),
    "event_id": (Event.id,),
    "import_id": (PartnerImport.id, SpectrumImport.id),
    "foreign_id": (ForeignAlert.id,),
    "finding_id": (Finding.id,),
    "rule_key": (RuleJudgement.rule_key, DangerRule.rule_key),
    "draft_id": (RuleDraft.id,),
    "list_id": (CandidateList.id,),
    "number": (Unknown.number,),
    "visit_id": (Visit.id,),
    "device_id": (Device.id,),
    "logo_id": (Logo.id,),
    "photo_id": (SamplePhoto.id,),
    "refusal_id": (NotAccepted.id,),
    "lot_id": (ReferenceLot.id,),
    "library_id": (SpectrumLibrary.id,),
    "substance_id": (Substance.id,),
    "product_id": (FULLEST_PRODUCT, Product.id),
    "signal_id": (SignalEvidence.signal_id, Signal.id),
    "series_id": (WatchedSeries.id,),
    "organisation_id": (Organisation.id,),
    "unknown_id": (Unknown.id,),
    "rule_id": (TriageRule.id,),
    "template_id": (LabelTemplate.id,),
    "meeting_id": (FocalMeeting.id,),
    "report_id": (NetworkReport.id,),
    "recipient_id": (Recipient.id,),
    "group_id": (RecipientGroup.id,),
    "block_number": (SampleCodeBlock.number,),
}


def addresses_of(app: Flask, rule: Rule, session: Session) -> Iterator[str]:
    """Give addresses of a rule, with what it needs to be asked and with records that exist."""
    names = sorted(rule.arguments)
    held = [_values(session, name) for name in names]
    adapter = app.url_map.bind("localhost")
    asked = ASKED.get(rule.rule, "")
    for values in list(product(*held))[:TRIES]:
        path = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))
        if rule.rule in OF_A_SITE:
            yield from (f"{path}?site_id={one}" for one in _values(session, "site_id"))
        else:
            yield path + (f"?{asked}" if asked else "")


def _values(session: Session, name: str) -> list[Any]:
    found: list[Any] = []
    for column in IDENTIFIERS[name]:
        query = column if isinstance(column, Select) else select(column)
        found += session.scalars(query.limit(TRIES // 2))
    return found
