"""A run in figures: how far it is, how fast, and what it counted. For its page and for the list of runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.display import NOTHING, badge, grouped, span
from sheetsync.admin.remedies import waits_for_owner
from sheetsync.admin.times import ahead
from sheetsync.models import SyncRun
from sheetsync.models.progress import report_of

Status = SyncRun.Status

_LOOKS = {
    Status.PENDING: ("…", "waiting"),
    Status.RUNNING: ("▶", "busy"),
    Status.COMPLETED: ("✔", "good"),
    Status.FAILED: ("✖", "bad"),
    Status.DEAD: ("✖", "bad"),
    Status.CANCELED: ("■", "off"),
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


class Look(NamedTuple):
    """What `display.badge` makes a badge of."""

    sign: str
    word: str
    kind: str


def look_of(run: SyncRun) -> Look:
    """Its status, and a little more: whether it is being stopped, is tried again, or waits for its owner."""
    sign, kind = _LOOKS[Status(run.status)]
    if run.status == Status.RUNNING and run.cancel_requested_at:
        return Look(sign, _("stopping"), "waiting")
    if run.status == Status.PENDING and is_tried_again(run):
        return Look("↻", _("will retry"), kind)
    if run.status == Status.FAILED and waits_for_owner(run.error_type):
        return Look(sign, _("needs owner"), kind)
    return Look(sign, str(run.get_status_display()), kind)


def is_tried_again(run: SyncRun) -> bool:
    """Whether it waits for its next attempt. One that only pauses remembers the error of an earlier attempt as well."""
    return bool(run.error_type) and run.waiting_for == f"another attempt after {run.error_type}"


def status_of(run: SyncRun) -> str:
    """A sign and a word."""
    return badge(*look_of(run))


def reason_of(run: SyncRun) -> str:
    """What it waits for and until when, or why it failed."""
    if run.status == Status.PENDING:
        named = {"reason": run.waiting_for or _("a free worker"), "wait": ahead(run.next_attempt_at)}
        return _("%(reason)s; goes on in %(wait)s") % named if named["wait"] else named["reason"]
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


def bar_of(run: SyncRun) -> tuple[int, int] | None:
    """The value and the end of its bar; None where nobody knows how many orders there are."""
    done = report_of(run.counters, run.warnings).orders
    return (min(done, run.total_orders), run.total_orders) if run.total_orders else None


def rows_of(run: SyncRun) -> str:
    """So many, and how fast they went."""
    rows, speed = run.counters.get("rows", 0), speed_of(run)
    return _("%(rows)s (%(speed)s)") % {"rows": grouped(rows), "speed": speed} if speed else grouped(rows)


def speed_of(run: SyncRun) -> str:
    """Rows a second, of the time at work: pauses do not count."""
    rows, seconds = run.counters.get("rows", 0), run.counters.get("seconds", 0)
    return _("%(speed)s a second") % {"speed": grouped(round(rows / seconds, 1))} if rows and seconds else ""


def left_of(run: SyncRun) -> str:
    """How much work is left, by the pace so far. Pauses to come are not in it."""
    if not run.is_active:
        return NOTHING
    done, seconds = report_of(run.counters, run.warnings).orders, run.counters.get("seconds", 0)
    if not run.total_orders:
        return _("unknown: its source does not count its orders") if done else _("unknown")
    if not done or not seconds:
        return _("unknown until the first batch is done")
    left = max(0, run.total_orders - done) * seconds / done
    return _("about %(span)s") % {"span": span(left)} if left >= 1 else _("nearly nothing")


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
