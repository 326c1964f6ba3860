"""`sync_now AUTOMATION`: a durable run in the foreground."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sheetsync.models import Automation, SyncRun
from tests.support.runs import expected, orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def sync(name):
    out = StringIO()
    call_command("sync_now", str(name), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("by", ["pk", "name"])
def test_a_stored_automation_is_run_and_its_figures_shown(world, by):
    orders = orders_of(20)
    automation = world.automation(orders=orders)
    output = sync(getattr(automation, by))
    assert world.rows(automation) == expected(orders)
    assert "inserted                20" in output and "attempt 1" in output


def test_a_run_that_waits_already_is_the_one_that_is_worked_on(world):
    automation = world.automation(orders=orders_of(3))
    run = run_of(automation)
    assert f"run {run.pk}" in sync(automation.pk) and SyncRun.objects.get().status == "completed"


def test_a_run_that_fails_is_an_error_of_the_command_with_its_reason(world):
    automation = world.automation(spreadsheet_id="not-there")
    with pytest.raises(CommandError, match=r"failed: .* deleted, or its id is wrong"):
        sync(automation.pk)


def test_an_unknown_name_lists_what_there_is(world):
    automation = world.automation()
    with pytest.raises(CommandError, match=f"{automation.pk} 'orders'"):
        sync("nonsense")


def test_a_name_that_two_have_asks_for_the_id(world):
    first = world.automation()
    world.automation(first.tenant, name="other")
    Automation.objects.update(name="orders")
    with pytest.raises(CommandError, match="give the id"):
        sync("orders")


def test_a_paused_automation_says_what_to_do(world):
    with pytest.raises(CommandError, match="activate it first"):
        sync(world.automation(status="paused").pk)


def test_without_an_automation_the_missing_options_are_named():
    with pytest.raises(CommandError, match="give the automation to run, or --source, --tab"):
        call_command("sync_now", "--spreadsheet", "x")


def test_a_worker_and_a_scheduler_look_once_and_end(world):
    automation = world.automation(orders=orders_of(3))
    run_of(automation)
    out = StringIO()
    call_command("run_scheduler", "--once", stdout=out)
    call_command("run_worker", "--once", stdout=out)
    assert len(world.rows(automation)) == 3
    assert out.getvalue().splitlines()[-2:] == ["worker ready", "worker stopped"]
