"""What an export costs: calls, bytes and commits as counts, time as a ratio measured in the same run.

    python -m benchmarks.data_road [orders]

The yardstick for time is `json.dumps` of the same rows: the least that any client must do to send them.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import requests

from benchmarks.shop import COLUMNS, Shop
from sheetsync.emulator import Emulator
from sheetsync.export import Job, Report, column_specs, export, preview
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow
from sheetsync.sheets.client import Gateway, SheetsClient, Traffic
from sheetsync.sheets.tab import Tab, TabSpec
from sheetsync.sources.base import Capabilities, OrderQuery

JOB = Job(columns=columns_from(COLUMNS), rows_per=RowsPer.LINE)


@dataclass
class ShopSource:
    """The made-up shop, one row per line."""

    shop: Shop
    capabilities: Capabilities = Capabilities(fetch_by_id=True)  # noqa: RUF009 - a frozen value

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Any:
        """All orders."""
        return (row for order in self.shop.orders.values() for row in _rows(order))

    def fetch(self, order_ids: Any) -> Any:
        """These orders, as far as they exist."""
        found = (self.shop.orders[order_id] for order_id in order_ids if order_id in self.shop.orders)
        return (row for order in found for row in _rows(order))

    def gone(self, order_ids: Any) -> Any:
        """All of them."""
        return order_ids

    def total(self) -> int:
        """How many orders there are."""
        return len(self.shop.orders)

    def watermark(self, cursor: Cursor) -> None:
        """None: it does not tell what changed."""


def _rows(order: dict[str, Any]) -> Any:
    for number, line in enumerate(order["lines"], start=1):
        yield SourceRow(order_id=order["id"], order=order, line_id=str(number), line=line)


def run(url: str, book: str, shop: Shop) -> tuple[Report, Traffic, float]:
    """One export by a client of its own. -> (what it did, what it sent, seconds)"""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer benchmark"
    client = SheetsClient(Gateway(None, session=session, base_url=url))
    tab = Tab(client, book, TabSpec(title="Orders", columns=column_specs(JOB.columns)))
    started = time.perf_counter()
    report = export(JOB, ShopSource(shop), tab.open(), lambda report: None)
    return report, client.traffic, time.perf_counter() - started


def yardstick(shop: Shop) -> tuple[int, float, float]:
    """(rows, seconds of making all rows, seconds of `json.dumps` of their cells)."""
    started = time.perf_counter()
    rows = preview(JOB, ShopSource(shop), sys.maxsize)
    made = time.perf_counter()
    json.dumps([row.cells for row in rows])
    return len(rows), made - started, time.perf_counter() - made


def main(orders: int) -> None:
    """Print the table."""
    shop = Shop.opened(orders)
    rows, making, dumping = yardstick(shop)
    print(f"{rows:,} rows of {len(COLUMNS)} columns; making them takes {making / dumping:.1f} x json.dumps of them")
    print(f"{'':<12}{'rows written':>14}{'reads':>7}{'writes':>8}{'bytes/row':>11}{'x json.dumps':>14}")
    emulator = Emulator()
    book = emulator.create_spreadsheet("Benchmark")
    with emulator.serve() as server:
        for name in ("first", "unchanged", "after a day"):
            if name == "after a day":
                shop.live_a_day()
            report, traffic, seconds = run(server.url, book, shop)
            written = report.written.inserted + report.written.updated + report.written.removed
            share = f"{traffic.bytes_out / written:,.0f}" if written else "-"
            calls = f"{traffic.calls['read']:>7,}{traffic.calls['write']:>8,}"
            print(f"{name:<12}{written:>14,}{calls}{share:>11}{seconds / dumping:>14.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
