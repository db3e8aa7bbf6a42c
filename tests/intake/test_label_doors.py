"""Labels through pages, machine door and command line: the same rules behind each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import codes as sample_codes
from lims.intake.label_records import LabelPrint, LabelTemplate
from lims.intake.papers import papers
from tests.intake.prints import codes, pages
from tests.intake.zpl import read_zpl
from tests.makers import Network, api_headers, load_vocabularies, log_in_client, make_block
from tests.makers import make_samples as made

FORM = {
    "name": "Tubes",
    "paper": "avery-l7651",
    "field_1": "form",
    "field_2": "week",
    "qr_side": "14",
    "text_pt": "7,5",
    "copies": "1",
    "offset_x": "0",
    "offset_y": "-0,5",
    "output": "pdf",
}
FACTS = {
    "name": "Tubes",
    "paper": "roll-50x25",
    "fields": ["form"],
    "qr_side": "12",
    "text_pt": "8",
    "copies": 1,
    "offset_x": "0",
    "offset_y": "0",
    "output": "zpl203",
}


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network, 60)
    session.commit()
    return network


@pytest.fixture
def counter(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at the counter."""
    return log_in_client(app, session, "worker")


@pytest.fixture
def stranger(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at another site."""
    return log_in_client(app, session, "festival_worker")


def count(session: Session, table: Any) -> int:
    session.commit()
    found = session.scalar(select(func.count()).select_from(table)) or 0
    session.commit()  # an open session would keep SQLite's only writer waiting
    return found


def test_printing_again_asks_why_on_a_page_that_keeps_what_was_chosen(
    counter: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    session.commit()
    wanted = {"sample_ids[]": str(sample.id), "layout": "avery-l7160", "start": "4"}
    first = counter.post("/labels.pdf", data=wanted)
    assert [text for page in pages(first.data) for text in codes(page)] == [sample.code]
    asked = counter.post("/labels.pdf", data=wanted)
    assert asked.status_code == 422
    assert str(sample.id) in asked.text and 'value="4"' in asked.text
    assert '<option value="avery-l7160" selected>' in asked.text
    assert "two tubes with one code" in asked.text
    again = counter.post("/labels.pdf", data={**wanted, "reason": "damaged"})
    assert again.mimetype == "application/pdf"
    page = counter.get(f"/samples/{sample.id}").text
    assert "Printed: 2 ×" in page and "label damaged or torn" in page
    assert count(session, LabelPrint) == 2


def test_a_sample_that_was_never_printed_is_printed_without_a_question(
    counter: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    session.commit()
    page = counter.get(f"/samples/{sample.id}").text
    assert (
        "Never printed." in page
        and 'name="reason"' not in page.split("Label of the tube")[1].split("</form>")[0]
    )


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


def test_a_label_printer_gets_a_file_or_a_text_to_copy(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    headers = api_headers(session, "worker")
    sample = made(session, ready)[0]
    session.commit()
    told = {"facts": FACTS, "site_id": str(ready.counter.id)}
    template_id = str(uuid.uuid4())
    address = f"/api/intake/label-templates/{template_id}"
    assert app.test_client().put(address, json=told, headers=headers).status_code == 200
    wanted = {"sample_ids[]": str(sample.id), "layout": template_id}
    file = counter.post("/labels.pdf", data=wanted)
    assert (
        "attachment" in file.headers["Content-Disposition"]
        and "labels.zpl" in file.headers["Content-Disposition"]
    )
    (label,) = read_zpl(file.text)
    assert codes(label.picture()) == [sample.code]
    shown = counter.post("/labels.pdf", data={**wanted, "reason": "printer", "show": "zpl"})
    assert "<textarea" in shown.text and "^XA" in shown.text


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


def test_prints_and_sheets_through_the_machine_door(
    app: Any, session: Session, ready: Network
) -> None:
    client, headers = app.test_client(), api_headers(session, "worker")
    sample = made(session, ready)[0]
    session.commit()
    body = {"sample_ids": [str(sample.id)], "layout": "a4-3x8"}
    assert client.post("/api/intake/labels", json=body, headers=headers).data[:4] == b"%PDF"
    asked = client.post("/api/intake/labels", json=body, headers=headers)
    assert asked.status_code == 422 and asked.json["errors"][0]["field"] == "reason"
    again = {**body, "reason": "lost"}
    assert client.post("/api/intake/labels", json=again, headers=headers).status_code == 200
    prints = client.get(f"/api/intake/samples/{sample.id}/prints", headers=headers).json
    assert [(one["nth"], one["reason"]) for one in prints] == [(1, ""), (2, "lost")]
    blank = {"layout": "avery-l7160", "most": 21, "place": "bag"}
    printed = client.post("/api/intake/blocks/1/labels", json=blank, headers=headers)
    assert len([text for page in pages(printed.data) for text in codes(page)]) == 21
    (sheet,) = client.get("/api/intake/blocks/1/sheets", headers=headers).json["sheets"]
    assert (sheet["free"], sheet["place"]) == (21, "bag")
    place = f"/api/intake/sheets/{sheet['id']}/place"
    assert client.put(place, json={"place": "table 3"}, headers=headers).status_code == 204
    once_more = f"/api/intake/sheets/{sheet['id']}/labels"
    assert client.post(once_more, json={}, headers=headers).status_code == 422
    told = client.post(once_more, json={"reason": "printer"}, headers=headers)
    assert told.mimetype == "application/pdf"
    stranger = api_headers(session, "festival_worker")
    for address in (once_more, "/api/intake/blocks/1/labels"):
        assert client.post(address, json={}, headers=stranger).status_code == 404


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


def test_a_block_shows_its_sheets_and_says_what_is_wrong(
    counter: Any, stranger: Any, session: Session
) -> None:
    wanted = {"layout": "a4-3x8", "most": "30", "start": "1", "place": "blue bag"}
    wrong = counter.post("/codes/1/labels.pdf", data={**wanted, "start": "40"})
    assert wrong.status_code == 422 and "labels 1 to 24" in wrong.text and "blue bag" in wrong.text
    assert counter.post("/codes/1/labels.pdf", data=wanted).data[:4] == b"%PDF"
    page = counter.get("/codes/blocks/1").text
    assert "blue bag" in page and "24 / 24" in page and "6 / 6" in page
    assert counter.get("/codes/1/sheets.pdf").data[:4] == b"%PDF"
    assert stranger.get("/codes/blocks/1").status_code == 404
    assert stranger.get("/codes/1/sheets.pdf").status_code == 404


@pytest.mark.parametrize("account", ["counsellor", "chemist", "auditor"])
def test_who_may_not_print_finds_no_page_of_labels(
    app: Any, session: Session, ready: Network, account: str
) -> None:
    client = log_in_client(app, session, account)
    for address in ("/labels", "/labels/new", "/labels/calibration.pdf", "/codes/blocks/1"):
        assert client.get(address).status_code == 403
    assert client.post("/labels/preview", data=FORM).status_code == 403


@pytest.mark.parametrize("paper", ["a5", "roll-80", "roll-58", "zpl203-80", "scroll"])
def test_a_ticket_is_printed_on_the_paper_that_was_chosen(
    counter: Any, session: Session, paper: str
) -> None:
    visit = str(uuid.uuid4())
    told = {"id": visit, "then": "register", "language": "nl", "samples-0-form": "tablet"}
    told |= {"samples-0-sold_as": "MDMA", "samples-0-consent_destroy": "yes"}
    page = counter.post("/register", data=told).text
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    answer = counter.post(f"/visits/{visit}/ticket.pdf", data={"ticket": ticket, "paper": paper})
    if paper == "scroll":
        assert answer.status_code == 422
        return
    picture = (
        read_zpl(answer.text)[0].picture() if paper.startswith("zpl") else pages(answer.data)[0]
    )
    (read,) = codes(picture)
    assert read.endswith(f"/#{ticket.replace('-', '')}")


def test_labels_at_the_command_line(
    session: Session, ready: Network, settings: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    from lims.cli import main

    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    sample = made(session, ready)[0]
    code = sample.code
    session.commit()
    out = tmp_path / "labels.pdf"

    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["labels", *words])

    assert run("samples", code, "--out", str(out)).exit_code == 0
    assert [text for page in pages(out.read_bytes()) for text in codes(page)] == [code]
    assert run("samples", code, "--out", str(out)).exit_code == 2
    assert run("samples", code, "--reason", "lost", "--out", str(out)).exit_code == 0
    blank = ("blank", "--block", "1", "--layout", "avery-l7651", "--most", "5", "--start", "63")
    assert "sheets 1, 2" in run(*blank, "--out", str(out)).output
    assert len(pages(out.read_bytes())) == 2
    assert run("calibration", "--layout", "avery-l7651", "--out", str(out)).exit_code == 0
    assert "avery-l7651" in run("papers").output
    assert run("templates").exit_code == 0
