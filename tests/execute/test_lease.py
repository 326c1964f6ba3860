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
    assert threading.active_count() == before and not lease._thread.is_alive()


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
    execute_next(stop=lambda: next(asked) == 2 and not Automation.objects.update(status="paused"))
    run.refresh_from_db()
    assert run.status == "completed"
    assert SyncRun.objects.get() == run and DirtyOrder.objects.exists()
