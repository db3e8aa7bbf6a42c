from __future__ import annotations

import base64
import io
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling.sweeping import _named
from lims.foundation import files
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.intake import operations as intake
from lims.intake import photos, pictured
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import Sample
from lims.journal.queries import acts_about
from tests.intake.tablets import Tablet
from tests.intake.taken import CANARY, bad_files, drawn, saved, talkative
from tests.makers import Network, api_headers, log_in_client, make_samples, told_sample


@pytest.fixture
def agreed(session: Session, network: Network) -> Sample:
    return make_samples(session, network, told_sample(consent_photo=True))[0]


@pytest.fixture
def attach(
    session: Session, agreed: Sample, network: Network, tmp_path: Path
) -> Callable[..., Any]:
    """Give what attaches a photo to the sample."""

    def act(actor: Any = None, **told: Any) -> SamplePhoto:
        command = {
            "id": uuid.uuid4(),
            "sample_id": agreed.id,
            "side": "front",
            "data": saved(drawn()),
            "folder": tmp_path,
            **told,
        }
        return photos.attach_photo(session, actor or network.worker, photos.AttachPhoto(**command))

    return act


def test_a_photo_is_kept_and_the_sweeping_keeps_its_file(
    session: Session, agreed: Sample, attach: Callable[..., Any], tmp_path: Path
) -> None:
    made = attach(side="back", mm_per_px=Decimal("0.05"))
    assert files.fetch(tmp_path, made.sha256).startswith(b"\xff\xd8")
    assert made.sha256 in _named(session)
    assert (made.side, made.mm_per_px) == ("back", Decimal("0.05"))
    assert acts_about(session, "sample", [agreed.id])[-1].act == "attach photo"


def test_the_scale_of_a_photo_grows_as_it_shrinks(attach: Callable[..., Any]) -> None:
    made = attach(data=saved(drawn(3200, 2000)), mm_per_px=Decimal("0.02"))
    assert (made.width, made.mm_per_px) == (1600, Decimal("0.04"))


def test_the_same_photo_again_is_one_photo(session: Session, attach: Callable[..., Any]) -> None:
    name, data = uuid.uuid4(), saved(drawn())
    assert attach(id=name, data=data) is attach(id=name, data=data)
    with pytest.raises(Refused):
        attach(id=name, data=saved(drawn(500, 300)))
    with pytest.raises(Refused):
        attach(id=name, data=data, side="back")
    assert len(session.scalars(select(SamplePhoto)).all()) == 1


