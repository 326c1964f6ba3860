"""What is done in processes that may die over it, and what others do when nobody dies any more."""

from __future__ import annotations

import queue
from multiprocessing import Value

from django.core.management import call_command
from django.db.models.functions import Now
from django_q.worker import worker

from sheetsync.execute import execute_next
from sheetsync.management.commands import run_scheduler, run_worker
from sheetsync.models import Automation, DirtyOrder, SyncRun
from sheetsync.scheduler import tick
from sheetsync.tasks import execute

TURNS = 30


def by_run_worker() -> None:
    call_command(run_worker.Command(), once=True)


def by_django_q() -> None:
    """What its worker process does, with one bell in its queue."""
    bells: queue.Queue = queue.Queue()
    bells.put({"id": "1", "name": "bell", "func": execute, "args": (None,), "kwargs": {}, "started": None})
    bells.put("STOP")
    worker(bells, queue.Queue(), Value("f", -1), -1)


def by_run_scheduler() -> None:
    call_command(run_scheduler.Command(), once=True)


def let_time_pass() -> None:
    """The leases and claims of the dead end, and what waits for another attempt may begin."""
    Automation.objects.update(scheduler_locked_until=None)
    SyncRun.objects.running().update(lease_expires_at=Now())
    SyncRun.objects.filter(status="pending").update(next_attempt_at=Now())


def work_left() -> bool:
    return SyncRun.objects.active().exists() or DirtyOrder.objects.exists()


def finish() -> None:
    """What happens when nobody dies any more. The time of leases and of pauses passes at once."""
    for _ in range(TURNS):
        let_time_pass()
        tick()
        let_time_pass()
        if not work_left():
            return
        execute_next()
    raise AssertionError(f"not done after {TURNS} turns: {list(SyncRun.objects.active().values())}")
