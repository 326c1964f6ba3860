"""What ended in each hour, summed up once it is over: a week of a million runs is read from 168 rows.

The scheduler sums up, the newest hour first; who asks counts what it has not come to yet, for a few hours. Every end
lies in one hour only, so it is counted once. A run that is tried again may end twice, each time in its own hour.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, Count, Q, Sum, When
from django.db.models.functions import Ceil, Greatest, Ln, TruncHour
from django.utils.translation import gettext_lazy as _

from sheetsync.models.attempt import SyncAttempt
from sheetsync.models.run import SyncRun
from sheetsync.models.tenant import Tenant
from sheetsync.models.totals import LAG, Seconds

HOUR = timedelta(hours=1)

KEPT = timedelta(days=8)
"""The dashboard looks back over seven, of which the first may have begun in any time zone."""

AT_ONCE = 4
"""Hours that are summed up in one look of the scheduler: a database that is new to this has a week to catch up on."""

LIVE = 6
"""Hours that are counted for whoever asks, where the scheduler has not summed them up."""

FINE = 8
"""Durations are counted in classes, so many to a doubling: a percentile is right to within five per cent."""
SHORTEST = 0.125

Tally = Counter[str]
"""`completed`, `failed`, `dead`, `canceled`: ends; `begun`: those that a worker had begun, with all their `attempts`.
`took 24`: of these, the completed ones in that class of durations. `error TabRefused`: of the failed and dead ones.
`calls`, `reads`, `rows`, `written`: of the attempts that ended."""


class Ends(NamedTuple):
    """What ended, hour by hour, as far as it is `known`; `missing`: hours that nobody has counted yet."""

    known: Mapping[datetime, Tally]
    missing: Collection[datetime]


def hour_of(time: datetime) -> datetime:
    """When the hour of this time began, in UTC."""
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def seconds_of(key: int) -> float:
    """The middle of a class of durations."""
    return math.exp2((key - 0.5) / FINE)


class HourQuerySet(models.QuerySet["Hour"]):
    """Summing up, and reading what was summed up."""

    def sum_up(self, now: datetime, most: int = AT_ONCE) -> int:
        """Sum up the newest hours that are over and were not yet. -> how many

        Two at once write the same rows, and the database keeps one of each.
        """
        last = hour_of(now - LAG) - HOUR
        wanted = hours_between(last + HOUR - KEPT, last)
        if self.filter(tenant=None, hour__gte=wanted[-1], hour__lte=last).count() == len(wanted):
            return 0
        done = set(self.filter(tenant=None, hour__gte=wanted[-1]).values_list("hour", flat=True))
        todo = [hour for hour in wanted if hour not in done][:most]
        for hour in todo:
            self.bulk_create(rows_of(hour), ignore_conflicts=True, batch_size=500)
        return len(todo)

    def ends(self, since: datetime, now: datetime, tenants: Collection[int] | None) -> Ends:
        """What has ended in all hours from that of `since` on; of these tenants, None for all.

        The newest hours, which no row has yet, are counted now; not more than a few.
        """
        wanted = hours_between(since, now)
        summed = self._summed(wanted[-1], tenants)
        live = [hour for hour in wanted[:LIVE] if hour not in summed]
        counted = count(live[-1], now + HOUR, tenants) if live else {}
        known = summed | {hour: counted.get(hour, Tally()) for hour in live}
        return Ends(known, [hour for hour in wanted if hour not in known])

    def _summed(self, since: datetime, tenants: Collection[int] | None) -> dict[datetime, Tally]:
        """An hour is summed up where the row of all tenants is there; it was written together with theirs."""
        whose = Q(tenant=None) if tenants is None else Q(tenant=None) | Q(tenant__in=tenants)
        found: dict[datetime, Tally] = defaultdict(Tally)
        done: set[datetime] = set()
        for hour, tenant, counted in self.filter(whose, hour__gte=since).values_list("hour", "tenant", "counted"):
            if tenant is None:
                done.add(hour)
            if (tenant is None) == (tenants is None):
                found[hour].update(counted)
        return {hour: found[hour] for hour in done}


class Hour(models.Model):
    """One hour of one tenant, or of all tenants together where none is named."""

    hour = models.DateTimeField(_("hour"))
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, null=True, blank=True, related_name="hours", verbose_name=_("tenant")
    )
    counted = models.JSONField(_("counted"), default=dict)

    objects = HourQuerySet.as_manager()

    class Meta:
        verbose_name = _("hour")
        verbose_name_plural = _("hours")
        constraints = [
            # Its index is also for HourQuerySet._summed(), of tenants, and for retention.ended().
            models.UniqueConstraint(fields=["hour", "tenant"], name="one_row_per_hour_and_tenant"),
            # Its index is also for HourQuerySet._summed(), of all.
            models.UniqueConstraint(fields=["hour"], condition=Q(tenant=None), name="one_row_per_hour_for_all"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"


def hours_between(since: datetime, until: datetime) -> list[datetime]:
    """From the hour of the one time to that of the other, the newest first."""
    first, last = hour_of(since), hour_of(until)
    return [last - HOUR * back for back in range((last - first) // HOUR + 1)]


def count(since: datetime, until: datetime, tenants: Collection[int] | None = None) -> dict[datetime, Tally]:
    """What ended from then on and before `until`, by the hour."""
    found: dict[datetime, Tally] = defaultdict(Tally)
    hour = TruncHour("finished_at", tzinfo=UTC)
    for key, tally in _tallies(since, until, {"hour": hour}, tenants):
        found[key[0]].update(tally)
    return found


def rows_of(hour: datetime) -> list[Hour]:
    """That of all comes along with those of the tenants."""
    found: dict[int, Tally] = defaultdict(Tally)
    for (tenant,), tally in _tallies(hour, hour + HOUR, {}, None, "tenant"):
        found[tenant].update(tally)
    everything = Tally()
    for tally in found.values():
        everything.update(tally)
    return [Hour(hour=hour, counted=everything), *(Hour(hour=hour, tenant_id=t, counted=found[t]) for t in found)]


def _tallies(
    since: datetime, until: datetime, made: Mapping[str, Any], tenants: Collection[int] | None, *names: str
) -> Iterator[tuple[tuple[Any, ...], Tally]]:
    """By the indexes `finished_runs` and `ended_attempts`."""
    between = Q(finished_at__gte=since, finished_at__lt=until)
    runs: Any = SyncRun.objects.filter(between, status__in=SyncRun.FINISHED)
    attempts: Any = SyncAttempt.objects.filter(between).annotate(tenant=models.F("run__tenant"))
    if tenants is not None:
        runs, attempts = runs.filter(tenant__in=tenants), attempts.filter(run__tenant__in=tenants)
    by = [*made, *names]
    yield from _runs(runs.order_by().annotate(**made), by)
    sums = {f"n_{name}": Sum(name) for name in ("calls", "reads", "rows", "written")}
    for row in attempts.order_by().annotate(**made).values(*by).annotate(**sums):
        tally = Tally({name.removeprefix("n_"): row[name] or 0 for name in sums})
        yield tuple(row[name] for name in by), tally


def _runs(runs: Any, by: Iterable[str]) -> Iterator[tuple[tuple[Any, ...], Tally]]:
    by = tuple(by)
    took = Seconds("finished_at") - Seconds("started_at")
    fine = Ceil(Ln(Greatest(took, SHORTEST)) * (FINE / math.log(2)))
    timed = Q(started_at__isnull=False, status=SyncRun.Status.COMPLETED)
    runs = runs.annotate(fine=Case(When(timed, then=fine), default=None, output_field=models.FloatField()))
    grouped = runs.values(*by, "status", "error_type", "fine")
    for row in grouped.annotate(n=Count("pk"), begun=Count("started_at"), tries=Sum("attempts")):
        yield tuple(row[name] for name in by), _tally(row)


def _tally(row: Mapping[str, Any]) -> Tally:
    n = row["n"]
    tally = Tally({row["status"]: n, "begun": row["begun"], "attempts": row["tries"]})
    if row["fine"] is not None:
        tally[f"took {int(row['fine'])}"] = n
    if row["error_type"] and row["status"] in (SyncRun.Status.FAILED, SyncRun.Status.DEAD):
        tally[f"error {row['error_type']}"] = n
    return +tally
