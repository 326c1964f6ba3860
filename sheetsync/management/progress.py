"""How a foreground export shows itself: one live line while it goes on, a table at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.management.base import OutputWrapper

from sheetsync.export import Report
from sheetsync.sheets.client import Traffic

BAR = 24
QUIET_SECONDS = 5.0


class ProgressLine:
    """A line that is rewritten in place on a terminal, and printed now and then elsewhere."""

    def __init__(
        self,
        out: OutputWrapper,
        total: int | None,
        *,
        resumed: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.out, self.clock = out, clock
        # Resumed, only a part of the total is left, and nobody counted which.
        self.total = None if resumed else total
        self.live = out.isatty()
        self.started = self.shown = clock()

    def __call__(self, report: Report) -> None:
        now = self.clock()
        pause = 0.1 if self.live else QUIET_SECONDS
        if now - self.shown >= pause:
            self.shown = now
            line = self.text(report, now)
            self.out.write(f"\r{line}\x1b[K" if self.live else line, ending="" if self.live else "\n")
            self.out.flush()

    def text(self, report: Report, now: float) -> str:
        """The line: bar, orders, rows, rate, time left where the total is known."""
        rows = row_count(report)
        rate = rows / max(now - self.started, 0.001)
        parts = [f"{report.orders:,} orders", f"{rows:,} rows", f"{rate:,.0f} rows/s"]
        if not self.total:
            return "  ".join(parts)
        share = min(1.0, report.orders / self.total)
        bar = "#" * round(share * BAR)
        left = (now - self.started) * (1 - share) / share if share else 0
        return "  ".join([f"[{bar:<{BAR}}] {share:4.0%}", *parts, f"{left:,.0f} s left"])

    def end(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self.live:
            self.out.write("\r\x1b[K", ending="")


def row_count(report: Report) -> int:
    """Rows that the run has dealt with."""
    written = report.written
    return written.inserted + written.updated + written.unchanged + written.removed


def final_table(report: Report, traffic: Traffic, seconds: float) -> str:
    """What a run did, one figure a line, warnings and incidents with an example each."""
    written = report.written
    lines = [
        ("orders", report.orders),
        ("rows inserted", written.inserted),
        ("rows updated", written.updated),
        ("rows unchanged", written.unchanged),
        ("rows removed", written.removed),
        ("batches", report.batches),
        ("commits", written.commits),
        ("read calls", traffic.calls["read"]),
        ("write calls", traffic.calls["write"]),
        ("bytes sent", traffic.bytes_out),
        ("bytes received", traffic.bytes_in),
    ]
    table = [f"  {name:<16}{value:>14,}" for name, value in lines] + [f"  {'seconds':<16}{seconds:>14,.1f}"]
    for title, tally in (("warning", report.warnings), ("incident", written.incidents)):
        for kind, count in tally.counts.items():
            table.append(f"  {title} {kind}: {count:,}, for example: {tally.examples[kind]}")
    return "\n".join(table)
