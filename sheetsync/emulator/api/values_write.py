"""Value writes: values.update, batchUpdate, clear, batchClear and their *ByDataFilter forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sheetsync.emulator.api.values import Render, read
from sheetsync.emulator.batch.cells import clear_values
from sheetsync.emulator.errors import ApiError, Refused, bad_payload, invalid
from sheetsync.emulator.grid.a1 import Rect, Span, column_letters, print_range
from sheetsync.emulator.grid.cells import Format, Value, number
from sheetsync.emulator.grid.coerce import typed
from sheetsync.emulator.grid.limits import check_text
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]


PLAIN = Render()


@dataclass(frozen=True, slots=True)
class Options:
    """How a write takes its input and what it answers; `misplaced` appends overlook rows that a filter hides."""

    entered: bool
    include: bool = False
    render: Render = PLAIN
    user: str = ""
    year: int = 1970
    misplaced: bool = False


def check_option(option: str | None) -> bool:
    """True for USER_ENTERED. Raises when the option is missing ("must not be used") or unknown."""
    if option in ("RAW", "USER_ENTERED"):
        return option == "USER_ENTERED"
    if not option or option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise invalid("'valueInputOption' is required but not specified")
    field = "value_input_option"
    name = "type.googleapis.com/google.apps.sheets.v4.ValueInputOption"
    raise bad_payload(field, f"Invalid value at '{field}' ({name}), \"{option}\"")


class Touched:
    """Which cells a write reached; null cells do not count, cells set to "" do (recorded)."""

    def __init__(self) -> None:
        self.rows: set[tuple[int, int]] = set()
        self.columns: set[tuple[int, int]] = set()
        self.sheets: set[int] = set()
        self.cells = 0

    def add(self, sheet: Sheet, row: int, column: int) -> None:
        self.rows.add((sheet.id, row))
        self.columns.add((sheet.id, column))
        self.sheets.add(sheet.id)
        self.cells += 1


def write(
    book: Spreadsheet, sheet: Sheet, span: Span, body: Json, options: Options, total: Touched | None = None
) -> Json:
    """Write one ValueRange at a span; returns UpdateValuesResponse. Never grows the grid (measured).

    Raises 400 for data outside the range or the grid; the caller rolls back.
    """
    rows = _by_rows(body)
    area = book.area(sheet, span)
    height, width = len(rows), max(map(len, rows), default=0)
    _check_fits(sheet, span, area, height, width)
    rect = Rect(area.top, area.left, area.top + max(height, 1), area.left + max(width, 1))
    book.guard(sheet, rect, options.user)
    touched = Touched()
    for offset, line in enumerate(rows):
        for shift, item in enumerate(line):
            if item is not None:
                row, column = rect.top + offset, rect.left + shift
                _put(sheet, row, column, item, options)
                touched.add(sheet, row, column)
                if total is not None:
                    total.add(sheet, row, column)
    return _reply(book, sheet, rect, touched, options, body)


def _by_rows(body: Json) -> list[list[Any]]:
    rows = [row or [] for row in body.get("values") or []]
    if body.get("majorDimension") != "COLUMNS":
        return rows
    height = max(map(len, rows), default=0)
    return [[column[i] if i < len(column) else None for column in rows] for i in range(height)]


def _check_fits(sheet: Sheet, span: Span, area: Rect, height: int, width: int) -> None:
    """An anchor reaches to the grid's end; a bounded range only to its own."""
    limit = area
    if span.is_anchor:
        limit = Rect(area.top, area.left, sheet.row_count, sheet.column_count)
    wrong = ""
    if height > limit.height:
        wrong = f"row [{limit.bottom + 1}]"
    elif width > limit.width:
        wrong = f"column [{column_letters(limit.right)}]"
    if wrong:
        within = print_range(sheet.title, area)
        raise invalid(f"Requested writing within range [{within}], but tried writing to {wrong}")


def _put(sheet: Sheet, row: int, column: int, item: Any, options: Options) -> None:
    """Store one value: texts are parsed only under USER_ENTERED; notes and validation stay (measured)."""
    style: Format | None = None
    value: Value
    if isinstance(item, str):
        check_text(item)
        value, style = typed(item, options.year) if options.entered else (item or None, None)
    else:
        value = item if isinstance(item, bool) else number(item)
    line = sheet.writable(row)
    line.put(column, value)
    if style is not None:
        present = sheet.format_of(row, column) or {}
        line.formats = {**(line.formats or {}), column: {**present, **style}}


def _reply(book: Spreadsheet, sheet: Sheet, rect: Rect, touched: Touched, options: Options, body: Json) -> Json:
    reply: Json = {"spreadsheetId": book.id, "updatedRange": print_range(sheet.title, rect)}
    counts = (
        ("updatedRows", len(touched.rows)),
        ("updatedColumns", len(touched.columns)),
        ("updatedCells", touched.cells),
    )
    reply.update({name: count for name, count in counts if count})
    if options.include:
        columns = body.get("majorDimension") == "COLUMNS"
        render = Render(options.render.option, options.render.dates_as_text, columns)
        reply["updatedData"] = read(sheet, rect, render)
    return reply


def update(book: Spreadsheet, text: str, body: Json, options: Options) -> Json:
    """values.update. A range in the body must be the one in the URL."""
    if body.get("range") and book.resolve(body["range"]) != book.resolve(text):
        raise invalid(f"Requested range [{text}] does not match value range [{body['range']}].")
    return atomically(book, lambda: write(book, *book.resolve(text), body, options))


def batch_update(book: Spreadsheet, targets: list[tuple[Sheet, Span, Json]], options: Options) -> Json:
    """values:batchUpdate: all ranges or none; totals count distinct rows and columns (recorded)."""
    total = Touched()

    def apply() -> Json:
        responses = []
        for index, (sheet, span, body) in enumerate(targets):
            try:
                responses.append(write(book, sheet, span, body, options, total))
            except Refused as refusal:
                raise invalid(f"Invalid data[{index}]: {refusal}") from refusal
            except ApiError as error:
                raise ApiError(error.code, f"Invalid data[{index}]: {error.message}") from error
        return {"responses": responses}

    responses = atomically(book, apply)
    counts = {
        "totalUpdatedRows": len(total.rows),
        "totalUpdatedColumns": len(total.columns),
        "totalUpdatedCells": total.cells,
        "totalUpdatedSheets": len(total.sheets),
    }
    return {"spreadsheetId": book.id, **{name: n for name, n in counts.items() if n}, **responses}


def clear(book: Spreadsheet, areas: list[tuple[Sheet, Rect]], user: str) -> list[str]:
    """Empty the values of the areas; formats, notes and validation stay. The ranges as replies print them."""

    def apply() -> Json:
        for sheet, rect in areas:
            book.guard(sheet, rect, user)
            clear_values(sheet, rect)
        return {}

    atomically(book, apply)
    return [print_range(sheet.title, rect) for sheet, rect in areas]


def atomically(book: Spreadsheet, act: Any) -> Json:
    """Run a write; on any refusal nothing of it stays."""
    state = book.begin()
    try:
        reply: Json = act()
    except Refused as refusal:
        book.rollback(state)
        raise invalid(str(refusal)) from refusal
    except BaseException:
        book.rollback(state)
        raise
    return reply
