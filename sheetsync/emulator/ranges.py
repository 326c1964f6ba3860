"""Named and protected ranges and the basic filter, as the workbook keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .a1 import Rect, Span
from .spans import clip

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedRange:
    id: str
    name: str
    sheet_id: int
    span: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectedRange:
    """`editors` are the people who may edit besides the file's owner; `rest` is echoed to readers as sent."""

    id: int
    span: Span
    editors: frozenset[str]
    warning_only: bool = False
    rest: Json = field(default_factory=dict)

    def forbids(self, user: str, owner: str, rect: Rect, rows: int, columns: int) -> bool:
        if self.warning_only or user == owner or user in self.editors:
            return False
        return clip(self.span, rows, columns).overlaps(rect)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    span: Span
    rest: Json = field(default_factory=dict)


def span_of(grid_range: Json) -> Span:
    """GridRange -> Span: zero-based, half-open, a missing index is open (discovery document)."""
    return Span(
        grid_range.get("startRowIndex"),
        grid_range.get("startColumnIndex"),
        grid_range.get("endRowIndex"),
        grid_range.get("endColumnIndex"),
    )


def grid_range(sheet_id: int, span: Span | Rect) -> Json:
    """GridRange as replies print it: sheet 0 is omitted (recorded), and so are open sides."""
    reply: Json = {"sheetId": sheet_id} if sheet_id else {}
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    values = (span.top, span.bottom, span.left, span.right)
    reply.update({name: value for name, value in zip(names, values, strict=True) if value is not None})
    return reply
