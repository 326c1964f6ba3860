"""Runs whose account has used up its quota: put back, passed over, and back in time; and who comes first meanwhile."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from sheetsync.emulator import Quotas
from sheetsync.execute import execute_next
from sheetsync.models import QuotaBucket, SyncRun
from sheetsync.sheets.pacing import CUT
from sheetsync.trigger import request_run
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = {"READS_PER_MINUTE": 6_000_000, "WRITES_PER_MINUTE": 6_000_000, "BURST": 100}
PROJECT = {"PROJECT_READS_PER_MINUTE": 6_000_000, "PROJECT_WRITES_PER_MINUTE": 6_000_000, "PROJECT_BURST": 100}


def fresh(run):
    run.refresh_from_db()
    return run


@pytest.fixture
def paced(settings):
    """Set rates and other settings: paced(READS_PER_MINUTE=60)."""

    def change(**values):
        settings.SHEETSYNC = settings.SHEETSYNC | values

    change(**QUICK, **PROJECT)
    return change


def a_webhook(automation, order_id):
    return request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=[order_id]).run


def blocked(world, paced, runs):
    """A tenant with so many ready runs, each of an automation of its own, whose account Google refuses for a minute."""
    paced(LONGEST_WAIT_SECONDS=0.5)
    tenant = world.tenant("Busy shop", max_concurrent_runs=9)
    for number in range(runs):
        run_of(world.automation(tenant, name=f"{number}", orders=orders_of(1)))
    world.emulator.faults.add("status", "spreadsheets", status=429)
    execute_next()
    QuotaBucket.objects.exclude(subject="").update(arrival=F("arrival") + 60, free_at=F("free_at") + 60)
    return tenant


def test_of_many_ready_runs_of_a_blocked_account_one_is_claimed_in_vain(world, paced):
    blocked(world, paced, 20)
    with CaptureQueriesContext(connection) as captured:
        assert execute_next() is None
    assert SyncRun.objects.filter(attempts__gt=0).count() == 1
    assert len([query for query in captured if query["sql"].startswith(("SELECT", "UPDATE", "INSERT"))]) <= 6


def test_others_are_worked_on_while_an_account_is_blocked(world, paced):
    busy = blocked(world, paced, 20)
    other = world.automation(world.tenant("Calm shop", external_id="x"), name="calm", orders=orders_of(3))
    other.tenant.accounts.update(subject="calm@example.com")
    run = run_of(other)
    assert execute_next().pk == run.pk and fresh(run).status == "completed"
    assert SyncRun.objects.filter(tenant=busy, status="completed").count() == 0


def test_blocked_runs_go_on_when_the_block_is_over(world, paced):
    blocked(world, paced, 5)
    QuotaBucket.objects.update(arrival=0, free_at=0)
    SyncRun.objects.update(next_attempt_at=Now())
    for _ in range(5):
        execute_next()
    assert set(SyncRun.objects.values_list("status", flat=True)) == {"completed"}


def test_a_run_that_waits_says_what_for(world, paced):
    paced(READS_PER_MINUTE=6, BURST=1, LONGEST_WAIT_SECONDS=0.1)
    run = run_of(world.automation(orders=orders_of(1)))
    execute_next()
    assert (fresh(run).status, run.waiting_for) == (
        "pending",
        "the account's quota at Google is used up for the moment",
    )


@pytest.mark.parametrize(("quotas", "scope"), [({"user_reads": 1}, "account"), ({"project_reads": 1}, "project")])
def test_a_refusal_cuts_the_rate_of_the_quota_that_it_names(world, paced, quotas, scope):
    paced(LONGEST_WAIT_SECONDS=0.01)
    unlimited = dict.fromkeys(("user_reads", "user_writes", "project_reads", "project_writes"))
    world.emulator.meter.quotas = Quotas(**unlimited | quotas)
    run_of(world.automation(orders=orders_of(1)))
    execute_next()
    cut = {
        name.split()[0]: share for name, share in QuotaBucket.objects.filter(share__lt=1).values_list("name", "share")
    }
    assert cut == {scope: CUT}


def test_an_account_that_gets_no_token_takes_no_place(world, paced):
    """Or whoever writes somebody else's address into a key file uses up that account's quota."""
    world.emulator.accounts.revoked = True
    run = run_of(world.automation(orders=orders_of(1)))
    execute_next()
    assert (fresh(run).error_type, QuotaBucket.objects.count()) == ("GrantRevoked", 0)


# -- one worker


def test_a_webhook_run_comes_after_one_slice_of_an_export_of_the_same_account(world, paced):
    paced(SLICE_SECONDS=0.001, MAX_GROUPS_PER_BATCH=5)
    tenant = world.tenant()
    export, small = world.automation(tenant, orders=orders_of(60)), world.automation(tenant, name="small", orders=[])
    long_run = run_of(export)
    assert execute_next().pk == long_run.pk
    orders = orders_of(1)
    set_orders(small, orders)
    webhook = a_webhook(small, "00001")
    paced(SLICE_SECONDS=60)
    assert [execute_next().pk, execute_next().pk] == [webhook.pk, long_run.pk]
    assert fresh(webhook).status == "completed" and world.rows(small) == expected(orders)


def test_a_tenant_with_a_hundred_runs_does_not_hold_up_one_with_a_single_run(world, paced):
    greedy, modest = world.tenant("Greedy"), world.tenant("Modest")
    many = [world.automation(greedy, name=f"{number}", orders=orders_of(1)) for number in range(100)]
    for automation in many:
        run_of(automation)
    single = run_of(world.automation(modest, name="single", orders=orders_of(1)))
    assert single.pk in [execute_next().pk, execute_next().pk]
