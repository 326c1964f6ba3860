"""From a webhook to the cell, at the settings that a site has which sets none: how long it takes, how many calls."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from random import Random

import pytest

from sheetsync.models import SyncRun
from tests.support.processes import Children, until
from tests.support.quotas import CountingEmulator
from tests.support.runs import expected, orders_of, run_of, set_orders
from tests.support.shops import hooks
from tests.support.storm_site import Web, environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MOST_CALLS = 4
"""For one order that a webhook reported."""
ORDERS = 30
SECRET = "shpss_0123456789abcdef"
SAMPLES, APART = 30, 2.0
"""So many, so many seconds apart at least: for a fast tab, not for the quota."""


@pytest.fixture
def emulator():
    return CountingEmulator()


@pytest.fixture(params=["polling", "django_q"])
def site(request, child_environment, world, tmp_path, settings):
    """A web process, the scheduler and a worker of either kind, with no setting but where they find each other."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": request.param}
    chosen = environment(SHEETS_URL=world.url, DISPATCH=request.param)
    with Children(child_environment | chosen, tmp_path) as children:
        children.scheduler().says("ready")
        if request.param == "django_q":
            children.qcluster().says("ready for work")
        else:
            children.worker().says("ready")
        web = Web(children)
        web.ready()
        yield web


@pytest.fixture
def shop(world, site):
    """An automation whose tab has all orders."""
    automation = world.automation(orders=[{**order, "id": str(int(order["id"]))} for order in orders_of(ORDERS)])
    automation.source.rotate_webhook_secret("shopify", SECRET)
    run_of(automation)
    until(lambda: not SyncRun.objects.active().exists(), "the first export")
    return automation


def orders_with(total, changed):
    orders = [{**order, "id": str(int(order["id"]))} for order in orders_of(ORDERS)]
    return [{**order, "total": total} if order["id"] in changed else order for order in orders]


def report(site, automation, order, delivery):
    """As the shop does. -> the run that will look at it"""
    hook = hooks.shopify(automation.source, {"id": int(order)}, SECRET, delivery=delivery)
    connection = HTTPConnection(site.address, timeout=30)
    connection.request("POST", hook.path, hook.body, hook.headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status == 200, text
    return SyncRun.objects.latest("pk")


def seconds_to_the_cell(world, site, automation, number):
    """One order changes, and the shop tells of it. -> how long until its cell shows it, and the run"""
    order, total = str(1 + number % ORDERS), f"{number + 100}.25"
    orders = orders_with(total, {order})
    set_orders(automation, orders)
    began = time.monotonic()
    run = report(site, automation, order, f"w-{number}")
    until(lambda: world.rows(automation)[order][2] == float(total), f"the cell of order {order}", 60, every=0.01)
    seconds = time.monotonic() - began
    until(lambda: not SyncRun.objects.active().exists(), "the run to be over")
    return seconds, SyncRun.objects.get(pk=run.pk)


def calls_of(world, run):
    return [call.kind for call in world.emulator.metered if call.run == run.correlation_id]


def test_what_a_webhook_reports_gets_into_its_cell_at_default_settings(world, site, shop):
    seconds, run = seconds_to_the_cell(world, site, shop, 0)
    calls = calls_of(world, run)
    print(f"\nin the cell after {seconds:.1f} s, by {len(calls)} calls: {', '.join(calls)}")
    assert (run.trigger, run.mode, run.status, run.attempts) == ("webhook", "orders", "completed", 1)
    assert world.rows(shop) == expected(orders_with("100.25", {"1"}))
    assert 0 < len(calls) <= MOST_CALLS


@pytest.mark.thorough
@pytest.mark.long
def test_how_long_thirty_webhooks_take_to_their_cells(world, site, shop):
    random, took, calls = Random(7), [], []
    for number in range(SAMPLES):
        seconds, run = seconds_to_the_cell(world, site, shop, number)
        took.append(seconds)
        calls.append(len(calls_of(world, run)))
        set_orders(shop, orders_with("1.50", set()))
        time.sleep(APART + random.random())  # at another place between two looks of the clock each time
    took.sort()
    print(f"\np50 {took[SAMPLES // 2]:.2f} s, p99 {took[-1]:.2f} s, best {took[0]:.2f} s, calls {sorted(set(calls))}")
    assert max(calls) <= MOST_CALLS
