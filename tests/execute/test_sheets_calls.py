"""How many calls a reported order costs at Google, where each account has sixty of a kind in a minute."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from sheetsync.models import Automation, SyncRun
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def automation(world):
    """Its tab holds fifty orders."""
    automation = world.automation(orders=orders_of(50))
    run_of(automation)
    execute_next()
    return automation


def reported(world, automation, orders, order_id):
    """-> the calls of the run for this order; the tab equals the shop afterwards."""
    set_orders(automation, orders)
    run = run_of(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=[order_id])
    execute_next()
    run.refresh_from_db()
    assert run.status == "completed" and world.rows(automation) == expected(orders)
    return run.counters["calls"]


def test_an_order_that_changed_costs_four_calls(world, automation):
    orders = orders_of(50)
    orders[6]["customer"] = "somebody else"
    assert reported(world, automation, orders, "00007") == 4


def test_a_new_order_costs_four_calls(world, automation):
    assert reported(world, automation, orders_of(51), "00051") == 4


def test_an_order_that_is_gone_costs_four_calls(world, automation):
    orders = orders_of(50)
    del orders[6]
    assert reported(world, automation, orders, "00007") == 4


def test_an_order_that_is_as_it_was_costs_two_calls(world, automation):
    assert reported(world, automation, orders_of(50), "00007") == 2


def test_a_tab_that_was_deleted_meanwhile_is_written_anew(world, automation):
    book = world.emulator.spreadsheet(automation.spreadsheet_id)
    deletion = {"deleteSheet": {"sheetId": book.sheet(title="Orders").id}}
    world.emulator.person.do(book.id, {"addSheet": {"properties": {"title": "Other"}}}, deletion)
    run = run_of(automation)
    execute_next()
    run.refresh_from_db()
    assert run.status == "completed" and len(world.rows(automation)) == 50


def test_a_tab_that_was_renamed_is_found(world, automation):
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title="Orders")
    world.emulator.person.rename_tab(sheet, "Sales")
    Automation.objects.update(tab_title="Sales")
    automation.refresh_from_db()
    assert reported(world, automation, orders_of(51), "00051") == 4
