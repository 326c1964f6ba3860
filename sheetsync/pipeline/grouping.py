"""Consecutive rows of one order become one order group, never to be torn apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from sheetsync.errors import BadRecord
from sheetsync.pipeline.records import OrderGroup, Row, SourceRow

Shape = Callable[[SourceRow], Row | None]
"""How a source row becomes a sheet row; None where it has none (filtered out, or an order without lines)."""


def grouped(rows: Iterable[SourceRow], shape: Shape) -> Iterator[OrderGroup]:
    """One group per run of rows with the same order id.

    An order of which `shape` leaves nothing still gives a group, an empty one: what the tab holds of it must go.
    Raises BadRecord where two lines of one order have the same id.
    """
    for order_id, members in groupby(rows, key=attrgetter("order_id")):
        yield _group(order_id, list(members), shape)


def _group(order_id: str, members: list[SourceRow], shape: Shape) -> OrderGroup:
    rows = tuple(row for row in map(shape, members) if row is not None)
    keys = frozenset(row.key for row in rows)
    if len(keys) != len(rows):
        raise BadRecord(
            f"order {order_id!r} has two rows with one line id: choose a line id that is unique inside an order, "
            "or leave it out to number the lines by position"
        )
    return OrderGroup(order_id, rows, keys, members[-1].cursor)
