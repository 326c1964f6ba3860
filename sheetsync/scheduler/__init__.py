"""The clock: one look at everything that time makes due. Any number of these may run at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from sheetsync import dispatch, privacy, trigger
from sheetsync.conf import settings as conf
from sheetsync.errors import SheetsyncError
from sheetsync.models import Automation, DirtyOrder, Hour, Pulse, SyncRun, ending, retention
from sheetsync.models.fields import database_time
from sheetsync.scheduler import canary
from sheetsync.scheduler.slots import start_due

log = logging.getLogger(__name__)

AT_ONCE = 100
MOST_BELLS = 10


@dataclass(frozen=True, slots=True)
class Tick:
    """How much of each there was."""

    started: int
    reaped: int
    swept: int
    rung: int
    pruned: int
    more: bool = False
    """There was more to start than one look takes."""

    def __bool__(self) -> bool:
        return any((self.started, self.reaped, self.swept, self.rung, self.pruned))


def tick(now: datetime | None = None, stop: Callable[[], bool] = lambda: False) -> Tick:
    """One look; `stop()` ends it early, between two transactions. `now`: left out, the database's time.

    1. Start the automations whose time has come.
    2. Take back the runs of workers that stopped renewing their leases.
    3. Ask for runs for changed orders that no run is going to look at.
    4. Note which demands for privacy are met.
    5. Ring again for ready runs that nobody answered.
    6. Forget some of the runs that are old enough.
    7. Sum up what ended in hours that are over.
    8. Show that the clock is looked at, and try whether workers answer.
    """
    now = now or database_time(SyncRun)
    started, more = start_due(now, stop)
    reaped = len(ending.reap())
    swept = sum(_sweep(automation) for automation in _forgotten())
    privacy.settle()
    found = Tick(started, reaped, swept, _ring(), retention.prune(), more)
    Hour.objects.sum_up(now)
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    canary.send()
    return found


def _forgotten() -> list[Automation]:
    """Automations with changed orders and no active run; those whose last run failed just now may rest first.

    In no order: some that are refused each time must not keep the others waiting for ever.
    """
    runs = SyncRun.objects.filter(automation=OuterRef("pk"))
    failed = runs.filter(
        status__in=[SyncRun.Status.FAILED, SyncRun.Status.DEAD],
        finished_at__gt=Now() - timedelta(seconds=conf.RETRY_CAP_SECONDS),
    )
    return list(
        Automation.objects.filter(
            ~Exists(runs.active()),
            ~Exists(failed),
            pk__in=DirtyOrder.objects.order_by().values_list("automation", flat=True).distinct(),
            status=Automation.Status.ACTIVE,
            tenant__active=True,
        ).order_by("?")[:AT_ONCE]
    )


def _sweep(automation: Automation) -> bool:
    try:
        return trigger.request_changed(automation)
    except SheetsyncError as error:
        extra = {"action": "changes_not_started", "automation": automation.pk}
        log.warning("automation %s has changed orders that no run can look at: %s", automation.pk, error, extra=extra)
        return False


def _ring() -> int:
    """A bell for each of the best ready runs that nobody answered; not again before the patience has run out.

    Not for all of them: each worker that is done rings for the next, and while no worker is there, bells would pile up.
    """
    best = list(SyncRun.objects.ready().allowed().values_list("pk", flat=True)[:MOST_BELLS])
    unanswered = SyncRun.objects.unanswered(timedelta(seconds=conf.RING_AGAIN_SECONDS)).filter(pk__in=best)
    run_ids = list(unanswered.values_list("pk", flat=True))
    SyncRun.objects.filter(pk__in=run_ids).update(rung_at=Now())
    # A queue that is away takes seconds to say so: one bell is enough to find out.
    return sum(1 for _ in takewhile(dispatch.ring, run_ids))
