"""How runs are born, and asked to stop: for clock, webhook, API, admin and commands alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError
from django.db.models import F
from django.db.models.functions import Now

from sheetsync import dispatch
from sheetsync.conf import settings as conf
from sheetsync.errors import BadSchedule, RunRefused
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, SyncRun, Tenant
from sheetsync.models.automation import PLANNED
from sheetsync.models.fields import atomic, database_time
from sheetsync.models.run import DEFAULT_PRIORITY, WEBHOOK_PRIORITY, RunMode, RunTrigger, new_correlation_id
from sheetsync.pipeline.filters import filters_from

MAX_ORDER_IDS = 10_000
MAX_ID = 512


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
    changed = _checked(order_ids)
    account = automation.google_account()
    _refuse_unless_ready(automation, account, may_wait=trigger == RunTrigger.WEBHOOK)
    DirtyOrder.objects.bulk_create(
        DirtyOrder(automation=automation, order_id=each, changed_at=changed_at) for each in changed
    )
    active = SyncRun.objects.active().filter(automation=automation)
    if changed:
        active.update(again=True)
    run = active.first()
    if run is not None:
        return Requested(run, created=False)
    run = _born(
        tenant=automation.tenant,
        automation=automation,
        trigger=trigger,
        mode=SyncRun.Mode.ORDERS if changed else mode,
        priority=(WEBHOOK_PRIORITY if changed else DEFAULT_PRIORITY) if priority is None else priority,
        correlation_id=correlation_id or new_correlation_id(),
        max_attempts=max_attempts or conf.MAX_ATTEMPTS,
        waiting_for=_hold(account),
        **(_ready_in(_debounce()) if trigger == RunTrigger.WEBHOOK else {}),
    )
    return Requested(run, created=True)


arequest_run = sync_to_async(request_run)
"""`request_run` for async views."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What came of the times of some schedules. `behind`: these wait for a run that looks at changed orders only."""

    started: int
    refused: dict[Automation, RunRefused]
    behind: set[int]


def request_scheduled(slots: Mapping[Automation, datetime]) -> Scheduled:
    """Runs for these times of these schedules, all at once.

    Called in the transaction that moves the schedules on, with the automations locked. No run, and no refusal, where
    one of everything is active already, or where the time had its run. A run for changed orders is no reason to pass
    over a time: one that nobody has taken becomes the schedule's, and one that is being worked on is followed by it.
    Nobody is told: the scheduler rings for the best of all that wait.
    """
    defaults, now = _default_accounts(slots), database_time(SyncRun)
    refused: dict[Automation, RunRefused] = {}
    for automation in slots:
        try:
            _refuse_unless_ready(automation, automation.account or defaults.get(automation.tenant_id))
        except RunRefused as refusal:
            refused[automation] = refusal
    free = {automation: slot for automation, slot in slots.items() if automation not in refused}
    served, looking = _served(free)
    modes = {each: SyncRun.Mode.FULL if each.wants_all(now) else SyncRun.Mode.INCREMENTAL for each in free}
    widened = {
        each.pk for each, slot in free.items() if each.pk in looking - served and _widened(each, slot, modes[each])
    }
    born = SyncRun.objects.bulk_create(
        SyncRun(
            tenant_id=automation.tenant_id,
            automation=automation,
            trigger=SyncRun.Trigger.SCHEDULE,
            mode=modes[automation],
            slot=slot,
            max_attempts=conf.MAX_ATTEMPTS,
            created_at=now,  # given as values, not left to the database: on PostgreSQL rows of plain values go in
            next_attempt_at=now,  # as one array a column, in half the time
        )
        for automation, slot in free.items()
        if automation.pk not in served | looking
    )
    behind = looking - served - widened
    SyncRun.objects.active().filter(automation__in=behind).update(again=True)
    return Scheduled(len(born) + len(widened), refused, behind)


def _served(slots: Mapping[Automation, datetime]) -> tuple[set[int], set[int]]:
    """Automations that need no run: with an active one of everything, or with one for this very time, as there may be

    after a backup was restored. And those whose active run looks at changed orders only.
    """
    times = {automation.pk: slot for automation, slot in slots.items()}
    runs = SyncRun.objects.filter(automation__in=slots)
    known = runs.filter(slot__in=set(slots.values())).values_list("automation_id", "slot")
    served = {automation_id for automation_id, slot in known if slot == times[automation_id]}
    looking: set[int] = set()
    for automation_id, mode in runs.active().values_list("automation_id", "mode"):
        (looking if mode == SyncRun.Mode.ORDERS else served).add(automation_id)
    return served, looking


