"""The life of a django-q2 cluster: it hears the bell, goes when told to, and leaves no run behind."""

from __future__ import annotations

import os
import signal
import time

import pytest

from sheetsync.health import look
from sheetsync.models import Pulse, SyncRun
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = orders_of(90)
PATIENCE = 10


@pytest.fixture
def cluster(children, settings):
    """Starts clusters that work in small batches; what this process asks for is rung for in the same way."""
    children.settings |= {"DISPATCH": "django_q", "MAX_GROUPS_PER_BATCH": 3, "LEASE_SECONDS": 4}
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "django_q"}

    def start():
        cluster = children.qcluster()
        cluster.says("ready for work")
        return cluster

    return start


@pytest.fixture
def long_run(world):
    """A run whose every batch takes a while, until the faults are cleared."""
    world.emulator.faults.add("slow", times=1_000, seconds=0.3)
    return run_of(world.automation(orders=ORDERS))


def in_a_slice(run):
    until(lambda: fresh(run).status == "running" and run.checkpoint.get("cursor"), "the first batches of the run")


def fresh(run):
    run.refresh_from_db()
    return run


def completed(run):
    until(lambda: fresh(run).status not in SyncRun.ACTIVE, "the run to be over")
    return run.status == "completed"


def test_a_run_requested_elsewhere_is_executed_by_a_cluster_that_hears_its_bell(world, cluster):
    cluster()
    run = run_of(world.automation(orders=ORDERS))
    assert completed(run) and run.attempts == 1
    assert world.rows(run.automation) == expected(ORDERS)


def test_a_cluster_that_is_told_to_go_puts_its_run_back_and_ends(cluster, long_run):
    leaving = cluster()
    in_a_slice(long_run)
    began = time.monotonic()
    assert leaving.stop(PATIENCE) == 0
    print(f"gone after {time.monotonic() - began:.1f} s")
    attempt = fresh(long_run).attempt_log.get()
    assert (long_run.status, attempt.outcome, attempt.finished_at) == ("pending", "", None)
    assert not leaving.family()


def test_a_run_that_was_put_back_is_completed_in_the_same_attempt_by_the_next_cluster(world, cluster, long_run):
    leaving = cluster()
    in_a_slice(long_run)
    leaving.stop(PATIENCE)
    world.emulator.faults.clear()
    cluster()
    assert completed(long_run) and long_run.attempts == 1
    assert long_run.attempt_log.get().slices >= 2 and world.rows(long_run.automation) == expected(ORDERS)


def test_a_cluster_whose_main_process_was_killed_puts_its_run_back_and_ends(cluster, long_run):
    orphaned = cluster()
    in_a_slice(long_run)
    orphaned.kill()
    until(lambda: fresh(long_run).status == "pending", "the run to be put back", PATIENCE)
    until(lambda: not orphaned.family(), "the orphans to be gone", PATIENCE)


def test_workers_whose_sentinel_was_killed_put_their_run_back(world, cluster, long_run):
    broken = cluster()
    in_a_slice(long_run)
    held = world.emulator.faults.add("hold")
    assert world.emulator.faults.wait_reached(held)
    (sentinel,) = broken.offspring()
    os.kill(sentinel, signal.SIGKILL)
    broken.wait(PATIENCE)
    world.emulator.faults.release()
    until(lambda: fresh(long_run).status == "pending", "the run to be put back", PATIENCE)


def test_a_cluster_answers_the_canary(children, cluster):
    cluster()
    children.scheduler()
    until(lambda: "workers" in Pulse.objects.ages(), "a worker to answer the canary")
    assert all(finding.ok for finding in look())


def test_a_wedged_cluster_is_told_and_its_run_is_finished_elsewhere(children, cluster, world):
    """All its processes are there, and none of them does anything."""
    wedged = cluster()
    for pid in wedged.family():
        os.kill(pid, signal.SIGSTOP)
    run = run_of(world.automation(orders=ORDERS))
    scheduler = children.scheduler()
    until(lambda: "canary" in Pulse.objects.ages(), "the canary to be sent")
    assert [finding.name for finding in look() if not finding.ok] == ["workers"]
    children.worker().says("ready")
    assert completed(run) and scheduler.is_running
