"""When the next question may be asked: Shopify says in every answer what is left, so that nobody has to be refused."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

LARGEST_COST = 1_000.0
"""Points that one question may cost; the formula is Shopify's own and changes."""
MOST_COST = 800.0
"""What a page shall cost at most."""
FIRST_GUESS = 10
"""Orders on the first page, before it is known what an order costs."""
LONGEST = 86_400.0
SHORTEST_THROTTLE = 1.0


class Pace:
    """What is left in the shop's bucket, and what each question cost when it was asked last, for how many objects."""

    def __init__(self) -> None:
        self._available = self._rate = self._at = 0.0
        self._costs: dict[str, tuple[float, int]] = {}

    def learn(self, body: Any, question: str, size: int) -> None:
        """Read what an answer says of costs; an answer that says nothing of them teaches nothing."""
        cost = _part(_part(body, "extensions"), "cost")
        status = _part(cost, "throttleStatus")
        available, rate = _number(status.get("currentlyAvailable")), _number(status.get("restoreRate"))
        if available is not None and rate:
            self._available, self._rate, self._at = available, rate, time.monotonic()
        if (requested := _number(cost.get("requestedQueryCost"))) is not None:
            self._costs[question] = requested, size

    def cost(self, question: str) -> float | None:
        """What it cost last; None where it was not asked yet."""
        return self._costs[question][0] if question in self._costs else None

    def seconds(self, question: str, size: int) -> float:
        """How long to wait before it is asked for so many objects."""
        if not self._rate:
            return 0.0
        restored = self._available + self._rate * (time.monotonic() - self._at)
        return min(max(0.0, (self._expected(question, size) - restored) / self._rate), LONGEST)

    def after_refusal(self, question: str, size: int) -> float:
        """How long to wait after having been throttled."""
        return max(self.seconds(question, size), SHORTEST_THROTTLE)

    def _expected(self, question: str, size: int) -> float:
        """In proportion; what would cost more than Shopify answers comes back smaller."""
        if question not in self._costs:
            return min(max((cost for cost, _ in self._costs.values()), default=0.0), LARGEST_COST)
        cost, before = self._costs[question]
        return min(cost * size / before, LARGEST_COST)


class Sizes:
    """How much is asked for at once: as much as fits, by what the last page cost."""

    def __init__(self, orders: int, lines: int) -> None:
        self._most_orders = orders
        self.orders, self.lines = min(orders, FIRST_GUESS), lines

    def fit(self, cost: float | None, orders: int) -> None:
        """A page of so many orders cost this much: how many shall the next one have?"""
        if cost:
            self.orders = max(1, min(self._most_orders, int(orders * MOST_COST / max(cost, 1.0))))

    def shrink(self) -> bool:
        """It was too much: ask for half. Whether there is less to ask for."""
        if self.orders > 1:
            self.orders //= 2
        elif self.lines > 1:
            self.lines //= 2
        else:
            return False
        return True

    def shrink_lines(self) -> bool:
        """Likewise, where only lines are asked for."""
        if self.lines == 1:
            return False
        self.lines //= 2
        return True


def _part(value: Any, name: str) -> Mapping[str, Any]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool | str | list | dict | None):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if 0 <= found < 1e12 else None
