"""Failed runs that go on, finished ones that are done once more, and waiting ones that come sooner or later."""

from __future__ import annotations

import logging

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from sheetsync import dispatch
from sheetsync.conf import settings as conf
from sheetsync.errors import RunRefused, SheetsyncError
from sheetsync.models import Automation, SyncRun
from sheetsync.trigger.birth import alone, born, locked, refuse_unless_ready

log = logging.getLogger(__name__)

MOST_PRIORITY = 100


def retry(run: SyncRun) -> SyncRun:
    """Put a failed run back, with as many attempts again, to go on from its checkpoint.

    Raises RunRefused for a run in any other state, and where another run of the automation is active.
    """
    with alone(run):
        automation = locked(run.automation_id)
        refuse_unless_ready(automation, automation.google_account())
        put_back = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.FAILED).update(
            status=SyncRun.Status.PENDING,
            finished_at=None,
            cancel_requested_at=None,
            next_attempt_at=Now(),
            rung_at=Now(),
            max_attempts=F("attempts") + conf.MAX_ATTEMPTS,
            error_type="",
            error="",
        )
        run.refresh_from_db()
        if not put_back:
            raise RunRefused(f"run {run.pk} is {run.status}: only a failed run is retried; replay any other")
        dispatch.ring_on_commit(run.pk)
    return run


def replay(run: SyncRun, attempt: int | None = None) -> SyncRun:
    """A new run like a finished one, linked to it and to its attempt (the last one); the old one stays as it is.

    Raises RunRefused for a run that is still active, and where another run of the automation is.
    """
    if run.is_active:
        raise RunRefused(f"run {run.pk} is {run.status}: wait until it is finished, or cancel it first")
    number = run.attempts if attempt is None else attempt
    with alone(run):
        automation = locked(run.automation_id)
        refuse_unless_ready(automation, automation.google_account())
        SyncRun.objects.select_for_update(no_key=True).get(pk=run.pk)  # or it could be forgotten meanwhile
        if number and not run.attempt_log.filter(number=number).exists():
            raise RunRefused(f"run {run.pk} has no attempt {number}: it has {run.attempts}")
        return born(
            tenant_id=run.tenant_id,
            automation_id=run.automation_id,
            trigger=SyncRun.Trigger.REPLAY,
            mode=run.mode,
            priority=run.priority,
            replay_of=run,
            replay_of_attempt=number or None,
        )


def prioritize(run: SyncRun, priority: int) -> None:
    """Let it come before those of a lower priority, from -100 to 100. Raises RunRefused for one that is finished."""
    if not -MOST_PRIORITY <= priority <= MOST_PRIORITY:
        raise RunRefused(f"priority {priority} is out of bounds: give one from -{MOST_PRIORITY} to {MOST_PRIORITY}")
    if not SyncRun.objects.active().filter(pk=run.pk).update(priority=priority):
        run.refresh_from_db()
        raise RunRefused(f"run {run.pk} is {run.status}: only one that waits or runs can be put before others")
    run.priority = priority


def put_back(automations: QuerySet[Automation], error: type[SheetsyncError]) -> int:
    """Retry the last run of each of these that failed for this very reason, which is mended now. -> how many

    As often as one likes: what has run since, is not active, or runs already, stays as it is.
    """
    active = automations.filter(status=Automation.Status.ACTIVE, tenant__active=True)
    newest = SyncRun.objects.filter(automation=OuterRef("automation")).order_by("-pk").values("pk")[:1]
    failed = SyncRun.objects.filter(automation__in=active, status=SyncRun.Status.FAILED, error_type=error.__name__)
    return sum(_retried(run) for run in failed.filter(pk=Subquery(newest)))


def _retried(run: SyncRun) -> bool:
    try:
        retry(run)
    except RunRefused as refusal:  # somebody was faster, or it was paused just now
        log.info("run %s is not put back: %s", run.pk, refusal, extra={"action": "run_left", "run": run.pk})
        return False
    return True
