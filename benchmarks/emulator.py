"""What the emulator costs: one batch, a long tab's growth, its reads, its memory, its journal and its restart.

    python -m benchmarks.emulator [rows]

Times are the processor's, of client and server together, and the least of several tries, since other work of the
machine only ever adds. Beside them stands the ratio to the same work of `json`: the least that any server must do.
"""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sheetsync.emulator import Emulator, Request

Json = dict[str, Any]
HEADERS = {"Authorization": "Bearer benchmark", "Content-Type": "application/json"}
BATCH, COLUMNS = 1_200, 12
SCATTERED = 200


def line(number: int, columns: int) -> Json:
    """One row of cells: mostly short texts, every fourth a number, as orders are."""
    cells: list[Json] = [{"userEnteredValue": {"stringValue": f"order-{number}"}}]
    for column in range(1, columns):
        value: Json = {"stringValue": f"text {number % 997} in {column}"} if column % 4 else {"numberValue": number / 4}
        cells.append({"userEnteredValue": value})
    return {"values": cells}


def batch(first: int, rows: int, columns: int) -> bytes:
    """The writer's commit: insert rows at the end, fill them, move the marker and ask for its echo."""
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": first, "endIndex": first + rows}
    start = {"sheetId": 0, "rowIndex": first, "columnIndex": 0}
    lines = [line(first + number, columns) for number in range(rows)]
    lookup = {"developerMetadataLookup": {"metadataId": 7}}
    marker = {"dataFilters": [lookup], "developerMetadata": {"metadataValue": str(first)}, "fields": "metadataValue"}
    requests = [
        {"insertDimension": {"range": span, "inheritFromBefore": True}},
        {"updateCells": {"start": start, "rows": lines, "fields": "userEnteredValue"}},
        {"updateDeveloperMetadata": marker},
    ]
    echo = {"includeSpreadsheetInResponse": True, "responseRanges": [f"Sheet1!A{first + 1}:A{first + rows}"]}
    return json.dumps({"requests": requests, **echo}).encode()


class Caller:
    """One connection to one spreadsheet."""

    def __init__(self, emulator: Emulator, book: str, port: int) -> None:
        self.emulator, self.book = emulator, book
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """A call that must succeed; the reply's body."""
        self.connection.request(method, f"/v4/spreadsheets/{self.book}{path}", body, HEADERS)
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise RuntimeError(text[:500])
        return text


def new_book(emulator: Emulator, columns: int) -> str:
    """A tab of one row, with the marker the batches move."""
    book = emulator.create_spreadsheet("Benchmark", rows=1, columns=columns)
    marker = {"metadataId": 7, "metadataKey": "marker", "metadataValue": "0", "visibility": "DOCUMENT"}
    entry = {**marker, "location": {"sheetId": 0}}
    emulator.person.do(book, {"createDeveloperMetadata": {"developerMetadata": entry}})
    return book


def clock(act: Callable[[], Any]) -> float:
    """Seconds of one call."""
    started = time.process_time()
    act()
    return time.process_time() - started


def best(act: Callable[[], Any], tries: int = 5) -> float:
    return min(clock(act) for _ in range(tries))


def show(name: str, seconds: float, note: str = "") -> None:
    print(f"{name:<52}{seconds * 1000:>10,.1f} ms  {note}")


def one_batch() -> None:
    """A batch of 1,200 x 20 over HTTP, and what `json` alone takes for it."""
    emulator = Emulator()
    with emulator.serve() as server:
        caller = Caller(emulator, new_book(emulator, 20), server.port)
        bodies = [batch(1 + BATCH * number, BATCH, 20) for number in range(10)]
        path = ":batchUpdate?fields=replies,updatedSpreadsheet.sheets.data.rowData.values.effectiveValue"
        seconds = min(clock(lambda body=body: caller.call("POST", path, body)) for body in bodies)  # type: ignore[misc]
    parsing = best(lambda: json.loads(bodies[0]))
    show(f"one batch of {BATCH:,} x 20 over HTTP", seconds, f"{seconds / parsing:.1f} x json.loads of it")


