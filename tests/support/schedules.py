"""Every change of clocks that the time zone database announces, random cron expressions, and cron the slow way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sheetsync.cron import Expression, parse

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


@cache
def changes() -> list[tuple[str, datetime]]:
    """(zone, the first minute of the new offset); of zones whose clocks do the same at once, the first by name."""
    found: dict[tuple[datetime, timedelta, timedelta], str] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for change in _changes(zone):
            found.setdefault((change, shift(zone, change - MINUTE), shift(zone, change)), name)
    return [(name, change) for (change, _, _), name in sorted(found.items(), key=lambda item: (item[1], item[0][0]))]


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    moment = FIRST
    while moment < LAST:
        step = moment + 7 * DAY
        if shift(zone, step) != shift(zone, moment):
            low, high = moment, step
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                low, high = (middle, high) if shift(zone, middle) == shift(zone, low) else (low, middle)
            yield high
        moment = step


def shift(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def expected(text: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """All times in [begin, end), by looking at the wall every minute."""
    walls = _walls(zone, begin - DAY, end)
    expression = parse(text)
    minutes: set[int] = set(expression.minutes_of_day)
    days: dict[date, bool] = {}
    found: list[datetime] = []
    done: set[datetime] = set()
    pending = False
    previous = None
    for moment, wall in walls:
        if expression.fixed and previous is not None and wall - previous > MINUTE:
            pending = any(_fits(expression, minutes, days, gone) for gone in _between(previous, wall))
        fits = _fits(expression, minutes, days, wall)
        if (fits or pending) and not (expression.fixed and wall in done):
            found.append(moment)
        if fits or pending:
            done.add(wall)
        previous, pending = wall, False
    return [moment for moment in found if moment >= begin]


@cache
def _walls(zone: str, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    where, moments = ZoneInfo(zone), range(int((end - begin) / MINUTE))
    return [(at, at.astimezone(where).replace(tzinfo=None)) for at in (begin + index * MINUTE for index in moments)]


def _between(low: datetime, high: datetime) -> Iterator[datetime]:
    while (low := low + MINUTE) < high:
        yield low


def _fits(expression: Expression, minutes: set[int], days: dict[date, bool], wall: datetime) -> bool:
    if wall.hour * 60 + wall.minute not in minutes:
        return False
    day = wall.date()
    if day not in days:
        days[day] = expression.falls_on(day)
    return days[day]


def expressions(seed: int) -> Iterator[str]:
    """Random ones that both we and cronsim read alike."""
    lots = random.Random(seed)

    def field(low: int, high: int) -> str:
        kind = lots.random()
        if kind < 0.35:
            return "*"
        if kind < 0.5:
            return f"*/{lots.randint(1, high - low)}"
        values = sorted(lots.sample(range(low, high + 1), min(lots.randint(1, 4), high - low)))
        return ",".join(map(str, values)) if kind < 0.8 or len(values) < 2 else f"{values[0]}-{values[-1]}"

    while True:
        yield f"{field(0, 59)} {field(0, 23)} {field(1, 31)} {field(1, 12)} {field(0, 6)}"
