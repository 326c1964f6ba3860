"""Emulators that do not keep one promise: the machinery. `laxities.py` has them all.

A laxity stands between the caller and the emulator: it changes what is asked, or what is answered, or does something
more. It knows the emulator's HTTP interface and, where that does not tell, the tab's `rows`, `columns` and `filter`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sheetsync.emulator import Emulator, Request, Response

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request on its way to the emulator."""

    emulator: LaxEmulator
    request: Request
    forward: Callable[[Request], Response]

    @property
    def is_batch(self) -> bool:
        return self.request.path.endswith(":batchUpdate")

    @property
    def body(self) -> Json:
        found: Json = json.loads(self.request.body or b"{}")
        return found

    @property
    def requests(self) -> list[Json]:
        return self.body["requests"] if self.is_batch else []

    @property
    def book(self) -> str:
        return self.request.path.split("/")[3].partition(":")[0]

    def sheet(self, sheet_id: int):
        """The live tab."""
        return self.emulator.spreadsheet(self.book).sheet(id=sheet_id)

    def passed(self, body: Json | None = None) -> Response:
        """What the emulator does with this body instead."""
        if body is None:
            return self.forward(self.request)
        return self.forward(replace(self.request, body=json.dumps(body).encode()))

    def batch(self, *requests: Json) -> Response:
        """Another batch, beside the one that was asked for."""
        path = f"/v4/spreadsheets/{self.book}:batchUpdate"
        body = json.dumps({"requests": requests}).encode()
        return self.forward(Request(method="POST", path=path, headers=self.request.headers, body=body))

    def refuse(self, message: str, status: int = 400) -> Response:
        return answer({"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}, status)


@dataclass(frozen=True)
class Laxity:
    """`act` answers a call; `found_by` are the probes that see it, the one it was made for first."""

    act: Callable[[Call], Response]
    found_by: tuple[str, ...]


class LaxEmulator(Emulator):
    """An emulator with one laxity."""

    def __init__(self, laxity: str) -> None:
        super().__init__()
        self.laxity = LAXITIES[laxity]
        self.remembered: set[int] = set()

    def perform(self, request: Request) -> Response:
        return self.laxity.act(Call(self, request, super().perform))


@dataclass
class Registry:
    """The laxities by name, filled by the decorators below."""

    found: dict[str, Laxity] = field(default_factory=dict)

    def calls(self, *found_by: str):
        """The function answers a call itself."""

        def add(function):
            self.found[function.__name__] = Laxity(function, found_by)
            return function

        return add

    def requests(self, *found_by: str):
        """The function gives the requests of a batch as they are applied instead."""

        def add(function):
            def act(call: Call) -> Response:
                if not call.is_batch:
                    return call.passed()
                return call.passed(call.body | {"requests": function(call, call.requests)})

            self.found[function.__name__] = Laxity(act, found_by)
            return function

        return add

    def replies(self, path_end: str, *found_by: str):
        """The function changes, in place, the JSON of accepted calls whose path ends like this."""

        def add(function):
            def act(call: Call) -> Response:
                response = call.passed()
                if response.status != 200 or not call.request.path.endswith(path_end):
                    return response
                reply = response.json()
                function(call, reply)
                return answer(reply)

            self.found[function.__name__] = Laxity(act, found_by)
            return function

        return add


def answer(body: Json, status: int = 200) -> Response:
    return Response(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())


def kind_of(request: Json) -> str:
    return next(iter(request))


def makes_a_tab(requests):
    """Whether these are a tab's first requests: most laxities wait until it is there."""
    return any("addSheet" in request for request in requests)


def written(requests: list[Json]) -> list[Json]:
    """Every cell that these requests write."""
    rows = [row for request in requests for row in request.get("updateCells", {}).get("rows", [])]
    return [cell for row in rows for cell in row.get("values", [])]


def change_texts(requests: list[Json], change: Callable[[str], Json]) -> list[Json]:
    """The same requests with other values where `change` has one for a text."""
    for cell in written(requests):
        text = cell.get("userEnteredValue", {}).get("stringValue")
        if text is not None:
            cell["userEnteredValue"] = change(text)
    return requests


def blocks_of(reply: Json) -> list[Json]:
    """The GridData of a reply, of whatever tab."""
    shown = reply.get("updatedSpreadsheet", reply)
    return [block for sheet in shown.get("sheets", []) for block in sheet.get("data", [])]


LAX = Registry()
LAXITIES = LAX.found
