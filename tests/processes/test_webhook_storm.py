"""Thousands of webhooks on real web processes, a fifth of them twice, one process killed over it: no order is lost."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from sheetsync.models import DirtyOrder, SyncAttempt, SyncRun, WebhookDelivery
from tests.support.processes import Children, until
from tests.support.runs import expected
from tests.support.storm_hooks import AT_ONCE, TWICE, Storm, answers_in, brewed, contradictions
from tests.support.storm_site import Web, environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DEBOUNCE = 2.0
"""The default, at which all processes work."""
SECRET = "shpss_0123456789abcdef"


@pytest.fixture
def children(child_environment, world, tmp_path):
    chosen = environment(SHEETS_URL=world.url, DISPATCH="polling") | {"SHEETSYNC_PACING": "off"}
    with Children(child_environment | chosen, tmp_path) as children:
        yield children


@pytest.fixture
def webs(children):
    """Two of them."""
    webs = [Web(children) for _ in range(2)]
    for web in webs:
        web.ready()
    return webs


def gathered(world, webs, automation, folder, *, deliveries, orders, bursts, rate):
    """A storm of the shop of this automation, which has no order before."""
    automation.source.rotate_webhook_secret("shopify", SECRET)
    return Storm(
        sites=[web.url for web in webs],
        shop=automation.source.config["path"],
        journal=str(folder / "journal.jsonl"),
        rate=rate,
        **brewed(automation.source, SECRET, deliveries, orders, bursts),
    )


def breaks_over(storm, children, webs, folder):
    """All of it, with a web process killed in the pace and one while many come at once. -> the answers"""
    load = children.start("load", [sys.executable, "-m", "tests.support.storm_load", str(storm.save(folder / "storm"))])
    fresh, bursts = len(storm.told), len(storm.at_once)
    for web, reached in zip(webs, [fresh // 3, fresh - bursts + bursts // 3], strict=True):
        until(lambda least=reached: WebhookDelivery.objects.count() > least, f"{reached} deliveries", 900)
        web.die()
    assert load.wait(900) == 0, load.output
    return answers_in(Path(storm.journal))


def calm():
    return not SyncRun.objects.active().exists() and not DirtyOrder.objects.exists()


def all_is_right(world, automation, storm, answers):
    """Everything was answered, each delivery alike whenever it came, and the tab has what the shop has."""
    orders = [json.loads(line) for line in Path(storm.shop).read_text().splitlines()]
    assert {answer.status for answer in answers} <= {0, 200}
    assert {answer.which for answer in answers if answer.status == 200} == set(range(len(storm.told)))
    assert list(contradictions(answers)) == []
    assert WebhookDelivery.objects.count() == len(storm.told)
    assert len(orders) == len({told.order for told in storm.told})
    assert world.rows(automation) == expected(orders)
    assert set(SyncRun.objects.values_list("status", "attempts", "mode")) == {("completed", 1, "orders")}
    assert set(SyncAttempt.objects.values_list("outcome", flat=True)) == {"succeeded"}
    return True


def tell(storm, answers, seconds):
    parts = Counter(answer.part for answer in answers)
    lost = sum(answer.status == 0 for answer in answers)
    print(f"\n{storm.deliveries:,} deliveries, {len(storm.told):,} different ones, in {seconds:.0f} s: {dict(parts)}")
    print(f"{lost} were cut off and sent again; {SyncRun.objects.count()} runs")
    for part in ("paced", "at once"):
        times = sorted(answer.seconds * 1_000 for answer in answers if answer.part == part and answer.status == 200)
        p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
        print(f"{part}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {times[-1]:.0f} ms")


def storm_over(world, children, webs, folder, **sizes):
    automation = world.automation(name="storm")
    storm = gathered(world, webs, automation, folder, **sizes)
    assert storm.deliveries == sizes["deliveries"] and len(storm.told) == sizes["deliveries"] * (1 - TWICE)
    children.worker().says("ready")
    began = time.monotonic()
    answers = breaks_over(storm, children, webs, folder)
    seconds = time.monotonic() - began
    until(calm, "all orders to be looked at", 120)
    tell(storm, answers, seconds)
    assert any(answer.status == 0 for answer in answers), "nobody felt that a web process was killed"
    assert all_is_right(world, automation, storm, answers)
    # A run is born with the first report, and ready a debounce later.
    assert SyncRun.objects.count() <= (time.monotonic() - began) / DEBOUNCE + 1


def test_no_order_is_lost_in_a_storm_in_which_web_processes_are_killed(world, children, webs, tmp_path):
    storm_over(world, children, webs, tmp_path, deliveries=300, orders=60, bursts=2, rate=100)


@pytest.mark.thorough
@pytest.mark.long
@pytest.mark.only_on("postgresql")
def test_no_order_is_lost_in_ten_thousand_deliveries_at_two_hundred_a_second(world, children, webs, tmp_path):
    storm_over(world, children, webs, tmp_path, deliveries=10_000, orders=2_000, bursts=50, rate=200)


def test_a_storm_has_every_delivery_and_a_fifth_of_them_twice(world):
    brew = brewed(world.automation(name="storm").source, SECRET, deliveries=400, orders=60, bursts=3)
    assert sorted({*brew["paced"], *brew["at_once"]}) == list(range(320))
    assert len(brew["paced"]) + AT_ONCE * len(brew["at_once"]) == 400
