from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.network import opening
from lims.network.opening import BELGIUM, Closed, Session, Timetable, Weekly

MONDAY = date(2026, 11, 23)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BELGIUM)


EVENING = Timetable((Weekly(0, time(18), time(21)), Weekly(3, time(18), time(21))))
NIGHT = Timetable(sessions=(Session(MONDAY, time(22), time(4), True, "Synthetic festival"),))


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(17, 59, False), (18, 0, True), (20, 59, True), (21, 0, False)],
)
def test_a_point_is_open_from_its_first_minute_up_to_its_last(
    hour: int, minute: int, is_open: bool
) -> None:
    found = opening.open_at(EVENING, at(MONDAY, hour, minute))
    assert (found is not None) is is_open


def test_the_next_opening_is_the_first_that_has_not_begun() -> None:
    def following(moment: datetime) -> datetime:
        found = opening.next_opening(EVENING, moment)
        assert found is not None
        return found.start

    assert following(at(MONDAY, 10)) == at(MONDAY, 18)
    assert following(at(MONDAY, 18)) == at(MONDAY + timedelta(days=3), 18)
    assert following(at(MONDAY + timedelta(days=4), 0)) == at(MONDAY + timedelta(days=7), 18)
    assert opening.next_opening(Timetable(), at(MONDAY, 10)) is None


def test_a_night_is_open_after_midnight() -> None:
    found = opening.open_at(NIGHT, at(MONDAY + timedelta(days=1), 3, 59))
    assert found is not None and found.name == "Synthetic festival" and found.day == MONDAY
    assert opening.open_at(NIGHT, at(MONDAY + timedelta(days=1), 4)) is None


def test_a_closed_day_takes_the_hours_of_the_week_away_but_not_a_session() -> None:
    closed = (Closed(MONDAY, MONDAY + timedelta(days=2)),)
    week = Timetable(EVENING.weekly, closed)
    assert opening.open_at(week, at(MONDAY, 19)) is None
    assert opening.next_opening(week, at(MONDAY, 10)) is not None
    with_session = Timetable(EVENING.weekly, closed, (Session(MONDAY, time(12), time(14)),))
    assert opening.open_at(with_session, at(MONDAY, 13)) is not None


def test_hours_are_those_of_the_wall_on_both_sides_of_a_clock_change() -> None:
    sunday = Timetable((Weekly(6, time(12), time(14)),))
    for day, hour in ((SPRING - timedelta(days=7), 11), (SPRING, 10), (AUTUMN, 11)):
        (found,) = opening.openings(sunday, day, 1)
        assert found.start == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_night_is_an_hour_shorter_in_spring_and_an_hour_longer_in_autumn() -> None:
    def length(day: date) -> timedelta:
        night = Timetable(sessions=(Session(day - timedelta(days=1), time(22), time(6), True),))
        (found,) = opening.openings(night, day - timedelta(days=1), 1)
        return found.end - found.start

    assert length(SPRING) == timedelta(hours=7)
    assert length(AUTUMN) == timedelta(hours=9)
    assert length(MONDAY) == timedelta(hours=8)


def test_an_hour_that_the_clock_leaves_out_is_no_opening() -> None:
    gap = Timetable(sessions=(Session(SPRING, time(2), time(3)),))
    assert opening.openings(gap, SPRING, 1) == []


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    twice = Timetable(sessions=(Session(AUTUMN, time(2), time(2, 30)),))
    (found,) = opening.openings(twice, AUTUMN, 1)
    assert found.end - found.start == timedelta(minutes=90)


# -------------------------------------------------------------------------------- what is wrong


def wrong(timetable: Timetable) -> dict[str, str]:
    return {one.field: str(one.message) for one in opening.problems(timetable)}


def test_an_end_before_its_beginning_is_refused_and_midnight_explained() -> None:
    told = wrong(Timetable((Weekly(4, time(22), time(4)),)))
    assert "until the next day" in told["weekly.0.closes"]
    assert wrong(Timetable((Weekly(4, time(22), time(4), True),))) == {}
    assert "weekly.0.closes" in wrong(Timetable((Weekly(4, time(18), time(18)),)))


def test_more_than_a_day_is_refused() -> None:
    assert "sessions.0.closes" in wrong(
        Timetable(sessions=(Session(MONDAY, time(10), time(12), True),))
    )


