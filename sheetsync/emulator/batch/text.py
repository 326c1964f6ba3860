"""batchUpdate kinds that read or mend text: pasteData, textToColumns, trimWhitespace."""

from __future__ import annotations

import csv
import io
import re

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.coerce import typed
from sheetsync.emulator.grid.limits import check_text
from sheetsync.emulator.grid.sheet import Sheet

SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


def paste_data(batch: Batch, body: Json) -> None:
    """Lay delimited text into cells, read as if typed. The grid grows where it is too small (assumed)."""
    if body.get("html"):
        raise Refused("this emulator does not paste HTML.")
    if body.get("type", "PASTE_NORMAL") not in ("PASTE_NORMAL", "PASTE_VALUES"):
        raise Refused(f"this emulator does not paste data with {body['type']}.")
    if not body.get("delimiter"):
        raise Refused("delimiter must be specified.")
    sheet, top, left = batch.cell(body.get("coordinate") or {})
    lines = _split(body.get("data", ""), body["delimiter"])
    rect = Rect(top, left, top + len(lines), left + max(map(len, lines), default=0))
    if not rect.size:
        return
    batch.book.make_room(sheet, rect.bottom, rect.right)
    batch.book.guard(sheet, rect, batch.user)
    for index, line in enumerate(lines, top):
        _type_line(batch, sheet, index, left, line)


def _split(data: str, delimiter: str) -> list[list[str]]:
    """Fields may be quoted, as spreadsheets copy them; a delimiter of several characters splits plainly."""
    if len(delimiter) > 1 or delimiter in '\r\n"':
        return [line.split(delimiter) for line in data.splitlines()]
    return list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))


def _type_line(batch: Batch, sheet: Sheet, index: int, left: int, texts: list[str]) -> None:
    for column, text in enumerate(texts, left):
        check_text(text)
        value, style = typed(text, batch.year)
        row = sheet.writable(index)
        row.put(column, value)
        if style is not None:
            row.formats = {**(row.formats or {}), column: {**(sheet.format_of(index, column) or {}), **style}}


def text_to_columns(batch: Batch, body: Json) -> None:
    """Split the texts of one column into it and the columns to its right, which are overwritten."""
    sheet, rect = batch.rect(body.get("source") or {})
    if rect.width != 1:
        raise Refused("The source must span exactly one column.")
    delimiter = _delimiter(body)
    texts = {index: sheet.entered(index, rect.left) for index in range(rect.top, rect.bottom)}
    lines = {index: text.split(delimiter) for index, text in texts.items() if isinstance(text, str)}
    width = max(map(len, lines.values()), default=1)
    batch.book.make_room(sheet, rect.bottom, rect.left + width)
    batch.book.guard(sheet, rect._replace(right=rect.left + width), batch.user)
    for index, line in lines.items():
        _type_line(batch, sheet, index, rect.left, line)


def _delimiter(body: Json) -> str:
    kind = body.get("delimiterType", "DELIMITER_TYPE_UNSPECIFIED")
    if kind == "CUSTOM":
        if not body.get("delimiter"):
            raise Refused("delimiter must be specified.")
        return str(body["delimiter"])
    if kind not in DELIMITERS:
        raise Refused(f"this emulator does not split by {kind}.")
    return DELIMITERS[kind]


def trim_whitespace(batch: Batch, body: Json) -> Json:
    """Trim texts at both ends and leave one space for a run inside; a text stays a text."""
    sheet, rect = batch.editable(body.get("range") or {})
    changed = 0
    for index in range(rect.top, rect.bottom):
        for column in range(rect.left, rect.right) if sheet.rows[index] is not None else ():
            text = sheet.entered(index, column)
            if isinstance(text, str) and (new := SPACE.sub(" ", text).strip(" ")) != text:
                sheet.writable(index).put(column, new or None)
                changed += 1
    return {"trimWhitespace": {"cellsChangedCount": changed} if changed else {}}
