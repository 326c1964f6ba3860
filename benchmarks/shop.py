"""A made-up shop without a database: the same orders each time, with everything in them that breaks naive exports."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

Order = dict[str, Any]

CUSTOMERS = (
    "Ada Lovelace", "Zoë Müller", "José Ñandú", "Łukasz Żak", "山田 太郎", "Ольга Иванова", "Søren Kjær",
    "Nguyễn Văn An", "O'Neill & Sons", "Ιωάννης Παπαδόπουλος", "أمينة يوسف", "Maya 🌵 Cactus",
    '=IMPORTXML("http://x")', "+49 30 901820",
)  # fmt: skip
COUNTRIES = (("DE", "EUR", "01067"), ("US", "USD", "02134"), ("GB", "GBP", "SW1A 1AA"), ("JP", "JPY", "100-0001"))
GOODS = (
    ("0012345", "Cactus, small", "4.90"), ("007", "Cactus, large", "19.50"), ("MUG-1", "Mug “tiny”", "7.25"),
    ("1-2", "Gift card", "25.00"), ("TEA\u00b72", "Grüner Tee", "12.40"), ("2e5", "Sticker sheet", "0.99"),
)  # fmt: skip

COLUMNS = [
    {"header": "Order", "path": "id"},
    {"header": "Placed", "path": "placed_at", "type": "datetime"},
    {"header": "Customer", "path": "customer.name"},
    {"header": "Zip", "path": "customer.zip"},
    {"header": "Country", "path": "customer.country"},
    {"header": "Payment", "path": "payment_id"},
    {"header": "SKU", "path": "line.sku"},
    {"header": "Product", "path": "line.title"},
    {"header": "Quantity", "path": "line.quantity", "type": "integer"},
    {"header": "Price", "path": "line.price", "type": "currency"},
    {"header": "Paid", "path": "paid", "type": "boolean"},
]


@dataclass(slots=True)
class Shop:
    """Orders by id. `changed` counts what the day brought."""

    orders: dict[str, Order] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(20260401))  # noqa: S311 - the same shop each time

    @classmethod
    def opened(cls, count: int) -> Shop:
        """A shop with its first orders."""
        shop = cls()
        for _ in range(count):
            shop.sell()
        return shop

    def sell(self) -> None:
        """One more order: one to five lines, now and then a refund."""
        number = len(self.orders) + 1
        country, currency, zip_code = self.random.choice(COUNTRIES)
        placed = datetime(2026, 1, 1, 8, 0) + timedelta(minutes=17 * number)
        order_id = f"{100_000 + number}"
        self.orders[order_id] = {
            "id": order_id,
            "placed_at": placed.isoformat(),
            "customer": {"name": self.random.choice(CUSTOMERS), "zip": zip_code, "country": country},
            "currency": currency,
            "payment_id": str(900_000_000_000_000_000 + number * 7_919),
            "paid": self.random.random() < 0.9,
            "lines": [self._line(refund=number % 37 == 0) for _ in range(self.random.randint(1, 5))],
        }

    def live_a_day(self) -> dict[str, int]:
        """Customers change their minds: edits, removed lines, cancelled and new orders. -> how many of each."""
        ids = self.random.sample(sorted(self.orders), 90)
        for order_id in ids[:60]:
            self.orders[order_id]["customer"]["name"] += " (moved)"
        shortened = [order_id for order_id in ids[60:80] if len(self.orders[order_id]["lines"]) > 1]
        for order_id in shortened:
            self.orders[order_id]["lines"].pop()
        for order_id in ids[80:]:
            del self.orders[order_id]
        before = len(self.orders)
        self.orders |= {f"N{number}": self._new(f"N{number}") for number in range(25)}
        return {"edited": 60, "lost a line": len(shortened), "cancelled": 10, "new": len(self.orders) - before}

    def _new(self, order_id: str) -> Order:
        template = self.orders[self.random.choice(sorted(self.orders))]
        return json.loads(json.dumps(template)) | {"id": order_id}  # type: ignore[no-any-return]

    def _line(self, *, refund: bool) -> Order:
        sku, title, price = self.random.choice(GOODS)
        quantity = self.random.randint(1, 6)
        return {"sku": sku, "title": title, "quantity": -quantity if refund else quantity, "price": price}
