"""batchUpdate kinds about tabs and the file: add, delete, and both property updates."""

from __future__ import annotations

from sheetsync.emulator.api.masks import Mask
from sheetsync.emulator.api.properties import sheet_properties
from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid import limits
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.colors import both_colors
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.spans import deleted
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids

UNCHANGED = (
    "defaultFormat",
    "iterativeCalculationSettings",
    "spreadsheetTheme",
    "importFunctionsExternalUrlAccessAllowed",
)
GRID_OPTIONS = ("hideGridlines", "rowGroupControlAfter", "columnGroupControlAfter")
FROZEN = (("frozenRowCount", "rows"), ("frozenColumnCount", "columns"))


def add_sheet(batch: Batch, body: Json) -> Json:
    """Add a tab; a sheetId may be chosen, which makes a repeat fail and so safe (discovery document)."""
    book, props = batch.book, body.get("properties") or {}
    if props.get("sheetType", "GRID") != "GRID":
        raise Refused(f"Cannot add a sheet of type {props['sheetType']}.")
    check_tabs(book)
    grid = props.get("gridProperties") or {}
    rows, columns = grid.get("rowCount") or 1000, grid.get("columnCount") or 26
    if rows < 0 or columns < 0:
        raise Refused("rowCount and columnCount must be positive.")
    limits.check_columns(columns)
    book.check_growth(rows * columns)
    sheet = Sheet(new_id(book, batch.ids, props.get("sheetId")), new_title(book, props.get("title")), rows, columns)
    sheet.epoch = book.epoch
    index = min(props.get("index", len(book.sheets)), len(book.sheets))
    book.sheets.insert(index, sheet)
    _set_looks(sheet, props, {})
    _set_grid_options(sheet, grid, {})
    return {"addSheet": {"properties": sheet_properties(sheet, index)}}


def check_tabs(book: Spreadsheet) -> None:
    """Raise when there is no room for one more tab."""
    if len(book.sheets) >= limits.TABS:
        raise Refused(f"You can't add more than {limits.TABS} sheets to a document.")


def new_id(book: Spreadsheet, ids: Ids, chosen: int | None) -> int:
    taken = {sheet.id for sheet in book.sheets}
    if chosen is None:
        return next(each for each in iter(ids.number, 0) if each not in taken)
    if chosen < 0:
        raise Refused("sheetId must be non-negative.")
    if chosen in taken:
        raise Refused(f"Sheet with id {chosen} already exists")
    return int(chosen)


def new_title(book: Spreadsheet, title: str | None) -> str:
    if title is None:
        numbers = range(len(book.sheets) + 1, 10_000)
        return next(name for n in numbers if book.by_title(name := f"Sheet{n}") is None)
    check_title(book, title, None)
    return title


def check_title(book: Spreadsheet, title: str, sheet: Sheet | None) -> None:
    """Raise for an empty title (recorded) or one another tab has, compared without case."""
    if not title:
        raise Refused("The sheet name cannot be empty.")
    other = book.by_title(title)
    if other is not None and other is not sheet:
        raise Refused(f'A sheet with the name "{title}" already exists. Please enter another name.')


def delete_sheet(batch: Batch, body: Json) -> None:
    """Delete a tab with its metadata and named ranges; the last visible one stays (quoted in use)."""
    book, sheet = batch.book, batch.sheet(body)
    if not any(other is not sheet and not other.hidden for other in book.sheets):
        raise Refused("You can't remove all the sheets in a document.")
    if sheet.protected:
        book.guard(sheet, sheet.rect(Span()), batch.user)
    book.sheets.remove(sheet)
    book.forget([entry.id for entry in book.metadata.values() if entry.sheet_id == sheet.id])
    book.follow(sheet, lambda span: None)


def free_title(book: Spreadsheet, first: str) -> str:
    """A title nobody has: this one, or this one with the first free number behind it."""
    titles = [first, *(f"{first} {n}" for n in range(2, 1000))]
    return next(name for name in titles if book.by_title(name) is None)


def update_sheet_properties(batch: Batch, body: Json) -> None:
    """Change the properties the mask names; one that is named and absent goes back to its default."""
    book, props = batch.book, body.get("properties") or {}
    mask = fields_of(body, "SheetProperties")
    _refuse(mask, ("sheetId", "sheetType", "dataSourceSheetProperties"))
    sheet = batch.sheet(props)
    book.guard_tab(sheet, batch.user)
    if names(mask, "title"):
        check_title(book, props.get("title", ""), sheet)
        sheet.title = props["title"]
    if names(mask, "hidden"):
        _hide(book, sheet, bool(props.get("hidden")))
    if names(mask, "index") and "index" in props:
        _move_tab(book, sheet, props["index"])
    _set_looks(sheet, props, mask)
    if names(mask, "gridProperties"):
        grid = props.get("gridProperties") or {}
        grid_mask = mask.get("gridProperties", {})
        _resize(batch, sheet, grid, grid_mask)
        _set_grid_options(sheet, grid, grid_mask)


