"""What has been counted since counting began. It only ever grows, also when what it was counted from is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Func, Q, Sum
from django.utils.translation import gettext_lazy as _

from sheetsync.models.attempt import SyncAttempt
from sheetsync.models.run import SyncRun

LAG = timedelta(seconds=30)
"""Who ends an attempt writes the time down, and commits a little later. What is committed later than this is not
counted; a transaction that idles for so long is ended by the database, where that is set up as we ask for."""

STRETCH = timedelta(hours=6)
"""The most that is counted at once: who asks again after a week catches up in many steps, and is answered in time."""

BOUNDS = (1, 3, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800)
"""Seconds, of the histogram of durations. One that is added or changed begins at zero."""


class Seconds(Func):
    """A time in seconds since some day. Django's own difference of times calls Python on SQLite, once for each row."""

    arity = 1
    output_field = models.FloatField()
    template = "EXTRACT(EPOCH FROM %(expressions)s)::double precision"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite counts in days."""
        return super().as_sqlite(compiler, connection, template="(JULIANDAY(%(expressions)s) * 86400.0)", **context)


Counted = Mapping[str, float]
"""`attempts failed`, `calls`, `reads`, `rows`, `written`; of runs that ended: `runs completed`, of these with a start
`timed completed`, `seconds completed` in all, and `within_60 completed`. What is not there was never seen."""


class TotalsQuerySet(models.QuerySet["Totals"]):
    """Counting on."""

    def count_up(self, now: datetime) -> Counted:
        """Add what has ended since the last time, and return all. Whoever asks counts; of two at once, one does.

        Every end lies in one stretch of time only, so it is counted once. A run that is tried again may end twice.
        """
        until = now - LAG
        row, _created = self.get_or_create(pk=Totals.ONLY, defaults={"until": until})
        until = min(until, row.until + STRETCH)
        if row.until < until:
            since, row.counted = row.until, _sum(row.counted, ended(row.until, until))
            if not self.filter(pk=row.pk, until=since).update(until=until, counted=row.counted):
                row.refresh_from_db()
        counted: Counted = row.counted
        return counted


class Totals(models.Model):
    """One row: everything that ended from the first count on and up to this time."""

    ONLY = 1

    until = models.DateTimeField(_("counted until"))
    counted = models.JSONField(_("counted"), default=dict)

    objects = TotalsQuerySet.as_manager()

    class Meta:
        verbose_name = _("totals")
        verbose_name_plural = _("totals")

    def __str__(self) -> str:
        return str(_("totals"))


def ended(since: datetime, until: datetime) -> Counted:
    """What ended after the one time and not after the other. By the indexes `ended_attempts` and `finished_runs`."""
    between = Q(finished_at__gt=since, finished_at__lte=until)
    return _sum(_attempts(between), _runs(between))


def _sum(one: Counted, other: Counted) -> Counted:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _attempts(between: Q) -> Counted:
    sums = {name: Sum(name) for name in ("calls", "reads", "rows", "written")}
    counted: Counted = {}
    ends: Any = SyncAttempt.objects.filter(between).order_by().values("outcome")
    for row in ends.annotate(n=Count("pk"), **sums):
        of_this_outcome = {f"attempts {row['outcome']}": row["n"], **{name: row[name] for name in sums}}
        counted = _sum(counted, of_this_outcome)
    return counted


def _runs(between: Q) -> Counted:
    """A run takes from its first attempt to its end, with all pauses and waits; some are canceled before the first."""
    within: dict[str, Any] = {f"within_{each}": Count("pk", Q(took__lte=each)) for each in BOUNDS}
    ends: Any = SyncRun.objects.filter(between, status__in=SyncRun.FINISHED).order_by()
    ends = ends.annotate(took=Seconds("finished_at") - Seconds("started_at")).values("status")
    counted: dict[str, float] = {}
    for row in ends.annotate(runs=Count("pk"), timed=Count("started_at"), seconds=Sum("took", default=0.0), **within):
        counted |= {f"{name} {row['status']}": row[name] for name in ("runs", "timed", "seconds", *within)}
    return counted
