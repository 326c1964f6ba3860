"""What needs somebody is on top, the worst first, with what mends it; what needs nobody is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sheetsync.admin.dashboard.trouble import CANDIDATES, MOST
from sheetsync.models import Automation, GoogleAccount, Source, SyncAttempt, SyncRun, Tenant
from tests.admin.pages import listing, page, press, told
from tests.admin.rows import run_of
from tests.support.making import Maker

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:app_list", args=["sheetsync"])
AGO = timedelta(minutes=10)


@pytest.fixture
def make(db):
    return Maker()


def groups(client) -> dict:
    """{key: group} as the page shows them."""
    return {group.key: group for group in client.get(INDEX).context["groups"]}


def ended(automation, status, minutes, **values):
    at = timezone.now() - timedelta(minutes=minutes)
    return run_of(automation, status=status, created_at=at - AGO, started_at=at - AGO, finished_at=at, **values)


def labels(item):
    return [str(button["label"]) for button in item.buttons]


def test_where_nothing_is_wrong_that_is_said(make, operator):
    ended(make.automation(), "completed", 5)
    response = operator.get(INDEX)
    assert response.context["groups"] == [] and "Nothing needs anybody." in response.text


def test_an_account_that_needs_its_owner_comes_first_with_the_button(make, operator):
    account = GoogleAccount.objects.get(tenant=make.automation().tenant)
    account.flag("Google says: revoked")
    (key,), group = groups(operator), groups(operator)["accounts"]

    assert key == "accounts" and (group.count, group.items[0].url) == (1, page(account))
    assert group.items[0].text == "Google says: revoked" and "Use it again" in labels(group.items[0])
    assert operator.get(group.url).context["cl"].result_count == 1


def test_an_automation_with_a_problem_is_there_but_no_draft(make, operator):
    ill, draft = make.automation(problem="no such tab"), make.automation(problem="unfinished", status="draft")
    group = groups(operator)["automations"]
    assert [item.url for item in group.items] == [page(ill)] and page(draft) not in str(group)
    assert labels(group.items[0]) == ["Run now"]
    assert operator.get(group.url).status_code == 200


def test_an_automation_that_failed_since_it_completed_is_one_line_with_a_count(make, operator):
    automation = make.automation()
    for minutes, status in [(90, "dead"), (60, "completed"), (30, "failed"), (20, "dead"), (10, "failed")]:
        last = ended(automation, status, minutes, error_type="TabRefused", error="not ours")
    (item,) = groups(operator)["failing"].items

    assert item.url == page(last) and labels(item) == ["Retry"]
    assert item.text == "3 runs in a row: TabRefused: not ours"
    assert timezone.now() - item.at == pytest.approx(timedelta(minutes=30), abs=timedelta(minutes=1))


def test_a_dead_run_is_replayed_by_its_button(make, operator):
    dead = ended(make.automation(), "dead", 5)
    SyncAttempt.objects.create(run=dead, number=1, worker="w", outcome="failed", finished_at=dead.finished_at)
    (item,) = groups(operator)["failing"].items
    (button,) = item.buttons

    assert (str(button["label"]), button["url"]) == ("Replay", page(dead, "replay"))
    assert told(press(operator, dead, "replay")) == [f"success: run {dead.pk + 1} was started, like run {dead.pk}"]


@pytest.mark.parametrize(
    "mended",
    [
        lambda automation: ended(automation, "completed", 1),
        lambda automation: Automation.objects.update(status="paused"),
        lambda automation: Tenant.objects.update(active=False),
        # What stands there for another reason does not stand there twice.
        lambda automation: GoogleAccount.objects.update(status="needs_owner"),
        lambda automation: Automation.objects.update(problem="the tab is not ours"),
    ],
    ids=["completed since", "paused", "tenant paused", "account on hold", "needs a change"],
)
def test_what_failed_and_needs_nobody_now_is_not_there(make, operator, mended):
    automation = make.automation()
    ended(automation, "failed", 5)
    assert "failing" in groups(operator)
    mended(automation)
    assert "failing" not in groups(operator)


def test_what_failed_most_often_comes_first(make, operator):
    seldom, often = make.automation(), make.automation()
    for minutes in (50, 40, 30):
        ended(often, "failed", minutes)
    ended(seldom, "dead", 5)
    assert [str(item.name) for item in groups(operator)["failing"].items] == [str(often), str(seldom)]


@pytest.mark.parametrize(("minutes", "told"), [(0, "since just now"), (5, "for 5\u00a0minutes")])
def test_it_is_told_how_long_it_has_been_so(make, operator, minutes, told):
    ended(make.automation(), "failed", minutes)

    assert groups(operator)["failing"].items[0].lasting == told
    assert told in operator.get(INDEX).text


def test_of_many_the_first_few_are_shown_with_how_many_and_a_link_to_all(make, operator):
    tenant = make.tenant()
    automations = [make.automation(tenant) for _ in range(MOST + 3)]
    for automation in automations:
        ended(automation, "failed", 5)
    group = groups(operator)["failing"]

    assert (group.count, len(group.items), group.is_cut) == (MOST + 3, MOST, True)
    assert f'href="{group.url}"' in operator.get(INDEX).text
    assert operator.get(group.url).context["cl"].result_count == MOST + 3


def test_in_a_night_when_all_fail_the_last_failures_are_looked_at(make, operator):
    tenant = make.tenant()
    for number in range(CANDIDATES + 5):
        ended(make.automation(tenant), "failed", number + 1)
    assert groups(operator)["failing"].count == CANDIDATES + 5


def test_a_stuck_run_is_there_with_cancel_and_a_lively_one_is_not(make, operator):
    lease = {"status": "running", "finished_at": None, "lease_token": "t", "lease_worker": "w-1", "attempts": 1}
    stuck, lively = (run_of(make.automation(), **lease, lease_expires_at=timezone.now()) for _ in range(2))
    SyncRun.objects.filter(pk=stuck.pk).update(started_at=Now() - timedelta(hours=2))
    SyncRun.objects.filter(pk=lively.pk).update(started_at=Now() - timedelta(minutes=2))
    (item,) = groups(operator)["stuck"].items

    assert item.url == page(stuck) and labels(item) == ["Cancel"] and "w-1" in item.text


def test_a_source_whose_shop_switched_webhooks_off_is_there(make, operator):
    source = make.automation().source
    assert groups(operator) == {}
    Source.objects.filter(pk=source.pk).update(silenced=["orders/updated"])
    (item,) = groups(operator)["silenced"].items
    assert item.url == page(source) and item.text == "switched off: orders/updated"


HOURLY = {"cron": "0 * * * *", "schedule_enabled": True}


def test_an_automation_that_no_longer_runs_though_nothing_failed_is_there_with_run_now(make, operator):
    automation, in_time = make.automation(**HOURLY), make.automation(**HOURLY)
    ended(automation, "completed", 300)
    ended(in_time, "completed", 1)
    (item,) = groups(operator)["late"].items

    assert item.url == page(automation) and labels(item) == ["Run now"]
    assert "Nothing needs anybody" not in operator.get(INDEX).text


@pytest.mark.parametrize(
    "known",
    [
        lambda automation: ended(automation, "failed", 5),
        lambda automation: GoogleAccount.objects.update(status="needs_owner"),
        lambda automation: Automation.objects.update(problem="the tab is not ours"),
    ],
    ids=["it fails", "its account is on hold", "it needs a change"],
)
def test_what_is_late_for_a_reason_that_is_told_anyway_is_told_once(make, operator, known):
    automation = make.automation(**HOURLY)
    ended(automation, "completed", 300)
    known(automation)
    assert len(groups(operator)) == 1 and "late" not in groups(operator)


def test_many_that_fail_do_not_hide_one_that_is_late(make, operator):
    tenant = make.tenant()
    for _ in range(MOST + 2):
        failing = make.automation(tenant, **HOURLY)
        ended(failing, "completed", 600)
        ended(failing, "failed", 5)
    late = make.automation(tenant, **HOURLY)
    ended(late, "completed", 300)
    assert [item.url for item in groups(operator)["late"].items] == [page(late)]


def test_the_worst_comes_first(make, operator):
    tenant, lease = make.tenant(), {"lease_token": "t", "lease_expires_at": timezone.now()}
    other = make.automation(problem="bad")
    GoogleAccount.objects.filter(tenant=other.tenant).update(status="needs_owner")
    failing = make.automation(tenant)
    ended(failing, "failed", 5)
    long_ago = timezone.now() - timedelta(hours=3)
    run_of(failing, status="running", finished_at=None, started_at=long_ago, **lease)
    Source.objects.filter(pk=failing.source_id).update(silenced=["a"])
    ended(make.automation(**HOURLY), "completed", 300)
    assert list(groups(operator)) == ["accounts", "automations", "failing", "stuck", "late", "silenced"]


def test_a_viewer_is_shown_what_is_wrong_and_no_button(make, viewer):
    make.automation(problem="x")
    ended(make.automation(), "failed", 5)
    response = viewer.get(INDEX)
    assert {group.key for group in response.context["groups"]} == {"automations", "failing"}
    assert not [item for group in response.context["groups"] for item in group.items if item.buttons]
    assert "<form" not in response.text.partition('class="sheetsync-dashboard"')[2]


def test_its_buttons_carry_a_token_against_forged_requests(make, operator):
    dead = ended(make.automation(), "dead", 5)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    shown = strict.get(INDEX).text
    token = shown.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    assert strict.post(page(dead, "replay")).status_code == 403
    assert strict.post(page(dead, "replay"), {"csrfmiddlewaretoken": token}).status_code == 302


def test_links_lead_to_lists_that_open(make, operator):
    make.automation(problem="x")
    ended(make.automation(), "failed", 5)
    for group in groups(operator).values():
        assert operator.get(group.url).status_code == 200
    assert operator.get(listing(SyncRun)).status_code == 200
