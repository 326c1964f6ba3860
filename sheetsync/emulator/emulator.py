"""The emulator: everything that happens to a request, behind one call, `handle`."""

from __future__ import annotations

import gc
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sheetsync.emulator.api.sheets import Api, match, parse_body
from sheetsync.emulator.disk.directory import COMPACT_AT, Disk
from sheetsync.emulator.disk.journal import entry, facts_of, request_of
from sheetsync.emulator.disk.keeping import Keeping
from sheetsync.emulator.drive import endpoint as drive
from sheetsync.emulator.errors import ApiError, forbidden, not_found, unauthenticated, unregistered
from sheetsync.emulator.files import Files
from sheetsync.emulator.misbehaviour.callers import Misbehaving
from sheetsync.emulator.misbehaviour.faults import Faults
from sheetsync.emulator.misbehaviour.latency import Latency
from sheetsync.emulator.misbehaviour.quotas import Meter, Quotas
from sheetsync.emulator.oauth import EMAIL, OAuth
from sheetsync.emulator.oauth.access import Caller, check_file, check_scopes, seen_by
from sheetsync.emulator.people.person import Person
from sheetsync.emulator.server import Server
from sheetsync.emulator.store import Store
from sheetsync.emulator.wire import (
    NOT_FOUND_PAGE,
    CallRecord,
    Facts,
    Request,
    Response,
    html_response,
    json_response,
    timestamp,
)

Json = dict[str, Any]
CALLS_KEPT = 10_000


class Emulator(Files, Misbehaving):
    """A Google Sheets of one's own.

    `data` is a directory for snapshots and the journal, None keeps everything in memory. With `strict_auth` only tokens
    issued by this emulator pass, else any bearer token does. `quotas` None means no quotas. `clock` gives
    the time in seconds. `durable` syncs the journal to the disk before every reply. A snapshot is made when the
    journal has `compact_at` bytes of calls and more than the last snapshot, None for never by itself. `latency` is how
    long calls take besides their work, None for no time. `misplaced_appends`: see `filtered`.
    """

    def __init__(
        self,
        data: str | Path | None = None,
        strict_auth: bool = False,
        quotas: Quotas | None = None,
        *,
        durable: bool = False,
        compact_at: int | None = COMPACT_AT,
        latency: Latency | None = None,
        misplaced_appends: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.strict_auth = strict_auth
        self.clock = clock
        self.store = Store()
        self.meter = Meter(quotas)
        self.latency = latency
        self.misplaced_appends = misplaced_appends
        self._numbers = count(1)
        self._expired: set[str] = set()
        self.calls: list[CallRecord] = []
        self.record = False
        self.requests: list[tuple[str, str, list[tuple[str, str]], Any]] = []
        self.faults = Faults(self)
        self.person = Person(self)
        self.data = None if data is None else Path(data)
        self._forbidden: set[str] = set()
        self.lock = threading.RLock()
        self.keeping = Keeping(None if self.data is None else Disk(self.data, durable=durable, compact_at=compact_at))
        self.keeping.sections["forbidden"] = (lambda: sorted(self._forbidden), self._forbidden.update)
        with collector_paused():
            self.keeping.load(self._take, self._replay)
        self.oauth = OAuth(self)

    # -- requests

    def handle(self, request: Request) -> Response:
        """Answer a request, faults included. Raises ConnectionError when the caller is to get no reply."""
        number, latency = next(self._numbers), self.latency
        if latency is not None:
            time.sleep(latency.before(number, len(request.body)))
        met, due = self.faults.arrive(request)
        for late in due:
            late.apply()
        try:
            response = self.faults.run(met, request, lambda: self.perform(request))
        except ConnectionError:
            self._note(request, 0, 0)
            raise
        self._note(request, response.status, len(response.body))
        if latency is not None:
            time.sleep(latency.after(number, len(response.body)))
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
        if self.oauth.handles(request):
            return self.oauth.answer(request, now)
        caller = self._caller(request, now)
        facts = Facts(user=caller.email, now=now, seed=seed, app=caller.project, misplaced=self.misplaced_appends)
        found = match(request)
        if self.strict_auth:
            check_scopes(request, found, caller)
        if found is not None:
            # Tokens from elsewhere all belong to the robot, but each is metered as a user of its own.
            token = request.header("Authorization")
            user, project = (caller.email, caller.project) if self.strict_auth else (token, "")
            self.meter.check(found[0].kind, user, now, project)
        if self._forbidden and any(each in request.path for each in self._forbidden):
            raise forbidden()
        if self.strict_auth:
            check_file(self.store, request, found, caller)
        if request.method == "GET" or (found and found[0].kind == "read"):
            return self._apply(request, facts, seen_by(self.store, request, caller) if self.strict_auth else None)
        return self._applied(request, facts)

    def _caller(self, request: Request, now: float) -> Caller:
        """Whose token it is. Without strict_auth, one from elsewhere is the robot's, and no right is asked for."""
        scheme, _, value = request.header("Authorization").partition(" ")
        if request.method == "GET" and not scheme:
            raise unregistered()
        if scheme.lower() != "bearer" or not value or value in self._expired:
            raise unauthenticated(drive=drive.handles(request))
        token = self.oauth.live(value, now)
        if token is not None:
            return Caller(token.email, token.project, frozenset(token.scopes))
        if self.strict_auth:
            raise unauthenticated(drive=drive.handles(request))
        return Caller(EMAIL)

    def _apply(self, request: Request, facts: Facts, seen: Store | None = None) -> Response:
        """The effect and the reply, a function of store, request and facts alone: the journal replays it.

        `seen` is the store as a reader may list it, where that is less than all.
        """
        if drive.handles(request):
            return drive.answer(seen or self.store, request, facts)
        found = match(request)
        if found is None:
            return _no_such_page(request)
        route, parts = found
        reply = Api(self.store, request, facts, route, parts).answer()
        if route.kind == "write" and (book := self.store.books.get(parts.get("id", ""))):
            book.modified = timestamp(facts.now)
            book.writes += 1
        return json_response(200, reply)

    def _applied(self, request: Request, facts: Facts) -> Response:
        """Apply a write and record it."""
        return self.keeping.do(self.store, lambda: self._apply(request, facts), lambda: entry(request, facts))

    def _take(self, store: Store) -> None:
        self.store = store

    def _replay(self, record: Json) -> None:
        if not self.replayed(record):
            self._apply(request_of(record), facts_of(record))

    def reset(self) -> None:
        """Forget all files, calls and faults."""
        self.faults.clear()
        self.person.forget()
        self.meter.forget()
        self._expired.clear()
        with self.lock:
            self.store = Store()
            self.calls.clear()
            self.requests.clear()
            self._forbidden.clear()
            self.keeping.compact(self.store)

    def compact(self) -> None:
        """Write the whole state as a snapshot, so that the next start has no calls to repeat. Raises OSError."""
        with self.lock, collector_paused():
            self.keeping.compact(self.store)

    def close(self) -> None:
        """Let the data directory go, with a snapshot when the journal is long; the emulator can be used on."""
        with self.lock, collector_paused():
            self.keeping.close(self.store)

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
