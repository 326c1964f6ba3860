"""The data of the grid: a window of rows as JSON, asked for again and again, and one cell in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from sheetsync.emulator.errors import invalid
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.display import show
from sheetsync.emulator.grid.filtered import hidden_rows
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.view.cells import as_typed, row_json, shortened
from sheetsync.emulator.view.looks import Looks, color_of
from sheetsync.emulator.view.page import seconds_since
from sheetsync.emulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
#: A window never holds more, whatever is asked for.
ROWS, COLUMNS = 400, 200
#: So many frozen rows or columns stay in place at most: more would leave no room for the others.
FROZEN = 30
#: So many ranges of a kind (merged, protected, of unusual height) are drawn at most.
RANGES = 2_000
#: In tabs of so many rows at most, rows that the basic filter hides are looked for.
FILTERED = 100_000


def rows(emulator: Emulator, book: Spreadsheet, request: Request) -> Response:
    """`?gid=&from=&to=&left=&right=`: the frozen lines and those from `from` to before `to`.

    304 when the file is as it was when the reply with this ETag was given.
    """
    # Under the lock, so that no half of a batch is seen.
    with emulator.lock:
        tag = _tag(book)
        if request.header("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag}, body=b"")
        sheet = chosen(book, request.param("gid"))
        rect = Rect(*(_number(request, name) for name in ("from", "left", "to", "right")))
        reply = {**_file(book, emulator.clock()), **_tab(sheet), **_window(sheet, rect)}
    return json_response(200, reply, {"ETag": tag, "Cache-Control": "no-store"})


def cell(emulator: Emulator, book: Spreadsheet, request: Request) -> Response:
    """`?gid=&row=&column=`: what was typed into the cell, in full, and its note."""
    row, column = _number(request, "row"), _number(request, "column")
    with emulator.lock:
        sheet = chosen(book, request.param("gid"))
        if row >= sheet.row_count or column >= sheet.column_count:
            raise invalid(f"row {row}, column {column} is outside of the grid; reload the page.")
        text = as_typed(sheet.entered(row, column), sheet.format_of(row, column), emulator.year())
        return json_response(200, {"typed": text, "note": sheet.note(row, column) or ""})


def _tag(book: Spreadsheet) -> str:
    """Another one after every change, also when a restored file has taken the place of this one."""
    named = crc32(f"{book.title} {book.modified}".encode("utf-8", "replace"))
    return f'"{id(book):x}-{book.epoch}-{book.writes}-{named:x}"'


def chosen(book: Spreadsheet, gid: str | None) -> Sheet:
    """The tab of that id, else the first that is not hidden."""
    return next((sheet for sheet in book.sheets if str(sheet.id) == gid), book.first_visible())


def _number(request: Request, name: str) -> int:
    text = request.param(name) or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid(f"{name}={text[:40]!r} is no index: give a whole number from 0.")
    return int(text)


def _file(book: Spreadsheet, now: float) -> Json:
    tabs = [
        {
            "id": sheet.id,
            "title": sheet.title,
            "hidden": sheet.hidden,
            "color": color_of({"tabColorStyle": sheet.tab_color}, "tabColor"),
        }
        for sheet in book.sheets
    ]
    return {
        "title": book.title,
        "epoch": book.epoch,
        "writes": book.writes,
        "changed": seconds_since(book.modified, now),
        "tabs": tabs,
    }


def _tab(sheet: Sheet) -> Json:
    """What holds for the whole tab."""
    return {
        "gid": sheet.id,
        "rows": sheet.row_count,
        "columns": sheet.column_count,
        "frozenRows": min(sheet.frozen_rows, FROZEN),
        "frozenColumns": min(sheet.frozen_columns, FROZEN),
        "rightToLeft": sheet.right_to_left,
        "heights": _heights(sheet),
        "filter": None if sheet.filter is None else sheet.rect(sheet.filter.span),
        "merges": [sheet.rect(span) for span in sheet.merges[:RANGES]],
        "protected": [sheet.rect(item.span) for item in list(sheet.protected.values())[:RANGES]],
    }


def _heights(sheet: Sheet) -> list[list[int]]:
    """[first row, row after the last, pixels] where rows are not of the usual height; hidden ones have 0."""
    # One pass that is as fast as it gets: there may be half a million rows.
    odd = {
        index: 0 if row.hidden else row.pixels or 0
        for index, row in enumerate(sheet.rows)
        if row is not None and (row.hidden or row.pixels)
    }
    if sheet.row_count <= FILTERED:
        odd |= dict.fromkeys(hidden_rows(sheet), 0)
    runs: list[list[int]] = []
    for index, pixels in sorted(odd.items()):
        if runs and runs[-1][1:] == [index, pixels]:
            runs[-1][1] += 1
        else:
            runs.append([index, index + 1, pixels])
    return runs[:RANGES]


def _window(sheet: Sheet, asked: Rect) -> Json:
    """The cells of the visible columns, and how the cells of this window look."""
    bottom = min(asked.bottom, asked.top + ROWS, sheet.row_count)
    right = min(asked.right, asked.left + COLUMNS, sheet.column_count)
    indexes = sorted({*range(min(sheet.frozen_rows, FROZEN)), *range(asked.top, bottom)})
    across = sorted({*range(min(sheet.frozen_columns, FROZEN)), *range(asked.left, right)})
    visible = [column for column in across if not sheet.columns[column].hidden]
    looks = Looks()
    lines = [line for index in indexes if (line := row_json(sheet, index, visible, looks))]
    columns = [found for index in range(sheet.column_count) if (found := _column(sheet, index, looks))]
    window = {"from": asked.top, "to": bottom, "left": asked.left, "right": right}
    return {**window, "lines": lines, "columnsUnlikeOthers": columns, "looks": looks.found}


def _column(sheet: Sheet, index: int, looks: Looks) -> Json | None:
    """What distinguishes a column: its width, its look, or that it is hidden; None for one like most."""
    column = sheet.columns[index]
    if column.hidden:
        heading = show(sheet.cell(0, index), None) if sheet.frozen_rows else ""
        return {"column": index, "hidden": True, "heading": shortened(heading)}
    found: Json = {"width": column.pixels, "look": looks.place(column.format)}
    found = {name: value for name, value in found.items() if value is not None}
    return {"column": index, **found} if found else None
