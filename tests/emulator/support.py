"""A client that speaks JSON to the emulator without sockets, and short forms of requests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sheetsync.emulator import Emulator, Request, Response
from sheetsync.emulator.api import schema
from sheetsync.emulator.api import sheets as api
from sheetsync.emulator.grid.sheet import Sheet

Json = dict[str, Any]
TOKEN = {"Authorization": "Bearer ya29.test"}


class Client:
    """Calls one spreadsheet of one emulator in process."""

    def __init__(self, emulator: Emulator, spreadsheet_id: str) -> None:
        self.emulator = emulator
        self.id = spreadsheet_id

    @property
    def sheet(self) -> Sheet:
        return self.emulator.spreadsheet(self.id).sheets[0]

    def send(self, method: str, path: str, body: Any = None, **query: str | list[str]) -> Response:
        """Any call; `path` continues /v4/spreadsheets/{id}. A good reply must fit the message it is."""
        pairs = [(k, v) for k, many in query.items() for v in ([many] if isinstance(many, str) else many)]
        data = b"" if body is None else json.dumps(body).encode()
        full = f"/v4/spreadsheets/{self.id}{path}"
        request = Request(method=method, path=full, query=pairs, headers=TOKEN, body=data)
        response = self.emulator.handle(request)
        found = api.match(request)
        if response.status == 200 and found is not None and found[0].gives:
            schema.check(found[0].gives, response.json())
        return response

    def batch(self, *requests: Json, **query: str) -> Response:
        return self.send("POST", ":batchUpdate", {"requests": list(requests)}, **query)

    def ok(self, *requests: Json) -> list[Json]:
        """A batch that must succeed; its replies."""
        response = self.batch(*requests)
        assert response.status == 200, response.body
        return list(response.json()["replies"])

    def refusal(self, *requests: Json) -> str:
        """The message of a batch that must be refused with 400."""
        response = self.batch(*requests)
        assert response.status == 400, response.body
        return str(response.json()["error"]["message"])

    def put(self, range_: str, values: list[list[Any]], option: str = "RAW", **query: str) -> Response:
        return self.send("PUT", f"/values/{range_}", {"values": values}, valueInputOption=option, **query)

    def read(self, range_: str, **query: str) -> Any:
        return self.send("GET", f"/values/{range_}", **query).json()


def cells(*rows: Iterable[Any]) -> list[Json]:
    """RowData of plain values."""
    return [{"values": [_cell(value) for value in row]} for row in rows]


def _cell(value: Any) -> Json:
    if value is None:
        return {}
    kind = "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    return {"userEnteredValue": {kind: value}}


def write(row: int, column: int, *rows: Iterable[Any], sheet_id: int = 0) -> Json:
    """An updateCells request for plain values."""
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": cells(*rows), "fields": "userEnteredValue"}}


def marker(entry_id: int, location: Json | None = None, key: str = "k", value: str = "v") -> Json:
    """A createDeveloperMetadata request."""
    entry = {"metadataId": entry_id, "metadataKey": key, "metadataValue": value, "visibility": "DOCUMENT"}
    entry["location"] = location if location is not None else {"sheetId": 0}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def line(dimension: str, start: int, end: int | None = None) -> Json:
    """A DimensionRange on the first tab."""
    last = start + 1 if end is None else end
    return {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": last}


def area(top: int, left: int, bottom: int, right: int, sheet_id: int | None = None) -> Json:
    """A GridRange, half-open; on the first tab unless told."""
    sides = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    return sides if sheet_id is None else {"sheetId": sheet_id, **sides}


def shown(client: Client, name: str) -> Any:
    """A field of the first tab as spreadsheets.get shows it, None when it is left out."""
    return client.send("GET", "", fields=f"sheets.{name}").json()["sheets"][0].get(name)


def style(top: int, left: int, bottom: int, right: int, **form: Any) -> Json:
    """A repeatCell request that sets the named parts of the format."""
    fields = ",".join(f"userEnteredFormat.{name}" for name in form)
    return {
        "repeatCell": {"range": area(top, left, bottom, right), "cell": {"userEnteredFormat": form}, "fields": fields}
    }


def call(emulator: Emulator, method: str, path: str, body: Any = None, **query: str) -> Response:
    """Any call of the emulator; a body of bytes goes as it is, anything else as JSON."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return emulator.handle(Request(method=method, path=path, query=list(query.items()), headers=TOKEN, body=data))
