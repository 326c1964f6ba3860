"""An automation, or its whole tenant, is deleted while a worker writes."""

from __future__ import annotations

import logging

import pytest

from sheetsync import trigger
from sheetsync.execute import execute_next
from sheetsync.models import Automation, SyncRun, Tenant
from tests.support.meeting import elsewhere
from tests.support.runs import expected, orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = orders_of(5)


@pytest.mark.parametrize("call", [0, 1, 2, 3, 4], ids=lambda number: f"call {number}")
@pytest.mark.parametrize("model", [Automation, Tenant])
def test_its_worker_stops_quietly_and_serves_the_next(world, caplog, model, call):
    run = run_of(world.automation(orders=ORDERS))
    held = world.emulator.faults.add("hold", "/v4/", after=call)
    with elsewhere() as other:
        executing = other(execute_next)
        assert world.emulator.faults.wait_reached(held)
        model.objects.all().delete()
        world.emulator.faults.release()
        assert executing.result().pk == run.pk
    assert "another worker has taken this run over" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not SyncRun.objects.exists()


def test_a_deleted_automations_tab_is_taken_over_by_a_new_one(world):
    automation = world.automation(orders=ORDERS)
    run_of(automation)
    held = world.emulator.faults.add("hold", ":batchUpdate", after=1)
    with elsewhere() as other:
        executing = other(execute_next)
        assert world.emulator.faults.wait_reached(held)
        book = automation.spreadsheet_id
        automation.delete()
        world.emulator.faults.release()
        executing.result()
    heir = world.automation(name="heir", orders=ORDERS, spreadsheet_id=book)
    run_of(heir)
    execute_next()
    assert SyncRun.objects.get().status == "completed" and world.rows(heir) == expected(ORDERS)


def test_a_request_for_a_deleted_automation_says_so(world):
    automation = world.automation(orders=ORDERS)
    Automation.objects.filter(pk=automation.pk).delete()
    with pytest.raises(Automation.DoesNotExist):
        trigger.request_run(automation, trigger="webhook", order_ids=["1"])
