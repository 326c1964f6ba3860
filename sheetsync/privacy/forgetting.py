"""What makes a run forget orders: a source that gives them empty, and a tab that does not keep their rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from sheetsync.pipeline.filters import Filter, Operator
from sheetsync.pipeline.records import CLEARED, COPY, DELETING, Cursor, SourceRow
from sheetsync.sheets.tab import Tab
from sheetsync.sources.base import Mode, OrderQuery, Source, Watermark

GONE = "sheetsync: forgotten"
"""What an order that was forgotten still has to say."""

NOT_FORGOTTEN = Filter(path=GONE, operator=Operator.MISSING)
"""One more filter of every run: it leaves a forgotten order without a row."""

Forgotten = Callable[[Collection[str] | None], Collection[str]]
"""Which orders are forgotten by now: all of them, or those among some."""


class ForgetfulTab(Tab):
    """A tab in which a forgotten order's rows are emptied even where removed rows are kept or marked.

    They are handled as rows whose cells cannot be trusted. Kept in mind when the tab is looked at anew.
    """

    _gone: frozenset[str] = frozenset()

    def open(self) -> Tab:
        """As any other, and what was forgotten so far stays so."""
        super().open()
        for order_id in self._gone:
            self._let_go(order_id)
        return self

    def forget(self, order_id: str) -> None:
        """Its rows must not stay as they are."""
        self._gone |= {order_id}
        self._let_go(order_id)

    def _let_go(self, order_id: str) -> None:
        for row in list(self.index.rows_of(order_id)):
            if row.state not in (CLEARED, DELETING, COPY):
                self.index.distrust(row.at)


class ForgetfulSource:
    """A source in which forgotten orders are empty, wherever they are met or asked for.

    The shop may list them still, or have no way to say that they are gone, or not see that far back: none of that
    counts. Of those asked for by id the shop hears nothing.

    For changed orders `forgotten` is asked anew each time: the run may have begun before the demand came, and this may
    be the one look at the order that the demand waits for. Elsewhere not where there was `none` when the run began:
    what came since has a look of its own, after this walk.
    """

    def __init__(self, source: Source, tab: ForgetfulTab, forgotten: Forgotten, *, none: bool) -> None:
        self._source, self._tab, self._forgotten, self._none = source, tab, forgotten, none
        self.capabilities = source.capabilities

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """Forgotten ones in their place in the walk, so that it can be resumed there."""
        if query.mode is Mode.ORDERS:
            self._none = False
            gone, others = self._parted(query.order_ids)
            yield from self._empty(gone)
            if others:
                yield from self._source.stream(replace(query, order_ids=tuple(others)), cursor)
            return
        known = () if self._none else self._forgotten(None)
        walk = self._source.stream(query, cursor)
        if not known:
            yield from walk
        for order_id, rows in groupby(walk, key=attrgetter("order_id")):
            if order_id in known:
                yield from self._empty([order_id], list(rows)[-1].cursor)
            else:
                yield from rows

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """Forgotten ones empty, the others as they are."""
        gone, others = self._parted(order_ids)
        yield from self._empty(gone)
        if others:
            yield from self._source.fetch(others)

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """With those that are forgotten."""
        gone, others = self._parted(order_ids)
        return [*gone, *(self._source.gone(others) if others else ())]

    def total(self) -> int | None:
        """As the shop counts."""
        return self._source.total()

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """The source's own."""
        return self._source.watermark(cursor)

    def _parted(self, order_ids: Sequence[str]) -> tuple[list[str], list[str]]:
        known = () if self._none else self._forgotten(order_ids)
        return [each for each in order_ids if each in known], [each for each in order_ids if each not in known]

    def _empty(self, order_ids: Iterable[str], cursor: Cursor | None = None) -> Iterator[SourceRow]:
        for order_id in order_ids:
            self._tab.forget(order_id)
            yield SourceRow(order_id=order_id, order={GONE: True}, cursor=cursor)
