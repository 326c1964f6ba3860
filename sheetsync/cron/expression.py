"""The five fields: what may be written in them, and what it stands for.

croniter takes more than cron does: seconds, years, `R` (a new random value each time it is asked), ranges that wrap
round, and dates that never come, such as 30 February. What it makes of `59/15` changed in its version 7. So the fields
are read strictly here, and croniter is handed a spelling that means one thing in all its versions.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sheetsync.errors import BadSchedule

MAX_EXPRESSION = 128
REMEDY = "write minute, hour, day of month, month, day of week, such as 0 6 * * 1-5"

_ITEM = re.compile(r"(?P<first>\*|[0-9]{1,2}|[a-z]{3})(?:-(?P<last>[0-9]{1,2}|[a-z]{3}))?(?:/(?P<step>[0-9]{1,2}))?")
_NTH = re.compile(r"(?P<day>[0-7]|[a-z]{3})#(?P<nth>[1-5])")
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if number}
WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five: its name, its bounds, and the names its numbers have."""

    name: str
    low: int
    high: int
    names: dict[str, int]


FIELDS = (
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
    Field("day of month", 1, 31, {}),
    Field("month", 1, 12, MONTHS),
    Field("day of week", 0, 7, WEEKDAYS),
)
_WEEK = Field("day of week", 0, 6, WEEKDAYS)  # once 7 has become 0


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. Weekdays count from Sunday, 0. `nth` holds (weekday, which one of the month)."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    fixed: bool
    """Neither minute nor hour begins with `*`: it means times of the day, each once a day whatever clocks do."""
    either_day: bool
    """Both day fields are restricted, and one that fits is enough; one beginning with `*` does not count as
    restricted (crontab(5))."""

    @property
    def text(self) -> str:
        """The one spelling that croniter is given: lists of numbers, and stars where a field holds all."""
        days = [*map(str, sorted(self.days)), *["L"] * self.last_day]
        weekdays = [*map(str, sorted(self.weekdays)), *(f"{day}#{nth}" for day, nth in sorted(self.nth))]
        lists: tuple[Sequence[object], ...] = (self.minutes, self.hours, days, sorted(self.months), weekdays)
        return " ".join(
            "*" if len(values) > field.high - field.low else ",".join(map(str, values))
            for values, field in zip(lists, (*FIELDS[:4], _WEEK), strict=True)
        )

    @property
    def minutes_of_day(self) -> tuple[int, ...]:
        return tuple(hour * 60 + minute for hour in self.hours for minute in self.minutes)

    def falls_on(self, day: date) -> bool:
        """Does it come on this date?"""
        if day.month not in self.months:
            return False
        last = self.last_day and day.day == calendar.monthrange(day.year, day.month)[1]
        by_date = day.day in self.days or last
        weekday = day.isoweekday() % 7
        by_weekday = weekday in self.weekdays or (weekday, (day.day + 6) // 7) in self.nth
        return by_date or by_weekday if self.either_day else by_date and by_weekday


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Read an expression. Raises BadSchedule naming the field, what is wrong with it and the remedy."""
    if len(text) > MAX_EXPRESSION:
        raise BadSchedule(f"cron {text[:40]!r}… has {len(text)} characters: write at most {MAX_EXPRESSION}")
    fields = text.lower().split()
    if len(fields) != len(FIELDS):
        raise BadSchedule(f"cron {text!r} has {len(fields)} fields instead of 5: {REMEDY}")
    try:
        return _expression(fields)
    except ValueError as error:
        raise BadSchedule(f"cron {text!r}: {error}") from error


def _expression(fields: list[str]) -> Expression:
    minutes, hours, months = (_read(fields[index], FIELDS[index]) for index in (0, 1, 3))
    days, last_day = _days(fields[2])
    weekdays, nth = _weekdays(fields[4])
    if nth and fields[2] != "*":  # croniter does not find the next date of both
        raise ValueError(f"{fields[4]!r} needs * as day of month instead of {fields[2]!r}")
    either_day = "*" not in (fields[2][0], fields[4][0])
    if either_day and (len(days) == 31 or len(weekdays) == 7):
        either_day, days, weekdays, last_day, nth = False, set(range(1, 32)), set(range(7)), False, set()
    return Expression(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        last_day=last_day,
        months=frozenset(months),
        weekdays=frozenset(weekdays),
        nth=frozenset(nth),
        fixed="*" not in (fields[0][0], fields[1][0]),
        either_day=either_day,
    )


def _days(field: str) -> tuple[set[int], bool]:
    """`L` is the last day of the month."""
    items = field.split(",")
    plain = ",".join(item for item in items if item != "l")
    return _read(plain, FIELDS[2]) if plain else set(), "l" in items


def _weekdays(field: str) -> tuple[set[int], set[tuple[int, int]]]:
    """`1#2` is the second Monday of the month."""
    nth, plain = set(), []
    for item in field.split(","):
        if found := _NTH.fullmatch(item):
            nth.add((_number(found["day"], FIELDS[4]) % 7, int(found["nth"])))
        else:
            plain.append(item)
    if nth and plain:
        raise ValueError(f"{field!r} mixes weekdays with weekdays of the month: write one kind, such as 1#1,1#3")
    weekdays = _read(",".join(plain), FIELDS[4]) if plain else set()
    return {day % 7 for day in weekdays}, nth


def _read(text: str, field: Field) -> set[int]:
    return {value for item in text.split(",") for value in _span(item, field)}


def _span(item: str, field: Field) -> range:
    """The values of `*`, `5`, `1-5`, `*/15`, `1-5/2` or `5/15`, which is from 5 on."""
    found = _ITEM.fullmatch(item)
    if found is None:
        raise ValueError(f"{item!r} is no {field.name}: write a number, a range such as 1-5, a list or a step as */5")
    first, last, step = found["first"], found["last"], int(found["step"] or 1)
    if not 1 <= step <= field.high:
        raise ValueError(f"the step of {item!r} is out of 1-{field.high} for the {field.name}")
    whole = _WEEK if field.names is WEEKDAYS else field
    if first == "*":
        if last:
            raise ValueError(f"{item!r} is no {field.name}: * already is the whole range")
        return range(whole.low, whole.high + 1, step)
    low = _number(first, field)
    # `5/15` is from 5 on. (croniter 7 reads `59/15` so too, croniter 6 does not.)
    high = _number(last, field, ends_range=True) if last else whole.high if found["step"] else low
    if high < low:
        raise ValueError(f"{item!r} runs backwards: write two ranges, such as {first}-{field.high},{field.low}-{last}")
    return range(low, high + 1, step)


def _number(text: str, field: Field, *, ends_range: bool = False) -> int:
    if not text.isdigit():
        if text not in field.names:
            known = f": write {', '.join(field.names)} or a number" if field.names else ", which has no names"
            raise ValueError(f"{text!r} is no {field.name}{known}")
        # In sat-sun, Sunday is the end of the week.
        return 7 if ends_range and text == "sun" else field.names[text]
    if not field.low <= int(text) <= field.high:
        raise ValueError(f"{text} is out of {field.low}-{field.high} for the {field.name}")
    return int(text)
