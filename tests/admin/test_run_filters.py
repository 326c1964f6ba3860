"""What the list of runs can be asked: by ids and names, days, errors, automations. And that it asks by an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sheetsync.admin.history import FEW
from sheetsync.admin.run import finding
from sheetsync.models import Automation, StaffTenant, SyncRun, Tenant
from tests.admin.pages import listing
from tests.admin.rows import copy_of, run_of


def found(client, **query) -> list[int]:
    """The ids of the runs that a list shows."""
    response = client.get(listing(SyncRun), query)
    assert response.status_code == 200, response.url
    return [run.pk for run in response.context["cl"].result_list]


def refused(client, **query):
    """Whether Django sends people back to the whole list."""
    return client.get(listing(SyncRun), query).headers.get("Location", "").endswith("?e=1")


def test_a_run_is_found_by_its_ids_and_by_the_name_of_its_automation(shop, operator):
    other = run_of(shop.automation, correlation_id="from-the-shop-1")

    assert found(operator, q="from-the-shop-1") == [other.pk]
    assert found(operator, q=f" {other.pk} ") == [other.pk]
    assert found(operator, q="rders") == [other.pk, shop.run.pk]
    assert found(operator, q="ord ERS") == [other.pk, shop.run.pk]
    assert found(operator, q="cactus orders") == [other.pk, shop.run.pk]
    assert found(operator, q="orchid orders") == []


def test_a_name_that_very_many_automations_have_finds_the_runs_of_all(shop, operator, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 1)
    runs = [run_of(copy_of(shop.automation, number)).pk for number in range(3)]

    assert found(operator, q="n") == runs[::-1]


def test_a_name_that_most_automations_have_finds_their_runs_and_no_others(
    shop, operator, of_another_tenant, monkeypatch
):
    monkeypatch.setattr(finding, "MANY", 1)
    runs = [run_of(copy_of(shop.automation, number)).pk for number in range(3)]

    assert found(operator, q="n") == runs[::-1]
    assert found(operator, q="cactus") == [*runs[::-1], shop.run.pk]
    assert found(of_another_tenant, q="n") == []


@pytest.mark.parametrize("term", ["9" * 30, "²", "١٢", "-1", "1e3", "nobody", "%", "' OR 1=1 --", "x" * 5_000])
def test_what_is_not_there_is_not_found(shop, operator, term):
    assert found(operator, q=term) == []


def test_runs_are_filtered_by_what_they_are(shop, operator):
    done = run_of(shop.automation, status="completed", trigger="webhook", mode="orders")

    for field in ("status", "trigger", "mode"):
        assert found(operator, **{f"{field}__exact": getattr(done, field)}) == [done.pk]


def test_runs_are_filtered_by_named_days_and_by_one_day(shop, operator):
    noon = timezone.now().replace(hour=12)
    old = {days: run_of(shop.automation, created_at=noon - timedelta(days=days)).pk for days in (1, 6, 29, 30)}

    assert found(operator, period="today") == [shop.run.pk]
    assert found(operator, period="yesterday") == [old[1]]
    assert found(operator, period="week") == [shop.run.pk, old[1], old[6]]
    assert found(operator, period="month") == [shop.run.pk, old[1], old[6], old[29]]
    assert found(operator, period=(noon - timedelta(days=30)).date().isoformat()) == [old[30]]
    assert found(operator, period="1999-12-31") == []


def test_days_are_the_readers(shop, operator, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    late = run_of(shop.automation, created_at=datetime(2026, 3, 12, 23, 30, tzinfo=UTC))

    assert found(operator, period="2026-03-13") == [late.pk]
    assert found(operator, period="2026-03-12") == []


@pytest.mark.parametrize("day", ["2026-02-30", "soon", "0001-01-01", "9999-12-31", "2026-03-12\x00", "'"])
def test_a_day_that_is_none_is_refused(shop, operator, day):
    assert refused(operator, period=day) or found(operator, period=day) == []


def test_choosing_a_day_keeps_the_other_filters(shop, operator):
    query = {"status__exact": "failed", "q": '"><script>', "period": "week"}
    shown = (
        operator.get(listing(SyncRun), query).text.partition('<form class="sheetsync-day"')[2].partition("</form>")[0]
    )

    assert '<input type="hidden" name="status__exact" value="failed">' in shown
    assert '<input type="hidden" name="q" value="&quot;&gt;&lt;script&gt;">' in shown
    assert '<input type="hidden" name="period"' not in shown


def test_runs_are_filtered_by_their_error(shop, operator):
    owner = run_of(shop.automation, error_type="GrantRevoked")
    fault = run_of(shop.automation, error_type="KeyError")
    run_of(shop.automation, status="completed")

    assert found(operator, error_type="TabRefused") == [shop.run.pk]
    assert found(operator, error_type="owner") == [owner.pk]
    assert found(operator, error_type="unknown") == [fault.pk]
    assert found(operator, error_type="any") == [fault.pk, owner.pk, shop.run.pk]
    assert found(operator, error_type="KeyError") == [fault.pk]
    assert found(operator, error_type="a\x00<b>") == []


def test_the_list_looks_through_no_column_to_know_what_it_may_offer(shop, operator):
    with CaptureQueriesContext(connection) as made:
        operator.get(listing(SyncRun))

    of_runs = [query["sql"] for query in made if 'FROM "sheetsync_syncrun"' in query["sql"]]
    costly = ("DISTINCT", "GROUP BY", 'MIN("sheetsync_syncrun"."created_at")')
    assert of_runs and not [sql for sql in of_runs if any(each in sql for each in costly)]


def test_automations_are_a_filter_while_they_are_few(shop, operator):
    another = copy_of(shop.automation, 1)
    run_of(another)
    assert "n1 · Cactus shop" in operator.get(listing(SyncRun)).text
    assert found(operator, automation__id__exact=shop.automation.pk) == [shop.run.pk]

    for number in range(2, FEW + 1):
        copy_of(shop.automation, number)
    assert "n1 · Cactus shop" not in operator.get(listing(SyncRun)).context["cl"].filter_specs[4].lookup_choices
    shown = operator.get(listing(SyncRun), {"automation__id__exact": another.pk})
    assert shown.context["cl"].filter_specs[4].lookup_choices == [(another.pk, "n1 · Cactus shop")]


@pytest.mark.parametrize("number", ["x", "9" * 40, "-1", "²", ""])
def test_an_automation_that_is_none_is_no_error(shop, operator, number):
    for made in range(FEW):
        copy_of(shop.automation, made)

    assert refused(operator, automation__id__exact=number) or found(operator, automation__id__exact=number) == []


def test_tenants_are_a_filter_while_they_are_few(shop, operator):
    Tenant.objects.bulk_create(Tenant(name=f"shop {number}") for number in range(FEW - 1))
    assert "shop 3" in operator.get(listing(SyncRun)).text
    Tenant.objects.create(name="one more")

    assert "shop 3" not in operator.get(listing(SyncRun)).text
    shown = operator.get(listing(SyncRun), {"tenant__id__exact": shop.tenant.pk})
    assert [run.pk for run in shown.context["cl"].result_list] == [shop.run.pk]
    assert shown.context["cl"].filter_specs[-1].lookup_choices == [(shop.tenant.pk, "Cactus shop")]


@pytest.fixture
def of_another_tenant(shop):
    """Somebody who may look at the runs of one tenant, which has none."""
    tenant = Tenant.objects.create(name="Orchid shop")
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_syncrun", "view_automation"]))
    StaffTenant.objects.create(user_key=user.pk, tenant=tenant)
    client = Client()
    client.force_login(user)
    return client


def test_who_is_restricted_finds_and_is_offered_nothing_of_others(shop, of_another_tenant):
    for query in ({}, {"q": "orders"}, {"q": shop.run.pk}, {"automation__id__exact": shop.automation.pk}):
        response = of_another_tenant.get(listing(SyncRun), query)
        assert list(response.context["cl"].result_list) == []
        assert "Cactus" not in response.text


def test_automations_of_others_do_not_crowd_out_ones_own(shop, of_another_tenant):
    mine = copy_of(shop.automation, 1)
    Automation.objects.filter(pk=mine.pk).update(name="roses", tenant=Tenant.objects.get(name="Orchid shop"))

    assert "roses" in of_another_tenant.get(listing(SyncRun)).text
