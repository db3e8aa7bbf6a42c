from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.intake.logo_words import fold_logo
from lims.intake.logos import AddAlias, add_alias, propose_logo
from lims.intake.photo_records import SamplePhoto
from lims.library.records import VocabularyTerm
from lims.products import appearance, photos, queries
from lims.products.looks import LEAST_SCORE, Look, Tolerance
from lims.products.records import Product, ProductSample
from tests.findings import makers

LOOKS: tuple[dict[str, Any], ...] = (
    {"colour": "orange", "logo": "Buoy", "shape": "hexagon", "length_mm": Decimal("9.1")},
    {"colour": "red", "logo": "Buoy", "logo_back": "Anchor", "score_line": True},
    {"colour": "blue", "logo": "Bouy", "shape": "hexagonal", "thickness_mm": Decimal("4.2")},
    {"colour": "", "logo": "Anchor", "unit_mass_mg": Decimal(410), "score_line": False},
    {"colour": "orange", "logo": "", "shape": "round", "width_mm": Decimal(8)},
    {"colour": "white", "logo": "Crown", "form": "capsule"},
)
ASKED = (
    Look("tablet", "orange", "buoy"),
    Look("tablet", "", "bouy", "hexagon"),
    Look("", "red", "anchor", logo_back="buoy", score_line=True),
    Look("tablet", hex="#F28C20", length_mm=Decimal("9.3"), unit_mass_mg=Decimal(400)),
    Look("tablet", "blue", thickness_mm=Decimal(4), width_mm=Decimal("8.2"), score_line=False),
    Look("tablet"),
    Look("", "", "none"),
)


@pytest.fixture(autouse=True)
def shapes(session: Session, network: Any) -> Iterator[list[Product]]:
    for sort, (code, value) in enumerate(
        (("orange", "#F28C28"), ("red", "#E4572E"), ("blue", "#2454A4"), ("white", "#FFFFFF"))
    ):
        labels = {language: code for language in ("fr", "nl", "en")}
        term = {"list_name": "colour", "code": code, "sort": sort, "labels": labels}
        session.add(VocabularyTerm(**term, extra={"hex": value}))
    made = []
    for number, seen in enumerate(LOOKS, start=1):
        look = {"form": "tablet", **seen}
        product = Product(
            number=f"P-{number:04d}",
            logo_folded=fold_logo(look["logo"]),
            logo_back_folded=fold_logo(look.get("logo_back", "")),
            first_seen=date(2026, 11, 3),
            last_seen=date(2026, 11, 3),
            samples=1,
            **look,
        )
        session.add(product)
        made.append(product)
    session.commit()
    yield made


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_the_database_ranks_as_the_rules_explain(
    session: Session, network: Any, place: int
) -> None:
    wanted, within = ASKED[place], Tolerance()
    rows, total = queries.search(session, network.counsellor, wanted, within)
    meant = appearance.meaning(session, wanted)
    told = {
        one.id: fit.score
        for one in session.scalars(select(Product))
        if (fit := appearance.fit_of(wanted, one, meant, within)) is not None
    }
    assert {row.product.id for row in rows} == set(told) and total == len(told)
    shares = [told[row.product.id] for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert all(row.likeness is not None and row.likeness.reasons for row in rows)


def test_a_wider_tolerance_lets_a_measure_fit(session: Session, network: Any) -> None:
    wanted = Look("tablet", length_mm=Decimal("10.0"))

    def share(mm: str) -> float:
        rows, _n = queries.search(session, network.counsellor, wanted, Tolerance(mm=Decimal(mm)))
        found = [row.likeness for row in rows if row.product.number == "P-0001"]
        return found[0].score if found and found[0] else 0.0

    assert share("0.5") <= LEAST_SCORE < share("2")


def test_words_of_one_mark_are_the_same_logo(session: Session, network: Any) -> None:
    logo_id = propose_logo(session, network.worker, "Anchor")
    assert logo_id is not None
    add_alias(session, network.coordinator, AddAlias(logo_id, "Ancre de marine"))
    asked = Look("tablet", logo="ancre de marine")
    rows, _n = queries.search(session, network.counsellor, asked, Tolerance())
    assert [row.likeness.score for row in rows[:2] if row.likeness] == [1, 1]
    assert {row.product.number for row in rows[:2]} == {"P-0002", "P-0004"}


def test_nothing_said_finds_nothing(session: Session, network: Any) -> None:
    assert queries.search(session, network.counsellor, Look(), Tolerance()) == ([], 0)


def test_photos_beside_a_product_are_fronts_and_backs_that_were_agreed_to(
    session: Session, network: Any, shapes: list[Product]
) -> None:
    product = shapes[0]
    kept = []
    for agrees in (True, False):
        sample = makers.sample(session, network, None, consent_photo=agrees)
        session.add(
            ProductSample(
                product_id=product.id, sample_id=sample.id, current_sample_id=sample.id, by="x"
            )
        )
        for side in ("front", "back", "packaging"):
            photo = SamplePhoto(
                id=uuid.uuid4(), sample_id=sample.id, side=side, sha256="0", width=1, height=1
            )
            photo.by = "worker"
            session.add(photo)
            kept.append((agrees, side, photo))
    session.flush()
    found = photos.photos_of(session, [product.id])[product.id]
    assert [one.side for one in found] == ["front", "back"]
    for agrees, side, photo in kept:
        if agrees and side != "packaging":
            assert photos.photo(session, network.counsellor, product.id, photo.id) is photo
        else:
            with pytest.raises(photos.NotFound):
                photos.photo(session, network.counsellor, product.id, photo.id)
