"""GridData: cells with the fields the mask asks for, and the properties of their rows and columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sheetsync.emulator.api.masks import Mask, apply, below
from sheetsync.emulator.api.properties import DEFAULT_FORMAT
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.cells import CellError, Format, Formula, Scalar, Value, effective
from sheetsync.emulator.grid.colors import with_styles
from sheetsync.emulator.grid.display import show
from sheetsync.emulator.grid.metadata import Place, to_json
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
ROW_PIXELS, COLUMN_PIXELS = 21, 100
#: What Google says of an error besides what the cell shows, where that is known (seen in public replies).
REASONS = {"ERROR": "Formula parse error.", "DIVIDE_BY_ZERO": "Function DIVIDE parameter 2 cannot be zero."}
#: The format of a cell with nothing of its own. The font has its own name here, unlike in `defaultFormat` (measured).
CELL_FORMAT: Json = {**DEFAULT_FORMAT, "textFormat": {**DEFAULT_FORMAT["textFormat"], "fontFamily": "Arial"}}
ALL_CELL_FIELDS = (
    "userEnteredValue",
    "effectiveValue",
    "formattedValue",
    "userEnteredFormat",
    "effectiveFormat",
    "hyperlink",
    "note",
    "dataValidation",
    "textFormatRuns",
)


def grid_data(book: Spreadsheet, sheet: Sheet, rect: Rect, mask: Mask) -> Json:
    """One GridData. startRow and startColumn are left out when 0; trailing empties are dropped."""
    data: Json = {}
    if rect.top and below(mask, "startRow") is not None:
        data["startRow"] = rect.top
    if rect.left and below(mask, "startColumn") is not None:
        data["startColumn"] = rect.left
    cell_fields = _cell_fields(mask)
    if cell_fields is not None:
        rows = _row_data(sheet, rect, cell_fields)
        if rows:
            data["rowData"] = rows
    if rect.height and (fields := below(mask, "rowMetadata")) is not None:
        data["rowMetadata"] = [apply(fields, line) for line in _row_metadata(book, sheet, rect)]
    if rect.width and (fields := below(mask, "columnMetadata")) is not None:
        data["columnMetadata"] = [apply(fields, line) for line in _column_metadata(book, sheet, rect)]
    return data


def _cell_fields(mask: Mask) -> Mask | None:
    return below(below(mask, "rowData"), "values")


def _row_data(sheet: Sheet, rect: Rect, mask: Mask) -> list[Json]:
    fields = [name for name in ALL_CELL_FIELDS if below(mask, name) is not None]
    styled = any(name in ("userEnteredFormat", "effectiveFormat", "formattedValue") for name in fields)
    # The makers follow the mask's first level; it is applied again only where it goes deeper.
    deeper = mask if any(mask.values()) else {}
    rows: list[Json] = []
    for index in range(rect.top, rect.bottom):
        cells = _row_cells(sheet, index, rect, fields, styled, deeper)
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _row_cells(sheet: Sheet, index: int, rect: Rect, fields: list[str], styled: bool, mask: Mask) -> list[Json]:
    row = sheet.rows[index]
    if row is None:
        return []
    last = len(row.values)
    for part in (row.formats, row.extras):
        if part:
            last = max(last, max(part) + 1)
    cells = []
    for column in range(rect.left, min(rect.right, last)):
        style = sheet.format_of(index, column) if styled else None
        cell = _cell(row.get(column), style, (row.extras or {}).get(column), fields)
        cells.append(apply(mask, cell) if mask else cell)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value: Value, style: Format | None, extra: Json | None, fields: list[str]) -> Json:
    cell: Json = {}
    if value is not None or style:
        for name in fields:
            maker = MAKERS.get(name)
            found = maker(value, style) if maker else None
            if found is not None:
                cell[name] = found
    for name in extra or ():
        if name in fields:
            cell[name] = (extra or {})[name]
    return cell


def extended(value: Scalar | CellError) -> Json | None:
    """ExtendedValue of an effective value, None for an empty cell."""
    if value is None:
        return None
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, CellError):
        return {"errorValue": {"type": value.kind, "message": REASONS.get(value.kind, value.text)}}
    return {"numberValue": value}


def _entered(value: Value, style: Format | None) -> Json | None:
    return {"formulaValue": value.text} if isinstance(value, Formula) else extended(value)


def _own_format(value: Value, style: Format | None) -> Format | None:
    """What was set on the cell, each colour in both of its forms (recorded)."""
    if not style:
        return None
    own = with_styles(style, ("backgroundColor",))
    if own.get("textFormat"):
        own["textFormat"] = with_styles(own["textFormat"], ("foregroundColor",))
    return own


def _effective_format(value: Value, style: Format | None) -> Json:
    """What the cell looks like. Texts stand left, numbers right, truth in the middle, unless set (measured)."""
    merged = {**CELL_FORMAT, **_alignment(effective(value))}
    merged["hyperlinkDisplayType"] = "LINKED" if isinstance(value, Formula) and value.link else "PLAIN_TEXT"
    for name, part in (_own_format(value, style) or {}).items():
        base = merged.get(name)
        merged[name] = {**base, **part} if isinstance(base, dict) and name in ("textFormat", "padding") else part
    return merged


def _alignment(value: Scalar | CellError) -> Json:
    if value is None:
        return {}
    if isinstance(value, bool | CellError):
        return {"horizontalAlignment": "CENTER"}
    return {"horizontalAlignment": "LEFT" if isinstance(value, str) else "RIGHT"}


MAKERS: dict[str, Callable[[Value, Format | None], Any]] = {
    "userEnteredValue": _entered,
    "effectiveValue": lambda value, style: extended(effective(value)),
    "formattedValue": lambda value, style: None if value is None else show(effective(value), style),
    "userEnteredFormat": _own_format,
    "effectiveFormat": _effective_format,
    "hyperlink": lambda value, style: value.link if isinstance(value, Formula) else None,
}


def _anchors(book: Spreadsheet, sheet: Sheet, kind: str, index: int, ids: tuple[int, ...]) -> list[Json]:
    place = Place(kind, sheet.id, index)
    return [to_json(book.metadata[each], place) for each in ids]


def _row_metadata(book: Spreadsheet, sheet: Sheet, rect: Rect) -> list[Json]:
    lines = []
    for index in range(rect.top, rect.bottom):
        row = sheet.rows[index]
        line: Json = {"pixelSize": ROW_PIXELS}
        if row is not None:
            line = _line(row.hidden, row.pixels or ROW_PIXELS)
            if row.metadata:
                line["developerMetadata"] = _anchors(book, sheet, "ROW", index, row.metadata)
        lines.append(line)
    return lines


def _column_metadata(book: Spreadsheet, sheet: Sheet, rect: Rect) -> list[Json]:
    lines = []
    for index, column in enumerate(sheet.columns[rect.left : rect.right], rect.left):
        line = _line(column.hidden, column.pixels or COLUMN_PIXELS)
        if column.metadata:
            line["developerMetadata"] = _anchors(book, sheet, "COLUMN", index, column.metadata)
        lines.append(line)
    return lines


def _line(hidden: bool, pixels: int) -> Json:
    return {"hiddenByUser": True, "pixelSize": pixels} if hidden else {"pixelSize": pixels}


def rects_by_sheet(areas: list[tuple[Sheet, Rect]]) -> dict[int, list[Rect]]:
    """Group areas by tab: one GridData for each, in the order asked for."""
    grouped: dict[int, list[Rect]] = defaultdict(list)
    for sheet, rect in areas:
        grouped[sheet.id].append(rect)
    return grouped
