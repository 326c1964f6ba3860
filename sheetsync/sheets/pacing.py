"""Wait before a call instead of apologising after: GCRA, pure, and the pacer of a single process.

Google allows 60 reads and 60 writes a minute per account (https://developers.google.com/sheets/api/limits). A bucket of
60 that may burst 60 lets 119 calls through in one minute; rate 54 with burst 6 lets 59 through in any minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Kind = Literal["read", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`per_minute` calls in the long run, of which `burst` may come at once."""

    per_minute: float
    burst: int = 6

    @property
    def interval(self) -> float:
        """Seconds from one call to the next."""
        return 60 / self.per_minute


def gcra(arrival: float, rate: Rate, now: float) -> tuple[float, float]:
    """The generic cell rate algorithm: (theoretical arrival time after this call, seconds to wait before it).

    `arrival`: the theoretical arrival time so far; all times in seconds of one clock.
    """
    due = max(arrival, now)
    wait = max(0.0, due - (rate.burst - 1) * rate.interval - now)
    return due + rate.interval, wait


class Pacer(Protocol):
    """Who says when a call may be made."""

    def take(self, kind: Kind) -> None:
        """Return once a call of this kind may be sent."""
        ...

    def back_off(self, kind: Kind, seconds: float) -> None:
        """Learn that the quota was used up after all: send nothing of this kind for `seconds`."""
        ...


@dataclass(frozen=True, slots=True)
class Unpaced:
    """Every call at once: for servers without a quota."""

    sleep: Callable[[float], None] = time.sleep

    def take(self, kind: Kind) -> None:
        """Return at once."""

    def back_off(self, kind: Kind, seconds: float) -> None:
        """Wait all the same: the server asked for it."""
        self.sleep(seconds)


@dataclass(slots=True)
class LocalPacer:
    """One account in one process: each kind of call has a bucket, waiting is sleeping. Thread-safe."""

    rates: Mapping[Kind, Rate]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _arrivals: dict[Kind, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: Kind) -> None:
        """Sleep until a call of this kind fits into the rate."""
        rate = self.rates.get(kind)
        if rate is None:
            return
        with self._lock:
            now = self.clock()
            self._arrivals[kind], wait = gcra(self._arrivals.get(kind, now), rate, now)
        if wait:
            self.sleep(wait)

    def back_off(self, kind: Kind, seconds: float) -> None:
        """Let the next call of this kind wait `seconds`, and the following ones queue behind it."""
        rate = self.rates.get(kind, Rate(per_minute=54))
        with self._lock:
            blocked_until = self.clock() + seconds + (rate.burst - 1) * rate.interval
            self._arrivals[kind] = max(self._arrivals.get(kind, 0.0), blocked_until)
        if kind not in self.rates:
            self.sleep(seconds)