def _widened(automation: Automation, slot: datetime, mode: RunMode) -> bool:
    """Make the schedule's run of one that nobody has taken; the changed orders are looked at by the one after it."""
    untaken = SyncRun.objects.filter(automation=automation, status=SyncRun.Status.PENDING, attempts=0)
    return bool(untaken.update(mode=mode, slot=slot, again=True))


def _default_accounts(automations: Iterable[Automation]) -> dict[int, GoogleAccount]:
    tenants = {automation.tenant_id for automation in automations if automation.account_id is None}
    return {account.tenant_id: account for account in GoogleAccount.objects.filter(tenant__in=tenants, is_default=True)}


def follow_up(run: SyncRun, automation: Automation) -> SyncRun | None:
    """The run after one that others wait behind: for a time of the schedule, or for orders that changed meanwhile.

    None where there is nothing left to do, or it may not run. Called in the transaction that finishes `run`, with its
    automation locked.
    """
    if automation.status != Automation.Status.ACTIVE or not automation.tenant.active:
        return None
    changed = DirtyOrder.objects.filter(automation=automation).order_by("pk").values_list("seen_at", flat=True).first()
    values: dict[str, Any] = {"tenant_id": run.tenant_id, "automation_id": run.automation_id}
    if slot := _due_slot(automation):
        mode = SyncRun.Mode.FULL if automation.wants_all(slot) else SyncRun.Mode.INCREMENTAL
        return _born(**values, trigger=SyncRun.Trigger.SCHEDULE, mode=mode, slot=slot, again=changed is not None)
    if changed is None:
        return None
    values |= {"trigger": SyncRun.Trigger.WEBHOOK, "mode": SyncRun.Mode.ORDERS, "priority": WEBHOOK_PRIORITY}
    return _born(**values, **_ready_in(_debounce() - (database_time(SyncRun) - changed)))


def _due_slot(automation: Automation) -> datetime | None:
    """The time of its schedule that is due now, if there is one; from then on it is planned for the next."""
    now = database_time(SyncRun)
    if not automation.schedule_enabled or automation.next_run_at is None or automation.next_run_at > now:
        return None
    try:
        slot = automation.slot_for(now)
        automation.plan_next_run(now)
    except BadSchedule:
        return None  # the scheduler sets it aside, and says why
    automation.save(update_fields=PLANNED)
    had = SyncRun.objects.filter(automation=automation, slot=slot).exists()
    return None if had else slot


def request_changed(automation: Automation) -> bool:
    """A run for changed orders that none is going to look at. -> whether there was none. Raises RunRefused."""
    with atomic(SyncRun):
        automation = locked(automation.pk)
        account = automation.google_account()
        _refuse_unless_ready(automation, account, may_wait=True)
        if SyncRun.objects.active().filter(automation=automation).exists():
            return False
        _born(
            tenant=automation.tenant,
            automation=automation,
            trigger=SyncRun.Trigger.WEBHOOK,
            mode=SyncRun.Mode.ORDERS,
            priority=WEBHOOK_PRIORITY,
            waiting_for=_hold(account),
        )
    return True


def retry(run: SyncRun) -> SyncRun:
    """Put a failed run back, with as many attempts again, to go on from its checkpoint.

    Raises RunRefused for a run in any other state, and where another run of the automation is active.
    """
    with _alone(run):
        automation = locked(run.automation_id)
        _refuse_unless_ready(automation, automation.google_account())
        put_back = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.FAILED).update(
            status=SyncRun.Status.PENDING,
            finished_at=None,
            cancel_requested_at=None,
            next_attempt_at=Now(),
            rung_at=Now(),
            max_attempts=F("attempts") + conf.MAX_ATTEMPTS,
            error_type="",
            error="",
        )
        run.refresh_from_db()
        if not put_back:
            raise RunRefused(f"run {run.pk} is {run.status}: only a failed run is retried; replay any other")
        dispatch.ring_on_commit(run.pk)
    return run


def replay(run: SyncRun, attempt: int | None = None) -> SyncRun:
    """A new run like a finished one, linked to it and to its attempt (the last one); the old one stays as it is.

    Raises RunRefused for a run that is still active, and where another run of the automation is.
    """
    if run.is_active:
        raise RunRefused(f"run {run.pk} is {run.status}: wait until it is finished, or cancel it first")
    number = run.attempts if attempt is None else attempt
    with _alone(run):
        automation = locked(run.automation_id)
        _refuse_unless_ready(automation, automation.google_account())
        SyncRun.objects.select_for_update(no_key=True).get(pk=run.pk)  # or it could be forgotten meanwhile
        if number and not run.attempt_log.filter(number=number).exists():
            raise RunRefused(f"run {run.pk} has no attempt {number}: it has {run.attempts}")
        return _born(
            tenant_id=run.tenant_id,
            automation_id=run.automation_id,
            trigger=SyncRun.Trigger.REPLAY,
            mode=run.mode,
            priority=run.priority,
            replay_of=run,
            replay_of_attempt=number or None,
        )


