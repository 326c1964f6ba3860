"""Is everything alive that runs need, and is anything late? One look, for `/readyz`, the admin, metrics and the log.

`/healthz` only says that this process answers. `/readyz` is 503 while the database does not answer, no scheduler looks,
or nobody works. django-q2's cluster can be wedged with all its processes there, so it is asked to do a small task now
and then (the canary), and what counts is that it did. A wedged cluster beside a `run_worker` that works is a warning;
so is everything that is late, but moves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sheetsync.conf import settings as conf
from sheetsync.models import Automation, Pulse, SyncRun
from sheetsync.models.fields import database_time

log = logging.getLogger(__name__)

SCHEDULER_SILENCE = 60.0
WORKER_SILENCE = 80.0
"""Seconds. The canary is sent every thirty, so two have been lost by then; and who looks every few seconds has told it
before a minute and a half is over."""

START_CLUSTER = "start Q_CLUSTER_NAME=sheetsync manage.py qcluster, or restart it"


@dataclass(frozen=True, slots=True)
class Vitals:
    """What one look at the database measured, all in seconds of the database's clock."""

    now: datetime
    ages: Mapping[str, float]
    """Of the signs of life; one that never was is not there."""
    ready: int
    """Runs that a worker could take now; not those that would only wait for a quota."""
    waited: float
    """The longest of these has waited for so long."""
    stuck: int
    due: int
    late: float
    """By how much the schedule is late that is due longest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing. `detail` says what to do where it is not well; it holds no secret.

    `vital`: nothing can work while it is not well, so this site is not ready; else it is a warning.
    """

    name: str
    ok: bool
    detail: str
    vital: bool = False

    @property
    def level(self) -> str:
        """`ok`, `warning` or `error`."""
        return "ok" if self.ok else "error" if self.vital else "warning"


def measure() -> Vitals:
    """Seven questions, answered from what waits and runs, not from what is stored."""
    now = database_time(SyncRun)
    payable = SyncRun.objects.ready().allowed().payable()
    ready = payable.order_by().aggregate(n=Count("pk"), since=Min("next_attempt_at"))
    due = Automation.objects.scheduled(now).aggregate(n=Count("pk"), since=Min("next_run_at"))
    return Vitals(
        now=now,
        ages=Pulse.objects.ages(now),
        ready=ready["n"],
        waited=_seconds(ready["since"], now),
        stuck=SyncRun.objects.stuck(timedelta(seconds=conf.STUCK_SECONDS)).count(),
        due=due["n"],
        late=_seconds(due["since"], now),
    )


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def look() -> list[Finding]:
    """Measure, and judge."""
    try:
        vitals = measure()
    except Error as error:
        return [unreachable(error)]
    return judge(vitals)


def unreachable(error: Error) -> Finding:
    """All that can be said without a database; its own words may hold a password."""
    return Finding("database", False, f"it does not answer: {type(error).__name__}", vital=True)


def judge(vitals: Vitals) -> list[Finding]:
    """The most important first."""
    found = [Finding("database", True, "answers", vital=True), _scheduler(vitals), _workers(vitals)]
    if conf.DISPATCH == "django_q":
        found.append(_cluster(vitals))
    return [*found, _queue(vitals), _stuck(vitals), _schedules(vitals)]


def ready(findings: Sequence[Finding]) -> bool:
    """Whether runs can be executed at all."""
    return all(finding.ok for finding in findings if finding.vital)


def _scheduler(vitals: Vitals) -> Finding:
    age = vitals.ages.get(Pulse.Name.SCHEDULER)
    if age is not None and age <= max(SCHEDULER_SILENCE, 3 * conf.SCHEDULER_SECONDS):
        return Finding("scheduler", True, f"looked {age:.0f} s ago", vital=True)
    detail = f"{_silent('no scheduler has looked', age)}: start manage.py run_scheduler"
    return Finding("scheduler", False, detail, vital=True)


