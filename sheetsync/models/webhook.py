"""Deliveries of webhooks: which came, and which runs were asked for. Their bodies are not kept, a digest is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.conf import settings as conf
from sheetsync.models.fields import atomic, one_of
from sheetsync.models.run import SyncRun
from sheetsync.models.source import Source

LONGEST_KEY, LONGEST_TOPIC = 255, 100
TRIES = 3


class Verdict(models.TextChoices):
    """What came of a delivery."""

    ACCEPTED = "accepted", _("its order is looked at")
    IGNORED = "ignored", _("it names no order")
    NO_AUTOMATION = "no_automation", _("no automation runs on webhooks")


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Claiming keys."""

    def once(self, source: Source, key: str, **values: Any) -> tuple[WebhookDelivery, bool]:
        """The row of this key, locked until the transaction ends. -> it, and whether it was not there before

        Of several that come at once one inserts it; the others wait, and find what came of it.
        """
        for _try in range(TRIES):
            row = self.model(source=source, key=key, verdict=Verdict.IGNORED, **values)
            row.expires_at = remembered_until()
            try:
                with atomic(WebhookDelivery):
                    row.save(force_insert=True)
                return row, True
            except IntegrityError as error:
                refused = error
            known = self.filter(source=source, key=key).annotate(over=Q(expires_at__lte=Now()))
            if found := known.select_for_update(of=("self",)).first():
                return found, False
            # It was forgotten between two looks: then it is ours to insert.
        raise refused


class WebhookDelivery(models.Model):
    """One delivery of a shop, known by its key for a week.

    `runs`: the ids of all runs that look at its order, as they were answered; `run`: the first of them, while it is
    remembered. `digest`: of the body.
    """

    Verdict = Verdict

    source = models.ForeignKey(
        Source, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("source")
    )
    key = models.CharField(_("key"), max_length=LONGEST_KEY)
    topic = models.CharField(_("topic"), max_length=LONGEST_TOPIC, blank=True, default="")
    digest = models.CharField(_("digest of the body"), max_length=64)
    verdict = models.CharField(_("what came of it"), max_length=20, choices=Verdict.choices)
    run = models.ForeignKey(
        SyncRun, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name=_("run")
    )
    runs = models.JSONField(_("runs"), default=list, blank=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    expires_at = models.DateTimeField(_("known until"))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="one_delivery_per_key"),
            one_of("verdict", Verdict.values, "delivery_verdict_is_known"),
            models.CheckConstraint(condition=~Q(key=""), name="delivery_has_a_key"),
            models.CheckConstraint(
                condition=Q(run__isnull=True) | Q(verdict=Verdict.ACCEPTED), name="only_accepted_deliveries_have_a_run"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("received_at")), name="delivery_expires_after_it_came"),
        ]
        indexes = [
            # For retention.prune(): the oldest first.
            models.Index(fields=["expires_at"], name="deliveries_by_end"),
            # For the list of one source's deliveries in the admin, the newest first.
            models.Index(fields=["source", "-id"], name="deliveries_of_source"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.received_at:%Y-%m-%d %H:%M:%S}".strip()

    def stands(self, *, repeatable: bool) -> bool:
        """Whether this key, come again, needs no other look.

        One that no automation took, or that is past its time, is taken like a new one. `repeatable`: the same body may
        be sent for another change. It then needs no look of its own while the run that the first one asked for has not
        begun, for what that is going to fetch is younger than both.
        """
        if self.over or self.verdict == Verdict.NO_AUTOMATION:  # type: ignore[attr-defined]
            return False
        if not repeatable or self.verdict == Verdict.IGNORED:
            return True
        waiting = SyncRun.objects.filter(pk__in=self.runs, status=SyncRun.Status.PENDING, attempts=0)
        return bool(self.runs) and waiting.count() == len(self.runs)

    def judged(self, verdict: str, runs: list[int], *, again: bool) -> None:
        """Note what came of it. `again`: it was known, and is remembered from now on."""
        self.verdict, self.runs, self.run_id = verdict, runs, runs[0] if runs else None
        changed = ["verdict", "runs", "run"]
        if again:
            self.received_at, self.expires_at = Now(), remembered_until()
            changed += ["received_at", "expires_at"]
        self.save(update_fields=changed)


def remembered_until() -> Any:
    """For a delivery that comes now."""
    return Now() + timedelta(days=conf.KEEP_DELIVERIES_DAYS)
