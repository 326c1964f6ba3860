"""How long things are remembered: finished runs with their attempts and incidents, and what tells who may come in."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from sheetsync.conf import settings as conf
from sheetsync.models.access import InstallCode
from sheetsync.models.alert import Alert
from sheetsync.models.audit import AuditEntry, AuditQuerySet
from sheetsync.models.consent import OAuthState
from sheetsync.models.fields import atomic
from sheetsync.models.hours import KEPT as KEEP_HOURS
from sheetsync.models.hours import Hour
from sheetsync.models.idempotency import IdempotencyKey
from sheetsync.models.install_state import InstallState
from sheetsync.models.run import RunStatus, SyncRun
from sheetsync.models.token import ApiToken
from sheetsync.models.webhook import WebhookDelivery

BATCH = 500
"""Deleted in one transaction: short enough that nobody who works meanwhile has to wait."""

KEEP_CODES, KEEP_TOKENS = timedelta(days=30), timedelta(days=90)
"""After their end: for whoever wonders why one is refused, or looks for when it was used last."""


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


def ended() -> dict[str, QuerySet[Any]]:
    """What else is past its time, the oldest first.

    Served by the indexes `codes_by_end`, `tokens_by_end`, `request_keys_by_end`, `deliveries_by_end`, `states_by_age`,
    `installs_by_age`, `alerts_by_end`, `audit_by_age` and `one_row_per_hour_and_tenant`. What was sent of an
    alert goes with it.
    """
    alerts_until = Now() - timedelta(days=conf.KEEP_ALERTS_DAYS)
    audit_until = Now() - timedelta(days=conf.KEEP_AUDIT_DAYS)
    return {
        "install codes": InstallCode.objects.filter(expires_at__lt=Now() - KEEP_CODES).order_by("expires_at"),
        "API tokens": ApiToken.objects.filter(expires_at__lt=Now() - KEEP_TOKENS).order_by("expires_at"),
        "idempotency keys": IdempotencyKey.objects.filter(expires_at__lt=Now()).order_by("expires_at"),
        "webhook deliveries": WebhookDelivery.objects.filter(expires_at__lt=Now()).order_by("expires_at"),
        "attempts to link": OAuthState.objects.expired().order_by("expires_at"),
        "attempts to connect a shop": InstallState.objects.expired().order_by("expires_at"),
        "alerts": Alert.objects.filter(closed_at__lt=alerts_until).order_by("closed_at"),
        "audit entries": AuditEntry.objects.filter(at__lt=audit_until).order_by("at"),
        "hours": Hour.objects.filter(hour__lt=Now() - KEEP_HOURS).order_by("hour"),
    }


def forget(most: int = BATCH) -> Counter[str]:
    """Forget up to so many of each kind, the oldest first. -> how many of which. Safe beside workers, and to run twice.

    Of runs, so many of each status.
    """
    forgotten = Counter({"runs": sum(_forget(outlived(status), most) for status in kept_for())})
    forgotten.update({kind: _forget(rows, most) for kind, rows in ended().items()})
    return +forgotten


def prune(most: int = BATCH) -> int:
    """The same for who does not care what it was. -> how many rows"""
    return forget(most).total()


def _forget(rows: QuerySet[Any], most: int) -> int:
    if not rows.exists():
        return 0  # without the lock that a transaction takes on SQLite
    with atomic(rows.model):
        found = rows.select_for_update(skip_locked=True, of=("self",))
        ids = list(found.values_list("pk", flat=True)[:most])
        taken = rows.model._default_manager.filter(pk__in=ids)
        if isinstance(taken, AuditQuerySet):
            taken.forget()
        else:
            taken.delete()
    return len(ids)
