"""The final check: every cell of a tab against the database, computed here on its own, not by the exporter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from project.demonstration.exports import TIME_ZONE
from project.shop.models import Order

DAY_NOUGHT = datetime(1899, 12, 30, tzinfo=UTC)
"""A date cell is the number of days since then, on the spreadsheet's clock."""

Table = list[list[Any]]
Rows = dict[str, dict[str, Any]]
"""{row key: {header: cell}}."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison found."""

    rows: int
    cells: int
    differences: tuple[str, ...]


def order_rows() -> Rows:
    """What a tab with one row per order must show."""
    return {order.number: _order_cells(order) for order in _orders()}


def line_rows() -> Rows:
    """What a tab with one row per line must show."""
    return {
        f"{order.number}:{line.position}": _line_cells(order, line) for order in _orders() for line in _lines(order)
    }


EXPECTED: dict[str, Callable[[], Rows]] = {"order": order_rows, "line": line_rows}
"""By what a tab has a row for."""


def compare(expected: Rows, table: Table) -> Verdict:
    """The tab as read through the API, header first, against what it must show. Emptied rows do not count."""
    header, *rows = table
    headers = list(next(iter(expected.values()), {}))
    if missing := [name for name in headers if header.count(name) != 1]:
        return Verdict(0, 0, tuple(f"the column {name!r} is missing or there twice" for name in missing))
    places = {name: header.index(name) for name in headers}
    found: Rows = {}
    differences = []
    for row in rows:
        cells = {name: row[at] if at < len(row) else "" for name, at in places.items()}
        if not any(cell != "" for cell in cells.values()):
            continue
        if row[0] in found:
            differences.append(f"{row[0]!r} stands in the tab twice")
        found[row[0]] = cells
    differences += _differences(expected, found)
    return Verdict(len(found), len(found) * len(headers), tuple(differences))


def _differences(expected: Rows, found: Rows) -> Iterator[str]:
    yield from (f"{key!r} is missing" for key in expected.keys() - found.keys())
    yield from (f"{key!r} should not be there" for key in found.keys() - expected.keys())
    for key in expected.keys() & found.keys():
        for name, wanted in expected[key].items():
            if not _same(wanted, found[key][name]):
                yield f"{key!r}, {name}: {found[key][name]!r} instead of {wanted!r}"


def _same(wanted: Any, cell: Any) -> bool:
    if isinstance(wanted, float) and type(cell) in (int, float):
        return bool(abs(wanted - cell) < 2e-8)  # two milliseconds of a day
    return type(wanted) is type(cell) and bool(wanted == cell)


def _orders() -> Iterator[Order]:
    return Order.objects.order_by("pk").prefetch_related("lines").iterator(chunk_size=500)


def _lines(order: Order) -> list[Any]:
    return sorted(order.lines.all(), key=lambda line: line.position)


def _order_cells(order: Order) -> dict[str, Any]:
    return {
        "Order": order.number,
        "Placed": _days(order.placed_at),
        "Customer": order.customer_name,
        "Zip": order.zip_code,
        "Country": order.country,
        "Articles": ", ".join(line.sku for line in _lines(order)),
        "Total": float(order.total),
        "Paid": order.paid,
        "Payment": order.payment_id,
        "Page": f"https://cactus.example/orders/{order.number}",
        "Note": order.note,
    }


def _line_cells(order: Order, line: Any) -> dict[str, Any]:
    return {
        "Order": order.number,
        "Day": int(_days(order.placed_at)),
        "Customer": order.customer_name,
        "SKU": line.sku,
        "Product": line.title,
        "Quantity": line.quantity,
        "Price": float(line.price),
        "Paid": order.paid,
    }


def _days(moment: datetime) -> float:
    """As a clock on the wall would show it."""
    wall = moment.astimezone(ZoneInfo(TIME_ZONE)).replace(tzinfo=UTC)
    return (wall - DAY_NOUGHT).total_seconds() / 86_400
