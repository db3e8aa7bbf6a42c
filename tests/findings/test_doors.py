from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.findings import operations, queries
from lims.findings.operations import DraftFinding, SubmitFinding
from lims.findings.records import Finding
from tests.findings import makers
from tests.makers import api_headers, log_in_client

NO_FENTANYL = [{"group": "fentanyls", "kind": "not-detected"}]


@pytest.fixture(autouse=True)
def lists(session: Session, network: Any) -> None:
    makers.ready(session, network)
    session.commit()


@pytest.fixture
def client(app: Any, session: Session) -> Callable[[str], Any]:
    return lambda account: log_in_client(app, session, account)


@pytest.fixture
def disputed(session: Session, network: Any) -> Finding:
    """Give a draft on a tablet whose strip and FTIR disagree."""
    sample = makers.analysed_tablet(session, network, "208", "12")
    makers.run(session, network, sample, "strip", [{"group": "fentanyl"}], groups=["fentanyls"])
    makers.run(session, network, sample, "ftir", NO_FENTANYL)
    found = operations.draft_finding(session, network.chemist, DraftFinding(sample.id))
    session.commit()
    return found


def state_of(session: Session, found: Finding) -> str:
    session.expire_all()
    state = session.get_one(Finding, found.id).state
    session.commit()  # SQLite: a session that reads holds the writer's lock
    return state


def test_a_finding_goes_from_runs_to_release_through_its_pages(
    session: Session, network: Any, client: Callable[[str], Any]
) -> None:
    sample = makers.analysed_tablet(session, network, "208", "12")
    makers.run(session, network, sample, "strip", [{"group": "fentanyl"}], groups=["fentanyls"])
    makers.run(session, network, sample, "ftir", NO_FENTANYL)
    session.commit()
    chemist, verifier = client("chemist"), client("verifier")
    assert b"Compose a draft" in chemist.get(f"/findings/new/{sample.id}").data
    address = chemist.post(f"/findings/new/{sample.id}").headers["Location"]
    page = chemist.get(address)
    assert page.status_code == 200 and b"methods disagree" in page.data
    found = queries.latest_finding(session, sample.id)
    assert found is not None
    session.commit()
    form = {"row_version": found.row_version, "detections-0-key": "mdma"}
    form |= {"explanation": "Repeated: negative.", "text_en": "My own words."}
    form |= {"detections-1-key": "fentanyls", "detections-1-left_out": "yes"}
    saved = chemist.post(f"{address}/edit", data=form, follow_redirects=True)
    assert b"My own words." in saved.data and b"The draft is saved." in saved.data
    signed = chemist.post(f"{address}/submit", data={"row_version": _version(session, found)})
    assert signed.status_code == 303
    unread = verifier.post(f"{address}/release", data={"row_version": _version(session, found)})
    assert unread.status_code == 422 and b"Tick each disagreement" in unread.data
    read = {"row_version": _version(session, found), "disagreements_read[]": "fentanyls"}
    assert verifier.post(f"{address}/release", data=read).status_code == 303
    assert state_of(session, found) == "released"
    assert client("worker").get(address).status_code == 200
    assert client("festival_worker").get(address).status_code == 404


def _version(session: Session, found: Finding) -> int:
    session.expire_all()
    version = session.get_one(Finding, found.id).row_version
    session.commit()
    return version


def test_a_refused_draft_loses_nothing_that_was_typed(
    session: Session, disputed: Finding, client: Callable[[str], Any]
) -> None:
    form = {
        "row_version": disputed.row_version,
        "detections-0-key": "mdma",
        "detections-0-role": "spice",
        "explanation": "My long explanation",
        "text_fr": "Mes mots à moi",
    }
    answer = client("chemist").post(f"/findings/{disputed.id}/edit", data=form)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "My long explanation" in text and "Mes mots à moi" in text
    assert "Choose one of the list." in text


def test_a_page_of_before_somebodys_change_is_told_so(
    session: Session, disputed: Finding, client: Callable[[str], Any]
) -> None:
    form = {"row_version": disputed.row_version + 7, "explanation": "Kept words"}
    answer = client("chemist").post(f"/findings/{disputed.id}/edit", data=form)
    assert answer.status_code == 409 and "Kept words" in answer.get_data(as_text=True)


