"""batchUpdate kinds that write cells: updateCells, repeatCell, appendCells."""

from __future__ import annotations

from sheetsync.emulator.api.masks import copy_fields
from sheetsync.emulator.batch.batching import Batch, Json, fields_of
from sheetsync.emulator.batch.celldata import CellMask, cell_mask, put_values, write_cells
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.cells import Format, Value
from sheetsync.emulator.grid.colors import dressed
from sheetsync.emulator.grid.sheet import Sheet


def update_cells(batch: Batch, body: Json) -> None:
    """Write rows of CellData at `start`, or over `range`, whose uncovered rest is cleared (documented)."""
    mask = cell_mask(fields_of(body, "CellData"))
    rows = body.get("rows") or []
    lines = [(row or {}).get("values") or [] for row in rows]
    if "range" in body:
        sheet, rect = batch.editable(body["range"])
        _check_fits(rect, lines)
        _clear_rest(sheet, rect, lines, mask)
    else:
        sheet, rect = _from_start(batch, body.get("start") or {}, lines)
    for offset, cells in enumerate(lines):
        if cells:
            write_cells(sheet, rect.top + offset, rect.left, cells, mask)


def _from_start(batch: Batch, start: Json, lines: list[list[Json]]) -> tuple[Sheet, Rect]:
    sheet, top, left = batch.cell(start)
    width = max(map(len, lines), default=0)
    _check_fits(Rect(top, left, sheet.row_count, sheet.column_count), lines)
    rect = Rect(top, left, top + len(lines), left + width)
    batch.book.guard(sheet, rect, batch.user)
    return sheet, rect


def _check_fits(rect: Rect, lines: list[list[Json]]) -> None:
    if len(lines) > rect.height:
        raise Refused(f"Attempting to write row: {rect.bottom}, beyond the last requested row of: {rect.bottom - 1}")
    if max(map(len, lines), default=0) > rect.width:
        raise Refused(
            f"Attempting to write column: {rect.right}, beyond the last requested column of: {rect.right - 1}"
        )


def _clear_rest(sheet: Sheet, rect: Rect, lines: list[list[Json]], mask: CellMask) -> None:
    _clear_column_formats(sheet, rect, mask)
    for index in range(rect.top, rect.bottom):
        offset = index - rect.top
        done = len(lines[offset]) if offset < len(lines) else 0
        if done < rect.width and (sheet.rows[index] is not None or mask.formats is not None):
            if sheet.rows[index] is None and not any(c.format for c in sheet.columns[rect.left : rect.right]):
                continue
            write_cells(sheet, index, rect.left + done, [None] * (rect.width - done), mask)


def _clear_column_formats(sheet: Sheet, rect: Rect, mask: CellMask) -> None:
    if mask.formats == {} and rect.height == sheet.row_count:
        for column in sheet.columns[rect.left : rect.right]:
            column.format = None


def repeat_cell(batch: Batch, body: Json) -> None:
    """Write one CellData to every cell of the range; a format down to the grid's end becomes the column's."""
    mask = cell_mask(fields_of(body, "CellData"))
    sheet, rect = batch.editable(body.get("range") or {})
    cell = body.get("cell") or {}
    plain = mask
    if mask.formats is not None and rect.bottom == sheet.row_count and rect.top <= rect.height:
        for column in range(rect.left, rect.right):
            _format_column(sheet, column, rect.top, dressed(cell.get("userEnteredFormat") or {}), mask)
        plain = CellMask(mask.values, None, mask.extras)
    if plain.values or plain.formats is not None or plain.extras:
        empty = (
            not cell.get("userEnteredValue") and plain.formats is None and not any(cell.get(e) for e in plain.extras)
        )
        for index in range(rect.top, rect.bottom):
            if not empty or sheet.rows[index] is not None:
                write_cells(sheet, index, rect.left, [cell] * rect.width, plain)


def _format_column(sheet: Sheet, column: int, top: int, style: Format, mask: CellMask) -> None:
    """Change the column's default and the cells that have a format of their own.

    Rows above `top` (headers) keep what they show, as formats of their own.
    """
    old = sheet.columns[column].format
    for index in range(top):
        row = sheet.writable(index)
        if row.formats is None or column not in row.formats:
            row.formats = {**(row.formats or {}), column: old or {}}
    merged: dict[int, Format] = {}
    for index in range(top, sheet.row_count):
        present = sheet.rows[index]
        if present is not None and present.formats is not None and column in present.formats:
            own = present.formats[column]
            new = merged.setdefault(id(own), copy_fields(mask.formats or {}, style, own))
            row = sheet.writable(index)
            row.formats = {**present.formats, column: new}
    sheet.columns[column].format = copy_fields(mask.formats or {}, style, old or {}) or None


def append_cells(batch: Batch, body: Json) -> None:
    """Write rows after the last row with data, adding rows and columns where needed (discovery document)."""
    mask, sheet = cell_mask(fields_of(body, "CellData")), batch.sheet(body)
    lines = [(row or {}).get("values") or [] for row in body.get("rows") or []]
    top, width = sheet.last_row_with_data() + 1, max(map(len, lines), default=0)
    batch.book.make_room(sheet, top + len(lines), width)
    if lines and width:
        batch.book.guard(sheet, Rect(top, 0, top + len(lines), width), batch.user)
    for offset, cells in enumerate(lines):
        write_cells(sheet, top + offset, 0, cells, mask)


def clear_values(sheet: Sheet, rect: Rect) -> None:
    """Empty the values of a rectangle; formats, notes and validation stay."""
    blank: list[Value] = [None] * rect.width
    for index in range(rect.top, rect.bottom):
        row = sheet.rows[index]
        if row is not None and len(row.values) > rect.left:
            put_values(sheet.writable(index), rect.left, blank)
