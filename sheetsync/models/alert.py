"""Alerts: what needs a person, one for each incident. The row is the truth; who is told of it stands in the outbox.

    failed, dead    runs of an automation end so, until one completes
    needs_owner     an account, until it is connected again; or an automation, until a run of it completes
    wedged          something about the whole site is not well, for longer than a while, until it is

An alert is opened, counted up and closed in the very transaction of what it is about, so neither is there without the
other. Of what is paused, deleted or unlinked nobody wants to hear any more: its alerts are closed without a word.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import GrantRevoked, WorkerLost
from sheetsync.logs import scrub
from sheetsync.models.alert_message import AlertEvent, AlertMessage
from sheetsync.models.fields import atomic, database_time, one_of
from sheetsync.models.tenant import Tenant
from sheetsync.outcome import Completed, Dead, Outcome, OwnerMustAct, RetryAt

if TYPE_CHECKING:
    from sheetsync.models.account import GoogleAccount
    from sheetsync.models.run import SyncRun

log = logging.getLogger(__name__)

LONGEST_REASON = 2_000


class AlertKind(models.TextChoices):
    """What is wrong."""

    FAILED = "failed", _("run failed")
    DEAD = "dead", _("run dead")
    NEEDS_OWNER = "needs_owner", _("its owner must act")
    WEDGED = "wedged", _("site not well")


class AlertEnd(models.TextChoices):
    """How it ended."""

    RECOVERED = "recovered", _("recovered")
    CLOSED = "closed", _("closed without a word")


LAST = ("kind", "run", "correlation_id", "error_type", "reason")
"""What is known of the last time; the first time's is in what was sent."""
ENDED_RUNS = (AlertKind.FAILED.value, AlertKind.DEAD.value)
"""One incident, however its runs end."""


class AlertQuerySet(models.QuerySet["Alert"]):
    """Opening, closing, and what is open."""

    def open(self) -> Self:
        """Not ended yet. Served by the index `open_alerts`."""
        return self.filter(closed_at=None)

    def told(self) -> Self:
        """Without what may yet pass by itself."""
        return self.exclude(told_at=None)

    def settled(self, run: SyncRun, outcome: Outcome, error: Exception | None) -> None:
        """What a run's end means. Called in the transaction that writes it; one look where all is well."""
        match outcome:
            case Completed():
                self.recover(automation=run.automation_id)
            case RetryAt():
                return
            case _:
                self._ended(run, outcome, error)

    def _ended(self, run: SyncRun, outcome: Outcome, error: Exception | None) -> None:
        automation = run.automation
        if automation.status != "active":
            return  # somebody has paused it: they know
        kind = AlertKind.DEAD if isinstance(outcome, Dead) else AlertKind.FAILED
        if isinstance(outcome, OwnerMustAct):
            account = automation.google_account() if isinstance(error, GrantRevoked) else None
            if account is not None and account.status == "needs_owner":
                return  # one alert for the account, however many automations write with it
            # Of a grant that was gone, and has been renewed meanwhile, nothing is left to be done but to run again.
            kind = AlertKind.FAILED if account is not None and account.status == "active" else AlertKind.NEEDS_OWNER
        same = {"kind": AlertKind.NEEDS_OWNER} if kind == AlertKind.NEEDS_OWNER else {"kind__in": ENDED_RUNS}
        self._note(
            {"automation": automation, **same},
            kind=kind,
            tenant_id=run.tenant_id,
            automation=automation,
            subject=automation.name,
            run=run,
            correlation_id=run.correlation_id,
            error_type=type(error).__name__ if error else "",
            reason=_reason(error),
        )

    def account_lost(self, account: GoogleAccount, problem: str) -> None:
        """Its owner has to connect it again. Called in the transaction that flags it."""
        self._note(
            {"account": account},
            kind=AlertKind.NEEDS_OWNER,
            tenant_id=account.tenant_id,
            account=account,
            subject=account.email,
            error_type=GrantRevoked.__name__,
            reason=scrub(problem)[:LONGEST_REASON],
        )

    def recover(self, **about: Any) -> None:
        """All is well with this automation or account again. Called in the transaction that makes it so."""
        for alert in self.open().filter(**about):
            alert.end_as(AlertEnd.RECOVERED)

    def dismiss(self, **about: Any) -> int:
        """Nobody wants to hear of it any more. -> how many were open"""
        return sum(alert.end_as(AlertEnd.CLOSED) for alert in self.open().filter(**about))

    def _note(self, about: dict[str, Any], **values: Any) -> None:
        """Count up the open alert, or open one and tell. Who comes second at the same moment counts up."""
        again = {name: value for name, value in values.items() if name in LAST}
        known = self.open().filter(**about)
        if known.update(count=F("count") + 1, seen_at=Now(), **again):
            return
        now = database_time(Alert)
        alert = Alert(opened_at=now, seen_at=now, told_at=now, **values)
        try:
            with atomic(Alert):
                alert.save(force_insert=True)
        except IntegrityError:
            known.update(count=F("count") + 1, seen_at=Now(), **again)
        else:
            alert.tell(AlertEvent.OPENED)


