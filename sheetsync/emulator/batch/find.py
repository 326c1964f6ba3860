"""batchUpdate kind findReplace."""

from __future__ import annotations

import re

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.cells import Formula
from sheetsync.emulator.grid.formulas import compute
from sheetsync.emulator.grid.sheet import Sheet


def find_replace(batch: Batch, body: Json) -> Json:
    """Replace text in string cells (and formulas when asked); counts what changed."""
    find, new = body.get("find", ""), body.get("replacement", "")
    if not find:
        raise Refused("find must not be empty.")
    pattern = _pattern(body, find)
    counts = {
        "valuesChanged": 0,
        "formulasChanged": 0,
        "rowsChanged": 0,
        "sheetsChanged": 0,
        "occurrencesChanged": 0,
    }
    for sheet, rect in _where(batch, body):
        before = counts["occurrencesChanged"]
        for index in range(rect.top, rect.bottom):
            if sheet.rows[index] is not None:
                _replace_in_row(sheet, index, rect, pattern, new, body, counts)
        counts["sheetsChanged"] += counts["occurrencesChanged"] > before
    return {"findReplace": {name: count for name, count in counts.items() if count}}


def _pattern(body: Json, find: str) -> re.Pattern[str]:
    text = find if body.get("searchByRegex") else re.escape(find)
    if body.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    try:
        return re.compile(text, 0 if body.get("matchCase") else re.IGNORECASE)
    except re.error as error:
        raise Refused(f"find is not a valid regular expression: {error}") from error


def _where(batch: Batch, body: Json) -> list[tuple[Sheet, Rect]]:
    if body.get("allSheets"):
        return [batch.editable({"sheetId": sheet.id}) for sheet in batch.book.sheets]
    return [batch.editable(body["range"] if "range" in body else {"sheetId": body.get("sheetId", 0)})]


def _replace_in_row(
    sheet: Sheet,
    index: int,
    rect: Rect,
    pattern: re.Pattern[str],
    new: str,
    body: Json,
    counts: dict[str, int],
) -> None:
    literal = new if body.get("searchByRegex") else new.replace("\\", "\\\\")
    changed = False
    for column in range(rect.left, rect.right):
        value = sheet.entered(index, column)
        is_formula = isinstance(value, Formula)
        if not isinstance(value, str) and not (is_formula and body.get("includeFormulas")):
            continue
        text, hits = pattern.subn(literal, str(value))
        if hits:
            changed = True
            sheet.writable(index).put(column, compute(text) if is_formula else text or None)
            counts["formulasChanged" if is_formula else "valuesChanged"] += 1
            counts["occurrencesChanged"] += hits
    counts["rowsChanged"] += changed
