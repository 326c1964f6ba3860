"""How a run leaves a worker's hands. Every write is conditional on the lease's token: who lost it writes nothing.

A pause (slice over, quota, shutdown) leaves the attempt open; anything else closes it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from sheetsync.conf import settings as conf
from sheetsync.errors import LeaseLost, WorkerLost
from sheetsync.logs import correlated, scrub
from sheetsync.models.alert import Alert
from sheetsync.models.attempt import AttemptOutcome, Incident, SyncAttempt
from sheetsync.models.automation import Automation
from sheetsync.models.fields import atomic
from sheetsync.models.run import RunQuerySet, SyncRun
from sheetsync.outcome import Backoff, Completed, Dead, Outcome, RetryAt, decide
from sheetsync.pipeline.records import Tally

log = logging.getLogger(__name__)

REAPED_AT_ONCE = 100
LONGEST_ERROR = 2_000
LONGEST_TRACEBACK = 20_000
WRITTEN = ("inserted", "updated", "removed")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a worker knows of its run when it lets go: fields of the row, and incidents of this slice."""

    values: dict[str, Any] = field(default_factory=dict)
    incidents: Tally = field(default_factory=Tally)


def backoff() -> Backoff:
    """How long failed attempts wait, by the settings in force."""
    return Backoff(timedelta(seconds=conf.RETRY_BASE_SECONDS), timedelta(seconds=conf.RETRY_CAP_SECONDS))


def held(run: SyncRun) -> RunQuerySet:
    """This run, while the lease under which it was claimed is in force."""
    return SyncRun.objects.filter(pk=run.pk).held(run.lease_token or "")


def release(run: SyncRun, snapshot: Snapshot, *, seconds: float, reason: str) -> None:
    """Put a paused run back, to go on in so many seconds, or cancel it where that was asked for. Raises LeaseLost."""
    with atomic(SyncRun):
        waiting = _waiting(timedelta(seconds=seconds)) | {"waiting_for": reason[:300]}
        if not held(run).filter(cancel_requested_at=None).update(**waiting, **snapshot.values):
            cancel(run, snapshot)
            return
        _attempt(run).update(**_totals(run))
        _record(run, snapshot.incidents)
    extra = {"action": "run_put_back", "run": run.pk, "seconds": seconds}
    log.info("run %s put back for %.1f s: %s", run.pk, seconds, reason, extra=extra)


def cancel(run: SyncRun, snapshot: Snapshot) -> None:
    """It was asked to stop, and has stopped. Raises LeaseLost."""
    with atomic(SyncRun):
        _update(held(run), _finished(SyncRun.Status.CANCELED) | snapshot.values)
        _close(run, AttemptOutcome.CANCELED)
        _record(run, snapshot.incidents)
    log.info("run %s canceled", run.pk, extra={"action": "run_canceled", "run": run.pk})


def settle(
    run: SyncRun,
    outcome: Outcome,
    snapshot: Snapshot,
    error: Exception | None = None,
    traceback: str = "",
    *,
    followed: bool = False,
) -> bool:
    """Record what came of an attempt. -> whether it was.

    A run is not completed while `again` says that orders changed which it may not have seen: then nothing is written,
    unless a run that is going to look at them has `followed` it. Raises LeaseLost, with nothing written.
    """
    with atomic(SyncRun):
        values = snapshot.values | _told(error)
        if isinstance(outcome, Completed) and not followed:
            done = _finished(SyncRun.Status.COMPLETED) | values
            if not held(run).filter(again=False).update(**done):
                _update(held(run), {"lease_worker": run.lease_worker})
                return False
        else:
            _settle(held(run), outcome, values)
        _close(run, _ended(error), error, traceback)
        _record(run, snapshot.incidents)
        Alert.objects.settled(run, outcome, error)
    return True


def reap() -> list[SyncRun]:
    """Take back the runs of workers that stopped renewing their leases. -> those runs, as they were held."""
    return [run for run in SyncRun.objects.expired()[:REAPED_AT_ONCE] if _take_back(run)]


def _record(run: SyncRun, incidents: Tally) -> None:
    """Add what this slice met to what the run has met."""
    for kind, count in incidents.counts.items():
        known = Incident.objects.filter(run=run, kind=kind)
        if not known.update(count=F("count") + count, seen_at=Now()):
            Incident.objects.create(run=run, kind=kind, count=count, example=incidents.examples[kind])


