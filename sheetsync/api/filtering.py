"""Query parameters of lists: known by name, judged one by one. A misspelt one is an error, never all rows."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from sheetsync.api.pagination import MOST_DIGITS
from sheetsync.api.problems import invalid

Reading = Callable[[str, str], Any]
PAGING = ("cursor", "limit")


def filtered(
    rows: models.QuerySet[Any], request: Request, known: Mapping[str, tuple[str, Reading]]
) -> models.QuerySet[Any]:
    """Those rows that the query asks for. `known`: parameter -> (lookup, how its value is read)."""
    for name in request.query_params:
        if name not in known and name not in PAGING:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise invalid(name, f"There is no such filter: {hint}filters are {', '.join(sorted(known))}.")
    for name, (lookup, read) in known.items():
        if (given := request.query_params.get(name)) is not None:
            rows = rows.filter(**{lookup: read(name, given)})
    return rows


def one_of(*values: str) -> Reading:
    """Some of these, separated by commas."""

    def read(name: str, text: str) -> list[str]:
        chosen = text.split(",")
        for each in chosen:
            if each not in values:
                raise invalid(name, f"{each[:40]!r} is none of {', '.join(values)}.")
        return chosen

    return read


def number(name: str, text: str) -> int:
    """An id."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise invalid(name, f"{text[:40]!r} is no id: write a whole number.")
    return int(text)


def moment(name: str, text: str) -> datetime:
    """A time with its offset, such as 2026-11-22T08:00:00Z."""
    try:
        found = parse_datetime(text.strip().replace(" ", "+"))
        if found is None or found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(name, f"{text[:40]!r} is no time: write one such as 2026-11-22T08:00:00Z.") from None


def text(name: str, value: str) -> str:
    """Any text that a database can look for."""
    if "\x00" in value or len(value) > 200:
        raise invalid(name, "Write a text of at most 200 characters, without NUL.")
    return value
