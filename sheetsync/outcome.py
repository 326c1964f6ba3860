"""What becomes of a run after an attempt: a pure decision from the error, the attempt's number and the time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sheetsync.errors import NeedsOwner, Retryable, WorkerLost


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential, capped, with full jitter: attempt n waits a random part of `base` * 2^(n-1), at most of `cap`."""

    base: timedelta = timedelta(seconds=10)
    cap: timedelta = timedelta(minutes=15)

    def delay(self, failures: int, jitter: float) -> timedelta:
        """How long to wait after this many failures; `jitter` from 0 to 1."""
        doublings = min(failures - 1, 40)  # enough for any cap; more would overflow
        longest: timedelta = min(self.cap, self.base * 2**doublings)
        return longest * jitter


@dataclass(frozen=True, slots=True)
class Completed:
    """The tab equals the source."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Nothing was wrong with what was asked: try again then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """The same again would fail the same way: somebody has to change something, and then retry."""


@dataclass(frozen=True, slots=True)
class Dead:
    """It could have been tried again, but the attempts are used up: replay it when the cause is mended."""


@dataclass(frozen=True, slots=True)
class OwnerMustAct:
    """The owner of the account or of the spreadsheet has to act first."""


Outcome = Completed | RetryAt | Failed | Dead | OwnerMustAct


def decide(
    error: Exception | None,
    *,
    attempt: int,
    max_attempts: int,
    now: datetime,
    backoff: Backoff,
    jitter: Callable[[], float] = random.random,
) -> Outcome:
    """What to do after the attempt of this number ended with `error`, or with None when all went well.

    A retry never comes before what a server asked for. A worker that was lost for the first time is replaced at
    once: most are lost to deployments, and its run has waited for the lease to end already.
    """
    match error:
        case None:
            return Completed()
        case NeedsOwner():
            return OwnerMustAct()
        case Retryable() if attempt >= max_attempts:
            return Dead()
        case WorkerLost() if attempt == 1:
            return RetryAt(now)
        case Retryable():
            asked = timedelta(seconds=error.retry_after or 0)
            return RetryAt(now + max(asked, backoff.delay(attempt, jitter())))
        case _:
            return Failed()
