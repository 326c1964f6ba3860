"""The only tabs that a check touches: made for one probe each, under ids of our choice, and taken away again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sheetsync.errors import AmbiguousOutcome, QuotaWait, RequestRefused, Retryable, SheetsyncError, SpreadsheetGone
from sheetsync.pipeline.records import CommitPlan, Row, Value, fingerprint
from sheetsync.sheets import setup
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.layout import Layout, quoted
from sheetsync.sheets.probes.asking import Broken
from sheetsync.sheets.probes.exchanges import Transcript
from sheetsync.sheets.reading import COMPACT, GRID_MASK, Sight, area, grid_sight, read_rows
from sheetsync.sheets.requests import REPLY_MASK, batch_body, compact, encode_cell, plan_requests, write_cells
from sheetsync.sheets.setup import ColumnSpec

TITLE = "sheetsync check"
REMOVE_TRIES = 5
SPECS = (ColumnSpec("a", "A"), ColumnSpec("b", "B"), ColumnSpec("c", "C"))


class LeftBehind(SheetsyncError):
    """Scratch tabs could not be removed; the message says which, and how to do it by hand."""


class ScratchTabs:
    """All tabs of one check. Their titles begin with `prefix`, which no other tab's does.

    `keep`: leave them in the spreadsheet, to be looked at.
    """

    def __init__(self, client: SheetsClient, spreadsheet_id: str, *, keep: bool = False) -> None:
        self.client = client
        self.spreadsheet_id = spreadsheet_id
        self.keep = keep
        self.prefix = f"{TITLE} {secrets.token_hex(4)}"
        self.transcript = Transcript(client.gateway.session)
        self._number = 0
        self._asked: set[int] = set()
        self._there: set[int] = set()
        self._unsure: set[int] = set()

    def scratch(self, name: str) -> Scratch:
        """A place for one probe: a title and a sheet id, no tab yet."""
        self._number += 1
        self.transcript.clear()
        return Scratch(self, self.new_id(), f"{self.prefix} {self._number:02} {name}")

    def new_id(self) -> int:
        """A sheet id that nobody has; a tab of this id is removed in the end."""
        sheet_id = secrets.randbelow(2**31 - 1) + 1
        self._asked.add(sheet_id)
        return sheet_id

    def make(self, sheet_id: int, requests: Sequence[str], ranges: Sequence[str] = ()) -> Any:
        """Apply requests that make this tab, and remove the tabs of earlier probes in the same call. -> the reply"""
        done = set() if self.keep else self._there - {sheet_id}
        self._there -= done
        self._unsure.add(sheet_id)
        try:
            return self._make([*map(_delete_sheet, done), *requests], ranges, sheet_id)
        except RequestRefused:
            if not done:
                raise
            # Somebody may have removed an earlier tab already. The last look finds out; here only the new one counts.
            return self._make(requests, ranges, sheet_id)

    def _make(self, requests: Sequence[str], ranges: Sequence[str], sheet_id: int) -> Any:
        try:
            reply = self.send(requests, ranges)
        except SheetsyncError as error:
            if not isinstance(error, AmbiguousOutcome):
                self._unsure.discard(sheet_id)
            raise
        self._unsure.discard(sheet_id)
        self._there.add(sheet_id)
        return reply

    def delete(self, sheet_id: int) -> None:
        """Remove one tab, as people do."""
        self.send([_delete_sheet(sheet_id)])
        self._there.discard(sheet_id)

    def remove(self) -> None:
        """Take away whatever is there of this check, and look whether it is gone. Raises LeftBehind."""
        problem: SheetsyncError | str = "they are still there"
        for attempt in range(REMOVE_TRIES):
            try:
                left = self.left()
                if not left:
                    return
                self.send([*map(_delete_sheet, left)])
            except (Retryable, QuotaWait, RequestRefused) as error:
                # Refused: somebody was faster with one of them.
                problem = error
                self.client.pacer.back_off("write", 2.0**attempt)
            except SheetsyncError as error:
                raise LeftBehind(f"{self.by_hand()} ({error})") from error
        raise LeftBehind(f"{self.by_hand()} ({problem})")

    def by_hand(self) -> str:
        """What to do where `remove` cannot."""
        return f'delete every tab of spreadsheet {self.spreadsheet_id} whose title begins with "{self.prefix}"'

    @property
    def doubt(self) -> str:
        """A word on calls that were cut off and not seen to have made a tab: they may yet; "" where there are none."""
        if not self._unsure:
            return ""
        return f"a call without an answer may still be on its way: look in some minutes again, and {self.by_hand()}"

    def left(self) -> list[int]:
        """The ids of this check's tabs that the spreadsheet lists now; read more plainly than an opening reads it."""
        mask = ("fields", "sheets.properties(sheetId,title)")
        reply = self.client.read("get", f"/v4/spreadsheets/{self.spreadsheet_id}", params=[mask, COMPACT])
        listed = [(each["properties"].get("sheetId", 0), each["properties"]["title"]) for each in reply["sheets"]]
        found = [each for each, title in listed if each in self._asked or title.startswith(self.prefix)]
        self._unsure.difference_update(found)
        return found

    def send(self, requests: Iterable[str], ranges: Sequence[str] = ()) -> Any:
        """Apply requests in one call; with ranges as a commit does, whose reply shows them. Raises RequestRefused."""
        if ranges:
            params = [("fields", REPLY_MASK), COMPACT]
            return self.client.batch_update(self.spreadsheet_id, batch_body(requests, ranges), params)
        return self.client.batch_update(self.spreadsheet_id, ('{"requests":[' + ",".join(requests) + "]}").encode())