def cancel(run: SyncRun) -> bool:
    """Stop a run: at once where it waits, at its next batch where it runs. False where it was finished before."""
    return bool(SyncRun.objects.filter(pk=run.pk).cancel())


def pause(automation: Automation) -> None:
    """No more runs: what waits is canceled, what runs stops at its next batch."""
    with atomic(SyncRun):
        Automation.objects.filter(pk=automation.pk).update(status=Automation.Status.PAUSED)
        SyncRun.objects.filter(automation=automation).cancel()
    automation.refresh_from_db(fields=["status"])


def activate(automation: Automation) -> None:
    """It may run, at the times of its schedule that are still to come.

    Raises BadColumn, BadFilter and BadSchedule for settings that no run could use.
    """
    with atomic(Automation):
        current = locked(automation.pk)  # or it would be planned by a schedule that somebody is changing
        current.pipeline_columns()
        filters_from(current.filters)
        current.plan_next_run()
        current.status = Automation.Status.ACTIVE
        current.save(update_fields=["status", *PLANNED])
    automation.refresh_from_db(fields=["status", *PLANNED])


def pause_tenant(tenant: Tenant) -> None:
    """No more runs of this tenant: what waits is canceled, what runs stops at its next batch."""
    # Two steps: a claim locks a run and then its tenant, so nobody may hold the tenant while waiting for a run.
    Tenant.objects.filter(pk=tenant.pk).update(active=False)
    with atomic(SyncRun):
        # Whoever is about to write a run holds its automation, and may have seen the tenant active: wait for them.
        list(Automation.objects.filter(tenant=tenant).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        SyncRun.objects.filter(tenant=tenant).cancel()
    tenant.refresh_from_db(fields=["active"])


def _checked(order_ids: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(order_ids))
    if len(found) > MAX_ORDER_IDS:
        raise RunRefused(f"{len(found)} order ids are too many for one request: give at most {MAX_ORDER_IDS}")
    for order_id in found:
        if not isinstance(order_id, str) or not order_id or len(order_id) > MAX_ID or "\x00" in order_id:
            raise RunRefused(f"order id {str(order_id)[:40]!r} cannot be one: give a text of 1 to {MAX_ID} characters")
    return found


@contextmanager
def _alone(run: SyncRun) -> Iterator[None]:
    """A transaction in which this run, or one like it, becomes the automation's active one."""
    try:
        with atomic(SyncRun):
            yield
    except IntegrityError as error:
        active = SyncRun.objects.active().filter(automation_id=run.automation_id).first()
        if active is None:
            raise
        raise RunRefused(f"run {active.pk} of this automation is {active.status}: wait for it, or cancel it") from error


def _born(**values: Any) -> SyncRun:
    """The row, committed before the bell rings. For one that is ready later, the scheduler rings then."""
    values.setdefault("max_attempts", conf.MAX_ATTEMPTS)
    if "next_attempt_at" in values:
        return SyncRun.objects.create(**values)
    run = SyncRun.objects.create(rung_at=Now(), **values)
    dispatch.ring_on_commit(run.pk)
    return run


def _debounce() -> timedelta:
    return timedelta(seconds=conf.WEBHOOK_DEBOUNCE_SECONDS)


def _ready_in(delay: timedelta) -> dict[str, Any]:
    """When a run is ready: now, or later, but no later than a debounce allows, whatever a web server's clock says."""
    delay = min(delay, _debounce())
    return {"next_attempt_at": Now() + delay} if delay > timedelta(0) else {}


def locked(automation_id: int) -> Automation:
    """The automation, locked: pausing either finds the run that is about to be born, or is seen before it is."""
    owner = Automation.objects.select_for_update(no_key=True, of=("self",)).select_related("tenant", "account")
    return owner.get(pk=automation_id)


def _hold(account: GoogleAccount | None) -> str:
    """What a run says of why it is not taken up."""
    return account.hold[:300] if account else ""


def _refuse_unless_ready(automation: Automation, account: GoogleAccount | None, *, may_wait: bool = False) -> None:
    """`may_wait`: a Google account that has to be connected again is no reason."""
    if not automation.tenant.active:
        raise RunRefused(f"tenant {automation.tenant.name!r} is paused: resume it first")
    if automation.status != Automation.Status.ACTIVE:
        raise RunRefused(f"automation {automation.name!r} is {automation.status}: activate it first")
    if account is None:
        raise RunRefused(f"automation {automation.name!r} has no Google account: link one, or choose a default")
    if account.hold and not may_wait:
        raise RunRefused(account.hold)
