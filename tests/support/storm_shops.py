"""Shops that never tell of their changes: orders are edited, placed and taken away, and somebody has to look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from project.shop.models import Order
from tests.support.shops.woocommerce import KEY, SECRET, WooShop


class OwnTables:
    """The host's own orders."""

    kind = "queryset"
    credentials: dict[str, str] = {}
    columns = [
        {"header": "Order", "path": "number"},
        {"header": "Customer", "path": "customer_name"},
        {"header": "Total", "path": "total", "type": "decimal"},
    ]

    def __init__(self) -> None:
        self.config: dict[str, Any] = {
            "model": "shop.Order", "id_field": "number", "updated": "updated_at", "overlap": 1,
        }  # fmt: skip

    def orders(self) -> dict[str, list[Any]]:
        rows = Order.objects.values_list("number", "customer_name", "total")
        return {number: [number, name, float(total)] for number, name, total in rows}

    def put(self, number: str, total: str) -> None:
        values = {"customer_name": f"c{number}", "country": "DE", "currency": "EUR", "zip_code": "01067"}
        Order.objects.update_or_create(number=number, defaults={**values, "total": total, "updated_at": timezone.now()})

    def drop(self, number: str) -> None:
        Order.objects.get(number=number).delete()

    def close(self) -> None:
        """Its tables are emptied with the test's others."""


class Woo:
    """WooCommerce over HTTP."""

    kind = "woocommerce"
    credentials = {"consumer_key": KEY, "consumer_secret": SECRET}
    columns = [
        {"header": "Order", "path": "number"},
        {"header": "E-mail", "path": "billing.email"},
        {"header": "Total", "path": "total", "type": "decimal"},
    ]

    def __init__(self) -> None:
        self.shop = WooShop()
        self.shop.tick = 2
        self.config = {"url": self.shop.url, "per_page": 7}

    def orders(self) -> dict[str, list[Any]]:
        email = "c3@example.org"
        kept = {number: order for number, order in self.shop.orders.items() if order["status"] != "trash"}
        return {str(number): [str(number), email, float(order["total"])] for number, order in kept.items()}

    def put(self, number: str, total: str) -> None:
        self._alone(lambda: self.shop.put(number, total=total))

    def drop(self, number: str) -> None:
        """To the trash, or gone for good."""
        self._alone(lambda: self.shop.trash(number) if int(number) % 2 else self.shop.drop(number))

    def close(self) -> None:
        self.shop.close()

    def _alone(self, change: Callable[[], None]) -> None:
        with self.shop._lock:
            change()


Shop = OwnTables | Woo


def live(shop: Shop, random: Random, edits: int = 3, fresh: int = 1, gone: int = 1) -> None:
    """A moment of the shop: so many orders edited, placed and taken away."""
    known = sorted(shop.orders(), key=int)
    changed = random.sample(known, edits + gone)
    for number in changed[:edits]:
        shop.put(number, f"{random.randrange(10**5)}.25")
    for number in changed[edits:]:
        shop.drop(number)
    for step in range(1, fresh + 1):
        shop.put(str(int(known[-1]) + step), f"{random.randrange(10**5)}.75")


def long_ago(hours: int) -> Any:
    return timezone.now() - timedelta(hours=hours)
