"""A finding as it is shown: plain values said in one language, for pages, JSON and the certificate.

Nothing of the visitor or of the visit is in here: the code, the form and what it was sold as only.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.findings import conclusions, keeping
from lims.findings.amounts import expressed, plain, unit_words
from lims.findings.drafting import Composed
from lims.findings.records import Detection, Finding
from lims.findings.statements import kept_value, name_in, speak, tell
from lims.foundation.codes import shown
from lims.foundation.measures import BASE, Quantity, as_base
from lims.foundation.words import LANGUAGES, Message, _, moment, say
from lims.identification.certainty import WORDS, Word, words_of
from lims.identification.gathering import kept_fusions
from lims.library.queries import term_label
from lims.network.records import Site

Shown = dict[str, Any]


def shown_finding(session: Session, found: Finding, language: str) -> Shown:
    """Return a finding with its labels, said in a language."""
    form = found.sample.form
    return {
        **_identity(session, found, language),
        **_axes(session, found, language),
        **_signatures(found),
        "columns": _columns(found, language),
        "methods": [_row(row, form, language) for row in found.methods],
        "detections": [_detection(session, one, form, language) for one in found.detections],
        "rules": [_outcome(one, form, language) for one in found.danger_outcomes],
        "scope": [_run(run, language) for run in found.scope if _speaks(run)],
        "texts": {code: _text(found, code) for code in LANGUAGES},
        "left_out": [name_in(row["names"], language) for row in keeping.left_out(found)],
    }


def _identity(session: Session, found: Finding, language: str) -> Shown:
    sample = found.sample
    site = session.get(Site, found.site_id)
    sold = sample.sold_as_substance
    return {
        "id": found.id,
        "sample_id": found.sample_id,
        "code": shown(sample.code),
        "form": sample.form,
        "form_label": term_label(session, "dosage_form", sample.form, language),
        "sold_as": sold.name(language) if sold else sample.sold_as,
        "unit_mass_mg": sample.unit_mass_mg,
        "laboratory": site.name if site else "",
        "version": found.version,
        "row_version": found.row_version,
        "state": found.state,
        "supersedes_id": found.supersedes_id,
    }


def _axes(session: Session, found: Finding, language: str) -> Shown:
    label = term_label(session, "match_to_expected", found.match, language)
    word = WORDS[Word(found.confidence)] if found.confidence in set(Word) else None
    return {
        "match": found.match,
        "match_label": label[:1].upper() + label[1:],
        "danger": found.danger,
        "danger_reason": _danger_reason(found, language),
        "confidence": found.confidence,
        "confidence_label": say(word, language) if word else "",
        "confidence_reason": tell(found.confidence_reason, language),
        "explanation": found.explanation,
        "evidence_list_id": found.evidence_list_id,
        "reason": found.reason,
    }


def _signatures(found: Finding) -> Shown:
    names = ("author", "co_authors", "verified_by", "lone_exception")
    moments = ("made_at", "submitted_at", "released_at")
    return {name: getattr(found, name) for name in (*names, *moments)}


HEADINGS = {"tlc": "TLC", "ftir": "FTIR"}
"""Column headings that are shorter than the words of the technique."""
VERDICTS: dict[str, Message] = {
    "met": _("met"),
    "above": _("above"),
    "cannot-be-excluded": _("cannot be excluded"),
    "below": _("below"),
    "not-measured": _("amount not measured"),
    "ask": _("for a person to decide"),
    "decided": _("decided by the author"),
}


def _speaks(run: Mapping[str, Any]) -> bool:
    return run["technique"] not in conclusions.SILENT


def _danger_reason(found: Finding, language: str) -> str:
    """Return the words of the outcome that gave the level."""
    raising = [one for one in found.danger_outcomes if one["raises"]]
    return tell(raising[0]["words"], language) if raising else ""


def _columns(found: Finding, language: str) -> list[Shown]:
    return [
        {
            "run": run["run"],
            "number": run["number"],
            "technique": _heading(run["technique"], language),
            "protocol": run["protocol"],
        }
        for run in found.scope
        if _speaks(run)
    ]


def _said(words: Message | str, language: str) -> str:
    return words if isinstance(words, str) else say(words, language)


def _heading(technique: str, language: str) -> str:
    return HEADINGS.get(technique) or _said(words_of(technique), language)


def _row(row: Mapping[str, Any], form: str, language: str) -> Shown:
    return {
        "key": row["key"],
        "name": name_in(row["names"], language),
        "clash": row["clash"],
        "cells": [
            {
                "run": cell["run"],
                "number": cell["number"],
                "technique": _heading(cell["technique"], language),
                "kind": cell["kind"],
                "detail": _detail(cell, form, language),
            }
            for cell in row["cells"]
        ],
    }


def _detail(cell: Mapping[str, Any], form: str, language: str) -> str:
    """Return the small print of a cell: figures, limit of detection, remark."""
    parts = []
    if cell["among"]:
        parts.append(", ".join(name_in(names, language) for names in cell["among"]))
    if cell["kind"] == "measured" and cell.get("value"):
        parts.append(speak(_figure(cell, form), language))
    if cell["kind"] == "below-loq" and cell.get("loq"):
        values = {"n": plain(Decimal(cell["loq"])), "unit": unit_words(cell["unit"], form)}
        parts.append(speak(Message(_LOQ.msgid, values), language))
    if cell["kind"] == "not-detected" and cell["lod"]:
        values = {"n": plain(Decimal(cell["lod"])), "unit": unit_words(cell["unit"], form)}
        parts.append(speak(Message(_ABOVE.msgid, values), language))
    parts += [cell["remark"]] if cell.get("remark") else []
    return " · ".join(parts)


_LOQ = _("LOQ %(n)s %(unit)s")
_ABOVE = _("not above %(n)s %(unit)s")


def _figure(cell: Mapping[str, Any], form: str) -> Message:
    value, unit = plain(Decimal(cell["value"])), unit_words(cell["unit"], form)
    if not cell.get("uncertainty"):
        return _("%(value)s %(unit)s", value=value, unit=unit)
    spread = plain(Decimal(cell["uncertainty"]))
    return _("%(value)s ± %(spread)s %(unit)s", value=value, spread=spread, unit=unit)


def _detection(session: Session, one: Detection, form: str, language: str) -> Shown:
    key = keeping.detection_key(one)
    label = keeping.names_of(one).in_language(language)
    return {
        "key": key,
        "substance_id": one.substance_id,
        "name": label,
        "role": one.role,
        "role_label": term_label(session, "detection_role", one.role, language),
        "abundance": one.abundance,
        "abundance_label": term_label(session, "abundance", one.abundance, language),
        "kind": one.kind,
        "value": None if one.value is None else plain(one.value),
        "unit": one.unit,
        "unit_label": _said(unit_words(one.unit, form), language),
        "expressed_as": one.expressed_as,
        "expressed_label": say(expressed(one.expressed_as or None), language) if one.value else "",
        "as_base": _base_amount(one),
        "uncertainty": None if one.uncertainty is None else plain(one.uncertainty),
        "lod": one.lod,
        "loq": None if one.loq is None else plain(one.loq),
        "late_onset": bool(one.substance and one.substance.late_onset),
    }


def _base_amount(one: Detection) -> Decimal | None:
    """Return an amount of a hydrochloride as base, rounded to a tenth; None where not known."""
    factor = one.substance.salt_factor_hcl if one.substance else None
    if one.value is None or factor is None or one.expressed_as != "HCl":
        return None
    quantity = Quantity(one.value, one.unit, one.expressed_as)
    base = as_base(quantity, factor)
    return plain(base.value.quantize(Decimal("0.1"))) if base.expressed_as == BASE else None


def _outcome(one: Mapping[str, Any], form: str, language: str) -> Shown:
    limit = one["limit"]
    return {
        "rule": one["rule"],
        "version": one["version"],
        "level": one["level"],
        "verdict": one["verdict"],
        "verdict_label": say(VERDICTS[one["verdict"]], language),
        "raises": one["raises"],
        "in_force": one["in_force"],
        "name": name_in(one["name"], language) if one["name"] else "",
        "condition": one["condition"],
        "limit": None if limit is None else plain(Decimal(limit)),
        "operator": one["operator"],
        "unit": _said(unit_words(one["unit"], form), language),
        "words": tell(one["words"], language),
    }


def _run(run: Mapping[str, Any], language: str) -> Shown:
    return {
        "run": run["run"],
        "number": run["number"],
        "technique": _said(words_of(run["technique"]), language),
        "protocol": run["protocol"],
        "words": name_in(run["words"], language) if run["words"] else "",
        "not_detected": [
            {
                "key": one["key"],
                "name": name_in(one["names"], language),
                "lod": None if one["lod"] is None else plain(Decimal(one["lod"])),
                "unit": _said(unit_words(one["unit"]), language),
            }
            for one in run["not_detected"]
        ],
    }


def _text(found: Finding, language: str) -> Shown:
    return {
        "text": found.text(language),
        "edited": keeping.is_edited(found, language),
        "outdated": keeping.is_outdated(found, language),
    }


def shown_kept_evidence(
    session: Session, sample_id: uuid.UUID, language: str
) -> list[tuple[str, str]]:
    """Return the kept evidence that a draft may cite: identifier and moment, newest first."""
    kept = kept_fusions(session, sample_id)
    return [(str(one.id), moment(one.made_at, language)) for one in kept]


def shown_offers(found: Finding, composed: Composed, language: str) -> list[Shown]:
    """Return what a draft may hold: every proposed detection, kept or left out."""
    held = {keeping.detection_key(one): one for one in found.detections}
    offers = []
    for one in composed.offered:
        kept = held.get(one.key)
        offers.append(
            {
                "key": one.key,
                "name": name_in(kept_value(one.reading.what.names), language),
                "role": kept.role if kept else one.role,
                "abundance": kept.abundance if kept else one.abundance,
                "left_out": kept is None,
            }
        )
    return offers
