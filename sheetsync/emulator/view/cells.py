"""One cell and one row as the page gets them."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.grid.cells import CellError, Format, Formula, Row, Value, effective
from sheetsync.emulator.grid.coerce import typed
from sheetsync.emulator.grid.display import is_date, show
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.view.looks import Looks

Json = dict[str, Any]
#: A window shows the beginning of a long text; the bar above the grid shows all of it.
CHARACTERS = 500


def row_json(sheet: Sheet, index: int, columns: list[int], looks: Looks) -> Json | None:
    """Its cells that hold or show something, and the batch that wrote it last; None for an untouched row."""
    row = sheet.rows[index]
    if row is None:
        return None
    cells = [cell for column in columns if (cell := _cell(sheet, row, index, column, looks))]
    return {"row": index, "epoch": row.epoch, "cells": cells}


def _cell(sheet: Sheet, row: Row, index: int, column: int, looks: Looks) -> Json | None:
    value, extra = row.get(column), (row.extras or {}).get(column) or {}
    own = row.formats is not None and column in row.formats
    if value is None and not own and not extra:
        return None
    style = sheet.format_of(index, column)
    found: Json = {"column": column, "look": looks.place(style)}
    if value is not None:
        found["text"] = shortened(show(effective(value), style))
        found["kind"] = _kind(value, extra)
    elif _is_checkbox(extra):
        found["kind"] = "checkbox"
    if extra.get("note"):
        found["note"] = shortened(str(extra["note"]))
    return found


def shortened(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[:CHARACTERS] + "…"


def _kind(value: Value, extra: Json) -> str:
    shown = effective(value)
    if isinstance(shown, bool):
        return "checkbox" if _is_checkbox(extra) else "boolean"
    if isinstance(shown, CellError):
        return "error"
    if isinstance(shown, int | float):
        return "number"
    return "link" if isinstance(value, Formula) and value.link else "text"


def _is_checkbox(extra: Json) -> bool:
    rule = extra.get("dataValidation") or {}
    return bool((rule.get("condition") or {}).get("type") == "BOOLEAN")


def as_typed(value: Value, style: Format | None, year: int) -> str:
    """The text that a person would type to get this value again: what the bar shows and an edit begins with."""
    if value is None:
        return ""
    if isinstance(value, Formula):
        return value.text
    if isinstance(value, str):
        return value if typed(value, year) == (value, None) else f"'{value}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    shown = show(value, style)
    if is_date(style) and typed(shown, year)[0] == value:
        return shown
    return repr(value)
