"""Misbehaviour on request, matched in the order calls arrive: the same calls meet the same faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import ApiError
from .quotas import over_quota
from .wire import Request, Response, html_response, json_response

if TYPE_CHECKING:
    from .emulator import Emulator

KINDS = ("status", "lose_reply", "drop", "late", "double", "hold", "slow", "before", "after")
Match = str | Callable[[Request], bool]
Perform = Callable[[], Response]

#: A Google front end's own error page: HTML, not JSON (gspread issues 216 and 272).
FRONT_END_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 502 (Server Error)!!1</title>\n"
    "  <p><b>502.</b> <ins>That's an error.</ins>\n"
    "  <p>The server encountered a temporary error and could not complete your request.<p>"
    "Please try again in 30 seconds.\n</html>\n"
)


class ConnectionLost(ConnectionError):
    """The caller gets no reply: in process this exception, over HTTP a closed socket."""


@dataclass(eq=False, slots=True)
class Fault:
    """One planned misbehaviour: skip `after` matching calls, then act on the next `times`."""

    kind: str
    match: Match
    after: int
    times: int
    options: dict[str, Any]
    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def fits(self, request: Request) -> bool:
        return self.match in request.path if isinstance(self.match, str) else self.match(request)


@dataclass(eq=False, slots=True)
class LateCall:
    """A request whose connection is gone but which will still be applied."""

    fault: Fault
    perform: Perform
    calls_left: int | None

    def apply(self) -> None:
        """Apply it now; nobody is there to see its reply."""
        with suppress(ConnectionError):
            self.perform()


class Faults:
    """The plan of misbehaviour of one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._lock = threading.Lock()
        self._plan: list[Fault] = []
        self._holding: list[Fault] = []
        self._underway: list[LateCall] = []

    def add(self, kind: str, match: Match = ":batchUpdate", after: int = 0, times: int = 1, **options: Any) -> Fault:
        """Plan a fault. Options per kind:

        - status: `status` 503, 500, 429, 403 or "502-html"; `applied` True answers after the effect;
          `metric` "read" or "write" names the quota of a 429
        - late: `calls` N, applied just before the N-th further matching call; `name`
        - hold: `name`; slow: `seconds`; double: `reply` "first" or "second"
        - before, after: `call`, a callable that gets the emulator
        - lose_reply, drop: none

        Raises ValueError for an unknown kind.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
        fault = Fault(kind, match, after, times, options)
        with self._lock:
            self._plan.append(fault)
        return fault

    def clear(self) -> None:
        """Forget the plan, let held calls go and drop late ones unapplied."""
        with self._lock:
            self._plan.clear()
            self._underway.clear()
            holding, self._holding = self._holding, []
        for fault in holding:
            fault.released.set()

    def release(self, name: str | None = None) -> None:
        """Let held calls go on and apply late ones: those of that name, or all."""
        with self._lock:
            for fault in [*self._holding, *self._plan]:
                if fault.kind == "hold" and name in (None, fault.options.get("name")):
                    fault.released.set()
            due = [late for late in self._underway if name in (None, late.fault.options.get("name"))]
            self._underway = [late for late in self._underway if late not in due]
        for late in due:
            late.apply()

    def held(self) -> list[str]:
        """The names of the calls that are being held right now."""
        with self._lock:
            waiting = [fault for fault in self._holding if fault.reached.is_set() and not fault.released.is_set()]
        return [str(fault.options.get("name", "")) for fault in waiting]

    def wait_reached(self, fault: Fault, timeout: float = 10) -> bool:
        """Wait until a call has met this fault; True when one has."""
        return fault.reached.wait(timeout)

    def arrive(self, request: Request) -> tuple[list[Fault], list[LateCall]]:
        """A call arrives: the faults it meets, and the late calls that must be applied before it."""
        with self._lock:
            due = [late for late in self._underway if self._counts_down(late, request)]
            self._underway = [late for late in self._underway if late not in due]
            met = [fault for fault in self._plan if fault.fits(request) and self._takes(fault)]
            self._plan = [fault for fault in self._plan if fault.times > 0]
            self._holding.extend(fault for fault in met if fault.kind == "hold")
            return met, due

    @staticmethod
    def _counts_down(late: LateCall, request: Request) -> bool:
        if late.calls_left is None or not late.fault.fits(request):
            return False
        late.calls_left -= 1
        return late.calls_left <= 0

    @staticmethod
    def _takes(fault: Fault) -> bool:
        if fault.after > 0:
            fault.after -= 1
            return False
        fault.times -= 1
        return True

    def run(self, met: list[Fault], perform: Perform) -> Response:
        """Perform a call under the faults it met; the first planned is the outermost."""
        for fault in reversed(met):
            perform = self._wrapped(fault, perform)
        return perform()

    def _wrapped(self, fault: Fault, perform: Perform) -> Perform:
        act: Callable[[Fault, Perform], Response] = getattr(self, f"_{fault.kind}")

        def performed() -> Response:
            fault.reached.set()
            return act(fault, perform)

        return performed

    # -- the kinds

    def _status(self, fault: Fault, perform: Perform) -> Response:
        if fault.options.get("applied"):
            perform()
        return error_reply(fault.options.get("status", 503), fault.options.get("metric", "write"))

    def _lose_reply(self, fault: Fault, perform: Perform) -> Response:
        perform()
        raise ConnectionLost("the reply was lost")

    def _drop(self, fault: Fault, perform: Perform) -> Response:
        raise ConnectionLost("the connection was dropped")

    def _late(self, fault: Fault, perform: Perform) -> Response:
        with self._lock:
            self._underway.append(LateCall(fault, perform, fault.options.get("calls")))
        raise ConnectionLost("the connection was dropped; the request is still on its way")

    def _double(self, fault: Fault, perform: Perform) -> Response:
        first, second = perform(), perform()
        return second if fault.options.get("reply") == "second" else first

    def _hold(self, fault: Fault, perform: Perform) -> Response:
        fault.released.wait()
        return perform()

    def _slow(self, fault: Fault, perform: Perform) -> Response:
        time.sleep(float(fault.options.get("seconds", 1)))
        return perform()

    def _before(self, fault: Fault, perform: Perform) -> Response:
        with self._emulator.lock:
            fault.options["call"](self._emulator)
            return perform()

    def _after(self, fault: Fault, perform: Perform) -> Response:
        with self._emulator.lock:
            response = perform()
            fault.options["call"](self._emulator)
            return response


MESSAGES = {
    403: "The caller does not have permission",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
}


def error_reply(status: int | str, metric: str = "write") -> Response:
    """The body Google sends with a status; "502-html" is the front end's page."""
    if status in ("502-html", 502):
        return html_response(502, FRONT_END_PAGE)
    if status == 429:
        error = over_quota(metric)
    else:
        error = ApiError(int(status), MESSAGES.get(int(status), "Request contains an invalid argument."))
    return json_response(error.code, error.body())
