from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from lims.alerts import picturing
from lims.alerts.audiences import PICTURE_AUDIENCES, Audience
from lims.alerts.records import AlertVersion
from lims.foundation import files
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from tests.alerts.alerting import approve, make_draft, submit, update
from tests.makers import Network, log_in_client


def photo(note: str = "") -> bytes:
    buffer = io.BytesIO()
    about = Image.Exif()
    about[0x010E] = note
    Image.new("RGB", (200, 150), (210, 180, 40)).save(buffer, "JPEG", exif=about)
    return buffer.getvalue()


def give(
    session: Session, network: Network, version: AlertVersion, folder: Path, **given: Any
) -> AlertVersion:
    actor = given.pop("actor", network.coordinator)
    values: dict[str, Any] = {"plain_ground": True, "data": photo()} | given
    command = picturing.SetPicture(version.id, version.row_version, folder=folder, **values)
    found = picturing.set_picture(session, actor, command)
    session.flush()
    return found


def test_a_picture_is_kept_without_what_the_camera_wrote_into_it(
    session: Session, network: Network, tmp_path: Path
) -> None:
    version = make_draft(session, network)
    give(session, network, version, tmp_path, data=photo("canary-place"))
    assert version.picture is not None
    kept = files.fetch(tmp_path, version.picture.sha256)
    assert b"canary" not in kept and Image.open(io.BytesIO(kept)).size == (200, 150)


@pytest.mark.parametrize("given", [{"plain_ground": False}, {"data": b""}, {"data": b"%PDF-1.7"}])
def test_what_is_no_plain_picture_is_refused(
    session: Session, network: Network, tmp_path: Path, given: dict[str, Any]
) -> None:
    version = make_draft(session, network)
    with pytest.raises(Invalid):
        give(session, network, version, tmp_path, **given)
    assert version.picture is None


def test_the_picture_of_what_is_in_review_does_not_change(
    session: Session, network: Network, tmp_path: Path
) -> None:
    version = submit(session, network, make_draft(session, network))
    with pytest.raises(Refused):
        give(session, network, version, tmp_path)


def test_who_may_not_draft_gives_no_picture(
    session: Session, network: Network, tmp_path: Path
) -> None:
    version = make_draft(session, network)
    with pytest.raises(NotPermitted):
        give(session, network, version, tmp_path, actor=network.counsellor)


def test_a_picture_taken_off_is_gone_and_cannot_be_taken_off_again(
    session: Session, network: Network, tmp_path: Path
) -> None:
    version = give(session, network, make_draft(session, network), tmp_path)
    for expected in (None, NotFound):
        command = picturing.RemovePicture(version.id, version.row_version)
        if expected is None:
            picturing.remove_picture(session, network.coordinator, command)
            session.flush()
        else:
            with pytest.raises(expected):
                picturing.remove_picture(session, network.coordinator, command)
    assert version.picture is None


def test_an_update_keeps_the_picture(session: Session, network: Network, tmp_path: Path) -> None:
    draft = give(session, network, make_draft(session, network), tmp_path)
    approve(session, network, submit(session, network, draft))
    made = update(session, network, draft)
    assert made.picture is not None and draft.picture is not None
    assert made.picture.sha256 == draft.picture.sha256 and made.picture.id != draft.picture.id


def test_the_police_is_not_shown_the_picture(session: Session, network: Network, app: Any) -> None:
    assert Audience.JUDICIAL_POLICE not in PICTURE_AUDIENCES
    version = make_draft(session, network)
    session.commit()
    client = log_in_client(app, session, "coordinator")
    given = {"row_version": version.row_version, "plain_ground": "on"}
    sent = {**given, "picture": (io.BytesIO(photo()), "x.jpg")}
    assert client.post(f"/alerts/{version.id}/picture", data=sent).status_code == 303
    address = f"/alerts/{version.id}/picture.jpg"
    assert client.get(address).mimetype == "image/jpeg"
    for audience in Audience:
        page = client.get(f"/alerts/{version.id}?audience={audience}").text
        assert (address in page) == (audience in PICTURE_AUDIENCES)
