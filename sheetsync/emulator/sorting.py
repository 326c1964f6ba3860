"""sortRange: the cells of the range move with formats and notes, and so do the rows' metadata anchors."""

from __future__ import annotations

from typing import Any

from .a1 import Rect
from .batching import Batch, Json
from .celldata import put_values
from .cells import CellError, Row, Scalar
from .errors import Refused
from .sheet import Sheet

Key = tuple[int, Any, Any]


def sort_range(batch: Batch, body: Json) -> None:
    """Sort rows stably by columns of the sheet (absolute indexes: recorded); hidden rows stay (measured)."""
    sheet, rect = batch.editable(body.get("range") or {})
    asked = body.get("sortSpecs") or []
    specs = [(spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING") for spec in asked]
    for column, _ in specs:
        if not rect.left <= column < rect.right:
            raise Refused(f"Sort column {column} is outside the range.")
    if any(span.height > 1 for span in map(sheet.rect, sheet.merges) if span.overlaps(rect)):
        raise Refused("You can't sort a range containing vertical merges.")
    sort_rows(sheet, rect, specs)


def sort_rows(sheet: Sheet, rect: Rect, specs: list[tuple[int, bool]]) -> None:
    """Rearrange the visible rows of the rectangle; specs are (column, descending), the first weighs most."""
    places = [i for i in range(rect.top, rect.bottom) if not ((row := sheet.rows[i]) and row.hidden)]
    order = places.copy()
    for column, descending in reversed(specs):
        filled = [i for i in order if sheet.cell(i, column) is not None]
        blank = [i for i in order if sheet.cell(i, column) is None]
        filled.sort(key=lambda i: _key(sheet.cell(i, column)), reverse=descending)
        order = filled + blank
    if rect.left == 0 and rect.right == sheet.column_count:
        _move_whole_rows(sheet, places, order)
    else:
        _move_parts(sheet, rect, places, order)


def _key(value: Scalar | CellError) -> Key:
    """Ascending: text above numbers (measured), then booleans and errors; empty cells are kept apart."""
    if isinstance(value, bool):
        return (2, value, "")
    if isinstance(value, int | float):
        return (1, value, "")
    if isinstance(value, CellError):
        return (3, value.text, "")
    return (0, str(value).casefold(), str(value))


def _move_whole_rows(sheet: Sheet, places: list[int], order: list[int]) -> None:
    moved = [sheet.rows[source] for source in order]
    for place, row in zip(places, moved, strict=True):
        sheet.rows[place] = row


def _move_parts(sheet: Sheet, rect: Rect, places: list[int], order: list[int]) -> None:
    moves = [(place, source) for place, source in zip(places, order, strict=True) if place != source]
    parts = [_Part(sheet.rows[source], rect) for _, source in moves]
    for (place, _), part in zip(moves, parts, strict=True):
        part.put(sheet.writable(place), rect)


class _Part:
    """The piece of a row that lies in the sorted columns."""

    def __init__(self, row: Row | None, rect: Rect) -> None:
        row = row or Row(0)
        self.values = [row.get(column) for column in range(rect.left, rect.right)]
        self.formats = _inside(row.formats, rect)
        self.extras = _inside(row.extras, rect)
        self.metadata = row.metadata

    def put(self, row: Row, rect: Rect) -> None:
        put_values(row, rect.left, self.values)
        row.formats = {**_outside(row.formats, rect), **self.formats} or None
        row.extras = {**_outside(row.extras, rect), **self.extras} or None
        row.metadata = self.metadata


def _inside(cells: dict[int, Any] | None, rect: Rect) -> dict[int, Any]:
    return {column: item for column, item in (cells or {}).items() if rect.left <= column < rect.right}


def _outside(cells: dict[int, Any] | None, rect: Rect) -> dict[int, Any]:
    return {column: item for column, item in (cells or {}).items() if not rect.left <= column < rect.right}
