"""django-q2's doors: an id in, one call, nothing else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial

from django.db import connections
from django_q.cluster import Sentinel

from sheetsync import dispatch
from sheetsync.execute import execute_next
from sheetsync.models import Pulse

ASK_AGAIN = 0.5
"""Seconds between two looks at whether the cluster is stopping."""


def execute(run_id: int | None = None) -> None:
    """Answer a doorbell. The id is a hint for people who read the queue: the best ready run is taken, whichever it is.

    Whatever is ready after it gets a bell of its own. A cluster that is stopping leaves the bell to another one.
    """
    stopping = cluster_stopping()
    try:
        if stopping():
            dispatch.ring(run_id)
        else:
            execute_next(stopping)
    finally:
        _let_connections_go()


def answer_canary() -> None:
    """Show that a worker of this cluster takes tasks and does them."""
    try:
        Pulse.objects.beat(Pulse.Name.WORKERS)
    finally:
        _let_connections_go()


def _let_connections_go() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def cluster_stopping() -> Callable[[], bool]:
    """Whether the django-q2 cluster that this worker belongs to is stopping, or has lost a part; elsewhere never.

    The cluster waits for its workers without a limit and does not tell them (1.11.1). But they are forked from inside
    the sentinel, so the sentinel, with the event that stops it, is among the callers of this very function. Should the
    main process have been killed, nobody is left to set that event: then the first worker to notice does.
    """
    frame = sys._getframe().f_back
    while frame is not None:
        sentinel = frame.f_locals.get("self")
        if isinstance(sentinel, Sentinel):
            return now_and_then(partial(_is_stopping, sentinel))
        frame = frame.f_back
    return lambda: False


def now_and_then(ask: Callable[[], bool]) -> Callable[[], bool]:
    """The answer of at most half a second ago.

    A look at the cluster's event takes the event's lock for a moment. A worker that is killed in that moment leaves it
    locked; then the sentinel, which waits there too, replaces no worker any more and cannot be stopped.
    """
    again, answer = 0.0, False

    def answered() -> bool:
        nonlocal again, answer
        if not answer and time.monotonic() >= again:
            again, answer = time.monotonic() + ASK_AGAIN, ask()
        return answer

    return answered


def _is_stopping(sentinel: Sentinel) -> bool:
    if os.getppid() != sentinel.pid or sentinel.stop_event.is_set():
        return True
    if _is_alive(sentinel.parent_pid):
        return False
    sentinel.stop_event.set()
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
