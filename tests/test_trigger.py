"""How runs are born: once, visibly, and only where one may run."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction

from sheetsync import trigger
from sheetsync.errors import BadColumn, RunRefused
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, SyncAttempt, SyncRun, Tenant, ending
from sheetsync.models.ending import Snapshot
from sheetsync.outcome import Completed, Dead, Failed
from tests.support.making import Maker
from tests.support.runs import LEASE, run_of

pytestmark = pytest.mark.django_db(transaction=True)

RUNG: list[int | None] = []
MANUAL = SyncRun.Trigger.MANUAL


def bell(run_id):
    """The dispatch of these tests: it only notes who rang."""
    RUNG.append(run_id)


@pytest.fixture
def make(settings):
    RUNG.clear()
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "tests.test_trigger.bell"}
    return Maker()


def finished(automation, outcome=None, error=None):
    """A run of this automation that has come to its end."""
    run_of(automation)
    run = SyncRun.objects.claim("w", LEASE)
    ending.settle(run, outcome or Completed(), Snapshot(), error)
    run.refresh_from_db()
    return run


def test_a_request_makes_a_pending_run_and_rings_once(make):
    requested = trigger.request_run(make.automation(), trigger=MANUAL)
    assert (requested.created, requested.run.status, RUNG) == (True, "pending", [requested.run.pk])


def test_the_bell_rings_after_the_commit_only(make):
    automation = make.automation()
    with transaction.atomic():
        run = run_of(automation)
        assert RUNG == []
    assert [run.pk] == RUNG


def test_a_rolled_back_request_rings_nobody(make):
    automation = make.automation()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run_of(automation)
        raise ZeroDivisionError
    assert RUNG == [] and not SyncRun.objects.exists()


def test_a_bell_that_breaks_loses_nothing(make, settings, caplog):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "tests.support.broken.orders"}
    assert run_of(make.automation()).status == "pending" and "was not rung" in caplog.text


def test_a_second_request_gets_the_active_run(make):
    automation = make.automation()
    first = trigger.request_run(automation, trigger=MANUAL)
    second = trigger.request_run(automation, trigger=MANUAL)
    assert (second.created, second.run.pk, RUNG) == (False, first.run.pk, [first.run.pk])


def test_changed_orders_during_a_run_are_remembered_and_the_run_told(make):
    automation = make.automation()
    run = run_of(automation)
    requested = trigger.request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=["7", "8", "7"])
    run.refresh_from_db()
    assert not requested.created and run.again
    assert list(DirtyOrder.objects.values_list("order_id", flat=True)) == ["7", "8"]


def test_requests_for_orders_come_before_exports_of_everything(make):
    whole, few = run_of(make.automation()), run_of(make.automation(), order_ids=["7"])
    assert few.priority > whole.priority and (whole.mode, few.mode) == ("full", "orders")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda automation: trigger.pause(automation), "activate it first"),
        (lambda automation: Automation.objects.update(status="draft"), "activate it first"),
        (lambda automation: trigger.pause_tenant(automation.tenant), "resume it first"),
        (lambda automation: GoogleAccount.objects.get().flag("revoked"), "connected again first: revoked"),
        (lambda automation: GoogleAccount.objects.all().delete(), "no Google account: link one"),
    ],
    ids=["paused", "draft", "tenant", "account", "no account"],
)
def test_who_may_not_run_is_refused_with_the_reason(make, spoil, reason):
    automation = make.automation()
    spoil(automation)
    with pytest.raises(RunRefused, match=reason):
        trigger.request_run(automation, trigger=MANUAL, order_ids=["7"])
    assert not SyncRun.objects.exists() and not DirtyOrder.objects.exists()


@pytest.mark.parametrize("order_ids", [[""], ["a\x00b"], ["x" * 513], [7], ["x"] * 0 + [str(n) for n in range(10_001)]])
def test_ids_that_no_order_can_have_are_refused(make, order_ids):
    with pytest.raises(RunRefused, match="order id"):
        trigger.request_run(make.automation(), trigger=MANUAL, order_ids=order_ids)


def test_it_works_from_async_views(make):
    automation = make.automation()

    async def view():
        requested = await trigger.arequest_run(automation, trigger=MANUAL)
        await sync_to_async(connections.close_all)()  # that thread's own
        return requested

    requested = asyncio.run(view())
    assert requested.created and [requested.run.pk] == RUNG


def test_pausing_an_automation_cancels_what_waits(make):
    automation = make.automation()
    run = run_of(automation)
    trigger.pause(automation)
    run.refresh_from_db()
    assert (automation.status, run.status) == ("paused", "canceled")


def test_pausing_a_tenant_asks_what_runs_to_stop(make):
    tenant = make.tenant()
    run_of(make.automation(tenant))
    run = SyncRun.objects.claim("w", LEASE)
    trigger.pause_tenant(tenant)
    run.refresh_from_db()
    assert run.status == "running" and run.cancel_requested_at


def test_canceling_a_paused_attempt_closes_it(make):
    run_of(make.automation())
    run = SyncRun.objects.claim("w", LEASE)
    ending.release(run, Snapshot(), seconds=60, reason="quota")
    assert trigger.cancel(run) and SyncAttempt.objects.get().outcome == "canceled"


def test_a_finished_run_cannot_be_canceled(make):
    assert trigger.cancel(finished(make.automation())) is False


def test_a_failed_run_is_retried_from_its_checkpoint_with_a_fresh_budget(make):
    run = finished(make.automation(), Failed(), BadColumn("path"))
    SyncRun.objects.filter(pk=run.pk).update(checkpoint={"cursor": "7"})
    trigger.retry(run)
    assert (run.status, run.checkpoint, run.error, run.finished_at) == ("pending", {"cursor": "7"}, "", None)
    assert run.max_attempts - run.attempts == 5 and RUNG[-1] == run.pk


@pytest.mark.parametrize("outcome", [Completed(), Dead()])
def test_only_a_failed_run_is_retried(make, outcome):
    run = finished(make.automation(), outcome, None if outcome == Completed() else BadColumn("path"))
    with pytest.raises(RunRefused, match="replay"):
        trigger.retry(run)


@pytest.mark.parametrize("again", [trigger.retry, trigger.replay])
def test_nothing_is_born_beside_an_active_run(make, again):
    automation = make.automation()
    run = finished(automation, Failed(), BadColumn("path"))
    active = run_of(automation)
    with pytest.raises(RunRefused, match=f"run {active.pk} of this automation is pending"):
        again(run)


def test_a_replay_is_a_new_run_linked_to_the_old_one_and_its_attempt(make):
    run = finished(make.automation(), Dead(), BadColumn("path"))
    before = SyncRun.objects.filter(pk=run.pk).values().get()
    copy = trigger.replay(run)
    assert (copy.replay_of_id, copy.replay_of_attempt, copy.trigger, copy.attempts) == (run.pk, 1, "replay", 0)
    assert SyncRun.objects.filter(pk=run.pk).values().get() == before


def test_an_attempt_that_never_was_cannot_be_replayed(make):
    run = finished(make.automation())
    with pytest.raises(RunRefused, match="no attempt 4"):
        trigger.replay(run, attempt=4)


def test_an_active_run_cannot_be_replayed(make):
    with pytest.raises(RunRefused, match="cancel it first"):
        trigger.replay(run_of(make.automation()))


def test_activating_plans_the_next_run(make):
    automation = make.automation(status="draft", cron="0 6 * * *", schedule_enabled=True)
    trigger.activate(automation)
    automation.refresh_from_db()
    assert automation.status == "active" and automation.next_run_at


def test_an_automation_that_cannot_work_is_not_activated(make):
    automation = make.automation(status="draft")
    automation.columns.all().delete()
    with pytest.raises(BadColumn, match="no columns"):
        trigger.activate(automation)


def test_deleting_a_tenant_takes_everything_with_it(make):
    tenant = make.tenant()
    run_of(make.automation(tenant), order_ids=["7"])
    Tenant.objects.filter(pk=tenant.pk).delete()
    assert not SyncRun.objects.exists() and not DirtyOrder.objects.exists()
