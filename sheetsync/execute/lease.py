"""A worker's hold on a run: renewed by a small thread while calls are in flight, asked before every send.

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
from sheetsync.models import SyncRun, ending
from sheetsync.models.fields import alias

log = logging.getLogger(__name__)


class Lease:
    """Use as a context manager; it is the `Fence` of the tab. Thread-safe: the main thread and the renewing one use it.

    `stop`: whether the worker has been told to go.
    """

    def __init__(self, run: SyncRun, stop: Callable[[], bool]) -> None:
        self.run = run
        self.token = run.lease_token or ""
        self._stop = stop
        self._length = timedelta(seconds=conf.LEASE_SECONDS)
        self._lost = self._canceled = False
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
            self._lost = True
            raise LeaseLost("another worker has taken this run over")
        self._canceled = True

    def hurry(self) -> bool:
        """Whether to stop at the next batch."""
        return self._lost or self._canceled or time.monotonic() >= self._slice_ends or self._stop()

    def stop_if_told(self) -> None:
        """Called between two batches. Raises LeaseLost, Canceled, ShuttingDown or SliceEnded."""
        if self._lost:
            raise LeaseLost("another worker has taken this run over")
        if self._canceled:
            raise Canceled("somebody asked for this run to be stopped")
        if self._stop():
            raise ShuttingDown
        if time.monotonic() >= self._slice_ends:
            raise SliceEnded

    def _keep(self) -> None:
        try:
            while not self._over.wait(self._length.total_seconds() / 4) and time.monotonic() < self._renew_until:
                if not self._renewed():
                    return
        finally:
            connections[alias(SyncRun)].close()

    def _renewed(self) -> bool:
        try:
            self.write()
        except LeaseLost:
            return False
        except Error as error:
            log.warning("run %s: its lease could not be renewed now: %s", self.run.pk, error)
            connections[alias(SyncRun)].close()
        return True
