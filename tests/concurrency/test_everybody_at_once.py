"""Shops, operators, owners, clocks, workers and the passing of time at once, on real locks: nobody hinders anybody."""

from __future__ import annotations

import os
import time

import pytest
from django.db import connection
from django.db.models import Count, F, Q

from sheetsync.execute import execute_next
from sheetsync.models import Automation, DirtyOrder, SyncRun, Tenant
from sheetsync.scheduler import tick
from tests.support.meeting import elsewhere
from tests.support.mingling import Crowd
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of
from tests.support.soak.shops import Shop
from tests.support.soak.town import orders_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECONDS = float(os.environ.get("SHEETSYNC_SOAK_SECONDS", "120"))
HOURLY = {"cron": "0 * * * *", "schedule_enabled": True}
EXACT = Q(made=F("attempts"), unfinished=0)


@pytest.fixture
def town(world, settings):
    """Six automations of two shops, all exported once."""
    impatient = {"RETRY_CAP_SECONDS": 1, "RETRY_BASE_SECONDS": 0.1, "CATCH_UP_SECONDS": 9e9}
    settings.SHEETSYNC = settings.SHEETSYNC | impatient
    tenants = [world.tenant(f"shop {number}") for number in range(2)]
    automations = [
        world.automation(tenant, name=f"{number}", orders=orders_of(8), **HOURLY)
        for tenant in tenants
        for number in range(3)
    ]
    for automation in automations:
        run_of(automation)
        execute_next()
    return automations


def deadlocks():
    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def mingle(automations, seconds):
    shops = [Shop(str(each.pk), each.source.config["path"]) for each in automations]
    crowd = Crowd(shops, list(Tenant.objects.all()), time.monotonic() + seconds)
    acts = [
        *[(crowd.worker, 0.01)] * 3,
        *[(crowd.customers, 0.03)] * 2,
        *[(crowd.operator, 0.05)] * 2,
        (crowd.owner, 0.5),
        (crowd.clock, 0.1),
        (crowd.time_passes, 0.1),
    ]
    with elsewhere(len(acts)) as other:
        everybody = [other(crowd.keep, act, seed, pause) for seed, (act, pause) in enumerate(acts)]
    for each in everybody:
        each.result()
    return crowd


def stopped_for_nothing():
    """Active runs of those who are paused, which nobody has told to stop."""
    paused = ~Q(automation__status="active") | Q(tenant__active=False)
    return list(SyncRun.objects.active().filter(paused, cancel_requested_at=None))


def come_to_rest(crowd):
    """Everybody may run again. What was reported is looked at; whose report was refused gets a full run."""
    Tenant.objects.update(active=True)
    Automation.objects.update(status="active", schedule_enabled=False)
    work_off()
    for shop in crowd.refused:
        run_of(Automation.objects.get(pk=int(shop)))
    work_off()


def work_off():
    def over():
        tick()
        execute_next()
        return not SyncRun.objects.active().exists() and not DirtyOrder.objects.exists()

    until(over, "all changed orders to be looked at", 120)


def judge(crowd, automations, world, before):
    assert crowd.odd == [] and stopped_for_nothing() == [] and deadlocks() == before
    come_to_rest(crowd)
    counted = SyncRun.objects.annotate(
        made=Count("attempt_log"), unfinished=Count("attempt_log", Q(attempt_log__outcome=""))
    )
    assert list(counted.exclude(EXACT).values_list("pk", "status", "attempts", "made")) == []
    assert [each.pk for each in automations if world.rows(each) != expected(orders_in(each))] == []


def test_whatever_they_do_runs_stay_legal_and_tabs_become_right(world, town):
    before = deadlocks()
    crowd = mingle(town, 8)
    print(f"\n{crowd.done}")
    judge(crowd, town, world, before)


@pytest.mark.thorough
def test_for_minutes_too(world, town):
    before = deadlocks()
    crowd = mingle(town, SECONDS)
    print(f"\n{crowd.done}")
    judge(crowd, town, world, before)
