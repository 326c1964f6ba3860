"""Runs for the times of schedules, and the run that follows another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sheetsync.conf import settings as conf
from sheetsync.errors import BadSchedule, RunRefused
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, SyncRun
from sheetsync.models.automation import PLANNED
from sheetsync.models.fields import database_time
from sheetsync.models.run import WEBHOOK_PRIORITY, RunMode
from sheetsync.trigger.birth import born, debounce, ready_in, refuse_unless_ready


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
            refuse_unless_ready(automation, automation.account or defaults.get(automation.tenant_id))
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
        return born(**values, trigger=SyncRun.Trigger.SCHEDULE, mode=mode, slot=slot, again=changed is not None)
    if changed is None:
        return None
    values |= {"trigger": SyncRun.Trigger.WEBHOOK, "mode": SyncRun.Mode.ORDERS, "priority": WEBHOOK_PRIORITY}
    return born(**values, **ready_in(debounce() - (database_time(SyncRun) - changed)))


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
