"""The clock: one look at everything that time makes due. Any number of these may run at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from sheetsync import dispatch, trigger
from sheetsync.conf import settings as conf
from sheetsync.errors import SheetsyncError
from sheetsync.models import Automation, DirtyOrder, SyncRun, ending
from sheetsync.models.fields import atomic

log = logging.getLogger(__name__)

AT_ONCE = 100
MOST_BELLS = 10
POISON_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """How much of each there was."""

    started: int
    reaped: int
    swept: int
    rung: int

    def __bool__(self) -> bool:
        return any((self.started, self.reaped, self.swept, self.rung))


def tick(now: datetime | None = None) -> Tick:
    """One look.

    1. Start the automations whose time has come.
    2. Take back the runs of workers that stopped renewing their leases.
    3. Ask for runs for changed orders that no run is going to look at.
    4. Ring again for ready runs that nobody answered.
    """
    now = now or timezone.now()
    started = sum(_start(automation, now) for automation in Automation.objects.due(now)[:AT_ONCE])
    reaped = len(ending.reap())
    swept = sum(_sweep(automation) for automation in _forgotten()[:AT_ONCE])
    return Tick(started, reaped, swept, _ring())


def _start(automation: Automation, now: datetime) -> bool:
    """The run and the next time are one transaction: a slot is neither lost nor used twice.

    Missed slots become one run. One automation that cannot be scheduled must not stop the others: it is looked at
    again in an hour.
    """
    try:
        with atomic(Automation):
            # By somebody else already? Then its next time has moved, or is about to. Nobody waits for a lock here: a
            # process that froze in a transaction may never let it go.
            still_due = Automation.objects.due(now).filter(pk=automation.pk)
            still_due = still_due.select_for_update(of=("self",), no_key=True, skip_locked=True)
            fresh = still_due.select_related("tenant", "account").first()
            if fresh is None:
                return False
            slot = fresh.next_run_at
            fresh.plan_next_run(now)
            fresh.save(update_fields=["next_run_at"])
            return trigger.request_run(fresh, trigger=SyncRun.Trigger.SCHEDULE, slot=slot).created
    except (SheetsyncError, DatabaseError) as error:
        log.warning("automation %s could not be started: %s", automation.pk, error)
        Automation.objects.filter(pk=automation.pk).update(next_run_at=now + POISON_DELAY, problem=str(error))
        return False


def _forgotten() -> list[Automation]:
    """Automations with changed orders and no active run; those whose last run failed just now may rest first."""
    runs = SyncRun.objects.filter(automation=OuterRef("pk"))
    failed = runs.filter(
        status__in=[SyncRun.Status.FAILED, SyncRun.Status.DEAD],
        finished_at__gt=Now() - timedelta(seconds=conf.RETRY_CAP_SECONDS),
    )
    waiting = DirtyOrder.objects.filter(automation=OuterRef("pk"))
    return list(
        Automation.objects.filter(
            Exists(waiting),
            ~Exists(runs.active()),
            ~Exists(failed),
            status=Automation.Status.ACTIVE,
            tenant__active=True,
        )
    )


def _sweep(automation: Automation) -> bool:
    try:
        return trigger.request_changed(automation)
    except SheetsyncError as error:
        log.warning("automation %s has changed orders that no run can look at: %s", automation.pk, error)
        return False


def _ring() -> int:
    """A bell for each of the best ready runs that nobody answered; not again before the patience has run out.

    Not for all of them: each worker that is done rings for the next, and while no worker is there, bells would pile up.
    """
    best = list(SyncRun.objects.ready().allowed().values_list("pk", flat=True)[:MOST_BELLS])
    unanswered = SyncRun.objects.unanswered(timedelta(seconds=conf.RING_AGAIN_SECONDS)).filter(pk__in=best)
    run_ids = list(unanswered.values_list("pk", flat=True))
    SyncRun.objects.filter(pk__in=run_ids).update(rung_at=Now())
    for run_id in run_ids:
        dispatch.ring(run_id)
    return len(run_ids)
