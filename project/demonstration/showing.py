"""How runs and tabs look at a terminal: live lines, a table of runs, the first rows of a tab as people see them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import combining, east_asian_width

from django.core.management.base import OutputWrapper

from project.demonstration.people import FIRST_OF_OURS
from sheetsync.management.watching import RunLine, run_line
from sheetsync.models import SyncRun

COUNTED = {"inserted": "inserted", "updated": "updated", "unchanged": "unchanged", "removed": "removed"}
HEAD = ("run", "of", "trigger", "ended", "attempts", *COUNTED, "reads", "writes", "seconds", "correlation id")
WIDEST = 20
NUMBER = re.compile(r"[0-9,]*(\.[0-9]+)?")


class RunLines:
    """A line for each run: rewritten in place on a terminal; elsewhere printed when something changes."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.live = out.isatty()
        self._drawn = 0
        self._quiet: dict[int, RunLine] = {}

    def __call__(self, runs: Sequence[SyncRun]) -> None:
        """Show where these runs are now: the same ones each time."""
        if not self.live:
            for run in runs:
                self._quiet.setdefault(run.pk, RunLine(self.out))(run)
            return
        width = shutil.get_terminal_size().columns - 3  # a line that wraps could not be rewritten
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        lines = [f"  {run_line(run)[:width]}\x1b[K\n" for run in runs]
        self.out.write(up + "".join(lines), ending="")
        self.out.flush()
        self._drawn = len(runs)


def run_rows(runs: Iterable[SyncRun]) -> list[list[str]]:
    """A row for each run, below a header."""
    return [list(HEAD), *(_row(run) for run in runs)]


def first_rows(table: Sequence[Sequence[Any]], count: int, also: str) -> list[list[str]]:
    """The header and the first rows without the hidden columns, and one that has a cell beginning with `also`.

    Rows of orders that are gone have been emptied: they are left out.
    """
    header, *rows = ([_short(str(cell)) for cell in row[FIRST_OF_OURS:]] for row in table)
    filled = [row for row in rows if any(row)]
    extra = [row for row in filled[count:] if any(cell.startswith(also) for cell in row)]
    return [header, *filled[:count], *extra[:1]]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A header and rows of texts as columns; columns of numbers to the right."""
    columns = max(map(len, rows))
    filled = [[*row, *[""] * (columns - len(row))] for row in rows]
    set_columns = [_set([row[at] for row in filled]) for at in range(columns)]
    return "\n".join("  " + "  ".join(cells).rstrip() for cells in zip(*set_columns, strict=True))


def _row(run: SyncRun) -> list[str]:
    counters = run.counters
    counted = [f"{counters.get(name, 0):,}" for name in COUNTED]
    calls = [str(counters.get(name, 0)) for name in ("reads", "writes")]
    seconds = f"{counters.get('seconds', 0):.1f}"
    named = [str(run.pk), run.automation.name, run.trigger, run.status, str(run.attempts)]
    return [*named, *counted, *calls, seconds, run.correlation_id]


def _set(cells: Sequence[str]) -> list[str]:
    """One column, each cell filled up to the width of the widest."""
    width = max(map(_width, cells))
    right = all(NUMBER.fullmatch(cell) for cell in cells[1:])
    blanks = [" " * (width - _width(cell)) for cell in cells]
    return [blank + cell if right else cell + blank for cell, blank in zip(cells, blanks, strict=True)]


def _width(text: str) -> int:
    """In places of a terminal, where some scripts take two and accents none."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def _short(text: str) -> str:
    line = " ".join(text.split("\n"))
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"
