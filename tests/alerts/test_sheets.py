from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from sqlalchemy.orm import Session

from lims.alerts import audiences, composing, posters, sheets
from lims.alerts.audiences import Audience
from lims.alerts.posters import Poster
from lims.alerts.rules import LEVELS, AlertState
from lims.foundation.measures import MM
from lims.foundation.words import LANGUAGES
from tests.alerts.alerting import edit_text, make_draft, make_published
from tests.alerts.test_composing import FACTS, full_of_canaries
from tests.makers import Network, log_in_client


def poster_of(facts: dict[str, Any], level: str = "red") -> Poster:
    composed = {one: composing.compose(facts, Audience.PUBLIC, "alert", one) for one in LANGUAGES}
    texts = {language: (text.headline, text.body) for language, text in composed.items()}
    return posters.poster(facts, level, "alert", texts)


def foot(level: str = "red", **given: Any) -> sheets.Foot:
    values = {"brand": "Balise", "number": "2026-0001", "day": "", "tlp": "TLP:CLEAR"}
    return sheets.Foot(**{**values, "review_week": "2026-W50", "level": level, **given})


def words_of(document: bytes) -> str:
    pages = pypdfium2.PdfDocument(document)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def size_of(document: bytes) -> tuple[int, int]:
    wide, high = pypdfium2.PdfDocument(document)[0].get_size()
    return round(wide / MM), round(high / MM)


KEPT = audiences.kept(FACTS)


def test_posters_and_cards_have_the_size_of_their_paper() -> None:
    poster = poster_of(KEPT)
    assert size_of(sheets.poster_pdf(poster, foot(), "a4")) == (210, 297)
    assert size_of(sheets.poster_pdf(poster, foot(), "a5")) == (148, 210)
    assert size_of(sheets.card_pdf(poster, foot())) == (105, 74)
    assert size_of(sheets.cards_pdf(poster, foot())) == (210, 297)


@pytest.mark.parametrize("level", LEVELS)
def test_a_poster_says_the_warning_in_three_languages(level: str) -> None:
    words = words_of(sheets.poster_pdf(poster_of(KEPT, level), foot(level), "a5"))
    for expected in ("PMMA", "Neem het niet.", "Do not take it.", "2026-W50", "TLP:CLEAR", "112"):
        assert expected in words


def test_a_card_is_in_one_language_and_there_is_one_for_each() -> None:
    document = pypdfium2.PdfDocument(sheets.card_pdf(poster_of(KEPT), foot()))
    told = [page.get_textpage().get_text_range() for page in document]
    assert len(told) == 3
    assert [("Neem het niet." in words) for words in told] == [False, True, False]


def test_a_long_text_is_made_smaller_and_never_cut_off() -> None:
    facts = KEPT | {"dangers": list(composing.DANGERS), "advice": list(composing.ADVICE)}
    poster = poster_of(facts)
    long = {one: ("Title", "word " * 700 + "last-word") for one in LANGUAGES}
    filled = posters.poster(facts, "red", "alert", long)
    assert words_of(sheets.poster_pdf(filled, foot(), "a5")).count("last-word") == 3
    assert "Naloxon" in words_of(sheets.card_pdf(poster, foot())).replace("naloxon", "Naloxon")


@pytest.mark.parametrize("draw", [sheets.card_pdf, sheets.cards_pdf])
def test_a_sheet_holds_nothing_that_the_public_is_not_told(draw: Any) -> None:
    facts = full_of_canaries()
    told = audiences.AUDIENCE_FACTS[Audience.PUBLIC]
    words = words_of(draw(poster_of(facts), foot()))
    words += words_of(sheets.poster_pdf(poster_of(facts), foot(), "a4"))
    hidden = [f"canary-{name.replace('_', '-')}" for name in audiences.names_of_facts() - told]
    assert [one for one in hidden if one in words] == []


def test_a_sheet_of_what_is_not_published_says_so() -> None:
    assert posters.stands(AlertState.PUBLISHED) == ()
    state = " ".join(posters.stands(AlertState.DRAFT))
    assert "Do not hang up" in words_of(sheets.poster_pdf(poster_of(KEPT), foot(state=state), "a4"))
    assert posters.stands(AlertState.WITHDRAWN) != posters.stands(AlertState.REVIEW)


def test_the_same_alert_gives_the_same_file_twice() -> None:
    poster = poster_of(KEPT)
    assert sheets.poster_pdf(poster, foot(), "a4") == sheets.poster_pdf(poster, foot(), "a4")


def test_sheets_are_for_those_who_may_read_the_version(
    session: Session, network: Network, app: Any
) -> None:
    draft, published = make_draft(session, network), make_published(session, network)
    session.commit()
    worker = log_in_client(app, session, "worker")
    for sheet in ("poster.pdf?size=a5", "card.pdf", "card.pdf?size=a4"):
        assert worker.get(f"/alerts/{published.id}/{sheet}").mimetype == "application/pdf"
        assert worker.get(f"/alerts/{draft.id}/{sheet}").status_code == 404


def test_the_poster_has_the_public_text_in_three_languages(
    session: Session, network: Network, app: Any
) -> None:
    draft = make_draft(session, network)
    edit_text(session, network, draft, headline="À lire", language="fr")
    edit_text(session, network, draft, headline="SECRET", audience="judicial-police")
    session.commit()
    client = log_in_client(app, session, "coordinator")
    page = client.get(f"/alerts/{draft.id}/poster?lang=fr").text
    assert "À lire" in page and "SECRET" not in page
    for words in ("prenez pas", "Neem het niet.", "Do not take it.", "TLP:CLEAR"):
        assert words in page
