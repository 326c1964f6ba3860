"""From an expression and a time zone to instants, across the nights on which clocks change.

croniter walks the wall clock, without a zone; what the wall clock shows is turned into instants here. A fixed time
(`30 2 * * *`) comes once per local date: in the night it is skipped by the clock, at the moment the clock jumps; in the
night it comes twice, at the first. An interval (`*/10 * * * *`) comes whenever a clock on the wall would show it, so
twice in the hour that is repeated and not at all in the hour that is left out. (Given a zone, croniter fires fixed
times twice, and misses times where clocks change by half an hour.)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from sheetsync.errors import BadSchedule

from .expression import Expression, parse

MINUTE = timedelta(minutes=1)
#: Longer than any change of clocks, shorter than the time between two of them.
NEAR = timedelta(days=2)
#: Leap days on a given weekday come at most forty years apart, over a year 2100 that is none.
YEARS = 41


def next_after(text: str, time_zone: str, after: datetime) -> datetime:
    """The first time that matches and is later than `after` (aware), in UTC.

    Raises BadSchedule naming the value and the remedy.
    """
    if after.tzinfo is None:
        raise ValueError(f"{after!r} has no time zone")
    return _next(text, time_zone, after.astimezone(UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=1024)
def _next(text: str, time_zone: str, after: datetime) -> datetime:
    """Remembered, for many have the same schedule, and all of those are asked for at the same minute."""
    expression, zone = parse(text), zone_of(time_zone)
    find = _next_fixed if expression.fixed else _next_interval
    return find(expression, zone, after)


def upcoming(text: str, time_zone: str, after: datetime, count: int = 5) -> list[datetime]:
    """The next times, in UTC."""

    def times() -> Iterator[datetime]:
        moment = after
        while True:
            yield (moment := next_after(text, time_zone, moment))

    return list(islice(times(), count))


def zone_of(name: str) -> ZoneInfo:
    """Raises BadSchedule for what is no IANA zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadSchedule(f"time zone {name!r} is unknown: write an IANA name such as Europe/Berlin") from None


def _next_fixed(expression: Expression, zone: ZoneInfo, after: datetime) -> datetime:
    """Each time on the wall stands for one instant, and these do not decrease."""
    for wall in _walls(expression, after.astimezone(zone).replace(tzinfo=None)):
        if (instant := _instant(wall, zone)) > after:
            return instant
    raise AssertionError("unreachable: the walk either yields or raises")


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall shows this time, or the end of the gap in which it would."""
    local = wall.replace(tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # PEP 495: in a gap, fold=0 reads the time with the offset before it and fold=1 with the one after.
    return _change(zone, local.replace(fold=1).astimezone(UTC) - MINUTE, instant + MINUTE)


def _next_interval(expression: Expression, zone: ZoneInfo, after: datetime) -> datetime:
    """Walk with the offset that holds now; where clocks change before the next time, go on from the change."""
    while True:
        shift = _shift(zone, after)
        instant = next(_walls(expression, (after + shift).replace(tzinfo=None))).replace(tzinfo=UTC) - shift
        horizon = min(instant, after + NEAR)
        if _shift(zone, horizon) != shift:
            after = _change(zone, after, horizon)
            if _fits(expression, after.astimezone(zone)):
                return after
        elif horizon == instant:
            return instant
        else:
            # The wall shows nothing that fits until then. Clocks may have changed there and back meanwhile.
            after = instant - NEAR


def _walls(expression: Expression, after: datetime) -> Iterator[datetime]:
    walk = croniter(expression.text, after, datetime, day_or=expression.either_day, max_years_between_matches=YEARS)
    try:
        while True:
            yield walk.get_next(datetime)
    except (CroniterError, ValueError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise BadSchedule(f"cron {expression.text!r} names no date that ever comes: {error}") from error


def _fits(expression: Expression, local: datetime) -> bool:
    return local.minute in expression.minutes and local.hour in expression.hours and expression.falls_on(local.date())


def _shift(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first minute after `low` with the offset that `high` has, given that `low` has another."""
    shift = _shift(zone, low)
    while high - low > MINUTE:
        middle = low + (high - low) // MINUTE // 2 * MINUTE
        low, high = (middle, high) if _shift(zone, middle) == shift else (low, middle)
    return high
