"""A schedule as a sentence, for people who do not read cron."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

from .expression import Expression, parse

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
NTH = ("first", "second", "third", "fourth", "fifth")
MOST_TIMES = 6


def describe(text: str, time_zone: str = "") -> str:
    """`0 6 * * 1-5` -> "At 06:00, Monday to Friday". Raises BadSchedule."""
    expression = parse(text)
    parts = [_times(expression), *filter(None, (_dates(expression), _months(expression)))]
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}{f' ({time_zone})' if time_zone else ''}"


def _times(expression: Expression) -> str:
    minutes, hours = expression.minutes, expression.hours
    if len(minutes) * len(hours) <= MOST_TIMES:
        return "at " + _list([f"{hour:02}:{minute:02}" for hour in hours for minute in minutes])
    if len(hours) == 24:
        return _steps(minutes, 60, "minute") or f"{_after(minutes)} every hour"
    spread = _steps(hours, 24, "hour")
    if spread and len(minutes) == 1:
        return f"{spread} at {minutes[0]} past" if minutes[0] else f"{spread} on the hour"
    every = _steps(minutes, 60, "minute")
    return f"{every} in {_hours(hours)}" if every else f"{_after(minutes)} {_hours(hours)}"


def _steps(values: Sequence[int], whole: int, unit: str) -> str:
    """ "every 15 minutes", where the values are evenly spread over the whole, else nothing."""
    step = whole // len(values)
    if step == whole or list(values) != list(range(0, whole, step)):
        return ""
    return f"every {unit}" if step == 1 else f"every {step} {unit}s"


def _after(minutes: Sequence[int]) -> str:
    if len(minutes) > MOST_TIMES:
        return f"at {len(minutes)} minutes ({', '.join(map(str, minutes[:3]))} to {minutes[-1]}) of"
    return "on the hour" if list(minutes) == [0] else f"at {_list([str(minute) for minute in minutes])} minutes past"


def _hours(hours: Sequence[int]) -> str:
    if hours[-1] - hours[0] == len(hours) - 1:
        return f"the time from {hours[0]:02}:00 to {hours[-1]:02}:59"
    return f"the hours {_list([f'{hour:02}' for hour in hours])}"


def _dates(expression: Expression) -> str:
    by_date = [str(day) for day in sorted(expression.days)] + ["the last day"] * expression.last_day
    named = [f"the {NTH[nth - 1]} {DAYS[day]} of the month" for day, nth in sorted(expression.nth)]
    on_date = "" if len(expression.days) == 31 else f"on day {_list(by_date)} of the month"
    on_weekday = "" if len(expression.weekdays) == 7 else _list([*_weekdays(sorted(expression.weekdays)), *named])
    if expression.either_day:
        return f"{on_date} or {on_weekday}"
    if on_date and on_weekday:
        return f"{on_date} where it is {on_weekday}"
    return (
        on_date or on_weekday or ("every day" if len(expression.minutes) * len(expression.hours) <= MOST_TIMES else "")
    )


def _weekdays(days: Sequence[int]) -> list[str]:
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return [f"{DAYS[days[0]]} to {DAYS[days[-1]]}"]
    return [DAYS[day] for day in days]


def _months(expression: Expression) -> str:
    months = sorted(expression.months)
    if len(months) == 12:
        return ""
    return f"in {_list([calendar.month_name[month] for month in months])}"


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
