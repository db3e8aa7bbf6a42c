from __future__ import annotations

import csv
import importlib.util
import time
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted
from lims.journal.records import JournalEntry
from lims.library import operations, queries, references
from lims.library.operations import AddReferenceLot, load_library
from lims.library.records import (
    ColourReference,
    LibraryVersion,
    ReferenceLot,
    RetentionMeasurement,
    RetentionReference,
    Substance,
    SubstanceName,
)
from lims.library.search import SubstanceFilters, search
from lims.network.queries import OPERATOR
from lims.protocols.records import ProtocolVersion

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def library(session: Session, network: Any) -> LibraryVersion:
    return load_library(session, OPERATOR)


def rows(name: str) -> list[dict[str, str]]:
    with (CHECKOUT / "reference_data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_whole_shipped_library_is_loaded_in_less_than_three_seconds(
    session: Session, network: Any
) -> None:
    begun = time.process_time()
    version = load_library(session, network.coordinator)
    session.flush()
    assert time.process_time() - begun < 3
    assert version.number == 1
    assert count(session, Substance) == len(rows("substances.csv"))
    agreed = [row for row in rows("reagents.csv") if row["agreement"] in ("agree", "partial")]
    assert count(session, ColourReference) == len(agreed)
    assert count(session, RetentionReference) == len(rows("tlc_systems.csv"))


def test_loading_twice_changes_nothing(session: Session, library: LibraryVersion) -> None:
    before = (count(session, SubstanceName), count(session, JournalEntry))
    again = load_library(session, OPERATOR)
    assert again.id == library.id
    assert (count(session, SubstanceName), count(session, JournalEntry)) == before


