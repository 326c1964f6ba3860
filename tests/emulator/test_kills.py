"""kill -9 of the served emulator while many write: what was answered is there, once; what was not, is whole or not."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.support import TOKEN, cells, write

ROOT = Path(__file__).parents[2]
WRITERS = 4
#: Of each call, so that the journal soon has the megabyte that makes a snapshot due: kills meet snapshots too.
BALLAST = "x" * 20_000


class Served:
    """A real process on a data directory."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "manage.py", "sheets_emulator", "--port", "0", "--data", str(data)]
        self.process = subprocess.Popen(
            [*command, "--compact-at", "1"], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call on a connection of its own. Raises OSError or HTTPException when there is no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), TOKEN)
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        assert reply.status == 200, text
        return json.loads(text)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Writers:
    """Threads that write one number after the other, each into two tabs at once; they end with the process."""

    def __init__(self, served: Served, book: str, numbers: count[int]) -> None:
        self.sent: set[int] = set()
        self.answered: set[int] = set()
        self._threads = [threading.Thread(target=self._write, args=(served, book, numbers)) for _ in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def _write(self, served: Served, book: str, numbers: count[int]) -> None:
        with suppress(OSError, http.client.HTTPException):
            while True:
                number = next(numbers)
                row = {"rows": cells([number]), "fields": "userEnteredValue"}
                both = [{"appendCells": {"sheetId": tab, **row}} for tab in (0, 1)]
                self.sent.add(number)
                path = f"/v4/spreadsheets/{book}:batchUpdate"
                served.call("POST", path, {"requests": [*both, write(0, 1, [BALLAST + str(number)])]})
                self.answered.add(number)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()


def numbers_of(served: Served, book: str, tab: str) -> list[int]:
    path = f"/v4/spreadsheets/{book}/values/{tab}!A2:A?valueRenderOption=UNFORMATTED_VALUE"
    return [row[0] for row in served.call("GET", path).get("values", [])]


class Trial:
    """One data directory through many lives; it knows what was sent and what was answered."""

    def __init__(self, data: Path) -> None:
        self.data, self.numbers = data, count(1)
        self.sent: set[int] = set()
        self.answered: set[int] = set()
        self.served = Served(data)
        tabs = [{"properties": {"sheetId": tab, "title": f"Tab{tab}"}} for tab in (0, 1)]
        self.book = self.served.call("POST", "/v4/spreadsheets", {"sheets": tabs})["spreadsheetId"]
        headers = [write(0, 0, ["key"], sheet_id=tab) for tab in (0, 1)]
        self.served.call("POST", f"/v4/spreadsheets/{self.book}:batchUpdate", {"requests": headers})

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self.served.kill()

    def strike(self) -> None:
        """Kill it at a random moment of heavy writing, start it again and look."""
        writers = Writers(self.served, self.book, self.numbers)
        time.sleep(random.uniform(0.2, 1.5))
        self.served.kill()
        writers.join()
        self.sent |= writers.sent
        self.answered |= writers.answered
        self.served = Served(self.data)
        self._look()

    def _look(self) -> None:
        found = numbers_of(self.served, self.book, "Tab0")
        assert found == numbers_of(self.served, self.book, "Tab1"), "a call was applied by half"
        assert set(Counter(found).values()) <= {1}, "a call was applied twice"
        assert self.answered <= set(found) <= self.sent, (self.answered - set(found), set(found) - self.sent)


@pytest.mark.slow
def test_three_kills_lose_nothing_that_was_answered(tmp_path: Path) -> None:
    with Trial(tmp_path) as trial:
        for _ in range(3):
            trial.strike()
    assert len(trial.answered) > 20


@pytest.mark.thorough
def test_fifty_kills_lose_nothing_that_was_answered(tmp_path: Path) -> None:
    with Trial(tmp_path) as trial:
        for _ in range(50):
            trial.strike()
    assert len(trial.answered) > 1_000
    snapshots = [path.name for path in tmp_path.glob("snapshot-*")]
    assert len(snapshots) == 1
    assert int(snapshots[0].split("-")[1].split(".")[0]) > 10
