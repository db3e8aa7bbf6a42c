from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.intake import logo_lists, logos
from lims.intake import operations as intake
from lims.intake.logo_records import Logo
from lims.intake.logo_words import fold_logo
from lims.products import queries as products
from lims.products.records import Product
from tests.makers import Network, api_headers, log_in_client, make_samples, told_sample


@pytest.fixture
def marked(session: Session, network: Network) -> dict[str, Logo]:
    """Give three logos, proposed while registering."""
    told = [told_sample(logo=words) for words in ("Superman", "Super-man S", "red bull")]
    make_samples(session, network, *told)
    return {logo.name: logo for logo in session.scalars(select(Logo))}


@given(st.text(max_size=80))
def test_folding_a_folded_logo_changes_nothing(text: str) -> None:
    assert fold_logo(fold_logo(text)) == fold_logo(text)


def test_a_new_word_becomes_a_proposed_logo_and_the_same_word_the_same(
    session: Session, network: Network
) -> None:
    first, second, none = make_samples(
        session,
        network,
        told_sample(logo="Red Bull", logo_back="half"),
        told_sample(logo="RED-BULL"),
        told_sample(logo="none"),
    )
    assert first.logo_id == second.logo_id and none.logo_id is None
    assert first.logo_back_id not in (None, first.logo_id)
    assert (first.logo, second.logo) == ("Red Bull", "RED-BULL")
    assert session.get_one(Logo, first.logo_id).state == "proposed"


