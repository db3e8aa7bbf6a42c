from __future__ import annotations

import io
import uuid
from datetime import date
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.intake import consents, refusals, refusing
from lims.intake import operations as intake
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import NotAccepted, Sample
from lims.journal.queries import acts_about
from tests.intake.tablets import Tablet
from tests.makers import (
    Network,
    api_headers,
    load_vocabularies,
    log_in_client,
    make_samples,
    told_sample,
)

ALL = {"consent_data": True, "consent_second_laboratory": True, "consent_photo": True}


@pytest.fixture
def agreed(session: Session, network: Network) -> Sample:
    """Give a sample to which everything was agreed, with two photos."""
    sample = make_samples(session, network, told_sample(**ALL))[0]
    size = {"side": "front", "width": 9, "height": 9, "by": "worker"}
    for place in range(2):
        session.add(SamplePhoto(sample_id=sample.id, sha256=str(place) * 64, **size))
    session.commit()
    return sample


def photos(session: Session) -> int:
    return session.scalar(select(func.count(SamplePhoto.id))) or 0


def withdrawn(consent: str, sample: Sample) -> consents.WithdrawConsent:
    return consents.WithdrawConsent(sample.id, consent)


@pytest.mark.parametrize("consent", ["data", "second_laboratory", "photo"])
def test_each_agreement_is_taken_back_alone_and_written_down(
    session: Session, network: Network, agreed: Sample, consent: str
) -> None:
    consents.withdraw_consent(session, network.worker, withdrawn(consent, agreed))
    standing = {name for name in ALL if getattr(agreed, name)}
    assert standing == set(ALL) - {f"consent_{consent}"}
    assert agreed.consent_destroy
    last = acts_about(session, "sample", [agreed.id])[-1]
    assert (last.act, last.detail["consent"]) == ("withdraw consent", consent)
    assert photos(session) == (0 if consent == "photo" else 2)
    with pytest.raises(Refused):
        consents.withdraw_consent(session, network.worker, withdrawn(consent, agreed))


def test_an_agreement_is_taken_back_even_after_the_result(
    session: Session, network: Network, agreed: Sample
) -> None:
    agreed.state = "released"
    session.flush()
    consents.withdraw_consent(session, network.worker, withdrawn("data", agreed))
    assert not agreed.consent_data


def test_unticking_the_photo_in_a_correction_lets_go_of_the_photos(
    session: Session, network: Network, agreed: Sample
) -> None:
    answers = told_sample(**{**ALL, "consent_photo": False})
    command = intake.CorrectSample(agreed.id, agreed.row_version, answers)
    intake.correct_sample(session, network.worker, command)
    assert photos(session) == 0


@pytest.mark.parametrize("consent", ["", "destroy", "everything"])
def test_another_agreement_is_not_taken_back_so(
    session: Session, network: Network, agreed: Sample, consent: str
) -> None:
    with pytest.raises(Invalid):
        consents.withdraw_consent(session, network.worker, withdrawn(consent, agreed))


def test_an_agreement_is_for_the_point_where_it_was_given(
    session: Session, network: Network, agreed: Sample
) -> None:
    with pytest.raises(NotFound):
        consents.withdraw_consent(session, network.festival_worker, withdrawn("data", agreed))
    with pytest.raises(NotPermitted):
        consents.withdraw_consent(session, network.chemist, withdrawn("data", agreed))


def test_the_page_names_the_consequence_and_takes_it_back(
    app: Any, session: Session, agreed: Sample
) -> None:
    page = log_in_client(app, session, "worker")
    at = f"/samples/{agreed.id}"
    assert "no second laboratory" in page.get(at).text
    told = page.post(f"{at}/agreements", data={"consent": "photo"}, follow_redirects=True).text
    assert "The agreement is taken back." in told and photos(session) == 0
    session.commit()
    again = page.post(f"{at}/agreements", data={"consent": "photo"}, follow_redirects=True).text
    assert "flash--error" in again


def test_the_api_takes_an_agreement_back(app: Any, session: Session, agreed: Sample) -> None:
    client, headers = app.test_client(), api_headers(session, "worker")
    at = f"/api/intake/samples/{agreed.id}/agreements"
    assert client.delete(f"{at}/data", headers=headers).json["consent_data"] is False
    assert client.delete(f"{at}/data", headers=headers).status_code == 409
    assert client.delete(f"{at}/destroy", headers=headers).status_code == 422


# -------------------------------------------------------------------------------- not accepted


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    load_vocabularies(session)
    session.commit()
    return network