def test_changed_tables_make_a_new_version_and_keep_the_identity_of_substances(
    session: Session, library: LibraryVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mdma = queries.substance_by_key(session, "mdma")
    shipped = CHECKOUT / "reference_data"
    for path in shipped.rglob("*.csv"):
        copy = tmp_path / path.relative_to(shipped)
        copy.parent.mkdir(exist_ok=True)
        text = path.read_text(encoding="utf-8")
        copy.write_text(text.replace("mdma,MDMA,", "mdma,MDMA renamed,"), encoding="utf-8")
    monkeypatch.setattr(operations, "shipped", lambda _folder: tmp_path)
    newer = load_library(session, OPERATOR)
    after = queries.substance_by_key(session, "mdma")
    assert (newer.number, queries.library_version(session)) == (2, 2)
    assert mdma is not None and after is not None
    assert (after.id, after.name_en) == (mdma.id, "MDMA renamed")


def test_only_those_who_publish_may_load_the_library(session: Session, network: Any) -> None:
    with pytest.raises(NotPermitted):
        load_library(session, network.chemist)


def test_the_shipped_groups_are_those_that_the_structures_give() -> None:
    path = CHECKOUT / "scripts" / "structural_groups.py"
    spec = importlib.util.spec_from_file_location("structural_groups", path)
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shipped = {row["key"]: tuple(row["groups"].split("|")) for row in rows("substance_groups.csv")}
    assert shipped == script.groups_by_key()


def test_a_substance_carries_its_groups_flags_and_structure_status(
    session: Session, library: LibraryVersion
) -> None:
    pma = queries.substance_by_key(session, "pma")
    assert pma is not None
    assert (pma.late_onset, pma.always_alert, pma.groups) == (True, True, ["phenethylamines"])
    assert pma.structure_status == "confirmed"
    assert queries.substance_by_key(session, "no such key") is None


@pytest.mark.parametrize(
    "written",
    [
        *("MDMA", " mdma ", "XTC", "3,4-Methylenedioxymethamphetamine", "42542-10-9"),
        *("SHXWCVYOXRDMCX-UHFFFAOYSA-N", "M-D-M-A", "mdma\x00"),
    ],
)
def test_a_substance_is_found_by_name_synonym_and_identifier(
    session: Session, library: LibraryVersion, written: str
) -> None:
    found = queries.resolve_name(session, written)
    assert found.substance is not None
    assert found.substance.key == "mdma"


def test_a_name_that_can_mean_two_substances_is_never_guessed(
    session: Session, library: LibraryVersion
) -> None:
    found = queries.resolve_name(session, "paddo")
    assert found.substance is None
    assert {one.key for one in found.candidates} == {"psilocybin", "psilocin"}


@pytest.mark.parametrize(
    "nonsense", ["", "   ", "???", "\x00", "no such substance", "%", "x" * 5000]
)
def test_a_name_that_means_nothing_stays_unresolved(
    session: Session, library: LibraryVersion, nonsense: str
) -> None:
    found = queries.resolve_name(session, nonsense)
    assert (found.substance, found.candidates) == (None, ())


def test_vocabularies_speak_three_languages_and_refuse_unknown_codes(
    session: Session, library: LibraryVersion
) -> None:
    forms = queries.terms(session, "dosage_form")
    assert [term.code for term in forms][:3] == ["tablet", "powder", "crystal"]
    assert queries.term_label(session, "dosage_form", "tablet", "fr") == "comprimé"
    assert queries.term_label(session, "dosage_form", "unknown-code", "fr") == "unknown-code"
    queries.refuse_unknown_term(session, "dosage_form", "", "form")
    with pytest.raises(Invalid) as refusal:
        queries.refuse_unknown_term(session, "dosage_form", "brick", "form")
    assert refusal.value.problems[0].field == "form"


def test_the_palette_has_its_place_in_cielab(session: Session, library: LibraryVersion) -> None:
    palette = {term.code: term for term in queries.terms(session, "palette")}
    assert len(palette) == 30
    assert palette["white"].extra["lab"] == [97.18, -0.35, 0.96]
    assert "lab" not in palette["none"].extra
    assert palette["purple"].label("nl") == "paars, violet"


def test_terms_are_empty_before_the_library_is_loaded_and_known_at_once_after(
    session: Session, network: Any
) -> None:
    assert not queries.terms(session, "dosage_form")
    load_library(session, OPERATOR)
    assert queries.terms(session, "dosage_form")


def test_psychoactive_substances_are_suggested_first(
    session: Session, library: LibraryVersion
) -> None:
    offered = queries.suggestions(session, "fr", 400)
    assert offered.index("MDMA") < offered.index("Paracétamol")


def test_substances_are_searched_by_part_of_a_name_and_by_class(
    session: Session, network: Any, library: LibraryVersion
) -> None:
    named = search(session, network.chemist, SubstanceFilters("nitazen"))
    assert named.total == len(named.substances) > 3
    first = search(session, network.chemist, SubstanceFilters("xtc")).substances
    assert first[0].key == "mdma"
    part = search(session, network.chemist, SubstanceFilters(), page=2, size=10)
    assert (part.total, len(part.substances)) == (len(rows("substances.csv")), 10)
    cathinones = search(session, network.chemist, SubstanceFilters("", "cathinone")).substances
    assert {one.chemical_class for one in cathinones} == {"cathinone"}
    with pytest.raises(NotPermitted):
        search(session, network.administrator, SubstanceFilters())


def test_measured_retentions_are_told_apart_by_laboratory_and_protocol_version(
    session: Session, network: Any, library: LibraryVersion
) -> None:
    codeine = queries.substance_by_key(session, "codeine")
    assert codeine is not None
    protocol = ProtocolVersion(
        name="tlc-synthetic", version=1, technique="tlc", titles={"en": "Synthetic"},
        content_hash="0" * 64, document={}, published_by="test",
    )  # fmt: skip
    session.add(protocol)
    session.flush()
    for site, hrf in ((network.laboratory, "32.0"), (network.laboratory, "34.0"),
                      (network.second_laboratory, "40")):  # fmt: skip
        session.add(
            RetentionMeasurement(
                substance_id=codeine.id, protocol_id=protocol.id, site_id=site.id,
                run_id=uuid.uuid4(), hrf=Decimal(hrf),
            )
        )  # fmt: skip
    session.flush()
    first, second = references.measured_retentions(session, substance_id=codeine.id)
    assert (first.site, first.n, first.mean, first.sd) == (
        "Laboratory one", 2, Decimal("33.0"), Decimal("1.4"),
    )  # fmt: skip
    assert (second.n, second.mean, second.sd) == (1, Decimal("40.0"), None)
    cited = references.cited_retentions(session, codeine.id, "TA")
    assert [(one.hrf, one.reference_order) for one in cited] == [(Decimal(33), 2)]


def lot_of(session: Session, site_id: uuid.UUID, **more: Any) -> AddReferenceLot:
    mdma = queries.substance_by_key(session, "mdma")
    assert mdma is not None
    return AddReferenceLot(substance_id=mdma.id, site_id=site_id, lot="L-1", **more)


def test_a_laboratory_adds_a_reference_lot_once(
    session: Session, network: Any, library: LibraryVersion
) -> None:
    command = lot_of(session, network.laboratory.id, id=uuid.uuid4(), purity=Decimal("99.5"))
    first = operations.add_reference_lot(session, network.head, command)
    assert operations.add_reference_lot(session, network.head, command).id == first.id
    listed = references.reference_lots(session, network.laboratory.id)
    assert [(lot.lot, what.key) for lot, what in listed] == [("L-1", "mdma")]
    assert not references.reference_lots(session, network.second_laboratory.id)


def test_a_lot_of_another_laboratory_is_refused(
    session: Session, network: Any, library: LibraryVersion
) -> None:
    with pytest.raises(NotPermitted):
        command = lot_of(session, network.second_laboratory.id)
        operations.add_reference_lot(session, network.head, command)
    with pytest.raises(NotPermitted):
        command = lot_of(session, network.laboratory.id)
        operations.add_reference_lot(session, network.chemist, command)
    assert count(session, ReferenceLot) == 0


def test_a_lot_of_an_unknown_substance_is_not_found(
    session: Session, network: Any, library: LibraryVersion
) -> None:
    command = AddReferenceLot(substance_id=uuid.uuid4(), site_id=network.laboratory.id, lot="L")
    with pytest.raises(NotFound):
        operations.add_reference_lot(session, network.head, command)


def test_a_lot_with_impossible_days_or_purity_is_refused_beside_each_field(
    session: Session, network: Any, library: LibraryVersion
) -> None:
    wrong = lot_of(
        session,
        network.laboratory.id,
        purity=Decimal(101),
        received=date(2026, 5, 2),
        opened=date(2026, 5, 1),
        expires=date(2026, 4, 1),
    )
    june = datetime(2026, 6, 1, tzinfo=UTC)
    with clock.stopped_at(june), pytest.raises(Invalid) as refusal:
        operations.add_reference_lot(session, network.head, wrong)
    assert {one.field for one in refusal.value.problems} == {"purity", "opened", "expires"}