def test_a_corrected_logo_names_another_entry(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    sample = make_samples(session, network, told_sample(logo="Superman"))[0]
    command = intake.CorrectSample(sample.id, sample.row_version, told_sample(logo="red bull"))
    intake.correct_sample(session, network.worker, command)
    assert sample.logo_id == marked["red bull"].id


def test_merged_logos_are_found_as_one_and_nothing_is_lost(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    one, other = marked["Super-man S"], marked["Superman"]
    logos.merge_logos(session, network.coordinator, logos.MergeLogos(one.id, other.id))
    meant = logo_lists.same_words(session, "superman s")
    assert meant == {"superman", "supermans"}
    sample = make_samples(session, network, told_sample(logo="Super-man S"))[0]
    assert (sample.logo, sample.logo_id) == ("Super-man S", one.id)
    rows, total = logo_lists.logos(session, network.worker, logo_lists.LogoFilters())
    assert total == 2 and {row.samples for row in rows} == {3, 1}


def test_a_merge_is_undone_with_all_that_was_beneath_it(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    coordinator = network.coordinator
    one, two, three = marked["Super-man S"], marked["Superman"], marked["red bull"]
    logos.merge_logos(session, coordinator, logos.MergeLogos(one.id, two.id))
    logos.merge_logos(session, coordinator, logos.MergeLogos(two.id, three.id))
    assert {logo.standing_id for logo in marked.values()} == {three.id}
    logos.undo_merge(session, coordinator, logos.UndoMerge(two.id))
    assert (one.standing_id, two.standing_id, three.standing_id) == (two.id, two.id, three.id)
    logos.undo_merge(session, coordinator, logos.UndoMerge(one.id))
    assert one.standing_id == one.id and one.merged_into_id is None


def test_a_logo_is_merged_into_the_one_that_stands_and_never_into_itself(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    coordinator = network.coordinator
    one, two, three = marked["Super-man S"], marked["Superman"], marked["red bull"]
    logos.merge_logos(session, coordinator, logos.MergeLogos(one.id, two.id))
    with pytest.raises(Refused):
        logos.merge_logos(session, coordinator, logos.MergeLogos(one.id, three.id))
    for itself in (two, one):
        with pytest.raises(Invalid):
            logos.merge_logos(session, coordinator, logos.MergeLogos(two.id, itself.id))
    with pytest.raises(Refused):
        logos.undo_merge(session, coordinator, logos.UndoMerge(three.id))
    with pytest.raises(NotFound):
        logos.merge_logos(session, coordinator, logos.MergeLogos(three.id, uuid.uuid4()))


def test_a_named_logo_is_known_and_still_found_by_its_former_name(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    logo = marked["red bull"]
    command = logos.NameLogo(logo.id, "Toro rosso", logo.row_version)
    logos.name_logo(session, network.coordinator, command)
    assert (logo.name, logo.state) == ("Toro rosso", "known")
    for words in ("Red Bull", "toro ROSSO"):
        found = logo_lists.entry_of(session, words)
        assert found is not None and found.id == logo.id
    logos.name_logo(session, network.coordinator, logos.NameLogo(logo.id, "red bull"))
    assert {alias.words for alias in logo.aliases} == {"Toro rosso"}
    with pytest.raises(Stale):
        logos.name_logo(session, network.coordinator, command)


@pytest.mark.parametrize("words", ["", "none", "x" * 61, "Superman", "call 0475 12 34 56"])
def test_a_name_that_is_none_or_another_logos_is_refused(
    session: Session, network: Network, marked: dict[str, Logo], words: str
) -> None:
    logo = marked["red bull"]
    with pytest.raises(Invalid):
        logos.name_logo(session, network.coordinator, logos.NameLogo(logo.id, words))
    with pytest.raises(Invalid):
        logos.add_alias(session, network.coordinator, logos.AddAlias(logo.id, words))


def test_another_word_means_the_logo_until_it_is_taken_off(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    logo = marked["red bull"]
    for _twice in range(2):
        logos.add_alias(session, network.coordinator, logos.AddAlias(logo.id, "Taureau"))
    assert len(logo.aliases) == 1
    sample = make_samples(session, network, told_sample(logo="TAUREAU"))[0]
    assert sample.logo_id == logo.id
    logos.remove_alias(session, network.coordinator, logos.RemoveAlias(logo.aliases[0].id))
    assert logo_lists.entry_of(session, "taureau") is None
    assert logo_lists.same_words(session, sample.logo, sample.logo_id) >= {"redbull"}
    with pytest.raises(NotFound):
        logos.remove_alias(session, network.coordinator, logos.RemoveAlias(uuid.uuid4()))


def test_only_a_coordinator_changes_the_list(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    logo = marked["red bull"]
    for act, command in (
        (logos.name_logo, logos.NameLogo(logo.id, "x")),
        (logos.add_alias, logos.AddAlias(logo.id, "x")),
        (logos.remove_alias, logos.RemoveAlias(logo.id)),
        (logos.merge_logos, logos.MergeLogos(logo.id, logo.id)),
        (logos.undo_merge, logos.UndoMerge(logo.id)),
    ):
        with pytest.raises(NotPermitted):
            act(session, network.worker, command)


def test_products_are_found_by_another_word_for_their_logo(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    from lims.foundation import clock

    day = clock.today()
    for number, logo in (("P-1", "Red Bull"), ("P-2", "anchor")):
        look = {"form": "tablet", "colour": "red", "logo": logo, "logo_folded": fold_logo(logo)}
        session.add(Product(number=number, first_seen=day, last_seen=day, samples=1, **look))
    command = logos.AddAlias(marked["red bull"].id, "Taureau")
    logos.add_alias(session, network.coordinator, command)
    session.flush()
    rows, _total = products.find_by_look(session, network.worker, "tablet", "", "taureau")
    assert rows[0].product.number == "P-1" and rows[0].likeness is not None
    assert rows[0].likeness.score == 1


@pytest.fixture
def page(app: Any, session: Session, marked: dict[str, Logo]) -> Any:
    return log_in_client(app, session, "coordinator")


def test_the_pages_list_name_merge_and_undo(
    page: Any, session: Session, marked: dict[str, Logo]
) -> None:
    one, two = str(marked["Super-man S"].id), str(marked["Superman"].id)
    assert "Super-man S" in page.get("/logos?words=super").text
    assert "red bull" not in page.get("/logos?words=super").text
    assert page.post(f"/logos/{two}", data={"name": "Man of steel"}).status_code == 303
    assert page.post(f"/logos/{two}/words", data={"words": "Kal-El"}).status_code == 303
    assert page.post(f"/logos/{one}/merge", data={"into_id": two}).status_code == 303
    told = page.get(f"/logos/{two}").text
    assert "Kal-El" in told and "Super-man S" in told and "Man of steel" in told
    assert "Man of steel" in page.get(f"/logos/{one}").text
    assert page.post(f"/logos/{one}/undo").status_code == 303
    assert "Undo" not in page.get(f"/logos/{one}").text


@pytest.mark.parametrize(
    ("where", "typed", "status"),
    [
        ("", {"name": "Superman"}, 422),
        ("", {"name": "x", "row_version": "99"}, 409),
        ("/words", {"words": ""}, 422),
        ("/merge", {"into_id": ""}, 422),
        ("/merge", {"into_id": str(uuid.uuid4())}, 404),
    ],
)
def test_a_refusal_on_the_page_keeps_it_open(
    page: Any, marked: dict[str, Logo], where: str, typed: dict[str, str], status: int
) -> None:
    assert page.post(f"/logos/{marked['red bull'].id}{where}", data=typed).status_code == status


def test_a_worker_sees_the_list_without_its_buttons(
    app: Any, session: Session, marked: dict[str, Logo]
) -> None:
    worker = log_in_client(app, session, "worker")
    told = worker.get(f"/logos/{marked['red bull'].id}").text
    assert "red bull" in told and "Merge" not in told
    assert worker.post(f"/logos/{marked['red bull'].id}/undo").status_code == 403


def test_the_api_does_all_of_it(app: Any, session: Session, marked: dict[str, Logo]) -> None:
    client, headers = app.test_client(), api_headers(session, "coordinator")
    one, two = str(marked["Super-man S"].id), str(marked["Superman"].id)
    at = "/api/intake/logos"
    assert client.get(at, headers=headers).json["total"] == 3
    named = client.put(f"{at}/{two}", json={"name": "Steel"}, headers=headers)
    assert named.json["state"] == "known"
    assert client.put(f"{at}/{two}", json={"name": ""}, headers=headers).status_code == 422
    added = client.post(f"{at}/{two}/words", json={"words": "Kal"}, headers=headers).json
    assert {"Kal", "Superman"} == {alias["words"] for alias in added["aliases"]}
    alias = added["aliases"][0]["id"]
    assert client.delete(f"{at}/{two}/words/{alias}", headers=headers).status_code == 200
    assert client.delete(f"{at}/{two}/words/{alias}", headers=headers).status_code == 404
    merged = client.post(f"{at}/{one}/merge", json={"into_id": two}, headers=headers)
    assert merged.json["id"] == two
    again = client.post(f"{at}/{one}/merge", json={"into_id": two}, headers=headers)
    assert again.status_code == 409
    undone = client.delete(f"{at}/{one}/merge", headers=headers).json
    assert undone["standing_id"] == one
    assert client.delete(f"{at}/{one}/merge", headers=headers).status_code == 409
    assert client.get(f"{at}/{uuid.uuid4()}", headers=headers).status_code == 404


def test_the_list_takes_as_many_questions_for_many_as_for_few(
    session: Session, network: Network, marked: dict[str, Logo]
) -> None:
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *one: asked.append(one[2]))
    counts = []
    for more in range(2):
        told = [told_sample(logo=f"mark {more} {n}") for n in range(5)]
        make_samples(session, network, *told)
        session.expire_all()
        asked.clear()
        logo_lists.logos(session, network.coordinator, logo_lists.LogoFilters())
        counts.append(len(asked))
    assert counts[0] == counts[1]
