"""The list of runs and the page of a run: all that an operator needs to know, in words and tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sheetsync.admin import figures
from sheetsync.admin.display import span
from sheetsync.admin.history import FEW_TENANTS
from sheetsync.models import SyncRun, Tenant
from tests.admin.pages import listing, page
from tests.admin.rows import run_of, waiting_run_of

COUNTERS = {"orders": 123, "rows": 4_000, "seconds": 50.0, "calls": 11, "bytes_out": 1_234_567}
NOW = timezone.now()


def found(client, **query) -> list[int]:
    """The ids of the runs that a list shows."""
    return [run.pk for run in client.get(listing(SyncRun), query).context["cl"].result_list]


def test_the_list_says_what_a_run_is_at(shop, operator):
    waiting_run_of(shop.automation, attempts=2, counters=COUNTERS, total_orders=400, waiting_for="quota")
    shown = operator.get(listing(SyncRun)).text

    for text in ("… waiting", "2 of 5", "123 of 400 (30\u00a0%)", "4,000 (80.0 a second)", "quota", "1 min 30 s"):
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
        ({"status": "running"}, "-"),
        ({"status": "running", "cancel_requested_at": NOW}, "it was asked to stop, and does at its next batch"),
        ({"status": "failed", "error_type": "BadColumn", "error": "no header"}, "BadColumn: no header"),
        ({"status": "completed"}, "-"),
    ],
)
def test_the_reason_is_what_a_run_waits_for_or_failed_of(values, shown):
    assert figures.reason_of(SyncRun(**values)) == shown


def test_a_run_that_was_asked_to_stop_is_stopping():
    assert figures.status_of(SyncRun(status="running", cancel_requested_at=NOW)) == "▶ stopping"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0 s"), (59.9, "59 s"), (61, "1 min 01 s"), (3_600, "1 h 00 min 00 s")]
)
def test_durations_are_told_in_hours_minutes_and_seconds(seconds, shown):
    assert span(seconds) == shown


def test_a_run_that_has_not_begun_has_no_duration():
    assert figures.duration_of(SyncRun()) == "-"


def test_the_page_shows_counters_and_warnings_as_tables_and_escapes_what_tenants_wrote(shop, operator):
    warnings = {"text_cut": {"count": 3, "example": "order <b>7</b>"}}
    run = run_of(shop.automation, counters=COUNTERS, warnings=warnings)
    shown = operator.get(page(run)).text

    assert "<tr><th>bytes sent</th><td>1,234,567</td></tr>" in shown
    assert "<tr><th>text_cut</th><td>3</td><td>order &lt;b&gt;7&lt;/b&gt;</td></tr>" in shown
    assert "&quot;count&quot;" not in shown


def test_the_page_of_a_fresh_run_opens(shop, operator):
    assert "nothing: it begins at the beginning" in operator.get(page(waiting_run_of(shop.automation))).text


def test_the_page_tells_the_attempts_with_their_tracebacks_folded_and_the_incidents(shop, operator):
    shown = operator.get(page(shop.run)).text

    assert "<details><summary>show</summary><pre>Traceback of &lt;this&gt;</pre></details>" in shown
    assert "row 7 was sorted to row 4" in shown


def test_the_page_links_to_the_automation_the_original_and_the_replays(shop, operator):
    replay = run_of(shop.automation, replay_of=shop.run, replay_of_attempt=1)

    assert page(replay) in operator.get(page(shop.run)).text
    shown = operator.get(page(replay)).text
    assert page(shop.automation) in shown
    assert f'<a href="{page(shop.run)}">run {shop.run.pk}, attempt 1</a>' in shown


def test_a_lease_token_is_nowhere_to_be_seen(shop, operator):
    lease = {"lease_token": "the-token", "lease_expires_at": NOW + timedelta(minutes=1)}
    run = run_of(shop.automation, status="running", finished_at=None, **lease)

    assert "the-token" not in operator.get(page(run)).text + operator.get(listing(SyncRun)).text


def test_a_run_is_found_by_its_ids_and_by_the_name_of_its_automation(shop, operator):
    other = run_of(shop.automation, correlation_id="from-the-shop-1")

    assert found(operator, q="from-the-shop-1") == [other.pk]
    assert found(operator, q=f" {other.pk} ") == [other.pk]
    assert found(operator, q="rders") == [other.pk, shop.run.pk]
    assert found(operator, q="9" * 30) == []
    assert found(operator, q="²") == []  # a digit, and no number


def test_runs_are_filtered_by_what_they_are(shop, operator):
    done = run_of(shop.automation, status="completed", trigger="webhook", mode="orders")

    for field in ("status", "trigger", "mode"):
        assert found(operator, **{f"{field}__exact": getattr(done, field)}) == [done.pk]
    assert found(operator, created_at__year=1999) == []


def test_tenants_are_a_filter_while_they_are_few(shop, operator):
    Tenant.objects.bulk_create(Tenant(name=f"shop {number}") for number in range(FEW_TENANTS - 1))
    assert "shop 3" in operator.get(listing(SyncRun)).text
    Tenant.objects.create(name="one more")

    assert "shop 3" not in operator.get(listing(SyncRun)).text
    assert found(operator, tenant__id__exact=shop.tenant.pk) == [shop.run.pk]
