"""One row of each table that the demonstration leaves empty, so that there is one to multiply.

Everything here is synthetic.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.outbox import ChosenGroup, RecipientGroup
from lims.alerts.records import AlertPicture, AlertVersion
from lims.analysis import measured
from lims.analysis import records as analysis
from lims.custody.stores import SettledAlarm
from lims.exchange import records as exchange
from lims.exchange.foreign_records import ForeignAlert, ForeignCitation
from lims.findings.records import Finding, Reissue
from lims.findings.rule_records import JudgedAgain
from lims.foundation import clock
from lims.foundation.database import Base
from lims.foundation.jobs import Job
from lims.identification import records as identification
from lims.intake import device_records as devices
from lims.intake import label_records as labels
from lims.intake.logo_records import Logo, LogoAlias
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import NotAccepted, Sample, SampleCode, SampleCodeBlock
from lims.library.records import Substance
from lims.library.spectra import IdentityDecision, SpectrumImport
from lims.network.records import ApiKey, Member
from lims.overview.records import QueueMove
from lims.overview.report_records import NetworkReport, ReportFile
from lims.products.records import LookAlike, Product, ProductChange
from lims.surveillance.records import Signal
from lims.surveillance.report_records import SignalEscalation
from tests.library.makers import make_reference_spectrum, make_spectrum_library

BY = {"by": "chimiste"}
COUNTED = ("rows_read", "samples", "analysed", "not_analysed", "detections", "status_entries")
REPORT: dict[str, Any] = {
    "added": 1,
    "already_known": 0,
    "files": ["synthetic.csv"],
    "counts": {name: 1 for name in (*COUNTED, "rows_left_out", "rows_repeated")},
}
REPORT["counts"] |= {"unresolved_names": [], "flagged": {}, "mdma_mg": {"n": 0}}


def add_first_rows(session: Session) -> None:
    """Add a row to each table that has none."""
    for make in (_labels, _devices, _table, _partners, _bench, _spectra, _lists, _others):
        for row in make(session):
            if session.scalars(select(type(row)).limit(1)).first() is None:
                session.add(row)
                session.flush()


def first(session: Session, table: type[Any], **facts: Any) -> Any:
    return session.scalars(select(table).filter_by(**facts).limit(1)).one()


def _partners(session: Session) -> Iterator[Base]:
    substance = first(session, Substance, key="mdma")
    known = {"source": "wedinos"}
    brought = exchange.PartnerImport(
        licence="synthetic", file_hash="0", report=REPORT, **known, **BY
    )
    yield brought
    sample = exchange.PartnerSample(
        import_id=first(session, exchange.PartnerImport).id,
        source_id="S1",
        sold_as="MDMA",
        sold_as_id=substance.id,
        received=clock.today(),
        analysed=True,
        raw={},
        content_hash="0",
        to_review=True,
        **known,
    )
    yield sample
    yield exchange.PartnerDetection(
        sample_id=first(session, exchange.PartnerSample).id,
        name="MDMA",
        substance_id=substance.id,
    )
    yield exchange.UnresolvedName(name="a synthetic name", occurrences=1, **known)
    days = {"since": clock.today(), "until": clock.today()}
    file = {"kind": "csv", "rows": 1, "file_hash": "0", "size": 1, **days, **BY}
    yield exchange.DataExport(format="samples", format_version="1", **file)
    counts = {name: 1 for name in ("numbers", "told", "withheld", "small")}
    yield exchange.OpenRelease(
        period="2026-Q1",
        definitions_hash="0",
        licence="synthetic",
        summary={"alerts": 0, "results": counts},
        prepared_by="chimiste",
    )
    kept = {"media": "text/csv", "sha256": "0", "size": 1, "content": b"a"}
    release = first(session, exchange.OpenRelease)
    yield exchange.OpenFile(release_id=release.id, name="results.csv", **kept)
    for number in (1, 2):
        yield make_foreign_alert(number)


def make_foreign_alert(number: int) -> ForeignAlert:
    """Return a synthetic alert of another country, which cites an earlier one."""
    cited = ForeignCitation(id=uuid.uuid4(), place=0, sender="a@b.example", identifier="0")
    return ForeignAlert(
        id=uuid.uuid4(),
        source="synthetic",
        sender="a@b.example",
        identifier=str(number),
        sent=clock.now(),
        status="Actual",
        msg_type="Update",
        severity="Severe",
        headlines="Synthetic",
        infos=[{"language": "en", "headline": "Synthetic", "description": "Synthetic"}],
        signature="not signed",
        sha256=str(number),
        content=b"",
        brought_by="chimiste",
        cited=[cited],
    )


def _labels(session: Session) -> Iterator[Base]:
    block = first(session, SampleCodeBlock)
    sizes = {"qr_side": Decimal(14), "text_pt": Decimal(8)}
    still = {"offset_x": Decimal(0), "offset_y": Decimal(0)}
    yield labels.LabelTemplate(
        site_id=block.site_id,
        name="Synthetic",
        paper="a4-3x8",
        fields=["form"],
        made_by="chimiste",
        **sizes,
        **still,
    )
    template = first(session, labels.LabelTemplate)
    yield labels.LabelDefault(site_id=block.site_id, template_id=template.id)
    code = session.scalars(
        select(SampleCode.code).where(SampleCode.block_id == block.id).limit(1)
    ).one()
    ends = {"first_code": code, "last_code": code}
    yield labels.LabelSheet(block_id=block.id, number=1, labels=1, **ends)
    yield labels.LabelPrint(code=code, nth=1, sheet_id=first(session, labels.LabelSheet).id)


def _devices(session: Session) -> Iterator[Base]:
    block = session.scalars(select(SampleCodeBlock).limit(1)).one()
    device = devices.Device(
        id=uuid.uuid4(), name="tablet 1", site_id=block.site_id, enrolled_by="x", seal_key="k"
    )
    yield device
    yield devices.ReservedSelector(
        selector="00000", device_id=device.id, request_id=uuid.uuid4(), used=False
    )
    yield devices.OutboxReceipt(
        id=uuid.uuid4(), device_id=device.id, kind="visit", hash="0" * 64, subject_id=uuid.uuid4()
    )


def _table(session: Session) -> Iterator[Base]:
    sample = first(session, Sample, form="tablet")
    logo = session.scalars(select(Logo).limit(1)).one()
    yield LogoAlias(logo_id=logo.id, words="Synthetic", folded="synthetic", **BY)
    size = {"sha256": "0", "width": 300, "height": 300, "side": "front"}
    yield SamplePhoto(sample_id=sample.id, **size, **BY)
    when = {"day": clock.today(), "week": "2026-W47"}
    yield NotAccepted(site_id=sample.site_id, reason="too-little", **when, **BY)


def _bench(session: Session) -> Iterator[Base]:
    run = first(session, analysis.Run, state="verified", technique="tlc")
    at = {"run_id": run.id, "sample_id": run.samples[0].sample_id}
    yield analysis.Peak(place=Decimal(1), unit="min", ions="58:100", **at)
    yield analysis.ReagentTest(reagent="marquis", at_0="purple", **at)
    lines = {"sha256": "0", "width": 300, "height": 300, "corners": []}
    yield measured.PlatePhoto(run_id=run.id, **lines, **BY)
    minutes = {"protocol": run.protocol.name, "minutes": Decimal(9)}
    yield identification.BenchTime(site_id=run.site_id, **minutes, **BY)


def _spectra(session: Session) -> Iterator[Base]:
    run = first(session, analysis.Run, state="verified")
    where = {"run_id": run.id, "sample_id": run.samples[0].sample_id}
    what = {"name": "a.jdx", "sha256": "0", "size": 1, "state": "read"}
    yield measured.Upload(**where, **what, **BY)
    yield measured.MeasuredSpectrum(
        upload_id=first(session, measured.Upload).id,
        kind="ei",
        x=struct.pack("<2d", 58, 77),
        y=struct.pack("<2d", 100, 20),
        points=2,
        x_unit="m/z",
        y_unit="relative",
        sticks=True,
    )
    collected = make_spectrum_library(session, name="Synthetic, not resolved")
    make_reference_spectrum(session, collected, name="a synthetic name that nobody knows")
    brought = first(session, SpectrumImport)
    yield Job(kind="import spectra", subject_id=brought.id, state="done", **BY)
    decided = {"identity": "SYNTHETICNAMEX"}
    yield IdentityDecision(substance_id=first(session, Substance, key="mdma").id, **decided, **BY)


def _lists(session: Session) -> Iterator[Base]:
    answer = first(session, analysis.Answer, kind="found")
    yield identification.CandidateList(
        run_id=answer.run_id,
        sample_id=answer.sample_id,
        spectrum_id=first(session, measured.MeasuredSpectrum).id,
        method="search",
        library_version=1,
        algorithm="synthetic",
        parameters={},
        observed={},
        ranked=[{"rank": 1, "substance": "mdma", "score": 900}],
    )
    yield identification.Decision(
        candidate_list_id=first(session, identification.CandidateList).id,
        substance_id=first(session, Substance, key="mdma").id,
        verdict="accept",
        **BY,
    )
    yield identification.Calibration(
        technique="gc-ms",
        protocol="gc-ms",
        scores_of="synthetic",
        samples=1,
        confirmed=1,
        rivals=1,
        coefficients={},
        reliability={"log_loss": 0.2, "log_loss_default": 0.3, "table": []},
        algorithm="synthetic",
        made_by="chimiste",
    )


def _others(session: Session) -> Iterator[Base]:
    waiting = first(session, Sample, state="received")
    yield QueueMove(sample_id=waiting.id, step="forward", reason="synthetic", **BY)
    about = {"subject_id": waiting.id, "site_id": waiting.site_id}
    yield SettledAlarm(kind="kept", words="synthetic", **about, **BY)
    mdma = first(session, Substance, key="mdma")
    finding = first(session, Finding, state="released")
    yield Reissue(finding_id=finding.id, unknown="U-0001", substance_id=mdma.id, **BY)
    pair = session.scalars(select(Product.id).limit(2)).all()
    yield LookAlike(product_a_id=pair[0], product_b_id=pair[1], **BY)
    facts = {"kind": "split", "samples": 1, "reason": "synthetic"}
    yield ProductChange(product_id=pair[0], other_id=pair[1], **facts, **BY)
    report = first(session, NetworkReport, state="draft")
    facts = {"name": "synthetic.csv", "sha256": "0", "size": 1, "content": b"x"}
    yield ReportFile(report_id=report.id, **facts)
    member = first(session, Member, account="admin")
    yield ApiKey(name="synthetic", key_hash="0", member_id=member.id)
    group = session.scalars(select(RecipientGroup.id).limit(1)).one()
    version = session.scalars(select(AlertVersion.id).limit(1)).one()
    yield ChosenGroup(version_id=version, group_id=group)
    yield AlertPicture(alert_version_id=version, sha256="0", width=1, height=1, **BY)
    signal = session.scalars(select(Signal.id).limit(1)).one()
    yield SignalEscalation(signal_id=signal, step="look", level="red")
    told = {"rule_key": "synthetic", "version": 2, "before_version": 1, "words": {}}
    facts = {"raised": False, "raises": True, "made_by": "coordination"}
    yield JudgedAgain(finding_id=finding.id, **told, **facts)
