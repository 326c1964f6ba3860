"""Runs: the durable rows that are the queue. What is ready, who may take it, and what stopped answering.

Whoever locks several rows locks them in this order: account, automation, run, tenant. All times are the database's.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Avg, Case, Count, Exists, F, OuterRef, Q, SmallIntegerField, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.models.account import GoogleAccount
from sheetsync.models.automation import Automation, on_hold
from sheetsync.models.fields import atomic, one_of
from sheetsync.models.quota import waiting_accounts
from sheetsync.models.tenant import Tenant

DEFAULT_PRIORITY = 0
WEBHOOK_PRIORITY = 10
"""Small runs that somebody waits for come before exports of everything."""

EXPORTS_SHARE = 0.25
"""Of the longest wait: where calls wait longer, no further export is begun. Two at once use up an account's quota; more
would only hold workers, and leave no place for small runs."""

MOST_URGENT = 32_767

CANDIDATES = 100
"""Of how many best runs one is taken. Others are busy taking the first of them: as many as there are workers."""


PATIENCE = timedelta(minutes=1)
TURNS = 4
"""A run that has waited for longer than that comes first in one claim of so many, whatever its priority: else a shop
that reports changes all day would keep the exports of everybody waiting for ever."""


def _urgency() -> F | Case:
    """What a claim looks at first."""
    if secrets.randbelow(TURNS):
        return F("priority")
    late = When(next_attempt_at__lt=Now() - PATIENCE, then=Value(MOST_URGENT))
    return Case(late, default=F("priority"), output_field=SmallIntegerField())


def new_correlation_id() -> str:
    """The id that follows a run everywhere."""
    return uuid.uuid4().hex


class RunTrigger(models.TextChoices):
    """Who asked for a run."""

    MANUAL = "manual", _("by hand")
    WEBHOOK = "webhook", _("webhook")
    SCHEDULE = "schedule", _("schedule")
    REPLAY = "replay", _("replay")


class RunMode(models.TextChoices):
    """Which orders a run looks at."""

    FULL = "full", _("all orders")
    INCREMENTAL = "incremental", _("orders changed since last time")
    ORDERS = "orders", _("changed orders")


class RunStatus(models.TextChoices):
    """Where a run is in its life."""

    PENDING = "pending", _("waiting")
    RUNNING = "running", _("running")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    DEAD = "dead", _("dead")
    CANCELED = "canceled", _("canceled")


class RunFigures(NamedTuple):
    """How many runs, and how many attempts they took on average."""

    runs: int
    attempts: float


class RunQuerySet(models.QuerySet["SyncRun"]):
    """The questions that are asked of many runs, and the claim."""

    def active(self) -> Self:
        """Waiting or running: at most one of an automation."""
        return self.filter(status__in=SyncRun.ACTIVE)

    def running(self) -> Self:
        """In somebody's hands."""
        return self.filter(status=SyncRun.Status.RUNNING)

    def ready(self) -> Self:
        """What a worker may take now, best first. Served by the index `ready_runs`."""
        ready = self.filter(status=SyncRun.Status.PENDING, next_attempt_at__lte=Now())
        return ready.order_by("-priority", "next_attempt_at", "pk")

    def allowed(self) -> Self:
        """Of an active automation of an active tenant, with a Google account that works."""
        active = self.filter(automation__status=Automation.Status.ACTIVE, tenant__active=True)
        return active.exclude(on_hold("automation__"))

    def payable(self) -> Self:
        """Without those whose first call would have to wait long for its account's quota.

        Exports are left where they are sooner than small runs that somebody waits for, which so find a place between
        the calls of exports that are being worked on.
        """
        longest = conf.LONGEST_WAIT_SECONDS
        patient = self._passing_over(waiting_accounts(longest))
        return patient._passing_over(waiting_accounts(longest * EXPORTS_SHARE), priority__lte=DEFAULT_PRIORITY)

    def expired(self) -> Self:
        """Runs whose worker has not renewed its lease in time. Served by the index `running_leases`."""
        return self.running().filter(lease_expires_at__lt=Now())

    def unanswered(self, patience: timedelta) -> Self:
        """Ready runs for which no doorbell was rung since they became ready, or none for `patience`."""
        never = Q(rung_at__isnull=True) | Q(rung_at__lt=F("next_attempt_at"))
        return self.ready().allowed().filter(never | Q(rung_at__lt=Now() - patience))

    def stuck(self, longer_than: timedelta) -> Self:
        """Begun longer ago than that and still running, however lively: somebody should have a look."""
        return self.running().filter(started_at__lt=Now() - longer_than)

    def oldest_waiting(self) -> SyncRun | None:
        """The ready run that has waited longest; None where none waits. Its age says whether workers keep up."""
        return self.ready().allowed().order_by("next_attempt_at").first()

    def figures(self) -> dict[str, RunFigures]:
        """Per status, how many runs there are and how many attempts they took."""
        counted = self.order_by().values("status").annotate(runs=Count("pk"), attempts=Avg("attempts"))
        return {row["status"]: RunFigures(row["runs"], row["attempts"]) for row in counted}

    def held(self, token: str) -> Self:
        """The run of this lease, while it is: every write of a worker goes through this filter."""
        return self.filter(status=SyncRun.Status.RUNNING, lease_token=token)

    def cancel(self) -> int:
        """Stop these runs: those that wait at once, those that run at their next batch. -> how many were active."""
        with atomic(SyncRun):
            # Locked first: one that changes from waiting to running, or back, must not slip through between two steps.
            found = list(self.active().order_by("pk").select_for_update(of=("self",)))
            for run in found:
                if run.status == SyncRun.Status.RUNNING:
                    SyncRun.objects.filter(pk=run.pk).update(cancel_requested_at=Coalesce("cancel_requested_at", Now()))
                    continue
                ended = {"status": SyncRun.Status.CANCELED, "waiting_for": "", "finished_at": Now()}
                SyncRun.objects.filter(pk=run.pk).update(**ended, cancel_requested_at=Now())
                run.attempt_log.filter(finished_at=None).update(outcome="canceled", finished_at=Now())
        return len(found)

    def claim(self, worker: str, lease: timedelta, only: int | None = None) -> SyncRun | None:
        """Take the best ready run: highest priority, then the tenant that has waited longest, then age.

        Now and then one that has waited for a minute comes before all of these.

        One short transaction: lock a ready run that nobody else is taking, lock its tenant, count what runs for it,
        and write the lease. A tenant at its limit is passed over, and so are runs that would only wait for their
        account's quota. None where nothing can be taken. `only`: the id of the one run that is wanted.
        """
        wanted = self.ready().allowed()
        if only is not None:
            wanted = wanted.filter(pk=only)
        full: list[int] = []
        looked = False
        while True:
            with atomic(SyncRun):
                run = wanted._best(full)
                if run is None:
                    return None
                tenant = run._locked_tenant()
                if tenant.waits and not looked:  # type: ignore[attr-defined]
                    wanted, looked = wanted.payable(), True
                elif run._of_tenant_running() >= tenant.max_concurrent_runs:
                    full.append(run.tenant_id)
                elif run._take(worker, lease):
                    return run

    def _best(self, full: Sequence[int]) -> SyncRun | None:
        waiting_longest = F("tenant__last_served_at").asc(nulls_first=True)
        order = (_urgency().desc(), waiting_longest, "next_attempt_at", "pk")
        candidates = self.exclude(tenant__in=full) if full else self
        # Two steps in one statement: what is locked is sorted whole, with all its columns, however few are wanted.
        best = candidates.order_by(*order).values("pk")[:CANDIDATES]
        locked = SyncRun.objects.ready().filter(pk__in=best).order_by(*order)
        return locked.select_for_update(skip_locked=True, of=("self",)).first()

    def _passing_over(self, accounts: Iterable[GoogleAccount], **those: Any) -> Self:
        found = list(accounts)
        defaults = [account.tenant_id for account in found if account.is_default]
        theirs = Q(automation__account__in=found) | Q(automation__account=None, tenant__in=defaults)
        return self.exclude(theirs, **those) if found else self