class Alert(models.Model):
    """One incident. `finding`: what about the site is not well, as `/readyz` calls it.

    `subject`: what it was called then. `run`, `error_type`, `reason`: of the last failure; `count`: how many there
    were. `told_at`: when people began to be told; empty while what was found about the site may yet pass by itself.
    """

    Kind = AlertKind
    End = AlertEnd

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, null=True, blank=True, related_name="alerts", db_index=False, verbose_name=_("tenant")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AlertKind.choices)
    automation = models.ForeignKey(
        "sheetsync.Automation",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("automation"),
    )
    account = models.ForeignKey(
        "sheetsync.GoogleAccount",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("Google account"),
    )
    finding = models.CharField(_("of the site"), max_length=40, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=254)
    run = models.ForeignKey(
        "sheetsync.SyncRun", models.SET_NULL, null=True, blank=True, related_name="alerts", verbose_name=_("last run")
    )
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True, default="")
    error_type = models.CharField(_("kind of error"), max_length=80, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    count = models.PositiveIntegerField(_("how often"), default=1)
    opened_at = models.DateTimeField(_("since"), db_default=Now())
    seen_at = models.DateTimeField(_("seen last"), db_default=Now())
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end = models.CharField(_("how it ended"), max_length=10, choices=AlertEnd.choices, blank=True, default="")

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            one_of("kind", AlertKind.values, "alert_kind_is_known"),
            one_of("end", ["", *AlertEnd.values], "alert_end_is_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, end="") | (Q(closed_at__isnull=False) & ~Q(end="")),
                name="alert_ends_somehow",
            ),
            models.CheckConstraint(
                condition=Q(automation__isnull=False, account__isnull=True, finding="", tenant__isnull=False)
                | Q(automation__isnull=True, account__isnull=False, finding="", tenant__isnull=False)
                | (Q(automation__isnull=True, account__isnull=True, tenant__isnull=True) & ~Q(finding="")),
                name="alert_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["automation"],
                condition=Q(closed_at__isnull=True, kind__in=ENDED_RUNS),
                name="one_open_alert_per_failing_automation",
            ),
            models.UniqueConstraint(
                fields=["automation"],
                condition=Q(closed_at__isnull=True, kind=AlertKind.NEEDS_OWNER.value),
                name="one_open_alert_per_automation_of_an_owner",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(closed_at__isnull=True), name="one_open_alert_per_account"
            ),
            models.UniqueConstraint(
                fields=["finding"],
                condition=Q(closed_at__isnull=True, kind=AlertKind.WEDGED.value),
                name="one_open_alert_per_finding",
            ),
        ]
        indexes = [
            # For what is open, in the console and for closing what nobody wants to hear of any more.
            models.Index(fields=["opened_at"], condition=Q(closed_at__isnull=True), name="open_alerts"),
            # For a tenant's own list, the newest first.
            models.Index(fields=["tenant", "-id"], name="alerts_of_tenant"),
            # For retention.prune(): the oldest first.
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="alerts_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.get_kind_display()}"

    @property
    def noun(self) -> str:
        """What it is about: `automation`, `account` or `site`."""
        return "automation" if self.automation_id else "account" if self.account_id else "site"

    @property
    def state(self) -> str:
        """`open`, `recovered` or `closed`."""
        return self.end or "open"

    def tell(self, event: AlertEvent) -> None:
        """Put it into the outbox, in the transaction of what happened; the signal follows the commit."""
        AlertMessage.objects.announce(self, event)
        level = logging.WARNING if event == AlertEvent.OPENED else logging.INFO
        about = f"{self.noun} {self.automation_id or self.account_id or self.finding}"
        extra = {"action": f"alert_{event}", "alert": self.pk, "kind": self.kind}
        log.log(level, "alert %s %s: %s: %s %s", self.pk, event, about, self.kind, self.error_type, extra=extra)

    def end_as(self, end: AlertEnd) -> bool:
        """Close it, and say so where it has recovered. -> whether it was open"""
        now = database_time(Alert)
        if not Alert.objects.open().filter(pk=self.pk).update(closed_at=now, end=end):
            return False
        self.closed_at, self.end = now, end
        if end == AlertEnd.RECOVERED:
            self.tell(AlertEvent.RECOVERED)
        return True


def _reason(error: Exception | None) -> str:
    """For tenants too: what our programs are called is not theirs to know."""
    if isinstance(error, WorkerLost):
        return "its workers stopped answering: they were killed, hung or cut off"
    return scrub(str(error or ""))[:LONGEST_REASON]
