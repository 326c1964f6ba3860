"""The outbox of alerts: a row for each message to be sent, written in the transaction of what it tells.

A claim counts the attempt and puts the message off for as long as an attempt may take. Whoever claims it and dies
leaves nothing to be cleaned up: it is due again, with the same id. What came of an attempt is written on the condition
that nobody has claimed the message since.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings as django_settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync import signals
from sheetsync.conf import settings as conf
from sheetsync.models.alert_endpoint import AlertEndpoint
from sheetsync.models.fields import alias, atomic, one_of
from sheetsync.models.tenant import Tenant

if TYPE_CHECKING:
    from sheetsync.models.alert import Alert

GATHER = timedelta(seconds=5)
"""How long a mail waits for others to go with it."""
LEASE = timedelta(minutes=3)
"""Longer than an attempt may take."""
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""Between two attempts, as the Standard Webhooks specification has it in its example: more than three days in all."""
MOST_ATTEMPTS = len(PAUSES) + 1
MAILED_AT_ONCE = 5_000
LONGEST_ERROR = 1_000


class AlertEvent(models.TextChoices):
    """What is told."""

    OPENED = "opened", _("opened")
    RECOVERED = "recovered", _("recovered")


class AlertChannel(models.TextChoices):
    """By which way."""

    MAIL = "mail", _("mail")
    WEBHOOK = "webhook", _("webhook")


def new_id() -> str:
    """`webhook-id`, the same in all attempts: by it a receiver knows what it has seen before."""
    return f"msg_{uuid.uuid4().hex}"


def operators() -> list[str]:
    """Whom mail goes to: ALERT_EMAILS, or Django's own ADMINS where that is not set."""
    if conf.ALERT_EMAILS is not None:
        return list(conf.ALERT_EMAILS)
    # Pairs of name and address, or since Django 6.0 plain addresses.
    return [each if isinstance(each, str) else each[1] for each in django_settings.ADMINS]


class MessageQuerySet(models.QuerySet["AlertMessage"]):
    """Putting in, and taking out."""

    def announce(self, alert: Alert, event: AlertEvent) -> None:
        """Whatever is to be sent of this, in the caller's transaction; the signal goes out when that has committed."""
        told: dict[str, Any] = {"tenant_id": alert.tenant_id, "alert": alert, "event": event}
        rows = [
            AlertMessage(**told, channel=AlertChannel.WEBHOOK, endpoint=endpoint, body=body_of(alert, event))
            for endpoint in AlertEndpoint.objects.filter(tenant=alert.tenant_id, enabled=True)
        ]
        if operators():
            rows.append(AlertMessage(**told, channel=AlertChannel.MAIL, next_attempt_at=Now() + GATHER))
        AlertMessage.objects.bulk_create(rows)
        signal = signals.alert_opened if event == AlertEvent.OPENED else signals.alert_recovered
        send = partial(signal.send_robust, sender=type(alert), alert=alert)
        transaction.on_commit(send, using=alias(AlertMessage), robust=True)

    def pending(self) -> Self:
        """Neither delivered nor given up."""
        return self.filter(delivered_at=None, given_up_at=None)

    def due(self, channel: AlertChannel) -> Self:
        """To be sent now, the longest due first. Served by the index `due_alert_messages`."""
        return self.pending().filter(channel=channel, next_attempt_at__lte=Now()).order_by("next_attempt_at", "pk")

    def claim_mails(self, at_most_every: timedelta) -> list[AlertMessage]:
        """All that is due, for one mail; nothing so soon after the last attempt at one."""
        due = self.due(AlertChannel.MAIL)
        lately = self.filter(channel=AlertChannel.MAIL, attempted_at__gt=Now() - at_most_every)
        if not due.exists() or lately.exists():
            return []
        return self._claim(due, MAILED_AT_ONCE)

    def claim_webhooks(self, most: int) -> list[AlertMessage]:
        """Up to so many, of each endpoint one: who answers slowly keeps nobody else waiting.

        The end of an incident is not told before its beginning.
        """
        due = self.due(AlertChannel.WEBHOOK)._begun().filter(endpoint__enabled=True)
        sooner = due.order_by().filter(endpoint=OuterRef("endpoint"), pk__lt=OuterRef("pk"))
        first = due.filter(~Exists(sooner))
        return self._claim(first, most) if first.exists() else []

    def _begun(self) -> Self:
        """Without the ends of incidents whose beginnings have not been told yet."""
        same = {name: OuterRef(name) for name in ("alert", "channel", "endpoint")}
        beginning = self.model.objects.pending().filter(event=AlertEvent.OPENED, pk__lt=OuterRef("pk"), **same)
        return self.filter(~Exists(beginning))

    def _claim(self, due: Self, most: int) -> list[AlertMessage]:
        """Nobody waits for a row here: who has it locked is about to send it, or died over it."""
        with atomic(AlertMessage):
            free = due.select_for_update(of=("self",), skip_locked=True)
            taken = list(free.select_related("alert__tenant", "endpoint")[:most])
            values = {"attempts": F("attempts") + 1, "attempted_at": Now(), "next_attempt_at": Now() + LEASE}
            self.model.objects.filter(pk__in=[each.pk for each in taken]).update(**values)
        for each in taken:
            each.attempts += 1
        worn = [each for each in taken if each.attempts > MOST_ATTEMPTS]
        self.failed(worn, "whoever tried to send it died over it", over=True)
        return [each for each in taken if each not in worn]

    def held(self, taken: Sequence[AlertMessage]) -> Self:
        """Those of them that nobody has claimed since, all being at one number of attempts."""
        held = Q(pk__in=[])
        for attempts in {each.attempts for each in taken}:
            held |= Q(attempts=attempts, pk__in=[each.pk for each in taken if each.attempts == attempts])
        return self.pending().filter(held)

    def delivered(self, taken: Sequence[AlertMessage]) -> None:
        """They were taken by whom they were for."""
        self.held(taken).update(delivered_at=Now(), error="")

    def failed(self, taken: Sequence[AlertMessage], error: str, *, over: bool = False) -> None:
        """To be tried again when their time has come, or given up: all tries are used up, or it is `over`."""
        for attempts in {each.attempts for each in taken}:
            held = self.held([each for each in taken if each.attempts == attempts])
            if over or attempts >= MOST_ATTEMPTS:
                held.update(given_up_at=Now(), error=error[:LONGEST_ERROR])
            else:
                held.update(next_attempt_at=Now() + PAUSES[attempts - 1], error=error[:LONGEST_ERROR])


