"""The life of a django-q2 cluster: it hears the bell, goes when told to, and leaves no run behind."""

from __future__ import annotations

import os
import re
import signal
import time
from datetime import timedelta

import pytest
from django.db.models import F

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


def workers_of(cluster):
    return [int(pid) for pid in re.findall(r"ready for work at (\d+)", cluster.output)]


def wedged(cluster):
    """A cluster whose idle workers were killed, as by a kernel without memory.

    One of them had the lock of the queue between them. The sentinel starts others, which wait for that lock: all
    processes are there, take tasks from the broker even, and none is ever done (django-q2 #23).
    """
    cluster = cluster()
    until(lambda: len(workers_of(cluster)) == 2, "both workers")
    until(lambda: "cluster" in Pulse.objects.ages(), "the cluster to answer the canary")
    time.sleep(0.5)  # until they wait for the next task
    for pid in workers_of(cluster):
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(workers_of(cluster)) == 4, "the sentinel to have replaced them")
    assert len(cluster.family()) == 6  # main process, sentinel, two workers, monitor, pusher
    return cluster


def pass_over(seconds):
    """As if so much time had gone by since each sign of life."""
    Pulse.objects.update(beaten_at=F("beaten_at") - timedelta(seconds=seconds))


def not_well():
    return [finding.name for finding in look() if not finding.ok]


def test_a_wedged_cluster_is_told_of_and_its_runs_are_finished_elsewhere(children, cluster, world, client):
    children.scheduler()
    stuck = wedged(cluster)
    pass_over(31)
    until(lambda: Pulse.objects.ages()["canary"] < 20, "the next canary to be sent")
    pass_over(50)
    until(lambda: Pulse.objects.ages()["scheduler"] < 20, "the scheduler to look")
    assert not_well() == ["workers", "cluster"] and client.get("/readyz").status_code == 503
    run = run_of(world.automation(orders=ORDERS))
    children.worker().says("ready")
    assert completed(run) and run.attempts == 1
    assert not_well() == ["cluster"] and client.get("/readyz").status_code == 200
    assert stuck.is_running and "has not answered for" in look()[3].detail


def test_a_cluster_that_replaces_a_wedged_one_is_well_again_without_a_run(children, cluster, client):
    children.scheduler()
    wedged(cluster).end()
    pass_over(120)
    assert client.get("/readyz").status_code == 503
    cluster()
    until(lambda: not not_well(), "all to be well", 20)
    assert client.get("/readyz").status_code == 200


@pytest.mark.thorough
@pytest.mark.long
def test_a_wedged_cluster_is_told_of_within_ninety_seconds(children, cluster, client):
    scheduler = children.scheduler()
    wedged(cluster)
    began = time.monotonic()
    until(lambda: client.get("/readyz").status_code == 503, "the wedge to be noticed", 90, every=0.5)
    print(f"noticed after {time.monotonic() - began:.0f} s")
    scheduler.says("the sheetsync cluster has not answered for", 90 - (time.monotonic() - began))


def test_a_cluster_answers_the_canary(children, cluster):
    cluster()
    children.scheduler()
    until(lambda: "cluster" in Pulse.objects.ages(), "a worker to answer the canary")
    assert not_well() == []


def test_a_cluster_with_much_to_do_is_not_taken_for_wedged(world, cluster, long_run):
    """Its canary waits behind long runs: what they do shows that it lives."""
    cluster()
    in_a_slice(long_run)
    held = world.emulator.faults.add("hold")
    assert world.emulator.faults.wait_reached(held)
    pass_over(1_000)
    until(lambda: Pulse.objects.ages()["cluster"] < 100, "a sign of life in the middle of a run", 20)
    assert fresh(long_run).status == "running"
    world.emulator.faults.release()
