"""Labels through pages, machine door and command line: the same rules behind each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.intake.label_records import LabelPrint
from tests.intake.labelling import FACTS, FORM, count
from tests.intake.prints import codes, pages
from tests.intake.zpl import read_zpl
from tests.makers import Network, api_headers, log_in_client
from tests.makers import make_samples as made


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


def test_a_block_of_an_impossible_number_is_not_found(counter: Any) -> None:
    assert counter.get(f"/codes/blocks/{10**21}").status_code == 404


def test_who_does_not_print_is_led_to_no_page_of_labels(
    app: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    session.commit()
    client = log_in_client(app, session, "coordinator")
    page = client.get(f"/visits/{sample.visit_id}")
    assert page.status_code == 200 and 'href="/labels"' not in page.text
