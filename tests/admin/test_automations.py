"""The form of an automation: what is saved, what follows from it, and what is refused in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from sheetsync.admin.column import most_columns, renumber
from sheetsync.admin.display import badge
from sheetsync.admin.figures import status_of
from sheetsync.models import Automation, Column, GoogleAccount, Source, Tenant
from sheetsync.pipeline.columns import MAX_COLUMNS
from sheetsync.pipeline.filters import MAX_FILTERS
from tests.admin.pages import adding, errors, listing, page
from tests.admin.rows import waiting_run_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def form_of(automation, **changes):
    """What the browser sends for an unchanged form, but for the changes."""
    names = (
        "name",
        "source",
        "spreadsheet_id",
        "tab_title",
        "rows_per",
        "removed",
        "hand_edits",
        "cron",
        "time_zone",
        "full_every_hours",
    )
    form = {name: getattr(automation, name) for name in names} | {"source": automation.source_id, "account": ""}
    form |= {"adopt": "", "webhooks_enabled": "on"}
    return form | columns_of(automation.columns.all()) | changes


def filters_of(*rows):
    """Rows of path, operator and value as the browser sends them."""
    names = ("path", "operator", "value")
    return {
        f"filters-{number}-{name}": value
        for number, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
    }


def columns_of(columns):
    """The rows of the columns' table as the browser sends them; columns without a key are new."""
    form = {"columns-INITIAL_FORMS": sum(1 for each in columns if getattr(each, "pk", None))}
    form["columns-TOTAL_FORMS"] = len(columns)
    for number, column in enumerate(columns):
        values = column if isinstance(column, dict) else {"id": column.pk, "position": column.position}
        values = column.definition() | values if not isinstance(column, dict) else values
        form |= {f"columns-{number}-{name}": value for name, value in ({"type": "text"} | values).items()}
    return form


def with_new(automation, *columns, **changes):
    """The form with more columns below those that are there."""
    return form_of(automation, **columns_of([*automation.columns.all(), *columns]), **changes)


def columns_now(automation):
    return list(automation.columns.values_list("position", "header", "uid"))


def add(client, tenant, source, **changes):
    form = {"tenant": tenant.pk, "source": source.pk, "name": "new", "spreadsheet_id": "s", "tab_title": "Orders"}
    form |= {"rows_per": "order", "removed": "clear", "hand_edits": "keep", "adopt": "", "full_every_hours": 24}
    return client.post(adding(Automation), form | columns_of([{"header": "Order", "path": "id"}]) | changes)


def test_a_new_automation_is_a_draft_with_numbered_columns(shop, operator):
    assert add(operator, shop.tenant, shop.source).status_code == 302
    automation = Automation.objects.get(name="new")

    assert (automation.status, automation.filters, automation.next_run_at) == ("draft", [], None)
    assert columns_now(automation) == [(1, "Order", "id")]


def test_a_new_automations_next_run_is_planned(shop, operator):
    add(operator, shop.tenant, shop.source, cron="0 6 * * *", schedule_enabled="on")

    assert Automation.objects.get(name="new").next_run_at.hour == 6


def test_an_empty_form_is_refused_field_by_field(shop, operator):
    form = columns_of([]) | {"cron": "0 6 * * *", "schedule_enabled": "on", "source": shop.source.pk}
    response = operator.post(adding(Automation), form)

    assert {"tenant", "name", "spreadsheet_id"} <= set(response.context["adminform"].errors)
    assert "another tenant" not in errors(response)


def test_the_form_of_an_automation_saves_what_was_typed(shop, operator):
    paid = filters_of(("status", "eq", "paid"))
    form = form_of(shop.automation, name="paid", adopt="Order\r\n\r\nCustomer", removed="mark", **paid)
    assert operator.post(page(shop.automation), form).status_code == 302
    shop.automation.refresh_from_db()

    assert (shop.automation.name, shop.automation.removed) == ("paid", "mark")
    assert shop.automation.adopt == ["Order", "Customer"]
    assert shop.automation.filters == [{"path": "status", "operator": "eq", "value": "paid"}]


@pytest.mark.parametrize(
    ("change", "sheet_id"),
    [({"spreadsheet_id": "other"}, None), ({"tab_title": "Other"}, None), ({"name": "other"}, 7)],
)
def test_a_new_destination_lets_the_old_tab_go(shop, operator, change, sheet_id):
    operator.post(page(shop.automation), form_of(shop.automation, **change))

    assert Automation.objects.get().sheet_id == sheet_id


@pytest.mark.parametrize(
    ("change", "planned"),
    [
        ({"cron": "30 7 * * *", "schedule_enabled": "on"}, "07:30"),
        ({"schedule_enabled": "on", "time_zone": "Asia/Tokyo"}, "21:00"),
        ({"schedule_enabled": ""}, None),
        ({"schedule_enabled": "on", "name": "other"}, "00:00"),  # nothing that its time depends on has changed
    ],
)
def test_the_next_run_follows_the_schedule(shop, operator, change, planned):
    Automation.objects.update(cron="0 6 * * *", schedule_enabled=True, next_slot_at=LONG_AGO, next_run_at=LONG_AGO)
    shop.automation.refresh_from_db()
    operator.post(page(shop.automation), form_of(shop.automation, **change))
    next_slot_at = Automation.objects.get().next_slot_at

    assert (next_slot_at and f"{next_slot_at:%H:%M}") == planned


