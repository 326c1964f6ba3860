"""Files as a source, held to the contract of all sources."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.registry import open_source
from tests.contracts.contract import FetchContract
from tests.support.shops.server import exact_json, surroundings


class FileShop:
    """Orders in a file that is replaced as a whole by each edit, as exports of shops do it."""

    def __init__(self, path):
        self.path, self.orders, self.waits, self.tick = path, {}, [], 3_600
        self.write()

    def new_id(self, number):
        return str(number)

    def put(self, order_id, lines=1, total="1.00"):
        numbered = [{"id": f"{order_id}-{number}", "sku": f"S{number}"} for number in range(1, lines + 1)]
        self.orders[order_id] = {"id": int(order_id), "total": Decimal(total), "lines": numbered}
        self.write()

    def drop(self, order_id):
        del self.orders[order_id]
        self.write()

    def total_of(self, order):
        return order["total"]

    def open(self, rows_per=RowsPer.LINE, **config):
        config = {"path": str(self.path), "line_id_path": "id"} | config
        return open_source("file", config, rows_per=rows_per, given=surroundings(self.waits))

    def write(self):
        whole = list(self.orders.values())
        written = exact_json(whole) if self.path.suffix == ".json" else b"".join(exact_json(o) + b"\n" for o in whole)
        beside = self.path.with_suffix(".new")
        beside.write_bytes(written)
        os.replace(beside, self.path)


class TestFile(FetchContract):
    @pytest.fixture(params=["orders.jsonl", "orders.json"])
    def shop(self, request, tmp_path):
        return FileShop(tmp_path / request.param)
