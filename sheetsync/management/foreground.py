"""A stored automation, run in this process while somebody watches."""

from __future__ import annotations

import threading

from django.core.management.base import CommandError, OutputWrapper
from django.db import connections

from sheetsync import trigger
from sheetsync.errors import RunRefused
from sheetsync.execute import execute_next
from sheetsync.management.stopping import Stopping
from sheetsync.management.watching import RunLine, run_table
from sheetsync.models import Automation, SyncRun

LOOK_SECONDS = 0.2


def run_automation(name: str, out: OutputWrapper) -> None:
    """Ask for a run of this automation, by id or name, and work on it until it is finished, or Ctrl-C puts it back.

    Where a worker elsewhere takes it, or has it already, that one is watched. Raises CommandError where it does not
    complete.
    """
    stopping = Stopping()
    try:
        requested = trigger.request_run(_found(name), trigger=SyncRun.Trigger.MANUAL)
    except RunRefused as error:
        raise CommandError(str(error)) from error
    run = requested.run
    out.write(f"run {run.pk} ({run.correlation_id}): {'begins' if requested.created else f'is {run.status} already'}")
    worker = threading.Thread(target=_work, args=(run.pk, stopping))
    worker.start()
    line = RunLine(out)
    while run.is_active and worker.is_alive():
        stopping.wait(LOOK_SECONDS)
        run.refresh_from_db()
        line(run)
    worker.join()
    run.refresh_from_db()
    line.end()
    out.write(run_table(run))
    if run.status != SyncRun.Status.COMPLETED:
        raise CommandError(f"run {run.pk} is {run.status}: {run.error or run.waiting_for or 'stopped'}")


def _work(run_id: int, stopping: Stopping) -> None:
    """Slice after slice; a run that waits for a retry or for another worker is looked at again and again."""
    try:
        while not stopping() and SyncRun.objects.active().filter(pk=run_id).exists():
            if execute_next(stopping, only=run_id) is None:
                stopping.wait(LOOK_SECONDS)
    finally:
        connections.close_all()


def _found(name: str) -> Automation:
    found = Automation.objects.filter(pk=int(name)) if name.isdecimal() else Automation.objects.filter(name=name)
    automations = list(found[:2])
    if len(automations) == 1:
        return automations[0]
    if automations:
        raise CommandError(f"several automations are called {name!r}: give the id of the one that is meant")
    known = ", ".join(f"{each.pk} {each.name!r}" for each in Automation.objects.order_by("-pk")[:10])
    raise CommandError(f"there is no automation {name!r}: the newest are {known or 'none at all'}")
