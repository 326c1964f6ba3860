"""A host's own orders as a source, held to the contract of all sources, on whatever database the tests run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from project.shop.models import Order, OrderLine
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.registry import open_source
from tests.contracts.contract import FetchContract, IncrementalContract
from tests.support.shops.server import surroundings

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class ModelShop:
    """The demo shop's tables, with a clock of their own."""

    def __init__(self, **config):
        self.config, self.clock, self.tick, self.waits = config, START, 3_600, []

    def new_id(self, number):
        return str(number)

    def put(self, order_id, lines=1, total="1.00"):
        self.clock += timedelta(seconds=self.tick)
        values = {"total": total, "updated_at": self.clock}
        order, _ = Order.objects.update_or_create(
            number=order_id, defaults=values, create_defaults=values | {"placed_at": self.clock}
        )
        order.lines.all().delete()
        OrderLine.objects.bulk_create(
            OrderLine(order=order, position=number, sku=f"S{number}", quantity=1, price="1.00")
            for number in range(1, lines + 1)
        )

    def drop(self, order_id):
        Order.objects.get(number=order_id).delete()

    def total_of(self, order):
        return order["total"]

    def open(self, rows_per=RowsPer.LINE, **config):
        whole = {"model": "shop.Order", "id_field": "number", "lines": "lines", "chunk": 3} | self.config | config
        return open_source("queryset", whole, rows_per=rows_per, given=surroundings(self.waits))


class TestQueryset(FetchContract):
    totals = ("7.90", "0.10", "1234567890.56")

    @pytest.fixture(params=["pk", "placed_at", "-placed_at"])
    def shop(self, request):
        return ModelShop(ordering=request.param)


class TestQuerysetWithChanges(FetchContract, IncrementalContract):
    totals = ("7.90", "0.10", "1234567890.56")

    @pytest.fixture
    def shop(self):
        return ModelShop(updated="updated_at")
