"""A WooCommerce shop as a source: its orders from the first, from a checkpoint, from a watermark, or by their ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sheetsync.errors import BadRecord, BadReply
from sheetsync.pipeline.records import Cursor, SourceRow
from sheetsync.sources.base import BAD_RECORD, Capabilities, Mode, OrderQuery, Surroundings, Watermark
from sheetsync.sources.woocommerce.config import WooCommerceConfig, WooCommerceKeys, check
from sheetsync.sources.woocommerce.orders import is_wanted, rows_of
from sheetsync.sources.woocommerce.places import MOST_ID, Placed, place
from sheetsync.sources.woocommerce.shop import Shop
from sheetsync.sources.woocommerce.walk import Mark, Marks, Walk

_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class WooCommerceSource:
    """The orders of one shop. Raises BadSource for a configuration that cannot work, before anything is called.

    An order that is trashed or deleted is in no list: walks do not meet it, and `fetch` gives nothing for it.
    """

    def __init__(self, config: WooCommerceConfig, given: Surroundings) -> None:
        keys: WooCommerceKeys = given.credentials
        check(config, keys)
        self._config, self._keys, self._given = config, keys, given
        self._marks = Marks(config)
        self._open().__exit__()
        self.capabilities = Capabilities(
            incremental=True, fetch_by_id=True, fetch_at_once=config.per_page if config.refund_lines else 500
        )

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """All orders, those that changed since the query's watermark, or those it names; behind `cursor`.

        An order that is changed meanwhile comes again. Raises BadSource for a cursor of another shop, ShopDenied,
        Retryable, BadReply.
        """
        if query.mode == Mode.ORDERS:
            yield from self.fetch(query.order_ids)
            return
        mark = self._marks.since(query.since if query.mode == Mode.INCREMENTAL else None)
        if cursor is not None:
            mark = self._marks.resumed(cursor)
        with self._open() as shop:
            walk = Walk(self._config, shop.orders, self._given.tally, self._given.wait)
            yield from _last_in_a_row(self._rows(shop, row, behind) for row, behind in walk.onward(mark))

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """The orders with these ids as they are now. What is no id of such a shop is not asked for."""
        wanted = [int(text) for text in dict.fromkeys(order_ids) if _ID.fullmatch(text) and int(text) <= MOST_ID]
        if not wanted:
            return
        with self._open() as shop:
            for start in range(0, len(wanted), self._config.per_page):
                for row in self._fetched(shop, wanted[start : start + self._config.per_page]):
                    yield from self._rows(shop, row)

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """All of them: nothing is hidden from it."""
        return order_ids

    def total(self) -> int | None:
        """How many orders the shop counts, unfinished checkouts among them where its list has them."""
        with self._open() as shop:
            return shop.orders([("per_page", "1")]).total

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """The second of the last change that the walk met; a walk from it looks back a little further."""
        return self._marks.watermark(cursor)

    def _open(self) -> Shop:
        return Shop(self._config, self._keys, self._given.rules, self._given.wait)

    def _fetched(self, shop: Shop, wanted: Sequence[int]) -> Iterator[Placed]:
        """The orders of these ids that are there. Raises BadReply where others come: then none is proven gone."""
        include = ",".join(map(str, wanted))
        page = shop.orders([("include", include), ("per_page", str(self._config.per_page)), ("orderby", "id")])
        missing = set(wanted)
        for record in page.records:
            try:
                row = place(record)
            except BadRecord as error:
                self._given.tally.add(BAD_RECORD, str(error))
                continue
            if row.id not in missing:
                raise BadReply(
                    f"{self._config.home} gave order {row.id}, which was not asked for, or twice: does a cache "
                    "answer for it?"
                )
            missing.discard(row.id)
            yield row
        if page.total is not None and page.total > len(page.records):
            self._given.tally.add(BAD_RECORD, "the shop counts an order that it does not show: may the user see all?")

    def _rows(self, shop: Shop, row: Placed, behind: Mark | None = None) -> list[SourceRow]:
        """The rows of an order, if it is wanted. One that cannot be read is counted and left out."""
        if not is_wanted(self._config, row):
            return []
        try:
            whole = self._with_refunds(shop, row)
            cursor = None if behind is None else self._marks.cursor(behind)
            return [] if whole is None else list(rows_of(self._config, whole, cursor))
        except BadRecord as error:
            self._given.tally.add(BAD_RECORD, str(error))
            return []

    def _with_refunds(self, shop: Shop, row: Placed) -> Placed | None:
        """The order with its refunds and their lines, where these are asked for; None where it is gone by now."""
        if not self._config.refund_lines or not row.record.get("refunds"):
            return row
        refunds = shop.refunds(row.id)
        return None if refunds is None else replace(row, record={**row.record, "refunds": refunds})


def _last_in_a_row(orders: Iterable[list[SourceRow]]) -> Iterator[SourceRow]:
    """The rows of all orders; of an order that comes twice in a row, changed meanwhile, only those that came last.

    Nobody could tell where one version of it ends and the other begins.
    """
    waiting: list[SourceRow] = []
    for rows in orders:
        if waiting and rows and rows[0].order_id != waiting[0].order_id:
            yield from waiting
        waiting = rows or waiting
    yield from waiting
