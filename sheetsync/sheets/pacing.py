"""Wait before a call instead of apologising after, and learn from refusals: pure, and the pacer of a single process.

Google allows 60 reads and 60 writes a minute per account (https://developers.google.com/sheets/api/limits). A bucket of
60 that may burst 60 lets 119 calls through in one minute; rate 54 with burst 6 lets 59 through in any minute.

A refusal in spite of the pace means that somebody else uses the same quota, or that Google allows less than the
settings say. Then the rate is cut at once, and grows back slowly: additive increase, multiplicative decrease, as TCP
finds out what a line can carry.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

Kind = Literal["read", "write"]
Scope = Literal["account", "project"]
"""Whose quota: Google counts the calls of an account, and those of all accounts of a project together."""

CUT = 0.8
"""What a refusal leaves of a rate."""

GROWTH = 0.01 / 60
"""Of the full rate, what comes back each second. With a quota of half the rate that is a refusal in ten minutes."""

FLOOR = 0.1
"""However often it is refused, a call now and then finds out whether the quota is there again."""

EPISODE = 60.0
"""Seconds after a cut in which refusals say nothing new: Google counts by the minute, and so the calls of before."""

LONGEST_BLOCK = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`per_minute` calls in the long run, of which `burst` may come at once."""

    per_minute: float
    burst: int = 6

    @property
    def interval(self) -> float:
        """Seconds from one call to the next."""
        return 60 / self.per_minute

    @property
    def slack(self) -> float:
        """How many seconds before its time a call may come."""
        return (self.burst - 1) * self.interval

    def cut_to(self, share: float) -> Rate:
        """A part of this rate. The burst goes with it, or a minute could hold more than that part."""
        return self if share >= 1 else Rate(per_minute=self.per_minute * share, burst=max(1, int(self.burst * share)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How far a bucket is filled, and what it has learned. All times in seconds of one clock.

    `arrival`: the theoretical arrival time of the next call, of the generic cell rate algorithm. `share`: what was left
    of the rate when it was last cut, at `cut_at`.
    """

    arrival: float = 0.0
    share: float = 1.0
    cut_at: float = -math.inf

    def share_at(self, now: float) -> float:
        """The part of the rate that may be used now: some of what was cut has come back."""
        return min(1.0, self.share + GROWTH * max(0.0, now - self.cut_at))

    def free_at(self, rate: Rate, now: float) -> float:
        """When the next call may go; in the past where nothing waits."""
        return self.arrival - rate.cut_to(self.share_at(now)).slack

    def called(self, rate: Rate, at: float, now: float) -> Level:
        """With a place taken for a call at `at`."""
        return replace(self, arrival=max(self.arrival, at) + rate.cut_to(self.share_at(now)).interval)

    def refused(self, rate: Rate, now: float, seconds: float) -> Level:
        """With no call before `seconds` have passed, and fewer calls from now on.

        One cut for one episode, however many calls were on their way or are sent before Google has forgotten those of
        the minute before. Each block in an episode is twice as long as the episode has lasted, so that few calls find
        out when it is over. After a block the calls come one by one.
        """
        lasted = now - self.cut_at
        if lasted < EPISODE:
            level, seconds = self, max(seconds, min(LONGEST_BLOCK, 2 * lasted))
        else:
            level = replace(self, share=max(FLOOR, CUT * self.share_at(now)), cut_at=now)
        slack = rate.cut_to(level.share_at(now)).slack
        return replace(level, arrival=max(level.arrival, now + seconds + slack))


def take_places(levels: Sequence[tuple[Level, Rate]], now: float) -> tuple[float, list[Level]]:
    """A place for one call in each of these buckets at the same moment. -> (that moment, the levels after it)

    The same, for a call that waits for one bucket is counted by Google when it is sent: with its place in the other
    bucket at an earlier time, that one would let too many through meanwhile.
    """
    at = max([now, *(level.free_at(rate, now) for level, rate in levels)])
    return at, [level.called(rate, at, now) for level, rate in levels]


def project_of(subject: str, named: str) -> str:
    """The project whose quota an account's calls use; `named`: what its credentials say of it.

    A service account's address tells, and was proved to Google. What a key file says besides was written by whoever
    uploaded it: it must not use up somebody else's place. Clients of one project differ after their number.
    """
    name, _, domain = subject.partition("@")
    if name and domain.endswith(".iam.gserviceaccount.com"):
        return domain.removesuffix(".iam.gserviceaccount.com")
    return named.partition("-")[0] if named.endswith(".apps.googleusercontent.com") else named


class Pacer(Protocol):
    """Who says when a call may be made."""

    def take(self, kind: Kind) -> None:
        """Return once a call of this kind may be sent."""
        ...

    def back_off(self, kind: Kind, seconds: float, scope: Scope = "account") -> None:
        """Learn that this quota was used up after all: send nothing of this kind for `seconds`."""
        ...


@dataclass(frozen=True, slots=True)
class Unpaced:
    """Every call at once: for servers without a quota."""

    sleep: Callable[[float], None] = time.sleep

    def take(self, kind: Kind) -> None:
        """Return at once."""

    def back_off(self, kind: Kind, seconds: float, scope: Scope = "account") -> None:
        """Wait all the same: the server asked for it."""
        self.sleep(seconds)


@dataclass(slots=True)
class LocalPacer:
    """One account in one process: each kind of call has a bucket, waiting is sleeping. Thread-safe."""

    rates: Mapping[Kind, Rate]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _levels: dict[Kind, Level] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: Kind) -> None:
        """Sleep until a call of this kind fits into the rate."""
        rate = self.rates.get(kind)
        if rate is None:
            return
        with self._lock:
            now = self.clock()
            at, (self._levels[kind],) = take_places([(self._levels.get(kind, Level()), rate)], now)
        if at > now:
            self.sleep(at - now)

    def back_off(self, kind: Kind, seconds: float, scope: Scope = "account") -> None:
        """Let the next call of this kind wait `seconds` or longer, and the following ones come more slowly."""
        rate = self.rates.get(kind)
        if rate is None:
            self.sleep(seconds)
            return
        with self._lock:
            self._levels[kind] = self._levels.get(kind, Level()).refused(rate, self.clock(), seconds)
