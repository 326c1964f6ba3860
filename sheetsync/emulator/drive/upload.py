"""Upload over a file: CSV becomes the file's only tab, as `import_csv` of gspread does it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from sheetsync.emulator.drive.call import MIME, Call, shown
from sheetsync.emulator.drive.errors import not_here
from sheetsync.emulator.drive.files import file_json
from sheetsync.emulator.errors import Refused, invalid
from sheetsync.emulator.grid import limits
from sheetsync.emulator.grid.coerce import typed
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids
from sheetsync.emulator.wire import Facts, timestamp

Json = dict[str, Any]
#: An import puts the file's time zone here, whatever it was before (recorded).
TIME_ZONE = "America/Los_Angeles"


def upload_v2(call: Call) -> Json:
    """What gspread calls: `convert=True` makes a spreadsheet of the CSV."""
    _upload(call)
    return v2_json(call.book)


def upload_v3(call: Call) -> Json:
    mask = call.mask()
    _upload(call)
    return shown(mask, file_json(call.book, call.facts.user))


def _upload(call: Call) -> None:
    """Replace the tabs by one that holds the CSV. Raises 400 for what is no text, or too much of it."""
    book, request, facts = call.book, call.request, call.facts
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    if (request.param("uploadType") or "media") != "media" or kind not in ("", "text/csv"):
        raise not_here("take uploads other than uploadType=media with Content-Type text/csv")
    try:
        text = request.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_here("read CSV that is not UTF-8") from None
    try:
        tab = _tab(book, list(csv.reader(io.StringIO(text, newline=""))), facts)
    except Refused as refusal:
        raise invalid(str(refusal)) from refusal
    except csv.Error as error:
        raise not_here(f"read this CSV: {error}") from error
    book.sheets, book.named, book.metadata = [tab], {}, {}
    book.time_zone = TIME_ZONE
    book.modified = timestamp(facts.now)


def _tab(book: Spreadsheet, lines: list[list[str]], facts: Facts) -> Sheet:
    """A new tab under the file's name, with an id of its own (recorded). It is as large as it must be (assumed)."""
    rows, columns = max(1000, len(lines)), max(26, max(map(len, lines), default=0))
    limits.check_columns(columns)
    limits.check_cells(rows * columns)
    sheet = Sheet(Ids(facts.seed).number(), book.title, rows, columns)
    book.epoch += 1
    sheet.epoch = book.epoch
    year = datetime.fromtimestamp(facts.now, UTC).year
    for index, line in enumerate(lines):
        for column, text in enumerate(line):
            _put(sheet, index, column, text, year)
    return sheet


def _put(sheet: Sheet, index: int, column: int, text: str, year: int) -> None:
    """Cells are read as if they were typed: a text of digits becomes a number, `=1+1` a formula (documented)."""
    limits.check_text(text)
    value, style = typed(text, year)
    if value is not None:
        row = sheet.writable(index)
        row.put(column, value)
        if style is not None:
            row.formats = {**(row.formats or {}), column: style}


def v2_json(book: Spreadsheet) -> Json:
    """The file as Drive v2 shows it; of the recorded fields, those that are kept here."""
    return {
        "kind": "drive#file",
        "id": book.id,
        "selfLink": f"https://www.googleapis.com/drive/v2/files/{book.id}",
        "alternateLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=drivesdk",
        "title": book.title,
        "mimeType": MIME,
        "ownerNames": [book.owner],
        "editable": True,
        "copyable": True,
        "writersCanShare": True,
        "copyRequiresWriterPermission": False,
        "capabilities": {"canEdit": True, "canCopy": True},
        "appDataContents": False,
        "spaces": ["drive"],
        "shared": bool(book.permissions),
        "explicitlyTrashed": book.trashed,
        "labels": {
            "starred": book.starred,
            "hidden": False,
            "trashed": book.trashed,
            "restricted": False,
            "viewed": True,
        },
        "createdDate": book.created,
        "modifiedDate": book.modified,
    }
