"""A burst becomes one run, soon; a stream keeps nobody waiting; what comes during a run is looked at after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.execute import execute_next
from sheetsync.models import DirtyOrder, SyncRun
from sheetsync.models.fields import atomic, database_time
from sheetsync.scheduler import tick
from tests.support.runs import LEASE, expected, orders_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)

RUNG: list[int | None] = []


def bell(run_id):
    """The dispatch of these tests: it only notes who rang."""
    if run_id is not None:  # else it is the canary's
        RUNG.append(run_id)


@pytest.fixture
def automation(make, settings):
    RUNG.clear()
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "tests.webhooks.test_debounce.bell"}
    return make.automation()


def reported(automation, *order_ids):
    return trigger.request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=order_ids).run


def delay(run):
    """For how long it waits from its birth."""
    run.refresh_from_db()
    return (run.next_attempt_at - run.created_at).total_seconds()


def let_two_seconds_pass():
    SyncRun.objects.filter(status="pending").update(next_attempt_at=F("next_attempt_at") - timedelta(seconds=2))


def test_a_webhooks_run_is_ready_two_seconds_after_it_was_born(automation):
    run = reported(automation, "7")
    assert delay(run) == pytest.approx(2, abs=0.01)
    assert not SyncRun.objects.claim("w", LEASE) and RUNG == []
    let_two_seconds_pass()
    assert SyncRun.objects.claim("w", LEASE) == run


def test_what_comes_later_does_not_put_it_off(automation):
    run = reported(automation, "7")
    before = SyncRun.objects.get().next_attempt_at
    assert reported(automation, "8") == run and SyncRun.objects.get().next_attempt_at == before


def test_the_scheduler_rings_when_it_is_ready_and_not_before(automation):
    run = reported(automation, "7")
    assert tick().rung == 0
    let_two_seconds_pass()
    assert (tick().rung, tick().rung, RUNG) == (1, 0, [run.pk])


@pytest.mark.parametrize("trigger_", ["manual", "replay"])
def test_whoever_asks_by_hand_does_not_wait(automation, trigger_):
    run = trigger.request_run(automation, trigger=trigger_, order_ids=["7"]).run
    assert delay(run) == 0 and run.pk in RUNG


def test_without_a_debounce_it_is_ready_at_once(automation, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"WEBHOOK_DEBOUNCE_SECONDS": 0}
    run = reported(automation, "7")
    assert delay(run) == 0 and [run.pk] == RUNG


@pytest.mark.parametrize(
    ("ago", "least", "most"),
    [
        (0, 1.5, 2),  # just now: others may follow it
        (1.5, 0, 0.6),  # it has waited for most of it
        (60, 0, 0),  # it has waited long enough
        (-3_600, 1.9, 2.01),  # a web server whose clock is an hour ahead
    ],
)
def test_what_came_during_a_run_waits_as_long_as_if_there_had_been_none(automation, ago, least, most):
    reported(automation, "7")
    let_two_seconds_pass()
    run = SyncRun.objects.claim("w", LEASE)
    reported(automation, "8")
    DirtyOrder.objects.update(seen_at=datetime.now(UTC) - timedelta(seconds=ago))
    SyncRun.objects.update(status="completed", finished_at=Now(), lease_token=None, lease_expires_at=None)
    RUNG.clear()
    with atomic(SyncRun):
        after = trigger.follow_up(run, trigger.locked(automation.pk))
    assert least <= delay(after) <= most
    assert bool(RUNG) is (delay(after) == 0)


def test_orders_that_nobody_looked_at_are_not_kept_waiting(automation):
    """The scheduler found them without a run."""
    DirtyOrder.objects.create(automation=automation, order_id="7")
    assert trigger.request_changed(automation) and delay(SyncRun.objects.get()) == 0


def test_a_schedules_time_does_not_wait_behind_it(automation):
    automation.cron, automation.schedule_enabled, automation.exact = "0 6 * * *", True, True
    automation.next_run_at = database_time(SyncRun)
    automation.save()
    run = reported(automation, "7")
    assert tick().started == 1
    run.refresh_from_db()
    assert (run.mode, delay(run) <= 2.01) == ("full", True)


def test_a_burst_is_one_run_with_each_order_fetched_and_written_once(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"WEBHOOK_DEBOUNCE_SECONDS": 2.0}
    automation = world.automation(orders=orders_of(5))
    trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL)
    execute_next()
    set_orders(automation, orders_of(5, customer="changed"))
    for number in [1, 2, 3] * 10:
        reported(automation, f"{number:05}")
    let_two_seconds_pass()
    run = execute_next()
    run.refresh_from_db()
    assert (run.status, run.counters["updated"], SyncRun.objects.count()) == ("completed", 3, 2)
    changed = {**expected(orders_of(5)), **expected(orders_of(3, customer="changed"))}
    assert world.rows(automation) == changed and not DirtyOrder.objects.exists()
