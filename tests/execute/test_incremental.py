"""Runs that look only at what changed since last time, and when they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from project.shop.models import Order
from sheetsync.execute import execute_next
from sheetsync.models import Automation, Source, SyncRun
from sheetsync.models.fields import database_time
from sheetsync.trigger import request_scheduled
from tests.support.runs import run_of

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
COLUMNS = [{"header": "Order", "path": "number"}, {"header": "Note", "path": "note"}]


@pytest.fixture
def automation(world):
    """Of the site's own five orders, a minute apart, looked at once."""
    for number in range(5):
        Order.objects.create(number=str(number), updated_at=NOON + timedelta(minutes=number))
    tenant = world.tenant()
    config = {"model": "shop.Order", "id_field": "number", "fields": ["number", "note"], "updated": "updated_at"}
    source = Source.objects.create(tenant=tenant, name="own", kind="queryset", config=config | {"overlap": 0})
    automation = Automation.objects.create(
        tenant=tenant,
        name="own",
        source=source,
        spreadsheet_id=world.emulator.create_spreadsheet("own"),
        status="active",
    )
    automation.set_columns(COLUMNS)
    looked(automation, "full")
    return automation


def looked(automation, mode="incremental"):
    """-> at how many orders a run looked."""
    run = run_of(automation, mode=SyncRun.Mode(mode))
    execute_next()
    run.refresh_from_db()
    assert (run.status, run.error) == ("completed", "")
    automation.refresh_from_db()
    return run.counters["orders"]


def change(number, minutes, **values):
    Order.objects.filter(number=number).update(updated_at=NOON + timedelta(minutes=minutes), **values)


def notes(world, automation):
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title="Orders")
    return {row[2]: row[3] if len(row) > 3 else None for row in sheet.values()[1:] if row and len(row) > 2}


def test_a_run_looks_only_at_what_changed_since_the_one_before(world, automation):
    change("1", 10, note="gift")
    assert looked(automation) == 2  # the last one before the walk comes again, as its time says
    assert notes(world, automation)["1"] == "gift"
    change("3", 11, note="late")
    assert looked(automation) == 2
    assert notes(world, automation)["3"] == "late"


def test_a_shop_without_changes_costs_hardly_anything(automation):
    assert (looked(automation), looked(automation)) == (1, 1)


def test_without_a_watermark_all_orders_are_looked_at(automation):
    Automation.objects.update(watermark={})
    assert looked(automation) == 5


def test_other_columns_have_all_orders_looked_at(world, automation):
    automation.set_columns([*COLUMNS, {"header": "Number", "path": "number", "uid": "again"}])
    assert (looked(automation), looked(automation)) == (5, 1)
    assert len(notes(world, automation)) == 5


def test_another_tab_has_all_orders_looked_at(world, automation):
    Automation.objects.update(tab_title="Elsewhere", sheet_id=None)
    assert looked(automation) == 5


def test_a_tab_that_is_as_it_was_before_the_watermark_has_all_orders_looked_at(automation):
    automation.watermark["commit"] += 1
    automation.save()
    assert looked(automation) == 5


def test_an_order_that_the_filters_leave_out_now_leaves_the_tab(world, automation):
    automation.filters = [{"path": "note", "operator": "ne", "value": "test"}]
    automation.save()
    looked(automation, "full")
    change("2", 12, note="test")
    assert looked(automation) == 2
    assert "2" not in {number for number, note in notes(world, automation).items() if number}


def test_a_removed_order_leaves_the_tab_when_all_are_looked_at_again(world, automation):
    Order.objects.filter(number="0").delete()
    assert looked(automation) == 1 and "0" in notes(world, automation)
    assert looked(automation, "full") == 4 and "0" not in notes(world, automation)


def test_a_run_that_lost_its_lease_leaves_the_watermark_where_it_was(world, automation):
    before = automation.watermark
    change("1", 10, note="gift")
    run = run_of(automation, mode=SyncRun.Mode.INCREMENTAL)
    world.emulator.faults.add("after", call=lambda _: take_over(run))
    execute_next()
    automation.refresh_from_db()
    run.refresh_from_db()
    assert (run.status, automation.watermark) == ("running", before) and notes(world, automation)["1"] == "gift"


def take_over(run):
    """Called in the emulator's thread, which has a connection of its own."""
    SyncRun.objects.filter(pk=run.pk).update(lease_token="another worker's")
    connection.close()


def scheduled_mode(automation, now):
    request_scheduled({automation: now})
    return SyncRun.objects.get(slot=now).mode


def test_a_schedule_looks_at_all_orders_once_a_day_and_in_between_at_what_changed(automation):
    now = database_time(SyncRun)
    assert scheduled_mode(automation, now) == "incremental"
    SyncRun.objects.all().delete()
    Automation.objects.update(walked_at=now - timedelta(hours=25))
    automation.refresh_from_db()
    assert scheduled_mode(automation, now) == "full"


@pytest.mark.parametrize("values", [{"full_every_hours": 0}, {"watermark": {}}, {"walked_at": None}])
def test_a_schedule_looks_at_all_orders_where_that_is_asked_for_or_nobody_can_tell(automation, values):
    Automation.objects.update(**values)
    automation.refresh_from_db()
    assert scheduled_mode(automation, database_time(SyncRun)) == "full"
