"""Who gets which run: priority, then the tenant that has waited longest, then age; never more than a tenant may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sheetsync import trigger
from sheetsync.errors import LeaseLost, Unavailable
from sheetsync.models import Automation, GoogleAccount, QuotaBucket, SyncAttempt, SyncRun, Tenant, ending
from sheetsync.models.ending import Snapshot
from sheetsync.models.quota import Clock, waiting_accounts
from sheetsync.models.run import DEFAULT_PRIORITY, WEBHOOK_PRIORITY
from sheetsync.outcome import Completed, Dead, Failed
from tests.support.runs import run_of

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = timedelta(seconds=20)


def claim(worker="w"):
    return SyncRun.objects.claim(worker, LEASE)


def released(run, seconds=0.0):
    ending.release(run, Snapshot(), seconds=seconds, reason="")


def test_nothing_ready_gives_nothing(make):
    assert claim() is None


def test_a_claim_leaves_a_lease_and_an_open_attempt(make):
    run = run_of(make.automation())
    claimed = claim("worker 1")
    run.refresh_from_db()
    assert (claimed.pk, run.status, run.lease_token, run.attempts) == (run.pk, "running", claimed.lease_token, 1)
    attempt = run.attempt_log.get()
    assert (attempt.number, attempt.worker, attempt.outcome, attempt.finished_at) == (1, "worker 1", "", None)


def test_a_claimed_run_is_not_claimed_again(make):
    run_of(make.automation())
    assert claim() and claim() is None


def test_a_stream_of_urgent_runs_does_not_keep_the_others_waiting_for_ever(make):
    tenant = make.tenant(max_concurrent_runs=200)
    old = run_of(make.automation(tenant))
    SyncRun.objects.update(next_attempt_at=Now() - timedelta(minutes=2))
    for number in range(60):
        run_of(make.automation(tenant), priority=WEBHOOK_PRIORITY)
        if (claimed := claim()) and claimed.pk == old.pk:
            assert number < 59
            return
    raise AssertionError("it waited for sixty others")  # by chance that is one in thirty millions


def test_higher_priority_comes_first(make):
    tenant = make.tenant(max_concurrent_runs=9)
    runs = {priority: run_of(make.automation(tenant), priority=priority) for priority in (0, 10, 5)}
    assert [claim().pk for _ in range(3)] == [runs[10].pk, runs[5].pk, runs[0].pk]


def test_of_one_tenant_the_oldest_comes_first(make):
    tenant = make.tenant(max_concurrent_runs=9)
    runs = [run_of(make.automation(tenant)).pk for _ in range(3)]
    assert [claim().pk for _ in range(3)] == runs


def test_tenants_take_turns_however_much_one_of_them_asks_for(make):
    greedy, modest = make.tenant(max_concurrent_runs=9), make.tenant(max_concurrent_runs=9)
    for _ in range(4):
        run_of(make.automation(greedy))
    for _ in range(2):
        run_of(make.automation(modest))
    turns = [claim().tenant_id for _ in range(6)]
    assert turns == [greedy.pk, modest.pk, greedy.pk, modest.pk, greedy.pk, greedy.pk]


def test_a_tenant_at_its_limit_is_passed_over(make):
    full, free = make.tenant(max_concurrent_runs=1), make.tenant(max_concurrent_runs=1)
    for tenant in (full, full, free):
        run_of(make.automation(tenant))
    assert [claim().tenant_id, claim().tenant_id, claim()] == [full.pk, free.pk, None]


def test_a_run_that_is_not_ready_yet_waits(make):
    run = run_of(make.automation())
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=Now() + timedelta(seconds=60))
    assert claim() is None


def test_runs_of_paused_automations_and_tenants_are_not_taken(make):
    first, second = make.automation(), make.automation()
    for automation in (first, second):
        run_of(automation)
    # Around trigger.pause, which would cancel them.
    Automation.objects.filter(pk=first.pk).update(status="paused")
    Tenant.objects.filter(pk=second.tenant_id).update(active=False)
    assert claim() is None


# -- quotas


def account_of(tenant):
    return tenant.accounts.get(is_default=True)


def waits(account, seconds):
    """The account's next call can go in so many seconds."""
    QuotaBucket.objects.create(name=f"account {account.subject} read", subject=account.subject)
    QuotaBucket.objects.filter(subject=account.subject).update(free_at=Clock() + seconds)