def noted(network: Network, **told: Any) -> refusing.NoteNotAccepted:
    given = {"site_id": network.counter.id, "reason": "too-little", "form": "powder", **told}
    return refusing.NoteNotAccepted(**given)


def test_what_is_not_accepted_is_counted_by_site_week_and_reason(
    session: Session, ready: Network
) -> None:
    for reason in ("too-little", "too-little", "closing"):
        refusing.note_not_accepted(session, ready.worker, noted(ready, reason=reason))
    rows, total = refusals.counted(session, ready.worker)
    assert total == 2 and {(row.reason, row.count) for row in rows} == {
        ("too-little", 2),
        ("closing", 1),
    }
    assert refusals.counted(session, ready.festival_worker) == ([], 0)
    with pytest.raises(NotPermitted):
        refusals.counted(session, ready.auditor)


def test_the_same_again_is_one_and_another_under_its_name_is_refused(
    session: Session, ready: Network
) -> None:
    name = uuid.uuid4()
    for _twice in range(2):
        refusing.note_not_accepted(session, ready.worker, noted(ready, id=name))
    with pytest.raises(Refused):
        refusing.note_not_accepted(session, ready.worker, noted(ready, id=name, form=""))
    assert len(session.scalars(select(NotAccepted)).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "bad mood"}, "reason"),
        ({"form": "soup"}, "form"),
        ({"day": date(2999, 1, 1)}, "day"),
    ],
)
def test_what_is_not_on_the_lists_is_refused(
    session: Session, ready: Network, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        refusing.note_not_accepted(session, ready.worker, noted(ready, **wrong))
    assert refusal.value.problems[0].field == field


def test_nothing_of_a_person_has_a_place_there() -> None:
    columns = set(NotAccepted.__table__.columns.keys())
    assert columns == {"id", "site_id", "day", "week", "reason", "form", "by"}


def test_the_page_counts_and_shows(app: Any, session: Session, ready: Network) -> None:
    page = log_in_client(app, session, "worker")
    assert "Count it as not accepted" in page.get("/register").text
    told = {"id": str(uuid.uuid4()), "reason": "too-much", "form": ""}
    assert page.post("/not-accepted", data=told).status_code == 303
    assert "more than the service may hold" in page.get("/not-accepted").text
    wrong = page.post("/not-accepted", data={**told, "id": str(uuid.uuid4()), "reason": ""})
    assert wrong.status_code == 422 and "Choose a reason." in wrong.text
    stranger = log_in_client(app, session, "counsellor")
    assert stranger.post("/not-accepted", data=told).status_code == 403


def test_the_api_counts_and_shows(app: Any, session: Session, ready: Network) -> None:
    client, headers = app.test_client(), api_headers(session, "worker")
    at = f"/api/intake/not-accepted/{uuid.uuid4()}"
    body = {"site_id": str(ready.counter.id), "reason": "closing", "form": "tablet"}
    assert client.put(at, json=body, headers=headers).json["reason"] == "closing"
    other = client.put(at, json={**body, "form": ""}, headers=headers)
    assert other.status_code == 409
    another = f"/api/intake/not-accepted/{uuid.uuid4()}"
    wrong = client.put(another, json={**body, "reason": "x"}, headers=headers)
    assert wrong.status_code == 422
    foreign = client.put(at, json={**body, "site_id": str(ready.festival.id)}, headers=headers)
    assert foreign.status_code == 403
    listed = client.get("/api/intake/not-accepted", headers=headers).json
    assert (listed["total"], listed["counts"][0]["count"]) == (1, 1)


def test_a_device_sends_it_sealed(session: Session, tablet: Tablet) -> None:
    body = {"site_id": tablet.site_id, "reason": "closing", "form": ""}
    sealed = tablet.seals(body, "not accepted")
    assert tablet.send(sealed).status_code == 201
    kept = session.scalars(select(NotAccepted)).one()
    assert (str(kept.id), kept.reason) == (sealed.id, "closing")
    session.commit()
    other = {**body, "site_id": str(uuid.uuid4())}
    assert tablet.send(tablet.seals(other, "not accepted")).status_code == 422


def picture() -> io.BytesIO:
    kept = io.BytesIO()
    Image.new("RGB", (100, 100)).save(kept, "JPEG")
    kept.seek(0)
    return kept


def test_after_taking_back_no_photo_comes_in(
    app: Any, session: Session, network: Network, agreed: Sample
) -> None:
    consents.withdraw_consent(session, network.worker, withdrawn("photo", agreed))
    session.commit()
    page = log_in_client(app, session, "worker")
    page.post(f"/samples/{agreed.id}/photos", data={"photo": (picture(), "a.jpg")})
    assert photos(session) == 0
