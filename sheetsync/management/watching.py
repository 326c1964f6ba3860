"""How a durable run shows itself to somebody at a terminal: a live line from its row, a table at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.management.base import OutputWrapper

from sheetsync.models import SyncRun
from sheetsync.models.fields import database_time

BAR = 24
QUIET_SECONDS = 5.0


class RunLine:
    """Rewritten in place on a terminal; elsewhere printed when the state changes, and now and then."""

    def __init__(self, out: OutputWrapper, clock: Callable[[], float] = time.monotonic) -> None:
        self.out, self.clock = out, clock
        self.live = out.isatty()
        self._shown_at, self._shown = -QUIET_SECONDS, ""

    def __call__(self, run: SyncRun) -> None:
        """Show where the run is now."""
        line, state = run_line(run), f"{run.pk} {run.status} {run.attempts} {run.waiting_for}"
        if self.live:
            self.out.write(f"\r{line}\x1b[K", ending="")
        elif state != self._shown or self.clock() - self._shown_at >= QUIET_SECONDS:
            self._shown, self._shown_at = state, self.clock()
            self.out.write(line)
        self.out.flush()

    def end(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self.live:
            self.out.write("\r\x1b[K", ending="")


def run_line(run: SyncRun) -> str:
    """One line: which run, its state, a bar where the total is known, rows, rate, why it waits."""
    counters = run.counters
    orders, rows = counters.get("orders", 0), counters.get("rows", 0)
    parts = [f"run {run.pk}", f"{run.status:<9}", f"attempt {run.attempts}"]
    if run.total_orders:
        share = min(1.0, orders / run.total_orders)
        parts.append(f"[{'#' * round(share * BAR):<{BAR}}] {share:4.0%}")
    parts += [f"{orders:,} orders", f"{rows:,} rows"]
    if seconds := counters.get("seconds"):
        parts.append(f"{rows / seconds:,.0f} rows/s")
    if run.waiting_for:
        left = max(0.0, (run.next_attempt_at - database_time(SyncRun)).total_seconds())
        parts.append(f"waiting {left:.0f} s: {run.waiting_for}")
    return "  ".join(parts)


def run_table(run: SyncRun) -> str:
    """What a run did, one figure a line; its attempts, warnings and incidents."""
    counters = run.counters
    names = ("orders", "inserted", "updated", "unchanged", "removed", "batches", "commits", "reads", "writes")
    table = [f"  {name:<12}{counters.get(name, 0):>14,}" for name in names]
    table.append(f"  {'seconds':<12}{counters.get('seconds', 0):>14,.1f}")
    for attempt in run.attempt_log.all():
        told = f": {attempt.error_type}: {attempt.error}" if attempt.error_type else ""
        table.append(f"  attempt {attempt.number} by {attempt.worker}: {attempt.outcome or 'open'}{told}")
    for kind, warning in run.warnings.items():
        table.append(f"  warning {kind}: {warning['count']:,}, for example: {warning['example']}")
    for incident in run.incidents.all():
        table.append(f"  incident {incident.kind}: {incident.count:,}, for example: {incident.example}")
    return "\n".join(table)
