"""The same work again and again, dying one boundary later each time, until it lives to its end; and its figures."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from tests.support.boundaries import forked

FIRST, STRIDE = int(os.environ.get("SHEETSYNC_FIRST", "1")), int(os.environ.get("SHEETSYNC_STRIDE", "17"))
"""Which boundaries: `make chaos` takes all of them."""

PROPERTY = "sweep"
"""Under this name a test reports its row, and the summary finds it."""

HEADERS = ("database", "who dies", "scene", "boundaries", "deaths", "seconds", "lost", "doubled", "wrong")


@dataclass
class Sweep:
    """Who dies in which scene. `lost`, `doubled` and `wrong` count rows of tabs, or runs, over all deaths."""

    who: str
    scene: str
    journal: Path
    deaths: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    boundaries: int = 0
    began: float = field(default_factory=time.monotonic)

    def numbers(self) -> Iterator[int]:
        """Each boundary's number; the last one is beyond the end of the work."""
        for number in itertools.count(FIRST, STRIDE):
            yield number
            if self.boundaries:
                return

    def die(self, work: Callable[[], Any], number: int) -> bool:
        """-> whether it died. If not, it passed all the boundaries that there are."""
        code = forked(work, number, self.journal)
        passed = self.journal.read_text().splitlines()
        if code:
            self.deaths[passed[-1]] += 1
        else:
            self.boundaries = len(passed)
        return code != 0

    def compare(self, found: list[tuple[Any, Any]], expected: dict[Any, Any]) -> None:
        """Count what is missing, there twice, or not as it should be."""
        times = Counter(key for key, _ in found)
        self.faults["lost"] += sum(key not in times for key in expected)
        self.faults["doubled"] += sum(number - 1 for number in times.values())
        self.faults["wrong"] += sum(key not in expected or expected[key] != value for key, value in found)

    def row(self) -> list[str]:
        """The row of the table."""
        faults = [str(self.faults[name]) for name in ("lost", "doubled", "wrong")]
        counts = [str(self.boundaries), str(self.deaths.total()), f"{time.monotonic() - self.began:.0f}"]
        return [connection.vendor, self.who, self.scene, *counts, *faults]


def table(rows: list[list[str]]) -> list[str]:
    """Lines of text, the sum of all rows at the end."""
    sums = [str(sum(int(row[at]) for row in rows)) for at in range(3, len(HEADERS))]
    lines = [HEADERS, *rows, ["", "", "all", *sums]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADERS))]
    return ["  ".join(_placed(cell, at, widths[at]) for at, cell in enumerate(line)).rstrip() for line in lines]


def _placed(cell: str, at: int, width: int) -> str:
    return cell.ljust(width) if at < 3 else cell.rjust(width)
