"""A run in figures: how far it is, how fast, and what it counted. For its page and for the list of runs."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.display import NOTHING, grouped, span
from sheetsync.models import SyncRun
from sheetsync.models.progress import report_of

Status = SyncRun.Status

_SIGNS = {
    Status.PENDING: "…",
    Status.RUNNING: "▶",
    Status.COMPLETED: "✔",
    Status.FAILED: "✖",
    Status.DEAD: "✖",
    Status.CANCELED: "■",
}

_COUNTED = {
    "orders": gettext_lazy("orders"),
    "rows": gettext_lazy("rows"),
    "inserted": gettext_lazy("rows inserted"),
    "updated": gettext_lazy("rows updated"),
    "unchanged": gettext_lazy("rows unchanged"),
    "removed": gettext_lazy("rows removed"),
    "batches": gettext_lazy("batches"),
    "commits": gettext_lazy("commits"),
    "calls": gettext_lazy("calls to Google"),
    "reads": gettext_lazy("calls that read"),
    "writes": gettext_lazy("calls that write"),
    "bytes_out": gettext_lazy("bytes sent"),
    "bytes_in": gettext_lazy("bytes received"),
    "seconds": gettext_lazy("seconds of work"),
}


def status_of(run: SyncRun) -> str:
    """A sign and a word."""
    label = run.get_status_display()
    if run.status == Status.RUNNING and run.cancel_requested_at:
        label = _("stopping")
    return f"{_SIGNS[Status(run.status)]} {label}"


def reason_of(run: SyncRun) -> str:
    """What it waits for, or why it failed."""
    if run.status == Status.PENDING:
        return run.waiting_for or _("a free worker")
    if run.status == Status.RUNNING and run.cancel_requested_at:
        return _("it was asked to stop, and does at its next batch")
    return f"{run.error_type}: {run.error}" if run.error_type else NOTHING


def attempts_of(run: SyncRun) -> str:
    """2 of 5."""
    return _("%(attempts)s of %(most)s") % {"attempts": run.attempts, "most": run.max_attempts}


def progress_of(run: SyncRun) -> str:
    """123 of 400 (30 %). A shop that grows meanwhile gives more orders than it had; that is 100 %."""
    done = report_of(run.counters, run.warnings).orders
    if not run.total_orders:
        return grouped(done)
    percent = min(100, 100 * done // run.total_orders)
    shown = {"done": grouped(done), "total": grouped(run.total_orders), "percent": percent}
    return _("%(done)s of %(total)s (%(percent)s\u00a0%%)") % shown


def rows_of(run: SyncRun) -> str:
    """So many, and how fast they went."""
    rows, seconds = run.counters.get("rows", 0), run.counters.get("seconds", 0)
    if not rows or not seconds:
        return grouped(rows)
    return _("%(rows)s (%(speed)s a second)") % {"rows": grouped(rows), "speed": grouped(round(rows / seconds, 1))}


def duration_of(run: SyncRun) -> str:
    """From its first attempt to its end, or to now; pauses included."""
    if run.started_at is None:
        return NOTHING
    return span(((run.finished_at or timezone.now()) - run.started_at).total_seconds())


def counted(run: SyncRun) -> Iterator[tuple[object, str]]:
    """All that it counted, with names."""
    return ((label, grouped(run.counters[name])) for name, label in _COUNTED.items() if name in run.counters)


def warned(run: SyncRun) -> Iterator[tuple[str, str, str]]:
    """What was strange: how often, and one example."""
    tally = report_of(run.counters, run.warnings).warnings
    return ((kind, grouped(count), tally.examples[kind]) for kind, count in tally.counts.items())
