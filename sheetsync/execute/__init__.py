"""Execute the best ready run: claim -> open source and tab -> export -> record the outcome.

`lease.py` keeps the claim alive and says when to stop, `opening.py` turns models into plain values, `exporting.py` does
one slice of the work and writes down every committed batch.
"""

from __future__ import annotations

import logging
import os
import socket
import traceback
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from sheetsync import dispatch, trigger
from sheetsync.conf import settings as conf
from sheetsync.errors import Canceled, LeaseLost, Paused, QuotaWait, RateLimited, Unavailable
from sheetsync.execute.exporting import Exporting
from sheetsync.execute.lease import Lease
from sheetsync.logs import correlated
from sheetsync.models import SyncRun, ending
from sheetsync.models.fields import atomic
from sheetsync.outcome import Completed, OwnerMustAct, decide

log = logging.getLogger(__name__)

Stop = Callable[[], bool]
"""Whether this worker has been told to go. Asked by two threads."""


def worker_name() -> str:
    """Who this process is, for leases and attempts."""
    return f"{socket.gethostname()}:{os.getpid()}"


def execute_next(
    stop: Stop = lambda: False, only: int | None = None, alive: Callable[[], object] = lambda: None
) -> SyncRun | None:
    """Execute one slice of the best ready run, and return that run; None where nothing could be claimed.

    `only`: the id of the one run that is wanted. `alive`: called now and then, for as long as the work goes on.

    1. Take back runs whose worker is gone.
    2. Claim one: from here on every write is fenced by the lease.
    3. Work until it is done, its time is over, or `stop` says that this worker has to go; then it is put back within
       ten seconds, even if a call hangs.
    4. Record what came of it, and ring once more if anything is ready.
    """
    ending.reap()
    run = SyncRun.objects.claim(worker_name(), timedelta(seconds=conf.LEASE_SECONDS), only)
    if run is None:
        return None
    with correlated(run.correlation_id):
        log.info("run %s: attempt %s", run.pk, run.attempts, extra={"action": "run_claimed", "run": run.pk})
        with Lease(run, stop, alive) as lease, closing(Exporting(run, lease)) as exporting:
            _work(run, exporting)
    if SyncRun.objects.ready().allowed().exists():
        dispatch.ring()
    return run


def _work(run: SyncRun, exporting: Exporting) -> None:
    try:
        try:
            exporting.work()
        except LeaseLost:
            raise
        except Canceled:
            _cancel(run, exporting)
        except Paused as paused:
            _pause(run, exporting, paused)
        except Exception as error:
            if isinstance(error, RateLimited) and exporting.progressed:
                # It is getting on, at the pace that the other side allows: no failure.
                _pause(run, exporting, QuotaWait(str(error), seconds=error.retry_after or conf.RETRY_BASE_SECONDS))
            else:
                _fail(run, exporting, error)
        else:
            _complete(run, exporting)
    except LeaseLost as lost:
        log.warning("run %s: %s", run.pk, lost, extra={"action": "lease_lost", "run": run.pk})


def _complete(run: SyncRun, exporting: Exporting) -> None:
    with atomic(SyncRun):
        exporting.note_success()
        quiet = ending.settle(run, Completed(), exporting.snapshot())
    if not quiet:
        # Orders changed meanwhile: the end and the run that follows are one transaction. Whoever asks for runs holds
        # the automation's row first, and so must we.
        with atomic(SyncRun):
            automation = trigger.locked(run.automation_id)
            ending.settle(run, Completed(), exporting.snapshot(), followed=True)
            trigger.follow_up(run, automation)
    log.info("run %s completed", run.pk, extra={"action": "run_completed", "run": run.pk})


def _cancel(run: SyncRun, exporting: Exporting) -> None:
    with atomic(SyncRun):
        if exporting.lease.interrupted:
            exporting.leave_in_doubt()
        ending.cancel(run, exporting.snapshot())


def _pause(run: SyncRun, exporting: Exporting, paused: Paused) -> None:
    if isinstance(paused, QuotaWait) and exporting.refused and not exporting.progressed:
        # Google says no in spite of our pace, and nothing came of this slice: waiting must not go on for ever.
        _fail(run, exporting, RateLimited(str(paused), retry_after=paused.seconds))
        return
    with atomic(SyncRun):
        # Out of a wait before a call; of the call before that one nobody may know yet what became of it.
        if isinstance(paused, QuotaWait) or exporting.lease.interrupted:
            exporting.leave_in_doubt()
        ending.release(run, exporting.snapshot(), seconds=paused.seconds, reason=str(paused))


def _fail(run: SyncRun, exporting: Exporting, error: Exception) -> None:
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, OperationalError | InterfaceError):
        close_old_connections()
        error = Unavailable(f"the database did not answer: {error}")
    outcome = decide(
        error,
        attempt=run.attempts,
        max_attempts=run.max_attempts,
        now=timezone.now(),
        backoff=ending.backoff(),
    )
    with atomic(SyncRun):
        # Locked in this order everywhere: account, automation, run.
        if isinstance(outcome, OwnerMustAct):
            exporting.flag(error)
        exporting.leave_in_doubt()
        ending.settle(run, outcome, exporting.snapshot(), error, trace)
    log.error(
        "run %s, attempt %s: %s: %s -> %s",
        run.pk, run.attempts, type(error).__name__, error, type(outcome).__name__,
        extra={"action": "attempt_failed", "run": run.pk},
    )  # fmt: skip
