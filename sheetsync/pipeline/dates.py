"""Dates and times as a sheet keeps them: serial numbers of days since 1899-12-30, on the clock of the
spreadsheet.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sheetsync.errors import BadColumn
from sheetsync.pipeline.text import misfit

NOT_A_DATE = "not_a_date"
OUT_OF_RANGE = "date_out_of_range"

_DAY_ZERO = date(1899, 12, 30).toordinal()
_FIRST_DAY = date(1900, 1, 1)
"""Sheets shows nothing sensible before it."""

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?: ?(Z|z|UTC|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
_ZONES = {"Z": "+00:00", "z": "+00:00", "UTC": "+00:00", None: ""}
_SECONDS = range(1_000_000_000, 10_000_000_000)
_MILLISECONDS = range(1_000_000_000_000, 10_000_000_000_000)
"""Times since 1970 from 2001 to 2286. Smaller numbers are too likely to be something else."""

_MS_PER_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises BadColumn for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadColumn(
            f"time zone {name!r} is not known here: choose an IANA name such as Europe/Berlin in the "
            "spreadsheet's settings, or update the tzdata package"
        ) from None


def moment(value: Any) -> datetime | None:
    """The date and time that `value` is, spells or counts since 1970, or None. Naive where it names no
    offset.
    """
    if isinstance(value, str):
        return _spelt(value) if len(value) <= 40 else None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if type(value) is int and value in _SECONDS:
        return _EPOCH + timedelta(seconds=value)
    if type(value) is int and value in _MILLISECONDS:
        return _EPOCH + timedelta(milliseconds=value)
    return None


def date_cell(value: Any, clock: tzinfo) -> int | None:
    """The serial number of the day that `value` falls on by `clock`. Raises Odd for what is no date."""
    local = _local(value, clock)
    return None if local is None else local.toordinal() - _DAY_ZERO


def datetime_cell(value: Any, clock: tzinfo) -> float | None:
    """The serial number of `value`, its time of day by `clock` as a fraction. Raises Odd for what is no time.

    Cut to the millisecond and rounded up at the tenth decimal: fifteen digits (until the year 2173) survive
    any reader, and neither one that rounds nor one that cuts shows the second before.
    """
    local = _local(value, clock)
    if local is None:
        return None
    ms = (local.hour * 3600 + local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
    ticks = -(-ms * 10**10 // _MS_PER_DAY)
    return ((local.toordinal() - _DAY_ZERO) * 10**10 + ticks) / 10**10


def _local(value: Any, clock: tzinfo) -> datetime | None:
    if isinstance(value, str) and not value.strip():
        return None
    found = moment(value)
    if found is None:
        raise misfit(value, NOT_A_DATE)
    try:
        local = found if found.tzinfo is None else found.astimezone(clock)
    except (OverflowError, ValueError):
        raise misfit(value, OUT_OF_RANGE) from None
    if local.date() < _FIRST_DAY:
        raise misfit(value, OUT_OF_RANGE)
    return local


@lru_cache(maxsize=4_096)
def _spelt(text: str) -> datetime | None:
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    day, clock, offset = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{_ZONES.get(offset, offset)}" if clock else day)
    except ValueError:
        return None