def test_saving_leaves_alone_what_workers_wrote_meanwhile(shop, operator, monkeypatch):
    plain = Automation.clean

    def slow(automation):
        Automation.objects.update(status="paused", unsettled=True, problem="gone", next_run_at=LONG_AGO)
        plain(automation)

    monkeypatch.setattr(Automation, "clean", slow)
    operator.post(page(shop.automation), form_of(shop.automation, name="other"))
    now = Automation.objects.get()

    assert (now.name, now.status, now.unsettled, now.problem) == ("other", "paused", True, "gone")
    assert now.next_run_at == LONG_AGO


def test_status_and_tenant_cannot_be_posted(shop, operator):
    other = Tenant.objects.create(name="Agave shop")
    operator.post(page(shop.automation), form_of(shop.automation, status="draft", tenant=other.pk, sheet_id="9"))
    now = Automation.objects.get()

    assert (now.status, now.tenant, now.sheet_id) == ("active", shop.tenant, 7)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"cron": "0 6 * *"}, "has 4 fields instead of 5"),
        ({"cron": "", "schedule_enabled": "on"}, "Write a cron expression"),
        ({"time_zone": "Mars/Base"}, "IANA name"),
        (filters_of(("x", "is", "y")), "operators are eq, ne"),
        (filters_of(("x", "eq", "y"), ("", "eq", "y")), "Row 2: a path is empty"),
        (filters_of(("x", "eq", "y\nz")), "choose “is one of”"),
        ({"adopt": "x" * 201}, "shorten it"),
        ({"adopt": "\n".join("x" * 201)}, "lines are too many"),
        ({"rows_per": "week"}, "Select a valid choice"),
        ({"tab_title": ""}, "This field is required"),
    ],
)
def test_what_no_run_could_use_is_a_form_error(shop, operator, change, complaint):
    assert complaint in errors(operator.post(page(shop.automation), form_of(shop.automation, **change)))


@pytest.fixture
def foreign(shop, key):
    """A source and an account of another tenant."""
    other = Tenant.objects.create(name="Agave shop")
    account = GoogleAccount.link_service_account(other, key)
    return Source.objects.create(tenant=other, name="agave", kind="file", config={"path": "x"}), account


def test_another_tenants_source_and_account_are_refused_for_a_new_automation(shop, operator, foreign):
    source, account = foreign

    for response in (add(operator, shop.tenant, source), add(operator, shop.tenant, shop.source, account=account.pk)):
        assert "It belongs to another tenant" in errors(response)


def test_another_tenants_source_and_account_are_no_choice_for_an_automation(shop, operator, foreign):
    source, account = foreign
    form = form_of(shop.automation, source=source.pk, account=account.pk)

    assert "agave" not in operator.get(page(shop.automation)).text
    assert errors(operator.post(page(shop.automation), form)).count("Select a valid choice") == 2


def test_columns_are_added_moved_and_taken_away_and_numbered_again(shop, operator):
    form = with_new(
        shop.automation, {"header": "City", "path": "city"}, {"header": "Note", "path": "note", "position": 1}
    )
    form |= {"columns-0-DELETE": "on", "columns-1-position": 9}
    assert operator.post(page(shop.automation), form).status_code == 302

    assert columns_now(shop.automation) == [(1, "Note", "note"), (2, "Total", "total"), (3, "City", "city")]


def test_a_column_keeps_its_uid_whatever_else_changes(shop, operator):
    form = form_of(shop.automation) | {"columns-1-header": "Sum", "columns-1-path": "sum", "columns-1-uid": "other"}
    operator.post(page(shop.automation), form)

    assert columns_now(shop.automation)[1] == (2, "Sum", "total")


BAD_COLUMNS = [
    ({"header": " order", "path": "x"}, "column 3, header 'order': column 1 has it already"),
    ({"header": "Again", "path": "total"}, "give one of the two a uid of its own"),
    ({"header": "Article", "path": "@line_id"}, "but the tab has one row per order"),
    ({"header": "None"}, "Write either a path or a template"),
    ({"header": "Both", "path": "a", "template": "{b}"}, "Write either a path or a template"),
    ({"header": "Path", "path": "a..b"}, "path"),
    ({"header": "", "path": "x"}, "This field is required"),
    ({"header": "Format", "path": "x", "format": "0.00"}, "a column of type text has none"),
    ({"header": "Uid", "path": "x", "uid": "# no"}, "without spaces"),
    ({"header": "Kind", "path": "x", "type": "colour"}, "Select a valid choice"),
    ({"header": "Where", "path": "x", "position": -1}, "greater than or equal to 0"),
]


