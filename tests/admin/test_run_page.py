"""The page of a run: its story, attempt by attempt; what to do, and where; and what belongs to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sheetsync.admin.run.page import MENDING
from sheetsync.admin.run.timeline import MOST, steps, what_next
from sheetsync.admin.tab import tab_address
from sheetsync.models import Incident, StaffTenant, SyncAttempt, SyncRun, Tenant
from tests.admin.pages import listing, page
from tests.admin.rows import run_of, waiting_run_of

COUNTERS = {"orders": 123, "rows": 4_000, "seconds": 50.0, "calls": 11, "bytes_out": 1_234_567, "inserted": 3_000}
NOW = timezone.now()


def seconds(number):
    return timedelta(seconds=number)


def attempt_of(run, number=1, start=-60, end=-30, **values):
    """`start`, `end`: seconds from now; None for one that is open."""
    ended = {"outcome": "failed", "finished_at": NOW + seconds(end)} if end is not None else {}
    times = {"started_at": NOW + seconds(start)} | ended
    return SyncAttempt.objects.create(
        **{"run": run, "number": number, "worker": f"w{number}", "slices": 1, **times, **values}
    )


def text_of(client, run) -> str:
    """What people read: without markup, and with single spaces."""
    shown = client.get(page(run)).text.partition('id="sheetsync-run"')[2].partition('id="footer"')[0]
    return " ".join(re.sub(r"<[^>]*>", " ", shown).split())


def test_the_page_shows_counters_and_warnings_and_escapes_what_tenants_wrote(shop, operator):
    warnings = {"text_cut": {"count": 3, "example": "order <b>7</b>"}}
    run = run_of(shop.automation, counters=COUNTERS, warnings=warnings)
    shown = operator.get(page(run)).text

    assert "<dt>bytes sent</dt><dd>1,234,567</dd>" in shown
    assert "order &lt;b&gt;7&lt;/b&gt;" in shown and "order <b>" not in shown
    assert "text_cut \N{MULTIPLICATION SIGN} 3 Texts longer than a cell can hold were cut." in text_of(operator, run)


def test_each_attempt_tells_its_batches_the_newest_first(shop, operator):
    log = [
        [1, 1_790_000_000, 7, 2_100, 2_000, 0, 0, 100, 20, 12.0],
        [1, 1_790_000_002, 8, 2_400, 2_300, 0, 0, 100, 21, 13.25],
        [2, 1_790_000_060, 8, 2_400, 2_300, 0, 4, 100, 25, 80.0],
    ]
    run = run_of(shop.automation, attempts=2, batch_log=log)
    for number in (1, 2):
        attempt_of(run, number)
    shown = text_of(operator, run)

    assert "batch done at work orders inserted updated removed unchanged calls 8 " in shown
    assert re.search(r" 8 [\d:]{8} 1\.2 s 300 300 0 0 0 1 1 \W 7 [\d:]{8} 12 s 2,100 2,000 0 0 100 20 ", shown)
    assert re.search(r" second look [\d:]{8} 1 min 06 s 0 0 0 4 0 4 ", shown)
    folds = dict(re.findall(r'id="batches-(\d)"([^>]*)>', operator.get(page(run)).text))
    assert folds == {"1": "", "2": " open"}


def test_an_attempt_that_dealt_with_no_batch_shows_no_empty_table(shop, operator):
    run = run_of(shop.automation)
    attempt_of(run)

    assert "batches-1" not in operator.get(page(run)).text


def test_the_page_of_a_fresh_run_says_what_it_waits_for(shop, operator):
    shown = text_of(operator, waiting_run_of(shop.automation, attempts=0, started_at=None))

    assert "Waiting for: a free worker" in shown
    assert "Attempt 1 of 5 begins as soon as a worker is free." in shown
    assert "nothing: it begins at the beginning" in shown


def test_a_run_that_waits_for_its_account_leads_there(shop, operator):
    run = waiting_run_of(shop.automation)
    assert page(shop.account) not in operator.get(page(run)).text
    shop.account.flag("its grant is gone")

    assert f'<a href="{page(shop.account)}">Open the Google account' in operator.get(page(run)).text


def test_an_attempt_is_told_with_its_times_its_work_and_its_pauses(shop, operator):
    run = run_of(shop.automation)
    start = timezone.localtime(NOW).replace(hour=12, minute=0, second=0)
    ended = {"started_at": start, "finished_at": start + seconds(95), "outcome": "succeeded"}
    attempt_of(run, **ended, slices=3, calls=1_200, rows=44, written=40)
    shown = text_of(operator, run)

    assert "Attempt 1 ✔ succeeded" in shown
    assert (
        "12:00:00 \N{EN DASH} 12:01:35 · took 1 min 35 s · 2 pauses · worker w1 1,200 calls 44 rows 40 rows written"
        in shown
    )


def test_an_attempt_past_midnight_is_told_with_both_days(shop, operator):
    run = run_of(shop.automation)
    start = timezone.localtime(NOW).replace(hour=23, minute=59, second=0)
    attempt_of(run, started_at=start, finished_at=start + seconds(90), outcome="lost")

    assert re.search(r"23:59:00 . \w+\.? \d+, \d+ 00:00:30", text_of(operator, run))


def test_a_retry_log_tells_the_time_between_attempts(shop):
    run = run_of(shop.automation, created_at=NOW - seconds(65), attempts=3)
    log = [attempt_of(run, 1, -60, -50), attempt_of(run, 2, -42, -40), attempt_of(run, 3, -40, -1)]

    waits = [step.waited for step in steps(run, log)]
    assert waits == ["began 5 s after the run was asked for", "8 s later", ""]


def test_a_run_that_is_tried_again_says_when(shop, operator):
    run = waiting_run_of(
        shop.automation, attempts=2, error_type="Unavailable", error="no answer", next_attempt_at=NOW + seconds(600),
        waiting_for="another attempt after Unavailable",
    )  # fmt: skip
    attempt_of(run, 1, error_type="RateLimited", error="slow down")
    attempt_of(run, 2, error_type="Unavailable", error="no answer")
    shown = text_of(operator, run)

    assert "↻ will retry" in shown
    assert "The last attempt failed Unavailable no answer" in shown
    assert "Nothing yet: it is tried again by itself." in shown
    assert re.search(r"Attempt 3 of 5 begins at \w+\.? \d+, \d+ \d\d:\d\d:\d\d", shown)


def test_what_an_error_means_is_said_once(shop):
    run = run_of(shop.automation, error_type="Unavailable")
    names = ["WorkerLost", "WorkerLost", "Unavailable", "RateLimited"]
    log = [attempt_of(run, number, error_type=name) for number, name in enumerate(names, start=1)]

    assert [bool(step.meaning) for step in steps(run, log)] == [True, False, False, True]


@pytest.mark.parametrize(("status", "badge"), [("running", "at work"), ("pending", "pausing")])
def test_an_open_attempt_is_at_work_or_pauses(shop, status, badge):
    run = SyncRun(status=status, counters=COUNTERS, attempts=2, max_attempts=5, created_at=NOW, next_attempt_at=NOW)
    log = [attempt_of(shop.run, 2, end=None), attempt_of(shop.run, 3, end=None)]

    goes_on = {"running": "", "pending": "This attempt goes on as soon as a worker is free."}
    assert badge in next(steps(run, log[:1])).badge
    assert what_next(run, log[:1]) == goes_on[status]


def test_a_pausing_attempt_counts_from_where_those_before_it_stopped(shop):
    run = waiting_run_of(shop.automation, attempts=2, counters=COUNTERS)
    log = [attempt_of(run, 1, rows=1_500, written=1_000, calls=5), attempt_of(run, 2, end=None)]

    counted = list(steps(run, log))[1].counted
    assert [count for _, count in counted] == ["6", "2,500", "2,000"]


def test_a_dead_run_says_that_its_attempts_are_used_up_and_offers_the_replay(shop, operator):
    run = run_of(shop.automation, status="dead", attempts=5, error_type="Unavailable", error="no answer")
    for number in range(1, 6):
        attempt_of(run, number, error_type="Unavailable", traceback=f"trace {number}")
    shown = text_of(operator, run)

    assert "It failed too often Unavailable no answer" in shown
    assert "Then replay it: a new run begins, and this one stays as it is." in shown
    assert "All 5 attempts are used up." in shown
    assert operator.get(page(run)).text.count(f'action="{page(run, "replay")}"') == 2  # on top, and beside the words


def test_of_very_many_attempts_the_last_ones_are_shown_with_a_link_to_all(shop, operator):
    run = run_of(shop.automation, attempts=MOST + 2, max_attempts=MOST + 2)
    for number in range(1, MOST + 3):
        attempt_of(run, number)
    shown = operator.get(page(run)).text

    assert shown.count('<li class="attempt">') == MOST
    assert f"{listing(SyncAttempt)}?run__id__exact={run.pk}" in shown
    assert f"Attempt {MOST + 2} " in shown and "Attempt 1 <" not in shown


def test_a_traceback_is_folded(shop, operator):
    shown = operator.get(page(shop.run)).text

    assert "<summary>Traceback</summary>" in shown
    assert "Traceback of &lt;this&gt;</pre></details>" in shown


def test_incidents_are_told_with_what_they_mean(shop, operator):
    Incident.objects.create(run=shop.run, kind="of_tomorrow", count=3, example="<i>who knows</i>", resolved_at=NOW)
    shown = text_of(operator, shop.run)

    assert "rows_moved People moved, added or deleted rows between two writes. They were found again." in shown
    assert "row 7 was sorted to row 4" in shown
    assert "of_tomorrow \N{MULTIPLICATION SIGN} 3 resolved For example: &lt;i&gt;who knows" in shown


@pytest.mark.parametrize(
    ("error", "target"),
    [
        ("TabRefused", "automation"), ("BadColumn", "automation"), ("SpreadsheetGone", "automation"),
        ("BadSource", "source"), ("ShopDenied", "source"),
        ("GrantRevoked", "account"), ("AccessDenied", "account"), ("RateLimited", "account"),
    ],
)  # fmt: skip
def test_a_remedy_leads_to_the_page_where_it_is_mended(shop, operator, error, target):
    run = run_of(shop.automation, error_type=error, error="in words")
    ways = operator.get(page(run)).text.partition('<div class="ways">')[2].partition("</div>")[0]

    assert page(getattr(shop, target)) in ways
    assert f'action="{page(run, "retry")}"' in ways


def test_where_no_account_is_left_the_automation_is_where_to_choose_one(shop, operator):
    run = run_of(shop.automation, error_type="GrantRevoked")
    shop.account.delete()

    assert f'<a href="{page(shop.automation)}">Open the automation orders</a>' in operator.get(page(run)).text


def test_who_may_only_look_is_told_the_remedy_without_the_button(shop, viewer):
    shown = viewer.get(page(shop.run)).text

    assert "Choose an empty or another tab" in shown
    assert page(shop.run, MENDING["failed"]) not in shown


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_a_run_without_an_error_has_no_remedy(shop, operator, status):
    assert "What to do" not in operator.get(page(run_of(shop.automation, status=status))).text


def test_the_page_links_to_the_automation_the_original_and_the_replays(shop, operator):
    replay = run_of(shop.automation, replay_of=shop.run, replay_of_attempt=1)
    without = run_of(shop.automation, replay_of=shop.run)

    shown = operator.get(page(shop.run)).text
    assert page(replay) in shown and page(without) in shown
    shown = operator.get(page(replay)).text
    assert page(shop.automation) in shown
    assert f'<a href="{page(shop.run)}">run {shop.run.pk}, attempt 1</a>' in shown
    assert f'<a href="{page(shop.run)}">run {shop.run.pk}</a>' in operator.get(page(without)).text


def test_the_page_tells_what_people_did_with_the_run(shop, operator):
    operator.post(page(shop.run, "replay"))

    assert re.search(r"run\.replayed\s+operator, just now", text_of(operator, shop.run))


def test_a_tab_is_opened_at_google(shop, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SHEETS_URL": "https://sheets.googleapis.com"}

    assert tab_address(shop.automation) == "https://docs.google.com/spreadsheets/d/the-spreadsheet/edit?gid=7#gid=7"
    shop.automation.sheet_id = None
    assert tab_address(shop.automation) == "https://docs.google.com/spreadsheets/d/the-spreadsheet/edit"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_a_tab_of_an_emulator_is_opened_there(shop, settings, url):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SHEETS_URL": url}

    assert tab_address(shop.automation).startswith(f"{url}/spreadsheets/d/the-spreadsheet/edit?gid=7")


def test_an_id_of_a_spreadsheet_stays_within_its_place(shop, settings):
    shop.automation.spreadsheet_id = '../"><script>?x=1#y'

    assert tab_address(shop.automation).startswith(
        "https://docs.google.com/spreadsheets/d/..%2F%22%3E%3Cscript%3E%3Fx%3D1%23y/edit"
    )


def test_names_and_errors_of_tenants_are_texts_on_the_page(shop, operator):
    hostile = "<script>alert(1)</script>"
    Tenant.objects.update(name=hostile)
    type(shop.automation).objects.update(name=hostile, spreadsheet_id=hostile)
    run = run_of(shop.automation, status="dead", error_type=hostile, error=hostile, waiting_for=hostile)
    attempt_of(run, worker=hostile, error_type=hostile, error=hostile, traceback=hostile)
    Incident.objects.create(run=run, kind=hostile, example=hostile)

    assert hostile not in operator.get(page(run)).text


def test_a_page_asks_at_most_25_questions_however_much_there_is_to_tell(shop, operator):
    run = run_of(
        shop.automation, status="dead", attempts=9, max_attempts=9, error_type="GrantRevoked", replay_of=shop.run
    )
    for number in range(1, 10):
        attempt_of(run, number)
        Incident.objects.create(run=run, kind=f"kind {number}", example="x")
        run_of(shop.automation, replay_of=run)
        operator.post(page(run, "replay"))

    with CaptureQueriesContext(connection) as made:
        assert operator.get(page(run)).status_code == 200
    assert len(made) <= 25


def helper(*permissions):
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return user, client


def test_attempts_incidents_and_history_have_permissions_of_their_own(shop, operator):
    operator.post(page(shop.run, "retry"))
    _user, client = helper("view_syncrun")
    shown = client.get(page(shop.run)).text

    assert "Progress" in shown
    for hidden in ("Traceback of", "row 7 was sorted", "run.retried"):
        assert hidden not in shown
        assert hidden in operator.get(page(shop.run)).text


def test_a_run_of_another_tenant_is_not_there_for_who_is_restricted(shop):
    user, client = helper("view_syncrun")
    StaffTenant.objects.create(user_key=user.pk, tenant=Tenant.objects.create(name="Orchid shop"))
    response = client.get(page(shop.run), follow=True)

    assert "Cactus" not in response.text
    assert f"{shop.run.pk}" not in [each["id"] for each in response.context.get("runs", [])]