def _take_back(run: SyncRun) -> bool:
    error = WorkerLost(f"worker {run.lease_worker} stopped answering: it was killed, hung or cut off")
    outcome = decide(error, attempt=run.attempts, max_attempts=run.max_attempts, now=timezone.now(), backoff=backoff())
    with atomic(SyncRun):
        if not _lies_there(run):
            return False
        # Its last call may be on its way still, and it may wake up: whoever opens the tab next keeps both out.
        Automation.objects.filter(pk=run.automation_id).update(unsettled=True)
        if run.cancel_requested_at is not None:
            cancel(run, Snapshot())
        else:
            settle(run, outcome, Snapshot(), error)
    with correlated(run.correlation_id):
        log.warning("run %s: %s", run.pk, error, extra={"action": "run_reaped", "run": run.pk})
    return True


def _lies_there(run: SyncRun) -> bool:
    """Lock what is about to be written, unless the lease has been renewed since it was found to be over.

    Without waiting: a worker that froze, or was cut off, in the middle of a transaction keeps its locks, and whoever
    waited for them would stand still too. Everybody reaps.
    """
    automation = Automation.objects.filter(pk=run.automation_id).select_for_update(skip_locked=True, no_key=True)
    over = held(run).filter(lease_expires_at__lt=Now()).select_for_update(skip_locked=True)
    return automation.first() is not None and over.first() is not None


def _settle(lease: RunQuerySet, outcome: Outcome, values: dict[str, Any]) -> None:
    match outcome:
        case Completed():
            _update(lease, _finished(SyncRun.Status.COMPLETED) | values | {"again": False})
        case RetryAt(at):
            reason = f"another attempt after {values['error_type']}"
            wait = _waiting(at - timezone.now()) | {"rung_at": None, "waiting_for": reason}
            if not lease.filter(cancel_requested_at=None).update(**wait, **values):
                _update(lease, _finished(SyncRun.Status.CANCELED) | values)
        case Dead():
            _update(lease, _finished(SyncRun.Status.DEAD) | values)
        case _:
            _update(lease, _finished(SyncRun.Status.FAILED) | values)


def _update(lease: RunQuerySet, values: dict[str, Any]) -> None:
    if not lease.update(**values):
        raise LeaseLost("another worker has taken this run over")


_NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_expires_at": None}
_READY_NOW: dict[str, Any] = {"next_attempt_at": Now(), "rung_at": Now()}


def _waiting(delay: timedelta) -> dict[str, Any]:
    # Whoever puts it back at once rings too; one that has to wait is rung for by the scheduler when it is ready.
    ready = {"next_attempt_at": Now() + delay, "rung_at": None} if delay > timedelta(0) else _READY_NOW
    return {"status": SyncRun.Status.PENDING, **ready, **_NO_LEASE}


def _finished(status: str) -> dict[str, Any]:
    return {"status": status, "finished_at": Now(), "waiting_for": "", **_NO_LEASE}


def _told(error: Exception | None) -> dict[str, str]:
    return {"error_type": _name(error), "error": scrub(str(error or ""))[:LONGEST_ERROR]}


def _name(error: Exception | None) -> str:
    return type(error).__name__ if error else ""


def _ended(error: Exception | None) -> AttemptOutcome:
    if error is None:
        return AttemptOutcome.SUCCEEDED
    return AttemptOutcome.LOST if isinstance(error, WorkerLost) else AttemptOutcome.FAILED


def _attempt(run: SyncRun) -> Any:
    return run.attempt_log.filter(number=run.attempts, finished_at=None)


def _close(run: SyncRun, outcome: str, error: Exception | None = None, traceback: str = "") -> None:
    told = {**_told(error), "traceback": scrub(traceback)[-LONGEST_TRACEBACK:]}
    _attempt(run).update(outcome=outcome, finished_at=Now(), **told, **_totals(run))


def _totals(run: SyncRun) -> dict[str, Any]:
    """What the attempt has done so far: all that the run counted, but what earlier attempts did of it.

    Of a killed worker nothing is left but the run's own counters.
    """
    counted = {**run.counters, "written": sum(run.counters.get(name, 0) for name in WRITTEN)}
    return {name: counted.get(name, 0) - _earlier(name) for name in ("calls", "reads", "rows", "written")}


def _earlier(name: str) -> Coalesce:
    earlier = SyncAttempt.objects.filter(run=OuterRef("run"), number__lt=OuterRef("number")).order_by()
    return Coalesce(Subquery(earlier.values("run").annotate(sum=Sum(name)).values("sum")), 0)
