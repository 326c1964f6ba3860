"""Which order a body is about, where no platform says how bodies look."""

from __future__ import annotations

from sheetsync.webhooks.platform import Delivery, id_in, member

PLACES = ("data.order_id", "data.order.id", "order_id", "order.id", "data.id", "id", "code")
"""Looked at in this order: what is about a refund, say, names its own id too. `code` is pretix'."""
DEEPEST = 16


def named_order(delivery: Delivery) -> str | None:
    """By the place that the address tells (`?order=data.number`), else by the first of the usual ones that is there.

    An id of something else does no harm: the shop is asked for an order of that id, and has none, or it is fetched once
    more than needed.
    """
    places = (delivery.order_at,) if delivery.order_at else PLACES
    found = (id_in(member(delivery.payload, place)) for place in places if place.count(".") < DEEPEST)
    return next(filter(None, found), None)
