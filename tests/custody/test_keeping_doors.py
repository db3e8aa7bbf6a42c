from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.cli import main
from lims.custody import authorisations, sealed_scans
from lims.custody.records import Parcel, TransportPermit
from lims.custody.stores import Destruction, Stocktaking, StoragePlace
from lims.foundation.codes import shown
from lims.foundation.errors import Invalid
from lims.intake.records import Sample
from tests.custody.makers import reconciled, sent
from tests.makers import PASSWORD, Network, api_headers, log_in_client, make_samples, told_sample


@pytest.fixture
def samples(session: Session, network: Network) -> list[Sample]:
    """Register three samples of 20 mg at the counter, sold as something that no paper may tell."""
    told = told_sample(mass_mg=Decimal(20), sold_as="synthetic street product")
    return make_samples(session, network, *(told for _each in range(3)))


@pytest.fixture
def arriving(session: Session, network: Network, samples: list[Sample]) -> Parcel:
    parcel = sent(session, network, *samples[:2])
    session.commit()
    return parcel


def words_of(document: bytes) -> str:
    pages = pypdfium2.PdfDocument(document)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def squares_of(document: bytes) -> set[str]:
    pages = pypdfium2.PdfDocument(document)
    pictures = [page.render(scale=203 / 72).to_pil() for page in pages]
    return {one.text for picture in pictures for one in zxingcpp.read_barcodes(picture)}


def test_a_damaged_seal_is_told_through_both_doors(
    app: Any, session: Session, network: Network, arriving: Parcel, samples: list[Sample]
) -> None:
    page = log_in_client(app, session, "chemist")
    at, api = f"/parcels/{arriving.id}", f"/api/custody/parcels/{arriving.id}"
    headers = api_headers(session, "chemist")
    for told in ({"seal": "", "whole": "yes"}, {"seal": "X", "whole": "yes"}, {"whole": "no"}):
        assert page.post(f"{at}/seal-check", data=told).status_code == 422
        body = {**told, "whole": told["whole"] == "yes"}
        assert page.post(f"{api}/seal-check", json=body, headers=headers).status_code == 422
    asked = page.post(f"{at}/seal-check", data={"seal": "X", "whole": "yes"}).text
    assert 'name="witness_password"' in asked and "This is not what the parcel was" in asked
    told = {"seal": "X", "whole": "yes", "words": "Glued.", "witness_account": "head"}
    assert page.post(f"{at}/seal-check", data={**told, "witness_password": "x"}).status_code == 422
    right = {**told, "witness_password": PASSWORD}
    assert page.post(f"{at}/seal-check", data=right).status_code == 303
    assert page.post(f"{at}/seal-check", data=right).status_code == 409
    worker = log_in_client(app, session, "worker")
    for marked in (at, "/parcels", f"/samples/{samples[0].id}/ledger"):
        assert "seal" in worker.get(marked).text and "damaged" in worker.get(marked).text
    assert "damaged seal" in worker.get(f"/samples/{samples[0].id}/life").text
    assert "unreturned or unaccounted" in worker.get("/start").text


def test_scans_are_taken_back_and_foreign_codes_kept_through_both_doors(
    app: Any, session: Session, network: Network, arriving: Parcel, samples: list[Sample]
) -> None:
    page, headers = log_in_client(app, session, "chemist"), api_headers(session, "chemist")
    at, api = f"/parcels/{arriving.id}", f"/api/custody/parcels/{arriving.id}"
    code = samples[0].code
    assert page.post(f"{at}/scans", data={"code": code, "gross_mg": "1200,5"}).status_code == 303
    for wrong in ("0", "-1", "many"):
        bad = page.post(f"{at}/scans", data={"code": samples[1].code, "gross_mg": wrong})
        assert bad.status_code == 422
    undo = {"code": code, "reason": ""}
    assert page.post(f"{at}/scans/undone", data=undo).status_code == 422
    assert page.post(f"{api}/scans/undone", json=undo, headers=headers).status_code == 422
    done = page.post(f"{api}/scans/undone", json={**undo, "reason": "Another."}, headers=headers)
    assert done.json["items"][0]["scan"] == "expected"
    foreign = page.post(f"{at}/scans", data={"code": "4006381333931"})
    assert foreign.status_code == 422 and 'name="foreign"' in foreign.text
    kept = page.post(f"{at}/scans", data={"code": "4006381333931", "foreign": "yes"})
    assert kept.status_code == 303 and "4006381333931" in page.get(at).text


def test_a_scan_of_a_device_without_network_is_the_same_scan(
    session: Session, network: Network, arriving: Parcel, samples: list[Sample]
) -> None:
    body = {"parcel_id": str(arriving.id), "code": shown(samples[0].code)}
    day = authorisations.today()
    for _twice in range(2):
        command = sealed_scans.SCAN.schema_read(uuid.uuid4(), day, body)
        item = sealed_scans.SCAN.operation(session, network.chemist, command)
    assert sealed_scans.SCAN.subject is not None and sealed_scans.SCAN.result is not None
    told = sealed_scans.SCAN.result(session, sealed_scans.SCAN.subject(item))
    assert told["scan"] == "received" and len(arriving.items) == 2
    for wrong in ({}, {"code": "x"}, {"parcel_id": "no", "code": samples[0].code}):
        with pytest.raises(Invalid):
            sealed_scans.SCAN.schema_read(uuid.uuid4(), day, wrong)


