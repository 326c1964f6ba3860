"""The files of an emulator as tests and people reach them, without a call: make, look at, share, edit, take away.

Each change is recorded like a call's, so that it is there after a restart.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sheetsync.emulator.disk.journal import facts_json, facts_of
from sheetsync.emulator.disk.keeping import Keeping
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids
from sheetsync.emulator.oauth import EMAIL
from sheetsync.emulator.people.person import OWNER
from sheetsync.emulator.sharing import share
from sheetsync.emulator.store import Store
from sheetsync.emulator.wire import Facts, Request, Response

Json = dict[str, Any]


class Files:
    """What an Emulator offers beside `handle`."""

    clock: Callable[[], float]
    keeping: Keeping
    lock: threading.RLock
    store: Store
    _forbidden: set[str]
    _applied: Callable[[Request, Facts], Response]

    def create_spreadsheet(
        self, title: str, rows: int = 1000, columns: int = 26, tab: str = "Sheet1", time_zone: str = "Etc/GMT"
    ) -> str:
        """A new file of the person, shared with the service account that every emulator has; returns its id."""
        facts = Facts(user=OWNER, now=self.clock(), seed=secrets.token_hex(8))
        options: Json = {"title": title, "rows": rows, "columns": columns, "tab": tab, "time_zone": time_zone}
        with self.lock:
            record = {"create": options, **facts_json(facts)}
            return self.keeping.do(self.store, lambda: self._create(facts, **options), lambda: record).id

    def _create(self, facts: Facts, title: str, rows: int, columns: int, tab: str, time_zone: str) -> Spreadsheet:
        book = self.store.create(facts, Ids(facts.seed), title)
        book.sheets.append(Sheet(0, tab, rows, columns))
        book.time_zone = time_zone
        share(self.store, book.id, EMAIL, "writer")
        return book

    def share(self, spreadsheet_id: str, email: str, role: str | None = "writer") -> None:
        """Let another account write or read a file; None takes that back. It matters with `strict_auth` only.

        Raises ValueError, or ApiError when there is no such file.
        """
        given: Json = {"spreadsheet_id": spreadsheet_id, "email": email, "role": role}
        with self.lock:
            self.keeping.do(self.store, lambda: share(self.store, **given), lambda: {"share": given})

    def pick(self, spreadsheet_id: str, email: str, app: str) -> None:
        """An account opens a file with an app of this project; see `oauth.pick`. Raises ApiError without the file."""
        given = {"spreadsheet_id": spreadsheet_id, "email": email, "app": app}
        with self.lock:
            self.store.find(spreadsheet_id)
            self.keeping.do(self.store, lambda: self.store.pick(**given), lambda: {"pick": given})

    def act(self, spreadsheet_id: str, requests: list[Json], user: str) -> list[Json]:
        """Apply batchUpdate requests outside of the API's counting, quotas and faults; the replies."""
        body = json.dumps({"requests": requests}).encode()
        request = Request(method="POST", path=f"/v4/spreadsheets/{spreadsheet_id}:batchUpdate", body=body)
        facts = Facts(user=user, now=self.clock(), seed=secrets.token_hex(8))
        with self.lock:
            response = self._applied(request, facts)
        return list(response.json()["replies"])

    def spreadsheet(self, spreadsheet_id: str) -> Spreadsheet:
        """The live object; read it while no request is running. Raises KeyError."""
        return self.store.books[spreadsheet_id]

    def book_of(self, sheet: Sheet) -> Spreadsheet:
        """The file a tab object belongs to. Raises KeyError."""
        for book in self.store.books.values():
            if any(each is sheet for each in book.sheets):
                return book
        raise KeyError(sheet.title)

    def year(self) -> int:
        return datetime.fromtimestamp(self.clock(), UTC).year

    def forbid(self, spreadsheet_id: str, forbidden: bool = True) -> None:
        """Take the file away from the callers (403), as if it were shared no more; or give it back."""
        given: Json = {"spreadsheet_id": spreadsheet_id, "forbidden": forbidden}
        with self.lock:
            self.keeping.do(self.store, lambda: self._forbid(**given), lambda: {"forbid": given})

    def _forbid(self, spreadsheet_id: str, forbidden: bool) -> None:
        (self._forbidden.add if forbidden else self._forbidden.discard)(spreadsheet_id)

    def replayed(self, record: Json) -> bool:
        """Make a recorded change once more; False for a record of a call."""
        if "create" in record:
            self._create(facts_of(record), **record["create"])
        elif "forbid" in record:
            self._forbid(**record["forbid"])
        elif "share" in record:
            share(self.store, **record["share"])
        elif "pick" in record:
            self.store.pick(**record["pick"])
        else:
            return False
        return True
