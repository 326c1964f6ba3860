"""Ring the doorbell: tell workers that a run may be ready. A bell may be lost, doubled or late; the row is the truth.

`SHEETSYNC["DISPATCH"]` chooses how:

- `django_q`: a message to the cluster `sheetsync` of django-q2, whose workers answer it.
- `polling`: nothing; the workers of `run_worker` look for themselves.
- `inline`: the run is executed here and now, in the process that asked for it: for tests and the smallest sites.
- a dotted path: a function of the host's own that takes a run's id, or None, and makes some worker call
  `sheetsync.tasks.execute(run_id)`. It is called after the commit; what it raises is logged and otherwise ignored,
  for the scheduler rings again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import transaction
from django.utils.module_loading import import_string

from sheetsync.conf import settings as conf
from sheetsync.models.fields import alias
from sheetsync.models.run import SyncRun

log = logging.getLogger(__name__)

CLUSTER = "sheetsync"
"""Our tasks have a cluster of their own: a host's Q_CLUSTER settings never touch them."""

TASK = "sheetsync.tasks.execute"
CANARY = "sheetsync.tasks.answer_canary"


def ring_on_commit(run_id: int | None) -> None:
    """Ring once the run can be seen by others; never if it is rolled back."""
    transaction.on_commit(lambda: ring(run_id), using=alias(SyncRun), robust=True)


def ring(run_id: int | None = None) -> None:
    """Tell a worker that something may be ready, perhaps this run. Never raises: the scheduler rings again."""
    try:
        _BELLS.get(conf.DISPATCH, _own)(run_id)
    except Exception:
        log.exception("the doorbell for run %s was not rung; the scheduler will", run_id)


def _django_q(run_id: int | None) -> None:
    from django_q.tasks import async_task

    async_task(TASK, run_id, cluster=CLUSTER, task_name=f"run {run_id or 'any'}", save=False, ack_failure=True)


def try_workers() -> bool:
    """Send the workers a small task, where they get theirs from django-q2. -> whether it was sent.

    Other workers show that they live by themselves. Never raises.
    """
    if conf.DISPATCH != "django_q":
        return False
    from django_q.tasks import async_task

    try:
        async_task(CANARY, cluster=CLUSTER, task_name="canary", save=False, ack_failure=True)
    except Exception:
        log.exception("the workers' queue could not be tried")
        return False
    return True


def _polling(run_id: int | None) -> None:
    """Nobody has to be told."""


class _Inline(threading.local):
    """A bell that rings while its own thread executes a run is answered when that run is done: no recursion."""

    executing = False
    rung = False

    def __call__(self, run_id: int | None) -> None:
        self.rung = True
        if self.executing:
            return
        self.executing = True
        try:
            while self.rung:
                self.rung = False
                import_string(TASK)(run_id)
        finally:
            self.executing = False


def _own(run_id: int | None) -> None:
    import_string(conf.DISPATCH)(run_id)


_BELLS: dict[str, Callable[[int | None], None]] = {"django_q": _django_q, "polling": _polling, "inline": _Inline()}
