"""Is everything alive that runs need? One computation, for `/readyz` and for the scheduler's log.

`/healthz` only says that this process answers. `/readyz` is 503 while the database does not answer, no scheduler looks,
or no worker does: django-q2's cluster can be wedged with all its processes there, so it is asked to do a small task now
and then (the canary), and what counts is that somebody did.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sheetsync.conf import settings as conf
from sheetsync.models import Pulse, SyncRun
from sheetsync.models.fields import database_time

SCHEDULER_SILENCE = 60.0
WORKER_SILENCE = 90.0
"""Seconds. The canary is sent every thirty, so two have been lost by then."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at one thing found. `detail` says what to do where it is not well; it holds no secret."""

    name: str
    ok: bool
    detail: str


def look() -> list[Finding]:
    """The database, the scheduler, the workers, and how long runs wait."""
    try:
        ages = Pulse.objects.ages()
        waiting = SyncRun.objects.oldest_waiting()
        waited = (database_time(SyncRun) - waiting.next_attempt_at).total_seconds() if waiting else 0.0
    except Error as error:
        return [Finding("database", False, f"it does not answer: {type(error).__name__}")]
    return [
        Finding("database", True, "answers"),
        _scheduler(ages.get(Pulse.Name.SCHEDULER)),
        _workers(ages.get(Pulse.Name.WORKERS)),
        Finding("queue", True, f"the oldest ready run waits for {waited:.0f} s" if waiting else "nothing waits"),
    ]


def _scheduler(age: float | None) -> Finding:
    silence = max(SCHEDULER_SILENCE, 3 * conf.SCHEDULER_SECONDS)
    if age is not None and age <= silence:
        return Finding("scheduler", True, f"looked {age:.0f} s ago")
    return Finding("scheduler", False, f"{_silent('no scheduler has looked', age)}: start manage.py run_scheduler")


def _workers(age: float | None) -> Finding:
    if conf.DISPATCH == "inline":
        return Finding("workers", True, "none is needed: runs are executed where they are asked for")
    if age is not None and age <= WORKER_SILENCE:
        return Finding("workers", True, f"answered {age:.0f} s ago")
    what = "the sheetsync cluster of qcluster" if conf.DISPATCH == "django_q" else "manage.py run_worker"
    return Finding("workers", False, f"{_silent('no worker has answered', age)}: start {what}, or restart it")


def _silent(what: str, age: float | None) -> str:
    return f"{what} yet" if age is None else f"{what} for {age:.0f} s"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; whether anything else does, /readyz says."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything is alive, else 503: `{"ready", "checks": {name: {"ok", "detail"}}}`."""
    findings = look()
    ready = all(finding.ok for finding in findings)
    checks = {finding.name: {"ok": finding.ok, "detail": finding.detail} for finding in findings}
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)
