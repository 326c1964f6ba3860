"""Runs as operators watch them: the bar moves, attempts follow one another, and nobody has to load the page again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from sheetsync.models import Incident, SyncAttempt, SyncRun
from tests.support.browsers import expect
from tests.support.runs import orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.only_on("sqlite")]

BATCHES = {"MAX_GROUPS_PER_BATCH": 3, "LEASE_SECONDS": 2}
FIRST_COMMIT = 4
"""Calls before it: a fresh run reads the spreadsheet twice, proves itself and makes the tab."""
NOW = timezone.now()


@pytest.fixture
def run(world):
    """Twelve orders, in batches of three."""
    return run_of(world.automation(orders=orders_of(12)))


@pytest.fixture
def hold(world, run):
    """Stops the run's worker after so many further calls."""

    def of_run(request):
        return request.header("X-Correlation-ID") == run.correlation_id

    def stop_before(call):
        return world.emulator.faults.add("hold", of_run, after=call, name=f"before {call}")

    return stop_before


@pytest.fixture
def asked(page):
    """The pages' questions how their runs get on."""
    questions = []
    page.on("request", lambda request: "/progress/" in request.url and questions.append(request.url))
    return questions


LISTEN = """() => {
  window.said = [];
  const heard = (changes) => window.said.push(changes[0].target.textContent);
  new MutationObserver(heard).observe(document.querySelector('#sheetsync-live [role="status"]'), {childList: true});
}"""


def story(console):
    return console.page.locator("#sheetsync-run")


def mark(console):
    """The page as it is now: one that was loaded anew would have lost this."""
    console.page.evaluate("document.documentElement.dataset.seen = 'yes'")


def is_marked(console):
    return console.page.evaluate("document.documentElement.dataset.seen") == "yes"


def test_a_bar_moves_while_its_run_is_at_work_and_the_page_ends_as_the_run_does(
    world, console, children, run, hold, asked
):
    faults, first = world.emulator.faults, hold(FIRST_COMMIT)
    console.open(run).shows("Waiting for:", "a free worker")
    mark(console)
    children.worker(**BATCHES)
    assert faults.wait_reached(first, 60)
    expect(story(console).locator(".large .sheetsync-badge")).to_have_text("▶ running")
    third = hold(1)
    faults.release(first.options["name"])
    assert faults.wait_reached(third, 60)
    expect(story(console).get_by_label(f"orders done of run {run.pk}")).to_have_js_property("value", 6)
    expect(story(console).locator('[data-live="progress"]')).to_have_text("6 of 12 (50\u00a0%)")
    batches = story(console).get_by_role("region", name="Batches of attempt 1").locator("tbody tr")
    expect(batches.locator("td:first-child")).to_have_text(["2", "1"])
    # As fast as this machine is, six orders more take a while, or hardly any time.
    expect(story(console).locator('[data-live="left"]')).to_have_text(re.compile("about|nearly nothing"))
    faults.release(third.options["name"])

    expect(story(console).locator(".large .sheetsync-badge")).to_have_text("✔ completed")
    expect(story(console).locator(".attempt")).to_contain_text("✔ succeeded")
    expect(story(console).locator('[data-live="progress"]')).to_have_text("12 of 12 (100\u00a0%)")
    expect(batches.locator("td:first-child")).to_have_text(["4", "3", "2", "1"])
    expect(console.page.get_by_role("button", name="Cancel", exact=True)).to_have_count(0)
    expect(console.page.get_by_role("button", name="Replay").first).to_be_visible()
    assert is_marked(console)
    number = len(asked)
    console.page.wait_for_timeout(3_000)
    assert len(asked) == number


def test_a_killed_worker_is_told_as_lost_and_the_next_attempt_appears(world, console, children, run, hold):
    held = hold(FIRST_COMMIT + 1)
    worker = children.worker(**BATCHES)
    assert world.emulator.faults.wait_reached(held, 60)
    console.open(run).shows("running")
    mark(console)
    worker.kill()
    world.emulator.faults.release()
    children.worker(**BATCHES)

    attempts = story(console).locator(".attempt")
    expect(attempts).to_have_count(2)
    expect(attempts.first).to_contain_text("worker lost")
    expect(story(console).locator(".large .sheetsync-badge")).to_have_text("✔ completed")
    expect(attempts.last).to_contain_text("succeeded")
    assert is_marked(console)


