"""Synthetic samples, runs and answers to conclude on."""

from __future__ import annotations

import itertools
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.records import Answer, Run, RunSample
from lims.findings import rulebook
from lims.findings.operations import (
    DraftFinding,
    ReleaseFinding,
    SubmitFinding,
    draft_finding,
    release_finding,
    submit_finding,
)
from lims.findings.records import Finding
from lims.foundation.codes import new_code
from lims.intake.records import Sample, Visit
from lims.library.records import Substance, VocabularyTerm
from lims.protocols.records import ProtocolVersion

_counting = itertools.count(1)
ROLES = ("active-expected", "active-unexpected", "adulterant", "diluent", "unidentified")
MATCHES = ("as-expected", "expected-plus-other", "other-instead", "no-active", "inconclusive")


def substance(session: Session, key: str, **more: Any) -> Substance:
    """Make a substance of the library, once."""
    there = session.scalar(select(Substance).where(Substance.key == key))
    if there is not None:
        return there
    names = {f"name_{language}": key.upper() for language in ("en", "fr", "nl")}
    given = {"chemical_class": "synthetic", "role": "psychoactive", **names, **more}
    made = Substance(id=uuid.uuid4(), key=key, **given)
    session.add(made)
    session.flush()
    return made


def mdma(session: Session) -> Substance:
    return substance(session, "mdma", salt_factor_hcl=Decimal("0.8413"))


def pmma(session: Session) -> Substance:
    return substance(session, "pmma", late_onset=True)


def vocabularies(session: Session) -> None:
    """Make the few controlled lists that findings refer to."""
    lists = {
        "detection_role": ROLES,
        "match_to_expected": MATCHES,
        "abundance": ("major", "minor", "trace", "present"),
        "dosage_form": ("tablet", "powder"),
        "colour": ("orange", "blue"),
    }
    for name, codes in lists.items():
        for sort, code in enumerate(codes):
            labels = {language: f"{code} ({language})" for language in ("fr", "nl", "en")}
            session.add(VocabularyTerm(list_name=name, code=code, sort=sort, labels=labels))
    session.flush()


def sample(session: Session, network: Any, sold_as: Substance | None = None, **more: Any) -> Sample:
    """Make a sample that the laboratory has begun to analyse."""
    visit = Visit(id=uuid.uuid4(), site_id=network.counter.id, day=date(2026, 11, 3))
    visit.registered_by = "worker"
    session.add(visit)
    session.flush()
    given = {
        "form": "tablet",
        "colour": "orange",
        "logo": "Buoy",
        "state": "in analysis",
        "sold_as": sold_as.name_en if sold_as else "unknown",
        **more,
    }
    made = Sample(
        id=uuid.uuid4(),
        code=new_code(),
        visit=visit,
        site_id=network.counter.id,
        laboratory_id=network.laboratory.id,
        sold_as_substance=sold_as,
        **given,
    )
    session.add(made)
    session.flush()
    return made


def run(
    session: Session,
    network: Any,
    on: Sample,
    technique: str,
    answers: list[dict[str, Any]],
    *,
    scope: list[dict[str, Any]] | None = None,
    groups: list[str] | None = None,
    state: str = "verified",
) -> Run:
    """Make a run under a protocol of its own; each answer is a mapping of Answer's columns."""
    n = next(_counting)
    looked = {"substances": scope or [], "groups": [{"id": one} for one in groups or []]}
    protocol = ProtocolVersion(
        id=uuid.uuid4(),
        name=f"{technique}-{n}",
        version=1,
        technique=technique,
        titles={"en": technique, "fr": technique, "nl": technique},
        content_hash=uuid.uuid4().hex,
        document={"scope": looked},
        published_by="coordinator",
    )
    made = Run(
        id=uuid.uuid4(),
        number=f"R-{n:04d}",
        technique=technique,
        protocol=protocol,
        protocol_hash=protocol.content_hash,
        site_id=network.laboratory.id,
        analyst="second_chemist",
        state=state,
    )
    session.add_all([protocol, made])
    session.flush()
    session.add(RunSample(run_id=made.id, sample_id=on.id))
    for position, columns in enumerate(answers, start=1):
        given = {"kind": "found", "group": "", **columns}
        made.answers.append(Answer(id=uuid.uuid4(), sample_id=on.id, position=position, **given))
    session.flush()
    return made


def amount(of: Substance, value: str, spread: str | None = "6", **more: Any) -> dict[str, Any]:
    """Return a measured answer, in mg HCl per unit."""
    uncertainty = None if spread is None else Decimal(spread)
    figures = {"value": Decimal(value), "unit": "mg/unit", "uncertainty": uncertainty}
    return {"substance": of, "kind": "measured", "expressed_as": "HCl", **figures, **more}


def analysed_tablet(
    session: Session, network: Any, mg: str = "100", spread: str = "6", **more: Any
) -> Sample:
    """Make an MDMA tablet with GC-MS, TLC and a quantification, all verified."""
    of = mdma(session)
    made = sample(session, network, of, **more)
    run(session, network, made, "tlc", [{"substance": of, "abundance": "major"}])
    run(session, network, made, "gcms", [{"substance": of, "abundance": "major"}])
    run(session, network, made, "hplc_uv", [amount(of, mg, spread)])
    return made


def released(session: Session, network: Any, of: Sample) -> Finding:
    """Take a sample's finding through draft, second reading and release."""
    found = draft_finding(session, network.chemist, DraftFinding(of.id))
    found.explanation = "Synthetic explanation."
    submit_finding(session, network.chemist, SubmitFinding(found.id))
    read = tuple(row["key"] for row in found.methods if row["clash"])
    return release_finding(session, network.verifier, ReleaseFinding(found.id, read))


def ready(session: Session, network: Any) -> None:
    """Publish the shipped rules and make the controlled lists."""
    vocabularies(session)
    rulebook.publish_shipped_rules(session, network.coordinator)
