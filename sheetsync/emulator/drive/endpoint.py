"""Drive: which act a call is. Files are spreadsheets only; v2 is there for `import_csv` of gspread alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sheetsync.emulator.drive import files, permissions
from sheetsync.emulator.drive.call import DEFAULT, Call, shown
from sheetsync.emulator.drive.errors import not_here
from sheetsync.emulator.drive.export import export
from sheetsync.emulator.drive.query import matching, ordered, page, page_size
from sheetsync.emulator.drive.upload import upload_v2, upload_v3
from sheetsync.emulator.store import Store
from sheetsync.emulator.wire import Facts, Request, Response, json_response

Json = dict[str, Any]
PATH = re.compile(
    r"(?P<upload>/upload)?/drive/(?P<version>v[23])/(?P<resource>files|about)(?:/(?P<file>[^/]+))?"
    r"(?:/(?P<part>[a-z]+))?(?:/(?P<item>[^/]+))?/?\Z"
)
LIST_FIELDS = frozenset(("kind", "nextPageToken", "incompleteSearch", "files"))
COMMENT_FIELDS = frozenset(("kind", "nextPageToken", "comments"))
ABOUT = """
appInstalled canCreateDrives canCreateTeamDrives driveThemes exportFormats folderColorPalette importFormats kind
maxImportSizes maxUploadSize storageQuota teamDriveThemes user
"""
ABOUT_FIELDS = frozenset(ABOUT.split())
#: A deletion is answered so (recorded).
NO_CONTENT = Response(status=204, headers={"Content-Type": "text/html"}, body=b"")


def handles(request: Request) -> bool:
    return request.path.startswith(("/drive/", "/upload/drive/"))


def answer(store: Store, request: Request, facts: Facts) -> Response:
    """One Drive call. Raises ApiError."""
    found = PATH.match(request.path)
    act = None if found is None else ACTS.get(_name(request.method, found))
    if found is None or act is None:
        raise not_here(f"answer {request.method} on {request.path}")
    reply = act(Call(store, request, facts, unquote(found["file"] or ""), unquote(found["item"] or "")))
    if isinstance(reply, Response):
        return reply
    return NO_CONTENT if reply is None else json_response(200, reply)


def _name(method: str, found: re.Match[str]) -> str:
    """`PATCH v3/files/{}/permissions/{}`: the call without its ids."""
    parts = [found["version"], (found["upload"] or "/").removeprefix("/"), found["resource"]]
    parts += [part for part, given in (("{}", "file"), (found["part"], "part"), ("{}", "item")) if found[given]]
    return f"{method} {'/'.join(filter(None, parts))}"


def _list(call: Call) -> Json:
    """Newest first, unless `orderBy` says otherwise. What is wrong is refused in Drive's order (measured)."""
    param = call.request.param
    size = page_size(param("pageSize"))
    found = [files.file_json(book, call.facts.user) for book in reversed(call.store.books.values())]
    found = matching(param("q") or "", ordered(param("orderBy") or "", found))
    listed, following = page(param("pageToken"), size, found)
    mask = call.mask(f"kind,nextPageToken,incompleteSearch,files({DEFAULT})", LIST_FIELDS, inside="files")
    token = {} if following is None else {"nextPageToken": following}
    return shown(mask, {"kind": "drive#fileList", "incompleteSearch": False, **token, "files": listed})


def _comments(call: Call) -> Json:
    """There are none (recorded: an empty list)."""
    mask = call.needed_mask(COMMENT_FIELDS)
    return shown(mask, {"kind": "drive#commentList", "comments": []} if call.book else {})


def _about(call: Call) -> Json:
    """Who calls. Space is not counted here."""
    user = files.user_json(call.facts.user, call.facts.user)
    return shown(call.needed_mask(ABOUT_FIELDS), {"kind": "drive#about", "user": user})


ACTS: dict[str, Callable[[Call], Json | Response | None]] = {
    "GET v3/about": _about,
    "GET v3/files": _list,
    "POST v3/files": files.create,
    "GET v3/files/{}": files.get,
    "PATCH v3/files/{}": files.update,
    "DELETE v3/files/{}": files.delete,
    "POST v3/files/{}/copy": files.copy_file,
    "GET v3/files/{}/export": export,
    "GET v3/files/{}/comments": _comments,
    "GET v3/files/{}/permissions": permissions.listed,
    "POST v3/files/{}/permissions": permissions.create,
    "GET v3/files/{}/permissions/{}": permissions.get,
    "PATCH v3/files/{}/permissions/{}": permissions.update,
    "DELETE v3/files/{}/permissions/{}": permissions.delete,
    "PUT v2/upload/files/{}": upload_v2,
    "PATCH v3/upload/files/{}": upload_v3,
}
