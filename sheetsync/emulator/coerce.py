"""USER_ENTERED: what Google makes of a typed text in the en_US locale, as far as measured or recorded."""

from __future__ import annotations

import re
from datetime import date
from math import isfinite

from .cells import Format, Value, number
from .formulas import compute

DAY_ZERO = date(1899, 12, 30)
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\Z")
MONEY = re.compile(r"([+-]?)\$([\d,]*\.?\d+)\Z")
PERCENT = re.compile(r"([+-]?\d*\.?\d+)%\Z")
ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
SHORT_DATE = re.compile(r"(\d{1,2})([-/])(\d{1,2})\Z")
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\Z")
DATE_TIME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[ T](\d{1,2}:\d{2}(?::\d{2})?)\Z")


def serial(day: date) -> int:
    """2020-01-01 -> 43831 (recorded)."""
    return (day - DAY_ZERO).days


def typed(text: str, year: int) -> tuple[Value, Format | None]:
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
    return _number(stripped) or _date(stripped, year) or (text, None)


def _number(text: str) -> tuple[Value, Format | None] | None:
    if PLAIN.match(text):
        return (number(float(text)), None) if isfinite(float(text)) else (text, None)
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


def _date(text: str, year: int) -> tuple[Value, Format | None] | None:
    both = DATE_TIME.match(text)
    if both:
        day, clock = _date(both.group(1), year), _time(both.group(2))
        if day is None or clock is None:
            return None
        return number(_as_float(day[0]) + clock), _format("DATE_TIME", "yyyy-mm-dd hh:mm:ss")
    clock = _time(text)
    if clock is not None:
        return clock, _format("TIME", "h:mm:ss" if text.count(":") == 2 else "h:mm")
    for form, order, shown in ((ISO_DATE, (1, 2, 3), "yyyy-mm-dd"), (US_DATE, (3, 1, 2), "m/d/yyyy")):
        match = form.match(text)
        if match:
            return _day(*(int(match.group(index)) for index in order), pattern=shown)
    short = SHORT_DATE.match(text)
    if short:
        return _day(year, int(short.group(1)), int(short.group(3)), pattern=f"m{short.group(2)}d")
    return None


def _as_float(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _day(year: int, month: int, day: int, *, pattern: str) -> tuple[Value, Format | None] | None:
    try:
        return serial(date(year, month, day)), _format("DATE", pattern)
    except ValueError:
        return None


def _time(text: str) -> float | None:
    match = TIME.match(text)
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds) / 86400


def _format(kind: str, pattern: str) -> Format:
    return {"numberFormat": {"type": kind, "pattern": pattern}}
