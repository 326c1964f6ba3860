"""The clock starts what is due, once, and finds what was lost or forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.errors import BadColumn
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, SyncRun, ending
from sheetsync.models.ending import Snapshot
from sheetsync.models.fields import database_time
from sheetsync.outcome import Completed, Failed
from sheetsync.scheduler import slots, tick
from tests.support.making import Maker
from tests.support.runs import LEASE, run_of

pytestmark = pytest.mark.django_db(transaction=True)

SIX = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUNG: list[int | None] = []


def bell(run_id):
    """The dispatch of these tests: it only notes who rang."""
    if run_id is not None:  # else it is the canary's
        RUNG.append(run_id)


@pytest.fixture
def make(settings):
    RUNG.clear()
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "tests.test_scheduler.bell", "WEBHOOK_DEBOUNCE_SECONDS": 0}
    return Maker()


def daily(make, **values):
    return make.automation(cron="0 6 * * *", schedule_enabled=True, exact=True, next_run_at=SIX, **values)


def test_a_due_automation_gets_a_run_for_its_slot_and_its_next_time(make):
    automation = daily(make)
    assert tick(SIX).started == 1
    automation.refresh_from_db()
    run = SyncRun.objects.get()
    assert (run.trigger, run.slot, automation.next_run_at) == ("schedule", SIX, SIX + timedelta(days=1))


def test_a_slot_is_used_once(make):
    daily(make)
    assert [tick(SIX).started, tick(SIX).started] == [1, 0]


def test_missed_slots_become_one_run(make):
    automation = daily(make)
    later = SIX + timedelta(days=3, hours=1)
    assert tick(later).started == 1
    automation.refresh_from_db()
    assert automation.next_run_at == SIX + timedelta(days=4)


def test_after_a_long_outage_the_run_is_for_a_time_that_is_not_long_ago(make):
    daily(make)
    tick(SIX + timedelta(days=3, hours=1))
    assert SyncRun.objects.get().slot == SIX + timedelta(days=3)


def test_a_time_that_was_missed_for_too_long_is_not_made_up_for(make):
    automation = make.automation(cron="0 6 1 * *", schedule_enabled=True, exact=True, next_run_at=SIX)
    assert tick(SIX + timedelta(days=2)).started == 0
    automation.refresh_from_db()
    assert automation.next_run_at == datetime(2026, 4, 1, 6, tzinfo=UTC) and not automation.problem


def test_a_run_comes_a_little_after_the_time_it_is_for(make):
    # By how much, its id says; that of one in three hundred says: by nothing.
    automation = make.automation(pk=1_000_007, cron="0 6 * * *", schedule_enabled=True)
    automation.plan_next_run(SIX - timedelta(hours=1))
    automation.save()
    assert 0 < automation.lateness.total_seconds() < 300
    assert [tick(SIX).started, tick(SIX + automation.lateness).started] == [0, 1]
    assert SyncRun.objects.get().slot == SIX


def test_a_schedule_changed_meanwhile_is_followed_at_once(make):
    automation = daily(make)
    automation.cron = "0 5 * * *"
    automation.plan_next_run(SIX - timedelta(minutes=1))
    automation.save()
    assert tick(SIX).started == 0


def test_what_another_scheduler_has_claimed_is_left_to_it_until_the_claim_runs_out(make):
    daily(make)
    Automation.objects.claim_due(SIX, timedelta(seconds=10), 10)
    assert [tick(SIX).started, tick(SIX + timedelta(seconds=11)).started] == [0, 1]


def test_a_scheduler_that_is_told_to_stop_leaves_the_rest_due(make):
    daily(make)
    assert tick(SIX, stop=lambda: True).started == 0
    assert tick(SIX).started == 1


def test_more_than_fit_in_one_transaction_are_started_in_one_look(make, monkeypatch):
    monkeypatch.setattr(slots, "AT_ONCE", 2)
    for _ in range(5):
        daily(make)
    found = tick(SIX)
    assert (found.started, found.more) == (5, False)


def test_one_look_does_not_start_everything_where_that_is_much(make, monkeypatch):
    monkeypatch.setattr(slots, "AT_ONCE", 2)
    monkeypatch.setattr(slots, "BATCHES", 2)
    for _ in range(5):
        daily(make)
    looks = [tick(SIX), tick(SIX)]
    assert [(found.started, found.more) for found in looks] == [(4, True), (1, False)]


def test_without_a_time_it_is_the_databases(make):
    daily(make)
    assert abs(database_time(SyncRun) - datetime.now(UTC)) < timedelta(seconds=2)
    assert tick().started == 1
    assert Automation.objects.get().next_run_at > datetime.now(UTC)


def test_a_slot_that_had_its_run_gets_no_other(make):
    """As after an automation's row was restored from a backup."""
    automation = daily(make)
    run_of(automation)
    SyncRun.objects.update(slot=SIX, status="completed", finished_at=Now())
    assert tick(SIX).started == 0
    automation.refresh_from_db()
    assert automation.next_run_at == SIX + timedelta(days=1) and not automation.problem


