"""The least time between two times of a schedule, exactly."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from sheetsync.cron import check, minimum_interval, parse
from sheetsync.errors import BadSchedule
from tests.support.schedules import expressions


@pytest.mark.parametrize(
    ("expression", "minutes"),
    [
        ("* * * * *", 1),
        ("*/15 * * * *", 15),
        ("*/7 * * * *", 4),  # from 56 to the full hour
        ("0 9 1,15 * 1", 24 * 60),  # its next ten times are two days apart at least
        ("0 0,23 * * *", 60),
        ("0 0 29 2 *", 1461 * 24 * 60),
        ("59 23 * * 1", 7 * 24 * 60),
        ("0,59 0,23 * * *", 1),  # over midnight
        ("0 12 L * *", 28 * 24 * 60),
    ],
)
def test_it_is_exact(expression, minutes):
    assert minimum_interval(expression) == timedelta(minutes=minutes)


FIRST, CYCLE = date(2024, 1, 1).toordinal(), 10_227
"""After so many days, twenty-eight years, the dates fall on the same weekdays again."""


def by_looking(text: str) -> timedelta:
    """By every minute of twenty-eight years, a bit for each: how far must they be moved until two meet?"""
    expression = parse(text)
    day = sum(1 << minute for minute in expression.minutes_of_day).to_bytes(180, "little")
    falls = [expression.falls_on(date.fromordinal(FIRST + number)) for number in range(CYCLE)]
    years = int.from_bytes(b"".join(day if each else bytes(180) for each in falls + falls), "little")
    for minutes in range(1, 2 * 1440):
        if years & (years >> minutes):
            return timedelta(minutes=minutes)
    days = [number for number, each in enumerate(falls + falls) if each]
    times = [number * 1440 + minute for number in days for minute in expression.minutes_of_day]
    return timedelta(minutes=min(later - earlier for earlier, later in pairwise(times)))


TRIALS = int(os.environ.get("SHEETSYNC_TRIALS", "40"))


def test_it_is_what_one_finds_by_looking_at_all_times():
    for _, expression in zip(range(TRIALS), expressions(11), strict=False):
        try:
            found = minimum_interval(expression)
        except BadSchedule:
            assert not any(parse(expression).falls_on(date.fromordinal(FIRST + number)) for number in range(CYCLE))
        else:
            assert found == by_looking(expression), expression


def test_a_schedule_that_comes_too_often_is_refused_with_both_numbers():
    with pytest.raises(BadSchedule, match=r"comes every 4 minutes: leave at least 5 minutes"):
        check("*/7 * * * *", minimum=timedelta(minutes=5))


def test_a_schedule_at_the_limit_is_taken():
    check("*/5 * * * *", minimum=timedelta(minutes=5))


def test_a_hostile_expression_takes_no_time_worth_mentioning():
    began = datetime.now(UTC)
    for _ in range(20):
        minimum_interval.cache_clear()
        minimum_interval("0 0 29 2 *")
    assert datetime.now(UTC) - began < timedelta(seconds=10)
