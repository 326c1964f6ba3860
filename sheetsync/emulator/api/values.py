"""Value reads: values.get, batchGet, batchGetByDataFilter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sheetsync.emulator.api.data_filters import echoed, values_areas
from sheetsync.emulator.api.reading import ranges_areas
from sheetsync.emulator.errors import bad_payload
from sheetsync.emulator.grid.a1 import Rect, print_range
from sheetsync.emulator.grid.cells import CellError, Formula, Value, effective
from sheetsync.emulator.grid.display import is_date, show
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
RENDERS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
DATES = ("SERIAL_NUMBER", "FORMATTED_STRING")
#: Types whose values no format changes: texts always, and all but formulas where values are wanted as they are stored.
PLAIN: frozenset[type] = frozenset((str,))
PLAIN_UNFORMATTED: frozenset[type] = frozenset((str, int, float, bool))
DIMENSIONS = ("DIMENSION_UNSPECIFIED", "ROWS", "COLUMNS")


@dataclass(frozen=True, slots=True)
class Render:
    """How values are shown: the option, whether dates are texts, whether columns come first."""

    option: str = "FORMATTED_VALUE"
    dates_as_text: bool = False
    columns: bool = False


def render_from(value: str | None, dates: str | None, dimension: str | None) -> Render:
    """Check the three options of a read. Raises 400 for a word that is not one of the enum's."""
    option = _one_of("value_render_option", "ValueRenderOption", RENDERS, value)
    dated = _one_of("date_time_render_option", "DateTimeRenderOption", DATES, dates)
    major = _one_of("major_dimension", "Dimension", DIMENSIONS, dimension)
    return Render(option or RENDERS[0], dated == "FORMATTED_STRING", major == "COLUMNS")


def _one_of(field: str, kind: str, known: tuple[str, ...], value: str | None) -> str | None:
    if value and value not in known:
        name = f"type.googleapis.com/google.apps.sheets.v4.{kind}"
        raise bad_payload(field, f"Invalid value at '{field}' ({name}), \"{value}\"")
    return value


def read(sheet: Sheet, rect: Rect, render: Render) -> Json:
    """One ValueRange. Trailing empties are dropped, inner ones are ""; nothing at all has no `values`.

    A range without cells, which only a GridRange can be, is called #REF! (measured).
    """
    reply: Json = {
        "range": print_range(sheet.title, rect) if rect.size else "#REF!",
        "majorDimension": "COLUMNS" if render.columns else "ROWS",
    }
    rows = _rows(sheet, rect, render)
    if render.columns:
        rows = _transposed(rows)
    if rows:
        reply["values"] = rows
    return reply


def _shower(render: Render) -> Callable[[Sheet, int, int, Value], Any]:
    if render.option == "FORMATTED_VALUE":
        return lambda sheet, row, column, value: show(effective(value), sheet.format_of(row, column))
    formulas = render.option == "FORMULA"

    def shown(sheet: Sheet, row: int, column: int, value: Value) -> Any:
        if isinstance(value, Formula) and formulas:
            return value.text
        found = effective(value)
        if isinstance(found, CellError):
            return found.text
        if render.dates_as_text and not isinstance(found, str | bool) and is_date(sheet.format_of(row, column)):
            return show(found, sheet.format_of(row, column))
        return found

    return shown


def _rows(sheet: Sheet, rect: Rect, render: Render) -> list[list[Any]]:
    """The hot path: most rows of most reads hold only values that need no showing, and are given as they are."""
    shown = _shower(render)
    plain = PLAIN if render.option == "FORMATTED_VALUE" or render.dates_as_text else PLAIN_UNFORMATTED
    lines: list[list[Any]] = []
    for index in range(rect.top, rect.bottom):
        row = sheet.rows[index]
        values = [] if row is None else row.values[rect.left : rect.right]
        while values and values[-1] is None:
            values.pop()
        lines.append(values if plain.issuperset(map(type, values)) else _line(sheet, index, values, rect.left, shown))
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _line(
    sheet: Sheet, index: int, values: list[Value], left: int, shown: Callable[[Sheet, int, int, Value], Any]
) -> list[Any]:
    return [
        value if type(value) is str else "" if value is None else shown(sheet, index, left + offset, value)
        for offset, value in enumerate(values)
    ]


def _transposed(rows: list[list[Any]]) -> list[list[Any]]:
    width = max(map(len, rows), default=0)
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(width)]
    for column in columns:
        while column and column[-1] == "":
            column.pop()
    return columns


def batch_get(book: Spreadsheet, ranges: list[str], render: Render) -> Json:
    """values:batchGet, in the order asked for (recorded)."""
    found = [read(sheet, rect, render) for sheet, rect in ranges_areas(book, ranges)]
    return {"spreadsheetId": book.id, "valueRanges": found} if found else {"spreadsheetId": book.id}


def batch_get_by_filter(book: Spreadsheet, filters: list[Json], render: Render) -> Json:
    """values:batchGetByDataFilter: one entry per range, with every filter that selected it.

    In the order of the tabs, then of where the ranges start, columns before rows (measured).
    """
    found: dict[tuple[int, int, int, int, int], list[Json]] = {}
    for data_filter, areas in zip(filters, values_areas(book, filters), strict=True):
        for sheet, (top, left, bottom, right) in areas:
            key = (book.sheets.index(sheet), left, top, right, bottom)
            found.setdefault(key, []).append(echoed(data_filter))
    ranges = [
        {"valueRange": read(book.sheets[tab], Rect(top, left, bottom, right), render), "dataFilters": why}
        for (tab, left, top, right, bottom), why in sorted(found.items(), key=lambda pair: pair[0])
    ]
    return {"spreadsheetId": book.id, "valueRanges": ranges} if ranges else {"spreadsheetId": book.id}
