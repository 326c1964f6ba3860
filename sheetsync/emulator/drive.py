"""The part of Drive v3 that gspread uses: create, get, list and delete spreadsheet files."""

from __future__ import annotations

import re
from typing import Any

from . import masks
from .api import parse_body
from .errors import ApiError, file_not_found
from .ids import Ids
from .store import Store
from .wire import Facts, Request, Response, html_response, json_response
from .workbook import Spreadsheet

Json = dict[str, Any]
MIME = "application/vnd.google-apps.spreadsheet"
PREFIX = "/drive/v3/files"
NAME = re.compile(r"""name\s*=\s*(?:"([^"]*)"|'((?:[^'\\]|\\.)*)')""")
DEFAULT = masks.parse("kind,id,name,mimeType")
#: The default page of files.list (Drive documentation).
PAGE = 100


def handles(request: Request) -> bool:
    return request.path == PREFIX or request.path.startswith(PREFIX + "/")


def answer(store: Store, request: Request, facts: Facts) -> Response:
    """One Drive call. Raises ApiError."""
    file_id = request.path.removeprefix(PREFIX).strip("/")
    if not file_id:
        if request.method == "POST":
            return _create(store, request, facts)
        if request.method == "GET":
            return _list(store, request)
    elif request.method == "GET":
        return json_response(200, masks.apply(_mask(request), _file(_find(store, file_id))))
    elif request.method == "DELETE":
        store.delete(_find(store, file_id).id)
        return html_response(204, "")
    raise ApiError(400, f"this emulator does not answer {request.method} on Drive files.")


def _mask(request: Request) -> masks.Mask:
    text = request.param("fields")
    return masks.parse(text) if text else DEFAULT


def _find(store: Store, file_id: str) -> Spreadsheet:
    book = store.books.get(file_id)
    if book is None:
        raise file_not_found(file_id)
    return book


def _file(book: Spreadsheet) -> Json:
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": MIME,
        "createdTime": book.created,
        "modifiedTime": book.modified,
    }


def _create(store: Store, request: Request, facts: Facts) -> Response:
    body = parse_body(request)
    if body.get("mimeType") != MIME:
        raise ApiError(400, f"this emulator only keeps files of type {MIME}.")
    book = store.create_default(facts, Ids(facts.seed), body.get("name") or "Untitled")
    return json_response(200, masks.apply(_mask(request), _file(book)))


def _list(store: Store, request: Request) -> Response:
    """Newest first; of the query language, `name = "T"` is understood, and the type is that of every file."""
    books = list(reversed(store.books.values()))
    named = NAME.search(request.param("q") or "")
    if named:
        title = named.group(1) if named.group(1) is not None else re.sub(r"\\(.)", r"\1", named.group(2))
        books = [book for book in books if book.title == title]
    start, size = int(request.param("pageToken") or 0), int(request.param("pageSize") or PAGE)
    reply: Json = {"kind": "drive#fileList", "incompleteSearch": False}
    if start + size < len(books):
        reply["nextPageToken"] = str(start + size)
    reply["files"] = [_file(book) for book in books[start : start + size]]
    default = masks.parse("kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)")
    mask = masks.parse(request.param("fields") or "") if request.param("fields") else default
    return json_response(200, masks.apply(mask, reply))
