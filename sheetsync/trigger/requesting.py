"""A run that somebody asks for, now: people, webhooks, the API, commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import sync_to_async

from sheetsync.conf import settings as conf
from sheetsync.models import Automation, DirtyOrder, SyncRun
from sheetsync.models.fields import atomic
from sheetsync.models.run import DEFAULT_PRIORITY, WEBHOOK_PRIORITY, RunMode, RunTrigger, new_correlation_id
from sheetsync.trigger.birth import born, checked_ids, debounce, hold, locked, ready_in, refuse_unless_ready


@dataclass(frozen=True, slots=True)
class Requested:
    """The run that will do it; `created` is False where it was there before."""

    run: SyncRun
    created: bool


def request_run(
    automation: Automation,
    *,
    trigger: RunTrigger,
    order_ids: Iterable[str] = (),
    changed_at: datetime | None = None,
    mode: RunMode = RunMode.FULL,
    priority: int | None = None,
    correlation_id: str | None = None,
    max_attempts: int | None = None,
) -> Requested:
    """Ask for a run: of everything, of what changed since last time, or, with `order_ids`, of just these orders.

    An automation has one active run at most: where there is one, that is returned, and orders asked for by id are
    looked at by it or by the run that follows it. The run is committed before anybody is told of it. Raises RunRefused
    with the reason for an automation that may not run, and for ids that no order can have. What a shop reports while
    the Google account waits for its owner is not refused: the run waits too.

    `changed_at`: when these orders were changed, by the shop's clock: what is older is not taken for the change.

    A webhook's run is ready WEBHOOK_DEBOUNCE_SECONDS after it was born, and is never put off: what comes until then,
    it looks at too, and a shop that reports changes all day cannot keep it waiting.
    """
    with atomic(SyncRun):
        return request_locked(
            locked(automation.pk),
            trigger=trigger,
            order_ids=order_ids,
            changed_at=changed_at,
            mode=mode,
            priority=priority,
            correlation_id=correlation_id,
            max_attempts=max_attempts,
        )


def request_locked(
    automation: Automation,
    *,
    trigger: RunTrigger,
    order_ids: Iterable[str] = (),
    changed_at: datetime | None = None,
    mode: RunMode = RunMode.FULL,
    priority: int | None = None,
    correlation_id: str | None = None,
    max_attempts: int | None = None,
) -> Requested:
    """`request_run` for an automation that is locked in the caller's transaction, its tenant and account at hand."""
    changed = checked_ids(order_ids)
    account = automation.google_account()
    refuse_unless_ready(automation, account, may_wait=trigger == RunTrigger.WEBHOOK)
    DirtyOrder.objects.bulk_create(
        DirtyOrder(automation=automation, order_id=each, changed_at=changed_at) for each in changed
    )
    active = SyncRun.objects.active().filter(automation=automation)
    if changed:
        active.update(again=True)
    run = active.first()
    if run is not None:
        return Requested(run, created=False)
    run = born(
        tenant=automation.tenant,
        automation=automation,
        trigger=trigger,
        mode=SyncRun.Mode.ORDERS if changed else mode,
        priority=(WEBHOOK_PRIORITY if changed else DEFAULT_PRIORITY) if priority is None else priority,
        correlation_id=correlation_id or new_correlation_id(),
        max_attempts=max_attempts or conf.MAX_ATTEMPTS,
        waiting_for=hold(account),
        **(ready_in(debounce()) if trigger == RunTrigger.WEBHOOK else {}),
    )
    return Requested(run, created=True)


arequest_run = sync_to_async(request_run)
"""`request_run` for async views."""


def request_changed(automation: Automation) -> bool:
    """A run for changed orders that none is going to look at. -> whether there was none. Raises RunRefused."""
    with atomic(SyncRun):
        automation = locked(automation.pk)
        account = automation.google_account()
        refuse_unless_ready(automation, account, may_wait=True)
        if SyncRun.objects.active().filter(automation=automation).exists():
            return False
        born(
            tenant=automation.tenant,
            automation=automation,
            trigger=SyncRun.Trigger.WEBHOOK,
            mode=SyncRun.Mode.ORDERS,
            priority=WEBHOOK_PRIORITY,
            waiting_for=hold(account),
        )
    return True