def _refuse(mask: Mask, fields: tuple[str, ...]) -> None:
    """A property that is named but cannot be changed here must not look changed."""
    for name in fields:
        if name in mask:
            raise Refused(f"{name} cannot be changed.")


def _hide(book: Spreadsheet, sheet: Sheet, hidden: bool) -> None:
    if hidden and not any(other is not sheet and not other.hidden for other in book.sheets):
        raise Refused("You can't hide all the sheets in a document.")
    sheet.hidden = hidden


def _move_tab(book: Spreadsheet, sheet: Sheet, index: int) -> None:
    """The index is read against the order before the tab is taken out (measured)."""
    if not 0 <= index <= len(book.sheets):
        raise Refused(f"Sheet index must be between 0 and {len(book.sheets)}.")
    at = book.sheets.index(sheet)
    book.sheets.remove(sheet)
    book.sheets.insert(index if index <= at else index - 1, sheet)


def _set_looks(sheet: Sheet, props: Json, mask: Mask) -> None:
    if names(mask, "rightToLeft"):
        sheet.right_to_left = bool(props.get("rightToLeft"))
    if names(mask, "hidden") and not mask:
        sheet.hidden = bool(props.get("hidden"))
    if names(mask, "tabColor") or names(mask, "tabColorStyle"):
        sheet.tab_color = both_colors(props, "tabColor")


def _resize(batch: Batch, sheet: Sheet, grid: Json, mask: Mask) -> None:
    """Rows first, and checked against the old column count, as Google does (gspread-dataframe issue 37)."""
    rows = grid.get("rowCount", sheet.row_count if not mask else 0)
    if names(mask, "rowCount") and rows != sheet.row_count:
        resize_rows(batch, sheet, rows)
    columns = grid.get("columnCount", sheet.column_count if not mask else 0)
    if names(mask, "columnCount") and columns != sheet.column_count:
        resize_columns(batch, sheet, columns)


def resize_rows(batch: Batch, sheet: Sheet, count: int) -> None:
    """Cut or extend the grid at its lower end."""
    if count < 1:
        raise Refused("You can't delete all the rows on the sheet.")
    before = sheet.row_count
    if count > before:
        batch.book.check_growth((count - before) * sheet.column_count)
        sheet.rows.extend([None] * (count - before))
    else:
        batch.book.guard(sheet, Rect(count, 0, before, sheet.column_count), batch.user)
        batch.book.forget(sheet.delete_rows(count, before))
        batch.book.follow(sheet, lambda span: deleted(span, True, count, before))


def resize_columns(batch: Batch, sheet: Sheet, count: int) -> None:
    """Cut or extend the grid at its right end."""
    if count < 1:
        raise Refused("You can't delete all the columns on the sheet.")
    before = sheet.column_count
    if count > before:
        limits.check_columns(count)
        batch.book.check_growth((count - before) * sheet.row_count)
        sheet.insert_columns(before, count - before, None)
    else:
        batch.book.guard(sheet, Rect(0, count, sheet.row_count, before), batch.user)
        batch.book.forget(sheet.delete_columns(count, before))
        batch.book.follow(sheet, lambda span: deleted(span, False, count, before))


def _set_grid_options(sheet: Sheet, grid: Json, mask: Mask) -> None:
    options = dict(sheet.grid_options)
    for key in (*GRID_OPTIONS, *(name for name, _ in FROZEN)):
        if names(mask, key):
            options.pop(key, None)
            if grid.get(key):
                options[key] = grid[key]
    for key, what in FROZEN:
        if options.get(key, 0) >= (sheet.row_count if what == "rows" else sheet.column_count):
            raise Refused(f"You can't freeze all visible {what} on the sheet.")
    sheet.grid_options = options


def update_spreadsheet_properties(batch: Batch, body: Json) -> None:
    book, props = batch.book, body.get("properties") or {}
    mask = fields_of(body, "SpreadsheetProperties")
    _refuse(mask, UNCHANGED)
    for name, attribute in (("title", "title"), ("locale", "locale"), ("timeZone", "time_zone")):
        if names(mask, name) and (props.get(name) or mask):
            if not props.get(name):
                raise Refused(f"{name} must not be empty.")
            setattr(book, attribute, props[name])
    if names(mask, "autoRecalc") and props.get("autoRecalc"):
        book.auto_recalc = props["autoRecalc"]
