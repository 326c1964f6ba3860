"""The list of runs and a run in figures: all that an operator needs to know at a glance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sheetsync.admin import figures
from sheetsync.admin.display import span
from sheetsync.models import Automation, SyncRun, Tenant, ending
from tests.admin.pages import listing, page
from tests.admin.rows import run_of, waiting_run_of

COUNTERS = {"orders": 123, "rows": 4_000, "seconds": 50.0, "calls": 11, "bytes_out": 1_234_567}
NOW = timezone.now()


def test_the_list_says_what_a_run_is_at(shop, operator):
    waiting_run_of(shop.automation, attempts=2, counters=COUNTERS, total_orders=400, waiting_for="quota")
    shown = operator.get(listing(SyncRun)).text

    for text in ("</span> waiting</span>", "2 of 5", "123 of 400 (30\u00a0%)", "quota", "1 min 30 s", "just now"):
        assert text in shown
    assert f"TabRefused: {shop.run.error}".replace("'", "&#x27;") in shown


@pytest.mark.parametrize(
    ("orders", "total", "shown"),
    [
        (5, None, "5"),  # a source that does not know how many it has
        (0, 0, "0"),  # nothing to divide by
        (1, 3, "1 of 3 (33\u00a0%)"),
        (399, 400, "399 of 400 (99\u00a0%)"),  # 100 % is said of the end only
        (410, 400, "410 of 400 (100\u00a0%)"),  # the shop sold ten meanwhile
    ],
)
def test_progress_is_told_in_orders_and_per_cent(orders, total, shown):
    assert figures.progress_of(SyncRun(counters={"orders": orders}, total_orders=total)) == shown


@pytest.mark.parametrize(
    ("counters", "shown"),
    [
        ({}, "0"),
        ({"rows": 7, "seconds": 0.0}, "7"),  # a slice that ended before it counted any time
        ({"rows": 1000, "seconds": 3.0}, "1,000 (333.3 a second)"),
    ],
)
def test_rows_are_told_with_their_speed(counters, shown):
    assert figures.rows_of(SyncRun(counters=counters)) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"status": "pending"}, "a free worker"),
        ({"status": "pending", "waiting_for": "the quota"}, "the quota"),
        (
            {"status": "pending", "next_attempt_at": NOW + timedelta(hours=24, minutes=9)},
            "a free worker; goes on in 24 h",
        ),
        ({"status": "running"}, "-"),
        ({"status": "running", "cancel_requested_at": NOW}, "it was asked to stop, and does at its next batch"),
        ({"status": "failed", "error_type": "BadColumn", "error": "no header"}, "BadColumn: no header"),
        ({"status": "completed"}, "-"),
    ],
)
def test_the_reason_is_what_a_run_waits_for_or_failed_of(values, shown):
    assert figures.reason_of(SyncRun(**{"next_attempt_at": NOW} | values)).startswith(shown)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"status": "pending"}, ("…", "waiting", "waiting")),
        (
            {"status": "pending", "error_type": "Unavailable"},
            ("…", "waiting", "waiting"),
        ),  # a pause of its next attempt
        ({"status": "running"}, ("▶", "running", "busy")),
        ({"status": "running", "cancel_requested_at": NOW}, ("▶", "stopping", "waiting")),
        ({"status": "completed"}, ("✔", "completed", "good")),
        ({"status": "failed", "error_type": "BadColumn"}, ("✖", "failed", "bad")),
        ({"status": "failed", "error_type": "GrantRevoked"}, ("✖", "needs owner", "bad")),
        ({"status": "dead", "error_type": "Unavailable"}, ("✖", "dead", "bad")),
        ({"status": "canceled"}, ("■", "canceled", "off")),
    ],
)
def test_a_status_is_a_sign_a_word_and_a_kind(values, shown):
    assert figures.look_of(SyncRun(**values)) == shown


def test_a_run_whose_worker_was_lost_will_be_tried_again_and_a_pause_of_that_attempt_only_waits(shop):
    run = run_of(
        shop.automation, status="running", finished_at=None, lease_token="t", lease_expires_at=NOW - timedelta(hours=1)
    )  # fmt: skip
    ending.reap()
    run.refresh_from_db()
    assert figures.look_of(run).word == "will retry"
    run = SyncRun.objects.claim("worker", timedelta(minutes=1))
    ending.release(run, ending.Snapshot(), seconds=0, reason="")
    run.refresh_from_db()

    assert (run.error_type, figures.look_of(run).word) == ("WorkerLost", "waiting")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"status": "completed"}, "-"),
        ({"status": "running", "counters": {"orders": 9}}, "unknown: its source does not count its orders"),
        ({"status": "running"}, "unknown"),
        ({"status": "running", "total_orders": 9}, "unknown until the first batch is done"),
        ({"status": "running", "total_orders": 400, "counters": {"orders": 100, "seconds": 50.0}}, "about 2 min 30 s"),
        # Paused for the quota: the work that is left is the same.
        ({"status": "pending", "total_orders": 400, "counters": {"orders": 100, "seconds": 50.0}}, "about 2 min 30 s"),
        ({"status": "running", "total_orders": 9, "counters": {"orders": 12, "seconds": 3.0}}, "nearly nothing"),
    ],
)
def test_the_work_that_is_left_is_told_by_the_pace_so_far(values, shown):
    assert figures.left_of(SyncRun(**values)) == shown


@pytest.mark.parametrize(
    ("orders", "total", "ends"), [(5, None, None), (0, 0, None), (1, 3, (1, 3)), (410, 400, (400, 400))]
)
def test_a_bar_never_goes_beyond_its_end(orders, total, ends):
    assert figures.bar_of(SyncRun(counters={"orders": orders}, total_orders=total)) == ends


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.44, "0.4 s"),
        (0, "0 s"),
        (-0.2, "0 s"),
        (9.96, "10 s"),
        (10.6, "10 s"),
        (59.9, "59 s"),
        (61, "1 min 01 s"),
        (3_600, "1 h 00 min 00 s"),
    ],
)
def test_durations_are_told_in_hours_minutes_and_seconds(seconds, shown):
    assert span(seconds) == shown


def test_a_run_that_has_not_begun_has_no_duration():
    assert figures.duration_of(SyncRun()) == "-"


def test_a_lease_token_is_nowhere_to_be_seen(shop, operator):
    lease = {"lease_token": "the-token", "lease_expires_at": NOW + timedelta(minutes=1)}
    run = run_of(shop.automation, status="running", finished_at=None, **lease)

    assert "the-token" not in operator.get(page(run)).text + operator.get(listing(SyncRun)).text


def test_only_active_runs_of_a_list_are_told_again(shop, operator):
    waiting = waiting_run_of(shop.automation)
    shown = operator.get(listing(SyncRun)).text

    assert f'data-run="{waiting.pk}" data-live="badge"' in shown
    assert f'data-run="{shop.run.pk}"' not in shown


def test_a_list_without_any_run_says_where_runs_come_from(operator):
    shown = operator.get(listing(SyncRun)).text

    assert "Nothing has run yet" in shown
    assert listing(Automation) in shown


def test_a_list_that_a_filter_emptied_says_how_to_see_more(shop, operator):
    for query in ({"q": "nobody"}, {"status__exact": "dead"}):
        shown = operator.get(listing(SyncRun), query).text
        assert "No run is like that" in shown
        assert "Nothing has run yet" not in shown


def test_names_and_errors_of_tenants_are_texts_in_the_list(shop, operator):
    Automation.objects.update(name="<script>a</script>")
    Tenant.objects.update(name="<script>t</script>")
    run_of(shop.automation, error_type="BadRecord", error="<script>e</script>")
    shown = operator.get(listing(SyncRun)).text

    for letter in "ate":
        assert f"<script>{letter}" not in shown
        assert f"&lt;script&gt;{letter}" in shown
