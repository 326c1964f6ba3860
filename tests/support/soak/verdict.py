"""What came of a soak, in figures, and everything that must not have been."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from django.db.models import Avg, Count, F, Max, Q

from sheetsync.models import SyncAttempt, SyncRun
from tests.support.processes import Child
from tests.support.soak.housekeeping import DONE
from tests.support.soak.plan import Done

LOCKED = re.compile(r"is locked|deadlock detected|could not serialize|did not answer", re.IGNORECASE)
BROKEN = re.compile(r"Traceback \(most recent call last\)|\" 5\d\d ")


def locked_out(children: Iterable[Child], done: Iterable[Done]) -> Iterator[str]:
    """Whoever found the database locked, or broke down over anything: processes, answers, attempts."""
    for child in children:
        lines = [line for line in child.output.splitlines() if LOCKED.search(line) or BROKEN.search(line)]
        yield from (f"{child.log.name}: {line}" for line in lines)
    for entry in done:
        if LOCKED.search(entry.detail):
            yield f"{entry.kind}: {entry.status} {entry.detail}"
    for attempt in SyncAttempt.objects.exclude(error=""):
        yield f"{attempt}: {attempt.error_type}: {attempt.error}"


def wrong_answers(done: Iterable[Done]) -> list[str]:
    """Requests and chores that ended as none should. That a paused automation's webhook is refused is right."""
    right = {("webhook", 409)} | {(entry.kind, status) for entry in done for status in (0, 200, 202, 302)}
    return [
        f"{entry.kind}: {entry.status} {entry.detail}"
        for entry in done
        if (entry.kind, entry.status) not in right or (entry.status == 0 and entry.detail != DONE)
    ]


def wrong_runs() -> list[str]:
    """Runs in a state that none may end in, or with attempts that were not counted as they were made."""
    unfinished = Count("attempt_log", Q(attempt_log__outcome=""))
    runs = SyncRun.objects.annotate(made=Count("attempt_log"), unfinished=unfinished)
    right = Q(status__in=["completed", "canceled"], made=F("attempts"), unfinished=0, attempts__lte=1)
    wrong = runs.exclude(right).values_list("pk", "status", "attempts", "made")
    return [f"run {pk} is {status}: {attempts} attempts, {made} made" for pk, status, attempts, made in wrong]


def told(done: list[Done], seconds: float) -> str:
    """How many of each kind, how fast: a line each, the times in milliseconds."""
    lines = []
    for kind, number in sorted(Counter(entry.kind for entry in done).items()):
        times = sorted(entry.seconds * 1_000 for entry in done if entry.kind == kind)
        p50, p99 = times[number // 2], times[min(number - 1, number * 99 // 100)]
        rate = f"{number:>7,} ({number / seconds:5.1f}/s)"
        lines.append(f"  {kind:<36}{rate}  p50 {p50:>6,.0f}  p99 {p99:>6,.0f}  max {times[-1]:>6,.0f} ms")
    return "\n".join(lines)


def told_of_runs() -> str:
    """How many were executed, and how long they waited for a worker."""
    waited = F("started_at") - F("created_at")
    executed = SyncRun.objects.filter(started_at__isnull=False).values("trigger", "mode", "status")
    figures = executed.annotate(runs=Count("pk"), mean=Avg(waited), longest=Max(waited)).order_by("trigger", "mode")
    return "\n".join(
        f"  {row['runs']:>6,} {row['trigger']} {row['mode']} {row['status']},"
        f" waited {row['mean'].total_seconds():.1f} s on average, {row['longest'].total_seconds():.1f} s at most"
        for row in figures
    )
