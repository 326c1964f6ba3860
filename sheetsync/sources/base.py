"""The shape every source has, and what can be asked of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sheetsync.pipeline.records import Cursor, SourceRow

BAD_RECORD = "bad_record"
"""The tally's kind for a record that was left out: what it was nobody knows, so its absence proves nothing."""


class Mode(StrEnum):
    """Which orders a run walks: all, those changed since a watermark, or just the ones named."""

    FULL = "full"
    INCREMENTAL = "incremental"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """What a run wants from a source."""

    mode: Mode = Mode.FULL
    order_ids: tuple[str, ...] = ()


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

    def total(self) -> int | None:
        """How many orders a full walk is going to meet, where that is cheap to know; else None."""
        ...
