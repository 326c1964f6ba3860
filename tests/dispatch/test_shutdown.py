"""A worker that is told to go has put its run back within ten seconds, wherever it is; another one finishes it."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from django.db.models import F

from sheetsync.execute.lease import LET_GO
from sheetsync.models import Automation, SyncRun
from sheetsync.models.quota import QuotaBucket
from tests.support.dispatchers import DjangoQ, DjangoQOnRedis, Polling
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = orders_of(30)
PROMISED = 10
AT_ONCE = 5
"""Seconds. Nobody hangs: what has to be waited for is the next look, and a busy machine."""


def on(*kinds):
    return pytest.mark.parametrize("start", kinds, indirect=True, ids=[kind.__name__ for kind in kinds])


everywhere = on(Polling, DjangoQ, DjangoQOnRedis)


@pytest.fixture
def start(request, arranged):
    """Starts what is going to be told to go: a `run_worker`, or a cluster of django-q2's."""
    dispatcher = arranged(request.param)

    def start(**settings):
        if request.param is not Polling:
            return dispatcher.start(MAX_GROUPS_PER_BATCH=3, **settings)[0]
        worker = dispatcher.children.worker(MAX_GROUPS_PER_BATCH=3, **settings)
        worker.says("worker ready")
        return worker

    return start


@pytest.fixture
def run(world):
    return run_of(world.automation(orders=ORDERS))


def fresh(run):
    run.refresh_from_db()
    return run


def has_begun(run):
    until(lambda: fresh(run).status == "running" and run.checkpoint.get("cursor"), "the first batches of the run")


def told_to_go(leaving, run):
    """-> after how many seconds the run was there for others."""
    assert fresh(run).status == "running", run.waiting_for
    began = time.monotonic()
    leaving.signal(signal.SIGTERM)
    until(lambda: fresh(run).status != "running", "the run to be put back", PROMISED + 10)
    took = time.monotonic() - began
    print(f"put back after {took:.1f} s")
    attempt = run.attempt_log.get()
    assert (run.status, attempt.outcome, attempt.finished_at) == ("pending", "", None)
    return took


def finished_by_another(world, children, run):
    """In the same attempt: it was only interrupted."""
    children.worker(DISPATCH="polling")
    until(lambda: fresh(run).status not in SyncRun.ACTIVE, "another worker to finish the run")
    assert list(run.attempt_log.values_list("outcome", flat=True)) == ["succeeded"]
    assert (run.status, run.attempts) == ("completed", 1) and world.rows(run.automation) == expected(ORDERS)
    return True


@everywhere
def test_between_two_batches(world, children, start, run):
    world.emulator.faults.add("slow", times=1_000, seconds=0.3)
    leaving = start()
    has_begun(run)
    assert told_to_go(leaving, run) < AT_ONCE
    assert leaving.wait(PROMISED) == 0 and not leaving.family()
    world.emulator.faults.clear()
    assert finished_by_another(world, children, run)


@on(Polling, DjangoQ)
def test_while_it_waits_for_the_quota(world, children, start, run):
    children.environment["SHEETSYNC_PACING"] = "on"
    leaving = start(LONGEST_WAIT_SECONDS=100)
    has_begun(run)
    QuotaBucket.objects.update(arrival=F("arrival") + 60)
    before = len(world.emulator.calls)
    time.sleep(3)
    assert len(world.emulator.calls) <= before + 2, "it should be waiting by now"
    assert told_to_go(leaving, run) < AT_ONCE
    assert leaving.wait(PROMISED) == 0 and LET_GO not in leaving.output
    children.environment["SHEETSYNC_PACING"] = "off"
    QuotaBucket.objects.all().delete()
    assert finished_by_another(world, children, run)


@on(Polling)
def test_while_a_failed_read_waits_to_be_repeated(world, children, start, run):
    failing = world.emulator.faults.add("status", "spreadsheets", after=2, times=1_000, status=503)
    leaving = start()
    assert world.emulator.faults.wait_reached(failing, 30)
    assert told_to_go(leaving, run) < AT_ONCE
    assert leaving.wait(PROMISED) == 0
    world.emulator.faults.clear()
    assert finished_by_another(world, children, run)


def applied_late(world):
    """Its call arrives when everybody believes that it is lost."""
    held = world.emulator.faults.add("hold", after=4)
    return held, world.emulator.faults.release


def applied_without_an_answer(world):
    """Its call is applied, and the answer does not come."""
    answer = threading.Event()
    held = world.emulator.faults.add("after", after=4, apart=True, call=lambda emulator: answer.wait(60))
    return held, answer.set


def left_while_it_hangs(world, children, start, run, held, end):
    """And nothing of it counts, when its call comes back at last."""
    leaving = start()
    assert world.emulator.faults.wait_reached(held, 30)
    assert told_to_go(leaving, run) < PROMISED
    leaving.says(LET_GO)
    assert Automation.objects.get().unsettled
    assert finished_by_another(world, children, run)
    before = SyncRun.objects.values().get(), whole(world, run)
    end()
    assert leaving.wait(30) == 0 and leaving.output.count(f"run {run.pk}: {LET_GO}") == 2
    return (SyncRun.objects.values().get(), whole(world, run)) == before


@everywhere
def test_in_a_call_that_hangs_and_is_applied_late(world, children, start, run):
    assert left_while_it_hangs(world, children, start, run, *applied_late(world))


@on(Polling)
def test_in_a_call_that_was_applied_and_is_never_answered(world, children, start, run):
    assert left_while_it_hangs(world, children, start, run, *applied_without_an_answer(world))


def whole(world, run):
    return world.emulator.spreadsheet(run.automation.spreadsheet_id).sheet(title="Orders").values()


def test_a_worker_that_hangs_and_is_killed_after_its_grace_has_lost_nothing(world, children, run):
    held, end = applied_late(world)
    leaving = children.worker(DISPATCH="polling", MAX_GROUPS_PER_BATCH=3)
    assert world.emulator.faults.wait_reached(held, 30)
    assert told_to_go(leaving, run) < PROMISED
    leaving.kill()
    end()
    assert finished_by_another(world, children, run)
