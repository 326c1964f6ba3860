"""Schedules of the same time come apart."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sheetsync.cron import offset

WINDOW, HOUR = timedelta(minutes=5), timedelta(hours=1)


def test_a_schedule_always_comes_late_by_as_much():
    assert (
        offset("17", WINDOW, HOUR)
        == offset("17", WINDOW, HOUR)
        == timedelta(seconds=offset("17", WINDOW, HOUR).seconds)
    )


def test_many_schedules_are_spread_over_the_window():
    tens = Counter(offset(str(key), WINDOW, HOUR).seconds // 10 for key in range(10_000))
    assert set(tens) == set(range(30)) and max(tens.values()) <= 1.3 * 10_000 / 30


def test_none_comes_later_than_half_its_interval():
    assert max(offset(str(key), WINDOW, timedelta(minutes=2)) for key in range(1000)) < timedelta(minutes=1)


def test_without_a_window_all_come_on_time():
    assert offset("17", timedelta(), HOUR) == timedelta()