@pytest.mark.parametrize(("column", "complaint"), BAD_COLUMNS)
def test_columns_that_no_run_could_use_are_a_form_error(shop, operator, column, complaint):
    before = columns_now(shop.automation)
    shown = errors(operator.post(page(shop.automation), with_new(shop.automation, column)))

    assert complaint in shown
    assert "Constraint" not in shown
    assert columns_now(shop.automation) == before


def test_columns_are_judged_by_the_rows_that_are_being_chosen(shop, operator):
    article = {"header": "Article", "path": "@line_id"}
    operator.post(page(shop.automation), with_new(shop.automation, article, rows_per="line"))
    assert len(columns_now(shop.automation)) == 3

    shown = errors(operator.post(page(shop.automation), form_of(shop.automation, rows_per="order")))
    assert "but the tab has one row per order" in shown


def test_an_automation_without_columns_is_a_form_error(shop, operator):
    form = form_of(shop.automation) | {"columns-0-DELETE": "on", "columns-1-DELETE": "on"}

    assert "define at least one" in errors(operator.post(page(shop.automation), form))


def test_a_deleted_columns_header_is_free_again(shop, operator):
    form = with_new(shop.automation, {"header": "Total", "path": "sum"}) | {"columns-1-DELETE": "on"}
    operator.post(page(shop.automation), form)

    assert columns_now(shop.automation) == [(1, "Order", "id"), (2, "Total", "sum")]


def test_a_deleted_columns_uid_is_free_again(shop, operator):
    form = with_new(shop.automation, {"header": "Sum", "path": "total"}) | {"columns-1-DELETE": "on"}
    response = operator.post(page(shop.automation), form)
    assert response.status_code == 302, errors(response)

    assert columns_now(shop.automation) == [(1, "Order", "id"), (2, "Sum", "total")]


def test_the_page_shows_the_next_run_the_last_runs_and_what_waits(shop, operator):
    Automation.objects.update(next_run_at=timezone.make_aware(datetime(2031, 5, 17, 6)))
    shown = operator.get(page(shop.automation)).text

    assert "May 17, 2031, 6 a.m." in shown
    assert f'<a href="{page(shop.run)}">run {shop.run.pk}</a></th><td>{status_of(shop.run)}</td>' in shown
    assert shop.automation.dirty_orders.count() == 1


def test_the_list_tells_what_the_last_run_came_to(shop, operator):
    waiting_run_of(shop.automation, created_at=timezone.now())

    assert f"{badge('…', 'waiting', 'waiting')} <a" in operator.get(listing(Automation)).text


def test_the_schedule_is_told_in_words_with_its_next_times(shop, operator):
    Automation.objects.update(cron="30 7 * * 1-5", schedule_enabled=True, time_zone="Asia/Tokyo")
    text = operator.get(page(shop.automation)).content.decode()

    assert "At 07:30, Monday to Friday (Asia/Tokyo)" in text
    assert text.count(", 07:30<br>") == 5 and "seconds later" in text


def test_a_schedule_that_comes_too_often_is_refused(shop, operator):
    response = operator.post(page(shop.automation), form_of(shop.automation, cron="* * * * *", schedule_enabled="on"))

    assert "leave at least 5 minutes" in response.content.decode()


def with_columns(automation, count):
    """So many in all."""
    names = [f"field_{number}" for number in range(automation.columns.count(), count)]
    rows = [Column(automation=automation, position=99, header=name, path=name, uid=name) for name in names]
    Column.objects.bulk_create(rows)
    renumber(automation)


def test_a_form_of_as_many_columns_as_it_takes_is_within_the_hosts_limit(shop, operator, settings):
    with_columns(shop.automation, most_columns())
    shop.automation.filters = [{"path": f"a.{n}", "operator": "eq", "value": "x"} for n in range(MAX_FILTERS)]
    shop.automation.save()
    shown = re.sub("<template>.*?</template>", "", operator.get(page(shop.automation)).text, flags=re.DOTALL)
    fields = [
        each for each in re.findall("<(?:input|select|textarea)[^>]* name=[^>]*>", shown) if "disabled" not in each
    ]

    assert 9 * most_columns() < len(fields) <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_more_columns_than_a_form_can_send_are_shown_and_left_alone(shop, operator):
    with_columns(shop.automation, most_columns() + 1)
    before = columns_now(shop.automation)
    shown = operator.get(page(shop.automation)).text
    assert "are more than a form can send" in shown and "field_50" in shown
    form = {name: value for name, value in form_of(shop.automation).items() if not re.match("columns-[0-9]", name)}
    sent = form | dict(re.findall('name="(columns-[0-9]+-id)" value="([0-9]+)"', shown)) | {"name": "wide"}

    assert operator.post(page(shop.automation), sent).status_code == 302
    shop.automation.refresh_from_db()
    assert shop.automation.name == "wide" and columns_now(shop.automation) == before


@pytest.mark.parametrize(("limit", "most"), [(None, MAX_COLUMNS), (100, 0), (300, 10), (100_000, MAX_COLUMNS)])
def test_how_many_columns_a_form_takes_follows_the_hosts_limit(settings, limit, most):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = limit
    assert most_columns() == most
