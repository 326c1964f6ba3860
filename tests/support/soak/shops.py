"""The shops: files of orders that change all the time. Each file belongs to one thread at a time."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from random import Random
from typing import Any

MOST_CHANGES = 3
NEW = 0.05


class Shop:
    """One automation's orders. Where an order stands in the file never changes, and the file is replaced whole."""

    def __init__(self, automation: str, path: str) -> None:
        self.automation, self.path = automation, Path(path)
        self.orders: list[dict[str, Any]] = [json.loads(line) for line in self.path.read_text().splitlines()]
        self._lock = threading.Lock()

    def change(self, random: Random) -> list[str]:
        """Some orders get another total and customer, now and then there is a new one. -> their ids"""
        with self._lock:
            changed = random.sample(self.orders, random.randint(1, MOST_CHANGES))
            if random.random() < NEW:
                changed.append({"id": f"{len(self.orders) + 1:05}"})
                self.orders.append(changed[-1])
            for order in changed:
                order["customer"] = f"c{random.randrange(10**6)}"
                order["total"] = f"{random.randrange(10**5) / 100:.2f}"
            self._save()
        return [order["id"] for order in changed]

    def _save(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(json.dumps(order) + "\n" for order in self.orders))
        fresh.replace(self.path)
