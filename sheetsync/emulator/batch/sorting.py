"""sortRange: the cells of the range move with formats and notes, and so do the rows' metadata anchors."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.parts import lift
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect, print_cells
from sheetsync.emulator.grid.cells import CellError, Scalar
from sheetsync.emulator.grid.sheet import Sheet

Key = tuple[int, Any, Any]


def sort_range(batch: Batch, body: Json) -> None:
    """Sort rows stably by columns of the sheet (absolute indexes: recorded); hidden rows stay (measured)."""
    _check_start(batch, body.get("range") or {})
    sheet, rect = batch.editable(body.get("range") or {})
    asked = body.get("sortSpecs") or []
    specs = [(spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING") for spec in asked]
    for column, _ in specs:
        if not rect.left <= column < rect.right:
            raise Refused(f"Sort column {column} is outside the range.")
    check_merges(sheet, rect, "sort")
    sort_rows(sheet, rect, specs)


def _check_start(batch: Batch, grid_range: Json) -> None:
    size = batch.sheet(grid_range).row_count
    if grid_range.get("startRowIndex", 0) >= size:
        raise Refused(f"range.startRowIndex is larger than current grid size ({size})")


def check_merges(sheet: Sheet, rect: Rect, act: str) -> None:
    """Rows that a merge ties together cannot be rearranged (measured for sort)."""
    for merge in map(sheet.rect, sheet.merges):
        if merge.height > 1 and merge.overlaps(rect):
            where = print_cells(merge)
            raise Refused(f"You can't {act} a range containing vertical merges. There is a vertical merge at {where}")


def visible(sheet: Sheet, rect: Rect) -> list[int]:
    return [i for i in range(rect.top, rect.bottom) if not ((row := sheet.rows[i]) and row.hidden)]


def sort_rows(sheet: Sheet, rect: Rect, specs: list[tuple[int, bool]]) -> None:
    """Rearrange the visible rows of the rectangle; specs are (column, descending), the first weighs most."""
    places = visible(sheet, rect)
    order = places.copy()
    for column, descending in reversed(specs):
        filled = [i for i in order if sheet.cell(i, column) is not None]
        blank = [i for i in order if sheet.cell(i, column) is None]
        filled.sort(key=lambda i: _key(sheet.cell(i, column)), reverse=descending)
        order = filled + blank
    rearrange(sheet, rect, places, order)


def rearrange(sheet: Sheet, rect: Rect, places: list[int], order: list[int]) -> None:
    """Put the rows `order` into the places; metadata anchors go along (measured)."""
    if rect.left == 0 and rect.right == sheet.column_count:
        _move_whole_rows(sheet, places, order)
    else:
        _move_parts(sheet, rect, places, order)


def _key(value: Scalar | CellError) -> Key:
    """Ascending: numbers, text, booleans (measured), then errors; empty cells are kept apart."""
    if isinstance(value, bool):
        return (2, value, "")
    if isinstance(value, int | float):
        return (0, value, "")
    if isinstance(value, CellError):
        return (3, value.text, "")
    return (1, str(value).casefold(), str(value))


def _move_whole_rows(sheet: Sheet, places: list[int], order: list[int]) -> None:
    moved = [sheet.rows[source] for source in order]
    for place, row in zip(places, moved, strict=True):
        sheet.rows[place] = row


def _move_parts(sheet: Sheet, rect: Rect, places: list[int], order: list[int]) -> None:
    moves = [(place, source) for place, source in zip(places, order, strict=True) if place != source]
    parts = [lift(sheet, source, rect.left, rect.right) for _, source in moves]
    anchors = [row.metadata if (row := sheet.rows[source]) else () for _, source in moves]
    for (place, _), part, metadata in zip(moves, parts, anchors, strict=True):
        part.put(sheet, place, rect.left)
        sheet.writable(place).metadata = metadata
