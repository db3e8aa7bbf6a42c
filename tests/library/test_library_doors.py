"""Substances, standards and thin-layer systems through the page and the machine door."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid
from lims.library import queries
from lims.library.records import Substance
from lims.library.schemas import SearchSchema
from tests.makers import Network, api_headers, log_in_client

FORM = {
    "name_en": "Synthetic substance",
    "smiles": "FC(F)COc1ccccc1CCN",
    "chemical_class": "phenethylamine",
    "role": "psychoactive",
    "source": "synthetic, for a test",
    "synonyms": "made-up one\nmade-up two",
}


def path_of(answer: Any) -> str:
    return str(answer.headers["Location"])


def test_a_chemist_adds_a_substance_and_two_others_confirm_it(
    app: Any, session: Session, chemist: Any, library: dict[str, Substance]
) -> None:
    answer = chemist.post("/library/substances/new", data=FORM)
    assert answer.status_code == 303
    page = chemist.get(path_of(answer)).text
    assert "two other people confirm it" in page and "made-up two" in page
    assert page.count("not confirmed") > 3 and "class='core'" in page
    where = path_of(answer)
    key = page.partition('name="inchikey"')[0]
    found = queries.resolve_name(session, "made-up one").substance
    assert found is not None and key
    inchikey = found.inchikey
    session.rollback()
    told = {"inchikey": inchikey, "compared_with": "synthetic certificate"}
    for account in ("second_chemist", "other_chemist"):
        person = log_in_client(app, session, account)
        assert person.post(f"{where}/confirmation", data=told).status_code == 303
    shown = chemist.get(where).text
    assert "Structure confirmed" in shown and "not confirmed" not in shown


def test_a_substance_that_is_there_is_refused_with_the_way_to_it(
    chemist: Any, library: dict[str, Substance]
) -> None:
    there = {**FORM, "smiles": "CNC(C)Cc1ccc2c(c1)OCO2.Cl", "cas": "42542-10-8"}
    answer = chemist.post("/library/substances/new", data=there)
    assert answer.status_code == 422
    assert f"/library/substances/{library['mdma'].id}" in answer.text
    assert 'value="Synthetic substance"' in answer.text and "check digit" in answer.text
    nonsense = chemist.post("/library/substances/new", data={**FORM, "smiles": "C1CC"})
    assert nonsense.status_code == 422 and "cannot be read" in nonsense.text
    assert chemist.post("/library/substances/new", data={}).status_code == 422


def test_names_are_added_and_removed_on_the_page(
    chemist: Any, library: dict[str, Substance], session: Session
) -> None:
    where = f"/library/substances/{library['mdma'].id}"
    assert chemist.post(f"{where}/names", data={"name": "Made-up name"}).status_code == 303
    assert chemist.post(f"{where}/names", data={"name": "!!"}).status_code == 422
    assert "Made-up name" in chemist.get(where).text
    kept = {one.name: one.id for one in queries.names(session, library["mdma"].id)}
    session.rollback()
    removal = f"{where}/names/{kept['Made-up name']}/removal"
    assert chemist.post(removal).status_code == 303
    assert "Made-up name" not in chemist.get(where).text.replace("The name is removed.", "")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"structure": "c1cc"}, "cannot be read as SMILES or SMARTS"),
        ({"structure": "*.*.*.*.[Nv9]"}, "cannot be read as SMILES or SMARTS"),
        ({"formula": "MDMA"}, "This is not a formula"),
        ({"mz": "heavy"}, "number"),
        ({"mz": "100", "adduct": "[M+K]+"}, "Choose one of the list."),
        ({"threshold": "7", "structure": "CC"}, "At most 1"),
    ],
)
def test_a_search_that_cannot_be_done_says_why_through_both_doors(
    app: Any, session: Session, chemist: Any, library: dict[str, Substance],
    query: dict[str, str], words: str,
) -> None:  # fmt: skip
    page = chemist.get("/library", query_string=query)
    assert page.status_code == 422 and words in page.text
    keys = api_headers(session, "chemist")
    answer = app.test_client().get("/api/library/substances", query_string=query, headers=keys)
    assert answer.status_code == 422 and words in answer.text


def test_a_mass_a_part_and_a_likeness_find_a_substance_on_the_page(
    chemist: Any, library: dict[str, Substance]
) -> None:
    for query in (
        {"mz": "194,1176", "adduct": "[M+H]+", "tolerance": "5"},
        {"structure": "c1ccc2c(c1)OCO2"},
        {"structure": "CNC(C)Cc1ccc2c(c1)OCO2", "relation": "similar"},
        {"text": "NO2C11H15"},
    ):
        page = chemist.get("/library", query_string=query)
        assert page.status_code == 200 and ">MDMA</a>" in page.text


def test_a_program_adds_confirms_and_takes_back(
    app: Any, session: Session, library: dict[str, Substance]
) -> None:
    api, keys = app.test_client(), api_headers(session, "chemist")
    told = {**FORM, "synonyms": ["made-up one"], "id": str(uuid.uuid4())}
    for _twice in range(2):
        made = api.post("/api/library/substances", json=told, headers=keys)
        assert made.status_code == 201 and made.json["marked"]
    where = f"/api/library/substances/{made.json['id']}"
    word = {"inchikey": made.json["inchikey"], "compared_with": "synthetic"}
    assert api.post(f"{where}/confirmations", json=word, headers=keys).status_code == 409
    second, head = (api_headers(session, name) for name in ("second_chemist", "head"))
    given = api.post(f"{where}/confirmations", json=word, headers=second)
    assert given.status_code == 201
    assert api.post(f"{where}/confirmations", json=word, headers=second).status_code == 409
    assert api.post(f"{where}/confirmations", json=word, headers=head).status_code == 201
    whole = api.get(where, headers=keys).json
    assert whole["substance"]["structure_status"] == "confirmed"
    assert whole["computed"]["adducts"]["[M+H]+"] and whole["computed"]["isotopes"]
    back = f"/api/library/confirmations/{given.json['id']}/withdrawal"
    assert api.post(back, json={"reason": ""}, headers=second).status_code == 422
    assert api.post(back, json={"reason": "wrong"}, headers=second).status_code == 201
    assert api.get(where, headers=keys).json["substance"]["structure_status"] == "unconfirmed"
    name = api.post(f"{where}/names", json={"name": "made-up three"}, headers=keys)
    assert api.delete(f"{where}/names/{name.json['id']}", headers=keys).status_code == 204
    assert api.delete(f"{where}/names/{name.json['id']}", headers=keys).status_code == 404
    nothing = f"/api/library/measurements/{uuid.uuid4()}/withdrawal"
    assert api.post(nothing, json={"reason": "x"}, headers=head).status_code == 404
    assert api.post(nothing, json={"reason": "x"}, headers=keys).status_code == 403


def test_a_bottle_is_used_and_counted_through_both_doors(
    app: Any, session: Session, head: Any, library: dict[str, Substance], network: Network
) -> None:
    typed = {"substance": "MDMA", "lot": "L-9", "remaining_mg": "10", "expires": "2999-01-01"}
    assert head.post("/library/lots", data=typed).status_code == 303
    api, keys = app.test_client(), api_headers(session, "head")
    (lot,) = api.get(f"/api/library/lots?site_id={network.laboratory.id}", headers=keys).json
    where = f"/library/lots/{lot['id']}"
    used = {"mg": "2,5", "reason": "plate", "row_version": lot["row_version"]}
    assert head.post(f"{where}/uses", data=used).status_code == 303
    assert head.post(f"{where}/uses", data=used).status_code == 409
    again = {"mg": "99", "reason": "plate"}
    refused = head.post(f"{where}/uses", data=again)
    assert refused.status_code == 422 and "Only 7.5 mg are left." in refused.text
    assert api.post(f"/api{where}/uses", json=again, headers=keys).status_code == 422
    right = {"remaining_mg": "0", "reason": "spilt"}
    assert api.post(f"/api{where}/corrections", json=right, headers=keys).status_code == 201
    page = head.get(where).text
    assert "counted again" in page and "spilt" in page and "empty" in page
    assert head.post(f"{where}/corrections", data={"remaining_mg": ""}).status_code == 422
    told = api.get(f"/api{where}", headers=keys).json
    assert (told["state"], len(told["uses"])) == ("empty", 2)
    assert "L-9" in head.get("/library/lots?state=empty").text
    assert "L-9" not in head.get("/library/lots?state=expired").text
    assert head.get(f"/library/lots/{uuid.uuid4()}").status_code == 404
    worker = log_in_client(app, session, "worker")
    assert worker.get(where).status_code == 403
    assert worker.post(f"{where}/uses", data=again).status_code == 403


def test_the_systems_are_shown_with_their_figures_through_both_doors(
    app: Any, session: Session, chemist: Any, library: dict[str, Substance]
) -> None:
    for language in ("en", "fr", "nl"):
        assert chemist.get(f"/library/systems?lang={language}").status_code == 200
        page = chemist.get(f"/library/systems/TA?lang={language}")
        assert page.status_code == 200 and 'class="chart"' in page.text
    assert chemist.get("/library/systems?window=soon").status_code == 422
    assert chemist.get("/library/systems/XX").status_code == 404
    keys = api_headers(session, "chemist")
    api = app.test_client()
    listed = api.get("/api/library/systems", headers=keys).json
    assert {"TA", "TB", "TAF"} <= {one["code"] for one in listed}
    one = api.get("/api/library/systems/TA?window=20", headers=keys).json
    assert one["bases"][0]["discriminating_power"] == pytest.approx(4 / 6)
    assert api.get("/api/library/systems/XX", headers=keys).status_code == 404


def test_every_new_page_refuses_who_has_no_duty_for_it(
    app: Any, session: Session, library: dict[str, Substance], network: Network
) -> None:
    keeper, worker = (log_in_client(app, session, name) for name in ("administrator", "worker"))
    one = library["mdma"].id
    for path in ("/library/systems", "/library/systems/TA", "/library/substances/new"):
        assert keeper.get(path).status_code == 403
    for path in ("/library/substances/new", f"/library/substances/{one}/names"):
        data = FORM if path.endswith("new") else {"name": "x"}
        assert worker.post(path, data=data).status_code == 403
    word = {"inchikey": library["mdma"].inchikey, "compared_with": "x"}
    assert worker.post(f"/library/substances/{one}/confirmation", data=word).status_code == 403


@given(
    st.dictionaries(
        st.sampled_from(sorted(SearchSchema().fields)), st.text(max_size=30), max_size=5
    )
)
def test_any_nonsense_in_the_search_is_filters_or_is_refused(typed: dict[str, str]) -> None:
    try:
        assert SearchSchema().read(typed).relation in ("contains", "similar")
    except Invalid as refusal:
        assert refusal.problems
