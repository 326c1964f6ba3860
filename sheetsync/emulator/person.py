"""A person at the keyboard: edits that are no calls, not counted and without faults. Indexes start at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .coerce import typed
from .sheet import Sheet

if TYPE_CHECKING:
    from .emulator import Emulator

Json = dict[str, Any]
OWNER = "owner@example.com"


class Person:
    """The owner of the spreadsheets. Tabs are given as the Sheet objects of `Emulator.spreadsheet(id)`."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def do(self, spreadsheet_id: str, *requests: Json) -> list[Json]:
        """Apply batchUpdate requests; their replies. Raises ApiError, with nothing changed."""
        return self._emulator.act(spreadsheet_id, list(requests), OWNER)

    def _edit(self, sheet: Sheet, request: Json) -> None:
        self.do(self._emulator.book_of(sheet).id, request)

    def insert_rows(self, sheet: Sheet, at: int, count: int = 1) -> None:
        """Insert empty rows above row `at`; at the grid's end, below the last row."""
        span = _span(sheet, "ROWS", at, count)
        before = at >= sheet.row_count
        self._edit(sheet, {"insertDimension": {"range": span, "inheritFromBefore": before}})

    def delete_rows(self, sheet: Sheet, at: int, count: int = 1) -> None:
        span = _span(sheet, "ROWS", at, count)
        self._edit(sheet, {"deleteDimension": {"range": span}})

    def insert_column(self, sheet: Sheet, at: int, count: int = 1) -> None:
        """Insert empty columns left of column `at`."""
        span = _span(sheet, "COLUMNS", at, count)
        before = at >= sheet.column_count
        self._edit(sheet, {"insertDimension": {"range": span, "inheritFromBefore": before}})

    def delete_column(self, sheet: Sheet, at: int, count: int = 1) -> None:
        span = _span(sheet, "COLUMNS", at, count)
        self._edit(sheet, {"deleteDimension": {"range": span}})

    def move_column(self, sheet: Sheet, source: int, to: int) -> None:
        """Drag column `source` so that it lands before what is now column `to`."""
        span = _span(sheet, "COLUMNS", source, 1)
        self._edit(sheet, {"moveDimension": {"source": span, "destinationIndex": to}})

    def move_row(self, sheet: Sheet, source: int, to: int) -> None:
        span = _span(sheet, "ROWS", source, 1)
        self._edit(sheet, {"moveDimension": {"source": span, "destinationIndex": to}})

    def sort(
        self,
        sheet: Sheet,
        column: int,
        *,
        first_row: int = 1,
        last_row: int | None = None,
        first_column: int = 0,
        last_column: int | None = None,
        descending: bool = False,
    ) -> None:
        """Sort by a column, below one header row unless told; `last_*` are exclusive."""
        area = {"sheetId": sheet.id, "startRowIndex": first_row}
        area["startColumnIndex"] = first_column
        if last_row is not None:
            area["endRowIndex"] = last_row
        if last_column is not None:
            area["endColumnIndex"] = last_column
        order = "DESCENDING" if descending else "ASCENDING"
        specs = [{"dimensionIndex": column, "sortOrder": order}]
        self._edit(sheet, {"sortRange": {"range": area, "sortSpecs": specs}})

    def rename_tab(self, sheet: Sheet, title: str) -> None:
        props = {"sheetId": sheet.id, "title": title}
        self._edit(sheet, {"updateSheetProperties": {"properties": props, "fields": "title"}})

    def type_text(self, sheet: Sheet, row: int, column: int, value: Any) -> None:
        """Type into a cell: a text is taken as USER_ENTERED does, "" clears the cell."""
        style = None
        if isinstance(value, str):
            value, style = typed(value, self._emulator.year())
        cell = _cell(value)
        fields = "userEnteredValue"
        if style is not None:
            cell["userEnteredFormat"] = style
            fields += ",userEnteredFormat.numberFormat"
        start = {"sheetId": sheet.id, "rowIndex": row, "columnIndex": column}
        self._edit(sheet, {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}})

    def copy_row(self, sheet: Sheet, source: int, target: int) -> None:
        """Copy a whole row and paste it over another, hidden columns included."""
        rows = [{"sheetId": sheet.id, "startRowIndex": row, "endRowIndex": row + 1} for row in (source, target)]
        self._edit(sheet, {"copyPaste": {"source": rows[0], "destination": rows[1]}})


def _span(sheet: Sheet, dimension: str, at: int, count: int) -> Json:
    return {"sheetId": sheet.id, "dimension": dimension, "startIndex": at, "endIndex": at + count}


def _cell(value: Any) -> Json:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    if isinstance(value, str):
        return {"userEnteredValue": {"stringValue": value}}
    return {"userEnteredValue": {"formulaValue": value.text}}