class Scratch:
    """One probe's tab. `make` or `table` comes first; all requests are built as sheetsync builds its own."""

    def __init__(self, tabs: ScratchTabs, sheet_id: int, title: str) -> None:
        self.tabs = tabs
        self.client = tabs.client
        self.spreadsheet_id = tabs.spreadsheet_id
        self.sheet_id = sheet_id
        self.title = title

    def make(self, *requests: str, rows: int = 6, columns: int = 4) -> None:
        """A plain tab, and these requests in the same call."""
        self.tabs.make(self.sheet_id, [self.add_sheet(rows, columns), *requests])

    def table(self, *keys: str, specs: Sequence[ColumnSpec] = SPECS, then: Iterable[str] = ()) -> Layout:
        """A tab as sheetsync makes it, with a row for each of these orders. -> where everything is"""
        made = setup.create_requests(self.sheet_id, self.title, specs)
        self.tabs.make(self.sheet_id, [*made, *self.inserts(1, *keys, specs=specs), *then])
        return self.layout(2 + len(keys), specs)

    def layout(self, rows: int, specs: Sequence[ColumnSpec] = SPECS) -> Layout:
        """Where everything is in a table of so many rows, the header and the empty one included."""
        width = len(specs) + 2
        return Layout(self.sheet_id, self.title, rows, width, 0, 1, tuple(range(2, width)))

    def inserts(self, at: int, *keys: str, specs: Sequence[ColumnSpec] = SPECS) -> Iterator[str]:
        """The requests with which sheetsync inserts these orders before row `at`, where there are any."""
        plan = CommitPlan(inserts=self.orders(*keys, specs=specs))
        return plan_requests(plan, self.layout(at + 1, specs), at, str)

    def orders(self, *keys: str, specs: Sequence[ColumnSpec] = SPECS) -> tuple[Row, ...]:
        """Rows of made-up cells that tell whose they are: "7 a", "7 b", "7 c"."""
        uids = [spec.uid for spec in specs]
        cells = {key: tuple(f"{key} {uid}" for uid in uids) for key in keys}
        return tuple(Row(key, fingerprint(key, uids, cells[key]), cells[key]) for key in keys)

    def add_sheet(self, rows: int = 6, columns: int = 4, *, sheet_id: int | None = None, title: str = "") -> str:
        grid = {"rowCount": rows, "columnCount": columns}
        properties = {"sheetId": sheet_id or self.sheet_id, "title": title or self.title, "gridProperties": grid}
        return compact({"addSheet": {"properties": properties}})

    def put(self, row: int, column: int, *lines: Sequence[Value]) -> str:
        """The request that writes these lines of cells from (row, column) on."""
        return write_cells(self.sheet_id, row, column, ([encode_cell(value) for value in line] for line in lines))

    def span(self, dimension: str, start: int, end: int) -> dict[str, Any]:
        return {"sheetId": self.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}

    def write(self, *requests: str) -> None:
        """Apply these requests. Raises RequestRefused."""
        self.tabs.send(requests)

    def commit(self, requests: Iterable[str], ranges: Sequence[str] = ()) -> Sight:
        """Apply requests as a commit is sent, and give what the reply shows of the tab."""
        return self._seen(self.tabs.send(requests, [self.first_row, *ranges]))

    def create(self, specs: Sequence[ColumnSpec] = SPECS) -> Sight:
        """The first commit of a new tab, and what its reply shows."""
        made = [*setup.create_requests(self.sheet_id, self.title, specs)]
        return self._seen(self.tabs.make(self.sheet_id, made, [self.first_row]))

    @property
    def first_row(self) -> str:
        """Its first row as a range."""
        return f"{quoted(self.title)}!1:1"

    def refused(self, what: str, *requests: str) -> str:
        """Google's words for refusing these requests. Raises Broken where it does not."""
        try:
            self.write(*requests)
        except RequestRefused as refusal:
            return str(refusal)
        raise Broken(f"{what} was accepted")

    def look(self, *rows: tuple[int, int]) -> Sight:
        """The first row, and these blocks of rows in full."""
        try:
            return read_rows(self.client, self.spreadsheet_id, self.sheet_id, rows)
        except SpreadsheetGone:
            if self.tabs.transcript.last_status != 200:
                raise
            raise Broken("the reply does not show the tab that was asked for") from None

    def grid(self, fields: str, start: int, end: int) -> list[list[dict[str, Any]]]:
        """Other fields of these rows' cells than values: formats, notes, what people see."""
        mask = f"sheets(properties(sheetId),data(startRow,rowData(values({fields}))))"
        reply = self.post(":getByDataFilter", {"dataFilters": [area(self.sheet_id, start, end)]}, ("fields", mask))
        rows = reply["sheets"][0]["data"][0].get("rowData", [])
        return [row.get("values", []) for row in rows]

    def labels(self) -> list[tuple[int, str]]:
        """Every column label of ours as (position, uid), copies included."""
        reply = self.post(":getByDataFilter", {"dataFilters": [area(self.sheet_id, 0, 1)]}, ("fields", GRID_MASK))
        columns = reply["sheets"][0]["data"][0].get("columnMetadata", [])
        found = ((at, entry) for at, column in enumerate(columns) for entry in column.get("developerMetadata", ()))
        return [(at, str(entry.get("metadataValue", "")).partition(" ")[2]) for at, entry in found]

    def post(self, method: str, body: dict[str, Any], *params: tuple[str, str]) -> Any:
        """The reply to a call that changes nothing."""
        path = f"/v4/spreadsheets/{self.spreadsheet_id}{method}"
        return self.client.read("post", path, params=[*params, COMPACT], body=body)

    def _seen(self, reply: dict[str, Any]) -> Sight:
        sight = grid_sight(reply.get("updatedSpreadsheet", {}), self.sheet_id)
        if sight is None:
            raise Broken("the reply to the write does not show the tab's first row")
        return sight


def _delete_sheet(sheet_id: int) -> str:
    return compact({"deleteSheet": {"sheetId": sheet_id}})
