"""With strict_auth: may this caller, with these scopes, do this to that file?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sheetsync.emulator.api.routes import Route
from sheetsync.emulator.api.sheets import parse_body
from sheetsync.emulator.errors import ApiError, file_not_found, forbidden, not_found
from sheetsync.emulator.oauth.errors import insufficient_file_permissions, scope_insufficient
from sheetsync.emulator.oauth.methods import Method, drive_method, sheets_method
from sheetsync.emulator.oauth.scopes import DRIVE_FILE, REACH_ALL
from sheetsync.emulator.sharing import role_of
from sheetsync.emulator.store import Store
from sheetsync.emulator.wire import Request

Found = tuple[Route, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, through which project, with which scopes."""

    email: str
    project: str = ""
    scopes: frozenset[str] = frozenset()


def method_of(request: Request, found: Found | None) -> tuple[Method, str] | None:
    """The called method and the id of the file it is about; None for what is no method of either API."""
    if found is not None:
        return sheets_method(found[0]), found[1].get("id", "")
    called = drive_method(request)
    return None if called is None else (called[0], unquote(called[1]))


def check_scopes(request: Request, found: Found | None, caller: Caller) -> None:
    """Raises 403 when none of the token's scopes is one that the method takes."""
    called = method_of(request, found)
    if called is not None and not caller.scopes & called[0].scopes:
        raise scope_insufficient(called[0].service, called[0].name)


def check_file(store: Store, request: Request, found: Found | None, caller: Caller) -> None:
    """Raises 403 or 404 when the file is out of the caller's reach. What does not exist is the method's business."""
    called = method_of(request, found)
    if called is None or not called[1]:
        return
    method, file_id = called
    _check(store, method, file_id, caller, method.needs)
    if found is not None and found[0].name == "copy_to":
        target = parse_body(request).get("destinationSpreadsheetId")
        _check(store, method, str(target or ""), caller, "write")


def _check(store: Store, method: Method, file_id: str, caller: Caller, needs: str) -> None:
    if file_id not in store.books:
        return
    drive = method.service == "drive.googleapis.com"
    if not reaches(store, method, file_id, caller):
        raise file_not_found(file_id) if drive else _out_of_reach(store, file_id, caller)
    role = role_of(store.books[file_id], caller.email)
    if (needs == "write" and role == "reader") or (needs == "own" and role != "owner"):
        raise insufficient_file_permissions() if drive else forbidden()


def _out_of_reach(store: Store, file_id: str, caller: Caller) -> ApiError:
    """403 for a file of others (recorded). For one's own that a drive.file token has not picked, 404 (assumed)."""
    return not_found() if role_of(store.books[file_id], caller.email) else forbidden()


def reaches(store: Store, method: Method, file_id: str, caller: Caller) -> bool:
    """Is the file shared with the caller, and within what the token's scopes reach?"""
    if role_of(store.books[file_id], caller.email) is None:
        return False
    useful = caller.scopes & method.scopes
    if useful & REACH_ALL:
        return True
    return DRIVE_FILE in useful and store.picked(file_id, caller.email, caller.project)


def seen_by(store: Store, request: Request, caller: Caller) -> Store:
    """A view of the store for a Drive listing, with only the files in the caller's reach."""
    called = drive_method(request)
    if called is None or request.method != "GET" or called[1]:
        return store
    view = Store()
    view.books = {each: book for each, book in store.books.items() if reaches(store, called[0], each, caller)}
    return view
