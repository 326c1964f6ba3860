"""The spreadsheets as plain HTML pages: a list, and a grid per file. All escaped; no outside assets."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from .a1 import column_letters
from .cells import effective
from .display import show
from .sheet import Sheet
from .wire import Request, Response, html_response
from .workbook import Spreadsheet

if TYPE_CHECKING:
    from .emulator import Emulator

ROWS_SHOWN = 200
PAGE = re.compile(r"/spreadsheets/(?:d/)?([\w-]+)(?:/edit)?/?\Z")
STYLE = """
body{font:13px arial,sans-serif;margin:0;color:#222}
header,nav,p{padding:8px 12px;margin:0}
nav a{padding:4px 10px;border:1px solid #ccc;border-radius:4px;color:#222;text-decoration:none}
nav a.here{background:#e6f0e9;font-weight:bold}
table{border-collapse:collapse} td,th{border:1px solid #ddd;padding:2px 6px;white-space:pre;max-width:320px}
td{overflow:hidden;text-overflow:ellipsis} th{background:#f3f3f3;font-weight:normal;color:#666}
tr.frozen td{font-weight:bold;border-bottom:2px solid #999;background:#fafafa} td.number{text-align:right}
.hidden{width:3px;padding:0;background:#bbb;border-color:#bbb}
tr.hidden td,tr.hidden th{padding:0;font-size:0;line-height:3px}
s{color:#888} .note{border-top:4px solid #e0a000}
"""


def handles(request: Request) -> bool:
    return request.method == "GET" and (request.path == "/" or PAGE.match(request.path) is not None)


def answer(emulator: Emulator, request: Request) -> Response:
    """The list of files, or the grid of one; `?gid=` chooses the tab."""
    found = PAGE.match(request.path)
    if found is None:
        return _page("Spreadsheets", _list(list(emulator.store.books.values())))
    book = emulator.store.books.get(found.group(1))
    if book is None:
        return _page("Not found", "<p>There is no spreadsheet with this id.</p>", 404)
    gid = request.param("gid") or ""
    sheet = next((each for each in book.sheets if str(each.id) == gid), book.sheets[0])
    return _page(book.title, _grid(book, sheet))


def _page(title: str, body: str, status: int = 200) -> Response:
    head = f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
    head += f"<style>{STYLE}</style>"
    return html_response(status, f"{head}<header><b>{escape(title)}</b></header>{body}</html>")


def _list(books: list[Spreadsheet]) -> str:
    if not books:
        return "<p>No spreadsheets yet.</p>"
    lines = (
        f'<p><a href="/spreadsheets/{escape(book.id)}">{escape(book.title)}</a> '
        f"{len(book.sheets)} tab(s), changed {escape(book.modified)}</p>"
        for book in books
    )
    return "".join(lines)


def _grid(book: Spreadsheet, sheet: Sheet) -> str:
    tabs = "".join(_tab(book, each, each is sheet) for each in book.sheets)
    shown = min(sheet.row_count, ROWS_SHOWN)
    width = _width(sheet, shown)
    letters = "".join(_letter(sheet, column) for column in range(width))
    rows = "".join(_row(sheet, index, width) for index in range(shown))
    size = f"{sheet.row_count} rows, {sheet.column_count} columns; the first {shown} rows are shown."
    return f"<nav>{tabs}</nav><p>{size}</p><table><tr><th></th>{letters}</tr>{rows}</table>"


def _width(sheet: Sheet, shown: int) -> int:
    """Columns up to the last one with a value, and a few more."""
    used = max((len(row.values) for row in sheet.rows[:shown] if row is not None), default=0)
    return min(sheet.column_count, max(used + 2, 8))


def _tab(book: Spreadsheet, sheet: Sheet, here: bool) -> str:
    label = escape(sheet.title) + (" (hidden)" if sheet.hidden else "")
    mark = " class=here" if here else ""
    return f'<a{mark} href="/spreadsheets/{escape(book.id)}?gid={sheet.id}">{label}</a>'


def _letter(sheet: Sheet, column: int) -> str:
    if sheet.columns[column].hidden:
        return f'<th class=hidden title="{column_letters(column)} is hidden"></th>'
    return f"<th>{column_letters(column)}</th>"


def _row(sheet: Sheet, index: int, width: int) -> str:
    row = sheet.rows[index]
    marks = ["frozen"] if index < sheet.frozen_rows else []
    if row is not None and row.hidden:
        marks.append("hidden")
    cells = "".join(_cell(sheet, index, column) for column in range(width))
    return f'<tr class="{" ".join(marks)}"><th>{index + 1}</th>{cells}</tr>'


def _cell(sheet: Sheet, index: int, column: int) -> str:
    if sheet.columns[column].hidden:
        return "<td class=hidden></td>"
    value, style = effective(sheet.entered(index, column)), sheet.format_of(index, column)
    text, look = escape(show(value, style)), (style or {}).get("textFormat", {})
    if look.get("bold"):
        text = f"<b>{text}</b>"
    if look.get("strikethrough"):
        text = f"<s>{text}</s>"
    note = sheet.note(index, column)
    marks = ["number"] if isinstance(value, int | float) and not isinstance(value, bool) else []
    if note:
        marks.append("note")
    title = f' title="{escape(note)}"' if note else ""
    return f'<td class="{" ".join(marks)}"{title}>{text}</td>'