def test_an_automation_whose_account_is_broken_says_so_and_its_time_stands_still(make):
    automation = daily(make)
    GoogleAccount.objects.update(status=GoogleAccount.Status.NEEDS_OWNER, problem="revoked")
    assert tick(SIX).started == 0
    automation.refresh_from_db()
    assert "connected again" in automation.hold() and automation.next_run_at == SIX


def test_a_time_that_was_refused_is_made_up_for_and_the_next_one_comes_as_well(make):
    daily(make)
    GoogleAccount.objects.update(status=GoogleAccount.Status.NEEDS_OWNER)
    assert tick(SIX).started == 0
    GoogleAccount.objects.update(status=GoogleAccount.Status.ACTIVE)
    assert tick(SIX + timedelta(hours=1)).started == 1
    SyncRun.objects.update(status="completed", finished_at=Now())
    assert tick(SIX + timedelta(days=1)).started == 1
    assert set(SyncRun.objects.values_list("slot", flat=True)) == {SIX, SIX + timedelta(days=1)}


def test_an_automation_paused_after_it_was_claimed_is_left_alone(make):
    automation = daily(make)
    ids = Automation.objects.claim_due(SIX, timedelta(seconds=10), 10)
    trigger.pause(automation)
    assert slots._start(ids, SIX) == 0
    automation.refresh_from_db()
    assert (automation.next_run_at, automation.problem) == (SIX, "")


@pytest.mark.parametrize(
    "values", [{"status": "paused"}, {"schedule_enabled": False}, {"next_run_at": SIX + timedelta(seconds=1)}]
)
def test_what_is_not_due_is_left_alone(make, values):
    Automation.objects.filter(pk=daily(make).pk).update(**values)
    assert not tick(SIX) and not SyncRun.objects.exists()


def test_a_slot_during_a_run_is_passed_over(make):
    automation = daily(make)
    run_of(automation)
    assert tick(SIX).started == 0
    automation.refresh_from_db()
    assert SyncRun.objects.count() == 1 and automation.next_run_at > SIX


def orders_run(automation, **values):
    return run_of(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=["1"], **values)


def test_a_waiting_run_for_changed_orders_becomes_the_schedules(make):
    automation = daily(make)
    waiting = orders_run(automation)
    assert tick(SIX).started == 1
    run = SyncRun.objects.get()
    automation.refresh_from_db()
    assert (run.pk, run.mode, run.slot, run.again) == (waiting.pk, "full", SIX, True)
    assert automation.next_run_at == SIX + timedelta(days=1) and DirtyOrder.objects.exists()


def test_a_time_that_comes_while_changed_orders_are_looked_at_is_next_in_line(make):
    automation = daily(make)
    orders_run(automation)
    run = SyncRun.objects.claim("w", LEASE)
    assert tick(SIX).started == 0
    orders_run(automation)  # shops go on reporting, so that the next run would be for changed orders again
    run.refresh_from_db()
    follower = ending_of(run)
    automation.refresh_from_db()
    assert (follower.trigger, follower.mode, follower.again) == ("schedule", "full", True)
    assert follower.slot is not None and automation.next_run_at > database_time(SyncRun)


