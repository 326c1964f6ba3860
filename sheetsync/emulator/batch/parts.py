"""Pieces of rows on the move: lifted from one place, put down in another. For sort, shift, cut and copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sheetsync.emulator.batch.celldata import put_values
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.cells import Format, Row, Value
from sheetsync.emulator.grid.sheet import Sheet


class Part:
    """The cells of one row between two columns; formats and extras are kept by their offset."""

    __slots__ = ("extras", "formats", "values", "width")

    def __init__(
        self, values: list[Value], formats: dict[int, Format], extras: dict[int, dict[str, Any]], width: int
    ) -> None:
        self.values = values
        self.formats = formats
        self.extras = extras
        self.width = width

    def put(self, sheet: Sheet, index: int, left: int) -> None:
        """Overwrite the cells from column `left` on with everything this piece has."""
        row, right = sheet.writable(index), left + self.width
        put_values(row, left, self.values)
        row.formats = {**_outside(row.formats, left, right), **_from(self.formats, left)} or None
        row.extras = {**_outside(row.extras, left, right), **_from(self.extras, left)} or None

    @property
    def is_empty(self) -> bool:
        return not self.formats and not self.extras and all(value is None for value in self.values)


def lift(sheet: Sheet, index: int, left: int, right: int, explicit: bool = False) -> Part:
    """A copy of a row's piece. `explicit` gives each cell the format it shows, defaults of columns included."""
    row = sheet.rows[index] or Row(0)
    values = [row.get(column) for column in range(left, right)]
    formats = _inside(row.formats, left, right)
    if explicit:
        formats = {column - left: sheet.format_of(index, column) or {} for column in range(left, right)}
    return Part(values, formats, _inside(row.extras, left, right), right - left)


def lift_all(sheet: Sheet, rect: Rect, explicit: bool = False) -> list[Part]:
    return [lift(sheet, index, rect.left, rect.right, explicit) for index in range(rect.top, rect.bottom)]


def empty(width: int) -> Part:
    return Part([None] * width, {}, {}, width)


def transposed(parts: list[Part]) -> list[Part]:
    """Rows become columns."""
    width = len(parts)
    return [
        Part(
            [part.values[offset] for part in parts],
            {i: part.formats[offset] for i, part in enumerate(parts) if offset in part.formats},
            {i: part.extras[offset] for i, part in enumerate(parts) if offset in part.extras},
            width,
        )
        for offset in range(parts[0].width)
    ]


def blank(sheet: Sheet, rect: Rect) -> None:
    """Take everything out of the cells of a rectangle; the defaults of columns show again."""
    nothing = empty(rect.width)
    for index in range(rect.top, rect.bottom):
        if sheet.rows[index] is not None:
            nothing.put(sheet, index, rect.left)


def put_all(sheet: Sheet, top: int, left: int, parts: Iterable[Part]) -> None:
    for index, part in enumerate(parts, top):
        if sheet.rows[index] is not None or not part.is_empty:
            part.put(sheet, index, left)


def has_defaults(*sheets: Sheet) -> bool:
    """Does any column have a format that its cells inherit?"""
    return any(column.format for sheet in sheets for column in sheet.columns)


def _inside(cells: dict[int, Any] | None, left: int, right: int) -> dict[int, Any]:
    return {column - left: item for column, item in (cells or {}).items() if left <= column < right}


def _outside(cells: dict[int, Any] | None, left: int, right: int) -> dict[int, Any]:
    return {column: item for column, item in (cells or {}).items() if not left <= column < right}


def _from(cells: dict[int, Any], left: int) -> dict[int, Any]:
    return {left + offset: item for offset, item in cells.items()}
