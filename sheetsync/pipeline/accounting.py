"""Columns for whoever keeps the books, found in a sample of a shop's orders by the words of their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import Column, columns_from
from sheetsync.pipeline.defaults import guess, order_fields, words_of
from sheetsync.pipeline.records import RowsPer, SourceRow

MONEY = {ColumnType.CURRENCY, ColumnType.DECIMAL, ColumnType.INTEGER}
TIMES = {ColumnType.DATE, ColumnType.DATETIME}

WANTED: tuple[tuple[str, set[str], set[ColumnType]], ...] = (
    ("Number", {"number", "no", "name"}, {ColumnType.TEXT, ColumnType.INTEGER}),
    ("Date", {"created", "placed", "date", "processed", "datetime"}, TIMES),
    ("Paid on", {"paid"}, TIMES),
    ("Status", {"financial", "status", "state"}, {ColumnType.TEXT}),
    ("Currency", {"currency"}, {ColumnType.TEXT}),
    ("Subtotal", {"subtotal", "net"}, MONEY),
    ("Discount", {"discount", "discounts"}, MONEY),
    ("Shipping", {"shipping"}, MONEY),
    ("Tax", {"tax", "taxes", "vat"}, MONEY),
    ("Total", {"total", "gross", "amount"}, MONEY),
    ("Refunded", {"refunded", "refunds", "refund"}, MONEY),
    ("Payment", {"payment", "gateway"}, {ColumnType.TEXT}),
    ("Country", {"country"}, {ColumnType.TEXT}),
    ("VAT number", {"vat"}, {ColumnType.TEXT}),
)
"""Header, words of which one is in the field's name, and the types that it may have."""


def accounting_columns(sample: SourceRow) -> tuple[Column, ...]:
    """What a book-keeper asks of orders such as `sample`, a row for each: as much of it as they have.

    The shorter path wins: an order's own total comes before that of its first refund.
    """
    fields = sorted(order_fields(sample), key=lambda field: field[0].count("."))
    return columns_from([{"header": "Order", "path": "@order_id"}, *_found(fields)], RowsPer.ORDER)


def _found(fields: list[tuple[str, Any]]) -> Iterator[dict[str, str]]:
    taken: set[str] = set()
    for header, words, types in WANTED:
        for path, value in fields:
            kind = guess(path, value)
            if path not in taken and kind in types and not words.isdisjoint(words_of(path)):
                taken.add(path)
                yield {"header": header, "path": path, "type": kind}
                break
