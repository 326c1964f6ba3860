"""The spreadsheets as people see them: a list, and a live grid of each that can be edited.

Nothing here is a call of the API: it is not counted, meets no fault, takes no quota. Every edit is a person's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.view import acts, live, page
from sheetsync.emulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

OF_ALL: dict[str, Callable[[Emulator, Request], Response]] = {
    "GET /": page.index,
    "POST /spreadsheets": acts.create,
}
OF_ONE: dict[str, Callable[[Emulator, Spreadsheet, Request], Response]] = {
    "GET ": page.grid,
    "GET edit": page.grid,
    "GET rows": live.rows,
    "GET cell": live.cell,
    "POST acts": acts.act,
}
BOOK = re.compile(r"/spreadsheets/(?:d/)?([\w-]+)(?:/(edit|rows|cell|acts))?/?\Z")
TYPES = {"css": "text/css; charset=UTF-8", "js": "text/javascript; charset=UTF-8", "svg": "image/svg+xml"}
ASSETS = {
    f"/static/{name}": TYPES[name.rpartition(".")[2]]
    for name in (
        "grid.css", "icon.svg",
        "grid.js", "dom.js", "sheet.js", "cells.js", "draw.js", "live.js", "edit.js", "menu.js",
    )
}  # fmt: skip


def handles(request: Request) -> bool:
    found = BOOK.match(request.path)
    if found and f"{request.method} {found.group(2) or ''}" in OF_ONE:
        return True
    return f"{request.method} {request.path}" in OF_ALL or (request.method == "GET" and request.path in ASSETS)


def answer(emulator: Emulator, request: Request) -> Response:
    """A page, the data of one, or what became of an edit."""
    try:
        if request.path in ASSETS:
            return _asset(request.path)
        if act := OF_ALL.get(f"{request.method} {request.path}"):
            return act(emulator, request)
        return _of_one(emulator, request)
    except ApiError as error:
        return json_response(error.code, error.body())


def _of_one(emulator: Emulator, request: Request) -> Response:
    found = BOOK.match(request.path)
    name = found.group(2) or "" if found else ""
    book = emulator.store.books.get(found.group(1)) if found else None
    if book is not None:
        return OF_ONE[f"{request.method} {name}"](emulator, book, request)
    if name in ("", "edit"):
        return page.missing()
    raise ApiError(404, "There is no spreadsheet with this id any more.")


def _asset(path: str) -> Response:
    body = files(__package__).joinpath(path.removeprefix("/")).read_bytes()
    headers = {"Content-Type": ASSETS[path], "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(status=200, headers=headers, body=body)