def test_the_transport_sheet_tells_codes_and_nothing_of_visitors(
    app: Any, session: Session, network: Network, arriving: Parcel, samples: list[Sample]
) -> None:
    client = log_in_client(app, session, "worker")
    document = client.get(f"/parcels/{arriving.id}/sheet.pdf?lang=en").data
    words = words_of(document)
    for wanted in (arriving.seal, "P-1", "Counter", "Laboratory one", "page 1 of 1"):
        assert wanted in words
    assert arriving.manifest_hash[:8] in words
    assert {one.code for one in samples[:2]} <= squares_of(document)
    assert "street product" not in words and samples[2].code not in words.replace("-", "")
    for language, told in (("fr", "page 1 sur 1"), ("nl", "pagina 1 van 1")):
        page = client.get(f"/parcels/{arriving.id}/sheet.pdf?lang={language}").data
        assert told in words_of(page)
    client.post("/parcels", data={"to_site_id": str(network.laboratory.id)})
    session.expire_all()
    draft = session.scalars(select(Parcel).where(Parcel.state == "draft")).one()
    session.commit()
    assert client.get(f"/parcels/{draft.id}/sheet.pdf").status_code == 409


def test_permits_are_kept_through_both_doors_by_those_who_may(
    app: Any, session: Session, network: Network
) -> None:
    today = authorisations.today()
    told = {
        **{"number": "N-9", "authority": "An authority", "from_site_id": str(network.counter.id)},
        **{"valid_from": str(today), "valid_until": str(today + timedelta(days=10))},
    }
    keeper = log_in_client(app, session, "local_coordinator")
    assert keeper.post("/permits", data=told).status_code == 303
    for wrong in ({"number": ""}, {"valid_until": "2001-01-01"}, {"authority": " "}):
        assert keeper.post("/permits", data={**told, **wrong}).status_code == 422
    assert "days left: 10" in keeper.get("/permits?lang=en").text
    headers = api_headers(session, "administrator")
    program = app.test_client()
    made = program.post("/api/custody/permits", json=told, headers=headers)
    assert made.status_code == 201
    at = f"/api/custody/permits/{made.json['id']}/withdrawal"
    assert program.post(at, json={"reason": ""}, headers=headers).status_code == 422
    assert program.post(at, json={"reason": "Replaced."}, headers=headers).status_code == 200
    assert program.post(at, json={"reason": "Replaced."}, headers=headers).status_code == 409
    worker = api_headers(session, "worker")
    assert program.post("/api/custody/permits", json=told, headers=worker).status_code == 403
    assert log_in_client(app, session, "worker").post("/permits", data=told).status_code == 403
    assert program.get("/api/custody/permits", headers=worker).json["total"] == 3
    assert len(session.scalars(select(TransportPermit)).all()) == 4


