"""A file as a source: where a walk resumes, and single orders by their ids."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from sheetsync.errors import BadSource, Unavailable
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow, Tally
from sheetsync.sources.base import Capabilities, Mode, OrderQuery, Watermark
from sheetsync.sources.file.opening import HEAD, OrderFile
from sheetsync.sources.file.orders import FileConfig, Order, Orders

_ALL = sys.maxsize
"""As `known`: bad records are counted by the walk that exports, not once more by each look-up."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a cursor says: records read, the last one's order, whether any was flat, how the file begins."""

    records: int
    id: str
    flat: bool
    size: int
    digest: str


class FileSource:
    """The orders of one file. Raises BadSource for a configuration that cannot work, before anything is read.

    Bad records that are left out are counted in `tally` as `bad_record`.
    """

    def __init__(self, config: FileConfig, tally: Tally) -> None:
        self._file = OrderFile(config.path, config.format)
        self._orders = Orders(config, self._file, tally)
        self._per_line = config.rows_per == RowsPer.LINE
        self._lines_path = config.lines_path
        # Each fetch reads the whole file.
        self.capabilities = Capabilities(
            fetch_by_id=True, each_order_once=self._file.format == "csv", fetch_at_once=10_000
        )

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """All orders of the file, or those after `cursor`; in the mode `orders` those asked for.

        Raises BadSource for a cursor that was made with another file.
        """
        if query.mode == Mode.ORDERS:
            yield from self._found(query.order_ids, self._orders.walk())
            return
        start = None if cursor is None else self._resumed(cursor)
        size, digest = self._file.head(HEAD)
        flat = start is not None and start.flat
        for order in self._after(start):
            flat = flat or order.flat
            mark = _Mark(order.last, order.id, flat, size, digest)
            yield from self._rows(order, json.dumps(asdict(mark)))

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """The last version of each of these orders. Raises Unavailable where the file is changed meanwhile."""
        yield from self._found(order_ids, self._orders.walk(known=_ALL))

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """All of them: nothing is hidden from it."""
        return order_ids

    def total(self) -> int | None:
        """How many lines a JSONL file has, where each is an order and counting them is quick; else None."""
        if self._file.format != "jsonl":
            return None
        first = next(self._orders.walk(known=_ALL), None)
        return None if first and first.flat else self._file.count_lines()

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """None: a file does not tell what changed in it."""
        return None

    def _found(self, order_ids: Sequence[str], orders: Iterator[Order]) -> Iterator[SourceRow]:
        wanted = set(order_ids)
        # Where each was met last; a second walk gives them one by one, for thousands of orders are too much to hold.
        last = {order.id: order.first for order in orders if order.id in wanted} if wanted else {}
        for order in self._orders.walk(known=_ALL) if last else ():
            if last.get(order.id) == order.first:
                del last[order.id]
                yield from self._rows(order, None)
        if last:
            raise Unavailable(f"{self._file.name} was changed while it was being read")

    def _rows(self, order: Order, cursor: Cursor | None) -> Iterator[SourceRow]:
        whole = order.records[0].value or {}
        if not self._per_line and order.flat:
            whole = {**whole, self._lines_path: [record.value for record in order.records]}
        if not order.lines:
            yield SourceRow(order_id=order.id, order=whole, cursor=cursor)
        for line_id, line in order.lines:
            yield SourceRow(order_id=order.id, order=whole, line_id=line_id, line=line, cursor=cursor)

    def _after(self, start: _Mark | None) -> Iterator[Order]:
        """The orders behind the mark; an order that has grown since then comes again."""
        if start is None:
            yield from self._orders.walk()
            return
        met = False
        # Flat orders are all read again: one that was met before the mark must not come back behind it.
        for order in self._orders.walk(0 if start.flat else start.records - 1, start.records):
            if met:
                yield order
            elif order.last >= start.records:
                if order.id != start.id or order.first > start.records:
                    break
                met = True
                if order.last > start.records:
                    yield order
        if not met:
            raise self._changed()

    def _resumed(self, cursor: Cursor) -> _Mark:
        try:
            mark = _Mark(**json.loads(cursor))
            known = mark.records >= 1 and 0 <= mark.size <= HEAD
        except (TypeError, ValueError):
            raise self._changed() from None
        if not known or self._file.head(mark.size) != (mark.size, mark.digest):
            raise self._changed()
        return mark

    def _changed(self) -> BadSource:
        return BadSource(
            f"{self._file.name} is not the file that the checkpoint was made with: delete the checkpoint and "
            "start over; orders that are in the tab already are recognised"
        )
