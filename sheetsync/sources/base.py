"""The shape every source has, and what can be asked of one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sheetsync.outbound import Rules
from sheetsync.pipeline.records import Cursor, SourceRow, Tally

BAD_RECORD = "bad_record"
"""The tally's kind for a record that was left out: what it was nobody knows, so its absence proves nothing."""


Watermark = str
"""What a later walk asks the shop for, to be given all that changed since: text that only the source can read."""


class Mode(StrEnum):
    """Which orders a run walks: all, those changed since a watermark, or just the ones named."""

    FULL = "full"
    INCREMENTAL = "incremental"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """What a run wants from a source. `since`: where an incremental walk begins; None is the beginning of all."""

    mode: Mode = Mode.FULL
    order_ids: tuple[str, ...] = ()
    since: Watermark | None = None


Secrets = Mapping[str, Any]
Renewal = Callable[[Secrets], Secrets]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a source is given besides its configuration.

    `tally`: where it counts what was strange. `credentials`: of its kind's own type, None where the kind has none.
    `rules`: what may be called, None for the settings in force. `wait`: sleeps for so many seconds, but not for a run
    that has to stop. `renew`: has expired credentials replaced by what a call of the shop gives, once for all processes
    that find them expired at the same time; it gets the stored ones and returns the new ones.
    """

    tally: Tally = field(default_factory=Tally)
    credentials: Any = None
    rules: Rules | None = None
    wait: Callable[[float], None] = time.sleep
    renew: Callable[[Renewal], Secrets] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a source can promise.

    `fetch_by_id`: `fetch` tells whether an order still exists. `each_order_once`: a walk never meets an order twice.
    `fetch_at_once`: for how many orders one `fetch` is asked: a few seconds' work.
    """

    incremental: bool = False
    fetch_by_id: bool = False
    each_order_once: bool = False
    fetch_at_once: int = 500


class Source(Protocol):
    """Where orders come from. A source never holds an export in memory: rows come one at a time.

    A source is configured with whether it gives one row per order or per line. An order that has no lines comes as one
    row without a line, so that what the tab still holds of it can be removed.
    """

    capabilities: Capabilities

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """Whole orders in a stable order, resuming after `cursor`. Raises BadRecord, BadSource, Retryable."""
        ...

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """The orders of these ids as they are now, in any order; an id that no longer exists gives nothing."""
        ...

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """Of these ids, those whose orders are gone, or left out by the filters, if a fetch gives nothing for them.

        All, for a source that sees every order of the shop. No other one is ever removed from a tab.
        """
        ...

    def total(self) -> int | None:
        """How many orders a full walk is going to meet, where that is cheap to know; else None."""
        ...

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """For a walk that ended at this cursor: `since` of an incremental one that finds all that changed meanwhile.

        By the shop's clock, with an overlap where that is coarse. None where the source cannot tell.
        """
        ...
