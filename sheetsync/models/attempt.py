"""What happened to a run: its attempts, one row each, and the incidents that people and networks caused."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.models.fields import one_of
from sheetsync.models.run import SyncRun


class AttemptOutcome(models.TextChoices):
    """How an attempt ended."""

    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    LOST = "lost", _("worker lost")
    CANCELED = "canceled", _("canceled")


class SyncAttempt(models.Model):
    """One try of a run, counted when it starts. A pause does not end it; success, failure or a lost worker does."""

    Outcome = AttemptOutcome

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="attempt_log", verbose_name=_("run"))
    number = models.PositiveSmallIntegerField(_("number"))
    worker = models.CharField(_("worker"), max_length=200)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=AttemptOutcome.choices, blank=True, default="")
    slices = models.PositiveIntegerField(_("slices"), default=0)
    error_type = models.CharField(_("error"), max_length=100, blank=True, default="")
    error = models.TextField(_("error in words"), blank=True, default="")
    traceback = models.TextField(_("traceback"), blank=True, default="")
    calls = models.PositiveIntegerField(_("calls"), default=0)
    reads = models.PositiveIntegerField(_("calls that read"), default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    written = models.PositiveIntegerField(_("rows written"), default=0)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_attempt_per_number"),
            models.CheckConstraint(
                condition=Q(outcome="", finished_at__isnull=True) | (~Q(outcome="") & Q(finished_at__isnull=False)),
                name="attempt_has_outcome_exactly_when_finished",
            ),
            one_of("outcome", ["", *AttemptOutcome.values], "attempt_outcome_is_known"),
        ]
        indexes = [
            # For totals.ended(): what ended in the last seconds, of all that are kept.
            models.Index(fields=["finished_at"], name="ended_attempts"),
            # For the list in the admin, by an outcome that is rare.
            models.Index(
                fields=["outcome", "-id"],
                condition=Q(outcome__in=["failed", "lost", "canceled"]),
                name="failed_attempts",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of run {self.run_id}"


class Incident(models.Model):
    """Something that happened to the sheet while a run wrote: how often, with one example in words."""

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="incidents", verbose_name=_("run"))
    kind = models.CharField(_("kind"), max_length=40)
    count = models.PositiveIntegerField(_("how often"), default=1)
    example = models.TextField(_("for example"))
    seen_at = models.DateTimeField(_("seen"), db_default=Now())
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [models.UniqueConstraint(fields=["run", "kind"], name="one_incident_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.count})"