def ending_of(run):
    """What the worker does when it is done with a run that something came behind."""
    assert not ending.settle(run, Completed(), Snapshot())
    with transaction.atomic():
        automation = trigger.locked(run.automation_id)
        assert ending.settle(run, Completed(), Snapshot(), followed=True)
        return trigger.follow_up(run, automation)


def test_a_time_that_waits_behind_a_run_is_looked_at_again_when_that_has_failed(make):
    automation = daily(make)
    orders_run(automation)
    run = SyncRun.objects.claim("w", LEASE)
    tick(SIX)
    ending.settle(run, Failed(), Snapshot(), BadColumn("x"))
    assert tick(SIX + timedelta(seconds=5)).started == 0  # still claimed
    assert tick(SIX + timedelta(seconds=11)).started == 1
    assert SyncRun.objects.latest("pk").slot == SIX


def test_one_automation_that_cannot_be_scheduled_does_not_stop_the_others(make):
    poisoned, sound = daily(make), daily(make)
    Automation.objects.filter(pk=poisoned.pk).update(cron="nonsense", next_run_at=SIX - timedelta(hours=1))
    assert tick(SIX).started == 1
    poisoned.refresh_from_db()
    assert SyncRun.objects.get().automation == sound
    assert "nonsense" in poisoned.problem and poisoned.next_run_at == SIX + timedelta(hours=1)


def test_the_run_of_a_lost_worker_is_taken_back_and_rung_for(make):
    run = run_of(make.automation())
    SyncRun.objects.claim("w", LEASE)
    SyncRun.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    RUNG.clear()
    assert (tick(SIX).reaped, RUNG) == (1, [run.pk])


def test_a_bell_that_nobody_answered_is_rung_again_after_a_while_and_not_at_every_look(make):
    run = run_of(make.automation())
    RUNG.clear()
    assert tick(SIX).rung == 0
    SyncRun.objects.update(rung_at=Now() - timedelta(seconds=31))
    assert [tick(SIX).rung, tick(SIX).rung, RUNG] == [1, 0, [run.pk]]


def test_bells_do_not_pile_up_while_no_worker_is_there(make):
    tenant = make.tenant()
    for _ in range(30):
        run_of(make.automation(tenant))
    RUNG.clear()
    for _ in range(5):
        SyncRun.objects.update(rung_at=Now() - timedelta(seconds=31))
        tick(SIX)
        assert [tick(SIX).rung for _ in range(3)] == [0, 0, 0]
    assert len(RUNG) == 5 * 10


def test_a_retry_is_rung_for_when_its_time_has_come(make):
    run = run_of(make.automation())
    ending.release(SyncRun.objects.claim("w", LEASE), Snapshot(), seconds=60, reason="quota")
    RUNG.clear()
    assert tick(SIX).rung == 0
    SyncRun.objects.update(next_attempt_at=Now())
    assert [tick(SIX).rung, RUNG] == [1, [run.pk]]


def test_changed_orders_that_no_run_will_look_at_get_one(make):
    automation = make.automation()
    DirtyOrder.objects.create(automation=automation, order_id="7")
    assert [tick(SIX).swept, tick(SIX).swept] == [1, 0]
    assert SyncRun.objects.get().mode == "orders"


def test_after_a_failure_changed_orders_rest_for_a_while(make):
    automation = make.automation()
    run_of(automation, order_ids=["7"])
    ending.settle(SyncRun.objects.claim("w", LEASE), Failed(), Snapshot(), BadColumn("path"))
    assert tick(SIX).swept == 0
    SyncRun.objects.update(finished_at=Now() - timedelta(minutes=16))
    assert tick(SIX).swept == 1


def test_changed_orders_of_a_paused_automation_wait(make):
    automation = make.automation()
    DirtyOrder.objects.create(automation=automation, order_id="7")
    trigger.pause(automation)
    assert not tick(SIX)
