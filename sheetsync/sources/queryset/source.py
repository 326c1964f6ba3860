"""The host's orders as a source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow, Tally
from sheetsync.sources.base import Capabilities, Mode, OrderQuery, Watermark
from sheetsync.sources.queryset.config import MAX_CHUNK, QuerysetConfig, bad
from sheetsync.sources.queryset.ids import Ids
from sheetsync.sources.queryset.lines import Lines
from sheetsync.sources.queryset.opening import opened
from sheetsync.sources.queryset.places import Selection, exposed
from sheetsync.sources.queryset.reading import Row, asking, rows_of
from sheetsync.sources.queryset.walk import Mark, Walk

MET_AGAIN = "met_again"
"""The tally's kind for an order that moved ahead in the walk after it had been given."""


class QuerysetSource:
    """The orders of one model. Raises BadSource for a configuration that cannot work, before anything is read.

    A walk by anything but the primary key remembers the orders it met, for the host may change what it goes by. One
    that comes again is counted in `tally` and not given twice. So that an incremental walk hides no change this way, it
    ends with the last change before it began; the next one finds what came after.
    """

    def __init__(self, config: QuerysetConfig, tally: Tally) -> None:
        _check(config)
        self._orders = opened(config)
        self._alias = self._orders.db
        model = self._orders.model
        self._ids = Ids("id_field", config.id_field, model, unique=True)
        self._walk = Walk("ordering", config, self._orders)
        self._by_change = Walk("updated", config, self._orders, bounded=True) if config.updated else self._walk
        self._lines = Lines(config, model) if config.lines else None
        fields = exposed("fields", config.fields, model, self._orders.query.annotations)
        if self._lines and any(place.path.split(".")[0] == config.lines_key for place in fields):
            raise bad("lines_key", config.lines_key, "a field of the order has that name: choose another")
        hidden = ["pk", self._ids.lookup, self._walk.lookup, self._by_change.lookup]
        self._selection = Selection(fields, [*hidden, self._lines.target] if self._lines else hidden)
        self._per_line = config.rows_per == RowsPer.LINE
        self._lines_key = config.lines_key
        self._chunk = config.chunk
        self._tally = tally
        self._overlap = timedelta(seconds=config.overlap)
        self.capabilities = Capabilities(incremental=config.updated is not None, fetch_by_id=True, each_order_once=True)

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """All orders, or those behind `cursor`; in the mode `orders` those asked for.

        Raises BadSource for a cursor of another configuration, Unavailable where the database does not answer.
        """
        if query.mode == Mode.ORDERS:
            yield from self.fetch(query.order_ids)
            return
        walk = self._by_change if query.mode == Mode.INCREMENTAL else self._walk
        mark = self._start(walk, query.since) if cursor is None else walk.resumed(cursor)
        met: set[Any] = set()
        while mark is not None:
            rows = rows_of(walk.onward(self._orders, mark)[: self._chunk], self._selection, self._alias)
            yield from self._given(self._fresh(rows, walk, mark, met))
            mark = walk.next(mark, self._mark(rows[-1], walk, mark)) if len(rows) == self._chunk else None

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """The orders with these ids as they are now, as far as the filters take them."""
        texts = list(dict.fromkeys(order_ids))
        size = self.capabilities.fetch_at_once
        for start in range(0, len(texts), size):
            wanted = set(texts[start : start + size])
            values = list(self._ids.values(wanted, self._alias))
            if not values:
                continue
            query = self._orders.filter(**{f"{self._ids.lookup}__in": values})
            rows = self._by_pk(rows_of(query, self._selection, self._alias)).values()
            # 007 finds 7, and some collations find what only looks alike.
            yield from self._given([(row, None) for row in rows if self._order_id(row) in wanted])

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """All of them: nothing is hidden from it."""
        return order_ids

    def total(self) -> int | None:
        """How many orders there are now."""
        with asking(self._alias):
            return self._orders.values("pk").distinct().count()

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """When the last change before the walk was; None without a time of last change."""
        return json.loads(cursor).get("changed") if self.capabilities.incremental else None

    def _start(self, walk: Walk, since: Watermark | None) -> Mark | None:
        with asking(self._alias):
            if not self.capabilities.incremental:
                return walk.start(self._orders)
            if walk is self._by_change:
                begin = None if since is None else self._moment(since) - self._overlap
                return walk.start(self._orders, begin)
            last = self._by_change.last(self._orders)
            return walk.start(self._orders, changed=None if last is None else self._by_change.spelt(last))

    def _moment(self, since: Watermark) -> datetime:
        try:
            return datetime.fromisoformat(since)
        except ValueError:
            raise BadSource(f"watermark {since[:60]!r} is none of this source's: run all orders once") from None

    def _fresh(self, rows: Sequence[Row], walk: Walk, start: Mark, met: set[Any]) -> list[tuple[Row, Cursor]]:
        """The orders that were not met before, each with the cursor to go on behind it."""
        fresh = []
        for pk, row in self._by_pk(rows).items():
            if pk in met:
                self._tally.add(MET_AGAIN, f"order {self._order_id(row)!r} changed during the walk")
                continue
            if not walk.by_pk:
                met.add(pk)
            fresh.append((row, walk.cursor(self._mark(row, walk, start))))
        return fresh

    def _given(self, found: Sequence[tuple[Row, Cursor | None]]) -> Iterator[SourceRow]:
        """The rows of these orders, after one query for all their lines."""
        owners = [self._selection.value(row, self._lines.target) for row, _ in found] if self._lines else []
        lines = self._lines.of(owners, self._alias) if self._lines and owners else {}
        for row, cursor in found:
            order_id, order = self._order_id(row), self._selection.record(row)
            own = lines.get(self._selection.value(row, self._lines.target), []) if self._lines else []
            if self._lines:
                order[self._lines_key] = [line for _, line in own]
            if not (own and self._per_line):
                yield SourceRow(order_id=order_id, order=order, cursor=cursor)
                continue
            for line_id, line in own:
                yield SourceRow(order_id=order_id, order=order, line_id=line_id, line=line, cursor=cursor)

    def _by_pk(self, rows: Sequence[Row]) -> dict[Any, Row]:
        """A filter on lines multiplies orders: each is here once, in its place."""
        return {self._selection.value(row, "pk"): row for row in rows}

    def _mark(self, row: Row, walk: Walk, start: Mark) -> Mark:
        value, pk = self._selection.value(row, walk.lookup), self._selection.value(row, "pk")
        return replace(start, value=value, pk=pk, since=None)

    def _order_id(self, row: Row) -> str:
        return self._ids.text(self._selection.value(row, self._ids.lookup), self._selection.value(row, "pk"))


def _check(config: QuerysetConfig) -> None:
    if not 1 <= config.chunk <= MAX_CHUNK:
        raise bad("chunk", config.chunk, f"read 1 to {MAX_CHUNK} orders at once")
    if config.overlap < 0:
        raise bad("overlap", config.overlap, "write seconds, 0 or more")
    if config.lines is None and config.rows_per == RowsPer.LINE:
        raise bad("lines", None, "a tab with one row per line needs the related name by which an order finds its lines")
    if config.lines is None and config.line_fields is not None:
        raise bad("line_fields", list(config.line_fields), "name the option lines too: without it no lines are read")
    if not config.lines_key:
        raise bad("lines_key", config.lines_key, "write what the list of lines shall be called in an order")
