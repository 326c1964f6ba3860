"""The paths of the API: which method, whether it reads or writes, which messages go in and out."""

from __future__ import annotations

import re
from dataclasses import dataclass

STANDARD = "fields alt key access_token oauth_token prettyPrint quotaUser callback uploadType upload_protocol"
STANDARD_QUERY = frozenset(STANDARD.split())
RENDERING = "majorDimension valueRenderOption dateTimeRenderOption"
WRITING = "valueInputOption includeValuesInResponse responseValueRenderOption responseDateTimeRenderOption"
BOOK = r"/v4/spreadsheets/(?P<id>[^/:]+)"
SIMPLE = r"(?P<range>.+)"


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is the handler; `kind` is read, write or other; messages are checked when given."""

    name: str
    method: str
    pattern: re.Pattern[str]
    kind: str
    query: frozenset[str]
    takes: str = ""
    gives: str = ""


def _route(name: str, method: str, path: str, kind: str, query: str = "", takes: str = "", gives: str = "") -> Route:
    return Route(name, method, re.compile(path + r"\Z"), kind, frozenset(query.split()), takes, gives)


ROUTES = (
    _route("create", "POST", "/v4/spreadsheets", "write", "", "Spreadsheet", "Spreadsheet"),
    _route(
        "get",
        "GET",
        BOOK,
        "read",
        "ranges includeGridData excludeTablesInBandedRanges commentsViewMode",
        "",
        "Spreadsheet",
    ),
    _route(
        "batch_update",
        "POST",
        BOOK + ":batchUpdate",
        "write",
        "",
        "BatchUpdateSpreadsheetRequest",
        "BatchUpdateSpreadsheetResponse",
    ),
    _route(
        "get_by_filter",
        "POST",
        BOOK + ":getByDataFilter",
        "read",
        "",
        "GetSpreadsheetByDataFilterRequest",
        "Spreadsheet",
    ),
    _route(
        "copy_to",
        "POST",
        BOOK + r"/sheets/(?P<sheet>\d+):copyTo",
        "write",
        "",
        "CopySheetToAnotherSpreadsheetRequest",
        "SheetProperties",
    ),
    _route(
        "metadata_get",
        "GET",
        BOOK + r"/developerMetadata/(?P<entry>\d+)",
        "read",
        "",
        "",
        "DeveloperMetadata",
    ),
    _route(
        "metadata_search",
        "POST",
        BOOK + "/developerMetadata:search",
        "read",
        "",
        "SearchDeveloperMetadataRequest",
        "SearchDeveloperMetadataResponse",
    ),
    _route(
        "values_batch_get",
        "GET",
        BOOK + "/values:batchGet",
        "read",
        f"ranges {RENDERING}",
        "",
        "BatchGetValuesResponse",
    ),
    _route(
        "values_batch_update",
        "POST",
        BOOK + "/values:batchUpdate",
        "write",
        "",
        "BatchUpdateValuesRequest",
        "BatchUpdateValuesResponse",
    ),
    _route(
        "values_batch_clear",
        "POST",
        BOOK + "/values:batchClear",
        "write",
        "",
        "BatchClearValuesRequest",
        "BatchClearValuesResponse",
    ),
    _route(
        "values_batch_get_by_filter",
        "POST",
        BOOK + "/values:batchGetByDataFilter",
        "read",
        "",
        "BatchGetValuesByDataFilterRequest",
        "BatchGetValuesByDataFilterResponse",
    ),
    _route(
        "values_batch_update_by_filter",
        "POST",
        BOOK + "/values:batchUpdateByDataFilter",
        "write",
        "",
        "BatchUpdateValuesByDataFilterRequest",
        "BatchUpdateValuesByDataFilterResponse",
    ),
    _route(
        "values_batch_clear_by_filter",
        "POST",
        BOOK + "/values:batchClearByDataFilter",
        "write",
        "",
        "BatchClearValuesByDataFilterRequest",
        "BatchClearValuesByDataFilterResponse",
    ),
    _route(
        "values_append",
        "POST",
        BOOK + f"/values/{SIMPLE}:append",
        "write",
        f"{WRITING} insertDataOption",
        "ValueRange",
        "AppendValuesResponse",
    ),
    _route(
        "values_clear",
        "POST",
        BOOK + f"/values/{SIMPLE}:clear",
        "write",
        "",
        "ClearValuesRequest",
        "ClearValuesResponse",
    ),
    _route("values_get", "GET", BOOK + f"/values/{SIMPLE}", "read", RENDERING, "", "ValueRange"),
    _route(
        "values_update",
        "PUT",
        BOOK + f"/values/{SIMPLE}",
        "write",
        WRITING,
        "ValueRange",
        "UpdateValuesResponse",
    ),
)
