"""What every run is born by: whether its automation may run, in which transaction, and from when on it is ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models.functions import Now

from sheetsync import dispatch
from sheetsync.conf import settings as conf
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, GoogleAccount, SyncRun
from sheetsync.models.fields import atomic

MAX_ORDER_IDS = 10_000
MAX_ID = 512


def locked(automation_id: int) -> Automation:
    """The automation, locked: pausing either finds the run that is about to be born, or is seen before it is."""
    owner = Automation.objects.select_for_update(no_key=True, of=("self",)).select_related("tenant", "account")
    return owner.get(pk=automation_id)


def refuse_unless_ready(automation: Automation, account: GoogleAccount | None, *, may_wait: bool = False) -> None:
    """`may_wait`: a Google account that has to be connected again is no reason."""
    if not automation.tenant.active:
        raise RunRefused(f"tenant {automation.tenant.name!r} is paused: resume it first")
    if automation.status != Automation.Status.ACTIVE:
        raise RunRefused(f"automation {automation.name!r} is {automation.status}: activate it first")
    if account is None:
        raise RunRefused(f"automation {automation.name!r} has no Google account: link one, or choose a default")
    if account.hold and not may_wait:
        raise RunRefused(account.hold)


def hold(account: GoogleAccount | None) -> str:
    """What a run says of why it is not taken up."""
    return account.hold[:300] if account else ""


def checked_ids(order_ids: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(order_ids))
    if len(found) > MAX_ORDER_IDS:
        raise RunRefused(f"{len(found)} order ids are too many for one request: give at most {MAX_ORDER_IDS}")
    for order_id in found:
        if not isinstance(order_id, str) or not order_id or len(order_id) > MAX_ID or "\x00" in order_id:
            raise RunRefused(f"order id {str(order_id)[:40]!r} cannot be one: give a text of 1 to {MAX_ID} characters")
    return found


@contextmanager
def alone(run: SyncRun) -> Iterator[None]:
    """A transaction in which this run, or one like it, becomes the automation's active one."""
    try:
        with atomic(SyncRun):
            yield
    except IntegrityError as error:
        active = SyncRun.objects.active().filter(automation_id=run.automation_id).first()
        if active is None:
            raise
        raise RunRefused(f"run {active.pk} of this automation is {active.status}: wait for it, or cancel it") from error


def born(**values: Any) -> SyncRun:
    """The row, committed before the bell rings. For one that is ready later, the scheduler rings then."""
    values.setdefault("max_attempts", conf.MAX_ATTEMPTS)
    if "next_attempt_at" in values:
        return SyncRun.objects.create(**values)
    run = SyncRun.objects.create(rung_at=Now(), **values)
    dispatch.ring_on_commit(run.pk)
    return run


def debounce() -> timedelta:
    return timedelta(seconds=conf.WEBHOOK_DEBOUNCE_SECONDS)


def ready_in(delay: timedelta) -> dict[str, Any]:
    """When a run is ready: now, or later, but no later than a debounce allows, whatever a web server's clock says."""
    delay = min(delay, debounce())
    return {"next_attempt_at": Now() + delay} if delay > timedelta(0) else {}
