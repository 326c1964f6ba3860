"""Make a spreadsheet for an account, and find out what it may do with one that is there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sheetsync.errors import AccessDenied, AmbiguousOutcome, RequestRefused, SheetsyncError, SpreadsheetGone
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.owning import prove_writable
from sheetsync.sheets.reading import COMPACT
from sheetsync.sheets.requests import compact

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
SHOWN = "spreadsheetId,spreadsheetUrl"
LOOKS = (1.0, 4.0)
"""Seconds before each look for a spreadsheet that may or may not have been made."""


@dataclass(frozen=True, slots=True)
class Made:
    """A spreadsheet that is there now."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What an account may do with a spreadsheet. `reason`: Google's words, where it is another than these."""

    state: Literal["writable", "read_only", "not_shared", "gone", "unusable"]
    title: str = ""
    reason: str = ""


def create(
    client: SheetsClient, drive: SheetsClient, *, title: str, tab: str, time_zone: str, sleep: Callable[[float], None]
) -> Made:
    """Make a spreadsheet with one tab. Raises AmbiguousOutcome where nobody can tell whether it was made.

    Its tab gets an id drawn by lot, by which it is known again: after a lost reply it is looked for among the account's
    spreadsheets of this name, through Drive. A second call makes a second one.
    """
    token = secrets.randbelow(2**31 - 1) + 1
    try:
        return _create(client, title, tab, time_zone, token)
    except AmbiguousOutcome as error:
        for pause in LOOKS:
            sleep(pause)
            if found := _look_for(client, drive, title, token):
                return found
        raise AmbiguousOutcome(
            f"Google did not confirm that spreadsheet {title!r} was made: look for it in the account's Drive, and try "
            "again if it is not there"
        ) from error


def reach(client: SheetsClient, spreadsheet_id: str) -> Reach:
    """Look at it, and try to write to it: something that one call makes and takes away again."""
    if not ID.fullmatch(spreadsheet_id):
        return Reach("unusable", reason="this is no spreadsheet id")
    path, params = f"/v4/spreadsheets/{spreadsheet_id}", (("fields", "properties.title"), COMPACT)
    try:
        book = client.read("get", path, params=params)
    except SpreadsheetGone:
        return Reach("gone")
    except AccessDenied:
        return Reach("not_shared")
    except RequestRefused as error:  # an Excel file in Drive, say
        return Reach("unusable", reason=str(error))
    title = str(book.get("properties", {}).get("title", ""))
    try:
        prove_writable(client, spreadsheet_id)
    except (AccessDenied, RequestRefused):
        return Reach("read_only", title)
    return Reach("writable", title)


def _create(client: SheetsClient, title: str, tab: str, time_zone: str, token: int) -> Made:
    properties = {"title": title, "timeZone": time_zone}
    body = {"properties": properties, "sheets": [{"properties": {"sheetId": token, "title": tab}}]}
    params = (("fields", SHOWN), COMPACT)
    try:
        return _made(client.create(compact(body).encode(), params))
    except RequestRefused:
        # The one thing in it that a tenant's settings may say in a way that Google does not know.
        del properties["timeZone"]
        return _made(client.create(compact(body).encode(), params))


def _look_for(client: SheetsClient, drive: SheetsClient, title: str, token: int) -> Made | None:
    name = title.replace("\\", "\\\\").replace("'", "\\'")
    query = f"name = '{name}' and mimeType = '{SPREADSHEET}' and trashed = false"
    params = (("q", query), ("orderBy", "createdTime desc"), ("pageSize", "10"), ("fields", "files(id)"))
    try:
        for file in drive.read("get", "/drive/v3/files", params=params).get("files", []):
            mask = (("fields", f"{SHOWN},sheets(properties(sheetId))"), COMPACT)
            book = client.read("get", f"/v4/spreadsheets/{file['id']}", params=mask)
            if any(sheet["properties"]["sheetId"] == token for sheet in book.get("sheets", [])):
                return _made(book)
    except SheetsyncError:  # Drive's API may be switched off, or out of this account's scopes
        return None
    return None


def _made(reply: Any) -> Made:
    return Made(str(reply["spreadsheetId"]), str(reply["spreadsheetUrl"]))
