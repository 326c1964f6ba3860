"""Schedules whose time has come get their runs, many in a transaction.

1. Claim some of those that are due: no other scheduler looks at them until the claim has run out.
2. In one transaction, make their runs and write their next times. That, and the constraint `one_run_per_slot`, are why
   a slot is neither lost nor used twice, whoever dies between the steps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, OperationalError

from sheetsync import trigger
from sheetsync.errors import SheetsyncError
from sheetsync.models import Automation, SyncRun
from sheetsync.models.automation import PLANNED
from sheetsync.models.fields import atomic, save_each

log = logging.getLogger(__name__)

AT_ONCE, BATCHES = 200, 10
CLAIM = timedelta(seconds=10)
POISON_DELAY = timedelta(hours=1)


def start_due(now: datetime, stop: Callable[[], bool] = lambda: False) -> tuple[int, bool]:
    """Start what is due, the longest first, until `stop()`. -> how many runs were made, and whether more is due.

    Not all of it where that is much: whoever looks at the clock has lost workers to look after, too.
    """
    started = 0
    for _ in range(BATCHES):
        if stop():
            return started, True
        ids = Automation.objects.claim_due(now, CLAIM, AT_ONCE)
        started += _start(ids, now) if ids else 0
        if len(ids) < AT_ONCE:
            return started, False
    return started, True


def _start(ids: list[int], now: datetime) -> int:
    """One that breaks the transaction of all is found by taking them one at a time, and set aside."""
    try:
        return _start_together(ids, now)
    except (SheetsyncError, DatabaseError) as error:
        if len(ids) > 1:
            return sum(_start([each], now) for each in ids)
        _log_not_started(ids[0], error)
        if isinstance(error, OperationalError):
            return 0  # a lock that did not open in time, say: the claim runs out, and the next look finds it again
        later = now + POISON_DELAY
        Automation.objects.filter(pk=ids[0]).update(next_run_at=later, scheduler_locked_until=None, problem=str(error))
        return 0


def _start_together(ids: list[int], now: datetime) -> int:
    with atomic(SyncRun):
        claimed = Automation.objects.scheduled(now).filter(pk__in=ids).select_related("tenant", "account")
        # Passed over when somebody else has the row; the claim runs out, and the next look finds it again.
        claimed = claimed.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk")
        slots: dict[Automation, datetime] = {}
        for automation in (automations := list(claimed)):
            _move_on(automation, now, slots)
        found = trigger.request_scheduled(slots)
        for automation, refusal in found.refused.items():
            _set_aside(automation, now, slots[automation], refusal)
        # Those that wait behind a run stay as they are, and claimed: they are looked at again when the claim runs out.
        done = [automation for automation in automations if automation.pk not in found.behind]
        for automation in done:
            automation.scheduler_locked_until = None
        save_each(done, [*PLANNED, "scheduler_locked_until"])
    return found.started


def _move_on(automation: Automation, now: datetime, slots: dict[Automation, datetime]) -> None:
    """Note which time it starts for, and plan the next one. One that cannot be read must not stop the others."""
    planned = automation.next_slot_at
    try:
        slot = automation.slot_for(now)
        automation.plan_next_run(now)
    except SheetsyncError as error:
        _set_aside(automation, now, planned, error)
    else:
        if slot is not None:
            slots[automation] = slot


def _set_aside(automation: Automation, now: datetime, slot: datetime | None, error: SheetsyncError) -> None:
    """To be looked at again in an hour, for the same time of its schedule, and flagged until then.

    For the same: a run then for the time that comes next would be that one's only run.
    """
    _log_not_started(automation.pk, error)
    automation.next_slot_at, automation.next_run_at = slot, now + POISON_DELAY
    Automation.objects.filter(pk=automation.pk).update(problem=str(error))


def _log_not_started(automation: int, error: Exception) -> None:
    extra = {"action": "schedule_not_started", "automation": automation}
    log.warning("automation %s could not be started: %s", automation, error, extra=extra)
