"""Drive's file resource: how a spreadsheet looks as a file, and create, get, update, copy, delete."""

from __future__ import annotations

import hashlib
from copy import copy
from typing import Any

from sheetsync.emulator.api.sheets import parse_body
from sheetsync.emulator.drive.call import FIELDS, MIME, ROOT, Call, shown
from sheetsync.emulator.drive.errors import not_here, refused
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids
from sheetsync.emulator.wire import Request, timestamp

Json = dict[str, Any]
#: What of a file's body is taken up; a known field besides is refused by name, for it could not be kept.
TAKEN = frozenset(("name", "mimeType", "parents", "description", "starred", "trashed", "kind", "id"))
PARENTS = (
    "The parents field is not directly writable in update requests. "
    "Use the addParents and removeParents parameters instead."
)


# -- the resource


def user_json(email: str, me: str) -> Json:
    return {
        "kind": "drive#user",
        "displayName": email,
        "me": email == me,
        "permissionId": permission_id(email),
        "emailAddress": email,
    }


def permission_id(email: str) -> str:
    """Twenty digits that go with an account, as recorded."""
    return f"{int(hashlib.sha256(email.lower().encode('utf-8', 'replace')).hexdigest(), 16) % 10**20:020d}"


def owner_permission(book: Spreadsheet) -> Json:
    return {
        "kind": "drive#permission",
        "id": permission_id(book.owner),
        "type": "user",
        "role": "owner",
        "emailAddress": book.owner,
        "displayName": book.owner,
        "deleted": False,
        "pendingOwner": False,
    }


def permissions_of(book: Spreadsheet) -> list[Json]:
    return [owner_permission(book), *book.permissions.values()]


def file_json(book: Spreadsheet, user: str) -> Json:
    """The whole resource."""
    permissions = permissions_of(book)
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": MIME,
        **({"description": book.description} if book.description else {}),
        "starred": book.starred,
        "trashed": book.trashed,
        "explicitlyTrashed": book.trashed,
        "parents": book.parents or [ROOT],
        "spaces": ["drive"],
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=drivesdk",
        "createdTime": book.created,
        "modifiedTime": book.modified,
        "owners": [user_json(book.owner, user)],
        "ownedByMe": book.owner == user,
        "shared": len(permissions) > 1,
        "permissions": permissions,
        "permissionIds": [each["id"] for each in permissions],
    }


# -- acts


def get(call: Call) -> Json:
    book = call.book
    if (call.request.param("alt") or "json").lower() != "json":
        raise not_here("give a spreadsheet's bytes: export it")
    return shown(call.mask(), file_json(book, call.facts.user))


def create(call: Call) -> Json:
    mask, body = call.mask(), _body(call.request)
    if body.get("mimeType") != MIME:
        raise not_here(f"keep files of another type than {MIME}")
    book = call.store.create_default(call.facts, Ids(call.facts.seed), body.get("name") or "Untitled")
    _take_up(book, body)
    return shown(mask, file_json(book, call.facts.user))


def update(call: Call) -> Json:
    """Rename, describe, star, trash, move."""
    book, mask, body = call.book, call.mask(), _body(call.request)
    if body.get("parents"):
        raise refused(403, PARENTS, "fieldNotWritable")
    book.title = body.get("name") or book.title
    _take_up(book, body)
    added, removed = (_listed(call.request.param(name)) for name in ("addParents", "removeParents"))
    # A file has one parent: one that is added takes the place of the former (documented).
    book.parents = added[-1:] or [each for each in book.parents if each not in removed]
    book.modified = timestamp(call.facts.now)
    return shown(mask, file_json(book, call.facts.user))


def copy_file(call: Call) -> Json:
    """files.copy: tabs keep their ids, and the name is `Copy of …` when none is given (recorded)."""
    source, mask, body = call.book, call.mask(), _body(call.request)
    if body.get("mimeType", MIME) != MIME:
        raise not_here("convert a spreadsheet while it copies it")
    title = body.get("name") or f"Copy of {source.title}"
    twin = _twin(source, call.store.create(call.facts, Ids(call.facts.seed), title))
    _take_up(twin, body)
    return shown(mask, file_json(twin, call.facts.user))


def _twin(source: Spreadsheet, twin: Spreadsheet) -> Spreadsheet:
    """Fill a new file with all that is in another; that developer metadata goes along is assumed.

    Rows are shared, not copied: a batch copies every row that is not its own before it changes it (Row.epoch).
    """
    own = ("id", "title", "owner", "created", "modified", "trashed", "starred", "permissions", "sheets")
    for name, value in vars(source).items():
        if name not in own:
            setattr(twin, name, copy(value))
    for sheet in source.sheets:
        tab = Sheet(sheet.id, sheet.title, 0, 0)
        tab.restore(sheet.snapshot())
        twin.sheets.append(tab)
    return twin


def delete(call: Call) -> None:
    call.store.delete(call.book.id)


def _body(request: Request) -> Json:
    """The metadata that was sent, without nulls. Names that no file has are overlooked, as Drive does."""
    body = {name: value for name, value in parse_body(request).items() if value is not None and name in FIELDS}
    for name, value in body.items():
        if name not in TAKEN:
            raise not_here(f"keep a file's {name}")
        wanted = list if name == "parents" else bool if name in ("starred", "trashed") else str
        if not isinstance(value, wanted):
            raise not_here(f"take {value!r} as a file's {name}; give a {wanted.__name__}")
    return body


def _take_up(book: Spreadsheet, body: Json) -> None:
    book.parents = [str(each) for each in body.get("parents", book.parents)]
    book.description = body.get("description", book.description)
    book.starred = body.get("starred", book.starred)
    book.trashed = body.get("trashed", book.trashed)


def _listed(text: str | None) -> list[str]:
    return [each for each in (text or "").split(",") if each]
