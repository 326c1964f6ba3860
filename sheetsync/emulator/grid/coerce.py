"""USER_ENTERED: what Google makes of a typed text in the en_US locale.

Measured or recorded, unless it says otherwise. Where only the value is known, the pattern is assumed to be that of
what was typed, as it is for `1-2` (m-d) and `2026-09-05` (yyyy-mm-dd).
"""

from __future__ import annotations

import re
from datetime import date
from math import isfinite

from sheetsync.emulator.grid.cells import Format, Value, number
from sheetsync.emulator.grid.formulas import compute

Typed = tuple[Value, Format | None]
DAY_ZERO = date(1899, 12, 30)
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\Z", re.ASCII)
MONEY = re.compile(r"([+-]?)\$((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)\Z", re.ASCII)
PERCENT = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))%\Z", re.ASCII)
ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\Z", re.ASCII)
US_DATE = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})\Z", re.ASCII)
SHORT_DATE = re.compile(r"(?P<month>\d{1,2})(?P<sign>[-/])(?P<day>\d{1,2})\Z", re.ASCII)
NAMED_DATE = re.compile(r"(?P<name>[A-Za-z]{3,9}) (?P<day>\d{1,2})(?P<comma>,?) (?P<year>\d{4})\Z", re.ASCII)
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])[Mm])?\Z", re.ASCII)
DATE_TIME = re.compile(r"(.+?)[ T](\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)\Z", re.ASCII)
NAMES = "january february march april may june july august september october november december"
MONTHS = {name[:length]: at for at, name in enumerate(NAMES.split(), 1) for length in (3, len(name))}


def serial(day: date) -> int:
    """2020-01-01 -> 43831 (recorded)."""
    return (day - DAY_ZERO).days


def typed(text: str, year: int) -> Typed:
    """The stored value of a typed text and the number format that comes with it.

    `year` completes a date without one. `007` -> 7; `1-2` -> a date `m-d`; `'0123` -> text 0123 (measured).
    """
    if text == "":
        return None, None
    if text[0] == "'":
        return text[1:] or None, None
    if text[0] == "=" and len(text) > 1:
        return compute(text), None
    stripped = text.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return stripped.upper() == "TRUE", None
    found = _number(stripped) or _moment(stripped, year)
    if found is None and text[0] == "+" and len(text) > 1:
        # A plus begins a formula as `=` does; so a phone number with blanks becomes an error (assumed).
        return compute(f"={text}"), None
    return found or (text, None)


def _number(text: str) -> Typed | None:
    plain = PLAIN.match(text)
    if plain:
        if not isfinite(float(text)):
            return text, None
        return number(float(text)), _format("SCIENTIFIC", "0.00E+00") if plain.group(1) else None
    if GROUPED.match(text):
        return number(float(text.replace(",", ""))), _format("NUMBER", "#,##0.00" if "." in text else "#,##0")
    money = MONEY.match(text)
    if money:
        amount = float(money.group(1) + money.group(2).replace(",", ""))
        return number(amount), _format("CURRENCY", '"$"#,##0.00' if "." in text else '"$"#,##0')
    share = PERCENT.match(text)
    if share:
        value = number(float(share.group(1)) / 100)
        return value, _format("PERCENT", "0.00%" if "." in text else "0%")
    return None


def _moment(text: str, year: int) -> Typed | None:
    """A date, a time, or a date with a time."""
    clock = _time(text)
    if clock is not None:
        return clock[0], _format("TIME", clock[1])
    day = _day(text, year)
    if day is not None:
        return day[0], _format("DATE", day[1])
    both = DATE_TIME.match(text)
    day, clock = (None, None) if both is None else (_day(both.group(1), year), _time(both.group(2)))
    if day is None or clock is None:
        return None
    return number(day[0] + clock[0]), _format("DATE_TIME", f"{day[1]} {clock[1]}")


def _day(text: str, this_year: int) -> tuple[int, str] | None:
    """The serial of a date and its pattern."""
    for form, pattern in ((ISO_DATE, "yyyy-mm-dd"), (US_DATE, "m/d/yyyy"), (SHORT_DATE, "m{sign}d")):
        match = form.match(text)
        if match:
            parts = match.groupdict()
            year = parts.get("year", "")
            if len(year) == 2:
                pattern = "m/d/yy"
            return _serial(_full(year, this_year), int(parts["month"]), int(parts["day"]), pattern.format(**parts))
    named = NAMED_DATE.match(text)
    month = MONTHS.get(named["name"].lower()) if named else None
    if named is None or month is None:
        return None
    # "Mar 1 2016" becomes a date (documented).
    pattern = ("mmm" if len(named["name"]) == 3 else "mmmm") + f" d{named['comma']} yyyy"
    return _serial(int(named["year"]), month, int(named["day"]), pattern)


def _full(year: str, this_year: int) -> int:
    """Two digits mean 1930 to 2029 (assumed)."""
    if not year:
        return this_year
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 30 else 1900)


def _serial(year: int, month: int, day: int, pattern: str) -> tuple[int, str] | None:
    try:
        return serial(date(year, month, day)), pattern
    except ValueError:
        return None


def _time(text: str) -> tuple[float, str] | None:
    """The part of a day and its pattern. Hours are shown without a leading zero (seen in a report on date and time)."""
    match = TIME.match(text)
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    half = match.group(4)
    if minutes > 59 or seconds > 59 or not (1 <= hours <= 12 if half else hours <= 23):
        return None
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    pattern = ("h:mm:ss" if match.group(3) else "h:mm") + (" am/pm" if half else "")
    return (hours * 3600 + minutes * 60 + seconds) / 86400, pattern


def _format(kind: str, pattern: str) -> Format:
    return {"numberFormat": {"type": kind, "pattern": pattern}}
