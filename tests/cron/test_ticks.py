"""The next time, in the schedule's zone, also in the nights on which clocks change."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cronsim import CronSim

from sheetsync.cron import next_after, parse, upcoming
from sheetsync.errors import BadSchedule
from tests.support.schedules import DAY, HOUR, changes, expected, expressions

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

CORPUS = (
    "30 2 * * *",
    "0 2,3 * * *",
    "0,30 1-3 * * *",
    "15 0 * * *",
    "59 23 * * *",
    "30 2 29,30,31 * *",
    "0 3 * * 0",
    "10 1-2 * 3,10,11 0",
    "* * * * *",
    "*/10 * * * *",
    "*/20 2 * * *",
    "*/10 9 * * *",
    "7 */2 * * *",
    "0 */1 * * *",
    "10,39,41 */2 * * *",
    "*/30 1-3 * * 0",
    "45 * 25-31 * *",
)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("*/15 * * * *", "UTC", datetime(2026, 3, 1, 12, 15, tzinfo=UTC)),
        ("0 6 * * 1-5", "Europe/Berlin", datetime(2026, 3, 2, 5, 0, tzinfo=UTC)),
        ("0 6 * * MON", "America/New_York", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("0 0 29 2 *", "UTC", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 L * *", "UTC", datetime(2026, 3, 31, tzinfo=UTC)),
        ("0 0 * * 5#2", "UTC", datetime(2026, 3, 13, tzinfo=UTC)),
    ],
)
def test_the_next_time_is_found_in_the_zone_and_given_in_utc(expression, zone, expected):
    assert next_after(expression, zone, START) == expected


def test_a_time_is_later_than_the_moment_asked_about_by_whatever_little():
    assert next_after("* * * * *", "UTC", START) == START + timedelta(minutes=1)
    assert next_after("* * * * *", "UTC", START - timedelta(microseconds=1)) == START


def test_a_fixed_time_that_the_clock_skips_comes_when_the_clock_jumps():
    times = upcoming("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert times == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]


def test_a_fixed_time_that_the_clock_shows_twice_comes_at_the_first():
    times = upcoming("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert times == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_an_interval_goes_on_through_the_hour_that_comes_twice():
    times = upcoming("*/30 * * * *", "Europe/Berlin", datetime(2026, 10, 24, 23, 59, tzinfo=UTC), 6)
    assert [after - before for before, after in pairwise(times)] == [timedelta(minutes=30)] * 5


def test_an_interval_loses_no_time_where_clocks_change_by_half_an_hour():
    """Lord Howe, 2026-10-04: from 02:00 to 02:30, an hour at which croniter and cronsim lose later times."""
    times = upcoming("*/10 9 * * *", "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC), 6)
    assert times == [datetime(2026, 10, 3, 22, minute, tzinfo=UTC) for minute in range(0, 60, 10)]


def judged(zone: str, change: datetime, expression: str) -> None:
    begin, end = change - DAY - HOUR, change + DAY
    found, moment = [], begin - timedelta(minutes=1)
    while (moment := next_after(expression, zone, moment)) < end:
        found.append(moment)
    assert found == expected(expression, zone, begin, end), (zone, change, expression)


def test_around_changes_of_clocks_every_time_comes_as_often_as_it_should():
    """One change of each kind: zones differ in when they change and by how much."""
    kinds = {}
    for zone, change in changes():
        kinds.setdefault((zone.split("/")[-1], change.month > 6), (zone, change))
    for zone, change in random.Random(1).sample(sorted(kinds.values()), 8):
        for expression in CORPUS:
            judged(zone, change, expression)


@pytest.mark.thorough
@pytest.mark.parametrize("expression", CORPUS)
def test_around_every_change_of_every_zone_until_2037_every_time_comes_as_often_as_it_should(expression):
    for zone, change in changes():
        judged(zone, change, expression)


def test_times_are_those_of_another_implementation():
    for _, expression in zip(range(300), expressions(7), strict=False):
        try:
            found = upcoming(expression, "UTC", START, 5)
        except BadSchedule:
            continue
        other = CronSim(expression, START)
        assert found == [next(other) for _ in range(5)], (expression, parse(expression).text)


@pytest.mark.parametrize(
    "expression", ["0 0 L * 1", "0 0 1,L * *", "0 0 * 2 1#1,5#5", "30 6 L 2 *", "0 12 15,L * 0-2", "0 0 L */5 *"]
)
def test_last_days_and_weekdays_of_the_month_come_where_the_calendar_has_them(expression):
    begin = datetime(2027, 12, 1, tzinfo=UTC)
    until, found, moment = begin + timedelta(days=100), [], begin - timedelta(minutes=1)
    while (moment := next_after(expression, "UTC", moment)) < until:
        found.append(moment)
    assert found == expected(expression, "UTC", begin, until)


def test_a_naive_time_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="no time zone"):
        next_after("* * * * *", "UTC", datetime(2026, 1, 1))