def test_a_sample_has_at_most_six_photos(attach: Callable[..., Any]) -> None:
    for _one in range(6):
        attach()
    with pytest.raises(Refused):
        attach()


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "inside"},
        {"mm_per_px": Decimal(0)},
        {"mm_per_px": Decimal(-1)},
        {"mm_per_px": Decimal(50)},
        {"data": b"no"},
    ],
)
def test_a_photo_that_cannot_be_right_is_refused(
    attach: Callable[..., Any], wrong: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        attach(**wrong)


def test_without_agreement_or_after_withdrawal_nothing_is_kept(
    session: Session, network: Network, attach: Callable[..., Any], agreed: Sample
) -> None:
    silent = make_samples(session, network)[0]
    with pytest.raises(Refused):
        attach(sample_id=silent.id)
    command = intake.WithdrawSample(agreed.id, "changed mind")
    intake.withdraw_sample(session, network.worker, command)
    with pytest.raises(Refused):
        attach()
    with pytest.raises(NotFound):
        attach(sample_id=uuid.uuid4())


def test_photos_are_for_the_point_and_the_laboratory_that_has_the_sample(
    session: Session, network: Network, attach: Callable[..., Any], agreed: Sample
) -> None:
    for stranger, why in (("festival_worker", NotFound), ("auditor", NotPermitted)):
        with pytest.raises(why):
            attach(actor=network.actors[stranger])
    agreed.laboratory_id = network.laboratory.id
    session.flush()
    made = attach(actor=network.chemist)
    with pytest.raises(NotFound):
        pictured.photo(session, network.festival_worker, made.id)
    photos.remove_photo(session, network.chemist, photos.RemovePhoto(made.id))
    with pytest.raises(NotFound):
        pictured.photo(session, network.worker, made.id)


# --------------------------------------------------------------------------------------- doors


@pytest.fixture
def page(app: Any, session: Session, agreed: Sample) -> Any:
    return log_in_client(app, session, "worker")


def sent(data: bytes, side: str = "front") -> dict[str, Any]:
    return {"side": side, "photo": (io.BytesIO(data), "IMG_20261122_Jan_Peeters.jpg")}


def test_the_page_keeps_shows_and_removes_a_photo(
    page: Any, session: Session, agreed: Sample
) -> None:
    at = f"/samples/{agreed.id}"
    assert page.post(f"{at}/photos", data=sent(talkative()["jpeg"])).status_code == 303
    made = session.scalars(select(SamplePhoto)).one()
    session.commit()
    shown = page.get(f"{at}/photos/{made.id}.jpg")
    assert shown.mimetype == "image/jpeg" and CANARY.encode() not in shown.data
    assert f"{made.id}.jpg" in page.get(at).text and "Peeters" not in page.get(at).text
    assert f"{made.id}.jpg" in page.get(f"/samples/{agreed.id}/life").text
    assert page.post(f"{at}/photos/{made.id}/removal").status_code == 303
    assert page.get(f"{at}/photos/{made.id}.jpg").status_code == 404


@pytest.mark.parametrize("which", ["nothing", "text", "archive too", "half"])
def test_the_page_says_why_a_file_is_refused(page: Any, agreed: Sample, which: str) -> None:
    at = f"/samples/{agreed.id}"
    told = page.post(f"{at}/photos", data=sent(bad_files()[which]), follow_redirects=True).text
    assert "flash--error" in told


def test_the_page_says_that_nobody_agreed(
    app: Any, session: Session, network: Network, agreed: Sample
) -> None:
    silent = make_samples(session, network)[0]
    client = log_in_client(app, session, "worker")
    told = client.post(
        f"/samples/{silent.id}/photos", data=sent(saved(drawn())), follow_redirects=True
    ).text
    assert "flash--error" in told and 'id="f-photo"' not in told


def test_the_api_keeps_gives_and_removes_a_photo(
    app: Any, session: Session, agreed: Sample
) -> None:
    client, headers = app.test_client(), api_headers(session, "worker")
    at = f"/api/intake/samples/{agreed.id}/photos"
    one = f"{at}/{uuid.uuid4()}"
    put = client.put(f"{one}?side=back&mm_per_px=0.05", data=saved(drawn()), headers=headers)
    assert put.status_code == 200 and put.json["side"] == "back"
    assert client.put(one, data=saved(drawn()), headers=headers).status_code == 409
    assert client.get(at, headers=headers).json["photos"][0]["mm_per_px"] == "0.05"
    assert client.get(one, headers=headers).data.startswith(b"\xff\xd8")
    wrong = client.put(f"{at}/{uuid.uuid4()}", data=b"no", headers=headers)
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "photo"
    assert client.put(f"{at}/{uuid.uuid4()}?side=x", headers=headers).status_code == 422
    assert client.delete(one, headers=headers).status_code == 200
    assert client.get(one, headers=headers).status_code == 404


def test_a_device_sends_its_photo_sealed(session: Session, tablet: Tablet) -> None:
    visit = tablet.visit(sample={"consent_photo": True})
    assert tablet.send(visit).status_code == 201
    sample = session.scalars(select(Sample)).one()
    jpeg = base64.b64encode(talkative()["jpeg"]).decode()
    body = {"sample_id": str(sample.id), "side": "back", "jpeg": jpeg, "mm_per_px": "0.05"}
    session.commit()
    sealed = tablet.seals(body, "photo")
    first, again = tablet.send(sealed), tablet.send(sealed)
    assert (first.status_code, again.status_code) == (201, 409), first.json
    made = session.scalars(select(SamplePhoto)).one()
    assert (str(made.id), made.side, made.mm_per_px) == (sealed.id, "back", Decimal("0.05"))
    session.commit()
    for wrong in ({"jpeg": "!!"}, {"side": "x"}, {"sample_id": str(uuid.uuid4())}):
        refused = tablet.send(tablet.seals({**body, **wrong}, "photo"))
        assert refused.status_code in (404, 422) and refused.json["opened"]


def test_the_scale_card_is_a_page_to_print(page: Any) -> None:
    card = page.get("/scale-card.pdf")
    assert card.mimetype == "application/pdf" and card.data.startswith(b"%PDF")


def test_of_a_photo_that_nobody_agreed_to_nothing_reaches_the_disk(
    session: Session, network: Network, tmp_path: Path
) -> None:
    other = make_samples(session, network)[0]
    command = photos.AttachPhoto(uuid.uuid4(), other.id, "front", saved(drawn()), tmp_path)
    with pytest.raises(Refused):
        photos.attach_photo(session, network.worker, command)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