def answered(emulator: Emulator, request: Request) -> None:
    response = emulator.handle(request)
    if response.status != 200:
        raise RuntimeError(response.body[:500])


def fill(emulator: Emulator, rows: int) -> str:
    """A tab of that many rows, made batch by batch; prints the first and the last tenth of the batches."""
    book, times = new_book(emulator, COLUMNS), []
    path = f"/v4/spreadsheets/{book}:batchUpdate"
    before = resident()
    for first in range(1, rows + 1, BATCH):
        request = Request(method="POST", path=path, headers=HEADERS, body=batch(first, BATCH, COLUMNS))
        times.append(clock(lambda request=request: answered(emulator, request)))  # type: ignore[misc]
    tenth = max(1, len(times) // 10)
    early, late = median(times[:tenth]), median(times[-tenth:])
    show(f"a batch of {BATCH:,} x {COLUMNS}, first tenth of {len(times):,}", early)
    show("the same, last tenth", late, f"{late / early:.2f} x the first")
    print(f"{'memory of a row':<52}{(resident() - before) / rows:>10,.0f} bytes")
    return book


def resident() -> int:
    """Bytes of memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def reads(caller: Caller, rows: int) -> None:
    """Whole columns, scattered rows, and the spreadsheet under narrow and wide masks."""
    pairs = json.dumps([[f"order-{number}", number / 4] for number in range(rows)])
    plain = best(lambda: json.loads(pairs))
    columns = "/values:batchGet?ranges=Sheet1!A:A&ranges=Sheet1!E:E&valueRenderOption=UNFORMATTED_VALUE"
    seconds = best(lambda: caller.call("GET", columns), 3)
    show(f"two whole columns of {rows:,} rows", seconds, f"{seconds / plain:.1f} x json.loads of as much")
    step = rows // SCATTERED
    areas = [{"sheetId": 0, "startRowIndex": at, "endRowIndex": at + 5} for at in range(1, rows - 5, step)]
    body = json.dumps({"dataFilters": [{"gridRange": area} for area in areas]}).encode()
    seconds = best(lambda: caller.call("POST", "/values:batchGetByDataFilter", body))
    show(f"{len(areas):,} scattered ranges of 5 rows", seconds, f"{seconds / len(areas) * 1e6:.0f} us each")
    show("GET spreadsheet, sheets.properties", best(lambda: caller.call("GET", "?fields=sheets.properties")))
    found = best(lambda: caller.call("GET", "?fields=developerMetadata,sheets.developerMetadata"))
    show("GET spreadsheet, developer metadata", found)
    grid = "?ranges=Sheet1!A:A&fields=sheets.data.rowData.values.userEnteredValue"
    seconds = best(lambda: caller.call("GET", grid), 2)
    show(f"GET spreadsheet, grid data of a column of {rows:,}", seconds, f"{seconds / plain:.1f} x json.loads of two")


def main(rows: int) -> None:
    """Print the table."""
    with TemporaryDirectory() as folder:
        stopped, killed = Path(folder, "stopped"), Path(folder, "killed")
        live(stopped, killed, rows)
        for name, data in (("after a kill", killed), ("after a clean stop", stopped)):
            what = kept(data)
            show(f"start {name}", clock(lambda data=data: Emulator(data).close()), what)  # type: ignore[misc]
    one_batch()


def live(stopped: Path, killed: Path, rows: int) -> None:
    """A life that ends with a clean stop, and beside it what a kill would have left."""
    emulator = Emulator(stopped)
    book = fill(emulator, rows)
    with emulator.serve() as server:
        reads(Caller(emulator, book, server.port), rows)
    shutil.copytree(stopped, killed)
    show("snapshot", clock(emulator.compact))
    emulator.close()


def kept(folder: Path) -> str:
    files = sorted((file for file in folder.iterdir() if file.suffix in (".bin", ".gz")), reverse=True)
    return ", ".join(f"{file.name.split('.')[0]} {file.stat().st_size / 1e6:.1f} MB" for file in files)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
