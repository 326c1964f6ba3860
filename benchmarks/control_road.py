"""What the control road costs: statements and bytes as counts, time as ratios measured in the same run.

python -m benchmarks.control_road [orders]
DJANGO_DATABASE=postgresql python -m benchmarks.control_road [orders]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from benchmarks import service  # sets Django up, so it comes first
from benchmarks.claims import compare_claims
from benchmarks.shop import COLUMNS, Shop
from sheetsync.execute import execute_next, opening
from sheetsync.export import column_specs, export
from sheetsync.models import Automation, GoogleAccount, Source, SyncRun, Tenant
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sheets.tab import Tab, TabSpec
from sheetsync.trigger import request_run

TIMES = 5
ORDERS_PER_BATCH = 10
MOST = 1 + 11 * ORDERS_PER_BATCH
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Bench:
    """One tenant with a file of orders, and as many automations of it as are asked for."""

    def __init__(self, running: service.Service, orders: int) -> None:
        self.running = running
        self.path = running.folder / "orders.jsonl"
        self.fill(orders)
        self.tenant = Tenant.objects.create(name="Benchmark")
        self.account = GoogleAccount.link_service_account(self.tenant, running.key)
        self.source = Source.objects.create(
            tenant=self.tenant, name="file", kind="file", config={"path": str(self.path)}
        )

    def fill(self, orders: int, edited: int = 0) -> None:
        """The file holds the first so many orders of the shop, and somebody has edited the first of them."""
        found = list(Shop.opened(orders).orders.values())
        for order in found[:edited]:
            order["paid"] = not order["paid"]
        self.path.write_text("".join(json.dumps(order) + "\n" for order in found))

    def automation(self) -> Automation:
        """One with a spreadsheet of its own, a row per line."""
        automation = Automation.objects.create(
            tenant=self.tenant,
            source=self.source,
            name="Benchmark",
            spreadsheet_id=self.running.spreadsheet("Benchmark"),
            rows_per=RowsPer.LINE,
            status=Automation.Status.ACTIVE,
        )
        automation.set_columns(COLUMNS)
        return automation


def execute(automation: Automation) -> SyncRun:
    """One whole run, in one slice."""
    run = request_run(automation, trigger=SyncRun.Trigger.MANUAL).run
    execute_next()
    run.refresh_from_db()
    if run.status != SyncRun.Status.COMPLETED:
        raise SystemExit(f"the run is {run.status}: {run.error_type} {run.error}")
    return run


@dataclass(frozen=True)
class Cost:
    """Statements that read or write rows, and statements that begin and end transactions."""

    rows: float
    control: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.rows - other.rows, self.control - other.control)

    def __truediv__(self, number: int) -> Cost:
        return Cost(self.rows / number, self.control / number)

    def __str__(self) -> str:
        return f"{self.rows:g} + {self.control:g}"


def counted(work: Callable[[], Any]) -> Cost:
    """What it asks of the database, by this thread's connection."""
    with CaptureQueriesContext(connection) as captured:
        work()
    control = sum(query["sql"].startswith(CONTROL) for query in captured)
    return Cost(len(captured) - control, control)


def statements(bench: Bench) -> None:
    """How many statements a run takes, and how many each batch adds to it."""
    print("statements, + those that begin and end transactions")
    for name, pace in (("without pacing", None), ("with pacing", 60_000_000.0)):
        given = settings.SHEETSYNC | dict.fromkeys(service.RATES, pace) | {"MAX_GROUPS_PER_BATCH": ORDERS_PER_BATCH}
        with override_settings(SHEETSYNC=given):
            automation = bench.automation()
            bench.fill(1)
            execute(automation)
            unchanged = counted(run_of(automation))
            new, edited = (per_batch(bench, automation, edited=each) for each in (False, True))
        print(f"  {name:<18} {unchanged} a run without changes, {new} a batch of new orders, {edited} of edited ones")


def per_batch(bench: Bench, automation: Automation, *, edited: bool) -> Cost:
    """What each batch adds: a run of ten batches less a run of one, by nine. The orders are new, or edited."""
    costs = []
    for batches in (1, 11):
        changed = ORDERS_PER_BATCH * batches
        bench.fill(MOST if edited else 1 + changed, edited=changed if edited else 0)
        costs.append(counted(run_of(automation)))
    return (costs[1] - costs[0]) / 9


def run_of(automation: Automation) -> Callable[[], Any]:
    """The execution of a run that has been asked for already."""
    request_run(automation, trigger=SyncRun.Trigger.MANUAL)
    return execute_next


def overhead(bench: Bench, orders: int) -> None:
    """The time of a durable run against that of a bare export of the same orders by the same client."""
    bench.fill(orders)
    print(f"time of a run of {orders:,} orders / of a bare export of them, median of {TIMES}")
    times: dict[str, list[tuple[float, float]]] = {"first": [], "nothing to change": []}
    for number in range(TIMES):
        works: list[Callable[[], Any]]
        works = [partial(execute, bench.automation()), partial(bare_export, bench.automation())]
        for name in times:
            turn = (timed(works[number % 2]), timed(works[1 - number % 2]))  # now one is first, now the other
            times[name].append(turn if number % 2 == 0 else (turn[1], turn[0]))
    for name, pairs in times.items():
        ratios = sorted(run / export for run, export in pairs)
        print(f"  {name:<18} {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


def bare_export(automation: Automation) -> None:
    """The data road alone: no run, no lease, no checkpoint."""
    client = opening.open_client(opening.account_of(automation), SyncRun(correlation_id="bare"))
    job = opening.open_job(automation)
    spec = TabSpec(title=automation.tab_title, columns=column_specs(job.columns))
    source = automation.source.open(job.rows_per, Tally())
    export(job, source, Tab(client, automation.spreadsheet_id, spec).open(), lambda report: None)
    client.gateway.session.close()


def timed(work: Callable[[], Any]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def checkpoints(bench: Bench) -> None:
    """How many bytes a run writes to its row with every batch."""
    run = execute(bench.automation())
    parts = {name: len(json.dumps(getattr(run, name))) for name in ("checkpoint", "counters", "warnings")}
    cursor = len(run.checkpoint["cursor"])
    print(f"bytes of JSON written with each batch: {sum(parts.values())}")
    print("  " + ", ".join(f"{name} {size}" for name, size in parts.items()) + f"; of the checkpoint cursor {cursor}")


def main(orders: int) -> None:
    """Print what each of them found."""
    with service.running() as running:
        print(service.describe_database())
        bench = Bench(running, orders)
        checkpoints(bench)
        statements(bench)
        overhead(bench, orders)
        compare_claims()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
