"""Signs of life: when the scheduler last looked, when workers last worked, when the cluster was last asked to."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.db import Error, connections, models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sheetsync.models.fields import database_time

log = logging.getLogger(__name__)


class PulseName(models.TextChoices):
    """Whose they are."""

    SCHEDULER = "scheduler", _("the scheduler looked")
    WORKERS = "workers", _("a worker that looks for itself worked")
    CLUSTER = "cluster", _("the cluster answered")
    CANARY = "canary", _("the cluster's queue was tried")


class PulseQuerySet(models.QuerySet["Pulse"]):
    """Beating, and listening."""

    def beat(self, name: PulseName) -> None:
        """Now, by the database's clock."""
        if not self.filter(name=name).update(beaten_at=Now()):
            self.bulk_create([Pulse(name=name)], ignore_conflicts=True)

    def ages(self, now: datetime | None = None) -> dict[str, float]:
        """How many seconds ago each was; one that never was is not there. `now`: left out, the database's time."""
        now = now or database_time(Pulse)
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


class Beat:
    """A worker's own sign of life: called as often as it likes, it beats every ten seconds. Never raises."""

    EVERY = 10.0

    def __init__(self, name: PulseName) -> None:
        self.name = name
        self._again = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._again:
            return
        self._again = time.monotonic() + self.EVERY
        try:
            Pulse.objects.beat(self.name)
        except Error:
            text = "the database did not answer: nobody can see that this worker is alive"
            log.warning(text, extra={"action": "database_away"})
            connections.close_all()
