"""The demo shop's orders behind a gate: a process that is told of one waits at it, halfway through its reading."""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

from django.db.models import QuerySet

from project.shop.models import Order

GATE = "SHEETSYNC_TEST_GATE"
"""Names a folder. While there is a file `closed` in it, the second query waits, and says so by a file of its own."""

_queries = count(1)


class Gated(QuerySet):
    """Waits before the second query since the source was opened."""

    def _fetch_all(self) -> None:
        gate = os.environ.get(GATE)
        if gate and self._result_cache is None and next(_queries) == 2:
            _wait(Path(gate))
        super()._fetch_all()


def _wait(gate: Path) -> None:
    (gate / str(os.getpid())).touch()
    while (gate / "closed").exists():
        time.sleep(0.02)


def orders() -> Gated:
    global _queries
    _queries = count(1)
    return Gated(Order)
