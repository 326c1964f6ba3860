"""How often a schedule comes at most, exactly. (A sample of its next times would not tell: `0 9 1,15 * 1`.)"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from sheetsync.errors import BadSchedule

from .expression import Expression, parse
from .ticks import zone_of

DAY = 24 * 60
#: After so many years the dates fall on the same weekdays again.
CYCLE = (date(2024, 1, 1).toordinal(), date(2052, 1, 1).toordinal())


def check(text: str, time_zone: str = "UTC", minimum: timedelta = timedelta()) -> None:
    """Raises BadSchedule for an expression or a time zone that cannot be used, or one that comes too often."""
    zone_of(time_zone)
    interval = minimum_interval(text)
    if interval < minimum:
        raise BadSchedule(
            f"cron {text!r} comes every {_minutes(interval)}: leave at least {_minutes(minimum)} between two times"
        )


@lru_cache(maxsize=1024)
def minimum_interval(text: str) -> timedelta:
    """The least time between two of its times on the wall clock. Raises BadSchedule, also where it never comes.

    Clocks that change may shorten one of them by as much as they change.
    """
    expression = parse(text)
    times = expression.minutes_of_day
    within = min((later - earlier for earlier, later in pairwise(times)), default=None)
    overnight = _days_between(expression, text) * DAY - times[-1] + times[0]
    return timedelta(minutes=overnight if within is None else min(within, overnight))


def _days_between(expression: Expression, text: str) -> int:
    """The fewest days from one of its dates to the next."""
    first = previous = None
    fewest = CYCLE[1] - CYCLE[0]
    for day in range(*CYCLE):
        if not expression.falls_on(date.fromordinal(day)):
            continue
        if previous is not None and day - previous < fewest:
            fewest = day - previous
            if fewest == 1:
                return 1
        first, previous = first or day, day
    if first is None or previous is None:
        raise BadSchedule(f"cron {text!r} names a date that never comes: no month of it has that day")
    return min(fewest, first + CYCLE[1] - CYCLE[0] - previous)


def _minutes(interval: timedelta) -> str:
    whole = int(interval.total_seconds() // 60)
    return "minute" if whole == 1 else f"{whole} minutes"
