"""Quota buckets: how far the calls of an account and of a project have used up what Google allows, for all workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import FloatField, Func
from django.utils.translation import gettext_lazy as _

from sheetsync.errors import QuotaWait
from sheetsync.models.fields import alias, atomic
from sheetsync.sheets.pacing import Kind, Rate, gcra


class Clock(Func):
    """Seconds since 1970 by the database's clock, which all workers share."""

    output_field = FloatField()
    arity = 0
    template = "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())::double precision"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite counts in days since noon of a day in 4714 BC."""
        return super().as_sqlite(compiler, connection, template="((julianday('now') - 2440587.5) * 86400.0)", **context)


class BucketQuerySet(models.QuerySet["QuotaBucket"]):
    """Taking a place in several buckets at once."""

    def take(self, rates: Mapping[str, Rate], longest: float) -> float:
        """Take a place for one call in each bucket, and return the seconds to wait before it.

        Raises QuotaWait, with nothing taken, where that would be more than `longest`.
        """
        with atomic(QuotaBucket):
            wait, arrivals = 0.0, []
            for bucket, now in self._locked(rates):
                bucket.arrival, pause = gcra(bucket.arrival, rates[bucket.name], now)
                wait = max(wait, pause)
                arrivals.append(bucket)
            if wait > longest:
                raise QuotaWait("the account's quota at Google is used up for the moment", seconds=wait)
            self.bulk_update(arrivals, ["arrival"])
        return wait

    def block(self, name: str, rate: Rate, seconds: float) -> None:
        """Let nobody through this bucket for so long."""
        with atomic(QuotaBucket):
            for bucket, now in self._locked({name: rate}):
                # A bucket lets `burst` calls through at once, unless it is filled that far.
                bucket.arrival = max(bucket.arrival, now + seconds + (rate.burst - 1) * rate.interval)
                bucket.save(update_fields=["arrival"])

    def _locked(self, names: Mapping[str, Rate]) -> list[tuple[QuotaBucket, float]]:
        """These buckets with the time, locked in the order of their names, so that no two workers wait in a circle."""
        wanted = self.filter(name__in=names).order_by("name").annotate(now=Clock()).select_for_update()
        found = list(wanted)
        if len(found) < len(names):
            self.bulk_create([QuotaBucket(name=name) for name in names], ignore_conflicts=True)
            found = list(wanted.all())
        return [(bucket, bucket.now) for bucket in found]  # type: ignore[attr-defined]


class QuotaBucket(models.Model):
    """One counter of the generic cell rate algorithm: `arrival` is the theoretical arrival time of its next call.

    In seconds since 1970 by the database's clock.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    arrival = models.FloatField(_("used up until"), default=0)

    objects = BucketQuerySet.as_manager()

    class Meta:
        verbose_name = _("quota bucket")
        verbose_name_plural = _("quota buckets")

    def __str__(self) -> str:
        return self.name


@dataclass(slots=True)
class SharedPacer:
    """The pacer of one account, shared by every worker through the database.

    `rates`: for each kind of call its buckets, `{"read": {"account 7 reads": Rate(...)}}`; the first of a kind is the
    account's own, and learns from a refusal. A wait of more than `longest` seconds raises QuotaWait instead:
    a worker has better things to do.
    """

    rates: Mapping[Kind, Mapping[str, Rate]]
    longest: float
    sleep: Callable[[float], object] = time.sleep
    refused: bool = False
    """Whether Google said no in spite of the pace: others use the same quota."""

    def take(self, kind: Kind) -> None:
        """Return once a call of this kind may be sent. Raises QuotaWait."""
        rates = self.rates.get(kind)
        if not rates:
            return
        wait = QuotaBucket.objects.using(alias(QuotaBucket)).take(rates, self.longest)
        if wait:
            self.sleep(wait)

    def back_off(self, kind: Kind, seconds: float) -> None:
        """Google refused: nobody sends a call of this kind for so long. Raises QuotaWait."""
        self.refused = True
        for name, rate in list(self.rates.get(kind, {}).items())[:1]:
            QuotaBucket.objects.using(alias(QuotaBucket)).block(name, rate, seconds)
            return
        if seconds > self.longest:
            raise QuotaWait("Google asks to wait", seconds=seconds)
        self.sleep(seconds)
