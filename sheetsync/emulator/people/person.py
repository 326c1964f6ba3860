"""A person at the keyboard: edits that are no calls, not counted and without faults. Indexes start at 0."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from random import Random
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.errors import ApiError, Refused, invalid
from sheetsync.emulator.grid.a1 import Span
from sheetsync.emulator.grid.coerce import typed
from sheetsync.emulator.grid.ranges import grid_range
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.people.acts import Act, act
from sheetsync.emulator.people.chance import CHANCES, RandomPerson
from sheetsync.emulator.people.undo import Edit

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
OWNER = "owner@example.com"
ACTS_KEPT = 10_000


class Person:
    """The owner of the spreadsheets. Tabs are given as the Sheet objects of `Emulator.spreadsheet(id)`.

    Every act raises ApiError, with nothing changed, where Google refuses it. `acts` tells what was done, `count` how
    often anything was.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._acts: deque[Act] = deque(maxlen=ACTS_KEPT)
        self.count = 0
        self._last: dict[str, Edit] = {}

    @property
    def acts(self) -> list[Act]:
        """What the person did, oldest first."""
        return list(self._acts)

    def forget(self) -> None:
        """Nothing was done yet, and nothing can be undone."""
        self._acts.clear()
        self._last.clear()

    def random(self, seed: int | Random, acts: Iterable[str] = CHANCES) -> RandomPerson:
        """A person who does one of these acts at a time, as the seed has it. Raises ValueError for an unknown act."""
        lots = seed if isinstance(seed, Random) else Random(seed)  # noqa: S311 - these lots are no secret
        return RandomPerson(self.emulator, lots, acts)

    def do(self, spreadsheet_id: str, *requests: Json) -> list[Json]:
        """Apply batchUpdate requests; their replies. Raises ApiError, with nothing changed."""
        refused = ""
        try:
            replies = self.emulator.act(spreadsheet_id, list(requests), OWNER)
            self._last.pop(spreadsheet_id, None)
        except ApiError as error:
            refused = error.message
            raise
        finally:
            self.note("do", spreadsheet_id, None, {"requests": list(requests)}, refused)
        return replies

    def note(self, what: str, spreadsheet_id: str, sheet_id: int | None, arguments: Json, refused: str) -> None:
        """Put something on the record."""
        done = Act(what=what, spreadsheet_id=spreadsheet_id, sheet_id=sheet_id, arguments=arguments, refused=refused)
        self._acts.append(done)
        self.count += 1

    def _edit(self, sheet: Sheet, request: Json) -> None:
        book = self.emulator.book_of(sheet)
        edit = Edit(book, sheet, request)
        self.emulator.act(book.id, [request], OWNER)
        edit.applied()
        self._last[book.id] = edit

    @act
    def undo(self, sheet: Sheet) -> None:
        """Take back the person's last act in this file, once; what the emulator cannot take back is refused by name."""
        book = self.emulator.book_of(sheet)
        edit = self._last.get(book.id)
        if edit is None:
            raise invalid("there is nothing that the person can undo in this file.")
        try:
            requests = edit.inverse()
        except Refused as refusal:
            raise invalid(str(refusal)) from refusal
        if requests:
            self.emulator.act(book.id, requests, OWNER)
        del self._last[book.id]

    # -- rows and columns

    @act
    def insert_rows(self, sheet: Sheet, at: int, count: int = 1) -> None:
        """Insert empty rows above row `at`; at the grid's end, below the last row."""
        span = _span(sheet, "ROWS", at, count)
        before = at >= sheet.row_count
        self._edit(sheet, {"insertDimension": {"range": span, "inheritFromBefore": before}})

    @act
    def delete_rows(self, sheet: Sheet, at: int, count: int = 1) -> None:
        span = _span(sheet, "ROWS", at, count)
        self._edit(sheet, {"deleteDimension": {"range": span}})

    @act
    def insert_column(self, sheet: Sheet, at: int, count: int = 1) -> None:
        """Insert empty columns left of column `at`."""
        span = _span(sheet, "COLUMNS", at, count)
        before = at >= sheet.column_count
        self._edit(sheet, {"insertDimension": {"range": span, "inheritFromBefore": before}})

    @act
    def delete_column(self, sheet: Sheet, at: int, count: int = 1) -> None:
        span = _span(sheet, "COLUMNS", at, count)
        self._edit(sheet, {"deleteDimension": {"range": span}})

    @act
    def move_column(self, sheet: Sheet, source: int, to: int) -> None:
        """Drag column `source` so that it lands before what is now column `to`."""
        span = _span(sheet, "COLUMNS", source, 1)
        self._edit(sheet, {"moveDimension": {"source": span, "destinationIndex": to}})

    @act
    def move_row(self, sheet: Sheet, source: int, to: int) -> None:
        span = _span(sheet, "ROWS", source, 1)
        self._edit(sheet, {"moveDimension": {"source": span, "destinationIndex": to}})

    @act
    def hide_rows(self, sheet: Sheet, at: int, count: int = 1, hidden: bool = True) -> None:
        """Hide rows, or show them again."""
        self._hide(sheet, "ROWS", at, count, hidden)

    @act
    def hide_columns(self, sheet: Sheet, at: int, count: int = 1, hidden: bool = True) -> None:
        """Hide columns, or show them again."""
        self._hide(sheet, "COLUMNS", at, count, hidden)

    def _hide(self, sheet: Sheet, dimension: str, at: int, count: int, hidden: bool) -> None:
        span, props = _span(sheet, dimension, at, count), {"hiddenByUser": hidden}
        change = {"range": span, "properties": props, "fields": "hiddenByUser"}
        self._edit(sheet, {"updateDimensionProperties": change})

    # -- the whole tab

    @act
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

    @act
    def filter(self, sheet: Sheet, column: int, hide: list[str]) -> None:
        """Set a basic filter over the whole tab which hides the rows that show these texts in a column."""
        criteria = {str(column): {"hiddenValues": hide}}
        whole = {"sheetId": sheet.id, **grid_range(0, sheet.rect(Span()))}
        self._edit(sheet, {"setBasicFilter": {"filter": {"range": whole, "criteria": criteria}}})

    @act
    def clear_filter(self, sheet: Sheet) -> None:
        self._edit(sheet, {"clearBasicFilter": {"sheetId": sheet.id}})

    @act
    def rename_tab(self, sheet: Sheet, title: str) -> None:
        props = {"sheetId": sheet.id, "title": title}
        self._edit(sheet, {"updateSheetProperties": {"properties": props, "fields": "title"}})

    # -- cells

    @act
    def type_text(self, sheet: Sheet, row: int, column: int, value: Any) -> None:
        """Type into a cell: a text is taken as USER_ENTERED does, "" clears the cell."""
        style = None
        if isinstance(value, str):
            value, style = typed(value, self.emulator.year())
        cell = _cell(value)
        fields = "userEnteredValue"
        if style is not None:
            cell["userEnteredFormat"] = style
            fields += ",userEnteredFormat.numberFormat"
        self._write(sheet, row, column, cell, fields)

    @act
    def type_note(self, sheet: Sheet, row: int, column: int, text: str) -> None:
        """Put a note on a cell; "" takes it away."""
        self._write(sheet, row, column, {"note": text}, "note")

    def _write(self, sheet: Sheet, row: int, column: int, cell: Json, fields: str) -> None:
        start = {"sheetId": sheet.id, "rowIndex": row, "columnIndex": column}
        self._edit(sheet, {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}})

    @act
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
