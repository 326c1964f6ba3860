"""The API's methods by the names and scopes Google gives them: sheets.v4 and drive.v3 of the discovery documents."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetsync.emulator.api.routes import Route
from sheetsync.emulator.oauth.scopes import (
    DRIVE,
    DRIVE_FILE,
    DRIVE_READONLY,
    METADATA,
    METADATA_READONLY,
    PREFIX,
    READ,
    WRITE,
)
from sheetsync.emulator.wire import Request

#: Routes whose read-only scopes suffice; every other one takes a scope that may write.
READABLE = frozenset({"get", "values_get", "values_batch_get"})
#: The part after google.apps.sheets.v4.SpreadsheetsService; a request message is named <method>Request.
NAMES = {
    "create": "CreateSpreadsheet",
    "get": "GetSpreadsheet",
    "get_by_filter": "GetSpreadsheetByDataFilter",
    "batch_update": "BatchUpdateSpreadsheet",
    "metadata_get": "GetDeveloperMetadata",
    "metadata_search": "SearchDeveloperMetadata",
    "copy_to": "CopySheetToAnotherSpreadsheet",
    "values_get": "GetValues",
    "values_batch_get": "BatchGetValues",
    "values_batch_get_by_filter": "BatchGetValuesByDataFilter",
    "values_update": "UpdateValues",
    "values_append": "AppendValues",
    "values_clear": "ClearValues",
    "values_batch_update": "BatchUpdateValues",
    "values_batch_update_by_filter": "BatchUpdateValuesByDataFilter",
    "values_batch_clear": "BatchClearValues",
    "values_batch_clear_by_filter": "BatchClearValuesByDataFilter",
}

APPDATA, MEET, PHOTOS = PREFIX + "drive.appdata", PREFIX + "drive.meet.readonly", PREFIX + "drive.photos.readonly"
SCRIPTS = PREFIX + "drive.scripts"
SEE = frozenset({DRIVE, DRIVE_FILE, DRIVE_READONLY, METADATA, METADATA_READONLY, MEET, PHOTOS})
MAKE = frozenset({DRIVE, DRIVE_FILE, APPDATA})
DOWNLOAD = frozenset({DRIVE, DRIVE_FILE, DRIVE_READONLY, MEET})
FILE = r"(?:/upload)?/drive/v[23]/files/(?P<id>[^/]+)"


@dataclass(frozen=True, slots=True)
class Method:
    """`needs` is what the caller must be able to do with the file: "read", "write", "own", or "" without a file."""

    service: str
    name: str
    scopes: frozenset[str]
    needs: str


def _drive(verb: str, path: str, name: str, scopes: frozenset[str], needs: str) -> tuple[str, re.Pattern[str], Method]:
    method = Method("drive.googleapis.com", f"google.apps.drive.v3.{name}", scopes, needs)
    return verb, re.compile(path + r"/?\Z"), method


DRIVE_METHODS = (
    _drive("GET", "/drive/v3/files", "DriveFiles.List", SEE | {APPDATA}, ""),
    _drive("POST", "(?:/upload)?/drive/v3/files", "DriveFiles.Create", MAKE, ""),
    _drive("GET", FILE, "DriveFiles.Get", SEE | {APPDATA}, "read"),
    _drive("DELETE", FILE, "DriveFiles.Delete", MAKE, "own"),
    _drive("PATCH", FILE, "DriveFiles.Update", MAKE | {METADATA, SCRIPTS}, "write"),
    _drive("PUT", FILE, "DriveFiles.Update", MAKE | {METADATA, SCRIPTS}, "write"),
    _drive("POST", FILE + "/copy", "DriveFiles.Copy", MAKE | {PHOTOS}, "read"),
    _drive("GET", FILE + "/export", "DriveFiles.Export", DOWNLOAD, "read"),
    _drive("GET", "/drive/v3/about", "DriveAbout.Get", (SEE | {APPDATA}) - {MEET}, ""),
    _drive("GET", FILE + "/comments", "DriveComments.List", DOWNLOAD, "read"),
    _drive("GET", FILE + "/permissions", "DrivePermissions.List", SEE, "read"),
    _drive("POST", FILE + "/permissions", "DrivePermissions.Create", frozenset({DRIVE, DRIVE_FILE}), "write"),
    _drive("GET", FILE + "/permissions/[^/]+", "DrivePermissions.Get", SEE, "read"),
    _drive("PATCH", FILE + "/permissions/[^/]+", "DrivePermissions.Update", frozenset({DRIVE, DRIVE_FILE}), "write"),
    _drive("DELETE", FILE + "/permissions/[^/]+", "DrivePermissions.Delete", frozenset({DRIVE, DRIVE_FILE}), "write"),
)


def sheets_method(route: Route) -> Method:
    """What a route of the Sheets API is called and takes."""
    scopes = READ if route.name in READABLE else WRITE
    # copyTo is counted as a write, which its target is; of the file in its path it only reads.
    needs = "" if route.name == "create" else "read" if route.kind == "read" or route.name == "copy_to" else "write"
    name = NAMES.get(route.name) or route.name.title().replace("_", "")
    return Method("sheets.googleapis.com", f"google.apps.sheets.v4.SpreadsheetsService.{name}", scopes, needs)


def drive_method(request: Request) -> tuple[Method, str] | None:
    """What a Drive call is called and takes, and its file's id ("" without one); None for a path not listed."""
    for verb, path, method in DRIVE_METHODS:
        if verb == request.method and (found := path.match(request.path)):
            return method, found.groupdict().get("id") or ""
    return None
