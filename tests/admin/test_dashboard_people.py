"""The dashboard tells everybody what they may see and no more, asks few questions, and trusts nothing that it shows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sheetsync.models import Automation, GoogleAccount, Hour, Pulse, QuotaBucket, Source, SyncRun
from tests.admin.dashboards import EVERYTHING, INDEX, SITE, ago, completed, dashboard, person, tiles
from tests.admin.pages import page
from tests.admin.rows import run_of
from tests.support.making import Maker

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|\s(src|href)=.https?:", re.IGNORECASE)
HOSTILE = "<script>alert(1)</script>" + "x" * 160
MOST_QUERIES = 25


@pytest.fixture
def make(db):
    return Maker()


def test_whoever_is_restricted_sees_their_tenants_and_nothing_of_others(make):
    mine, other = make.automation(), make.automation()
    Source.objects.filter(pk=other.source_id).update(name="shop of others")
    other.source.refresh_from_db()
    at = timezone.now().timestamp()
    for automation in (mine, other):
        completed(automation, ago(minutes=30))
        run_of(automation, finished_at=ago(minutes=5), error_type="TabRefused")
        Source.objects.filter(pk=automation.source_id).update(silenced=["orders/updated"])
        subject = GoogleAccount.objects.get(tenant=automation.tenant).subject
        QuotaBucket.objects.create(name=f"account {subject} read", subject=subject, arrival=at + 99)
    QuotaBucket.objects.create(name="project p read", arrival=at + 99)
    Automation.objects.update(problem="x")
    GoogleAccount.objects.update(status="needs_owner")
    client = person(*EVERYTHING, tenants=[mine.tenant])
    response = client.get(INDEX)

    assert tiles(client)["Runs"] == "2" and tiles(person(*EVERYTHING))["Runs"] == "4"
    assert {group.count for group in response.context["groups"]} == {1}
    assert [row["account"].tenant.name for row in response.context["quota"]] == [mine.tenant.name]
    for row in (other, other.tenant, other.source, GoogleAccount.objects.get(tenant=other.tenant)):
        assert str(row) not in dashboard(response.text) and page(row) not in response.text
    assert 'class="sheetsync-health' in response.text


def test_the_errors_and_bars_of_other_tenants_are_not_counted_either(make):
    mine, other = make.automation(), make.automation()
    completed(mine, ago(minutes=30))
    run_of(other, finished_at=ago(minutes=5), error_type="Secretive")
    for summed in (0, 400):
        Hour.objects.sum_up(timezone.now(), summed)
        response = person(*EVERYTHING, tenants=[mine.tenant]).get(INDEX)
        assert response.context["errors"] == [] and "Secretive" not in response.text


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["automation"], {"automations"}),
        (["googleaccount"], {"accounts"}),
        (["source"], {"silenced"}),
        (["syncrun", "automation"], {"failing", "automations"}),
        (["tenant"], set()),
    ],
)
def test_whoever_may_not_look_at_something_gets_no_number_of_it(make, names, shown):
    ill, failing = make.automation(problem="x"), make.automation()
    run_of(failing, finished_at=ago(minutes=1))
    GoogleAccount.objects.filter(tenant=ill.tenant).update(status="needs_owner")
    Source.objects.filter(pk=failing.source_id).update(silenced=["a"])
    response = person(*names).get(INDEX)

    assert {group.key for group in response.context["groups"]} == shown
    assert ("tiles" in response.context) == ("syncrun" in names)


def test_strangers_are_sent_to_the_log_in_page(stranger):
    assert stranger.get(INDEX).url.startswith("/admin/login/")


def test_staff_without_any_permission_see_nothing_of_it(db):
    client = person()
    assert client.get(INDEX).status_code == 404  # as Django has it for any app
    assert "sheetsync-dashboard" not in client.get(SITE).text


@pytest.fixture
def hostile(make):
    tenant = make.tenant()
    type(tenant).objects.update(name=HOSTILE)
    automation = make.automation(tenant, problem=HOSTILE[:90], cron="0 * * * *", schedule_enabled=True)
    Automation.objects.update(name=HOSTILE)
    Source.objects.update(name=HOSTILE, silenced=[HOSTILE[:90]])
    GoogleAccount.objects.update(email=HOSTILE)
    completed(automation, ago(days=2))
    run_of(automation, finished_at=ago(minutes=3), error_type="<b>Bold", error=HOSTILE[:90])
    GoogleAccount.objects.create(
        tenant=tenant, kind="oauth", subject="h", email=HOSTILE, status="needs_owner", problem=HOSTILE[:90]
    )
    bucket = {"name": "account h read", "subject": "h", "arrival": timezone.now().timestamp() + 99}
    QuotaBucket.objects.create(**bucket)


@pytest.mark.parametrize("address", [INDEX, SITE])
def test_what_tenants_wrote_is_shown_as_text(hostile, operator, address):
    shown = dashboard(operator.get(address).text)
    assert "alert(1)" in shown or address == SITE
    assert "<script" not in shown and "<b>Bold" not in shown and "x" * 160 not in re.sub("<.*?>", "", shown)


@pytest.mark.parametrize("address", [INDEX, SITE])
def test_it_brings_no_inline_script_or_style_and_nothing_from_elsewhere(hostile, operator, address):
    assert not INLINE.search(operator.get(address).text)


def test_the_sites_first_page_has_the_section_and_other_apps_pages_have_not(make, operator):
    completed(make.automation(), ago(minutes=3))
    run_of(make.automation(), finished_at=ago(minutes=3))
    response = operator.get(SITE)

    assert f'href="{INDEX}#sheetsync-failing"' in response.text and 'class="sheetsync-health' in response.text
    assert tiles(operator, SITE)["Success"] == "50\u00a0%"
    assert "sheetsync-dashboard" not in operator.get(reverse("admin:app_list", args=["auth"])).text
    assert operator.get(INDEX).text.count('class="sheetsync-dashboard') == 1


def queries(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as made:
        assert client.get(address).status_code == 200
    return len(made)


def bad_night(make, many):
    at = timezone.now()
    for _ in range(many):
        automation = make.automation(problem="x", cron="0 * * * *", schedule_enabled=True)
        completed(automation, ago(hours=9))
        run_of(automation, finished_at=ago(minutes=3), error_type="TabRefused")
        lease = {"lease_token": "t", "lease_expires_at": at, "finished_at": None}
        run_of(automation, status="running", started_at=ago(hours=3), **lease)
        Source.objects.filter(pk=automation.source_id).update(silenced=["a"])
        completed(make.automation(cron="0 * * * *", schedule_enabled=True), ago(hours=9))
        ill = GoogleAccount.objects.get(tenant=make.automation().tenant)
        ill.flag("revoked")
        arrival = {"subject": ill.subject, "arrival": at.timestamp() + 99}
        QuotaBucket.objects.create(name=f"account {ill.pk} read", **arrival)


@pytest.mark.parametrize("address", [INDEX, f"{INDEX}?period=7d", SITE])
@pytest.mark.parametrize("who", ["operator", "restricted"])
def test_however_much_is_wrong_it_asks_few_questions(make, operator, address, who):
    bad_night(make, 2)
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    tenants = [automation.tenant for automation in Automation.objects.select_related("tenant")]
    client = operator if who == "operator" else person(*EVERYTHING, tenants=tenants)
    of_two = queries(client, address)
    bad_night(make, 5)

    assert queries(client, address) == of_two <= MOST_QUERIES


def test_it_shows_nothing_that_waits_for_a_day_without_runs_of_others(make, operator):
    """Numbers of now do not depend on the period."""
    run_of(make.automation(), status="pending", finished_at=None)
    completed(make.automation(), ago(minutes=1))
    assert {tiles(operator, period=each)["Waiting now"] for each in ("24h", "7d")} == {"1"}
    assert SyncRun.objects.active().count() == 1