class SyncRun(models.Model):
    """One execution of an automation. `next_attempt_at` is since when, or from when on, it is ready.

    `checkpoint`, `counters` and `warnings` are read and written only through `sheetsync.models.progress`, `batch_log`
    through `sheetsync.models.batch_log`.
    """

    Trigger = RunTrigger
    Mode = RunMode
    Status = RunStatus

    ACTIVE = (RunStatus.PENDING, RunStatus.RUNNING)
    FINISHED = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.DEAD, RunStatus.CANCELED)

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="runs", verbose_name=_("tenant"))
    automation = models.ForeignKey(Automation, models.CASCADE, related_name="runs", verbose_name=_("automation"))
    trigger = models.CharField(_("trigger"), max_length=10, choices=RunTrigger.choices)
    mode = models.CharField(_("mode"), max_length=12, choices=RunMode.choices, default=RunMode.FULL)
    status = models.CharField(_("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.PENDING)
    priority = models.SmallIntegerField(_("priority"), default=DEFAULT_PRIORITY)
    correlation_id = models.CharField(_("correlation id"), max_length=64, default=new_correlation_id, db_index=True)
    slot = models.DateTimeField(_("slot"), null=True, blank=True, help_text=_("The time of the schedule it is for."))
    again = models.BooleanField(_("again"), default=False, help_text=_("Something changed while it was active."))

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("most attempts"))
    next_attempt_at = models.DateTimeField(_("ready from"), db_default=Now())
    rung_at = models.DateTimeField(_("rung"), null=True, editable=False)
    waiting_for = models.CharField(_("waiting for"), max_length=300, blank=True, default="")

    lease_token = models.CharField(max_length=32, null=True, editable=False)  # noqa: DJ001 - absent while nobody has it
    lease_worker = models.CharField(_("worker"), max_length=200, blank=True, default="", editable=False)
    lease_acquired_at = models.DateTimeField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(_("lease ends"), null=True, editable=False)

    checkpoint = models.JSONField(default=dict, editable=False)
    counters = models.JSONField(default=dict, editable=False)
    warnings = models.JSONField(_("warnings"), default=dict, editable=False)
    batch_log = models.JSONField(default=list, editable=False)
    total_orders = models.PositiveIntegerField(_("orders in all"), null=True, editable=False)

    error_type = models.CharField(_("error"), max_length=100, blank=True, default="")
    error = models.TextField(_("error in words"), blank=True, default="")

    created_at = models.DateTimeField(_("created"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    cancel_requested_at = models.DateTimeField(_("cancel requested"), null=True, editable=False)

    replay_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replays", verbose_name=_("replay of")
    )
    replay_of_attempt = models.PositiveSmallIntegerField(_("replay of attempt"), null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            one_of("trigger", RunTrigger.values, "run_trigger_is_known"),
            one_of("mode", RunMode.values, "run_mode_is_known"),
            one_of("status", RunStatus.values, "run_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="running", lease_token__isnull=False, lease_expires_at__isnull=False)
                | (~Q(status="running") & Q(lease_token__isnull=True, lease_expires_at__isnull=True)),
                name="lease_exactly_while_running",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running"], finished_at__isnull=True)
                | (~Q(status__in=["pending", "running"]) & Q(finished_at__isnull=False)),
                name="finished_at_exactly_when_finished",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=F("max_attempts")), name="attempts_within_budget"),
            models.UniqueConstraint(
                fields=["automation"],
                condition=Q(status__in=["pending", "running"]),
                name="one_active_run_per_automation",
            ),
            models.UniqueConstraint(
                fields=["automation", "slot"], condition=Q(slot__isnull=False), name="one_run_per_slot"
            ),
        ]
        indexes = [
            # For RunQuerySet.ready(), in its order.
            models.Index(
                F("priority").desc(), F("next_attempt_at"), F("id"), condition=Q(status="pending"), name="ready_runs"
            ),
            # For RunQuerySet.expired(), and for counting what runs for a tenant: as many entries as workers.
            models.Index(fields=["lease_expires_at"], condition=Q(status="running"), name="running_leases"),
            # For retention.outlived(): the oldest of a status first.
            models.Index(
                fields=["status", "finished_at"], condition=Q(finished_at__isnull=False), name="finished_runs"
            ),
            models.Index(fields=["automation", "-created_at"], name="runs_of_automation"),
            # For the dashboard: which automations failed, and how often since they last completed.
            models.Index(
                fields=["automation", "finished_at"],
                condition=Q(status__in=["failed", "dead"]),
                name="failures_of_automation",
            ),
            models.Index(fields=["-created_at"], name="runs_by_age"),
            # For the list in the admin, by what is rare: else it would be looked for among all runs.
            models.Index(fields=["error_type", "-created_at"], condition=~Q(error_type=""), name="runs_by_error"),
            models.Index(
                fields=["trigger", "-created_at"], condition=Q(trigger__in=["manual", "replay"]), name="runs_by_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.status in self.ACTIVE

    def _locked_tenant(self) -> Tenant:
        """`waits`: whether one of its accounts has to wait for its quota."""
        tenants = Tenant.objects.using(self._state.db).select_for_update(no_key=True)
        waiting = waiting_accounts(conf.LONGEST_WAIT_SECONDS * EXPORTS_SHARE).filter(tenant=OuterRef("pk"))
        return tenants.annotate(waits=Exists(waiting)).get(pk=self.tenant_id)

    def _of_tenant_running(self) -> int:
        # Counted after the tenant's row is locked, in a statement of its own: one that waited for the lock would count
        # by the snapshot from before it.
        return type(self).objects.using(self._state.db).running().filter(tenant=self.tenant_id).count()

    def _take(self, worker: str, lease: timedelta) -> bool:
        """Write the lease, on the condition that made the run ready; open an attempt, or go on with a paused one."""
        runs = type(self).objects.using(self._state.db).filter(pk=self.pk)
        token = secrets.token_hex(16)
        paused = self.attempt_log.filter(number=self.attempts, finished_at=None)
        fresh = not (self.attempts and paused.update(worker=worker, slices=F("slices") + 1))
        values: dict[str, Any] = {
            "status": self.Status.RUNNING,
            "attempts": self.attempts + fresh,
            "lease_token": token,
            "lease_worker": worker,
            "waiting_for": "",
        }
        if self.mode == self.Mode.ORDERS:
            values["again"] = False  # the changed orders are read after this: all that were reported are seen
        taken = runs.filter(status=self.Status.PENDING, attempts=self.attempts, next_attempt_at__lte=Now()).update(
            **values,
            lease_acquired_at=Now(),
            lease_expires_at=Now() + lease,
            started_at=Coalesce("started_at", Now()),
        )
        if not taken:
            return False
        for name, value in values.items():
            setattr(self, name, value)
        if fresh:
            self.open_attempt(worker)
        Tenant.objects.using(self._state.db).filter(pk=self.tenant_id).update(last_served_at=Now())
        return True

    def open_attempt(self, worker: str) -> None:
        """The row of the attempt that begins now: counted at its start, so one that kills its worker counts too."""
        self.attempt_log.create(number=self.attempts, worker=worker, slices=1)
