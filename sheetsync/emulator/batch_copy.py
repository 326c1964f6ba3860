"""batchUpdate kinds copyPaste and findReplace."""

from __future__ import annotations

import re

from .a1 import Rect
from .batching import Batch, Json
from .cells import CellError, Formula, Row, Value, effective
from .errors import Refused
from .formulas import compute
from .sheet import Sheet

PASTES = {
    "PASTE_NORMAL": (True, True, True),
    "PASTE_VALUES": (True, False, False),
    "PASTE_FORMAT": (False, True, False),
    "PASTE_NO_BORDERS": (True, True, True),
    "PASTE_FORMULA": (True, False, False),
}


def copy_paste(batch: Batch, body: Json) -> None:
    """Copy cells; the source repeats over a destination that is a multiple of it. Formulas go verbatim."""
    kind = body.get("pasteType", "PASTE_NORMAL")
    if kind not in PASTES or body.get("pasteOrientation", "NORMAL") != "NORMAL":
        raise Refused(f"this emulator does not paste {kind} {body.get('pasteOrientation', '')}".rstrip())
    source_sheet, source = batch.rect(body.get("source") or {})
    sheet, target = batch.rect(body.get("destination") or {})
    target = _stretched(source, target)
    if target.bottom > sheet.row_count or target.right > sheet.column_count:
        raise Refused("The destination of the copy reaches past the grid.")
    batch.book.guard(sheet, target, batch.user)
    rows = [_snapshot(source_sheet, source, index) for index in range(source.top, source.bottom)]
    for row in range(target.top, target.bottom):
        model = rows[(row - target.top) % source.height]
        _paste(sheet, row, target, source, model, kind)


def _stretched(source: Rect, target: Rect) -> Rect:
    """The pasted rectangle: whole repeats of the source, once at least."""
    down = max(1, target.height // source.height) * source.height
    across = max(1, target.width // source.width) * source.width
    return Rect(target.top, target.left, target.top + down, target.left + across)


def _snapshot(sheet: Sheet, rect: Rect, index: int) -> Row:
    """A row's copy with the formats its cells really show."""
    row = sheet.rows[index]
    twin = Row(0) if row is None else row.copy(0)
    twin.formats = {c: sheet.format_of(index, c) or {} for c in range(rect.left, rect.right)}
    return twin


def _paste(sheet: Sheet, index: int, target: Rect, source: Rect, model: Row, kind: str) -> None:
    values, formats, extras = PASTES[kind]
    row = sheet.writable(index)
    styles, notes = dict(row.formats or {}), dict(row.extras or {})
    for column in range(target.left, target.right):
        origin = source.left + (column - target.left) % source.width
        if values:
            row.put(column, _result(model.get(origin)) if kind == "PASTE_VALUES" else model.get(origin))
        if formats:
            styles[column] = (model.formats or {}).get(origin, {})
        if extras:
            notes.pop(column, None)
            if origin in (model.extras or {}):
                notes[column] = (model.extras or {})[origin]
    row.formats, row.extras = styles or None, notes or None


def _result(value: Value) -> Value:
    """A formula's result as a plain value; an error result stays what it is, a formula."""
    found = effective(value)
    return value if isinstance(found, CellError) else found


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