class AlertMessage(models.Model):
    """One thing to be told to one receiver. `body`: of a webhook, what is signed, alike in all attempts."""

    Event = AlertEvent
    Channel = AlertChannel

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, null=True, blank=True, related_name="alert_messages", verbose_name=_("tenant")
    )
    alert = models.ForeignKey(
        "sheetsync.Alert", models.CASCADE, related_name="messages", db_index=False, verbose_name=_("alert")
    )
    event = models.CharField(_("event"), max_length=10, choices=AlertEvent.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=AlertChannel.choices)
    endpoint = models.ForeignKey(
        AlertEndpoint, models.CASCADE, null=True, blank=True, related_name="messages", verbose_name=_("endpoint")
    )
    public_id = models.CharField(_("message id"), max_length=40, unique=True, default=new_id, editable=False)
    body = models.TextField(_("body"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    attempted_at = models.DateTimeField(_("last attempt"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True, default="")

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert message")
        verbose_name_plural = _("alert messages")
        constraints = [
            one_of("event", AlertEvent.values, "alert_event_is_known"),
            one_of("channel", AlertChannel.values, "alert_channel_is_known"),
            models.CheckConstraint(
                condition=Q(channel="mail", endpoint__isnull=True) | Q(channel="webhook", endpoint__isnull=False),
                name="webhook_exactly_with_endpoint",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(given_up_at__isnull=True), name="message_ends_one_way"
            ),
            models.UniqueConstraint(
                fields=["alert", "event"], condition=Q(channel="mail"), name="one_mail_per_event_of_an_alert"
            ),
            models.UniqueConstraint(
                fields=["alert", "event", "endpoint"],
                condition=Q(channel="webhook"),
                name="one_webhook_per_event_of_an_alert",
            ),
        ]
        indexes = [
            # For MessageQuerySet.due().
            models.Index(
                fields=["channel", "next_attempt_at"],
                condition=Q(delivered_at__isnull=True, given_up_at__isnull=True),
                name="due_alert_messages",
            ),
            # For MessageQuerySet.claim_mails(): whether one was sent lately.
            models.Index(fields=["attempted_at"], condition=Q(channel="mail"), name="mails_by_attempt"),
            models.Index(fields=["alert"], name="messages_of_alert"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_event_display()}"

    @property
    def state(self) -> str:
        """`delivered`, `given_up`, `failing` or `waiting`."""
        if self.delivered_at:
            return "delivered"
        return "given_up" if self.given_up_at else "failing" if self.error else "waiting"


def body_of(alert: Alert, event: AlertEvent) -> str:
    """What a tenant's endpoint gets: only what is the tenant's own."""
    happened = alert.closed_at if event == AlertEvent.RECOVERED else alert.opened_at
    what = "recovered" if event == AlertEvent.RECOVERED else alert.kind
    data: dict[str, Any] = {
        "alert": alert.pk,
        "kind": alert.kind,
        "opened_at": moment(alert.opened_at),
        "count": alert.count,
        "error_type": alert.error_type,
        "reason": alert.reason,
        alert.noun: {"id": alert.automation_id or alert.account_id, "name": alert.subject},
        "run": alert.run_id and {"id": alert.run_id, "correlation_id": alert.correlation_id},
    }
    return json.dumps({"type": f"{alert.noun}.{what}", "timestamp": moment(happened), "data": data})


def moment(time: datetime | None) -> str | None:
    """2026-11-22T08:00:00.000000Z."""
    return time.isoformat().replace("+00:00", "Z") if time else None