REFUSED: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("chemist", "submit", "draft", {}, 422),
    ("chemist", "release", "to verify", {"disagreements_read": ["fentanyls"]}, 403),
    ("verifier", "release", "draft", {"disagreements_read": ["fentanyls"]}, 409),
    ("verifier", "release", "to verify", {}, 422),
    ("verifier", "send-back", "to verify", {"reason": ""}, 422),
    ("verifier", "send-back", "draft", {"reason": "Why?"}, 409),
    ("chemist", "amend", "draft", {"reason": "Why?"}, 409),
    ("other_chemist", "submit", "draft", {}, 404),
    ("worker", "submit", "draft", {}, 403),
]


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize(("who", "act", "state", "given", "status"), REFUSED)
def test_every_refusal_is_the_same_through_page_and_api(
    app: Any,
    session: Session,
    network: Any,
    disputed: Finding,
    who: str,
    act: str,
    state: str,
    given: dict[str, Any],
    status: int,
    door: str,
) -> None:
    if state == "to verify":
        disputed.explanation = "Said."
        operations.submit_finding(session, network.chemist, SubmitFinding(disputed.id))
        session.commit()
    body = {"row_version": disputed.row_version, **given}
    if door == "api":
        headers = api_headers(session, who)
        address = f"/api/findings/{disputed.id}/{act}"
        answer = app.test_client().post(address, json=body, headers=headers)
        assert answer.mimetype == "application/problem+json"
    else:
        form = {f"{k}[]" if isinstance(v, list) else k: v for k, v in body.items()}
        answer = log_in_client(app, session, who).post(f"/findings/{disputed.id}/{act}", data=form)
    assert answer.status_code == status
    assert state_of(session, disputed) == state


def test_the_whole_way_through_the_api(app: Any, session: Session, network: Any) -> None:
    sample = makers.analysed_tablet(session, network, "130", "3")
    session.commit()
    client, chemist = app.test_client(), api_headers(session, "chemist")
    body = {"sample_id": str(sample.id), "id": str(uuid.uuid4())}
    made = client.post("/api/findings", json=body, headers=chemist)
    assert made.status_code == 201 and made.json["danger"] == "caution"
    assert client.post("/api/findings", json=body, headers=chemist).json["id"] == made.json["id"]
    address = f"/api/findings/{made.json['id']}"
    change = {"row_version": made.json["row_version"], "text_fr": "Mes mots."}
    edited = client.put(address, json=change, headers=chemist)
    assert edited.json["texts"]["fr"] == {"text": "Mes mots.", "edited": True, "outdated": False}
    sent = client.post(
        f"{address}/submit", json={"row_version": edited.json["row_version"]}, headers=chemist
    )
    verifier = api_headers(session, "verifier")
    released = client.post(
        f"{address}/release", json={"row_version": sent.json["row_version"]}, headers=verifier
    )
    assert (released.status_code, released.json["state"]) == (200, "released")
    assert released.json["detections"][0]["value"] == "130"
    worker = api_headers(session, "worker")
    listed = client.get("/api/findings?state=released", headers=worker)
    assert [one["id"] for one in listed.json["items"]] == [made.json["id"]]


def test_the_certificate_is_a_page_and_a_pdf_without_anything_of_the_visitor(
    session: Session, network: Any, client: Callable[[str], Any]
) -> None:
    found = makers.released(session, network, makers.analysed_tablet(session, network))
    found.sample.visit.session_name = "Secret festival"
    session.commit()
    reader = client("chemist")
    page = reader.get(f"/findings/{found.id}/certificate?lang=fr")
    assert page.status_code == 200 and b"Secret festival" not in page.data
    drawn = reader.get(f"/findings/{found.id}/certificate.pdf")
    assert drawn.mimetype == "application/pdf"
    text = _pdf_text(drawn.data)
    assert "MDMA" in text and found.sample.code[:4] in text
    assert "Secret" not in text and "Counter" not in text and "chemist" not in text


def _pdf_text(data: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_draft_has_no_certificate(
    session: Session, disputed: Finding, client: Callable[[str], Any]
) -> None:
    for name in ("certificate", "certificate.pdf"):
        assert client("chemist").get(f"/findings/{disputed.id}/{name}").status_code == 409


def test_a_condition_is_said_in_the_language_of_the_reader_beside_the_words_of_its_source(
    client: Callable[[str], Any],
) -> None:
    page = client("counsellor").get("/findings/rules?lang=nl").text
    assert "elke detectie" in page and "any detection<" not in page
    assert '<span class="sub" lang="en">any detection in a sample expected as LSD</span>' in page
    one = client("counsellor").get("/findings/rules/any-bromazolam?lang=fr").text
    assert "toute détection" in one and "any detection<" not in one


def test_the_rules_page_tells_in_force_from_context(client: Callable[[str], Any]) -> None:
    page = client("counsellor").get("/findings/rules")
    assert page.status_code == 200
    assert b"sp-mdma-120" in page.data and b"be-eurotox-mdma-120" in page.data
    coordinator = client("coordinator")
    chosen = coordinator.post("/findings/rules/places", data={"codes[]": ["BE"]})
    assert chosen.status_code == 303
    assert b"judges here too" in coordinator.get("/findings/rules").data
    assert client("chemist").post("/findings/rules/places").status_code == 403
