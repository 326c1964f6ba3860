"""FORMATTED_VALUE: numbers and dates as Google prints them, for the common patterns."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from sheetsync.emulator.grid.cells import CellError, Format, Scalar

DATE_KINDS = frozenset({"DATE", "TIME", "DATE_TIME"})
DEFAULTS = {
    "NUMBER": "#,##0.00",
    "CURRENCY": '"$"#,##0.00',
    "PERCENT": "0.00%",
    "SCIENTIFIC": "0.00E+00",
    "DATE": "m/d/yyyy",
    "TIME": "h:mm:ss AM/PM",
    "DATE_TIME": "m/d/yyyy h:mm:ss",
}
DATE_TOKEN = re.compile(r'"[^"]*"|\\.|AM/PM|am/pm|y+|m+|d+|h+|s+|\.0+|.', re.IGNORECASE | re.DOTALL)
NUMBER_CORE = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?(?:E[+-]0+)?|\.[#0?]+")
QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
NAMES = {
    "mmm": "%b",
    "mmmm": "%B",
    "ddd": "%a",
    "dddd": "%A",
    "yyyy": "%Y",
    "yy": "%y",
    "mm": "%m",
    "dd": "%d",
}


def is_date(style: Format | None) -> bool:
    return bool(style) and (style or {}).get("numberFormat", {}).get("type") in DATE_KINDS


def show(value: Scalar | CellError, style: Format | None) -> str:
    """The text a person sees in the cell; an empty cell is the empty text."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, str):
        return value
    number_format = (style or {}).get("numberFormat")
    if not number_format:
        return plain(value)
    kind = number_format.get("type", "NUMBER")
    pattern = number_format.get("pattern") or DEFAULTS.get(kind, "")
    if kind in DATE_KINDS:
        return show_date(float(value), pattern)
    return plain(value) if kind == "TEXT" or not pattern else show_number(float(value), pattern)


def plain(value: float) -> str:
    """The automatic format: up to 15 digits for whole numbers, ten significant ones otherwise."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.10g}"
    if "e" in text:
        mantissa, exponent = f"{value:.9e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}E{exponent[0]}{exponent[1:].lstrip('0').zfill(2)}"
    return text


def show_date(serial: float, pattern: str) -> str:
    """A serial under a date pattern; day 0 is 1899-12-30 (documented)."""
    try:
        moment = datetime(1899, 12, 30) + timedelta(seconds=round(serial * 86400, 3))
    except OverflowError:
        return plain(serial)
    tokens = DATE_TOKEN.findall(pattern)
    halves = any(token.upper() == "AM/PM" for token in tokens)
    parts = []
    for index, token in enumerate(tokens):
        parts.append(_date_part(moment, token, halves, _is_minute(tokens, index)))
    return "".join(parts)


def _is_minute(tokens: list[str], index: int) -> bool:
    """`m` means minutes right after hours or right before seconds."""
    letters = [(i, token[0].lower()) for i, token in enumerate(tokens) if token[0].lower() in "ymdhs"]
    at = next((n for n, (i, _) in enumerate(letters) if i == index), None)
    if at is None or letters[at][1] != "m":
        return False
    before = letters[at - 1][1] if at else ""
    after = letters[at + 1][1] if at + 1 < len(letters) else ""
    return before == "h" or after == "s"


def _date_part(moment: datetime, token: str, halves: bool, minute: bool) -> str:
    lower = token.lower()
    if lower == "am/pm":
        return moment.strftime("%p")
    if token[0] in '"\\':
        return token.strip('"') if token[0] == '"' else token[1:]
    if lower[0] == "h":
        hour = (moment.hour % 12 or 12) if halves else moment.hour
        return f"{hour:0{len(token)}d}"
    if lower[0] == "s":
        return f"{moment.second:0{len(token)}d}"
    if lower[0] == "m" and minute:
        return f"{moment.minute:0{len(token)}d}"
    if lower in NAMES:
        return moment.strftime(NAMES[lower])
    if lower in ("m", "d", "y", "yyy"):
        return {"m": str(moment.month), "d": str(moment.day)}.get(lower, str(moment.year))
    return f"{moment.microsecond / 1e6:.{len(token) - 1}f}"[1:] if token.startswith(".0") else token


@lru_cache(maxsize=512)
def _section(pattern: str) -> tuple[str, str, int, int, bool, bool, str]:
    """A number pattern taken apart: texts around, least and most decimals, grouping, percent, core."""
    bare = QUOTED.sub(lambda match: "\x00" + (match.group(1) or match.group(2) or "") + "\x00", pattern)
    outside = re.sub(r"\x00[^\x00]*\x00", lambda match: "\x00" * len(match.group()), bare)
    core = NUMBER_CORE.search(outside)
    if core is None:
        return bare.replace("\x00", ""), "", 0, 0, False, False, ""
    before, after = bare[: core.start()].replace("\x00", ""), bare[core.end() :].replace("\x00", "")
    decimals = core.group().partition("E")[0].partition(".")[2]
    return (
        before,
        after,
        decimals.count("0"),
        len(decimals),
        "," in core.group(),
        "%" in outside,
        core.group(),
    )


def show_number(value: float, pattern: str) -> str:
    """A number under a pattern such as `#,##0.00 "EUR"`; negative and zero sections are honoured."""
    sections = pattern.split(";")
    chosen, sign = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        chosen, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        chosen = sections[2]
    before, after, least, most, grouped, percent, core = _section(chosen)
    if not core:
        return sign + before
    amount = abs(value) * (100 if percent else 1)
    if "E" in core:
        mantissa, exponent = f"{amount:.{most}e}".split("e")
        return f"{sign}{before}{mantissa}E{exponent}{after}"
    digits = f"{amount:,.{most}f}" if grouped else f"{amount:.{most}f}"
    whole, _, decimals = digits.partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    wanted = core.partition(".")[0].count("0")
    whole = whole.zfill(wanted) if whole != "0" or wanted else ""
    return f"{sign}{before}{whole}{'.' + decimals if decimals else ''}{after}"
