"""No webhook ever comes: scheduled runs alone, of a real scheduler and worker, make the tab equal to the shop."""

from __future__ import annotations

import time
from random import Random

import pytest
from django.utils import timezone

from sheetsync.models import Automation, Source, SyncRun
from tests.support.processes import Children, until
from tests.support.storm_shops import OwnTables, Woo, live, long_ago

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDERS = 40
OUTBOUND = {"SHEETSYNC_OUTBOUND_ALLOW": "127.0.0.1", "SHEETSYNC_OUTBOUND_HTTP": "on"}


@pytest.fixture
def children(child_environment, world, tmp_path):
    environment = child_environment | OUTBOUND | {"SHEETSYNC_SHEETS_URL": world.url, "SHEETSYNC_PACING": "off"}
    with Children(environment, tmp_path) as children:
        children.settings = {"DISPATCH": "polling", "POLL_SECONDS": 0.1, "SCHEDULER_SECONDS": 0.2}
        for child in (children.worker(MAX_GROUPS_PER_BATCH=5), children.scheduler()):
            child.says("ready")
        yield children


@pytest.fixture(params=[OwnTables, Woo])
def shop(request, transactional_db):
    shop = request.param()
    for number in range(1, ORDERS + 1):
        shop.put(str(number), "1.50")
    yield shop
    shop.close()


@pytest.fixture
def automation(world, shop, children):
    """By the clock only: what changed every hour, all orders once a day."""
    tenant = world.tenant()
    source = Source(tenant=tenant, name="shop", kind=shop.kind, config=shop.config)
    source.seal(shop.credentials)
    source.save()
    values = {"cron": "0 * * * *", "schedule_enabled": True, "webhooks_enabled": False, "removed": "delete"}
    book = world.emulator.create_spreadsheet("shop")
    automation = Automation.objects.create(
        tenant=tenant, name="orders", source=source, spreadsheet_id=book, status="active", **values
    )
    automation.set_columns(shop.columns)
    return automation


def an_hour_later(automation, meanwhile=lambda: None):
    """Its next time has come, and goes by. -> the run of it"""
    before = SyncRun.objects.count()
    now = timezone.now()
    Automation.objects.filter(pk=automation.pk).update(next_slot_at=now, next_run_at=now)
    until(lambda: SyncRun.objects.count() > before, "the scheduler to start a run")
    while SyncRun.objects.active().exists():
        meanwhile()
        time.sleep(0.05)
    run = SyncRun.objects.latest("pk")
    assert (run.status, run.trigger, run.attempts) == ("completed", "schedule", 1), run.error
    return run


def test_edits_and_new_orders_are_there_after_the_next_time_of_the_schedule(world, shop, automation):
    assert an_hour_later(automation).mode == "full"
    assert world.rows(automation) == shop.orders()
    for seed in range(3):
        live(shop, Random(seed), gone=0)
        assert an_hour_later(automation).mode == "incremental"
        assert world.rows(automation) == shop.orders()


def test_after_a_day_deleted_orders_are_gone_too(world, shop, automation):
    an_hour_later(automation)
    live(shop, Random(1), gone=5)
    Automation.objects.filter(pk=automation.pk).update(walked_at=long_ago(hours=25))
    assert an_hour_later(automation).mode == "full"
    assert world.rows(automation) == shop.orders()


def test_a_shop_that_changes_during_every_run_is_in_the_tab_once_it_rests(world, shop, automation):
    """What a walk has passed already, the next one finds; what was deleted behind it, the next full one."""
    random, modes = Random(5), []
    for hour in range(8):
        if hour % 4 == 0:
            Automation.objects.filter(pk=automation.pk).update(walked_at=long_ago(hours=25))
        modes.append(an_hour_later(automation, lambda: live(shop, random)).mode)
    assert modes == ["full", *["incremental"] * 3] * 2
    an_hour_later(automation)
    found, there = world.rows(automation), shop.orders()
    assert {number: found[number] for number in there} == there
    Automation.objects.filter(pk=automation.pk).update(walked_at=long_ago(hours=25))
    an_hour_later(automation)
    assert world.rows(automation) == shop.orders()
