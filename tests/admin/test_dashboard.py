"""The dashboard: numbers, charts and tables of what there is, and of nothing what to do next."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from sheetsync.models import Automation, GoogleAccount, Hour, QuotaBucket
from tests.admin.dashboards import INDEX, ago, completed, dashboard, person, tiles
from tests.admin.pages import adding, listing, page
from tests.admin.rows import run_of
from tests.support.making import Maker

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(db):
    return Maker()


# Of nothing: the next step, and nothing else.


def test_without_a_tenant_it_says_to_add_one(operator):
    shown = operator.get(INDEX).text
    assert "There is no shop yet" in shown and f'href="{adding(type(Maker().tenant()))}"' in dashboard(shown)
    assert "<svg" not in dashboard(shown) and "Nothing needs anybody" not in shown


def test_without_an_automation_it_says_to_add_one(make, operator):
    make.tenant()
    shown = operator.get(INDEX).text
    assert "There is no automation yet" in shown and f'href="{adding(Automation)}"' in dashboard(shown)


def test_while_none_is_active_it_says_to_activate_one(make, operator):
    make.automation(status="draft")
    shown = operator.get(INDEX).text
    assert "No automation is active" in shown and f'href="{listing(Automation)}"' in dashboard(shown)


def test_before_the_first_run_it_says_to_run_one(make, operator):
    make.automation()
    shown = operator.get(INDEX).text
    assert "Nothing has run yet" in shown and "<svg" not in dashboard(shown)


def test_where_nothing_ended_in_this_time_it_leads_to_a_longer_one(make, operator):
    completed(make.automation(), ago(days=3))
    Hour.objects.sum_up(timezone.now(), 400)
    assert "No run ended in this time" in operator.get(INDEX).text
    assert f'href="{INDEX}?period=7d">Look at 7 days' in operator.get(INDEX).text
    assert tiles(operator, period="7d")["Runs"] == "1"


def test_whoever_may_not_add_is_not_told_to(db):
    shown = person("tenant", "automation").get(INDEX).text
    assert "There is no shop yet" in shown and "Add a tenant" not in shown


# What it shows.


def test_the_numbers_of_a_day(make, operator):
    automation = make.automation()
    for minutes in (10, 20, 30):
        completed(automation, ago(minutes=minutes), attempts=2)
    run_of(automation, finished_at=ago(minutes=40), error_type="TabRefused", attempts=2)
    shown = tiles(operator)

    assert (shown["Success"], shown["Failed"], shown["Runs"], shown["Attempts"]) == ("75\u00a0%", "1", "4", "2.0")
    assert shown["Duration"] in ("19 s", "20 s", "21 s")


def test_each_period_has_its_numbers_and_says_which_it_is(make, operator):
    completed(make.automation(), ago(days=2, hours=1))
    completed(make.automation(), ago(minutes=1))
    Hour.objects.sum_up(timezone.now(), 400)
    assert [tiles(operator, period=each)["Runs"] for each in ("24h", "7d", "nonsense")] == ["1", "2", "1"]
    assert 'aria-current="true">7 days' in operator.get(INDEX, {"period": "7d"}).text


@pytest.mark.parametrize("asked", ["<script>", "'; DROP TABLE x", "7d\x00", "\u202e7d", "x" * 5_000, "-1"])
def test_a_hostile_period_is_a_day_and_is_not_repeated(make, operator, asked):
    completed(make.automation(), ago(minutes=1))
    response = operator.get(INDEX, {"period": asked})
    assert response.status_code == 200 and response.context["period"].key == "24h"
    assert asked == "-1" or asked not in response.text


def test_hours_that_nobody_has_counted_are_told(make, operator):
    completed(make.automation(), ago(hours=1))
    assert "18 hours of this time are not counted yet" in operator.get(INDEX).text
    Hour.objects.sum_up(timezone.now(), 400)
    assert "not counted yet" not in operator.get(INDEX).text


def test_where_no_run_completed_no_duration_is_told(make, operator):
    run_of(make.automation())
    shown = operator.get(INDEX).text

    assert "none completed" in shown and "How runs ended" in shown
    assert "How long completed runs took" not in shown and "within -" not in shown


def test_the_charts_are_whole_pictures_with_titles_and_tables_beside_them(make, operator):
    completed(make.automation(), ago(minutes=1))
    shown = operator.get(INDEX).text
    pictures = re.findall(r'<svg class="sheetsync-chart".*?</svg>', shown, re.DOTALL)

    assert [ElementTree.fromstring(each).find("title").text for each in pictures] == [  # noqa: S314 - our own
        "How runs ended",
        "How long completed runs took",
    ]
    assert shown.count("<summary>As a table</summary>") == 2
    ids = re.findall(r'\sid="(sheetsync-[^"]+)"', shown)
    assert len(ids) == len(set(ids))


def test_what_runs_failed_of_is_told_with_its_remedy_and_leads_to_those_runs(make, operator):
    automation = make.automation()
    for minutes in (1, 2, 3):
        run_of(automation, finished_at=ago(minutes=minutes), error_type="TabRefused")
    run_of(automation, finished_at=ago(minutes=4), error_type="Unavailable")
    first, second = operator.get(INDEX).context["errors"]

    assert (first["name"], first["count"], second["name"]) == ("TabRefused", "3", "Unavailable") and str(first["do"])
    assert operator.get(first["url"]).context["cl"].result_count == 3


def test_the_numbers_lead_to_the_runs_that_they_count(make, operator):
    run_of(make.automation(), finished_at=ago(minutes=2))
    run_of(make.automation(), finished_at=ago(days=3), status="dead")
    found = {tile["label"]: tile["url"] for tile in operator.get(INDEX).context["tiles"] if tile["url"]}
    assert operator.get(found["Failed"]).context["cl"].result_count == 1
    assert all(operator.get(url).status_code == 200 for url in found.values())


def test_how_fresh_tabs_are(make, operator):
    for span in ({"minutes": 5}, {"minutes": 50}, {"hours": 5}, {"days": 30}):
        completed(make.automation(), ago(**span))
    make.automation()
    make.automation(status="paused")
    counts = [row["count"] for row in operator.get(INDEX).context["ages"]]
    assert counts == ["1", "1", "0", "1", "0", "0", "0", "1", "1"]


def test_who_is_behind_the_schedule_is_named_with_what_was_promised(make, operator):
    hourly = {"cron": "0 * * * *", "schedule_enabled": True}
    late, in_time, off = make.automation(**hourly), make.automation(**hourly), make.automation(cron="0 * * * *")
    completed(late, ago(hours=5))
    completed(in_time, ago(minutes=2))
    completed(off, ago(days=20))
    (row,) = operator.get(INDEX).context["late"]

    assert row["url"] == page(late) and row["schedule"] == "On the hour every hour"
    assert row["promised"].minute == 0 and timedelta() < row["promised"] - row["at"] <= timedelta(hours=1)


def test_a_schedule_of_workdays_keeps_its_promise_over_the_weekend(make, operator):
    day = timezone.now().isoweekday()  # of the week: a schedule for that day alone has promised nothing since
    automation = make.automation(cron=f"0 0 * * {day % 7}", schedule_enabled=True)
    completed(automation, timezone.now().replace(hour=0, minute=0, second=1))
    assert operator.get(INDEX).context["late"] == []


def test_a_schedule_that_cannot_be_read_hurts_nobody(make, operator):
    automation = make.automation(schedule_enabled=True, cron="0 * * * *")
    completed(automation, ago(days=1))
    Automation.objects.update(cron="so to speak")
    assert operator.get(INDEX).context["late"] == []


def test_the_busiest_quotas_are_told_by_account(make, operator):
    account = GoogleAccount.objects.get(tenant=make.automation().tenant)
    at = timezone.now().timestamp()
    QuotaBucket.objects.create(name="account a read", subject=account.subject, arrival=at + 1_000)
    QuotaBucket.objects.create(name="project p write", arrival=at + 1, share=0.5, cut_at=at)
    QuotaBucket.objects.create(name="account b read", subject="gone", arrival=at - 1_000)
    full, cut = operator.get(INDEX).context["quota"]

    assert (full["account"], full["used"], full["url"]) == (account, "100\u00a0%", page(account))
    assert full["free_at"] > timezone.now() and (cut["account"], cut["is_cut"]) == (None, True)


def test_without_pacing_quotas_open_all_the_same(make, operator, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"READS_PER_MINUTE": None}
    QuotaBucket.objects.create(name="account a read", arrival=timezone.now().timestamp() + 9)
    assert operator.get(INDEX).context["quota"][0]["used"] == "0\u00a0%"
