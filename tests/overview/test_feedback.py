from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.findings.records import Finding
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, NotPermitted
from lims.intake.records import Sample, Visit
from lims.journal.records import JournalEntry
from lims.network.records import Organisation, Site
from lims.overview import feedback, feedback_rules
from lims.overview.feedback_rules import Cell
from lims.overview.feedback_sheet import draw_feedback
from lims.overview.feedback_shown import shown_feedback
from tests.makers import (
    api_headers,
    load_vocabularies,
    log_in_client,
    make_sample,
    make_substance,
)


@pytest.fixture
def points(session: Session, network: Any) -> list[Site]:
    """Give the points of three further testing services."""
    load_vocabularies(session)
    found = []
    for name in ("Alpha", "Beta", "Gamma"):
        organisation = Organisation(name=name, kind="testing")
        site = Site(organisation=organisation, name=f"{name} point")
        session.add_all([organisation, site])
        found.append(site)
    session.flush()
    return found


def handed_in(
    session: Session, network: Any, site: Site, count: int, days: int = 3, **more: Any
) -> list[Sample]:
    day = clock.today() - timedelta(days=days)
    visit = Visit(site_id=site.id, day=day, registered_by="worker")
    session.add(visit)
    session.flush()
    made = []
    for _each in range(count):
        sample = make_sample(session, network, **more)
        sample.visit_id, sample.site_id = visit.id, site.id
        made.append(sample)
    session.flush()
    return made


def released(session: Session, network: Any, samples: list[Sample], **more: Any) -> None:
    for sample in samples:
        session.add(
            Finding(
                sample_id=sample.id,
                site_id=network.laboratory.id,
                version=1,
                state="released",
                match=more.get("match", "as-expected"),
                danger=more.get("danger", "neutral"),
                confidence="identified",
                text_fr="",
                text_nl="",
                text_en="",
                author="chemist",
                released_at=clock.now(),
            )
        )
    session.flush()


def read(
    session: Session, network: Any, site: Site, who: str = "coordinator", weeks: int = 26
) -> Any:
    return feedback.feedback(session, getattr(network, who), site.organisation_id, weeks)


def test_own_numbers_are_whole_and_those_of_others_name_nobody(
    session: Session, network: Any, points: list[Site]
) -> None:
    handed_in(session, network, network.counter, 2)
    handed_in(session, network, points[0], 4)
    handed_in(session, network, points[1], 3)
    handed_in(session, network, points[0], 9, form="powder")
    handed_in(session, network, points[0], 2, form="capsule")
    handed_in(session, network, points[1], 2, form="capsule")
    found = read(session, network, network.counter)
    forms = {one.name: (one.own, one.others) for one in found.forms}
    assert forms == {"tablet": (2, 7), "powder": (0, None), "capsule": (0, None)}


def test_one_number_kept_back_takes_another_with_it(session: Session) -> None:
    cells = {"a": Cell(20, {1, 2}), "b": Cell(3, {1, 2}), "c": Cell(8, {1, 2})}
    assert feedback_rules.column(cells) == {"a": 20, "b": None, "c": None}


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(st.integers(0, 30), st.integers(1, 3)), min_size=1
    )
)
def test_no_column_gives_a_number_of_one_to_four_away(told: dict[str, tuple[int, int]]) -> None:
    cells = {
        name: Cell(count, set(range(institutions)) if count else set())
        for name, (count, institutions) in told.items()
    }
    shown = feedback_rules.column(cells)
    hidden = [cells[name].count for name, value in shown.items() if value is None]
    assert all(value == 0 or value >= 5 for value in shown.values() if value is not None)
    others = [name for name, value in shown.items() if value]
    # Each hidden number is one at least: the largest that any of them may be is five or more.
    assert not hidden or not others or (sum(hidden) - (len(hidden) - 1) >= 5 and len(hidden) > 1)


def test_two_numbers_that_are_surely_small_take_a_third_with_them() -> None:
    cells = {
        "a": Cell(1, {1, 2}),
        "b": Cell(2, {1, 2}),
        "c": Cell(9, {1, 2}),
        "d": Cell(30, {1, 2}),
    }
    assert feedback_rules.column(cells) == {"a": None, "b": None, "c": None, "d": 30}


def tablets_of_others(session: Session, network: Any, weeks: int) -> int | None:
    forms = read(session, network, network.counter, weeks=weeks).forms
    found: int | None = next(one.others for one in forms if one.name == "tablet")
    return found


def test_two_periods_do_not_give_away_the_stretch_between_them(
    session: Session, network: Any, points: list[Site]
) -> None:
    handed_in(session, network, points[0], 12)
    handed_in(session, network, points[1], 12)
    handed_in(session, network, points[0], 3, days=120)
    for point in points[:2]:
        handed_in(session, network, point, 4, days=300, form="powder")
    assert tablets_of_others(session, network, 12) == 24
    assert tablets_of_others(session, network, 26) is None, "27 - 24 would tell three"
    assert tablets_of_others(session, network, 52) is None
    forms = read(session, network, network.counter, weeks=52).forms
    assert {one.name: one.others for one in forms}["powder"] is None  # kept back along