def test_runs_that_would_only_wait_for_their_accounts_quota_are_passed_over(make):
    used_up, free = make.tenant(), make.tenant()
    for tenant in (used_up, used_up, free):
        run_of(make.automation(tenant))
    waits(account_of(used_up), 30)
    assert [claim().tenant_id, claim()] == [free.pk, None]


def test_they_are_taken_when_the_quota_is_there_again(make):
    run = run_of(make.automation())
    waits(account_of(run.tenant), -1)
    assert claim().pk == run.pk


def test_every_tenant_that_linked_the_account_is_passed_over(make):
    first, second = make.tenant(), make.tenant()
    GoogleAccount.objects.filter(tenant=second).update(subject=account_of(first).subject)
    run_of(make.automation(second))
    waits(account_of(first), 30)
    assert claim() is None


def test_of_a_tenant_with_two_accounts_only_the_runs_of_the_one_that_waits_are_passed_over(make):
    tenant = make.tenant()
    other = GoogleAccount.objects.create(tenant=tenant, kind="oauth", subject="other", email="o@example.com")
    for account in (None, other):
        run_of(make.automation(tenant, account=account))
    waits(other, 30)
    assert [claim().automation.account_id, claim()] == [None, None]


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [(0.5, [WEBHOOK_PRIORITY, DEFAULT_PRIORITY]), (4.0, [WEBHOOK_PRIORITY]), (6.0, [])],
)
def test_small_runs_find_a_place_where_exports_are_left_waiting(make, seconds, taken):
    tenant = make.tenant(max_concurrent_runs=9)
    for priority in (DEFAULT_PRIORITY, WEBHOOK_PRIORITY):
        run_of(make.automation(tenant), priority=priority)
    waits(account_of(tenant), seconds)
    claimed = [claim(), claim()]
    assert [run.priority for run in claimed if run] == taken


def test_a_tenant_with_one_run_comes_second_at_the_latest_after_one_with_a_hundred(make):
    greedy, modest = make.tenant(max_concurrent_runs=99), make.tenant()
    for _ in range(100):
        run_of(make.automation(greedy))
    run_of(make.automation(modest))
    assert modest.pk in [claim().tenant_id, claim().tenant_id]


def test_a_claim_takes_six_statements_however_many_runs_and_accounts_wait(make):
    tenant, waiting = make.tenant(), make.tenant()
    for _ in range(120):
        run_of(make.automation(waiting))
    run_of(make.automation(tenant))
    waits(account_of(waiting), 30)
    Tenant.objects.filter(pk=tenant.pk).update(last_served_at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        assert claim().tenant_id == tenant.pk
    asked = [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "UPDATE", "INSERT"))]
    # The best run and its tenant, which waits; who waits how long; then what a claim always takes.
    assert len(asked) == 4 + 6


def test_a_released_run_goes_on_in_the_same_attempt(make):
    run_of(make.automation())
    run = claim("first")
    released(run)
    again = claim("second")
    assert (again.pk, again.attempts) == (run.pk, 1)
    attempt = SyncAttempt.objects.get()
    assert (attempt.worker, attempt.slices, attempt.outcome) == ("second", 2, "")


def test_a_released_run_queues_behind_others_of_its_tenant(make):
    tenant = make.tenant()
    long_run, short_run = run_of(make.automation(tenant)), run_of(make.automation(tenant))
    released(claim())
    assert [claim().pk, claim().pk] == [short_run.pk, long_run.pk]


def test_each_claim_has_a_token_of_its_own(make):
    run_of(make.automation())
    first = claim()
    released(first)
    assert claim().lease_token != first.lease_token


