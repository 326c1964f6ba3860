"""A worker's hold on a run: renewed by a small thread while calls are in flight, asked before every send and wait.

The database decides whether it still holds: each renewal is an update of the row on the condition that the token is
still the one of the claim, and each end is judged by the database's clock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.db import Error, connections
from django.db.models.functions import Now

from sheetsync.conf import settings as conf
from sheetsync.errors import Canceled, LeaseLost, ShuttingDown, SliceEnded
from sheetsync.logs import correlated
from sheetsync.models import Automation, SyncRun, ending
from sheetsync.models.fields import alias, atomic

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25
"""Seconds between two looks of whoever waits: at whether the worker has been told to go, for one."""

GRACE = 8.0
"""Seconds. A worker that was told to go, and still hangs in a call then, gives its run away: few supervisors wait for
longer than ten."""

TAKEN_OVER = "another worker has taken this run over"
LET_GO = "it was put back, for this worker was told to go and its call did not return"


class Lease:
    """Use as a context manager; it is the `Fence` of the tab. Thread-safe: the main thread and the renewing one use it.

    `stop`: whether the worker has been told to go, asked by both threads; `alive`: called now and then by the small
    one, for as long as it renews.
    `interrupted`: whether a wait was cut short, in the middle of a batch perhaps.
    """

    def __init__(
        self,
        run: SyncRun,
        stop: Callable[[], bool],
        alive: Callable[[], object] = lambda: None,
        grace: float = GRACE,
    ) -> None:
        self.run = run
        self.token = run.lease_token or ""
        self._stop, self._alive, self._grace = stop, alive, grace
        self._length = timedelta(seconds=conf.LEASE_SECONDS)
        self._lost = ""
        self._canceled = self.interrupted = False
        self._told_at: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease of run {run.pk}", daemon=True)
        self.begin_slice()

    def begin_slice(self) -> None:
        """The run's time starts now: opening a large tab does not count."""
        self._slice_ends = time.monotonic() + conf.SLICE_SECONDS
        # A worker that hangs is not kept alive: nothing that it may rightly do takes longer than one call.
        self._renew_until = self._slice_ends + conf.CONNECT_TIMEOUT + conf.READ_TIMEOUT

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Renew it. Raises LeaseLost where another worker has taken over."""
        self.write()

    def write(self, **values: Any) -> None:
        """Write to the run's row and renew the lease, in one fenced update. Raises LeaseLost with nothing written."""
        values["lease_expires_at"] = Now() + self._length
        held = ending.held(self.run)
        # One update is enough while nobody asks to stop; the second tells that from a lost lease.
        if not self._canceled and held.filter(cancel_requested_at=None).update(**values):
            return
        if not held.update(**values):
            self._lost = self._lost or TAKEN_OVER
            raise LeaseLost(self._lost)
        self._canceled = True

    def hurry(self) -> bool:
        """Whether to stop at the next batch."""
        return bool(self._lost) or self._canceled or time.monotonic() >= self._slice_ends or self._stop()

    def stop_if_told(self) -> None:
        """Called between two batches. Raises LeaseLost, Canceled, ShuttingDown or SliceEnded."""
        self._leave_if_told()
        if time.monotonic() >= self._slice_ends:
            raise SliceEnded

    def wait(self, seconds: float) -> None:
        """Sleep before a call, but not for a run that has to stop. Raises LeaseLost, Canceled or ShuttingDown."""
        until = time.monotonic() + seconds
        self.interrupted = True
        while (left := until - time.monotonic()) > 0:
            self._leave_if_told()
            time.sleep(min(left, LOOK_EVERY))
        self._leave_if_told()
        self.interrupted = False

    def _leave_if_told(self) -> None:
        if self._lost:
            raise LeaseLost(self._lost)
        if self._canceled:
            raise Canceled("somebody asked for this run to be stopped")
        if self._stop():
            raise ShuttingDown

    def _keep(self) -> None:
        every = self._length.total_seconds() / 4
        renew_at = time.monotonic() + every
        try:
            with correlated(self.run.correlation_id):
                while not self._over.wait(min(every, LOOK_EVERY)) and time.monotonic() < self._renew_until:
                    if self._grace_is_over() and self._let_go():
                        return
                    if time.monotonic() >= renew_at:
                        renew_at = time.monotonic() + every
                        if not self._renewed():
                            return
                    self._alive()
        finally:
            connections.close_all()

    def _renewed(self) -> bool:
        try:
            self.write()
        except LeaseLost:
            return False
        except Error as error:
            self._note("its lease could not be renewed now", error, "lease_not_renewed")
            connections[alias(SyncRun)].close()
        return True

    def _grace_is_over(self) -> bool:
        if self._told_at is None and self._stop():
            self._told_at = time.monotonic()
        return self._told_at is not None and time.monotonic() >= self._told_at + self._grace

    def _let_go(self) -> bool:
        """Put the run back from its last checkpoint, while the main thread hangs in a call. -> whether it is gone.

        The call may be a write that is applied later: the next worker makes sure that it cannot be. The main thread
        finds the lease lost when it comes back. The scheduler rings, in a second.
        """
        try:
            with atomic(SyncRun):
                Automation.objects.filter(pk=self.run.automation_id).update(unsettled=True)
                ending.release(self.run, ending.Snapshot(), seconds=1.0, reason="its worker was told to go")
        except LeaseLost:
            return True
        except Error as error:
            self._note("it could not be put back now", error, "run_not_let_go")
            connections[alias(SyncRun)].close()
            return False
        self._lost = LET_GO
        log.warning("run %s: %s", self.run.pk, LET_GO, extra={"action": "run_let_go", "run": self.run.pk})
        return True

    def _note(self, what: str, error: Error, action: str) -> None:
        extra = {"action": action, "run": self.run.pk}
        log.warning("run %s: %s: %s", self.run.pk, what, error, extra=extra)
