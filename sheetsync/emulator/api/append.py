"""values.append: which table it finds and where it writes.

A table is a block of filled cells that touch, corners included. The rules follow Google's guide (two tables
A1:C2 and B4:D6) and the recorded column drift: an empty cell splits a one-row table, and the last part wins.
"""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.api.values_write import Options, atomically, write
from sheetsync.emulator.errors import bad_payload
from sheetsync.emulator.grid import spans
from sheetsync.emulator.grid.a1 import Rect, Span, print_range
from sheetsync.emulator.grid.filtered import hidden_rows
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
INSERTING = ("OVERWRITE", "INSERT_ROWS")


def check_inserting(option: str | None) -> bool:
    """True for INSERT_ROWS; nothing means OVERWRITE (discovery document). Raises 400 for another word."""
    if option and option not in INSERTING:
        field, name = "insert_data_option", "type.googleapis.com/google.apps.sheets.v4.InsertDataOption"
        raise bad_payload(field, f"Invalid value at '{field}' ({name}), \"{option}\"")
    return option == "INSERT_ROWS"


def append(book: Spreadsheet, text: str, body: Json, options: Options, insert_rows: bool) -> Json:
    """AppendValuesResponse; `tableRange` only when a table was found (recorded). Raises 400."""
    sheet, span = book.resolve(text)
    area = book.area(sheet, span)

    def apply() -> Json:
        table = _table(sheet, area)
        if table is not None and options.misplaced:
            table = _seen_part(sheet, table)
        top, left = (area.top, area.left) if table is None else (table.bottom, table.left)
        lines = body.get("values") or []
        height, width = len(lines), max(map(len, lines), default=0)
        if body.get("majorDimension") == "COLUMNS":
            height, width = width, height
        _make_room(book, sheet, Rect(top, left, top + max(height, 1), left + max(width, 1)), insert_rows)
        reply: Json = {"spreadsheetId": book.id}
        if table is not None:
            reply["tableRange"] = print_range(sheet.title, table)
        reply["updates"] = write(book, sheet, Span(top, left), body, options)
        return reply

    return atomically(book, apply)


def _table(sheet: Sheet, area: Rect) -> Rect | None:
    """The table the append extends: one that holds or touches the range's first filled cells, else none."""
    if area == sheet.rect(Span()) and area.height * area.width > 1:
        return _last_table(sheet)
    return _touching(sheet, area)


def _last_table(sheet: Sheet) -> Rect | None:
    """For a whole tab: the block of the last filled row's last cell."""
    row = sheet.last_row_with_data()
    if row < 0:
        return None
    values = sheet.rows[row].values  # type: ignore[union-attr]
    column = max(index for index, value in enumerate(values) if value is not None)
    return _grow(sheet, Rect(row, column, row + 1, column + 1))


def _touching(sheet: Sheet, area: Rect) -> Rect | None:
    """The block of the range's last filled row; an empty range has none even beside one (guide: E4)."""
    for row in range(area.bottom - 1, area.top - 1, -1):
        line = sheet.rows[row]
        filled = [] if line is None else [c for c in range(area.left, area.right) if line.get(c) is not None]
        if filled:
            return _grow(sheet, Rect(row, filled[0], row + 1, filled[0] + 1))
    return None


def _grow(sheet: Sheet, rect: Rect) -> Rect:
    """Grow a block over every filled cell that touches it, until nothing touches."""
    while True:
        grown = _grow_once(sheet, rect)
        if grown == rect:
            return rect
        rect = grown


def _grow_once(sheet: Sheet, rect: Rect) -> Rect:
    """One pass: as far up and down as it goes, then one column to each side."""
    top, left, bottom, right = rect
    low, high = max(0, left - 1), min(sheet.column_count, right + 1)
    while top > 0 and _filled(sheet, top - 1, low, high):
        top -= 1
    while bottom < sheet.row_count and _filled(sheet, bottom, low, high):
        bottom += 1
    rows = range(max(0, top - 1), min(sheet.row_count, bottom + 1))
    if left > 0 and any(_filled(sheet, row, left - 1, left) for row in rows):
        left -= 1
    if right < sheet.column_count and any(_filled(sheet, row, right, right + 1) for row in rows):
        right += 1
    return Rect(top, left, bottom, right)


def _filled(sheet: Sheet, row: int, left: int, right: int) -> bool:
    line = sheet.rows[row]
    return line is not None and any(value is not None for value in line.values[left:right])


def _make_room(book: Spreadsheet, sheet: Sheet, rect: Rect, insert_rows: bool) -> None:
    """Append grows the grid, unlike update; INSERT_ROWS pushes down what is below (discovery document)."""
    if insert_rows and rect.top < sheet.row_count:
        book.check_growth(rect.height * sheet.column_count)
        sheet.insert_rows(rect.top, rect.height, max(0, rect.top - 1))
        book.follow(sheet, lambda span: spans.inserted(span, True, rect.top, rect.height))
    book.make_room(sheet, rect.bottom, rect.right)


def _seen_part(sheet: Sheet, table: Rect) -> Rect:
    """The table down to its last row that a filter leaves in sight: see `filtered`."""
    bottom = table.bottom
    hidden = hidden_rows(sheet)
    while bottom - 1 > table.top and bottom - 1 in hidden:
        bottom -= 1
    return table._replace(bottom=bottom)
