"""Ring the doorbell: tell workers that a run may be ready. A bell may be lost, doubled or late; the row is the truth.

`SHEETSYNC["DISPATCH"]` chooses how:

- `django_q`: a message to the cluster `sheetsync` of django-q2, whose workers answer it.
- `polling`: nothing; the workers of `run_worker` look for themselves.
- `inline`: the run is executed here and now, in the process that asked for it: for tests and the smallest sites.
- a dotted path: a function of the host's own that takes a run's id, or None, and makes some worker call
  `sheetsync.tasks.execute(run_id)`. It is called after the commit; what it raises is logged and otherwise ignored,
  for the scheduler rings again.

`docs/dispatch.md` says when to take which, and shows how to write one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import transaction
from django.utils.module_loading import import_string

from sheetsync.conf import settings as conf
from sheetsync.models.fields import alias
from sheetsync.models.pulse import PulseName
from sheetsync.models.run import SyncRun

log = logging.getLogger(__name__)

CLUSTER = "sheetsync"
"""Our tasks have a cluster of their own: a host's Q_CLUSTER settings never touch them."""

TASK = "sheetsync.tasks.execute"
CANARY = "sheetsync.tasks.answer_canary"


def ring_on_commit(run_id: int | None) -> None:
    """Ring once the run can be seen by others; never if it is rolled back."""
    transaction.on_commit(lambda: ring(run_id), using=alias(SyncRun), robust=True)


def ring(run_id: int | None = None) -> bool:
    """Tell a worker that something may be ready, perhaps this run. -> whether the bell was rung.

    Never raises: the scheduler rings again.
    """
    try:
        _BELLS.get(conf.DISPATCH, _own)(run_id)
    except Exception:
        extra = {"action": "bell_not_rung", "run": run_id}
        log.exception("the doorbell for run %s was not rung; the scheduler will", run_id, extra=extra)
        return False
    return True


def _django_q(run_id: int | None) -> None:
    from django_q.tasks import async_task

    async_task(TASK, run_id, cluster=CLUSTER, task_name=f"run {run_id or 'any'}", save=False, ack_failure=True)


def try_workers() -> bool:
    """Send something through the workers' queue that they answer with a sign of life. -> whether it was sent.

    django-q2's cluster gets a small task; a host's own workers a bell for nothing. Those that look for themselves have
    no queue. Never raises.
    """
    if conf.DISPATCH in ("polling", "inline"):
        return False
    if conf.DISPATCH != "django_q":
        return ring()
    from django_q.tasks import async_task

    try:
        async_task(CANARY, cluster=CLUSTER, task_name="canary", save=False, ack_failure=True)
    except Exception:
        log.exception("the workers' queue could not be tried", extra={"action": "queue_not_tried"})
        return False
    return True


def answered_by() -> PulseName:
    """Whose sign of life answers what `try_workers` sends."""
    return PulseName.CLUSTER if conf.DISPATCH == "django_q" else PulseName.WORKERS


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