def test_the_rows_of_the_list_are_told_until_they_are_over(world, console, children, run, hold, asked):
    held = hold(FIRST_COMMIT + 2)
    console.open(SyncRun)
    mark(console)
    row = console.page.locator("#result_list tbody tr")
    expect(row).to_contain_text("waiting")
    children.worker(**BATCHES)
    assert world.emulator.faults.wait_reached(held, 60)
    expect(row.locator(".sheetsync-badge")).to_have_text("▶ running")
    expect(row.locator("progress")).to_have_js_property("value", 6)
    world.emulator.faults.release()

    expect(row.locator(".sheetsync-badge")).to_have_text("✔ completed")
    expect(row).to_contain_text("12 of 12 (100\u00a0%)")
    expect(row.locator("progress")).to_have_count(0)
    assert is_marked(console)
    number = len(asked)
    console.page.wait_for_timeout(6_000)
    assert len(asked) == number


def test_a_reader_of_the_screen_is_told_of_what_matters_only(console, run, asked):
    console.open(run)
    said = console.page.locator('#sheetsync-live [role="status"]')
    console.page.evaluate(LISTEN)
    for orders in (1, 2, 3, 6, 7):
        values = {"counters": {"orders": orders, "rows": orders, "seconds": orders}, "total_orders": 12}
        SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=NOW + timedelta(hours=1), **values)
        expect(story(console).locator('[data-live="progress"]')).to_contain_text(f"{orders} of 12")
    expect(said).to_contain_text("waiting, 6 of 12")

    assert [each.partition(":")[2] for each in console.page.evaluate("window.said")] == [
        " waiting, 3 of 12 (25\u00a0%)",
        " waiting, 6 of 12 (50\u00a0%)",
    ]


def test_a_server_that_does_not_answer_is_told_and_asked_again(console, complaints, run):
    complaints.expect("Failed to load resource")
    console.open(run)
    console.page.route("**/progress/**", _break)
    notice = console.page.get_by_role("alert")
    expect(notice).to_contain_text("The server does not answer. Shown is what was known at ")
    expect(notice).not_to_contain_text("%")
    SyncRun.objects.filter(pk=run.pk).update(status="canceled", finished_at=NOW)
    console.page.unroute("**/progress/**")

    expect(story(console).locator(".large .sheetsync-badge")).to_have_text("■ canceled")
    expect(notice).to_be_hidden()


def _break(route):
    route.abort()


def test_who_is_signed_out_meanwhile_is_told_to_load_the_page_again(console, run, asked):
    console.open(run)
    Session.objects.all().delete()

    expect(console.page.get_by_role("alert")).to_contain_text("You are signed out")
    number = len(asked)
    console.page.wait_for_timeout(6_000)
    assert len(asked) == number


def test_a_traceback_that_somebody_reads_stays_open_when_more_happens(console, run):
    attempt_of(run, 1, error_type="Unavailable", error="no answer", traceback="Traceback of this")
    SyncRun.objects.filter(pk=run.pk).update(attempts=1, next_attempt_at=NOW + timedelta(hours=1))
    console.open(run)
    console.page.get_by_text("Traceback", exact=True).click()
    expect(console.page.get_by_text("Traceback of this")).to_be_visible()
    SyncRun.objects.filter(pk=run.pk).update(
        status="dead", finished_at=NOW, error_type="Unavailable", error="no answer"
    )

    expect(story(console)).to_contain_text("It failed too often")
    expect(console.page.get_by_text("Traceback of this")).to_be_visible()


