"""Everything a workbook keeps about a range of cells: what it is, how it follows edits, how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.spans import clip, without

Json = dict[str, Any]
K = TypeVar("K")


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedRange:
    id: str
    name: str
    sheet_id: int
    span: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectedRange:
    """`editors` may edit besides the file's owner; `free` are the unprotected ranges of a protected sheet."""

    id: int
    span: Span
    editors: tuple[str, ...]
    warning_only: bool = False
    free: tuple[Span, ...] = ()
    rest: Json = field(default_factory=dict)

    def editable_by(self, user: str, owner: str) -> bool:
        return self.warning_only or user == owner or user in self.editors

    def forbids(self, user: str, owner: str, rect: Rect, rows: int, columns: int) -> bool:
        """Is a cell of the rectangle protected from this user?"""
        if self.editable_by(user, owner) or not clip(self.span, rows, columns).overlaps(rect):
            return False
        left = [rect]
        for span in self.free:
            free = clip(span, rows, columns)
            left = [part for piece in left for part in without(piece, free)]
        return bool(left)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    span: Span
    rest: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterView:
    id: int
    title: str
    span: Span
    rest: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Banding:
    """Alternating colours; `rest` holds the row and column properties as they are shown."""

    id: int
    span: Span
    rest: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group of rows (or columns); its span is open on the other axis. Depth 1 is the outermost."""

    rows: bool
    span: Span
    depth: int
    collapsed: bool = False

    @property
    def start(self) -> int:
        return (self.span.top if self.rows else self.span.left) or 0

    @property
    def end(self) -> int:
        return (self.span.bottom if self.rows else self.span.right) or 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FormatRule:
    """A conditional format; `rest` is its boolean or gradient rule."""

    spans: tuple[Span, ...]
    rest: Json = field(default_factory=dict)


Follow = Callable[[Span], Span | None]
Item = TypeVar("Item", ProtectedRange, FilterView, Banding, Group)


def followed(items: Iterable[Item], follow: Follow) -> list[Item]:
    """The items after an edit of the grid; one whose cells are all gone is gone."""
    kept = ((item, follow(item.span)) for item in items)
    return [replace(item, span=span) for item, span in kept if span is not None]


def followed_by_id(items: Mapping[K, Item], follow: Follow) -> dict[K, Item]:
    kept = {key: followed([item], follow) for key, item in items.items()}
    return {key: found[0] for key, found in kept.items() if found}


def rules_followed(rules: Iterable[FormatRule], follow: Follow) -> list[FormatRule]:
    """Conditional formats lose the ranges that are gone; a rule without any goes."""
    kept = []
    for rule in rules:
        spans = spans_followed(rule.spans, follow)
        if spans:
            kept.append(replace(rule, spans=spans))
    return kept


def spans_followed(spans: Iterable[Span], follow: Follow) -> tuple[Span, ...]:
    return tuple(span for span in map(follow, spans) if span is not None)


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
