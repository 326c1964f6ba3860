"""A lease is renewed while its worker lives, and not when it hangs."""

from __future__ import annotations

import threading
import time
from itertools import count

import pytest
from django.db import connection
from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.errors import Canceled, LeaseLost, ShuttingDown, SliceEnded
from sheetsync.execute import execute_next
from sheetsync.execute.lease import Lease
from sheetsync.models import Automation, DirtyOrder, SyncRun, ending
from sheetsync.models.ending import Snapshot
from tests.support.making import Maker
from tests.support.runs import LEASE, orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def make(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling", "LEASE_SECONDS": 0.4}
    return Maker()


@pytest.fixture
def run(make):
    run_of(make.automation())
    return SyncRun.objects.claim("w", LEASE)


def expired(run):
    return SyncRun.objects.filter(pk=run.pk, lease_expires_at__lt=Now()).exists()


def never():
    return False


def test_it_is_renewed_for_as_long_as_the_worker_works(run):
    with Lease(run, never):
        time.sleep(1.2)
        assert not expired(run) and ending.reap() == []


def test_it_ends_by_itself_when_the_worker_is_gone(run):
    with Lease(run, never):
        time.sleep(0.3)
    time.sleep(0.6)
    assert [lost.pk for lost in ending.reap()] == [run.pk]


def test_a_worker_that_hangs_is_not_kept_alive(run, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SLICE_SECONDS": 0.1, "CONNECT_TIMEOUT": 0.1, "READ_TIMEOUT": 0.1}
    with Lease(run, never):
        time.sleep(1.2)
        assert expired(run)


def test_the_renewing_thread_leaves_no_connection_behind(run):
    before = threading.active_count()
    with Lease(run, never) as lease:
        time.sleep(0.3)
    assert threading.active_count() <= before and not lease._thread.is_alive()


def test_who_lost_it_is_told_at_the_next_check(run):
    with Lease(run, never) as lease:
        ending.release(run, Snapshot(), seconds=0, reason="")
        with pytest.raises(LeaseLost):
            lease.check()
        assert lease.hurry()
        with pytest.raises(LeaseLost):
            lease.stop_if_told()


def test_a_cancel_is_noticed_by_the_next_renewal(run):
    with Lease(run, never) as lease:
        trigger.cancel(run)
        time.sleep(0.4)
        assert lease.hurry()
        with pytest.raises(Canceled):
            lease.stop_if_told()


def test_time_over_and_shutdown_are_pauses(run, settings):
    with Lease(run, lambda: True) as lease, pytest.raises(ShuttingDown):
        lease.stop_if_told()
    settings.SHEETSYNC = settings.SHEETSYNC | {"SLICE_SECONDS": 0.001}
    with Lease(run, never) as lease, pytest.raises(SliceEnded):
        time.sleep(0.01)
        lease.stop_if_told()


def test_a_wait_ends_when_the_worker_is_told_to_go(run):
    told = threading.Event()
    threading.Timer(0.3, told.set).start()
    began = time.monotonic()
    with Lease(run, told.is_set) as lease, pytest.raises(ShuttingDown):
        lease.wait(60)
    assert 0.3 <= time.monotonic() - began < 5 and lease.interrupted


def test_a_wait_ends_when_somebody_cancels_the_run(run):
    trigger.cancel(run)
    with Lease(run, never) as lease, pytest.raises(Canceled):
        lease.wait(60)


def test_a_wait_ends_when_another_worker_has_taken_over(run):
    ending.release(run, Snapshot(), seconds=0, reason="")
    with Lease(run, never) as lease, pytest.raises(LeaseLost):
        lease.wait(60)


def test_a_wait_that_nothing_disturbs_takes_its_time(run):
    began = time.monotonic()
    with Lease(run, never) as lease:
        lease.wait(0.3)
    assert time.monotonic() - began >= 0.3 and not lease.interrupted


def test_the_end_of_a_slice_does_not_disturb_a_wait(run, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SLICE_SECONDS": 0.001}
    with Lease(run, never) as lease:
        lease.wait(0.1)


def hung(run, seconds, **options):
    """A worker that was told to go, and hangs in a call for so long."""
    with Lease(run, lambda: True, grace=0.3, **options) as lease:
        time.sleep(seconds)
    return lease


def test_the_run_of_a_worker_that_was_told_to_go_and_hangs_is_put_back_when_its_grace_is_over(run):
    lease = hung(run, 1)
    left, attempt = SyncRun.objects.get(), run.attempt_log.get()
    assert (left.status, left.rung_at, attempt.outcome) == ("pending", None, "")
    assert Automation.objects.get().unsettled
    with pytest.raises(LeaseLost, match="did not return"):
        lease.check()


def test_a_worker_that_goes_within_its_grace_keeps_its_run_until_then(run):
    hung(run, 0.1)
    assert ending.held(run).exists() and not Automation.objects.get().unsettled


def test_a_canceled_run_of_a_worker_that_hangs_is_canceled_when_its_grace_is_over(run):
    trigger.cancel(run)
    hung(run, 1)
    assert SyncRun.objects.get().status == "canceled" and Automation.objects.get().unsettled


def test_nothing_is_put_back_that_another_worker_has_taken_over(run):
    ending.release(run, Snapshot(), seconds=0, reason="")
    SyncRun.objects.claim("another", LEASE)
    hung(run, 1)
    assert SyncRun.objects.get().lease_worker == "another" and not Automation.objects.get().unsettled


def test_it_shows_that_its_worker_is_alive_while_a_call_takes_long(world):
    world.emulator.faults.add("slow", seconds=1.5)
    run_of(world.automation(orders=orders_of(3)))
    signs = []
    execute_next(alive=lambda: signs.append(threading.current_thread()))
    assert len(signs) > 3 and threading.main_thread() not in signs


def doubtful(world, **faults):
    """A run whose second write is in doubt, and which then waits before it looks again. -> it, and its automation"""
    automation = world.automation(orders=orders_of(9))
    late = world.emulator.faults.add("late", after=3)
    world.emulator.faults.add("status", lambda request: late.reached.is_set(), times=100, status=503)
    return run_of(automation), automation, late


def test_a_worker_told_to_go_in_a_wait_with_a_call_in_doubt_leaves_the_doubt_to_the_next(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 3}
    run, automation, late = doubtful(world)
    execute_next(stop=late.reached.is_set)
    run.refresh_from_db(), automation.refresh_from_db()
    assert (run.status, automation.unsettled) == ("pending", True)
    world.emulator.faults.clear()
    execute_next()
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("completed", 1)


def test_a_run_canceled_in_a_wait_with_a_call_in_doubt_leaves_the_doubt_to_the_next(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 3, "LEASE_SECONDS": 0.4}
    run, automation, late = doubtful(world)
    execute_next(stop=lambda: late.reached.is_set() and not trigger.cancel(run))
    run.refresh_from_db(), automation.refresh_from_db()
    assert (run.status, automation.unsettled) == ("canceled", True)


def test_a_call_longer_than_the_lease_does_not_lose_it(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"LEASE_SECONDS": 0.4}
    world.emulator.faults.add("slow", seconds=1.5)
    run = run_of(world.automation(orders=orders_of(3)))
    reaped = []
    reaper = threading.Thread(target=lambda: reaped.extend(_reap_for(1.5)))
    reaper.start()
    execute_next()
    reaper.join()
    run.refresh_from_db()
    assert (reaped, run.status, run.attempts) == ([], "completed", 1)


def _reap_for(seconds):
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield from ending.reap()
            time.sleep(0.05)
    finally:
        connection.close()


def test_an_automation_paused_in_the_moment_its_run_ends_gets_no_follower(world):
    automation = world.automation(orders=orders_of(3))
    run = run_of(automation)
    run_of(automation, order_ids=["00001"])
    # Around trigger.pause, which would cancel the run: the worker is past its last look.
    asked = count()
    mine = threading.main_thread()
    execute_next(
        stop=lambda: (
            threading.current_thread() is mine and next(asked) == 2 and not Automation.objects.update(status="paused")
        )
    )
    run.refresh_from_db()
    assert run.status == "completed"
    assert SyncRun.objects.get() == run and DirtyOrder.objects.exists()
