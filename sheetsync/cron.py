"""Cron, pure: five strict fields in a time zone -> the next instant. The parser is croniter's, its extras are not.

croniter also takes seconds and years, `R` (a new random value each time it is asked) and dates that never come, such as
30 February, on which it fails only when the next time is asked for.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from sheetsync.errors import BadSchedule

MAX_EXPRESSION = 128
_FIELD = re.compile(r"[0-9A-Za-z*,/#-]+")
_RANDOM = re.compile(r"(?<![A-Za-z])R", re.IGNORECASE)


def next_after(expression: str, time_zone: str, after: datetime) -> datetime:
    """The first time that matches and is later than `after` (aware), in UTC.

    Raises BadSchedule naming the value and the remedy.
    """
    if after.tzinfo is None:
        raise ValueError(f"{after!r} has no time zone")
    fields = _checked(expression)
    try:
        found = croniter(fields, after.astimezone(_zone(time_zone))).get_next(datetime)
    except (CroniterError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise BadSchedule(f"cron {expression!r} names no time that ever comes, or is misspelt: {error}") from error
    return found.astimezone(UTC)  # type: ignore[no-any-return]


def check(expression: str, time_zone: str = "UTC") -> None:
    """Raises BadSchedule for an expression or a time zone that cannot be used."""
    next_after(expression, time_zone, datetime(2026, 1, 1, tzinfo=UTC))


def _checked(expression: str) -> str:
    fields = expression.split()
    if len(expression) > MAX_EXPRESSION:
        raise BadSchedule(f"cron {expression[:40]!r}… has {len(expression)} characters: write at most {MAX_EXPRESSION}")
    if len(fields) != 5:
        remedy = "write minute, hour, day of month, month, day of week, such as 0 6 * * 1-5"
        raise BadSchedule(f"cron {expression!r} has {len(fields)} fields instead of 5: {remedy}")
    for field in fields:
        if not _FIELD.fullmatch(field) or _RANDOM.search(field):
            raise BadSchedule(f"cron {expression!r}: {field!r} is not a number, name, range, list or step")
    return " ".join(fields)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadSchedule(f"time zone {name!r} is unknown: write an IANA name such as Europe/Berlin") from None
