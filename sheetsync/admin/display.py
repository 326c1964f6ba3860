"""How things look: tables, links, durations. Everything is escaped, and brings no style or script of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize, number_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.text import Truncator

NOTHING = "-"

SHORT = 10
"""Seconds, of which tenths are told."""


def link(row: Model | None, text: object = None) -> str:
    """To a row's own page."""
    if row is None:
        return NOTHING
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', page, row if text is None else text)


def list_link(model: type[Model], text: object = None, **filters: int | None) -> str:
    """To the list of a model's rows, filtered. Nothing belongs to a row that is still to be added."""
    known = {name: value for name, value in filters.items() if value is not None}
    if len(known) < len(filters):
        return NOTHING
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', page, urlencode(known), text or model._meta.verbose_name_plural)


def together(parts: Iterable[str]) -> str:
    """One after the other."""
    return format_html_join(", ", "{}", ((part,) for part in parts)) or NOTHING


def table(rows: Iterable[Sequence[object]], head: Sequence[object] = ()) -> str:
    """The first cell of a row says what the others are."""
    body = format_html_join(
        "", "<tr><th>{}</th>{}</tr>", ((first, _cells("<td>{}</td>", rest)) for first, *rest in rows)
    )
    if not body:
        return NOTHING
    top = format_html("<thead><tr>{}</tr></thead>", _cells("<th>{}</th>", head)) if head else ""
    return format_html("<table>{}<tbody>{}</tbody></table>", top, body)


def folded(label: object, text: str) -> str:
    """A long text that opens when asked for."""
    if not text:
        return NOTHING
    return format_html("<details><summary>{}</summary><pre>{}</pre></details>", label, text)


def badge(sign: str, word: object, kind: str) -> str:
    """A word that is found at a glance: `kind`: good, busy, waiting, bad or off, see console.css.

    The sign says the same to whoever sees no colours.
    """
    marked = '<span class="sheetsync-badge {}"><span class="sign" aria-hidden="true">{}</span> {}</span>'
    return format_html(marked, kind, sign, word)


def short(text: str, longest: int = 80) -> str:
    """The beginning of a text that would burst a list."""
    return Truncator(text).chars(longest)


def grouped(number: Any) -> str:
    """1,234,567, or as the reader's language writes it."""
    return number_format(number, force_grouping=True)


def when(time: datetime) -> str:
    """A time as the rest of the admin shows it."""
    return localize(timezone.localtime(time))


def span(seconds: float) -> str:
    """So many seconds, as hours, minutes and seconds: 1 h 02 min 03 s; below ten, 2.5 s. Clocks differ: not below 0."""
    if seconds < SHORT:
        tenths = round(max(0.0, seconds), 1)
        return f"{grouped(int(tenths) if tenths.is_integer() else tenths)} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min {rest:02} s"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _cells(cell: str, values: Iterable[object]) -> str:
    return format_html_join("", cell, ((value,) for value in values))
