"""batchUpdate kinds about rows and columns: insert, delete, move, append, properties, autoResize."""

from __future__ import annotations

from collections.abc import Iterable

from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.batch.sheets import resize_columns, resize_rows
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid import limits, spans
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.cells import Column, Row
from sheetsync.emulator.grid.fitting import fitted_width
from sheetsync.emulator.grid.sheet import Sheet

SIZE_LIMIT = 2000


def _axis(body: Json) -> bool:
    """True for rows. Raises when the dimension is not given."""
    dimension = body.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension not in ("ROWS", "COLUMNS"):
        raise Refused("No dimension specified.")
    return bool(dimension == "ROWS")


def _size(sheet: Sheet, rows: bool) -> int:
    return sheet.row_count if rows else sheet.column_count


def span_of_lines(batch: Batch, body: Json) -> tuple[Sheet, bool, int, int]:
    """A DimensionRange: tab, axis, start and end; missing ends reach to the grid's edge."""
    sheet, rows = batch.sheet(body), _axis(body)
    start, end = body.get("startIndex", 0), body.get("endIndex", _size(sheet, rows))
    if start < 0 or end <= start:
        raise Refused(f"range.endIndex[{end}] must be after range.startIndex[{start}]")
    return sheet, rows, start, end


def check_inside(sheet: Sheet, rows: bool, start: int, end: int, act: str) -> None:
    size, what = _size(sheet, rows), "row" if rows else "column"
    if end > size:
        index = max(start, size)
        raise Refused(
            f"Cannot {act} a {what} that doesn't exist. "
            f"Tried to {act} {what} index {index} but there are only {size} {what}s."
        )


def _guard(batch: Batch, sheet: Sheet, rows: bool, start: int, end: int) -> None:
    whole = (start, 0, end, sheet.column_count) if rows else (0, start, sheet.row_count, end)
    batch.book.guard(sheet, Rect(*whole), batch.user)


def insert_dimension(batch: Batch, body: Json) -> None:
    """Insert rows or columns. At the grid's end only with inheritFromBefore (quoted and measured refusal)."""
    sheet, rows, start, end = span_of_lines(batch, body.get("range") or {})
    batch.book.guard_tab(sheet, batch.user)
    size, before = _size(sheet, rows), bool(body.get("inheritFromBefore"))
    if start > size:
        raise Refused(f"range.startIndex is larger than current grid size ({size})")
    if start >= size and not before:
        raise Refused(f"range.startIndex must be less than the grid size ({size}) if inheritFromBefore is false.")
    if start == 0 and before:
        raise Refused("range.startIndex must be greater than 0 if inheritFromBefore is true.")
    count, like = end - start, start - 1 if before else start
    if rows:
        batch.book.check_growth(count * sheet.column_count)
        sheet.insert_rows(start, count, like)
    else:
        limits.check_columns(size + count)
        batch.book.check_growth(count * sheet.row_count)
        sheet.insert_columns(start, count, like)
    batch.book.follow(sheet, lambda span: spans.inserted(span, rows, start, count))


def delete_dimension(batch: Batch, body: Json) -> None:
    """Delete rows or columns and, silently, the metadata anchored to them (measured)."""
    sheet, rows, start, end = span_of_lines(batch, body.get("range") or {})
    check_inside(sheet, rows, start, end, "delete")
    what = "rows" if rows else "columns"
    if end - start == _size(sheet, rows):
        raise Refused(f"You can't delete all the {what} on the sheet.")
    frozen = sheet.frozen_rows if rows else sheet.frozen_columns
    if frozen and start <= frozen and end == _size(sheet, rows):
        raise Refused(f"You can't delete all the non-frozen {what}.")
    _guard(batch, sheet, rows, start, end)
    batch.book.forget(sheet.delete_rows(start, end) if rows else sheet.delete_columns(start, end))
    _thaw(sheet, rows, start, end)
    batch.book.follow(sheet, lambda span: spans.deleted(span, rows, start, end))


