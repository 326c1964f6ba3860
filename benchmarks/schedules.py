"""What a look at the clock costs: by how much is due, not by how much is stored; and how many runs it starts a second.

python -m benchmarks.schedules [stored]
DJANGO_DATABASE=postgresql python -m benchmarks.schedules [stored]
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median

from django.db import connection

from benchmarks import service  # sets Django up, so it comes first
from sheetsync.models import Automation, GoogleAccount, Source, SyncRun, Tenant
from sheetsync.scheduler import tick

FEW = 1_000
DUE, MANY_DUE = 100, 10_000
LOOKS = 31
YEARLY = "0 0 1 1 *"


def line_up(stored: int) -> None:
    """So many automations with a schedule, none of them due."""
    tenant = Tenant.objects.create(name="Benchmark")
    GoogleAccount.objects.create(tenant=tenant, kind="oauth", subject="1", email="a@example.com", is_default=True)
    source = Source.objects.create(tenant=tenant, name="file", kind="file", config={"path": "orders.jsonl"})
    later = datetime.now(UTC) + timedelta(days=30)
    for first in range(0, stored, 10_000):
        Automation.objects.bulk_create(
            (
                Automation(
                    tenant=tenant,
                    source=source,
                    name=f"{number}",
                    spreadsheet_id=f"{number}",
                    status=Automation.Status.ACTIVE,
                    cron=YEARLY,
                    schedule_enabled=True,
                    next_slot_at=later + timedelta(seconds=number % 86_400),
                    next_run_at=later + timedelta(seconds=number % 86_400),
                )
                for number in range(first, min(first + 10_000, stored))
            ),
            batch_size=1_000,
        )


def seconds_of_a_look(due: int) -> float:
    """The time of one look that starts so many, everything else being as it was before."""
    SyncRun.objects.all().delete()
    ids = list(Automation.objects.order_by("pk").values_list("pk", flat=True)[:due])
    now = datetime.now(UTC)
    for first in range(0, due, 500):
        some = Automation.objects.filter(pk__in=ids[first : first + 500])
        some.update(next_slot_at=now, next_run_at=now, scheduler_locked_until=None)
    started, found = time.perf_counter(), 0
    while found < due:
        found += tick(now).started
    return time.perf_counter() - started


def median_look() -> float:
    """Of some, after the first, which finds nothing in any cache."""
    return median([seconds_of_a_look(DUE) for _ in range(LOOKS)][1:])


def settle() -> None:
    """What the database does by itself, given time: else it does it while the looks are measured."""
    statements = ("VACUUM ANALYZE", "CHECKPOINT") if connection.vendor == "postgresql" else ("ANALYZE",)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def main(stored: int) -> None:
    """Print a ratio and a rate."""
    with service.running():
        print(service.describe_database())
        line_up(FEW)
        settle()
        few = median_look()
        Tenant.objects.all().delete()
        line_up(stored)
        settle()
        many = median_look()
        print(f"time of a look with {DUE} schedules due, out of {stored:,} stored / out of {FEW:,}")
        print(f"  {many / few:.2f} ({many * 1000:.0f} ms / {few * 1000:.0f} ms)")
        seconds = seconds_of_a_look(min(MANY_DUE, stored))
        print(f"{min(MANY_DUE, stored):,} schedules due at one instant, by one scheduler")
        print(f"  all have their run row after {seconds:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
