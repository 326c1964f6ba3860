"""A Shopify shop as a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sheetsync.errors import BadRecord, BadReply, BadSource
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow
from sheetsync.sources.base import BAD_RECORD, Capabilities, Mode, OrderQuery, Surroundings, Watermark
from sheetsync.sources.shopify import values
from sheetsync.sources.shopify.config import ShopifyConfig, check_config
from sheetsync.sources.shopify.orders import Orders
from sheetsync.sources.shopify.pacing import Sizes
from sheetsync.sources.shopify.questions import COUNT, IDS, NAMED, PAGE
from sheetsync.sources.shopify.replies import TooCostly
from sheetsync.sources.shopify.talking import Answer, Shop
from sheetsync.sources.shopify.walk import Place, Seen, Walk

FETCHED_AT_ONCE = 200
"""Orders that the exporter asks for in one go."""

WINDOW = timedelta(days=59)
"""How far back an app without `read_all_orders` can see, less a day: ids grow with time, but not to the minute."""


class ShopifySource:
    """The orders of one shop. Raises BadSource for a configuration that cannot work, before anything is asked.

    Bad records that are left out are counted in the tally as `bad_record`, and so are orders that may be there but
    cannot be seen; fields that Shopify keeps back once as `protected_data`.
    """

    def __init__(self, config: ShopifyConfig, given: Surroundings, base_url: str | None = None) -> None:
        check_config(config)
        self._config = config
        self._tally = given.tally
        self._shop = Shop(config, given, base_url)
        self._sizes = Sizes(config.page_size, config.line_page_size)
        self._orders = Orders(self._shop, self._sizes)
        self._per_line = config.rows_per == RowsPer.LINE
        self.capabilities = Capabilities(incremental=True, fetch_by_id=True, fetch_at_once=FETCHED_AT_ONCE)

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """All orders by the time of their last change, or those behind `cursor`; by id those asked for.

        An order that is edited meanwhile comes again, as it is then. Raises BadSource, BadReply, NeedsOwner, Retryable.
        """
        if query.mode == Mode.ORDERS:
            yield from self.fetch(query.order_ids)
            return
        walk = Walk(_start(query)) if cursor is None else Walk.resumed(cursor)
        yield from self._apart(self._walked(walk))

    def fetch(self, order_ids: Sequence[str]) -> Iterator[SourceRow]:
        """These orders as they are now, as far as the filter takes them."""
        known = [each for each in dict.fromkeys(order_ids) if values.is_id(each)]
        while known:
            size = self._sizes.orders
            try:
                nodes = self._named(known[:size])
            except TooCostly:
                if not self._sizes.shrink():
                    raise
                continue
            for node in nodes:
                yield from self._rows(node, None)
            known = known[size:]

    def gone(self, order_ids: Sequence[str]) -> Sequence[str]:
        """Those that are not older than what the app may see, with a day to spare; and what is no id of an order."""
        if self._config.all_orders:
            return order_ids
        since = values.spelt(datetime.now(UTC) - WINDOW)
        oldest = self._ids(f"created_at:>='{since}'", 1)
        return [each for each in order_ids if not values.is_id(each) or (oldest and int(each) >= int(oldest[0]))]

    def total(self) -> int | None:
        """How many orders match now, where Shopify counted them all."""
        count = self._shop.ask(COUNT, query=self._terms("")).value
        found = count.get("count") if isinstance(count, dict) and count.get("precision") == "EXACT" else None
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    def watermark(self, cursor: Cursor) -> Watermark | None:
        """The time of the last change that was met, less what Shopify's search may lag behind."""
        place = Walk.resumed(cursor).place
        at = place.at if place else None
        return None if at is None else values.spelt(at - timedelta(seconds=self._config.overlap))

    def _walked(self, walk: Walk) -> Iterator[tuple[Seen, Cursor]]:
        while walk.place is not None:
            page, now, last = self._page(walk.place)
            yield from walk.step(page, now, last=last)

    def _apart(self, walked: Iterator[tuple[Seen, Cursor]]) -> Iterator[SourceRow]:
        """The rows of these orders, with another order between two versions of one: as neighbours they would be one.

        A second version waits for the next order, which may not be resumed behind before both were given. At the end
        of the walk it is left out, and with it its cursor: the next walk of changes begins before it.
        """
        given, reached = None, None
        waiting: Seen | None = None
        for seen, cursor in walked:
            if seen.id == given:
                waiting = seen
                continue
            rows = list(self._rows(seen.node, reached if waiting else cursor))
            yield from rows
            if not rows:
                continue
            given, reached = seen.id, rows[0].cursor
            if waiting:
                again = list(self._rows(waiting.node, cursor))
                yield from again
                given, reached, waiting = (waiting.id if again else given), cursor, None

    def _page(self, place: Place) -> tuple[list[Seen], datetime, bool]:
        """The orders of the page from `place` on, when it was answered, and whether it is the last."""
        answer = self._ask_page(place)
        connection = answer.value
        nodes = connection.get("nodes") if isinstance(connection, dict) else None
        info = connection.get("pageInfo") if isinstance(connection, dict) else None
        more = info.get("hasNextPage") if isinstance(info, dict) else None
        if not isinstance(nodes, list) or not isinstance(more, bool):
            raise BadReply(f"{self._config.shop} gave a page of orders without nodes or pageInfo")
        return list(self._seen(nodes)), answer.at, not more

    def _ask_page(self, place: Place) -> Answer:
        while True:
            first = self._sizes.orders
            try:
                answer = self._shop.ask(
                    PAGE, first=first, lines=self._sizes.lines, query=self._terms(place.terms()), sort=place.sort
                )
            except TooCostly:
                if not self._sizes.shrink():
                    raise
                continue
            self._sizes.fit(answer.cost, first)
            return answer

    def _seen(self, nodes: Sequence[Any]) -> Iterator[Seen]:
        for node in nodes:
            try:
                known = values.an_object(node)
                yield Seen(values.gid("Order")(known.get("id")), values.moment(known.get("updatedAt")), known)
            except BadRecord as error:
                self._doubt(f"an order without id or time: {error}")

    def _named(self, order_ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """The orders of these ids that are there; what may be there all the same is counted."""
        asked = list(self._matching(order_ids)) if self._config.filter else list(order_ids)
        if not asked:
            return []
        gids = [f"gid://shopify/Order/{each}" for each in asked]
        nodes = self._shop.ask(NAMED, ids=gids, lines=self._sizes.lines).value
        if not isinstance(nodes, list) or len(nodes) != len(gids):
            raise BadReply(f"{self._config.shop} was asked for {len(gids)} orders and gave another number of answers")
        for gid, node in zip(gids, nodes, strict=True):
            # {} is what there is of something else than an order.
            if node not in (None, {}) and (not isinstance(node, dict) or node.get("id") != gid):
                raise BadReply(f"{self._config.shop} was asked for an order and gave another one")
        return [node for node in nodes if node]

    def _matching(self, order_ids: Sequence[str]) -> Iterator[str]:
        """Those that the filter takes, as Shopify's search has them."""
        wanted = " OR ".join(f"id:{each}" for each in order_ids)
        found = set(self._ids(self._terms(f"({wanted})"), len(order_ids)))
        yield from (each for each in order_ids if each in found)

    def _ids(self, query: str | None, first: int) -> list[str]:
        found = self._shop.ask(IDS, first=first, query=query).value
        nodes = found.get("nodes") if isinstance(found, dict) else None
        try:
            return [values.gid("Order")(values.an_object(node).get("id")) for node in values.a_list(nodes)]
        except BadRecord as error:
            raise BadReply(f"{self._config.shop} was asked for ids of orders: {error}") from None

    def _rows(self, node: Mapping[str, Any], cursor: Cursor | None) -> Iterator[SourceRow]:
        try:
            found, changed_at = self._orders.whole(node), values.moment(node.get("updatedAt"))
        except BadRecord as error:
            self._doubt(f"order {str(node.get('id'))[:60]!r}: {error}")
            return
        if found is None:
            return
        lines = found.order["line_items"] if self._per_line else ()
        whole = SourceRow(order_id=found.id, order=found.order, cursor=cursor, changed_at=changed_at)
        if not lines:
            yield whole
        for line in lines:
            yield replace(whole, line_id=line["id"], line=line)

    def _terms(self, terms: str) -> str | None:
        """The search of the configuration and these terms; both must hold."""
        parts = [f"({self._config.filter})"] if self._config.filter.strip() else []
        return " ".join([*parts, terms] if terms else parts) or None

    def _doubt(self, example: str) -> None:
        self._tally.add(BAD_RECORD, example)


def _start(query: OrderQuery) -> Place:
    if query.mode != Mode.INCREMENTAL or query.since is None:
        return Place()
    try:
        return Place(values.moment(query.since))
    except BadRecord:
        raise BadSource(f"watermark {query.since[:60]!r} is none of this source's: run all orders once") from None
