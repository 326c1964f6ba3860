"""What holds for every dispatcher: a bell is only a hint, so losing, doubling or delaying it costs nothing but time."""

from __future__ import annotations

import pytest
from django.db import transaction

from sheetsync import dispatch
from sheetsync.models import SyncAttempt, SyncRun
from tests.support import bells
from tests.support.dispatchers import DISPATCHERS
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AUTOMATIONS = 10
RUNS = 50
ORDERS = orders_of(3)


def test_fifty_runs_complete_exactly_once_though_bells_are_lost_doubled_and_mixed_up(
    world, children, dispatcher, post_office, all_over
):
    folder = post_office()
    dispatcher.start()
    children.scheduler(RING_AGAIN_SECONDS=0.5)
    tenants = [world.tenant(), world.tenant("Fern shop")]
    automations = [world.automation(tenants[n % 2], name=f"{n}", orders=ORDERS) for n in range(AUTOMATIONS)]
    for round_number in range(RUNS // AUTOMATIONS):
        orders = orders_of(3, customer=f"customer {round_number}")
        for automation in automations:
            set_orders(automation, orders)
            run_of(automation)
        all_over()
        assert all(world.rows(automation) == expected(orders) for automation in automations)
    runs = SyncRun.objects.prefetch_related("attempt_log")
    ended = [(run.status, run.attempts, [each.outcome for each in run.attempt_log.all()]) for run in runs]
    assert ended == [("completed", 1, ["succeeded"])] * RUNS
    carried = bells.carried(folder)
    assert set(bells.fates(folder)) == {0, 1, 2} and carried != sorted(carried)


def a_run_of(world, name, **values):
    return run_of(world.automation(world.tenant(name), name=name, orders=ORDERS), **values)


def picture():
    return list(SyncRun.objects.order_by("pk").values()), list(SyncAttempt.objects.order_by("pk").values())


def test_bells_for_runs_that_are_gone_finished_or_paused_do_nothing(world, dispatcher, all_over):
    dispatcher.start()
    finished, gone = a_run_of(world, "finished"), a_run_of(world, "gone")
    all_over()
    gone_id = gone.pk
    gone.delete()
    paused = world.automation(name="paused", orders=ORDERS, status="paused")
    asleep = SyncRun.objects.create(tenant=paused.tenant, automation=paused, trigger="manual", max_attempts=5)
    before, calls = picture(), len(world.emulator.calls)
    for run_id in (finished.pk, gone_id, asleep.pk, 10**9, None) * 2:
        assert dispatch.ring(run_id)
    until(lambda: not dispatcher.waiting(), "the bells to be answered")
    assert len(world.emulator.calls) == calls
    last = a_run_of(world, "last")  # answered after them
    until(lambda: SyncRun.objects.filter(pk=last.pk, status="completed").exists(), "a run that is really there")
    last.delete()
    assert picture() == before


def test_a_bell_rung_in_a_transaction_that_is_rolled_back_never_rings(world, dispatcher):
    automation = world.automation(orders=ORDERS)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run_of(automation)
        assert not dispatcher.waiting()
        raise ZeroDivisionError
    assert (dispatcher.waiting(), SyncRun.objects.count(), world.emulator.calls) == (0, 0, [])
    run_of(automation)
    assert dispatcher.waiting() == dispatcher.queued


def a_run_without_a_bell(automation):
    """As it is when the process that asked for it was killed between its commit and the bell."""
    return SyncRun.objects.create(tenant=automation.tenant, automation=automation, trigger="manual", max_attempts=5)


def test_a_bell_for_a_run_that_is_running_elsewhere_does_no_harm(world, children, dispatcher, all_over):
    elsewhere = children.worker(DISPATCH="polling")
    held = world.emulator.faults.add("hold", after=1)
    run = a_run_without_a_bell(world.automation(orders=ORDERS))
    until(held.reached.is_set, "the worker elsewhere to be in its run")
    dispatcher.start()
    for _ in range(3):
        assert dispatch.ring(run.pk)
    other = a_run_of(world, "other")
    until(lambda: SyncRun.objects.filter(pk=other.pk, status="completed").exists(), "another run")
    run.refresh_from_db()
    assert (run.status, run.lease_worker.rpartition(":")[2]) == ("running", str(elsewhere.pid))
    world.emulator.faults.release()
    all_over()
    assert list(run.attempt_log.values_list("outcome", "slices")) == [("succeeded", 1)]
    assert world.rows(run.automation) == expected(ORDERS)


@pytest.mark.parametrize("kind", [each for each in DISPATCHERS if each.queued], ids=lambda kind: kind.__name__)
def test_where_nobody_can_ring_the_run_is_committed_and_rung_for_when_the_queue_is_back(
    world, children, arranged, kind, all_over
):
    dispatcher = arranged(kind)
    dispatcher.go_down()
    run = run_of(world.automation(orders=ORDERS))
    assert dispatch.ring(run.pk) is False
    assert SyncRun.objects.get().status == "pending"
    dispatcher.come_back()
    dispatcher.start()
    children.scheduler(RING_AGAIN_SECONDS=0.5)
    all_over()
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("completed", 1) and world.rows(run.automation) == expected(ORDERS)


def test_a_run_whose_bell_was_never_rung_is_rung_for_by_the_scheduler(world, children, dispatcher, all_over):
    run = a_run_without_a_bell(world.automation(orders=ORDERS))
    children.scheduler().says("rang for 1")
    dispatcher.start()
    all_over()
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("completed", 1) and world.rows(run.automation) == expected(ORDERS)
