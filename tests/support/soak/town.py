"""Tenants with dozens of automations that run every minute, and old runs that wait to be forgotten."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from sheetsync.models import Automation, DirtyOrder, SyncAttempt, SyncRun
from sheetsync.models.automation import PLANNED
from tests.support.runs import World, orders_of

TENANTS, AUTOMATIONS, ORDERS = 6, 8, 30
AT_ONCE = 2_000


def settle(world: World) -> list[Automation]:
    """Everybody moves in; nothing has run yet."""
    tenants = [world.tenant(f"shop {number}", max_concurrent_runs=2) for number in range(TENANTS)]
    return [
        world.automation(tenant, name=f"orders {number}", orders=orders_of(ORDERS), cron="* * * * *")
        for tenant in tenants
        for number in range(AUTOMATIONS)
    ]


def start_schedules(automations: list[Automation]) -> None:
    """For the minute that has begun: their runs are due one after the other, from now on."""
    for automation in automations:
        automation.schedule_enabled = True
        automation.plan_next_run(timezone.now() - timedelta(minutes=1))
        automation.save(update_fields=["schedule_enabled", *PLANNED])


def remember_old_runs(automations: list[Automation], number: int) -> None:
    """Completed runs with an attempt each that are old enough to be forgotten."""
    day = timezone.now() - timedelta(days=30)
    ended: dict[str, Any] = {"status": "completed", "attempts": 1, "max_attempts": 5, "finished_at": day}
    for first in range(0, number, AT_ONCE):
        owners = [automations[place % len(automations)] for place in range(first, min(number, first + AT_ONCE))]
        runs = SyncRun.objects.bulk_create(
            SyncRun(tenant_id=each.tenant_id, automation=each, trigger="schedule", created_at=day, **ended)
            for each in owners
        )
        SyncAttempt.objects.bulk_create(
            SyncAttempt(run=run, number=1, worker="w", started_at=day, finished_at=day, outcome="succeeded")
            for run in runs
        )


def orders_in(automation: Automation) -> list[dict[str, Any]]:
    """What its shop has now."""
    path = Path(automation.source.config["path"])
    return [json.loads(line) for line in path.read_text().splitlines()]


def is_calm() -> bool:
    """Whether nothing waits or runs, and no order has changed unseen."""
    return not SyncRun.objects.active().exists() and not DirtyOrder.objects.exists()
