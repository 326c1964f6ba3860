"""One slice of a run, from claim to outcome, against an emulator over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.execute import execute_next
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, Incident, SyncAttempt, SyncRun
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)


EVER = 10**6


def fresh(run):
    run.refresh_from_db()
    return run


def ready_now(run):
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=Now())


def test_a_run_brings_the_tab_to_equal_the_source(world):
    orders = orders_of(20)
    automation = world.automation(orders=orders)
    run = run_of(automation)
    execute_next()
    assert (fresh(run).status, run.error) == ("completed", "")
    assert world.rows(automation) == expected(orders)


def test_counters_and_progress_are_on_the_row(world):
    run = run_of(world.automation(orders=orders_of(20)))
    execute_next()
    counters = fresh(run).counters
    assert (counters["orders"], counters["inserted"], counters["rows"], run.total_orders) == (20, 20, 20, 20)
    assert counters["calls"] == counters["reads"] + counters["writes"] > 0


def test_the_attempt_says_what_it_did(world):
    run = run_of(world.automation(orders=orders_of(20)))
    execute_next()
    attempt = run.attempt_log.get()
    assert (attempt.outcome, attempt.rows, attempt.calls) == ("succeeded", 20, fresh(run).counters["calls"])


def test_a_second_run_over_unchanged_orders_writes_nothing(world):
    automation = world.automation(orders=orders_of(5))
    for _ in range(2):
        run = run_of(automation)
        execute_next()
    assert fresh(run).counters["writes"] == 0 and run.counters["unchanged"] == 5


def test_the_tab_becomes_the_automations_own(world):
    automation = world.automation(orders=orders_of(1))
    run_of(automation)
    execute_next()
    automation.refresh_from_db()
    assert automation.sheet_id == world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title="Orders").id


def test_a_tab_that_another_automation_keeps_is_refused_without_saying_whose_it_is(world):
    first = world.automation(orders=orders_of(1))
    run_of(first)
    execute_next()
    second = world.automation(name="intruder", orders=orders_of(1), spreadsheet_id=first.spreadsheet_id)
    run = run_of(second)
    execute_next()
    assert (fresh(run).status, run.error_type) == ("failed", "TabRefused")
    assert first.name not in run.error and first.tenant.name not in run.error


def test_an_account_that_may_only_read_takes_no_tab(world):
    automation = world.automation(orders=orders_of(1))
    world.emulator.faults.add("status", "batchUpdate", status=403)
    run = run_of(automation)
    execute_next()
    automation.refresh_from_db()
    assert (fresh(run).error_type, automation.sheet_id) == ("AccessDenied", None)


def test_an_unavailable_server_is_tried_again_later(world):
    run = run_of(world.automation(orders=orders_of(1)))
    world.emulator.faults.add("status", "spreadsheets", status=503, times=2)
    execute_next()
    assert (fresh(run).status, run.error_type) == ("pending", "Unavailable")
    assert "Unavailable" in run.waiting_for and run.attempt_log.get().outcome == "failed"
    ready_now(run)
    execute_next()
    assert (fresh(run).status, run.attempts, run.error) == ("completed", 2, "")


def test_a_run_out_of_attempts_is_dead_and_a_replay_completes_with_the_original_untouched(world):
    automation = world.automation(orders=orders_of(1))
    run = run_of(automation, max_attempts=1)
    world.emulator.faults.add("status", "spreadsheets", status=503, times=EVER)
    execute_next()
    assert fresh(run).status == "dead"
    before = SyncRun.objects.filter(pk=run.pk).values().get()
    world.emulator.faults.clear()
    copy = trigger.replay(run)
    execute_next()
    assert (fresh(copy).status, copy.replay_of_id, copy.replay_of_attempt) == ("completed", run.pk, 1)
    assert SyncRun.objects.filter(pk=run.pk).values().get() == before


def test_a_fault_of_ours_fails_loudly_with_its_traceback_and_without_secrets(world):
    automation = world.automation(orders=orders_of(1))
    # A source that breaks in a way that nobody foresaw.
    automation.source.kind = "queryset"
    automation.source.config = {"model": "tests.support.broken.orders"}
    automation.source.save()
    run = run_of(automation)
    execute_next()
    attempt = run.attempt_log.get()
    assert (fresh(run).status, run.error_type) == ("failed", "ZeroDivisionError")
    assert "ZeroDivisionError" in attempt.traceback and "hush-hush" not in attempt.traceback + run.error


def test_a_wrong_column_fails_at_once_and_a_retry_goes_on_when_it_is_mended(world):
    automation = world.automation(orders=orders_of(3))
    automation.columns.filter(header="Total").update(path="total[")
    run = run_of(automation)
    execute_next()
    assert (fresh(run).status, run.error_type, run.attempts) == ("failed", "BadColumn", 1)
    automation.columns.filter(header="Total").update(path="total")
    trigger.retry(run)
    execute_next()
    assert (fresh(run).status, run.attempts) == ("completed", 2)


def test_a_spreadsheet_that_is_gone_flags_the_automation_until_it_works_again(world):
    automation = world.automation(orders=orders_of(3), spreadsheet_id="not-there")
    run = run_of(automation)
    execute_next()
    automation.refresh_from_db()
    assert (fresh(run).status, run.error_type) == ("failed", "SpreadsheetGone") and automation.problem
    Automation.objects.filter(pk=automation.pk).update(spreadsheet_id=world.emulator.create_spreadsheet("new"))
    trigger.retry(run)
    execute_next()
    automation.refresh_from_db()
    assert (fresh(run).status, automation.problem) == ("completed", "")


def test_a_revoked_grant_flags_the_account_and_reconnecting_lets_the_run_complete(world):
    automation = world.automation(orders=orders_of(3))
    world.emulator.accounts.revoked = True
    run = run_of(automation)
    execute_next()
    account = GoogleAccount.objects.get()
    assert (fresh(run).status, run.error_type, account.status) == ("failed", "GrantRevoked", "needs_owner")
    world.emulator.accounts.revoked = False
    account.reconnect()
    trigger.retry(run)
    execute_next()
    assert fresh(run).status == "completed"


def test_incidents_have_rows_of_their_own(world):
    automation = world.automation(orders=orders_of(3))
    world.emulator.faults.add("lose_reply", after=2)
    run_of(automation)
    execute_next()
    assert Incident.objects.get().kind == "reply_lost"


def test_changed_orders_are_looked_at_by_id_and_forgotten(world):
    orders = orders_of(5)
    automation = world.automation(orders=orders)
    run_of(automation)
    execute_next()
    orders[1]["customer"] = "new name"
    set_orders(automation, [orders[0], orders[1], *orders[3:]])
    run = run_of(automation, order_ids=["00002", "00003", "unknown"])
    execute_next()
    assert (fresh(run).mode, run.status, run.counters["updated"], run.counters["removed"]) == (
        "orders", "completed", 1, 1,
    )  # fmt: skip
    assert world.rows(automation) == expected([orders[0], orders[1], *orders[3:]])
    assert not DirtyOrder.objects.exists()


def test_an_order_that_changes_during_a_run_gets_a_run_of_its_own(world):
    automation = world.automation(orders=orders_of(5))
    run = run_of(automation)
    run_of(automation, order_ids=["00002"])
    execute_next()
    follower = SyncRun.objects.exclude(pk=run.pk).get()
    assert (fresh(run).status, follower.status, follower.mode) == ("completed", "pending", "orders")
    execute_next()
    assert fresh(follower).status == "completed" and not DirtyOrder.objects.exists()


def test_a_slice_that_is_over_pauses_the_run_and_the_next_one_goes_on_in_the_same_attempt(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SLICE_SECONDS": 0.001, "MAX_GROUPS_PER_BATCH": 10}
    orders = orders_of(25)
    automation = world.automation(orders=orders)
    run = run_of(automation)
    slices = 0
    while fresh(run).is_active:
        execute_next()
        slices += 1
    attempt = SyncAttempt.objects.get()
    assert slices > 3 and (run.status, attempt.number, attempt.slices) == ("completed", 1, slices)
    assert world.rows(automation) == expected(orders) and run.counters["inserted"] == 25


def test_a_worker_that_is_told_to_go_puts_its_run_back_at_the_next_batch(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    run = run_of(world.automation(orders=orders_of(25)))
    execute_next(stop=lambda: True)
    assert fresh(run).status == "pending" and 0 < run.counters["orders"] < 25
    execute_next()
    assert (fresh(run).status, run.attempts) == ("completed", 1)


def test_a_canceled_run_stops_at_its_next_batch_and_keeps_its_checkpoint(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    automation = world.automation(orders=orders_of(25))
    run = run_of(automation)
    asked = iter(range(25))
    execute_next(stop=lambda: next(asked) == 15 and not trigger.cancel(run))
    assert (fresh(run).status, run.attempt_log.get().outcome) == ("canceled", "canceled")
    assert run.checkpoint["cursor"] and len(world.rows(automation)) == run.counters["orders"]


def test_columns_changed_between_two_slices_begin_the_walk_again(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    orders = orders_of(25)
    automation = world.automation(orders=orders)
    run = run_of(automation)
    execute_next(stop=lambda: True)
    automation.columns.filter(header="Customer").update(path="id")
    execute_next()
    assert fresh(run).status == "completed"
    assert {row[1] for row in world.rows(automation).values()} == {order["id"] for order in orders}


def test_a_tab_deleted_between_two_slices_is_written_anew_from_the_first_order(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_GROUPS_PER_BATCH": 10}
    orders = orders_of(25)
    automation = world.automation(orders=orders)
    run = run_of(automation)
    execute_next(stop=lambda: True)
    automation.refresh_from_db()
    deletion = {"deleteSheet": {"sheetId": automation.sheet_id}}
    world.emulator.person.do(automation.spreadsheet_id, {"addSheet": {"properties": {"title": "b"}}}, deletion)
    while fresh(run).is_active:
        execute_next()
    assert run.status == "completed" and world.rows(automation) == expected(orders)


def test_the_correlation_id_travels_upstream(world):
    run = run_of(world.automation(orders=orders_of(1)), correlation_id="order-sync-1")
    sent = []
    world.emulator.faults.add("drop", lambda request: "/v4/" in request.path and sent.append(dict(request.headers)))
    execute_next()
    names = {name.lower(): value for name, value in sent[0].items()}
    assert fresh(run).status == "completed" and names["x-correlation-id"] == "order-sync-1"


def test_a_refusal_for_quota_that_never_ends_uses_up_the_attempts(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"LONGEST_WAIT_SECONDS": 0.01}
    run = run_of(world.automation(orders=orders_of(1)), max_attempts=2)
    world.emulator.faults.add("status", "spreadsheets", status=429, times=EVER)
    for _ in range(2):
        ready_now(run)
        execute_next()
    assert (fresh(run).status, run.error_type, run.attempts) == ("dead", "RateLimited", 2)
    assert "Quota exceeded for quota metric" in run.error


def test_a_full_bucket_pauses_the_run_with_the_reason_and_without_an_attempt_lost(world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {
        "READS_PER_MINUTE": 60, "BURST": 1, "LONGEST_WAIT_SECONDS": 0.01,
    }  # fmt: skip
    run = run_of(world.automation(orders=orders_of(1)))
    execute_next()
    assert (fresh(run).status, run.attempt_log.get().outcome) == ("pending", "")
    assert "quota" in run.waiting_for
    wait = SyncRun.objects.filter(
        pk=run.pk, next_attempt_at__gt=Now(), next_attempt_at__lt=Now() + timedelta(seconds=2)
    )
    assert wait.exists()
