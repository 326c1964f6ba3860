"""From a record of the shop to the rows of an order: ids as text, meta data by its keys, exact prices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sheetsync.errors import BadRecord
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow
from sheetsync.sources.woocommerce.config import NOT_LISTED, WooCommerceConfig
from sheetsync.sources.woocommerce.places import MOST_ID, Placed

MOST_KEY = 250
"""Longest key of meta data, in characters: WordPress keeps 255, and a column's path has room for no more."""

LISTS = ("line_items", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines")
"""What of an order has meta data of its own."""

SMALLEST = Decimal("0.0001")
"""To what a unit price is rounded."""

_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,12})?")


def is_wanted(config: WooCommerceConfig, row: Placed) -> bool:
    """Whether the order has one of the statuses that are asked for."""
    status = row.record.get("status")
    return status in config.statuses if config.statuses else status not in NOT_LISTED


def rows_of(config: WooCommerceConfig, row: Placed, cursor: Cursor | None = None) -> Iterator[SourceRow]:
    """The rows of one order. Raises BadRecord where it cannot be read."""
    order = _shaped(row)
    order_id = str(row.id)
    lines = _lines(row.id, order) if config.rows_per == RowsPer.LINE else {}
    changed_at = datetime.fromtimestamp(row.second, UTC) if row.second else None
    whole = SourceRow(order_id=order_id, order=order, cursor=cursor, changed_at=changed_at)
    if not lines:
        yield whole
    for line_id, line in lines.items():
        yield replace(whole, line_id=line_id, line=line)


def _shaped(row: Placed) -> dict[str, Any]:
    order = dict(row.record)
    for name in LISTS:
        if isinstance(order.get(name), list):
            order[name] = [_with_meta(each) for each in order[name]]
    for line in _objects(order.get("line_items")):
        line["unit_price"] = _unit_price(line)
    if isinstance(order.get("refunds"), list):
        order["refunds"] = [_refund(each) for each in order["refunds"]]
    return {**_with_meta(order)}


def _refund(refund: Any) -> Any:
    """A refund that was asked for has lines, and these have meta data."""
    if not isinstance(refund, dict) or not isinstance(refund.get("line_items"), list):
        return refund
    return _with_meta({**refund, "line_items": [_with_meta(each) for each in refund["line_items"]]})


def _with_meta(value: Any) -> Any:
    """An object with its meta data as `meta`, by their keys: the last of those that share one."""
    if not isinstance(value, dict) or not isinstance(value.get("meta_data"), list):
        return value
    found = {}
    for entry in _objects(value["meta_data"]):
        key = entry.get("key")
        if isinstance(key, str) and 0 < len(key) <= MOST_KEY:
            found[key] = entry.get("value")
    return {**value, "meta": found}


def _lines(order_id: int, order: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    lines = order.get("line_items")
    if not isinstance(lines, list):
        raise BadRecord(f"order {order_id}: line_items holds a {type(lines).__name__}, not a list")
    found: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        line_id = line.get("id") if isinstance(line, Mapping) else None
        if isinstance(line_id, bool) or not isinstance(line_id, int) or not 0 < line_id <= MOST_ID:
            raise BadRecord(f"order {order_id}, line {number}: its id is no positive whole number")
        if str(line_id) in found:
            raise BadRecord(f"order {order_id} has two lines with the id {line_id}")
        found[str(line_id)] = line
    return found


def _unit_price(line: Mapping[str, Any]) -> Decimal | None:
    """What one piece cost, after discounts and before tax; `price` is the same as a float, 7.8999999999999995.

    None where that cannot be told: of no pieces, or of no amount.
    """
    total, quantity = line.get("total"), line.get("quantity")
    if not isinstance(total, str) or not _AMOUNT.fullmatch(total):
        return None
    if isinstance(quantity, bool) or not isinstance(quantity, (int, Decimal)) or not quantity:
        return None
    try:
        exact = (Decimal(total) / quantity).quantize(SMALLEST, ROUND_HALF_UP)
    except ArithmeticError:  # an amount beyond all measure
        return None
    return Decimal(f"{exact:f}".rstrip("0").rstrip("."))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
