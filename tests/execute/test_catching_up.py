"""A shop reports a change, and for a while still gives the order as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from sheetsync.execute import execute_next
from sheetsync.execute.catching_up import MOST_LOOKS, latest
from sheetsync.models import Automation, DirtyOrder, Source, SyncRun
from sheetsync.trigger import request_run
from tests.support.shops.rest import RestShop

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(seconds=30)
COLUMNS = [{"header": "Order", "path": "id"}, {"header": "Total", "path": "total"}]


@pytest.fixture
def shop(settings, world):
    """With two orders."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": ["127.0.0.1"], "OUTBOUND_HTTP": True}
    shop = RestShop()
    for number in ("1", "2"):
        shop.put(number, total="1.00")
    yield shop
    shop.close()


@pytest.fixture
def automation(world, shop):
    tenant = world.tenant()
    config = shop.config() | {"updated_path": "updated"}
    source = Source.objects.create(tenant=tenant, name="rest", kind="rest", config=config)
    book = world.emulator.create_spreadsheet("rest")
    automation = Automation.objects.create(
        tenant=tenant, name="rest", source=source, spreadsheet_id=book, status="active"
    )
    automation.set_columns(COLUMNS)
    request_run(automation, trigger=SyncRun.Trigger.MANUAL)
    execute_next()
    return automation


def totals(world, automation):
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title="Orders")
    return {row[2]: row[3] for row in sheet.values()[1:] if len(row) > 3 and row[2]}


def reported(automation, *order_ids, changed_at):
    return request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=order_ids, changed_at=changed_at).run


def look_again(run):
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=Now())
    execute_next()
    run.refresh_from_db()
    return run


def test_it_is_asked_again_until_it_gives_the_change(world, shop, automation):
    run = reported(automation, "1", changed_at=shop.clock + LATER)
    shop.put("2", total="5.00")  # of the other order nothing was told
    look_again(run)
    assert (run.status, run.attempts) == ("pending", 1) and "'1' as it was" in run.waiting_for
    assert totals(world, automation) == {"1": "1.00", "2": "1.00"}
    shop.clock += LATER
    shop.put("1", total="9.00")
    assert look_again(run).status == "completed" and run.attempt_log.get().outcome == "succeeded"
    assert totals(world, automation)["1"] == "9.00" and not DirtyOrder.objects.exists()


def test_the_orders_beside_it_are_written_at_once(world, shop, automation):
    shop.put("2", total="5.00")
    reported(automation, "2", changed_at=None)
    run = reported(automation, "1", changed_at=shop.clock + LATER)
    look_again(run)
    assert run.status == "pending" and totals(world, automation) == {"1": "1.00", "2": "5.00"}
    assert list(DirtyOrder.objects.values_list("order_id", flat=True)) == ["1"]


def test_a_time_that_the_shop_never_shows_is_not_waited_for_for_ever(world, shop, automation):
    run = reported(automation, "1", changed_at=shop.clock + LATER)
    for _ in range(MOST_LOOKS):
        assert look_again(run).status == "pending"
    assert look_again(run).status == "completed" and totals(world, automation)["1"] == "1.00"


def test_an_order_of_the_very_second_is_the_change(world, shop, automation):
    shop.put("1", total="9.00")
    run = reported(automation, "1", changed_at=shop.clock.replace(microsecond=999_999))
    assert look_again(run).status == "completed" and totals(world, automation)["1"] == "9.00"


def test_an_order_that_is_gone_is_not_waited_for(world, shop, automation):
    shop.drop("1")
    run = reported(automation, "1", changed_at=shop.clock + LATER)
    assert look_again(run).status == "completed" and set(totals(world, automation)) == {"2"}


def test_of_several_reports_the_latest_counts():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    reports = [("1", noon), ("1", noon + LATER), ("1", None), ("2", None), ("1", noon - LATER)]
    assert latest(reports) == {"1": noon + LATER}