@pytest.mark.parametrize(
    "write",
    [
        lambda run: released(run),
        lambda run: ending.cancel(run, Snapshot()),
        lambda run: ending.settle(run, Completed(), Snapshot()),
        lambda run: ending.settle(run, Failed(), Snapshot(), ValueError("x")),
        lambda run: ending.settle(run, Dead(), Snapshot(), Unavailable("x")),
    ],
    ids=["release", "cancel", "complete", "fail", "bury"],
)
def test_who_lost_the_lease_writes_nothing(make, write):
    run_of(make.automation())
    stale = claim("stale")
    released(stale)
    current = claim("current")
    before = SyncRun.objects.values().get(), list(SyncAttempt.objects.values())
    with pytest.raises(LeaseLost):
        write(stale)
    assert (SyncRun.objects.values().get(), list(SyncAttempt.objects.values())) == before
    ending.settle(current, Completed(), Snapshot())


def expire(run):
    SyncRun.objects.filter(pk=run.pk).update(lease_expires_at=Now() - timedelta(seconds=1))


def test_the_run_of_a_lost_worker_is_taken_back_at_once_the_first_time(make):
    run_of(make.automation())
    lost = claim()
    expire(lost)
    assert [run.pk for run in ending.reap()] == [lost.pk]
    again = claim()
    assert (again.pk, again.attempts) == (lost.pk, 2)
    assert [attempt.outcome for attempt in SyncAttempt.objects.order_by("number")] == ["lost", ""]


def test_a_live_lease_is_not_taken_back(make):
    run_of(make.automation())
    claim()
    assert ending.reap() == []


def test_a_run_whose_worker_is_lost_in_every_attempt_dies_after_exactly_as_many_as_it_may_have(make):
    run = run_of(make.automation(), max_attempts=3)
    for _ in range(3):
        SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=Now())
        expire(claim())
        ending.reap()
    run.refresh_from_db()
    assert (run.status, run.attempts, run.error_type) == ("dead", 3, "WorkerLost")
    assert claim() is None


def test_a_cancel_that_the_lost_worker_did_not_see_is_carried_out(make):
    run = run_of(make.automation())
    lost = claim()
    trigger.cancel(run)
    expire(lost)
    ending.reap()
    run.refresh_from_db()
    assert run.status == "canceled" and run.attempt_log.get().outcome == "canceled"


def test_whoever_opens_the_tab_after_a_lost_worker_knows_of_it(make):
    automation = make.automation()
    run_of(automation)
    expire(claim())
    ending.reap()
    automation.refresh_from_db()
    assert automation.unsettled


@pytest.fixture
def history(make):
    """Thousands of runs that are over, and of automations without a schedule: a table after a year."""
    automation = make.automation()
    values = {"tenant": automation.tenant, "automation": automation, "trigger": "manual", "max_attempts": 5}
    SyncRun.objects.bulk_create(SyncRun(**values, status="completed", finished_at=timezone.now()) for _ in range(5_000))
    QuotaBucket.objects.bulk_create(QuotaBucket(name=f"{number}", subject=f"{number}") for number in range(5_000))
    values = {"tenant": automation.tenant, "source": automation.source, "status": "active"}
    Automation.objects.bulk_create(Automation(**values, name=f"{number}") for number in range(2_000))
    run_of(make.automation())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    ("indexes", "ask"),
    [
        ("ready_runs", lambda: SyncRun.objects.ready()),
        # The other one holds waiting and running runs only, too: few at any time.
        ("running_leases|one_active_run_per_automation", lambda: SyncRun.objects.expired()),
        ("due_automations", lambda: Automation.objects.due(timezone.now())),
        ("waiting_accounts", lambda: waiting_accounts(5.0)),
    ],
    ids=["ready", "expired", "due", "waiting"],
)
def test_the_questions_of_every_second_are_answered_from_their_index(history, indexes, ask):
    assert re.search(indexes, ask().explain())


def test_ready_runs_come_out_of_the_index_in_order(history):
    assert not re.search("sort|temp b-tree", SyncRun.objects.ready()[:1].explain(), re.IGNORECASE)
