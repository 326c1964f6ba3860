"""What people do on the page, as the person of person.py does it: type, note, insert, delete, sort, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.api.sheets import parse_body
from sheetsync.emulator.errors import invalid
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]


def create(emulator: Emulator, request: Request) -> Response:
    """A new spreadsheet of the person's, and on to its page."""
    made = emulator.create_spreadsheet("Untitled spreadsheet")
    return Response(status=303, headers={"Location": f"/spreadsheets/d/{made}/edit"}, body=b"")


def act(emulator: Emulator, book: Spreadsheet, request: Request) -> Response:
    """{"act", "gid", and what the act needs}. Raises ApiError, with nothing changed."""
    body = parse_body(request)
    known = ACTS.get(str(body.get("act")))
    if known is None:
        raise invalid(f"act={str(body.get('act'))[:40]!r} is unknown: give one of {', '.join(ACTS)}.")
    with emulator.lock:
        known(emulator, _tab(book, _number(body, "gid")), body)
    return json_response(200, {})


def _tab(book: Spreadsheet, gid: int) -> Sheet:
    try:
        return book.sheet(id=gid)
    except KeyError:
        raise invalid(f"gid={gid}: there is no such tab any more; choose another.") from None


def _number(body: Json, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid(f"{name}={str(value)[:40]!r}: give a whole number from 0.")
    return value


def _text(body: Json) -> str:
    value = body.get("text")
    if not isinstance(value, str):
        raise invalid(f"text={str(value)[:40]!r}: give a text.")
    return value


def _type(emulator: Emulator, sheet: Sheet, body: Json) -> None:
    emulator.person.type_text(sheet, _number(body, "row"), _number(body, "column"), _text(body))


def _note(emulator: Emulator, sheet: Sheet, body: Json) -> None:
    """An empty text takes the note away."""
    emulator.person.type_note(sheet, _number(body, "row"), _number(body, "column"), _text(body))


def _insert_row(emulator: Emulator, sheet: Sheet, body: Json) -> None:
    """Above `row`; one past the last row adds one at the end."""
    emulator.person.insert_rows(sheet, _number(body, "row"))


def _delete_row(emulator: Emulator, sheet: Sheet, body: Json) -> None:
    emulator.person.delete_rows(sheet, _number(body, "row"))


def _sort(emulator: Emulator, sheet: Sheet, body: Json) -> None:
    """All rows below the frozen ones, as "Sort sheet" does."""
    descending = bool(body.get("descending"))
    emulator.person.sort(sheet, _number(body, "column"), first_row=sheet.frozen_rows, descending=descending)


def _undo(emulator: Emulator, sheet: Sheet, body: Json) -> None:
    emulator.person.undo(sheet)


ACTS: dict[str, Callable[[Emulator, Sheet, Json], None]] = {
    "type": _type,
    "note": _note,
    "insert_row": _insert_row,
    "delete_row": _delete_row,
    "sort": _sort,
    "undo": _undo,
}