def test_without_scripts_the_page_shows_what_was(browser, console, run, live_server):
    context = browser.new_context(java_script_enabled=False, storage_state=console.page.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/sheetsync/syncrun/{run.pk}/change/")

    expect(page.locator("#sheetsync-run")).to_contain_text("Waiting for: a free worker")
    expect(page.get_by_role("alert")).to_be_hidden()
    context.close()


def test_the_story_stands_below_the_buttons_and_has_the_whole_page(console, run):
    """Not beside them, where Django puts what it knows nothing of."""
    console.open(run)
    boxes = [
        console.page.locator(place).first.bounding_box() for place in ("#content h1", ".object-tools", "#sheetsync-run")
    ]
    title, tools, told = boxes

    assert title["y"] + title["height"] <= tools["y"] and tools["y"] + tools["height"] <= told["y"]
    assert told["x"] <= title["x"] + 1 and told["width"] > 900


def test_a_day_is_chosen_in_the_list_and_other_filters_stay(console, run):
    day = timezone.localdate().isoformat()
    console.open("/admin/sheetsync/syncrun/?status__exact=pending")
    console.page.get_by_label("On one day").fill(day)
    console.press("Show")

    assert f"period={day}" in console.page.url and "status__exact=pending" in console.page.url
    expect(console.page.locator("#result_list tbody tr")).to_have_count(1)


def attempt_of(run, number, **values):
    """One that has failed, ten minutes after the one before."""
    start = NOW - timedelta(minutes=10 * (6 - number))
    ended = {"finished_at": start + timedelta(seconds=70), "outcome": "failed"}
    told = {"number": number, "worker": "worker-1:42", "slices": 1, "started_at": start, "rows": 300}
    return SyncAttempt.objects.create(run=run, **told | ended | values)


LEASE = {"lease_token": "t", "lease_worker": "worker-1:42", "lease_expires_at": NOW + timedelta(hours=9)}
COUNTERS = {"orders": 120, "rows": 300, "inserted": 280, "calls": 9, "seconds": 21.5, "batches": 1, "commits": 1}
LOG = [
    [number, 1_790_000_000 + n, n, 6 * n, 12 * n, 0, 0, 3 * n, 4 * n, 1.1 * n] for number in (1, 5) for n in range(30)
]
SAID = {"error_type": "Unavailable", "error": "the shop did not answer: 503 Service Unavailable"}
STATES = {
    "running": {"status": "running", "total_orders": 400, **LEASE},
    "uncounted": {"status": "running", **LEASE},
    "stopping": {"status": "running", "total_orders": 400, "cancel_requested_at": NOW, **LEASE},
    "waiting": {"status": "pending", "waiting_for": "the quota", "next_attempt_at": NOW + timedelta(hours=9)},
    "retrying": {
        "status": "pending",
        "next_attempt_at": NOW + timedelta(hours=9),
        "waiting_for": "another attempt after Unavailable",
        **SAID,
    },
    "failed": {"status": "failed", "error_type": "TabRefused", "error": "tab 'Orders' is not ours"},
    "owner": {"status": "failed", "error_type": "GrantRevoked", "error": "connect it again"},
    "dead": {"status": "dead", "total_orders": 400, **SAID},
    "canceled": {"status": "canceled", "cancel_requested_at": NOW},
    "completed": {"status": "completed", "total_orders": 120, "warnings": {"text_cut": {"count": 3, "example": "<b>"}}},
}


def in_state(world, name, **values):
    """A run with five attempts and an incident."""
    automation = world.automation(name=name)
    ended = {} if values["status"] in SyncRun.ACTIVE else {"finished_at": NOW}
    made = {"trigger": "manual", "attempts": 5, "max_attempts": 5, "counters": COUNTERS, "batch_log": LOG}
    times = {"started_at": NOW, **ended}
    run = SyncRun.objects.create(tenant=automation.tenant, automation=automation, **made | times | values)
    for number in range(1, 6):
        attempt_of(run, number, **SAID, traceback="Traceback (most recent call last):\n" + "  File x\n" * 40)
    Incident.objects.create(run=run, kind="rows_moved", count=2, example="row 7 held another key than a moment ago")
    return run


def test_the_list_with_runs_in_every_state_can_be_used(world, console):
    for name, values in STATES.items():
        in_state(world, name, **values)
    console.open(SyncRun).judge("runs-all")
    console.open("/admin/sheetsync/syncrun/?q=nobody").judge("runs-none")


@pytest.mark.parametrize("name", STATES)
def test_the_page_of_a_run_in_any_state_can_be_used(world, console, name):
    run = in_state(world, name, **STATES[name])
    console.open(run).judge(f"run-{name}")
