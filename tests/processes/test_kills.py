"""Workers killed in the middle of a call: their runs go on with other workers, soon, and leave every row once."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from random import Random

import pytest
from django.db.models.functions import Now

from sheetsync.models import SyncAttempt, SyncRun
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = orders_of(12)
BATCHES = {"MAX_GROUPS_PER_BATCH": 3}
CALLS = 8
"""A fresh run makes so many: it reads the spreadsheet twice, proves itself, makes the tab and commits four batches."""


@dataclass
class Victim:
    """A worker that is held in a call of its run; `killed` by the database's clock."""

    run: SyncRun
    killed: datetime | None = None

    def kill(self) -> None:
        self.killed = SyncRun.objects.filter(pk=self.run.pk).values_list(Now()).get()[0]
        os.kill(int(self.run.lease_worker.rpartition(":")[2]), signal.SIGKILL)


def held_in_calls(world, trials, random):
    """So many workers, out of those that there are, each in the middle of a run of its own, at a random call."""
    tenant = world.tenant(max_concurrent_runs=trials)
    runs = [run_of(world.automation(tenant, name=f"{n}", orders=ORDERS)) for n in range(trials)]
    holds = [
        world.emulator.faults.add("hold", calls_of(run), after=random.randrange(CALLS), name="victim") for run in runs
    ]
    for hold in holds:
        assert world.emulator.faults.wait_reached(hold, 120)
    return [Victim(run) for run in SyncRun.objects.running()]


def calls_of(run):
    return lambda request: request.header("X-Correlation-ID") == run.correlation_id


def recovery_times(world, victims, random, spread):
    """Kill them at random moments within so many seconds. -> how long it took until each run was running again."""
    began = time.monotonic()
    for moment, victim in zip(sorted(random.uniform(0, spread) for _ in victims), victims, strict=True):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        victim.kill()
    world.emulator.faults.release("victim")
    until(lambda: not SyncRun.objects.active().exists(), "every run to be over", 180)
    again = dict(SyncAttempt.objects.filter(number=2).values_list("run_id", "started_at"))
    took = [(again[victim.run.pk] - victim.killed).total_seconds() for victim in victims]
    print(f"running again after {min(took):.1f} to {max(took):.1f} s")
    return took


def all_completed_once(world):
    for run in SyncRun.objects.select_related("automation"):
        assert (run.status, run.attempts) == ("completed", 2)
        assert list(run.attempt_log.values_list("outcome", flat=True)) == ["lost", "succeeded"]
        assert world.rows(run.automation) == expected(ORDERS)
    return True


def of_workers(world, children, trials, survivors, spread):
    random = Random(trials)
    for _ in range(trials):
        children.worker(**BATCHES)
    victims = held_in_calls(world, trials, random)
    for worker in [children.worker() for _ in range(survivors)]:
        worker.says("ready")
    return recovery_times(world, victims, random, spread)


def test_runs_of_killed_workers_go_on_when_their_leases_have_ended(world, children):
    children.settings["LEASE_SECONDS"] = 2
    assert max(of_workers(world, children, trials=3, survivors=1, spread=1)) < 10 and all_completed_once(world)


@pytest.mark.thorough
def test_runs_of_workers_killed_at_default_settings_go_on_within_thirty_seconds(world, children):
    children.settings = {"DISPATCH": "polling"}
    assert max(of_workers(world, children, trials=20, survivors=4, spread=30)) < 30 and all_completed_once(world)


@pytest.mark.thorough
def test_runs_of_cluster_workers_killed_at_default_settings_go_on_within_thirty_seconds(world, children, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "django_q"}
    children.settings = {"DISPATCH": "django_q"}
    random = Random(4)
    children.scheduler()
    for _ in range(2):  # of two workers each
        children.qcluster(**BATCHES)
    victims = held_in_calls(world, 4, random)
    assert max(recovery_times(world, victims, random, spread=20)) < 30 and all_completed_once(world)
