"""The emulator: everything that happens to a request, behind one call, `handle`."""

from __future__ import annotations

import gc
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from . import drive
from .api import Api, match, parse_body
from .errors import ApiError, forbidden, not_found, unauthenticated
from .faults import Faults
from .ids import Ids
from .journal import Journal, entry, facts_json
from .oauth import ACCOUNT_FILE, EMAIL, Accounts
from .person import OWNER, Person
from .quotas import Meter, Quotas
from .server import Server
from .sheet import Sheet
from .store import Store
from .wire import NOT_FOUND_PAGE, CallRecord, Facts, Request, Response, html_response, json_response, timestamp
from .workbook import Spreadsheet

Json = dict[str, Any]
CALLS_KEPT = 10_000


class Emulator:
    """A Google Sheets of one's own.

    `data` is a directory for the journal, None keeps everything in memory. With `strict_auth` only tokens
    issued by this emulator pass, else any bearer token does. `quotas` None means no quotas. `clock` gives
    the time in seconds. `durable` syncs the journal to the disk before every reply.
    """

    def __init__(
        self,
        data: str | Path | None = None,
        strict_auth: bool = False,
        quotas: Quotas | None = None,
        *,
        durable: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.strict_auth = strict_auth
        self.clock = clock
        self.store = Store()
        self.meter = Meter(quotas)
        self.calls: list[CallRecord] = []
        self.record = False
        self.requests: list[tuple[str, str, list[tuple[str, str]], Any]] = []
        self.faults = Faults(self)
        self.person = Person(self)
        self.data = None if data is None else Path(data)
        self._forbidden: set[str] = set()
        self.lock = threading.RLock()
        self._journal = None if self.data is None else Journal(self.data, durable=durable)
        if self._journal is not None:
            with collector_paused():
                for record in self._journal.read():
                    self._replay(record)

    @cached_property
    def accounts(self) -> Accounts:
        """The service account; its key is made on first use, since that takes a moment."""
        return Accounts(None if self.data is None else self.data / ACCOUNT_FILE)

    # -- requests

    def handle(self, request: Request) -> Response:
        """Answer a request, faults included. Raises ConnectionError when the caller is to get no reply."""
        met, due = self.faults.arrive(request)
        for late in due:
            late.apply()
        try:
            response = self.faults.run(met, lambda: self.perform(request))
        except ConnectionError:
            self._note(request, 0, 0)
            raise
        self._note(request, response.status, len(response.body))
        return response

    def _note(self, request: Request, status: int, size: int) -> None:
        found = match(request)
        self.calls.append(
            CallRecord(
                method=request.method,
                path=request.path,
                kind=found[0].kind if found else "other",
                status=status,
                bytes_in=len(request.body),
                bytes_out=size,
            )
        )
        del self.calls[:-CALLS_KEPT]
        if self.record:
            try:
                body = parse_body(request)
            except ApiError:
                body = {}
            self.requests.append((request.method, request.path, list(request.query), body))

    def count(self, kind: str) -> int:
        """How many of the kept calls were of that kind: read, write or other."""
        return sum(call.kind == kind for call in self.calls)

    def perform(self, request: Request) -> Response:
        """Answer a request without faults and without counting it."""
        try:
            with self.lock, collector_paused():
                return self._answer(request)
        except ApiError as error:
            return json_response(error.code, error.body(), error.headers)

    def _answer(self, request: Request) -> Response:
        now, seed = self.clock(), secrets.token_hex(8)
        if request.path == "/token" and request.method == "POST":
            return self.accounts.answer(request, now, seed)
        facts = Facts(user=self._user(request, now), now=now, seed=seed)
        found = match(request)
        if found is not None:
            # Tokens from elsewhere all belong to the robot, but each is metered as a user of its own.
            token = request.header("Authorization")
            self.meter.check(found[0].kind, facts.user if self.strict_auth else token, now)
        if self._forbidden and any(each in request.path for each in self._forbidden):
            raise forbidden()
        response = self._apply(request, facts)
        if self._journal is not None and request.method != "GET" and not (found and found[0].kind == "read"):
            self._journal.append(entry(request, facts))
        return response

    def _user(self, request: Request, now: float) -> str:
        scheme, _, token = request.header("Authorization").partition(" ")
        user = self.accounts.user_of(token, now) if self.strict_auth else EMAIL
        if scheme.lower() != "bearer" or not token or user is None:
            raise unauthenticated()
        return user

    def _apply(self, request: Request, facts: Facts) -> Response:
        """The effect and the reply, a function of store, request and facts alone: the journal replays it."""
        if drive.handles(request):
            return drive.answer(self.store, request, facts)
        found = match(request)
        if found is None:
            return _no_such_page(request)
        route, parts = found
        reply = Api(self.store, request, facts, route, parts).answer()
        if route.kind == "write" and (book := self.store.books.get(parts.get("id", ""))):
            book.modified = timestamp(facts.now)
        return json_response(200, reply)

    def _replay(self, record: Json) -> None:
        facts = Facts(user=record["user"], now=record["now"], seed=record["seed"])
        if "create" in record:
            self._create(facts, **record["create"])
            return
        request = Request(
            method=record["method"],
            path=record["path"],
            query=[(name, value) for name, value in record["query"]],
            body=record["body"].encode("utf-8", "surrogatepass"),
        )
        self._apply(request, facts)

    # -- direct access

    def create_spreadsheet(
        self, title: str, rows: int = 1000, columns: int = 26, tab: str = "Sheet1", time_zone: str = "Etc/GMT"
    ) -> str:
        """A new file of the person, shared with everybody who has a token; returns its id."""
        facts = Facts(user=OWNER, now=self.clock(), seed=secrets.token_hex(8))
        options: Json = {"title": title, "rows": rows, "columns": columns, "tab": tab, "time_zone": time_zone}
        with self.lock:
            book = self._create(facts, **options)
            if self._journal is not None:
                self._journal.append({"create": options, **facts_json(facts)})
        return book.id

    def _create(self, facts: Facts, title: str, rows: int, columns: int, tab: str, time_zone: str) -> Spreadsheet:
        book = self.store.create(facts, Ids(facts.seed), title)
        book.sheets.append(Sheet(0, tab, rows, columns))
        book.time_zone = time_zone
        return book

    def act(self, spreadsheet_id: str, requests: list[Json], user: str) -> list[Json]:
        """Apply batchUpdate requests outside of the API's counting, quotas and faults; the replies."""
        body = json.dumps({"requests": requests}).encode()
        request = Request(method="POST", path=f"/v4/spreadsheets/{spreadsheet_id}:batchUpdate", body=body)
        facts = Facts(user=user, now=self.clock(), seed=secrets.token_hex(8))
        with self.lock:
            response = self._apply(request, facts)
            if self._journal is not None:
                self._journal.append(entry(request, facts))
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
        (self._forbidden.add if forbidden else self._forbidden.discard)(spreadsheet_id)

    def reset(self) -> None:
        """Forget all files, calls and faults."""
        self.faults.clear()
        with self.lock:
            self.store = Store()
            self.calls.clear()
            self.requests.clear()
            self._forbidden.clear()
            if self._journal is not None:
                self._journal.clear()

    def close(self) -> None:
        """Close the journal; the emulator can be used on, it opens it again."""
        if self._journal is not None:
            self._journal.close()

    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Server:
        """An HTTP server for this emulator, to be used as a context manager; `server.url` is its address."""
        return Server(self, host, port)


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile.

    A large call makes millions of containers and no cycles among them; every full pass they cause walks the whole
    grid, which more than doubles the time of the call.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _no_such_page(request: Request) -> Response:
    if request.path.startswith("/v4/"):
        return html_response(404, NOT_FOUND_PAGE)
    raise not_found()