def _thaw(sheet: Sheet, rows: bool, start: int, end: int) -> None:
    """Frozen rows that go are no longer counted as frozen."""
    key = "frozenRowCount" if rows else "frozenColumnCount"
    frozen = sheet.grid_options.get(key, 0)
    left = frozen - max(0, min(end, frozen) - start)
    sheet.grid_options = {**sheet.grid_options, key: left}
    if not left:
        del sheet.grid_options[key]


def move_dimension(batch: Batch, body: Json) -> None:
    """Move rows or columns; destinationIndex is read against the order before the removal (measured)."""
    sheet, rows, start, end = span_of_lines(batch, body.get("source") or {})
    to = body.get("destinationIndex", 0)
    check_inside(sheet, rows, start, end, "move")
    if not 0 <= to <= _size(sheet, rows):
        raise Refused(f"destinationIndex[{to}] must be between 0 and the grid size ({_size(sheet, rows)}).")
    _guard(batch, sheet, rows, start, end)
    if start <= to <= end:
        return
    _check_merges(sheet, rows, start, end, to)
    if rows:
        sheet.move_rows(start, end, to)
    else:
        sheet.move_columns(start, end, to)
    batch.book.follow(sheet, lambda span: spans.moved(span, rows, start, end, to))


def _check_merges(sheet: Sheet, rows: bool, start: int, end: int, to: int) -> None:
    """A move must not cut a merge, at either end (wording measured for rows)."""
    for merge in map(sheet.rect, sheet.merges):
        low, high = (merge.top, merge.bottom) if rows else (merge.left, merge.right)
        if any(low < edge < high for edge in (start, end, to)):
            what = "row" if rows else "column"
            raise Refused(
                f"Sorry, it is not possible to move a {what} to a position that crosses a merged cell. "
                "Please unmerge and try again."
            )


def append_dimension(batch: Batch, body: Json) -> None:
    """Add rows or columns at the end of the grid."""
    sheet, rows, length = batch.sheet(body), _axis(body), body.get("length", 0)
    batch.book.guard_tab(sheet, batch.user)
    if length < 1:
        raise Refused("length must be greater than 0.")
    if rows:
        resize_rows(batch, sheet, sheet.row_count + length)
    else:
        resize_columns(batch, sheet, sheet.column_count + length)


def update_dimension_properties(batch: Batch, body: Json) -> None:
    """Set hiddenByUser and pixelSize, as the mask says."""
    if "range" not in body:
        raise Refused("range must be specified.")
    sheet, rows, start, end = span_of_lines(batch, body.get("range") or {})
    check_inside(sheet, rows, start, end, "update")
    batch.book.guard_tab(sheet, batch.user)
    mask, props = fields_of(body, "DimensionProperties"), body.get("properties") or {}
    for name in mask:
        if name not in ("hiddenByUser", "pixelSize", "*"):
            raise Refused(f"Invalid field: {name}. It is read-only.")
    pixels = props.get("pixelSize")
    if pixels is not None and not 0 <= pixels <= SIZE_LIMIT:
        raise Refused(f"pixelSize must be between 0 and {SIZE_LIMIT}.")
    for each in lines_of(sheet, rows, start, end):
        if names(mask, "hiddenByUser"):
            each.hidden = bool(props.get("hiddenByUser"))
        if names(mask, "pixelSize"):
            each.pixels = pixels


def auto_resize_dimensions(batch: Batch, body: Json) -> None:
    """Columns become as wide as their texts, by rule of thumb (see `fitting`); rows go back to the default height."""
    sheet, rows, start, end = span_of_lines(batch, body.get("dimensions") or {})
    check_inside(sheet, rows, start, end, "resize")
    for index, each in enumerate(lines_of(sheet, rows, start, end), start):
        each.pixels = None if rows else fitted_width(sheet, index)


def lines_of(sheet: Sheet, rows: bool, start: int, end: int) -> Iterable[Row | Column]:
    if not rows:
        return sheet.columns[start:end]
    return (sheet.writable(index) for index in range(start, end))
