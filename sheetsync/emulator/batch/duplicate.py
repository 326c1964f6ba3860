"""batchUpdate kind duplicateSheet, and sheets.copyTo, which is the same across files."""

from __future__ import annotations

from dataclasses import replace

from sheetsync.emulator.api.properties import sheet_properties
from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.sheets import check_tabs, free_title, new_id, new_title
from sheetsync.emulator.grid.cells import Row
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids


def duplicate_sheet(batch: Batch, body: Json) -> Json:
    """Copy a tab within its file; without an index the copy comes first, as the default says."""
    book, source = batch.book, batch.sheet(body, "sourceSheetId")
    check_tabs(book)
    book.check_growth(source.row_count * source.column_count)
    key = new_id(book, batch.ids, body.get("newSheetId"))
    title = body.get("newSheetName") or free_title(book, f"Copy of {source.title}")
    twin = _twin(source, book, batch.ids, key, new_title(book, title))
    index = min(body.get("insertSheetIndex", 0), len(book.sheets))
    book.sheets.insert(index, twin)
    return {"duplicateSheet": {"properties": sheet_properties(twin, index)}}


def copy_sheet(source: Sheet, book: Spreadsheet, ids: Ids) -> Json:
    """Copy a tab to the end of another file (or of its own); replies with the copy's properties."""
    check_tabs(book)
    book.check_growth(source.row_count * source.column_count)
    title = free_title(book, f"Copy of {source.title}")
    twin = _twin(source, book, ids, new_id(book, ids, None), title)
    book.sheets.append(twin)
    return sheet_properties(twin, len(book.sheets) - 1)


def _twin(source: Sheet, book: Spreadsheet, ids: Ids, key: int, title: str) -> Sheet:
    """Cells, formats, sizes, merges, groups, rules and bandings; ids are new.

    Developer metadata, protections and filter views stay with the original (assumed).
    """
    twin = Sheet(key, title, 0, 0)
    twin.restore({**source.snapshot(), "id": key, "title": title, "epoch": book.epoch})
    twin.protected, twin.views = {}, {}
    twin.bandings = {item.id: item for item in (replace(each, id=ids.number()) for each in source.bandings.values())}
    twin.rows = [None if row is None else _without_anchors(row, book.epoch) for row in source.rows]
    for column in twin.columns:
        column.metadata = ()
    return twin


def _without_anchors(row: Row, epoch: int) -> Row:
    twin = row.copy(epoch)
    twin.metadata = ()
    return twin
