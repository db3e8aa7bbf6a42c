from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from sqlalchemy.orm import Session

from lims import wiring
from lims.counselling import bundle as bundles
from lims.foundation import clock, happenings, sealing
from lims.foundation.errors import NotPermitted
from lims.foundation.settings import Settings
from lims.intake import logos
from lims.intake.closed import ClosedIntake
from lims.intake.logo_records import Logo
from lims.library.records import SubstanceName
from lims.network.points import PointPage
from lims.network.records import Site
from lims.products.records import Product
from tests.alerts.alerting import make_published
from tests.findings import makers
from tests.intake.sealer import read
from tests.makers import (
    Network,
    api_headers,
    log_in_client,
    make_samples,
    make_substance,
    told_sample,
)


@pytest.fixture(autouse=True)
def wired(session: Session, network: Network) -> Iterator[None]:
    makers.ready(session, network)
    session.commit()
    wiring.connect()
    bundles._kept.clear()
    yield
    happenings.connect({})


def tablets(session: Session, network: Network, *mg: str) -> Product:
    """Release tablets of one look, and return their product."""
    from lims.products.queries import product_of

    for one in mg:
        sample = makers.analysed_tablet(session, network, one)
        makers.released(session, network, sample)
    found = product_of(session, sample.id)
    assert found is not None
    found.danger = "warning"
    session.commit()
    return found


def told(session: Session, network: Network) -> dict[str, Any]:
    bundles._kept.clear()
    found: dict[str, Any] = json.loads(bundles.bundle(session, network.worker))
    session.rollback()
    return found


def test_a_dangerous_product_is_told_with_its_spread(session: Session, network: Network) -> None:
    product = tablets(session, network, "98", "130", "168", "236")
    [one] = told(session, network)["products"]
    assert (one["number"], one["danger"], one["samples"]) == (product.number, "warning", 4)
    [found] = one["found"]
    assert (found["n"], found["low"], found["high"], found["unit"]) == (4, 98, 236, "mg/unit")
    assert set(found["name"]) == {"fr", "nl", "en"}


def test_what_one_person_handed_in_is_told_without_figures_and_by_week(
    session: Session, network: Network
) -> None:
    tablets(session, network, "236", "240")
    [one] = told(session, network)["products"]
    [found] = one["found"]
    assert (found["n"], found["low"], found["high"]) == (2, None, None)
    assert date.fromisoformat(one["first_seen"]).weekday() == 0


def test_a_product_without_danger_stays_at_home(session: Session, network: Network) -> None:
    tablets(session, network, "98").danger = "neutral"
    session.commit()
    assert told(session, network)["products"] == []


def test_nothing_of_a_sample_a_site_or_a_person_is_in_it(
    app: Any, session: Session, network: Network
) -> None:
    from lims.intake.records import Sample, Visit

    tablets(session, network, "98", "130", "168")
    samples = session.query(Sample).all()
    secret = [one.code for one in samples] + [str(one.id) for one in samples]
    secret += [str(one.id) for one in session.query(Visit).all()]
    secret += [str(network.counter.id), network.counter.name, network.laboratory.name]
    secret += list(network.actors)
    session.rollback()
    text = log_in_client(app, session, "worker").get("/table/bundle.json").json["payload"]
    words = json.dumps(json.loads(text), ensure_ascii=False)
    assert not [one for one in secret if f'"{one}"' in words or (len(one) > 7 and one in words)]


def test_an_alert_in_force_is_told_in_three_languages(session: Session, network: Network) -> None:
    version = make_published(session, network)
    session.commit()
    [one] = told(session, network)["alerts"]
    assert (one["number"], one["level"]) == (version.alert.number, "red")
    assert set(one["title"]) == set(one["message"]) == {"fr", "nl", "en"}
    assert date.fromisoformat(one["since"]) <= clock.today()


def test_lists_names_and_needs_are_told(session: Session, network: Network) -> None:
    mdma = make_substance(session, "mdma-of-the-list")
    session.add(SubstanceName(folded="mdma", name="MDMA", substance_id=mdma.id))
    session.commit()
    found = told(session, network)
    assert set(found["lists"]) == set(bundles.LISTS)
    code, labels = found["lists"]["dosage_form"][0]
    assert code and set(labels) == {"fr", "nl", "en"}
    assert found["needs"]["answers"] and "MDMA" in found["substances"]


