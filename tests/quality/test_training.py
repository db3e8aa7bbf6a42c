"""Who is trained on which protocol: written down by the head, asked for at the bench, shown."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.analysis.operations import StartRun, start_run
from lims.cli import main
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.quality import competences, rules
from lims.quality.training import RecordCompetence, record_competence
from tests.analysis.bench import Bench, make_bench
from tests.makers import Network, api_headers, log_in_client

DAY = date(2026, 11, 22)


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def trained(bench: Bench, who: Any, **given: Any) -> Any:
    today = clock.today()
    values = {"protocol": "ftir", "trained_on": today - timedelta(days=10)} | given
    assert who.member_id is not None
    command = RecordCompetence(who.member_id, **values)
    kept = record_competence(bench.session, bench.network.head, command)
    bench.session.flush()
    return kept


@pytest.mark.parametrize(
    ("kept", "until", "state"),
    [
        (False, None, "none"),
        (True, None, "valid"),
        (True, DAY - timedelta(days=1), "ended"),
        (True, DAY, "ends soon"),
        (True, DAY + timedelta(days=61), "valid"),
    ],
)
def test_a_training_holds_up_to_and_on_its_last_day(
    kept: bool, until: date | None, state: str
) -> None:
    found = rules.training_state(kept, until, DAY)
    assert found == state
    assert str(rules.training_words(found, until))


def test_a_training_that_is_written_down_again_is_renewed(bench: Bench) -> None:
    first = trained(bench, bench.network.chemist, valid_until=clock.today())
    again = trained(bench, bench.network.chemist, valid_until=None)
    assert (again.id, again.valid_until) == (first.id, None)


def test_once_one_person_is_written_down_only_trained_people_start_a_run(bench: Bench) -> None:
    second = bench.network.second_chemist
    assert bench.start("ftir", actor=second).state == "recorded"
    trained(bench, bench.network.chemist)
    with pytest.raises(Refused):
        bench.start("ftir", actor=second)
    trained(bench, second)
    assert bench.start("ftir", actor=second).state == "recorded"


def test_what_one_laboratory_keeps_binds_no_other_laboratory(bench: Bench) -> None:
    trained(bench, bench.network.chemist)
    elsewhere = bench.sample(laboratory_id=bench.network.second_laboratory.id)
    wanted = StartRun(bench.protocols["ftir"].id, (elsewhere.id,))
    run = start_run(bench.session, bench.network.other_chemist, wanted)
    assert run.site_id == bench.network.second_laboratory.id


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"protocol": "unheard-of"}, "protocol"),
        ({"trained_on": date(2999, 1, 1)}, "trained_on"),
        ({"valid_until": date(2000, 1, 1)}, "valid_until"),
    ],
)
def test_a_training_that_cannot_be_right_is_refused(
    bench: Bench, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        trained(bench, bench.network.chemist, **given)
    assert field in {one.field for one in refusal.value.problems}


def test_only_the_head_writes_down_and_only_for_people_of_the_own_laboratory(bench: Bench) -> None:
    with pytest.raises(NotPermitted):
        trained(bench, bench.network.other_chemist)
    command = RecordCompetence(uuid.uuid4(), "ftir", clock.today())
    with pytest.raises(NotFound):
        record_competence(bench.session, bench.network.head, command)
    with pytest.raises(NotPermitted):
        record_competence(bench.session, bench.network.chemist, command)


def test_everybody_at_the_bench_is_listed_also_who_has_no_training(bench: Bench) -> None:
    trained(bench, bench.network.chemist)
    here = bench.network.laboratory.id
    listed = competences.trainings(bench.session, bench.network.head, here)
    states = {one.member.account: str(one.state) for one in listed}
    assert states == {"chemist": "valid", "second_chemist": "none", "verifier": "none"}
    with pytest.raises(NotPermitted):
        competences.trainings(bench.session, bench.network.worker, here)


def test_a_head_writes_a_training_down_on_the_page_and_a_verifier_sees_it(
    app: Any, bench: Bench, session: Session
) -> None:
    head = log_in_client(app, session, "head")
    member = str(bench.network.chemist.member_id)
    typed = {"member_id": member, "protocol": "tlc-ta", "trained_on": clock.today().isoformat()}
    refused = head.post("/laboratory/competences", data={**typed, "trained_on": "soon"})
    assert refused.status_code == 422 and "year-month-day" in refused.text
    assert head.post("/laboratory/competences", data=typed).status_code == 303
    assert "trained, without a last day" in head.get("/laboratory/competences").text
    run = bench.submitted(bench.plate(bench.sample()))
    session.commit()
    shown = log_in_client(app, session, "verifier").get(f"/runs/{run.id}/plate").text
    assert "chemist (analyst): trained, without a last day" in shown
    assert "verifier (you): no training written down" in shown


def test_a_program_writes_and_reads_trainings(app: Any, bench: Bench, session: Session) -> None:
    api, keys = app.test_client(), api_headers(session, "head")
    told = {
        "member_id": str(bench.network.chemist.member_id),
        "protocol": "ftir",
        "trained_on": clock.today().isoformat(),
    }
    assert api.post("/api/quality/competences", json=told, headers=keys).status_code == 201
    wrong = {**told, "protocol": "unheard-of"}
    assert api.post("/api/quality/competences", json=wrong, headers=keys).status_code == 422
    site = bench.network.laboratory.id
    listed = api.get(f"/api/quality/competences?site_id={site}", headers=keys).json
    assert {one["account"]: one["state"] for one in listed}["chemist"] == "valid"
    chemist = api_headers(session, "chemist")
    assert api.post("/api/quality/competences", json=told, headers=chemist).status_code == 403


def test_the_operator_writes_down_and_lists_trainings(
    bench: Bench, session: Session, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    session.commit()
    run = CliRunner().invoke
    told = ["training", "record", "chemist", "tlc-ta", "--on", "2026-01-02"]
    assert run(main, told).exit_code == 0
    assert "chemist  tlc-ta  valid" in run(main, ["training", "list"]).output
    assert run(main, [*told[:3], "unheard-of", *told[4:]]).exit_code == 2
    assert run(main, [*told[:2], "nobody", *told[3:]]).exit_code == 4
