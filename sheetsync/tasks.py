"""django-q2's doors: an id in, one call, nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from django.db import connections
from django_q.cluster import Sentinel

from sheetsync.execute import execute_next


def execute(run_id: int | None = None) -> None:
    """Answer a doorbell. The id is a hint for people who read the queue: the best ready run is taken, whichever it is.

    Whatever is ready after it gets a bell of its own.
    """
    try:
        execute_next(cluster_stopping())
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


def cluster_stopping() -> Callable[[], bool]:
    """Whether the django-q2 cluster that this worker belongs to is stopping, or is gone; elsewhere never.

    The cluster waits for its workers without a limit and does not tell them (1.11.1). But they are forked from inside
    the sentinel, so the sentinel, with the event that stops it, is among the callers of this very function.
    """
    frame = sys._getframe().f_back
    while frame is not None:
        sentinel = frame.f_locals.get("self")
        if isinstance(sentinel, Sentinel):
            parent, event = sentinel.pid, sentinel.stop_event
            return lambda: event.is_set() or os.getppid() != parent
        frame = frame.f_back
    return lambda: False
