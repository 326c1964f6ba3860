"""How many runs a second can be taken and completed: by one process, by several, out of a long line."""

from __future__ import annotations

import multiprocessing
import time
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection, connections

from sheetsync.models import Automation, Source, SyncRun, Tenant, ending
from sheetsync.models.ending import Snapshot
from sheetsync.outcome import Completed

RUNS = 1_000
TENANTS = 8
PROCESSES = 8
SHORT, LONG = 100, 10_000
LOOKS = 50
LEASE = timedelta(seconds=60)


def compare_claims() -> None:
    """Print both ratios."""
    alone, together = completed_a_second(1), completed_a_second(PROCESSES)
    print(f"runs claimed and completed a second, {RUNS:,} of {TENANTS} tenants")
    print(f"  1 process {alone:,.0f}, {PROCESSES} processes {together:,.0f}: {together / alone:.2f} x")
    short, long = seconds_of_a_claim(SHORT), seconds_of_a_claim(LONG)
    print(f"time of a claim out of {LONG:,} ready runs / out of {SHORT:,}")
    print(f"  {long / short:.1f}")


def completed_a_second(processes: int) -> float:
    """So many processes take ready runs until none is left."""
    line_up(RUNS)
    connections.close_all()  # nothing of a connection may be shared across a fork
    forked = multiprocessing.get_context("fork")
    start = forked.Barrier(processes + 1)
    racers = [forked.Process(target=claim_all, args=(start,)) for _ in range(processes)]
    for racer in racers:
        racer.start()
    start.wait()
    started = time.perf_counter()
    for racer in racers:
        racer.join()
    seconds = time.perf_counter() - started
    done = SyncRun.objects.filter(status=SyncRun.Status.COMPLETED, attempts=1, tenant__name="Racing").count()
    if done != RUNS or any(racer.exitcode for racer in racers):
        raise SystemExit(f"{done} of {RUNS} runs were claimed and completed once")
    Tenant.objects.filter(name="Racing").delete()
    return RUNS / seconds


def seconds_of_a_claim(ready: int) -> float:
    """The median of some claims while so many runs are ready."""
    line_up(ready)
    times = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        run = SyncRun.objects.claim("benchmark", LEASE)
        times.append(time.perf_counter() - started)
        if run is None:
            raise SystemExit("nothing was ready")
        ending.settle(run, Completed(), Snapshot())
    Tenant.objects.filter(name="Racing").delete()
    return median(times)


def line_up(runs: int) -> None:
    """Ready runs, each of an automation of its own, of a few tenants."""
    for number in range(TENANTS):
        tenant = Tenant.objects.create(name="Racing", max_concurrent_runs=PROCESSES)
        source = Source.objects.create(tenant=tenant, name="none", kind="file", config={"path": "none.jsonl"})
        automations = Automation.objects.bulk_create(
            Automation(tenant=tenant, source=source, name=f"{each}", spreadsheet_id=f"{each}", status="active")
            for each in range(number, runs, TENANTS)
        )
        SyncRun.objects.bulk_create(
            SyncRun(tenant=tenant, automation=automation, trigger=SyncRun.Trigger.MANUAL, max_attempts=5)
            for automation in automations
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database that is in use would have done


def claim_all(start: Any) -> None:
    """What one process does."""
    SyncRun.objects.exists()  # connected before the start
    start.wait()
    while run := SyncRun.objects.claim("benchmark", LEASE):
        ending.settle(run, Completed(), Snapshot())
    connections.close_all()
