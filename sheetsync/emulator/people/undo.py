"""The requests that take a person's last edit back, made from the tab as it was before it.

A product's undo is transformed by what others did since. The emulator does not know how, so it takes back by position,
and refuses when rows or columns have moved since, or when something is gone that no request brings back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheetsync.emulator.api.griddata import grid_data
from sheetsync.emulator.api.masks import parse
from sheetsync.emulator.batch.celldata import WRITABLE
from sheetsync.emulator.batch.sorting import sort_rows
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.ranges import grid_range, span_of
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
CELLS = ",".join(WRITABLE)


class Edit:
    """One edit of a tab that may still be taken back."""

    def __init__(self, book: Spreadsheet, sheet: Sheet, request: Json) -> None:
        """Just before it is applied."""
        self.book, self.sheet = book, sheet
        ((self.kind, self.body),) = request.items()
        self.before = Sheet(sheet.id, sheet.title, 0, 0)
        self.before.restore(sheet.snapshot())
        self._named = len(book.named)

    def applied(self) -> None:
        """Just after it: where everything is now."""
        self._rows, self._columns = list(self.sheet.rows), list(self.sheet.columns)
        self._complete = _sizes(self.before) == _sizes(self.sheet) and self._named == len(self.book.named)

    def inverse(self) -> list[Json]:
        """The requests. Raises Refused."""
        if _moved(self._rows, self.sheet.rows) or _moved(self._columns, self.sheet.columns):
            raise Refused("this emulator does not undo an edit after others have moved rows or columns.")
        return INVERSES[self.kind](self)

    def rect(self, grid: Json) -> Rect:
        return self.before.rect(span_of(grid))

    def cells(self, rect: Rect) -> list[Json]:
        """The cells of a rectangle as they were, as RowData."""
        mask = parse(f"rowData.values({CELLS})")
        rows: list[Json] = grid_data(self.book, self.before, rect, mask).get("rowData", [])
        return rows


def _moved(then: list[Any], now: list[Any]) -> bool:
    """Is a row (or column) elsewhere than it was? One that was written to since is a new object and tells nothing."""
    places = {id(each): index for index, each in enumerate(then) if each is not None}
    return len(then) != len(now) or any(places.get(id(each), index) != index for index, each in enumerate(now))


def _sizes(sheet: Sheet) -> Json:
    """How many there are of everything that belongs to a tab besides its cells."""
    own = {name: item for name, item in vars(sheet).items() if name not in ("rows", "columns", "grid_options")}
    counted = {name: len(item) for name, item in own.items() if isinstance(item, list | dict)}
    return {**counted, "filter": sheet.filter is None, "frozen": (sheet.frozen_rows, sheet.frozen_columns)}


def _insert(edit: Edit) -> list[Json]:
    return [{"deleteDimension": {"range": edit.body["range"]}}]


def _delete(edit: Edit) -> list[Json]:
    """The lines come back with their cells and looks. Whether Google brings anchors back is not known."""
    span = edit.body["range"]
    start, end, rows = span["startIndex"], span["endIndex"], span["dimension"] == "ROWS"
    lines: list[Any] = (edit.before.rows if rows else edit.before.columns)[start:end]
    if not edit._complete or any(line is not None and line.metadata for line in lines):
        raise Refused("this emulator does not undo a deletion that took more than cells: ranges or developer metadata.")
    whole = {"startRowIndex": start, "endRowIndex": end} if rows else {"startColumnIndex": start, "endColumnIndex": end}
    area = {"sheetId": edit.sheet.id, **whole}
    looks = [] if rows else [_default_format(edit, column) for column in range(start, end)]
    # Over a range of whole columns it would clear their default formats.
    place: Json = {"range": area} if rows else {"start": {"sheetId": edit.sheet.id, "columnIndex": start}}
    cells = {"updateCells": {**place, "rows": edit.cells(edit.rect(area)), "fields": CELLS}}
    inserted = {"insertDimension": {"range": span, "inheritFromBefore": start > 0}}
    return [inserted, *looks, cells, *_lines(edit, span)]


def _default_format(edit: Edit, column: int) -> Json:
    area = {"sheetId": edit.sheet.id, "startColumnIndex": column, "endColumnIndex": column + 1}
    cell = {"userEnteredFormat": edit.before.columns[column].format or {}}
    return {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat"}}


def _lines(edit: Edit, span: Json) -> list[Json]:
    """What is hidden, and sizes, line by line."""
    lines: list[Any] = edit.before.rows if span["dimension"] == "ROWS" else edit.before.columns
    requests = []
    for index in range(span["startIndex"], span["endIndex"]):
        line = lines[index]
        props = {"hiddenByUser": bool(line and line.hidden), "pixelSize": line.pixels if line else None}
        one = {**span, "startIndex": index, "endIndex": index + 1}
        change = {"range": one, "properties": props, "fields": "hiddenByUser,pixelSize"}
        requests.append({"updateDimensionProperties": change})
    return requests


def _move(edit: Edit) -> list[Json]:
    source, to = edit.body["source"], edit.body["destinationIndex"]
    start, end = source["startIndex"], source["endIndex"]
    if start <= to <= end:
        return []
    at, back = (to, end) if to < start else (to - (end - start), start)
    moved = {**source, "startIndex": at, "endIndex": at + end - start}
    return [{"moveDimension": {"source": moved, "destinationIndex": back}}]


def _sort(edit: Edit) -> list[Json]:
    """Sort again, by a column that holds where each row was, and that is gone afterwards."""
    rect = edit.rect(edit.body["range"])
    at = rect.right
    span = {"sheetId": edit.sheet.id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    rows = [{"values": [{"userEnteredValue": {"numberValue": place}}]} for place in _places(edit, rect)]
    start = {"sheetId": edit.sheet.id, "rowIndex": rect.top, "columnIndex": at}
    area = {"sheetId": edit.sheet.id, **grid_range(0, rect._replace(right=at + 1))}
    return [
        {"insertDimension": {"range": span, "inheritFromBefore": True}},
        {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}},
        {"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": at, "sortOrder": "ASCENDING"}]}},
        {"deleteDimension": {"range": span}},
    ]


def _places(edit: Edit, rect: Rect) -> list[int]:
    """Where each row of the sorted range was before: what the sort makes of a twin that carries the numbers."""
    specs = [(each["dimensionIndex"], each["sortOrder"] == "DESCENDING") for each in edit.body["sortSpecs"]]
    twin = Sheet(edit.sheet.id, "", rect.bottom, len(specs) + 1)
    for index in range(rect.top, rect.bottom):
        row = twin.writable(index)
        row.values = [*(edit.before.entered(index, column) for column, _ in specs), index]
        row.hidden = bool((old := edit.before.rows[index]) and old.hidden)
    by = [(place, descending) for place, (_, descending) in enumerate(specs)]
    sort_rows(twin, Rect(rect.top, 0, rect.bottom, len(specs) + 1), by)
    return [int(str(twin.cell(index, len(specs)))) for index in range(rect.top, rect.bottom)]


def _rename(edit: Edit) -> list[Json]:
    props = {"sheetId": edit.sheet.id, "title": edit.before.title}
    return [{"updateSheetProperties": {"properties": props, "fields": "title"}}]


def _type(edit: Edit) -> list[Json]:
    start = edit.body["start"]
    row, column = start["rowIndex"], start["columnIndex"]
    rows = edit.cells(Rect(row, column, row + 1, column + 1)) or [{"values": [{}]}]
    return [{"updateCells": {"start": start, "rows": rows, "fields": edit.body["fields"]}}]


def _paste(edit: Edit) -> list[Json]:
    area = edit.body["destination"]
    return [{"updateCells": {"range": area, "rows": edit.cells(edit.rect(area)), "fields": CELLS}}]


def _hide(edit: Edit) -> list[Json]:
    return _lines(edit, edit.body["range"])


def _filter(edit: Edit) -> list[Json]:
    old = edit.before.filter
    if old is None:
        return [{"clearBasicFilter": {"sheetId": edit.sheet.id}}]
    area = {"sheetId": edit.sheet.id, **grid_range(0, old.span)}
    return [{"setBasicFilter": {"filter": {"range": area, **old.rest}}}]


INVERSES: dict[str, Callable[[Edit], list[Json]]] = {
    "insertDimension": _insert,
    "deleteDimension": _delete,
    "moveDimension": _move,
    "sortRange": _sort,
    "updateSheetProperties": _rename,
    "updateCells": _type,
    "copyPaste": _paste,
    "updateDimensionProperties": _hide,
    "setBasicFilter": _filter,
    "clearBasicFilter": _filter,
}
