"""Signs of life: when the scheduler last looked, when a worker last answered, when one was last asked to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.models.fields import database_time


class PulseName(models.TextChoices):
    """Whose they are."""

    SCHEDULER = "scheduler", _("the scheduler looked")
    WORKERS = "workers", _("a worker answered")
    CANARY = "canary", _("the workers' queue was tried")


class PulseQuerySet(models.QuerySet["Pulse"]):
    """Beating, and listening."""

    def beat(self, name: PulseName) -> None:
        """Now, by the database's clock."""
        if not self.filter(name=name).update(beaten_at=Now()):
            self.bulk_create([Pulse(name=name)], ignore_conflicts=True)

    def ages(self) -> dict[str, float]:
        """How many seconds ago each was; one that never was is not there."""
        now = database_time(Pulse)
        return {pulse.name: (now - pulse.beaten_at).total_seconds() for pulse in self.all()}


class Pulse(models.Model):
    """One sign of life, written over by the next."""

    Name = PulseName

    name = models.CharField(_("sign of life"), max_length=20, choices=PulseName.choices, unique=True)
    beaten_at = models.DateTimeField(_("last"), db_default=Now())

    objects = PulseQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name
