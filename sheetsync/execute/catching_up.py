"""A shop that reported a change may give the order as it was for some seconds more: its servers are not of one mind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sheetsync.pipeline.records import Cursor, SourceRow
from sheetsync.sources.base import OrderQuery, Source, Watermark

MOST_LOOKS = 5
LOOK_EVERY = 3.0
"""Seconds. After so many looks it is taken as it is: a report may also tell a time that the shop's API does not."""


def latest(reports: Iterable[tuple[str, datetime | None]]) -> dict[str, datetime]:
    """{order id: when it was changed, by the latest report that tells}"""
    found: dict[str, datetime] = {}
    for order_id, changed_at in reports:
        if changed_at is not None and changed_at > found.get(order_id, datetime.min.replace(tzinfo=changed_at.tzinfo)):
            found[order_id] = changed_at
    return found


class CaughtUp:
    """A source without the orders that are older than was reported. `stale`: their ids.

    They are not written, and not taken for gone.
    """

    def __init__(self, source: Source, reported: Mapping[str, datetime]) -> None:
        self._source, self._reported = source, reported
        self.capabilities = source.capabilities
        self.stale: set[str] = set()

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """As the source, but for these."""
        return self._young(self._source.stream(query, cursor))

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """Likewise."""
        return self._young(self._source.fetch(order_ids))

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """Without those that were left out here."""
        return [each for each in self._source.gone(order_ids) if each not in self.stale]

    def total(self) -> int | None:
        """As the shop counts."""
        return self._source.total()

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """The source's own."""
        return self._source.watermark(cursor)

    def _young(self, rows: Iterator[SourceRow]) -> Iterator[SourceRow]:
        for row in rows:
            reported = self._reported.get(row.order_id)
            # By the second: some tell no parts of it in one of the two places.
            if reported and row.changed_at and row.changed_at < reported.replace(microsecond=0):
                self.stale.add(row.order_id)
            else:
                yield row
