"""Work that goes on beside a command's own, in a thread: what may wait for others must not make the clock wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from django.db import Error, connections

log = logging.getLogger(__name__)

GRACE = 2.0
"""Seconds that a command which was told to stop waits for it. All work here may be cut off anywhere."""


class Beside:
    """`work()` every so many seconds, for as long as the `with` lasts. What goes wrong is logged, and tried again."""

    def __init__(self, work: Callable[[], object], every: float) -> None:
        self._work_on, self._every = work, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name=f"sheetsync-{work.__name__}", daemon=True)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(GRACE)

    def _go_on(self) -> None:
        try:
            while not self._stop.wait(self._every):
                self._once()
        finally:
            connections.close_all()

    def _once(self) -> None:
        extra = {"action": "beside_failed"}
        try:
            self._work_on()
        except Error as error:
            log.warning("%s: the database did not answer: %s", self._thread.name, type(error).__name__, extra=extra)
            connections.close_all()
        except Exception:
            log.exception("%s failed; trying again", self._thread.name, extra=extra)
