"""Calls that may hang for ever, given a time after which nobody waits for them any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from django.db import connections

Job = Callable[[], str]
"""What it returns is what went wrong, empty where nothing did."""

HUNG = "it took too long, and was given up"


def within(seconds: float, jobs: Sequence[Job], name: str) -> list[str]:
    """Do them all at once, each in a thread of its own. -> what went wrong with each; never raises.

    Sockets have timeouts, but a look for a host's address has none, and a mail server may answer byte by byte. A thread
    that still hangs ends with its process, or when whatever it waits for does; `hanging(name)` tells of it.
    """
    found = [HUNG] * len(jobs)
    threads = [
        threading.Thread(target=_do, args=(job, found, at), name=name, daemon=True) for at, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return list(found)


def hanging(name: str) -> bool:
    """Whether something of this name has not come back yet."""
    return any(thread.name == name for thread in threading.enumerate())


def _do(job: Job, found: list[str], at: int) -> None:
    try:
        found[at] = job()
    except Exception as error:  # of the host's own mail backend, say
        found[at] = f"{type(error).__name__}: {error}"
    finally:
        connections.close_all()
