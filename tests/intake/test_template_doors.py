"""Templates of labels through pages and the machine door: the same rules behind each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import codes as sample_codes
from lims.intake.label_records import LabelTemplate
from lims.intake.papers import papers
from tests.intake.labelling import FACTS, FORM, count
from tests.makers import Network, api_headers


def test_templates_are_made_changed_copied_and_retired_on_pages(
    counter: Any, stranger: Any, session: Session
) -> None:
    assert counter.post("/labels/new", data=FORM).status_code == 303
    found = session.scalars(select(LabelTemplate)).one()
    version, template_id = found.row_version, found.id
    assert str(found.offset_y) == "-0.5"
    session.commit()
    address = f"/labels/{template_id}"
    assert 'value="Tubes"' in counter.get(address).text
    assert "Tubes, copy" in counter.get(f"/labels/new?copy={template_id}").text
    changed = {**FORM, "name": "Small tubes", "row_version": str(version)}
    assert counter.post(address, data=changed).status_code == 303
    assert counter.post(address, data=changed).status_code == 409
    assert stranger.get(address).status_code == 404
    assert "Small tubes" not in stranger.get("/labels").text
    assert stranger.post(f"{address}/retire").status_code == 404
    assert (
        counter.post("/labels/default", data={"template_id": str(template_id)}).status_code == 303
    )
    assert "your site takes it" in counter.get("/labels").text
    assert counter.post(f"{address}/retire").status_code == 303
    assert "Small tubes" not in counter.get("/labels").text
    assert "Small tubes" in counter.get("/labels?retired=yes").text


def test_the_preview_needs_no_script_and_keeps_what_was_typed(
    counter: Any, session: Session
) -> None:
    page = counter.post("/labels/new", data={**FORM, "then": "preview", "name": "In between"})
    assert page.status_code == 200
    assert "EXAM-PLE1" in page.text and "<svg" in page.text and 'value="In between"' in page.text
    assert count(session, LabelTemplate) == 0
    wrong = counter.post("/labels/preview", data={**FORM, "qr_side": "30"})
    assert "12 to 15.3 mm" in wrong.text and "<svg" not in wrong.text
    assert "<svg" in counter.post("/labels/preview", data=FORM).text


def test_no_sample_can_have_the_code_of_the_preview() -> None:
    from lims.foundation.errors import Invalid
    from lims.intake.labels import EXAMPLE

    with pytest.raises(Invalid):
        sample_codes.read_code(EXAMPLE)


def test_what_does_not_fit_is_said_beside_its_field(counter: Any, session: Session) -> None:
    own = {"paper": "own", "own_page_width": "100", "own_page_height": "60"}
    own |= {"own_label_width": "60", "own_label_height": "30", "own_columns": "2", "own_rows": "2"}
    page = counter.post("/labels/new", data={**FORM, **own})
    assert page.status_code == 422
    assert 'href="#f-own_label_width"' in page.text and "wider than the page" in page.text
    assert 'value="100"' in page.text
    missing = counter.post("/labels/new", data={**FORM, "paper": "own"})
    assert missing.status_code == 422 and 'href="#f-own_page_width"' in missing.text


def test_templates_through_the_machine_door(app: Any, session: Session, ready: Network) -> None:
    client, headers = app.test_client(), api_headers(session, "worker")
    stranger = api_headers(session, "festival_worker")
    address = f"/api/intake/label-templates/{uuid.uuid4()}"
    told = {"facts": FACTS, "site_id": str(ready.counter.id)}
    first = client.put(address, json=told, headers=headers)
    assert first.json["fields"] == ["form"] and first.json["qr_side"] == "12"
    assert client.put(address, json=told, headers=headers).json == first.json
    assert client.put(address, json=told, headers=stranger).status_code == 403
    assert client.get(address, headers=stranger).status_code == 404
    network_wide = f"/api/intake/label-templates/{uuid.uuid4()}"
    assert client.put(network_wide, json={"facts": FACTS}, headers=headers).status_code == 403
    change = {"facts": {**FACTS, "copies": 3}, "row_version": first.json["row_version"]}
    assert client.patch(address, json=change, headers=headers).json["copies"] == 3
    assert client.patch(address, json=change, headers=headers).status_code == 409
    wrong = client.patch(
        address, json={**change, "facts": {**FACTS, "qr_side": "5"}}, headers=headers
    )
    assert wrong.status_code in (409, 422)
    usual = f"/api/intake/sites/{ready.counter.id}/label-template"
    body = {"template_id": first.json["id"]}
    assert client.put(usual, json=body, headers=headers).status_code == 204
    assert client.put(usual, json=body, headers=stranger).status_code == 403
    listed = client.get("/api/intake/label-templates", headers=headers).json
    assert [one["name"] for one in listed["templates"]] == ["Tubes"]
    assert client.get("/api/intake/label-templates", headers=stranger).json["total"] == 0
    assert client.delete(address, headers=headers).json["retired"] is True
    assert client.get("/api/intake/label-templates", headers=headers).json["total"] == 0


def test_every_paper_and_its_calibration_sheet_is_given(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    client, headers = app.test_client(), api_headers(session, "worker")
    listed = client.get("/api/intake/label-papers", headers=headers).json
    assert {one["name"] for one in listed} == set(papers())
    for one in listed:
        page = counter.get(f"/labels/calibration.pdf?layout={one['name']}")
        assert page.data[:4] == b"%PDF"
    address = "/api/intake/label-papers/{}/calibration"
    assert client.get(address.format("a4-3x8"), headers=headers).data[:4] == b"%PDF"
    assert client.get(address.format("papyrus"), headers=headers).status_code == 422
