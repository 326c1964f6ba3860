"""What there is to measure, asked of the database at each scrape.

Web processes are many and short-lived, and the work is done by other processes: what one of them counted would be
wrong. So every number is the whole site's, whoever answers. A scrape is seventeen statements, served by indexes: they
look at what waits and runs, at what ended since the last scrape, at runs that failed, and at one row of each active
automation and each quota bucket; never at all runs that are kept.

Runs are forgotten after a while, and a counter that falls is a restart to Prometheus. So what happens is counted up in
one row, `Totals`, by whoever scrapes: from the first scrape on, and half a minute late. What *is*, is a gauge. No
series names a tenant; their number is fixed, unless METRICS_PER_AUTOMATION asks for one of each automation.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, product
from typing import get_args

from django.db import Error
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from sheetsync import __version__, health
from sheetsync.conf import settings as conf
from sheetsync.health import Finding, Vitals
from sheetsync.models import Automation, Pulse, QuotaBucket, SyncAttempt, SyncRun, Totals
from sheetsync.models.totals import BOUNDS, Counted
from sheetsync.sheets.pacing import GROWTH, Kind, Scope

Status = SyncRun.Status

FRESH = (300, 900, 3_600, 10_800, 43_200, 86_400, 259_200, 604_800)
"""Seconds since the last completed run."""


class Families:
    """What an encoder of prometheus-client takes."""

    def collect(self) -> list[Metric]:
        """All of it; of a database that does not answer, only that."""
        try:
            return list(_all())
        except Error as error:
            return list(_verdict([health.unreachable(error)]))


def _all() -> Iterator[Metric]:
    vitals = health.measure()
    yield from _verdict(health.judge(vitals))
    yield from _signs_of_life(vitals)
    yield from _waiting(vitals)
    yield from _runs(vitals)
    yield from _ended(Totals.objects.count_up(vitals.now))
    yield from _quotas(vitals.now)
    yield from _freshness(vitals.now)


def _verdict(findings: Sequence[Finding]) -> Iterator[Metric]:
    yield InfoMetricFamily("sheetsync_build", "The installed version.", {"version": __version__})
    yield _gauge("sheetsync_ready", "1 where runs can be executed, as /readyz says.", float(health.ready(findings)))
    found = {finding.name: float(finding.ok) for finding in findings}
    yield _gauges("sheetsync_check_ok", "1 where this is well, as /readyz says.", "check", found)


def _signs_of_life(vitals: Vitals) -> Iterator[Metric]:
    text = "Since the scheduler looked, the cluster answered, its canary was sent; workers: any other worker."
    ages = {name: vitals.ages[name] for name in Pulse.Name.values if name in vitals.ages}
    yield _gauges("sheetsync_pulse_age", text, "pulse", ages, unit="seconds")


def _waiting(vitals: Vitals) -> Iterator[Metric]:
    yield _gauge("sheetsync_runs_ready", "Runs that a worker may take now.", vitals.ready)
    yield _gauge("sheetsync_queue_age", "How long the oldest ready run waits.", vitals.waited, unit="seconds")
    yield _gauge("sheetsync_runs_stuck", "Runs that take longer than STUCK_SECONDS.", vitals.stuck)
    yield _gauge("sheetsync_schedules_due", "Schedules whose time has come and that no scheduler started.", vitals.due)
    text = "By how much the schedule is late that is due longest."
    yield _gauge("sheetsync_schedule_lateness", text, vitals.late, unit="seconds")


def _runs(vitals: Vitals) -> Iterator[Metric]:
    """Completed and canceled ones are not counted by looking: there may be a million, and nobody acts on the number."""
    later, retry = Q(next_attempt_at__gt=vitals.now), Q(waiting_for__startswith="another attempt")
    pending = SyncRun.objects.filter(status=Status.PENDING).aggregate(
        all=Count("pk"), retry=Count("pk", later & retry), quota=Count("pk", later & ~retry)
    )
    passed_over = max(0, SyncRun.objects.ready().allowed().count() - vitals.ready)
    bad = SyncRun.objects.filter(status__in=[Status.FAILED, Status.DEAD], finished_at__isnull=False).order_by()
    numbers = {Status.FAILED.value: 0, Status.DEAD.value: 0}
    numbers |= dict(bad.values_list("status").annotate(n=Count("*")))  # not of a column: the index has it all
    text = "Runs that wait, run, or are remembered as failed or dead."
    numbers |= {"pending": pending["all"], "running": SyncRun.objects.running().count()}
    yield _gauges("sheetsync_runs", text, "status", numbers)
    text = "Runs that wait for a quota of Google's, or for their next attempt."
    reasons = {"quota": pending["quota"] + passed_over, "retry": pending["retry"]}
    yield _gauges("sheetsync_runs_waiting", text, "reason", reasons)


def _ended(counted: Counted) -> Iterator[Metric]:
    finished = {status.value: counted.get(f"runs {status}", 0) for status in SyncRun.FINISHED}
    yield _counters("sheetsync_runs_finished", "Ends of runs; one that is retried has another.", "status", finished)
    yield _durations(counted)
    outcomes = {outcome: counted.get(f"attempts {outcome}", 0) for outcome in SyncAttempt.Outcome.values}
    yield _counters("sheetsync_attempts", "Attempts that ended.", "outcome", outcomes)
    reads, calls = counted.get("reads", 0), counted.get("calls", 0)
    text = "Calls to Google, counted when their attempt ends."
    yield _counters("sheetsync_google_calls", text, "kind", {"read": reads, "write": calls - reads})
    written, rows = counted.get("written", 0), counted.get("rows", 0)
    text = "Rows of ended attempts: written, or found to be as they should be."
    yield _counters("sheetsync_rows", text, "result", {"written": written, "unchanged": rows - written})


def _durations(counted: Counted) -> Metric:
    text = "From the first attempt of a run to its end, with all waits."
    family = HistogramMetricFamily("sheetsync_run_duration", text, labels=["status"], unit="seconds")
    for status in SyncRun.FINISHED:
        buckets = [(str(float(each)), counted.get(f"within_{each} {status}", 0)) for each in BOUNDS]
        buckets.append(("+Inf", counted.get(f"timed {status}", 0)))
        family.add_metric([status.value], buckets, counted.get(f"seconds {status}", 0))
    return family


def _quotas(now: datetime) -> Iterator[Metric]:
    """Of the buckets that are in use, or were cut and have not recovered."""
    at = now.timestamp()
    used = QuotaBucket.objects.filter(Q(arrival__gt=at) | Q(cut_at__gt=at - 1 / GROWTH))
    buckets: dict[tuple[str, str], list[QuotaBucket]] = {each: [] for each in product(get_args(Scope), get_args(Kind))}
    for bucket in used:
        scope, *_, kind = bucket.name.split()
        buckets[scope, kind].append(bucket)
    text = "Until the fullest bucket is empty; calls wait where that is more than six seconds or so."
    backlog = GaugeMetricFamily("sheetsync_quota_backlog", text, labels=["scope", "kind"], unit="seconds")
    text = "The part of the configured rate that is used, where it was cut most after refusals."
    share = GaugeMetricFamily("sheetsync_quota_share_ratio", text, labels=["scope", "kind"])
    for labels, found in buckets.items():
        backlog.add_metric(labels, max([0.0, *(bucket.arrival - at for bucket in found)]))
        share.add_metric(labels, min([1.0, *(bucket.level.share_at(at) for bucket in found)]))
    yield from (backlog, share)
    waiting = {bucket.subject for bucket in used if bucket.subject and bucket.free_at > at}
    yield _gauge("sheetsync_quota_accounts_waiting", "Accounts whose next call has to wait.", len(waiting))


def _freshness(now: datetime) -> Iterator[Metric]:
    """Since the last completed run; where there is none, since it was made. By the index `runs_of_automation`."""
    completed = SyncRun.objects.filter(automation=OuterRef("pk"), status=Status.COMPLETED).order_by("-created_at")
    active = Automation.objects.filter(status=Automation.Status.ACTIVE, tenant__active=True)
    fresh_at = Coalesce(Subquery(completed.values("finished_at")[:1]), "created_at")
    found = [
        (pk, scheduled, (now - at).total_seconds())
        for pk, scheduled, at in active.values_list("pk", "schedule_enabled", fresh_at)
    ]
    ages = {"yes": [age for _, scheduled, age in found if scheduled], "no": [age for _, on, age in found if not on]}
    yield from _ages(ages)
    if conf.METRICS_PER_AUTOMATION:
        each = {str(pk): age for pk, _, age in found}
        text = "Since the automation's last completed run."
        yield _gauges("sheetsync_automation_freshness", text, "automation", each, unit="seconds")


def _ages(ages: Mapping[str, Sequence[float]]) -> Iterator[Metric]:
    text = "Active automations, with and without a schedule, by the time since their last completed run."
    spread = GaugeHistogramMetricFamily("sheetsync_freshness", text, labels=["scheduled"], unit="seconds")
    for scheduled, values in ages.items():
        spread.add_metric([scheduled], _buckets(values), sum(values))
    yield spread
    text = "The longest time since an active automation's last completed run."
    oldest = {scheduled: max(values, default=0.0) for scheduled, values in ages.items()}
    yield _gauges("sheetsync_oldest_freshness", text, "scheduled", oldest, unit="seconds")


def _buckets(values: Iterable[float]) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    counts = [0] * (len(FRESH) + 1)
    for value in values:
        counts[bisect_left(FRESH, value)] += 1
    return list(zip([*(str(float(bound)) for bound in FRESH), "+Inf"], accumulate(counts), strict=True))


def _gauge(name: str, text: str, value: float, unit: str = "") -> Metric:
    return GaugeMetricFamily(name, text, value, unit=unit)


def _gauges(name: str, text: str, label: str, values: Mapping[str, float], unit: str = "") -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label], unit=unit)
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _counters(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
