"""PostgreSQL crashes and comes back, again and again, under workers and schedulers that have work to do.

The cluster is this test's own, so that the other tests keep theirs. What it has committed survives a crash, as any
real server's does.
"""

from __future__ import annotations

import time
from contextlib import suppress
from random import Random

import pytest
from django.core.management import call_command
from django.db import Error, connection
from psycopg import connect, sql

from sheetsync.models import SyncRun
from tests.support import databases, postgres
from tests.support.judging_runs import judge_runs
from tests.support.processes import Children, until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.thorough,
    pytest.mark.only_on("postgresql"),
]

RUNS, CRASHES = 24, 15
CLUSTER_CRASHES = 6
"""django-q2 takes no task for ten seconds after each."""
ORDERS = orders_of(15)
SURVIVES_CRASHES = {"synchronous_commit": "on"}
PATIENT = {
    "LEASE_SECONDS": 2,
    "RETRY_BASE_SECONDS": 0.5,
    "RETRY_CAP_SECONDS": 1,
    "RING_AGAIN_SECONDS": 2,
    "MAX_GROUPS_PER_BATCH": 3,
}


@pytest.fixture
def server(transactional_db, monkeypatch):
    """Another cluster, with an empty database of the same name. Until it is gone, this process uses it as well."""
    server = postgres.Server(postgres.find_binaries(), **SURVIVES_CRASHES)
    connection.close()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with connect(dbname="postgres", autocommit=True) as maintenance:
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(connection.settings_dict["NAME"])))
    call_command("migrate", verbosity=0)
    yield server
    connection.close()
    server.stop()


@pytest.fixture
def children(server, world, tmp_path):
    environment = databases.child_environment() | {"SHEETSYNC_SHEETS_URL": world.url, "SHEETSYNC_PACING": "off"}
    with Children(environment, tmp_path) as children:
        children.settings = {"DISPATCH": "polling", "POLL_SECONDS": 0.1, "SCHEDULER_SECONDS": 0.2, **PATIENT}
        yield children


@pytest.fixture
def runs(server, world):
    """Many runs of several batches each, of calls that take a while."""
    world.emulator.faults.add("slow", match="", times=100_000, seconds=0.04)
    tenant = world.tenant(max_concurrent_runs=RUNS)
    automations = [world.automation(tenant, name=f"{number}", orders=ORDERS) for number in range(RUNS)]
    return [run_of(automation, max_attempts=40) for automation in automations]


def crash_now_and_then(server, crashes, seed):
    """Crash it while somebody is at work, so often or until all is done. -> how often"""
    random = Random(seed)
    for crashed in range(crashes):
        until(lambda: all_done() or asked(SyncRun.objects.running().exists), "somebody to work", 120, every=0.1)
        time.sleep(random.uniform(0, 1.5))
        if all_done():
            return crashed
        server.restart()
    return crashes


def asked(question):
    """Its answer; asked anew where the server goes away meanwhile."""
    for _ in range(100):
        with suppress(Error):
            return question()
        connection.close()
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


def all_done():
    return not asked(SyncRun.objects.active().exists)


def done_within(seconds):
    end = time.monotonic() + seconds
    while not (done := all_done()) and time.monotonic() < end:
        time.sleep(0.2)
    return done


def judge(world, runs):
    judge_runs()
    for run in runs:
        run.refresh_from_db()
        assert run.status == "completed", (run.status, run.error)
        assert world.rows(run.automation) == expected(ORDERS)
    attempts = [run.attempts for run in runs]
    print(f"{len(runs)} runs took {sum(attempts)} attempts, {max(attempts)} at most")


def test_workers_and_a_scheduler_survive_a_database_that_crashes(server, children, world, runs):
    processes = [children.scheduler(), children.worker(), children.worker()]
    assert crash_now_and_then(server, CRASHES, seed=1) > CRASHES / 2
    assert done_within(180)
    judge(world, runs)
    assert all(process.is_running for process in processes)
    assert [process.stop() for process in processes] == [0, 0, 0]


def test_runs_of_a_cluster_survive_a_database_that_crashes(server, children, world, settings, request):
    """The cluster too, as far as was seen. But that is django-q2's affair: where it is stuck, a plain worker helps."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "django_q"}
    children.settings["DISPATCH"] = "django_q"
    runs = request.getfixturevalue("runs")
    scheduler, cluster = children.scheduler(), children.qcluster()
    assert crash_now_and_then(server, CLUSTER_CRASHES, seed=2) == CLUSTER_CRASHES
    if not done_within(90):
        print(f"the cluster is stuck, running: {cluster.is_running}")
        children.worker()
        assert done_within(90)
    judge(world, runs)
    assert scheduler.is_running and scheduler.stop() == 0
