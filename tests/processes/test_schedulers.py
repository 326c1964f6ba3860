"""Four schedulers on one database, killed again and again: every time of every schedule gets its run, once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.db.models import Count

from sheetsync.models import Automation, SyncRun
from tests.support.making import Maker
from tests.support.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SCHEDULERS = 4
KILLS = 3


def line_up(number: int) -> None:
    """So many yearly automations of one tenant, all due now for the same time."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    model = Maker().automation()
    Automation.objects.bulk_create(
        (
            Automation(
                tenant=model.tenant,
                source=model.source,
                name=f"{n}",
                spreadsheet_id=f"due {n}",
                status="active",
                cron="0 0 1 1 *",
                schedule_enabled=True,
                next_slot_at=now,
                next_run_at=now,
            )
            for n in range(number)
        ),
        batch_size=1_000,
    )


def kill_now_and_then(children, schedulers, random, every):
    """Until nothing is due, kill one every so many seconds, at least a few, and start another in its place."""
    kills = 0
    while kills < KILLS or Automation.objects.due(datetime.now(UTC)).exists():
        time.sleep(random.uniform(0.5, 1.5) * every)
        victim = schedulers.pop(random.randrange(SCHEDULERS))
        victim.kill()
        schedulers.append(children.scheduler())
        kills += 1
    return kills


def raced(children, number, every):
    line_up(number)
    due = Automation.objects.filter(schedule_enabled=True)
    began = time.monotonic()
    schedulers = [children.scheduler() for _ in range(SCHEDULERS)]
    kills = kill_now_and_then(children, schedulers, Random(number), every)
    until(lambda: not due.filter(next_run_at__lte=datetime.now(UTC)).exists(), "all schedules to have moved on", 300)
    seconds = time.monotonic() - began
    print(
        f"\n{number} slots by {SCHEDULERS} schedulers, {kills} killed: {seconds:.1f} s, {number / seconds:.0f} a second"
    )
    return due


def judge(due, number):
    doubled = SyncRun.objects.values("automation").annotate(runs=Count("pk")).filter(runs__gt=1)
    assert not doubled.exists()
    assert SyncRun.objects.filter(trigger="schedule", automation__in=due).count() == number
    assert not due.exclude(next_slot_at__gt=datetime.now(UTC) - timedelta(minutes=1)).exists()


def test_killed_schedulers_neither_lose_nor_double_a_time(children):
    judge(raced(children, 1_500, every=0.7), 1_500)


@pytest.mark.thorough
def test_as_many_claims_as_a_big_site_has(children):
    number = 100_000 if connection.vendor == "postgresql" else 20_000
    judge(raced(children, number, every=4), number)