def test_the_bundle_is_bounded_the_most_dangerous_first(
    session: Session, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tablets(session, network, "98")
    sample = makers.analysed_tablet(session, network, "100")
    sample.logo, sample.colour = "anchor", "blue"
    makers.released(session, network, sample)
    from lims.products.queries import product_of

    second = product_of(session, sample.id)
    assert second is not None and second.id != first.id
    second.danger = "red"
    session.commit()
    assert [one["danger"] for one in told(session, network)["products"]] == ["red", "warning"]
    monkeypatch.setattr(bundles, "MOST_PRODUCTS", 1)
    monkeypatch.setattr(bundles, "MOST_NAMES", 2)
    found = told(session, network)
    assert [one["danger"] for one in found["products"]] == ["red"]
    assert len(found["substances"]) <= 2


def close(session: Session, laboratory: Site, form: str, **more: Any) -> None:
    """Let a laboratory not take a form, for three days from today unless said."""
    today = clock.today()
    facts: dict[str, Any] = {"first": today, "until": today + timedelta(days=2), "words": {}}
    facts |= {"form": form, "closed_by": "head"} | more
    session.add(ClosedIntake(laboratory_id=laboratory.id, **facts))


def test_what_the_laboratories_behind_a_point_do_not_take_is_told_by_its_identifier(
    session: Session, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(session, network)["closures"] == {}
    draft = {"laboratories": [str(network.laboratory.id)]}
    session.add(
        PointPage(site_id=network.counter.id, slug="synthetic", draft=draft, edited_by="worker")
    )
    words = {"fr": "Synthétique.", "nl": "Synthetisch.", "en": "Synthetic."}
    close(session, network.laboratory, "plant", technique="lc-ms", words=words)
    close(session, network.second_laboratory, "powder")
    close(session, network.laboratory, "tablet", first=clock.today() + timedelta(days=1))
    session.commit()
    found = told(session, network)["closures"]
    assert set(found) == {str(network.counter.id), ""}
    [here] = found[str(network.counter.id)]
    assert (here["form"], here["everywhere"], here["words"]) == ("plant", True, words)
    assert set(here["technique"]) == {"fr", "nl", "en"}
    assert here["until"] == (clock.today() + timedelta(days=2)).isoformat()
    assert [(one["form"], one["everywhere"]) for one in found[""]] == [
        ("plant", False),
        ("powder", False),
    ]
    assert network.laboratory.name not in json.dumps(found, ensure_ascii=False)
    monkeypatch.setattr(bundles, "MOST_POINTS", 0)
    monkeypatch.setattr(bundles, "MOST_CLOSURES", 1)
    assert {point: len(rows) for point, rows in told(session, network)["closures"].items()} == {
        "": 1
    }


def test_the_most_used_logos_are_told_with_other_words_for_them(
    session: Session, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("Bear", "Crown", "crown", "Krone", "Anchor", "anchor")
    make_samples(session, network, *[told_sample(logo=one) for one in words])
    ids = {one.name: one.id for one in session.query(Logo)}
    merge = logos.MergeLogos(ids["Krone"], ids["Crown"])
    logos.merge_logos(session, network.coordinator, merge)
    logos.add_alias(session, network.coordinator, logos.AddAlias(ids["Crown"], "Kroon"))
    session.commit()
    found = told(session, network)["logos"]
    assert found == [["Crown", ["Krone", "Kroon"]], ["Anchor", []], ["Bear", []]]
    monkeypatch.setattr(bundles, "MOST_LOGOS", 1)
    assert told(session, network)["logos"] == [["Crown", ["Krone", "Kroon"]]]


def test_the_bundle_is_signed_at_both_doors_and_kept_for_a_minute(
    app: Any, session: Session, network: Network, settings: Settings
) -> None:
    at = clock.now()
    with clock.stopped_at(at):
        signed = log_in_client(app, session, "worker").get("/table/bundle.json").json
    headers = api_headers(session, "worker")
    with clock.stopped_at(at + timedelta(seconds=59)):
        same = app.test_client().get("/api/counselling/bundle", headers=headers).json
    with clock.stopped_at(at + timedelta(seconds=61)):
        newer = app.test_client().get("/api/counselling/bundle", headers=headers).json
    assert signed["payload"] == same["payload"] != newer["payload"]
    key = sealing.bundle_key(settings.data_dir)
    assert signed["key"] == key.id
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(key.raw))
    raw = read(signed["signature"])
    signature = encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    public.verify(signature, signed["payload"].encode(), ec.ECDSA(hashes.SHA256()))


def test_who_may_not_consult_gets_no_bundle(app: Any, session: Session, network: Network) -> None:
    with pytest.raises(NotPermitted):
        bundles.bundle(session, network.administrator)
    answer = log_in_client(app, session, "administrator").get("/table/bundle.json")
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
