"""Random calls by several users on several files: every file stays in order, and a restart changes nothing."""

from __future__ import annotations

import json
import os
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sheetsync.emulator import ApiError, Emulator, Request
from tests.emulator import invariants
from tests.emulator.dump import dump_all
from tests.emulator.examples import furnished
from tests.emulator.random_requests import CELL, RANGES, ROWS, requests
from tests.emulator.support import TOKEN, Client

TRIALS = int(os.environ.get("SHEETSYNC_TRIALS", "150"))
"""Sequences; `make chaos` asks for more."""

BATCHES = st.lists(requests(), min_size=1, max_size=4)
OPTIONS = st.sampled_from(["RAW", "USER_ENTERED", "", "OTHER"])


class Calls(RuleBasedStateMachine):
    """One emulator with a data directory, and one file that has one of everything to begin with."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.emulator = Emulator(self.folder.name)
        self.clients: list[Client] = []
        self.state: Any = None

    @initialize()
    def furnish(self) -> None:
        book = self.emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders")
        self.clients.append(furnished(Client(self.emulator, book)))
        self.state = dump_all(self.emulator)

    def sent(self, client: Client, *call: Any, **query: Any) -> None:
        """A call that may be refused, and then has changed nothing. Its reply fits its message (see Client.send)."""
        response = client.send(*call, **query)
        assert response.status in (200, 400, 404), response.body
        now = dump_all(self.emulator)
        if response.status != 200:
            assert now == self.state
        elif call[1] == ":batchUpdate":
            assert len(response.json()["replies"]) == len(call[2]["requests"])
        self.state = now

    @rule(which=st.integers(0, 5), batch=BATCHES)
    def robot_batch(self, which: int, batch: list[Any]) -> None:
        self.sent(self.clients[which % len(self.clients)], "POST", ":batchUpdate", {"requests": batch})

    @rule(which=st.integers(0, 5), batch=BATCHES, ranges=st.lists(RANGES, max_size=2), grid=st.booleans())
    def batch_with_echo(self, which: int, batch: list[Any], ranges: list[str], grid: bool) -> None:
        asked = {"includeSpreadsheetInResponse": True, "responseRanges": ranges, "responseIncludeGridData": grid}
        self.sent(self.clients[which % len(self.clients)], "POST", ":batchUpdate", {"requests": batch, **asked})

    @rule(which=st.integers(0, 5), batch=BATCHES)
    def owners_batch(self, which: int, batch: list[Any]) -> None:
        try:
            self.emulator.person.do(self.clients[which % len(self.clients)].id, *batch)
        except ApiError:
            assert dump_all(self.emulator) == self.state
        self.state = dump_all(self.emulator)

    @rule(target_range=RANGES, rows=ROWS, option=OPTIONS, columns=st.booleans())
    def put(self, target_range: str, rows: list[Any], option: str, columns: bool) -> None:
        body = {"values": rows, "majorDimension": "COLUMNS" if columns else "ROWS"}
        self.sent(self.clients[0], "PUT", f"/values/{target_range}", body, valueInputOption=option)

    @rule(target_range=RANGES, rows=ROWS, insert=st.sampled_from(["INSERT_ROWS", "OVERWRITE"]))
    def append(self, target_range: str, rows: list[Any], insert: str) -> None:
        query = {"valueInputOption": "USER_ENTERED", "insertDataOption": insert}
        self.sent(self.clients[0], "POST", f"/values/{target_range}:append", {"values": rows}, **query)

    @rule(ranges=st.lists(RANGES, max_size=3), cell=CELL)
    def batch_values(self, ranges: list[str], cell: Any) -> None:
        data = [{"range": each, "values": [[cell]]} for each in ranges]
        body = {"valueInputOption": "USER_ENTERED", "data": data}
        self.sent(self.clients[0], "POST", "/values:batchUpdate", body)

    @rule(ranges=st.lists(RANGES, max_size=3))
    def batch_clear(self, ranges: list[str]) -> None:
        self.sent(self.clients[0], "POST", "/values:batchClear", {"ranges": ranges})

    @precondition(lambda self: len(self.clients) < 3)
    @rule(title=st.sampled_from(["Two", "Orders", "", "two"]), rows=st.sampled_from([3, 0, 10**7]))
    def create(self, title: str, rows: int) -> None:
        tabs = [{"properties": {"title": name, "gridProperties": {"rowCount": rows}}} for name in ("Two", title)]
        body = json.dumps({"properties": {"title": "More"}, "sheets": tabs}).encode()
        response = self.emulator.handle(Request(method="POST", path="/v4/spreadsheets", headers=TOKEN, body=body))
        now = dump_all(self.emulator)
        if response.status == 200:
            self.clients.append(Client(self.emulator, response.json()["spreadsheetId"]))
        else:
            assert now == self.state
        self.state = now

    @precondition(lambda self: len(self.clients) < 3)
    @rule(which=st.integers(0, 2))
    def copy_file(self, which: int) -> None:
        path = f"/drive/v3/files/{self.clients[which % len(self.clients)].id}/copy"
        response = self.emulator.handle(Request(method="POST", path=path, headers=TOKEN, body=b"{}"))
        self.clients.append(Client(self.emulator, response.json()["id"]))
        self.state = dump_all(self.emulator)

    @rule(which=st.integers(0, 2), to=st.integers(0, 2), tab=st.sampled_from([0, 2, 77]))
    def copy_tab(self, which: int, to: int, tab: int) -> None:
        body = {"destinationSpreadsheetId": self.clients[to % len(self.clients)].id}
        self.sent(self.clients[which % len(self.clients)], "POST", f"/sheets/{tab}:copyTo", body)

    @precondition(lambda self: len(self.clients) > 1)
    @rule()
    def delete(self) -> None:
        path = f"/drive/v3/files/{self.clients.pop().id}"
        assert self.emulator.handle(Request(method="DELETE", path=path, headers=TOKEN)).status == 204
        self.state = dump_all(self.emulator)

    @rule(compact=st.booleans())
    def restart(self, compact: bool) -> None:
        """By replay of the journal, or from a snapshot."""
        if compact:
            self.emulator.compact()
        self.emulator.close()
        self.emulator = Emulator(self.folder.name)
        for client in self.clients:
            client.emulator = self.emulator
        assert dump_all(self.emulator) == self.state

    @invariant()
    def every_file_is_in_order(self) -> None:
        for client in self.clients:
            invariants.check(self.emulator.spreadsheet(client.id))

    @invariant()
    def every_file_can_be_shown(self) -> None:
        for client in self.clients:
            assert client.send("GET", "").status == 200

    def teardown(self) -> None:
        if self.clients:
            self.restart(False)
        for client in self.clients:
            assert client.send("GET", "", includeGridData="true").status == 200
        self.emulator.close()
        self.folder.cleanup()


TestCalls = Calls.TestCase
TestCalls.settings = settings(
    max_examples=TRIALS,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