def test_hours_that_overlap_are_refused_also_over_midnight_and_over_the_week() -> None:
    both = (Weekly(0, time(18), time(21)), Weekly(0, time(20), time(22)))
    assert set(wrong(Timetable(both))) == {"weekly.1.opens"}
    night = (Weekly(0, time(22), time(4), True), Weekly(1, time(3), time(5)))
    assert set(wrong(Timetable(night))) == {"weekly.1.opens"}
    sunday = (Weekly(0, time(1), time(3)), Weekly(6, time(22), time(2), True))
    assert set(wrong(Timetable(sunday))) == {"weekly.1.opens"}
    nights = (NIGHT.sessions[0], Session(MONDAY + timedelta(days=1), time(3), time(6)))
    assert set(wrong(Timetable(sessions=nights))) == {"sessions.1.opens"}


def test_hours_that_touch_do_not_overlap() -> None:
    assert wrong(Timetable((Weekly(0, time(9), time(12)), Weekly(0, time(12), time(15))))) == {}


def test_a_closure_ends_after_it_begins_and_within_a_year() -> None:
    turned = Closed(MONDAY, MONDAY - timedelta(days=1))
    endless = Closed(MONDAY, MONDAY + timedelta(days=900))
    assert set(wrong(Timetable(closed=(turned, endless)))) == {"closed.0.last", "closed.1.last"}


# ----------------------------------------------------------------------------------- hypothesis

minutes = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
weekly = st.builds(Weekly, st.integers(0, 6), minutes, minutes, st.booleans())
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
sessions = st.builds(Session, days, minutes, minutes, st.booleans(), st.just("Synthetic"))
closures = st.builds(
    lambda day, more: Closed(day, day + timedelta(days=more)), days, st.integers(0, 9)
)
timetables = st.builds(
    Timetable,
    st.lists(weekly, max_size=8).map(tuple),
    st.lists(closures, max_size=3).map(tuple),
    st.lists(sessions, max_size=4).map(tuple),
)
moments = st.integers(2, 700 * 24 * 60).map(
    lambda n: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=n)
)


@given(timetables, days)
def test_every_opening_has_a_length_and_is_open_from_beginning_to_end(
    timetable: Timetable, day: date
) -> None:
    for one in opening.openings(timetable, day, 8):
        assert one.start < one.end
        assert opening.open_at(timetable, one.start) is not None
        if one.end - one.start <= timedelta(hours=24):
            assert opening.open_at(timetable, one.end - timedelta(seconds=1)) is not None


@given(timetables, moments)
def test_the_next_opening_lies_ahead_and_none_lies_between(
    timetable: Timetable, moment: datetime
) -> None:
    found = opening.next_opening(timetable, moment, 20)
    today = moment.astimezone(BELGIUM).date()
    ahead = [one for one in opening.openings(timetable, today, 21) if one.start > moment]
    assert found == (ahead[0] if ahead else None)


@given(timetables, st.sampled_from([SPRING, AUTUMN]), st.integers(0, 3 * 24 * 60))
def test_around_a_clock_change_a_minute_is_open_just_when_the_wall_says_so(
    timetable: Timetable, change: date, minute: int
) -> None:
    moment = at(change - timedelta(days=1), 0).astimezone(UTC) + timedelta(minutes=minute)
    wall = moment.astimezone(BELGIUM)
    shown = (wall.date(), wall.time())
    told = False
    for ahead in (-1, 0):
        day = wall.date() + timedelta(days=ahead)
        shut = any(one.first <= day <= one.last for one in timetable.closed)
        held = [one for one in timetable.weekly if one.weekday == day.weekday() and not shut]
        held_too = [one for one in timetable.sessions if one.day == day]
        for hours in (*held, *held_too):
            last = day + timedelta(days=1) if hours.next_day else day
            told = told or (day, hours.opens) <= shown < (last, hours.closes)
    found = opening.open_at(timetable, moment) is not None
    if wall.date() != change or not 1 <= wall.hour <= 3:  # the hour that is missing or comes twice
        assert found == told


@given(timetables)
def test_a_timetable_is_read_as_it_was_kept(timetable: Timetable) -> None:
    assert opening.read(opening.kept(timetable)) == timetable
