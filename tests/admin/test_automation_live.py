"""What is looked at while the form is typed: a preview, what the spreadsheet holds, when the schedule comes."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sheetsync import sampling
from sheetsync.errors import Unavailable
from sheetsync.execute import execute_next
from sheetsync.models import AuditEntry, Automation, GoogleAccount, Source, StaffTenant, SyncRun, Tenant
from tests.admin.pages import adding, listing, page
from tests.admin.rows import copy_of
from tests.admin.rows import run_of as failed_run_of
from tests.admin.test_automations import columns_of, filters_of, form_of
from tests.support.runs import orders_of, run_of, write_orders

LOOKS = ["preview", "destination", "schedule"]


def address(automation, what):
    if automation is None:
        return reverse("admin:sheetsync_automation_live_new", args=[what])
    return reverse("admin:sheetsync_automation_live", args=[automation.pk, what])


def look(client, automation, what, form):
    """What the script gets to put into the page."""
    response = client.post(address(automation, what), form, headers={"X-Requested-With": "fetch"})
    assert response.status_code == 200 and "<html" not in response.text, response.status_code
    return response.text


@pytest.fixture
def automation(world, db):
    return world.automation(orders=[*orders_of(30, city="<b>Graz</b>"), {"id": "x", "customer": None}])


@pytest.fixture
def staff(automation):
    """Somebody with these permissions, who may be restricted to a tenant."""

    def made(*codenames, tenant=None):
        user = User.objects.create_user("somebody", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        if tenant:
            StaffTenant.objects.create(user_key=str(user.pk), user_name="somebody", tenant=tenant)
        client = Client()
        client.force_login(user)
        return client

    return made


def test_a_preview_shows_five_rows_of_the_form_as_it_is_typed(automation, operator):
    extra = {"header": "City", "path": "city"}
    form = form_of(automation, **columns_of([*automation.columns.all(), extra]), **filters_of(("customer", "ne", "c2")))
    shown = look(operator, automation, "preview", form)

    assert shown.count("<td>1.5</td>") == 5 and ">c2<" not in shown and ">c6<" in shown
    assert "&lt;b&gt;Graz&lt;/b&gt;" in shown and "<b>Graz" not in shown
    assert automation.columns.count() == 3 and not SyncRun.objects.exists()


def test_a_preview_of_a_new_automation_needs_its_source_and_tenant_alone(automation, operator):
    form = {"tenant": automation.tenant_id, "source": automation.source_id, "rows_per": "order"}
    shown = look(operator, None, "preview", form | columns_of([{"header": "Who", "path": "customer"}]))

    assert "<td>c1</td>" in shown and "errorlist" not in shown
    assert 'data-path="customer"' in shown and "of an order" in shown


def test_columns_too_many_for_a_form_are_previewed_as_they_are_stored(automation, operator, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
    ids = {f"columns-{number}-id": column.pk for number, column in enumerate(automation.columns.all())}
    form = {name: value for name, value in form_of(automation).items() if not name.startswith("columns-")}
    form |= ids | {"columns-TOTAL_FORMS": len(ids), "columns-INITIAL_FORMS": len(ids)}

    shown = look(operator, automation, "preview", form)
    assert all(column.header in shown for column in automation.columns.all())


def test_before_there_are_columns_a_preview_teaches_which_paths_there_are(automation, operator):
    form = {"tenant": automation.tenant_id, "source": automation.source_id, "rows_per": "order"}
    shown = look(operator, None, "preview", form | columns_of([]))

    assert "define at least one" in shown and 'data-path="total"' in shown


def test_a_preview_names_the_nearest_path_and_what_was_strange(automation, operator):
    columns = [{"header": "Who", "path": "custommer"}, {"header": "Sum", "path": "customer", "type": "decimal"}]
    form = form_of(automation, **columns_of(columns)) | {"columns-INITIAL_FORMS": 0}
    shown = look(operator, automation, "preview", form)

    assert "Did you mean" in shown and "<code>customer</code>" in shown
    assert "not_a_number" in shown


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"source": ""}, "Source: This field is required"),
        ({"source": "99999"}, "Source: Select a valid choice"),
        ({"rows_per": "week"}, "The tab has: Select a valid choice"),
        ({"time_zone": "Mars/Base"}, "IANA name"),
        (filters_of(("a..b", "eq", "x")), "Filters: Row 1: path"),
        ({"columns-0-path": "a["}, "Column 1, Path in the order: "),
        ({"columns-0-header": "Total"}, "column 3, header"),
        ({"columns-TOTAL_FORMS": "x"}, "there are no columns"),
    ],
)
def test_what_cannot_be_previewed_is_told_with_its_field(automation, operator, changes, complaint):
    assert complaint in look(operator, automation, "preview", form_of(automation) | changes)


def test_a_source_that_does_not_work_is_told_in_words(automation, operator):
    Source.objects.update(config={"path": "/nowhere/orders.jsonl"})
    shown = look(operator, automation, "preview", form_of(automation))

    assert "does not exist: correct the path" in shown and "data-failed" in shown


def test_a_source_without_orders_and_filters_that_let_none_through_are_told_apart(automation, operator):
    nothing = filters_of(("customer", "eq", "nobody"))
    assert "None of the first orders passes" in look(operator, automation, "preview", form_of(automation, **nothing))

    write_orders(automation.source.config["path"], [])
    assert "The source has no orders yet" in look(operator, automation, "preview", form_of(automation))


def test_a_source_that_takes_too_long_is_not_waited_for(automation, operator, monkeypatch):
    monkeypatch.setattr(sampling, "PATIENCE", 0.0)
    monkeypatch.setattr(sampling.Patience.__init__, "__defaults__", (0.0,))

    assert "try again" in look(operator, automation, "preview", form_of(automation))


def test_a_shop_that_asks_to_be_called_later_is_not_waited_for():
    with pytest.raises(Unavailable, match="again in 60 seconds"):
        sampling.Patience().wait(60)


def test_another_tenants_source_is_not_read(automation, operator, world):
    other = world.automation(world.tenant("Fern shop"), name="fern", orders=orders_of(3, customer="secretive"))
    shown = look(operator, automation, "preview", form_of(automation, source=other.source_id))
    assert "Select a valid choice" in shown and "secretive" not in shown

    form = {"tenant": automation.tenant_id, "source": other.source_id, "rows_per": "order"}
    shown = look(operator, None, "preview", form | columns_of([{"header": "Who", "path": "customer"}]))
    assert "another tenant" in shown and "secretive" not in shown


def test_the_destination_says_what_the_tab_holds(automation, operator):
    run_of(automation)
    execute_next()
    automation.refresh_from_db()
    shown = look(operator, automation, "destination", form_of(automation))

    assert "can be written" in shown and "rows, " in shown
    assert "<td>c5</td>" in shown and "<td>c6</td>" not in shown
    assert '<tr><th scope="col">Order</th>' in shown and "<tr><td>00001</td>" in shown  # no technical columns


def test_the_address_of_a_spreadsheet_is_taken_with_its_tab(automation, operator):
    typed = f"https://docs.google.com/spreadsheets/d/{automation.spreadsheet_id}/edit?usp=sharing#gid=0"
    shown = look(operator, automation, "destination", form_of(automation, spreadsheet_id=typed))

    assert "data-meant" in shown and "meant by the address" in shown


def test_a_tab_that_another_automation_writes_to_is_told_without_its_name(automation, operator, world):
    Automation.objects.filter(pk=automation.pk).update(sheet_id=0, name="the other one")
    other = world.automation(world.tenant("Fern shop"), name="fern", spreadsheet_id=automation.spreadsheet_id)
    shown = look(operator, other, "destination", form_of(other))

    assert "another automation writes to it" in shown and "the other one" not in shown
    assert "There is no tab “Orders” yet" in shown


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"spreadsheet_id": "no id!"}, "This is no id"),
        ({"spreadsheet_id": ""}, "This field is required"),
        ({"spreadsheet_id": "x" * 150}, "cannot be written"),
        ({"account": "99999"}, "Select a valid choice"),
        ({"spreadsheet_id": "a\x00b"}, "Null characters"),
    ],
)
def test_a_destination_that_is_none_is_told_in_words(automation, operator, changes, complaint):
    assert complaint in look(operator, automation, "destination", form_of(automation, **changes))


def test_without_a_google_account_the_destination_says_what_comes_first(automation, operator):
    GoogleAccount.objects.all().delete()

    assert "link one first" in look(operator, automation, "destination", form_of(automation))


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("30 7 * * 1-5", "At 07:30, Monday to Friday (Asia/Tokyo)"),
        ("", "Without a schedule"),
        ("* * * * *", "leave at least 5 minutes"),
        ("0 6 * *", "has 4 fields instead of 5"),
        ("0 0 31 2 *", "names a date that never comes"),
        ("<b>\x00", "&lt;b&gt;"),
        ("9" * 100_000, "at most"),
    ],
)
def test_the_schedule_is_told_while_it_is_typed(automation, operator, cron, said):
    Tenant.objects.update(time_zone="Asia/Tokyo")

    assert said in look(operator, automation, "schedule", {"cron": cron})


def test_the_schedule_of_a_new_automation_is_in_its_tenants_zone(automation, operator):
    Tenant.objects.update(time_zone="Asia/Tokyo")

    form = {"cron": "30 7 * * *", "tenant": automation.tenant_id}
    assert look(operator, None, "schedule", form).count(", 07:30</li>") == 5
    assert "(Asia/Tokyo)" in look(operator, None, "schedule", form)
    assert "IANA name" in look(operator, None, "schedule", form | {"time_zone": "Mars"})


@pytest.mark.parametrize("what", LOOKS)
def test_a_browser_without_scripts_gets_a_page(automation, operator, what):
    shown = operator.post(address(automation, what), form_of(automation, cron="0 6 * * *")).text

    assert "<html" in shown and "As it is typed, not saved" in shown


@pytest.mark.parametrize("what", LOOKS)
def test_nobody_looks_who_may_not_save(automation, staff, stranger, what):
    viewer = staff("view_automation")
    for of in (automation, None):
        assert viewer.post(address(of, what), form_of(automation)).status_code == 403
        assert viewer.get(address(of, what)).status_code == 405
        assert stranger.post(address(of, what), {}).status_code == 302
    assert Client(enforce_csrf_checks=True).post(address(automation, what), {}).status_code in (302, 403)


@pytest.mark.parametrize("what", LOOKS)
def test_nobody_looks_at_what_belongs_to_other_tenants(automation, staff, world, what):
    other = world.automation(world.tenant("Fern shop"), name="fern", orders=orders_of(3, customer="secretive"))
    restricted = staff("view_automation", "change_automation", "add_automation", tenant=automation.tenant)
    assert restricted.post(address(other, what), form_of(other)).status_code == 404

    new = {"tenant": other.tenant_id, "source": other.source_id, "rows_per": "order", "cron": "0 6 * * *"}
    new |= {"spreadsheet_id": other.spreadsheet_id} | columns_of([{"header": "Who", "path": "customer"}])
    shown = look(restricted, None, what, new)
    assert "secretive" not in shown and "fern" not in shown.lower()


def test_there_is_no_other_look(automation, operator):
    assert operator.post(reverse("admin:sheetsync_automation_live", args=[automation.pk, "secrets"])).status_code == 404
    assert operator.post(reverse("admin:sheetsync_automation_live", args=[99_999, "preview"])).status_code == 404


def test_a_look_is_no_change(automation, operator):
    before = AuditEntry.objects.count()
    for what in LOOKS:
        look(operator, automation, what, form_of(automation, name="other"))

    assert AuditEntry.objects.count() == before
    assert Automation.objects.get().name == "orders"


def test_a_gid_or_an_address_saves_the_id_alone(automation, operator):
    typed = f"https://docs.google.com/spreadsheets/u/0/d/{automation.spreadsheet_id}/edit#gid=0"
    Automation.objects.update(sheet_id=7)
    assert operator.post(page(automation), form_of(automation, spreadsheet_id=typed)).status_code == 302
    now = Automation.objects.get()

    assert (now.spreadsheet_id, now.sheet_id) == (automation.spreadsheet_id, 7)  # the same one: its tab stays its own


def test_where_nothing_is_there_yet_the_form_says_what_comes_first(operator, db):
    shown = operator.get(adding(Automation)).text

    assert "Add a source</a>" in shown and "Link a Google account</a>" in shown


def queries(client, url):
    with CaptureQueriesContext(connection) as made:
        assert client.get(url).status_code == 200
    return len(made)


def test_pages_ask_as_much_of_many_automations_as_of_few(automation, operator):
    run_of(automation)
    pages = (listing(Automation), page(automation), adding(Automation))
    few = [queries(operator, url) for url in (*pages, *pages)][len(pages) :]  # the first look fills caches
    for number in range(40):
        run_of(copy_of(automation, number))

    assert [queries(operator, url) for url in pages] == few
    assert max(few) <= 25


def test_the_list_is_filtered_by_what_needs_somebody(automation, operator, world):
    broken = copy_of(automation, 1)
    Automation.objects.filter(pk=broken.pk).update(problem="gone", name="the broken one")
    failed_run_of(automation)
    page_of = {
        needs: operator.get(listing(Automation), {"needs": needs}).text for needs in ("mending", "failed", "account")
    }

    assert "the broken one" in page_of["mending"] and ">orders<" not in page_of["mending"]
    assert ">orders<" in page_of["failed"] and "the broken one" not in page_of["failed"]
    assert ">orders<" not in page_of["account"]
