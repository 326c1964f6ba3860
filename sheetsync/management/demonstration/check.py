"""The final check: every cell of the tab against the file of orders, computed here on its own, not by the exporter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sheetsync.management.demonstration.shop import COLUMNS, Order

DAY_NOUGHT = datetime(1899, 12, 30)
"""A date cell is the number of days since then."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison found."""

    rows: int
    cells: int
    differences: tuple[str, ...]


def expected_rows(orders: dict[str, Order]) -> dict[str, list[Any]]:
    """{order:line: what its row must show}."""
    return {
        f"{order['id']}:{number}": _cells(order, line)
        for order in orders.values()
        for number, line in enumerate(order["lines"], start=1)
    }


def compare(orders: dict[str, Order], table: list[list[Any]]) -> Verdict:
    """The tab as read through the API, header first, against the orders. Emptied rows do not count."""
    header, *rows = table
    places = [header.index(column["header"]) for column in COLUMNS]
    expected = expected_rows(orders)
    found: dict[str, list[Any]] = {}
    differences = []
    for row in rows:
        cells = [row[at] if at < len(row) else "" for at in places]
        if row and row[0] and any(cell != "" for cell in cells):
            if row[0] in found:
                differences.append(f"{row[0]} stands in the tab twice")
            found[row[0]] = cells
    differences += _differences(expected, found)
    return Verdict(len(found), len(found) * len(places), tuple(differences))


def _differences(expected: dict[str, list[Any]], found: dict[str, list[Any]]) -> Iterator[str]:
    yield from (f"{key} is missing" for key in expected.keys() - found.keys())
    yield from (f"{key} should not be there" for key in found.keys() - expected.keys())
    for key in expected.keys() & found.keys():
        if not all(map(_same, expected[key], found[key])):
            yield f"{key}: {found[key]} instead of {expected[key]}"


def _same(wanted: Any, cell: Any) -> bool:
    if isinstance(wanted, float) and isinstance(cell, (int, float)):
        return abs(wanted - cell) < 1e-6
    return type(wanted) is type(cell) and wanted == cell


def _cells(order: Order, line: Order) -> list[Any]:
    placed = (datetime.fromisoformat(order["placed_at"]) - DAY_NOUGHT).total_seconds() / 86_400
    customer = order["customer"]
    return [
        order["id"],
        placed,
        customer["name"],
        customer["zip"],
        customer["country"],
        order["payment_id"],
        line["sku"],
        line["title"],
        line["quantity"],
        float(line["price"]),
        order["paid"],
    ]
