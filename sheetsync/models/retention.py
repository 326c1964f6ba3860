"""How long finished runs are remembered. Their attempts and incidents go with them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from sheetsync.conf import settings as conf
from sheetsync.models.fields import atomic
from sheetsync.models.run import RunStatus, SyncRun

BATCH = 500
"""Deleted in one transaction: short enough that nobody who works meanwhile has to wait."""


def kept_for() -> dict[RunStatus, timedelta]:
    """How long, by how a run ended: somebody may want to replay one that failed, or to know."""
    completed, failed = timedelta(days=conf.KEEP_COMPLETED_DAYS), timedelta(days=conf.KEEP_FAILED_DAYS)
    status = SyncRun.Status
    return {status.COMPLETED: completed, status.CANCELED: completed, status.FAILED: failed, status.DEAD: failed}


def outlived(status: RunStatus) -> QuerySet[SyncRun]:
    """The runs that ended so and are past their time; never the last of an automation.

    Served by the index `finished_runs`.
    """
    newer = SyncRun.objects.filter(automation=OuterRef("automation"), pk__gt=OuterRef("pk"))
    old = SyncRun.objects.filter(status=status, finished_at__lt=Now() - kept_for()[status])
    return old.filter(Exists(newer)).order_by("finished_at")


def prune(most: int = BATCH) -> int:
    """Forget up to so many of each status, the oldest first. -> how many. Safe beside workers, and to run twice."""
    return sum(_forget(status, most) for status in kept_for())


def _forget(status: RunStatus, most: int) -> int:
    with atomic(SyncRun):
        found = outlived(status).select_for_update(skip_locked=True, of=("self",))
        ids = list(found.values_list("pk", flat=True)[:most])
        SyncRun.objects.filter(pk__in=ids).delete()
    return len(ids)
