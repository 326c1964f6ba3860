"""A host's own orders all the way into a tab: every cell compared with the tables, computed here on its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from project.shop.models import Order, OrderLine
from project.shop.seeding import live_a_day, seed
from sheetsync.emulator import Emulator
from sheetsync.errors import LeaseLost
from sheetsync.export import Job, Report, export
from sheetsync.pipeline.batching import Caps
from sheetsync.pipeline.columns import Column, columns_from
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources.queryset import QuerysetConfig, QuerysetSource
from tests.support.wiring import a_client, a_tab, live_rows

pytestmark = pytest.mark.django_db

ORDER_COLUMNS = [
    {"header": "Order", "path": "number"},
    {"header": "Placed", "path": "placed_at", "type": "datetime"},
    {"header": "Customer", "path": "customer_name"},
    {"header": "Mail", "path": "customer_email"},
    {"header": "Zip", "path": "zip_code"},
    {"header": "Payment", "path": "payment_id"},
    {"header": "Status", "path": "status"},
    {"header": "Paid", "path": "paid", "type": "boolean"},
    {"header": "Total", "path": "total", "type": "currency"},
    {"header": "Note", "path": "note"},
]
PER_ORDER = columns_from([*ORDER_COLUMNS, {"header": "SKUs", "path": "lines[*].sku"}])
PER_LINE = columns_from(
    [
        *ORDER_COLUMNS,
        {"header": "SKU", "path": "line.sku"},
        {"header": "Product", "path": "line.title"},
        {"header": "Quantity", "path": "line.quantity", "type": "integer"},
        {"header": "Price", "path": "line.price", "type": "currency"},
    ]
)
DAY_NOUGHT = datetime(1899, 12, 30, tzinfo=UTC)


def order_cells(order: Order) -> list[Any]:
    placed = round((order.placed_at - DAY_NOUGHT).total_seconds() / 86_400, 6)
    texts = [order.customer_name, order.customer_email, order.zip_code, order.payment_id, order.status]
    return [order.number, placed, *(text or None for text in texts), order.paid, float(order.total), order.note or None]


def expected(columns: tuple[Column, ...]) -> dict[str, list[Any]]:
    found = {}
    for order in Order.objects.prefetch_related("lines"):
        lines = sorted(order.lines.all(), key=lambda line: line.pk)
        if columns is PER_ORDER:
            found[order.number] = [*order_cells(order), ", ".join(line.sku for line in lines)]
            continue
        for line in lines:
            own = [line.sku, line.title, line.quantity, float(line.price)]
            found[f"{order.number}:{line.pk}"] = [*order_cells(order), *own]
    return found


def shown(emulator: Emulator, book: str, columns: tuple[Column, ...]) -> dict[str, list[Any]]:
    rows = live_rows(emulator, book, width=len(columns) + 2)
    return {key: [cells[0], round(cells[1], 6), *cells[2:]] for key, cells in rows.items()}


def export_shop(emulator: Emulator, book: str, columns: tuple[Column, ...], **options: Any) -> Report:
    rows_per = RowsPer.ORDER if columns is PER_ORDER else RowsPer.LINE
    config = QuerysetConfig(model="shop.Order", rows_per=rows_per, id_field="number", lines="lines", chunk=17)
    on_commit = options.pop("on_commit", lambda report: None)
    job = Job(columns=columns, rows_per=rows_per, **options)
    tab = a_tab(a_client(emulator), book, columns=columns).open()
    return export(job, QuerysetSource(config, Tally()), tab, on_commit)


@pytest.mark.parametrize("columns", [PER_ORDER, PER_LINE], ids=["orders", "lines"])
def test_every_cell_equals_the_tables_before_and_after_a_day(
    emulator: Emulator, book: str, columns: tuple[Column, ...]
) -> None:
    seed(120)
    first = export_shop(emulator, book, columns)
    assert shown(emulator, book, columns) == expected(columns)
    live_a_day(now=datetime(2026, 5, 1, tzinfo=UTC))
    second = export_shop(emulator, book, columns)
    assert shown(emulator, book, columns) == expected(columns)
    third = export_shop(emulator, book, columns)
    assert (first.warnings.counts, second.warnings.counts, third.written.commits) == ({}, {}, 0)
    assert second.written.updated > 0 < second.written.removed


def test_an_export_that_stops_between_two_commits_goes_on_behind_the_last(emulator: Emulator, book: str) -> None:
    seed(60)
    stopped = Report()

    def stop(report: Report) -> None:
        stopped.cursor = report.cursor
        if report.batches == 3:
            raise LeaseLost("enough")

    with pytest.raises(LeaseLost):
        export_shop(emulator, book, PER_LINE, caps=Caps(groups=8), on_commit=stop)
    written = len(shown(emulator, book, PER_LINE))
    report = export_shop(emulator, book, PER_LINE, caps=Caps(groups=8), cursor=stopped.cursor)
    assert shown(emulator, book, PER_LINE) == expected(PER_LINE)
    assert report.written.inserted == OrderLine.objects.count() - written
