"""Misbehaviour on request, matched in the order calls arrive: the same calls meet the same faults."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.misbehaviour import matching
from sheetsync.emulator.misbehaviour.fault_kinds import KINDS, Fault, checked_options, error_reply
from sheetsync.emulator.misbehaviour.matching import Match
from sheetsync.emulator.options import Options
from sheetsync.emulator.wire import Request, Response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator
    from sheetsync.emulator.misbehaviour.weather import Weather

__all__ = ["KINDS", "ConnectionLost", "Fault", "Faults", "error_reply"]
Perform = Callable[[], Response]
SPENT_KEPT = 1_000


class ConnectionLost(ConnectionError):
    """The caller gets no reply: in process this exception, over HTTP a closed socket."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has arrived, and what answers it."""

    request: Request
    perform: Perform


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
    """The plan of misbehaviour of one emulator. `weather` is the random plan, when there is one."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._plan: list[Fault] = []
        self._spent: deque[Fault] = deque(maxlen=SPENT_KEPT)
        self._holding: list[Fault] = []
        self._underway: list[LateCall] = []
        self.weather: Weather | None = None

    def add(self, /, kind: str, match: Match = ":batchUpdate", after: int = 0, times: int = 1, **options: Any) -> Fault:
        """Plan a fault. `match` is a part of the path, a Matcher or its JSON form, or a predicate. Options per kind:

        - status: `status` 503, 500, 429, 400, 401, 403, 404 or "502-html"; `applied` True answers after the effect;
          `metric` "read" or "write", else that of the call, and `per` "user" or "project" name the quota of a 429
        - late: `calls` N, applied just before the N-th further matching call; `name`
        - hold: `name`; slow: `seconds`; double: `reply` "first" or "second"
        - before, after: `call`, a callable that gets the emulator; with `apart` True others may come in between, and
          it is called whatever becomes of the call
        - lose_reply, drop, expire_token, revoke_grant: none

        Raises ValueError for what is unknown or not possible.
        """
        counts = Options({"after": after, "times": times})
        after, times = counts.whole("after", None), counts.whole("times", None, 1)
        fault = Fault(next(self._numbers), kind, matching.checked(match), after, times, checked_options(kind, options))
        with self._lock:
            self._plan.append(fault)
        return fault

    def planned(self) -> list[Fault]:
        """All that were planned since the last `clear`, also those that have done their work."""
        with self._lock:
            return sorted([*self._spent, *self._plan], key=lambda fault: fault.id)

    def remove(self, fault_id: int) -> Fault:
        """Take one fault out of the plan: a call that it holds goes on, a late one is dropped. Raises KeyError."""
        found = next((fault for fault in self.planned() if fault.id == fault_id), None)
        if found is None:
            raise KeyError(fault_id)
        with self._lock:
            self._plan = [fault for fault in self._plan if fault is not found]
            self._spent = deque((fault for fault in self._spent if fault is not found), SPENT_KEPT)
            self._underway = [late for late in self._underway if late.fault is not found]
        found.released.set()
        return found

    def clear(self) -> None:
        """Forget the plan, end the weather, let held calls go and drop late ones unapplied."""
        with self._lock:
            self._plan.clear()
            self._spent.clear()
            self._underway.clear()
            holding, self._holding = self._holding, []
            weather, self.weather = self.weather, None
        for fault in holding:
            fault.released.set()
        if weather is not None:
            weather.stop()

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
        if not self._plan and not self._underway and self.weather is None:
            return [], []
        with self._lock:
            due = [late for late in self._underway if self._counts_down(late, request)]
            self._underway = [late for late in self._underway if late not in due]
            met = [fault for fault in self._plan if self._fits(fault, request) and fault.takes()]
            self._spent.extend(fault for fault in self._plan if fault.times <= 0)
            self._plan = [fault for fault in self._plan if fault.times > 0]
            self._holding.extend(fault for fault in met if fault.kind == "hold")
            weather = self.weather
        # Not under the lock: what the weather does not know of needs none, and it has a lock of its own.
        return met + ([] if weather is None else weather.meet(request)), due

    def _fits(self, fault: Fault, request: Request) -> bool:
        return matching.fits(fault.match, request, self._emulator)

    def _counts_down(self, late: LateCall, request: Request) -> bool:
        if late.calls_left is None or not self._fits(late.fault, request):
            return False
        late.calls_left -= 1
        return late.calls_left <= 0

    def run(self, met: list[Fault], request: Request, perform: Perform) -> Response:
        """Perform a call under the faults it met; the first planned is the outermost."""
        for fault in reversed(met):
            perform = self._wrapped(fault, Call(request, perform))
        return perform()

    def _wrapped(self, fault: Fault, call: Call) -> Perform:
        act: Callable[[Fault, Call], Response] = getattr(self, f"_{fault.kind}")

        def performed() -> Response:
            fault.reached.set()
            return act(fault, call)

        return performed

    # -- the kinds

    def _status(self, fault: Fault, call: Call) -> Response:
        if fault.options["applied"]:
            call.perform()
        metric = fault.options["metric"] or matching.kind_of(call.request)
        return error_reply(fault.options["status"], metric, per_user=fault.options["per"] == "user")

    def _lose_reply(self, fault: Fault, call: Call) -> Response:
        call.perform()
        raise ConnectionLost("the reply was lost")

    def _drop(self, fault: Fault, call: Call) -> Response:
        raise ConnectionLost("the connection was dropped")

    def _late(self, fault: Fault, call: Call) -> Response:
        with self._lock:
            self._underway.append(LateCall(fault, call.perform, fault.options["calls"]))
        raise ConnectionLost("the connection was dropped; the request is still on its way")

    def _double(self, fault: Fault, call: Call) -> Response:
        first, second = call.perform(), call.perform()
        return second if fault.options["reply"] == "second" else first

    def _hold(self, fault: Fault, call: Call) -> Response:
        fault.released.wait()
        with self._lock, suppress(ValueError):  # `clear` may have been quicker
            self._holding.remove(fault)
        return call.perform()

    def _slow(self, fault: Fault, call: Call) -> Response:
        time.sleep(fault.options["seconds"])
        return call.perform()

    def _before(self, fault: Fault, call: Call) -> Response:
        if fault.options["apart"]:
            fault.options["call"](self._emulator)
            return call.perform()
        with self._emulator.lock:
            fault.options["call"](self._emulator)
            return call.perform()

    def _after(self, fault: Fault, call: Call) -> Response:
        if fault.options["apart"]:
            try:
                return call.perform()
            finally:
                fault.options["call"](self._emulator)
        with self._emulator.lock:
            response = call.perform()
            fault.options["call"](self._emulator)
            return response

    def _expire_token(self, fault: Fault, call: Call) -> Response:
        """The call finds out by itself."""
        self._emulator.expire_token(call.request)
        return call.perform()

    def _revoke_grant(self, fault: Fault, call: Call) -> Response:
        self._emulator.revoke_grant(call.request)
        return call.perform()
