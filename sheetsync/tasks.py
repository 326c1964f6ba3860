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
from sheetsync.models.pulse import Beat, PulseName

ASK_AGAIN = 0.5
"""Seconds between two looks at whether the cluster is stopping."""


def execute(run_id: int | None = None, stop: Callable[[], bool] | None = None) -> None:
    """Answer a doorbell. The id is a hint for people who read the queue: the best ready run is taken, whichever it is.

    Whatever is ready after it gets a bell of its own. `stop`: whether this worker has been told to go, for workers that
    are not django-q2's. One that has been leaves the bell to another one.
    """
    sentinel = _sentinel()
    stopping = stop or cluster_stopping(sentinel)
    beat = Beat(PulseName.CLUSTER if sentinel else PulseName.WORKERS)
    try:
        beat()
        if stopping():
            dispatch.ring(run_id)
        else:
            execute_next(stopping, alive=beat)
    finally:
        _let_connections_go()


def answer_canary() -> None:
    """Show that a worker of this cluster takes tasks and does them."""
    try:
        Pulse.objects.beat(PulseName.CLUSTER)
    finally:
        _let_connections_go()


def _let_connections_go() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _sentinel() -> Sentinel | None:
    """The sentinel of the django-q2 cluster that this worker belongs to; None in any other process.

    The workers are forked from inside the sentinel, so it is among the callers of this very function.
    """
    frame = sys._getframe().f_back
    while frame is not None:
        found = frame.f_locals.get("self")
        if isinstance(found, Sentinel):
            return found
        frame = frame.f_back
    return None


def cluster_stopping(sentinel: Sentinel | None) -> Callable[[], bool]:
    """Whether this worker's cluster is stopping, or has lost a part; elsewhere never.

    The cluster waits for its workers without a limit and does not tell them (1.11.1), but the sentinel has the event
    that stops it. Should the main process have been killed, nobody is left to set that event: then the first worker to
    notice does.
    """
    return now_and_then(partial(_is_stopping, sentinel)) if sentinel else lambda: False


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
