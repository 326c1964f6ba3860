"""The pictures of the documentation: a story told by real runs, and the console that tells of it. `make pictures`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sheetsync.models import SyncRun
from tests.support.browsers import expect
from tests.support.runs import orders_of, run_of, set_orders
from tests.support.story import Story

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.only_on("sqlite")]

QUICK = {"MAX_ATTEMPTS": 3, "RETRY_BASE_SECONDS": 0.4, "RETRY_CAP_SECONDS": 1.5}
HEAVIEST = 150_000
"""Bytes of a picture: the documentation is read by people who wait for it."""


def picture(console, name, height=800, top=""):
    """What fits into a window of this height, from this element on, where the documentation is to have it."""
    console.page.set_viewport_size({"width": 1280, "height": height})
    if top:
        console.page.locator(top).first.evaluate("(each) => each.scrollIntoView()")
    console.usable()
    if folder := os.environ.get("SHEETSYNC_DOCUMENTED"):
        path = Path(folder) / f"{name}.png"
        console.page.screenshot(path=str(path), caret="initial")
        assert path.stat().st_size <= HEAVIEST, f"{name} has {path.stat().st_size:,} bytes"


@pytest.fixture
def story(world, settings, console):
    settings.SHEETSYNC = settings.SHEETSYNC | QUICK
    return Story(world).tell()


@pytest.fixture
def alive(story, children, world):
    """A site where somebody looks and works: one run is held in the middle of its work."""
    children.scheduler()
    set_orders(story.cactus, orders_of(400))
    middle = world.emulator.faults.add("hold", f"{story.cactus.spreadsheet_id}:batchUpdate", after=8)
    story.running = run_of(story.cactus)
    children.worker(MAX_GROUPS_PER_BATCH=25)
    assert world.emulator.faults.wait_reached(middle, 60)
    yield story
    world.emulator.faults.release()


def test_the_console_tells_the_story(alive, console, world):
    console.open(SyncRun).press("Toggle navigation")  # the pages of other apps are not what is to be shown
    console.open(alive.running)
    expect(console.page.get_by_role("progressbar").first).to_have_attribute("value", "200")
    picture(console, "run-live", 640)
    picture(console.open("/admin/sheetsync/"), "dashboard", 1100)
    picture(console.open(SyncRun), "run-list", 900)
    picture(console.open(alive.recovered).shows("Attempt 3"), "run-attempts", 1000)
    picture(console.open(alive.died_again).shows("It failed too often"), "dead-run", 900)
    picture(console, "retry-log", 620, top="[aria-labelledby=sheetsync-attempts]")
    picture(console.open(alive.replayed).shows("replay of"), "replay", 760)
    picture(console.open(alive.refused).shows("Its owner has to act"), "needs-owner", 760)
    console.open(alive.books).page.locator("[data-live=preview]").click()
    expect(console.page.locator("#sheetsync-preview table").first).to_be_visible()
    picture(console, "automation", 900, top=".sheetsync-columns")


def test_the_api_is_described(console):
    console.open("/api/v1/docs")
    expect(console.page.get_by_role("heading", name="sheetsync")).to_be_visible()
    picture(console, "api", 900)