def _workers(vitals: Vitals) -> Finding:
    """Anybody who works, however they learn of runs."""
    if conf.DISPATCH == "inline":
        return Finding("workers", True, "none is needed: runs are executed where they are asked for", vital=True)
    ages = [vitals.ages[name] for name in (Pulse.Name.WORKERS, Pulse.Name.CLUSTER) if name in vitals.ages]
    age = min(ages, default=None)
    if age is not None and age <= WORKER_SILENCE:
        return Finding("workers", True, f"one worked or answered {age:.0f} s ago", vital=True)
    polling = "start manage.py run_worker, or restart it"
    own = "start the workers that your own DISPATCH rings for, or manage.py run_worker"
    remedy = {"django_q": START_CLUSTER, "polling": polling}.get(conf.DISPATCH, own)
    return Finding("workers", False, f"{_silent('no worker has answered', age)}: {remedy}", vital=True)


def _cluster(vitals: Vitals) -> Finding:
    age = vitals.ages.get(Pulse.Name.CLUSTER)
    if age is not None and age <= WORKER_SILENCE:
        return Finding("cluster", True, f"answered {age:.0f} s ago")
    remedy = START_CLUSTER if age is not None else f'{START_CLUSTER}; or set DISPATCH to "polling" and do without it'
    return Finding("cluster", False, f"{_silent('the sheetsync cluster has not answered', age)}: {remedy}")


def _queue(vitals: Vitals) -> Finding:
    if not vitals.ready:
        return Finding("queue", True, "nothing waits")
    waits = f"{vitals.ready} ready, the oldest waits for {vitals.waited:.0f} s"
    if vitals.waited <= conf.LATE_SECONDS:
        return Finding("queue", True, waits)
    return Finding("queue", False, f"{waits}: start more workers, unless its tenant runs as much at once as it may")


def _stuck(vitals: Vitals) -> Finding:
    if not vitals.stuck:
        return Finding("runs", True, f"none takes longer than {conf.STUCK_SECONDS:.0f} s")
    detail = f"{vitals.stuck} running for more than {conf.STUCK_SECONDS:.0f} s: look at their pages, or cancel them"
    return Finding("runs", False, detail)


def _schedules(vitals: Vitals) -> Finding:
    if vitals.late <= conf.LATE_SECONDS:
        return Finding("schedules", True, "on time")
    detail = f"{vitals.due} due, the longest for {vitals.late:.0f} s: start another manage.py run_scheduler"
    return Finding("schedules", False, detail)


def _silent(what: str, age: float | None) -> str:
    return f"{what} yet" if age is None else f"{what} for {age:.0f} s"


class Watch:
    """Tells the log what is not well: when that begins, every minute and a half while it lasts, and when it is over.

    Called as often as one likes, it looks every few seconds; for a while after the start it only watches, for other
    processes may be starting too.
    """

    EVERY = 5.0
    REPEAT = 90.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._look_at = clock() + WORKER_SILENCE
        self._told: dict[str, float] = {}

    def __call__(self) -> None:
        """Look, where it is time."""
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + self.EVERY
            for finding in look():
                self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        extra = {"action": "not_well", "finding": finding.name, "vital": finding.vital}
        if finding.ok:
            if self._told.pop(finding.name, None) is not None:
                log.info("%s: well again: %s", finding.name, finding.detail, extra=extra | {"action": "well_again"})
        elif finding.name not in self._told or self._clock() >= self._told[finding.name] + self.REPEAT:
            self._told[finding.name] = self._clock()
            level = logging.ERROR if finding.vital else logging.WARNING
            log.log(level, "%s: %s", finding.name, finding.detail, extra=extra)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; whether anything else does, /readyz says."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where runs can be executed, else 503: `{"ready", "checks": {name: {"ok", "level", "detail"}}}`."""
    findings = look()
    checks = {each.name: {"ok": each.ok, "level": each.level, "detail": each.detail} for each in findings}
    return JsonResponse({"ready": ready(findings), "checks": checks}, status=200 if ready(findings) else 503)
