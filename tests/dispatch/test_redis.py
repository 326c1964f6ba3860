"""django-q2's Redis broker gives no receipts, and a server goes away now and then: runs do not mind."""

from __future__ import annotations

import os
import signal
import time

import pytest

from sheetsync.models import SyncRun
from tests.support.dispatchers import DjangoQOnRedis
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.parametrize("kind", [DjangoQOnRedis], ids=[""]),
]

ORDERS = orders_of(12)


@pytest.fixture
def redis(kind, arranged):
    return arranged(kind)


def test_a_run_whose_worker_was_killed_with_the_bell_in_its_hands_is_done_by_another(world, children, redis, all_over):
    redis.start(LEASE_SECONDS=2)
    held = world.emulator.faults.add("hold")
    run = run_of(world.automation(orders=ORDERS))
    assert world.emulator.faults.wait_reached(held, 30) and not redis.waiting()
    run.refresh_from_db()
    os.kill(int(run.lease_worker.rpartition(":")[2]), signal.SIGKILL)
    world.emulator.faults.release()
    children.scheduler()
    all_over()
    assert list(run.attempt_log.values_list("outcome", flat=True)) == ["lost", "succeeded"]
    assert world.rows(run.automation) == expected(ORDERS)


def test_a_server_that_restarts_under_a_running_cluster_loses_bells_and_no_run(world, children, redis, all_over):
    (cluster,) = redis.start()
    children.scheduler(RING_AGAIN_SECONDS=2)
    redis.go_down()
    run = run_of(world.automation(orders=ORDERS))
    until(lambda: "Failed to pull task" in cluster.output, "the cluster to notice")
    redis.come_back()
    all_over()
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("completed", 1) and world.rows(run.automation) == expected(ORDERS)


def test_a_cluster_that_is_told_to_go_while_the_server_is_away_puts_its_run_back(world, redis):
    world.emulator.faults.add("slow", times=1_000, seconds=0.3)
    (cluster,) = redis.start(MAX_GROUPS_PER_BATCH=1)
    run = run_of(world.automation(orders=ORDERS))
    until(lambda: SyncRun.objects.filter(pk=run.pk, checkpoint__cursor__isnull=False).exists(), "its first batches")
    redis.go_down()
    cluster.signal(signal.SIGTERM)
    until(lambda: SyncRun.objects.filter(pk=run.pk, status="pending").exists(), "the run to be put back", 10)
    assert cluster.wait(60) == 0


def test_who_asks_for_a_run_does_not_wait_for_a_server_that_is_away(world, redis):
    redis.go_down()
    began = time.monotonic()
    run_of(world.automation(orders=ORDERS))
    assert time.monotonic() - began < 2


def test_who_asks_for_a_run_waits_for_a_server_that_hangs_no_longer_than_its_address_says(world, redis, monkeypatch):
    monkeypatch.setattr("django_q.conf.Conf.REDIS", f"{redis.server.url}?socket_connect_timeout=1&socket_timeout=1")
    redis.server.hang()
    began = time.monotonic()
    run = run_of(world.automation(orders=ORDERS))
    assert 1 <= time.monotonic() - began < 4 and run.status == "pending"
