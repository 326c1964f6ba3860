"""What a batch's requests share: the workbook, who asks, and how ranges in requests are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sheetsync.emulator.api.masks import Mask, parse
from sheetsync.emulator.api.messages import MESSAGES
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.ranges import span_of
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet, exceeds_grid
from sheetsync.emulator.ids import Ids

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batchUpdate in the works."""

    book: Spreadsheet
    user: str
    ids: Ids
    year: int

    def sheet(self, body: Json, key: str = "sheetId") -> Sheet:
        return self.book.by_id(int(body.get(key, 0)))

    def rect(self, grid_range: Json) -> tuple[Sheet, Rect]:
        """GridRange -> tab and cells, cut to the grid. Raises when it starts outside (both measured)."""
        sheet, span = self.sheet(grid_range), span_of(grid_range)
        for low, high, name in ((span.top, span.bottom, "Row"), (span.left, span.right, "Column")):
            if (low or 0) < 0 or (high is not None and high < (low or 0)):
                raise Refused(f"end{name}Index[{high}] must be after start{name}Index[{low or 0}]")
        return sheet, self.book.area(sheet, span)

    def kept(self, grid_range: Json) -> tuple[Sheet, Span]:
        """GridRange -> tab and span of something that stays: it must end inside the grid too (assumed)."""
        sheet, _ = self.rect(grid_range)
        span = span_of(grid_range)
        if (span.bottom or 0) > sheet.row_count or (span.right or 0) > sheet.column_count:
            raise exceeds_grid(sheet, span)
        return sheet, span

    def cell(self, coordinate: Json) -> tuple[Sheet, int, int]:
        """GridCoordinate -> tab, row, column. Raises when it lies outside the grid."""
        sheet = self.sheet(coordinate)
        row, column = coordinate.get("rowIndex", 0), coordinate.get("columnIndex", 0)
        if not (0 <= row < sheet.row_count and 0 <= column < sheet.column_count):
            raise exceeds_grid(sheet, Span(row, column, row + 1, column + 1))
        return sheet, row, column

    def editable(self, grid_range: Json) -> tuple[Sheet, Rect]:
        """Like `rect`, for a write: refuses protected cells."""
        sheet, rect = self.rect(grid_range)
        self.book.guard(sheet, rect, self.user)
        return sheet, rect


def fields_of(body: Json, message: str) -> Mask:
    """The mask of an update request, checked against the message it masks."""
    text = body.get("fields")
    if not text:
        raise Refused("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse(text)
    _check(message, mask)
    return mask


def _check(message: str, mask: Mask) -> None:
    known = MESSAGES.get(message)
    if known is None:
        return
    for name, below in mask.items():
        if name != "*" and name not in known:
            raise Refused(f"Invalid field: {name}")
        if name != "*":
            _check(known[name].strip("*<>"), below)


def names(mask: Mask, *path: str) -> bool:
    """Does the mask select this field (or all, or something below it)?"""
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True