def test_places_and_counts_go_through_both_doors(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    reconciled(session, network, *samples[:2])
    session.commit()
    page, headers = log_in_client(app, session, "chemist"), api_headers(session, "chemist")
    assert page.post("/places", data={"name": "Safe", "kind": "safe"}).status_code == 303
    for wrong in ({"name": "Safe", "kind": "safe"}, {"name": "B", "kind": "x"}, {"kind": "box"}):
        assert page.post("/places", data=wrong).status_code == 422
    safe = session.scalars(select(StoragePlace)).one()
    session.commit()
    at, api = f"/places/{safe.id}", f"/api/custody/places/{safe.id}"
    here = page.post(at, data={"code": f"{samples[0].code} {shown(samples[1].code)}"})
    assert here.status_code == 303
    stranger = page.post(at, data={"code": samples[2].code})
    assert stranger.status_code == 422 and samples[2].code in stranger.text
    assert page.get(api, headers=headers).json["total"] == 2
    both = {"codes": [samples[2].code]}
    assert page.post(f"{api}/samples", json=both, headers=headers).status_code == 422
    assert page.post(f"{at}/active", data={}).status_code == 303
    session.expire_all()
    assert session.scalars(select(StoragePlace)).one().active, "it is not empty"
    session.commit()
    where = f"/api/custody/samples/{samples[0].id}/place"
    assert page.get(where, headers=headers).json[0]["place_id"] == str(safe.id)
    assert squares_of(page.get(f"{at}/label.pdf").data) == {safe.number}
    session.commit()
    begun = page.post(f"{at}/stocktakings", data={})
    assert begun.status_code == 303
    counted = session.scalars(select(Stocktaking)).one()
    session.commit()
    assert page.post(f"/stocktakings/{counted.id}", data={"code": "1"}).status_code == 422
    scanned = page.post(f"/stocktakings/{counted.id}", data={"code": samples[0].code})
    assert scanned.status_code == 303
    close = f"/api/custody/stocktakings/{counted.id}/close"
    lines = page.post(close, headers=headers).json["lines"]
    assert [line["result"] for line in lines] == ["found", "missing"]
    assert page.post(close, headers=headers).status_code == 409
    assert page.post(f"/stocktakings/{counted.id}", data={"act": "close"}).status_code == 409
    assert "missing" in page.get(f"/stocktakings/{counted.id}?lang=en").text
    other = log_in_client(app, session, "other_chemist")
    assert (
        other.get(at).status_code == 404 and other.post(at, data={"code": "x"}).status_code == 403
    )


def test_lost_found_and_alarms_go_through_every_door(
    app: Any,
    session: Session,
    network: Network,
    arriving: Parcel,
    samples: list[Sample],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    page = log_in_client(app, session, "local_coordinator")
    headers = api_headers(session, "local_coordinator")
    assert page.post(f"/parcels/{arriving.id}/lost", data={"reason": ""}).status_code == 422
    api = f"/api/custody/parcels/{arriving.id}/lost"
    lost = page.post(api, json={"reason": "The car burnt."}, headers=headers)
    assert lost.json["state"] == "lost"
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    told = CliRunner().invoke(main, ["custody", "alarms"])
    assert told.exit_code == 1 and arriving.number in told.output
    (alarm,) = page.get("/api/custody/alarms", headers=headers).json["alarms"]
    answer = {"kind": alarm["kind"], "subject_id": alarm["subject_id"], "words": ""}
    assert page.post("/custody/alarms", data=answer).status_code == 422
    refused = page.post("/api/custody/alarms/settled", json=answer, headers=headers)
    assert refused.status_code == 422
    answer["words"] = "Told to the police."
    assert page.post("/custody/alarms", data=answer).status_code == 303
    gone = page.post("/api/custody/alarms/settled", json=answer, headers=headers)
    assert gone.status_code == 404
    assert CliRunner().invoke(main, ["custody", "alarms"]).exit_code == 0
    found = {"act": "find", "site_id": str(network.counter.id), "words": "Under the seat."}
    ledger = f"/samples/{samples[0].id}/ledger"
    assert page.post(ledger, data={**found, "mg": "20,1"}).status_code == 422
    assert page.post(ledger, data={**found, "mg": "20"}).status_code == 303
    body = {**found, "sample_id": str(samples[2].id)}
    body.pop("act")
    never = page.post("/api/custody/finds", json=body, headers=headers)
    assert never.status_code == 409
    gone = {"sample_id": str(samples[2].id), "reason": "Not in the box."}
    assert page.post("/api/custody/losses", json=gone, headers=headers).json["mg"] == "-20"
    assert page.post("/api/custody/losses", json=gone, headers=headers).status_code == 409


def test_an_inspection_gets_the_same_report_through_every_door(
    app: Any,
    session: Session,
    network: Network,
    samples: list[Sample],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    page = log_in_client(app, session, "local_coordinator")
    headers = api_headers(session, "local_coordinator")
    at = str(network.counter.id)
    report = page.post("/api/custody/reports", json={"site_id": at}, headers=headers).json
    assert len(report["lines"]) == 3 and report["account"]["is_even"]
    csv = page.post("/holdings/report.csv", data={}).text
    words = words_of(page.post("/holdings/report.pdf?lang=en", data={}).data)
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    told = CliRunner().invoke(main, ["custody", "holdings", "Counter"])
    assert report["sha256"] in csv and report["sha256"] in told.output
    assert report["sha256"][:8] in words and shown(samples[0].code) in words
    tomorrow = {"site_id": at, "day": str(authorisations.today() + timedelta(days=2))}
    assert page.post("/api/custody/reports", json=tomorrow, headers=headers).status_code == 422
    assert "still to come" in page.get(f"/holdings?day={tomorrow['day']}&lang=en").text
    assert page.post("/holdings/report.csv", data={"day": tomorrow["day"]}).status_code == 422
    past = page.get("/holdings?day=2020-01-01&lang=en").text
    assert "No weighed sample was on the account" in past
    other = api_headers(session, "other_chemist")
    assert page.post("/api/custody/reports", json={"site_id": at}, headers=other).status_code == 403


def test_many_samples_are_destroyed_in_one_act_with_a_protocol_to_sign(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    page = log_in_client(app, session, "local_coordinator")
    told = {
        **{"codes": "\n".join(shown(one.code) for one in samples), "reason": "Synthetic end."},
        **{"witness_account": "worker", "witness_password": PASSWORD, "method": "dissolved"},
    }
    twice = {**told, "codes": f"{samples[0].code} {samples[0].code}"}
    assert page.post("/destructions", data=twice).status_code == 422
    assert page.post("/destructions", data={**told, "codes": "2222-2222"}).status_code == 422
    assert page.post("/destructions", data=told).status_code == 303
    act = session.scalars(select(Destruction)).one()
    session.commit()
    assert page.get(f"/destructions/{act.id}").status_code == 200
    words = words_of(page.get(f"/destructions/{act.id}/protocol.pdf?lang=en").data)
    assert all(shown(one.code) in words for one in samples)
    assert "Synthetic end." in words and "60" in words and "worker" in words
