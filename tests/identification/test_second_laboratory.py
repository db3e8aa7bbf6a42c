from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from lims.analysis.records import Answer
from lims.identification import gathering
from lims.identification.second_laboratory import Facts, met
from lims.identification.second_opinions import criteria_met
from tests.analysis.bench import Bench, make_bench
from tests.makers import Network

PLAIN = Facts("powder")


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        (PLAIN, []),
        (Facts("tablet"), ["confirm-07"]),
        (Facts("liquid"), ["confirm-06"]),
        (Facts("plant"), ["confirm-09"]),
        (Facts("powder", components=4), ["confirm-04"]),
        (Facts("powder", components=3), []),
        (Facts("powder", classes={"benzodiazepine"}), ["confirm-08"]),
        (Facts("powder", seen_first=True), ["confirm-05"]),
        (Facts("powder", expected="opioid", answered=True), ["confirm-02"]),
        (Facts("powder", expected="opioid"), []),
        (Facts("powder", expected="opioid", answered=True, classes={"opioid-nitazene"}), []),
        (Facts("powder", strip_groups={"nitazenes"}, infrared_groups=set()), ["confirm-01"]),
        (Facts("powder", strip_groups={"nitazenes"}, infrared_groups={"nitazenes"}), []),
        (Facts("powder", strip_groups={"nitazenes"}), []),
    ],
)
def test_a_criterion_is_met_by_what_it_says_and_nothing_else(
    facts: Facts, rules: list[str]
) -> None:
    assert met(facts) == rules


def test_a_first_seen_substance_in_a_tablet_meets_two_with_their_source(
    session: Session, network: Network
) -> None:
    bench: Bench = make_bench(session, network)
    sample = bench.sample(form="tablet")
    run = bench.start("ftir", sample)
    what = bench.substances["mdma"].id
    run.answers.append(Answer(sample_id=sample.id, substance_id=what, kind="found"))
    session.commit()
    found = gathering.sample_evidence(session, network.chemist, sample.id)
    criteria = criteria_met(session, found)
    assert [one.rule for one in criteria] == ["confirm-05", "confirm-07"]
    assert all(one.source and one.jurisdiction for one in criteria)