def test_who_reads_two_institutions_cannot_subtract_one_from_the_others(
    session: Session, network: Any, points: list[Site]
) -> None:
    handed_in(session, network, points[0], 20)
    handed_in(session, network, points[1], 6)
    assert tablets_of_others(session, network, 26) == 26
    rows = feedback.feedback(
        session,
        at_sites(network.local_coordinator, network.counter, points[0]),
        network.counter.organisation_id,
    )
    assert [one.others for one in rows.forms] == [None], "26 - 20 would be Beta alone"


def at_sites(actor: Actor, *sites: Site) -> Actor:
    """Return the same account with its duty at these sites."""
    places = frozenset(one.id for one in sites)
    return replace(actor, grants=dict.fromkeys(actor.grants, places))


@pytest.mark.parametrize("counts", [(3, 0), (3, 10), (10, 4)])
def test_a_share_with_a_small_part_is_kept_back(counts: tuple[int, int]) -> None:
    def told(parts: tuple[int, int], whose: set[object]) -> bool:
        cells = [Cell(one, whose if one else set()) for one in parts]
        return feedback_rules.share_may_be_shown(cells)

    assert not told(counts, {1, 2, 3})
    assert told((10, 5), {1, 2})
    assert not told((10, 5), {1})


def test_a_share_whose_part_is_one_institutions_alone_is_kept_back() -> None:
    parts = (Cell(30, {1, 2}), Cell(6, {2}))
    assert not feedback_rules.share_may_be_shown(parts)


def test_the_others_share_is_compared_where_it_names_nobody(
    session: Session, network: Any, points: list[Site]
) -> None:
    mdma = make_substance(session, "mdma")
    sold = {"sold_as_id": mdma.id}
    released(session, network, handed_in(session, network, network.counter, 3, **sold))
    for point in points[:2]:
        released(session, network, handed_in(session, network, point, 6, **sold))
        released(
            session,
            network,
            handed_in(session, network, point, 3, **sold),
            match="other-instead",
            danger="warning",
        )
    found = read(session, network, network.counter)
    (line,) = found.declared
    assert (line.own, line.held.count, line.held.of) == (3, 3, 3)
    assert line.others is not None and (line.others.count, line.others.of) == (12, 18)
    assert found.dangerous == ()
    told = read(session, network, points[0])
    assert len(told.dangerous) == 3 and told.declared[0].others is None


def test_an_institution_reads_its_own_feedback_and_no_others(
    session: Session, network: Any, points: list[Site]
) -> None:
    assert read(session, network, network.counter, "local_coordinator").organisation.name
    listed = feedback.institutions(session, network.local_coordinator)
    assert [one.name for one in listed] == ["Synthetic testing service"]
    with pytest.raises(NotPermitted):
        read(session, network, points[0], "local_coordinator")
    for who in ("worker", "counsellor", "chemist"):
        with pytest.raises(NotPermitted):
            read(session, network, network.counter, who)
    with pytest.raises(NotFound):
        feedback.feedback(session, network.coordinator, network.counter.id)


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_paper_holds_the_same_in_each_language(
    session: Session, network: Any, points: list[Site], language: str
) -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")
    samples = handed_in(session, network, network.counter, 2)
    released(session, network, samples, danger="warning")
    it = shown_feedback(session, read(session, network, network.counter), language)
    document = pypdfium2.PdfDocument(draw_feedback(it, language, False))
    words = "".join(page.get_textpage().get_text_range() for page in document)
    assert it["institution"] in words and it["dangerous"][0]["code"] in words
    assert {"fr": "Vos", "nl": "Uw", "en": "Your"}[language] in words


def test_the_doors_of_feedback(
    app: Any, session: Session, network: Any, points: list[Site]
) -> None:
    own, other = network.counter.organisation_id, points[0].organisation_id
    session.commit()
    client = log_in_client(app, session, "local_coordinator")
    assert b"Synthetic testing service" in client.get("/feedback").data
    assert client.get(f"/feedback/{own}?weeks=12").status_code == 200
    assert client.get(f"/feedback/{own}?weeks=7").status_code == 422
    assert client.get(f"/feedback/{own}.pdf").data.startswith(b"%PDF")
    assert made_reports(session) == 0, "looking is not making"
    made = client.post(f"/feedback/{own}/report", data={"weeks": "12"})
    assert made.data.startswith(b"%PDF") and made_reports(session) == 1
    for address in (f"/feedback/{other}", f"/feedback/{other}.pdf"):
        assert client.get(address).status_code == 403
    assert client.get(f"/feedback/{network.counter.id}").status_code == 404
    machine, key = app.test_client(), api_headers(session, "local_coordinator")
    base = "/api/overview/feedback"
    assert len(machine.get(base, headers=key).json) == 1
    assert machine.get(f"{base}/{own}", headers=key).json["institution"]
    assert machine.get(f"{base}/{other}", headers=key).status_code == 403
    assert machine.get(f"{base}/{own}?weeks=1", headers=key).status_code == 422
    answer = machine.post(f"{base}/{own}/report", json={"weeks": 52}, headers=key)
    assert answer.data.startswith(b"%PDF") and made_reports(session) == 2
    assert machine.post(f"{base}/{other}/report", json={}, headers=key).status_code == 403
    assert made_reports(session) == 2


def made_reports(session: Session) -> int:
    acts = select(func.count()).where(JournalEntry.act == "make feedback report")
    found = session.scalar(acts) or 0
    session.rollback()
    return found
