from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation.errors import NotFound, NotPermitted, Refused
from lims.identification import fusing, recomputing
from lims.identification.fusing import KeepFusion
from lims.identification.operations import Decide, decide
from lims.identification.sameness import Outcome
from lims.quality.records import Instrument
from tests.analysis.bench import Bench
from tests.identification.plates import (
    make_colour_bench,
    plate_with_standard,
)
from tests.identification.spoken import add_spectrum, answer, evidence, sample_of
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def test_kept_evidence_comes_out_again_and_is_read_where_the_sample_is(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    add_spectrum(bench, sample, [("mdma", 900)])
    kept = fusing.keep_fusion(bench.session, bench.network.chemist, KeepFusion(sample.id))
    bench.session.commit()
    bench.session.expire_all()
    assert kept.run_id is None and kept.method == "fusion"
    found = recomputing.recomputed_list(bench.session, bench.network.second_chemist, kept.id)
    assert found.outcome == Outcome.EQUAL, found.differences
    with pytest.raises(NotFound):
        recomputing.recomputed_list(bench.session, bench.network.other_chemist, kept.id)


def test_nothing_is_kept_of_a_sample_that_nothing_was_observed_of(bench: Bench) -> None:
    sample = bench.sample()
    bench.session.commit()
    with pytest.raises(Refused):
        fusing.keep_fusion(bench.session, bench.network.chemist, KeepFusion(sample.id))
    with pytest.raises(NotPermitted):
        fusing.keep_fusion(bench.session, bench.network.head, KeepFusion(sample.id))
    with pytest.raises(NotFound):
        fusing.keep_fusion(bench.session, bench.network.other_chemist, KeepFusion(sample.id))


def test_nobody_decides_on_all_evidence(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    kept = fusing.keep_fusion(bench.session, bench.network.chemist, KeepFusion(sample.id))
    with pytest.raises(Refused):
        decide(bench.session, bench.network.chemist, Decide(kept.id, "undecided", why="-"))


def test_another_laboratory_does_not_see_the_evidence(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    with pytest.raises(NotFound):
        evidence(bench, sample.id, bench.network.other_chemist)
    with pytest.raises(NotPermitted):
        evidence(bench, sample.id, bench.network.worker)


# ---------------------------------------------------------------------------------------- doors


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_in_every_language(
    app: Any, session: Session, bench: Bench, language: str
) -> None:
    sample = sample_of(plate_with_standard(bench))
    bench.session.add(Instrument(site_id=bench.network.laboratory.id, name="GC", technique="gcms"))
    add_spectrum(bench, sample, [("cocaine", 900)])
    address, empty = f"/samples/{sample.id}/evidence", f"/samples/{bench.sample().id}/evidence"
    bench.session.commit()
    client = log_in_client(app, session, "chemist")
    page = client.get(f"{address}?lang={language}")
    assert page.status_code == 200
    words = {"en": "Techniques disagree", "fr": "ne sont pas d’accord", "nl": "niet eens"}
    assert words[language] in page.text and "MDMA" in page.text and "GC-MS" in page.text
    assert client.get(f"{address}?lang={language}&prior=off").status_code == 200
    assert 'class="empty' in client.get(f"{empty}?lang={language}").text


def test_the_page_warns_when_only_the_declaration_puts_a_substance_first(
    app: Any, session: Session, bench: Bench
) -> None:
    sample = bench.sample(sold_as_id=bench.substances["mdma"].id)
    run = bench.start("gc-ms", sample)
    answer(bench, run, sample, "mdma")
    add_spectrum(bench, sample, [("fentanyl", 900)])
    address = f"/samples/{sample.id}/evidence"
    session.commit()
    client = log_in_client(app, session, "chemist")
    assert "By the evidence alone FENTANYL stands first" in client.get(address).text
    assert "By the evidence alone" not in client.get(f"{address}?prior=off").text


def test_the_chemist_keeps_the_evidence_on_the_page(
    app: Any, session: Session, bench: Bench
) -> None:
    sample = sample_of(plate_with_standard(bench))
    address = f"/samples/{sample.id}/evidence"
    bench.session.commit()
    client = log_in_client(app, session, "chemist")
    done = client.post(f"{address}/kept", data={"with_prior": "false"})
    assert done.status_code == 303
    page = client.get(done.headers["Location"])
    assert page.status_code == 200 and "equal" in page.text
    assert log_in_client(app, session, "worker").get(address).status_code == 403
    assert log_in_client(app, session, "other_chemist").get(address).status_code == 404


def test_the_head_records_a_bench_time_on_the_page(
    app: Any, session: Session, bench: Bench
) -> None:
    address = f"/laboratories/{bench.network.laboratory.id}/bench-times"
    bench.session.commit()
    client = log_in_client(app, session, "head")
    assert client.get(address).status_code == 200
    wrong = client.post(address, data={"protocol": "ftir", "minutes": "-3"})
    assert wrong.status_code == 422 and "-3" in wrong.text
    assert client.post(address, data={"protocol": "ftir", "minutes": "7,5"}).status_code == 303
    assert "7.5" in client.get(address).text
    chemist = log_in_client(app, session, "chemist")
    assert chemist.get(address).status_code == 200
    assert chemist.post(address, data={"protocol": "ftir", "minutes": "5"}).status_code == 403


def test_the_api_gives_the_evidence_and_keeps_it(app: Any, session: Session, bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    sample_id, where = str(sample.id), str(bench.network.laboratory.id)
    bench.session.commit()
    client = app.test_client()
    chemist, head = api_headers(session, "chemist"), api_headers(session, "head")
    found = client.get(f"/api/identification/samples/{sample_id}/evidence", headers=chemist).json
    assert found["lines"][0]["substance"] == "mdma" and found["techniques"][0]["basis"] == "default"
    assert {one["substance"] for one in found["lines"]} >= {"none-of-the-library"}
    missing = f"/api/identification/samples/{uuid.uuid4()}/evidence"
    assert client.get(missing, headers=chemist).status_code == 404
    kept = client.post(
        "/api/identification/fusions", headers=chemist, json={"sample_id": sample_id}
    )
    assert kept.status_code == 201 and kept.json["run_id"] is None
    again = client.get(f"/api/identification/lists/{kept.json['id']}", headers=chemist)
    assert again.json["outcome"] == "equal"
    told = {"site_id": where, "protocol": "ftir", "minutes": "4"}
    address = "/api/identification/bench-times"
    assert client.post(address, headers=chemist, json=told).status_code == 403
    assert client.post(address, headers=head, json=told).status_code == 201
    times = f"/api/identification/laboratories/{where}/bench-times"
    rows = {one["protocol"]: one for one in client.get(times, headers=chemist).json}
    assert rows["ftir"]["own"]["minutes"] == "4" and rows["tlc-ta"]["stated"] == "60"
