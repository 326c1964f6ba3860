"""Runs, watched by an operator while they go on, fail, and are mended."""

from __future__ import annotations

import os
import signal

import pytest

from sheetsync.execute import execute_next
from sheetsync.models import SyncRun
from tests.support.browsers import expect
from tests.support.processes import until
from tests.support.runs import expected, orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BATCHES = {"MAX_GROUPS_PER_BATCH": 10}


def held(world, *orders):
    """The worker waits for us before the commits that would follow when so many orders of a fresh tab are done.

    Two calls that write come before: one that proves that we may, and one that makes the tab.
    """
    return [world.emulator.faults.add("hold", after=2 + done // 10, name=str(done)) for done in orders]


def reached(world, hold):
    assert world.emulator.faults.wait_reached(hold, 60)


def badge(console, word):
    expect(console.page.locator("#sheetsync-run [data-live=badge]")).to_contain_text(word)
    return console


def test_a_run_is_watched_while_its_bar_moves(console, world, children):
    automation = world.automation(orders=orders_of(40))
    first, second = held(world, 10, 30)
    children.worker(**BATCHES)
    console.open(automation).press("Run now").told("was started")
    reached(world, first)
    run = SyncRun.objects.get()
    console.open(run).usable()
    bar = console.page.get_by_role("progressbar").first
    expect(bar).to_have_attribute("value", "10")
    badge(console, "running")

    world.emulator.faults.release("10")
    reached(world, second)
    expect(bar).to_have_attribute("value", "30")
    console.shows("30 of 40").usable()
    world.emulator.faults.release("30")
    badge(console, "completed").shows("40 of 40").usable()
    assert world.rows(automation) == expected(orders_of(40))


def test_a_list_of_runs_follows_them_too(console, world, children):
    automation = world.automation(orders=orders_of(20))
    (hold,) = held(world, 10)
    run = run_of(automation)
    children.worker(**BATCHES)
    reached(world, hold)
    console.open(SyncRun).shows("running").usable()
    world.emulator.faults.release("10")
    expect(console.page.locator(f"[data-run='{run.pk}'] .sheetsync-badge").first).to_contain_text("completed")


def test_a_killed_worker_is_seen_to_be_replaced_by_another(console, world, children):
    automation = world.automation(orders=orders_of(40))
    children.settings |= {"LEASE_SECONDS": 2}
    (hold,) = held(world, 20)
    run = run_of(automation)
    victim = children.worker(**BATCHES)
    reached(world, hold)
    console.open(run)
    badge(console, "running").shows("20 of 40")

    os.kill(victim.pid, signal.SIGKILL)
    world.emulator.faults.release("20")
    children.worker(**BATCHES)
    children.scheduler()
    badge(console, "completed").shows("40 of 40")
    console.shows("Attempt 2").usable()
    expect(console.page.locator(".sheetsync-timeline")).to_contain_text("lost")
    assert world.rows(automation) == expected(orders_of(40))


def test_a_dead_run_names_its_remedy_and_is_replayed_when_that_is_done(console, world, children, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_ATTEMPTS": 2}
    automation = world.automation(orders=orders_of(5))
    world.emulator.faults.add("status", times=100, status=503)
    run = run_of(automation)
    children.worker(RETRY_BASE_SECONDS=0.1, RETRY_CAP_SECONDS=0.2)
    children.scheduler()
    until(lambda: SyncRun.objects.filter(pk=run.pk, status="dead").exists(), "the run to be dead")
    console.open(SyncRun).shows("dead").follow(str(run.pk))
    console.shows("It failed too often", "What to do", "Then replay it").usable()

    world.emulator.faults.clear()
    console.press("Replay")
    replay = SyncRun.objects.exclude(pk=run.pk).get()
    console.told(f"run {replay.pk} was started, like run {run.pk}")
    console.open(replay)
    badge(console, "completed").shows(f"run {run.pk}, attempt 2").usable()
    run.refresh_from_db()
    assert run.status == "dead" and world.rows(automation) == expected(orders_of(5))


def test_the_dashboard_names_what_fails_and_has_the_button_that_mends_it(console, world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"MAX_ATTEMPTS": 1}
    automation = world.automation(orders=orders_of(5))
    world.emulator.faults.add("status", times=100, status=503)
    run = run_of(automation)
    execute_next()
    world.emulator.faults.clear()
    console.open("/admin/sheetsync/").shows("Automation that fails", "Unavailable").usable()
    console.press("Replay: orders")
    execute_next()
    assert SyncRun.objects.get(replay_of=run).status == "completed"
    console.open("/admin/sheetsync/").shows("Nothing needs anybody").usable()


def test_a_run_whose_owner_has_to_act_is_retried_when_they_have(console, world, children):
    automation = world.automation(orders=orders_of(5), spreadsheet_id="1" * 40)
    run = run_of(automation)
    children.worker()
    until(lambda: SyncRun.objects.filter(pk=run.pk, status="failed").exists(), "the run to have failed")
    console.open(run).shows("Its owner has to act", "SpreadsheetGone").usable()

    book = world.emulator.create_spreadsheet("A new one")
    console.follow("Open the automation orders")
    console.page.locator("[name=spreadsheet_id]").fill(book)
    console.press("Save").told("was changed successfully")
    console.open(run).press("Retry").told("is tried again")
    badge(console, "completed").usable()
    automation.refresh_from_db()
    assert world.rows(automation) == expected(orders_of(5))
