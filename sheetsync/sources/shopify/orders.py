"""One order, whole: its lines and rare lists too, where Shopify gave only the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sheetsync.errors import BadRecord, BadReply
from sheetsync.sources.shopify import values
from sheetsync.sources.shopify.fields import FULFILLMENTS, LINE, ORDER, RARE, REFUNDS, read
from sheetsync.sources.shopify.pacing import Sizes
from sheetsync.sources.shopify.questions import LINES, REST
from sheetsync.sources.shopify.replies import TooCostly
from sheetsync.sources.shopify.talking import Shop

MAX_LINES = 100_000
"""Most lines of one order, all in memory at once."""
LINES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Order:
    """An order as columns read it."""

    id: str
    order: dict[str, Any]


class Orders:
    """Makes whole orders of nodes."""

    def __init__(self, shop: Shop, sizes: Sizes) -> None:
        self._shop = shop
        self._more = Sizes(1, max(LINES_AT_ONCE, sizes.lines))

    def whole(self, node: Mapping[str, Any]) -> Order | None:
        """The order of a node with all that belongs to it; None for one that is deleted this very moment.

        Raises BadRecord for one that cannot be read.
        """
        order = read(ORDER, node)
        order_id = values.gid("Order")(node.get("id"))
        for name in ("refunds", "fulfillments"):
            if len(order[name] or ()) >= RARE:
                rest = self._rest(order_id)
                if rest is None:
                    return None
                order |= rest
                break
        lines = self._lines(order_id, node.get("lineItems"))
        return None if lines is None else Order(order_id, order | {"line_items": list(lines.values())})

    def _rest(self, order_id: str) -> dict[str, Any] | None:
        node = self._shop.ask(REST, id=f"gid://shopify/Order/{order_id}").value
        if node is None:
            return None
        known = values.an_object(node)
        return {"refunds": REFUNDS(known.get("refunds")), "fulfillments": FULFILLMENTS(known.get("fulfillments"))}

    def _lines(self, order_id: str, connection: Any) -> dict[str, dict[str, Any]] | None:
        """The lines by their ids, in their order."""
        found: dict[str, dict[str, Any]] = {}
        after = _take(connection, found)
        while after is not None:
            connection = self._more_lines(order_id, after)
            if connection is None:
                return None
            count, last = len(found), after
            after = _take(connection, found)
            if after == last or (after is not None and len(found) == count):
                raise BadReply(f"order {order_id}: a page of lines brings nothing new: Shopify gave the same one again")
            if len(found) > MAX_LINES:
                raise BadReply(f"order {order_id} has over {MAX_LINES:,} lines")
        return found

    def _more_lines(self, order_id: str, after: str) -> Any:
        """The next page of lines; None where the order is gone."""
        while True:
            gid = f"gid://shopify/Order/{order_id}"
            try:
                node = self._shop.ask(LINES, id=gid, lines=self._more.lines, after=after).value
            except TooCostly:
                if not self._more.shrink_lines():
                    raise
                continue
            return None if node is None else values.an_object(node).get("lineItems")


def _take(connection: Any, found: dict[str, dict[str, Any]]) -> str | None:
    """Add the lines of a page. -> the shop's word for where the next one begins, None behind the last."""
    info = values.an_object(values.an_object(connection).get("pageInfo"))
    for node in values.a_list(values.an_object(connection).get("nodes")):
        line = read(LINE, values.an_object(node))
        if line["id"] is None:
            raise BadRecord("a line has no id")
        found.setdefault(line["id"], line)
    if not values.yes_or_no(info.get("hasNextPage")):
        return None
    return values.text(info.get("endCursor"))
