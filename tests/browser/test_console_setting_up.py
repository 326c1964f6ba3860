"""From nothing to an automation that runs, by an operator who only clicks and types."""

from __future__ import annotations

import re

import pytest

from sheetsync.execute import execute_next
from sheetsync.models import Automation, Column, GoogleAccount, Source, SyncRun, Tenant
from tests.support.browsers import expect
from tests.support.consenting import client_settings
from tests.support.runs import orders_of, write_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def google(emulator, world, live_server, settings):
    """Where a person lives who has never heard of us."""
    emulator.strict_auth = True
    app = emulator.oauth.client([f"{live_server.url}/google/callback"], name="sheetsync")
    settings.SHEETSYNC = settings.SHEETSYNC | client_settings(world.url, app)
    return world


def test_where_nothing_is_yet_the_console_says_what_to_do_first(console):
    console.open("/admin/").judge("nothing-home")
    console.open(SyncRun).shows("Nothing has run yet").judge("nothing-runs")
    console.follow("Go to the automations").judge("nothing-automations")


def link_by_consent(console, tenant):
    """The operator makes a link; the person, who got it by mail, opens it and says yes."""
    console.open(tenant).press("Link a Google account")
    console.judge("linking-asked").page.get_by_role("radio", name="Spreadsheets that sheetsync makes").check()
    console.press("Link a Google account")
    url = console.judge("linking-link").page.get_by_label("Link").input_value()
    console.page.goto(url)
    console.press("Continue")
    expect(console.page.get_by_role("heading")).to_contain_text("Linked")
    return console.judge("linking-done")


def test_an_account_is_linked_by_a_link_that_its_owner_opens(console, google):
    tenant = Tenant.objects.create(name="Cactus shop")
    link_by_consent(console, tenant)
    account = GoogleAccount.objects.get()
    console.open(GoogleAccount).shows(account.email, "Cactus shop")
    assert (account.kind, account.status, account.is_default) == ("oauth", "active", True)


def test_an_account_is_linked_by_its_key(console, world, tmp_path):
    Tenant.objects.create(name="Cactus shop")
    console.add(GoogleAccount).choose("Tenant", "Cactus shop").usable()
    console.page.get_by_label("Key file").set_input_files(str(tmp_path / "key.json"))
    console.press("Save").told("was added successfully")
    assert GoogleAccount.objects.get().email == world.key["client_email"]
    console.open(GoogleAccount.objects.get()).press("Test").usable().shows(world.key["client_email"])


def test_an_automation_is_defined_previewed_and_set_going(console, world, tmp_path):
    write_orders(tmp_path / "orders.jsonl", orders_of(3))
    tenant = world.tenant()
    source = Source.objects.create(
        tenant=tenant, name="web shop", kind="file", config={"path": str(tmp_path / "orders.jsonl")}
    )
    book = world.emulator.create_spreadsheet("Orders of my shop")
    console.add(Automation).choose("Tenant", "Cactus shop").choose("Source", "web shop")
    fill(console, name="All orders", spreadsheet_id=f"https://docs.google.com/spreadsheets/d/{book}/edit#gid=0")
    column(console, "Order", "@order_id")
    column(console.press("Add a column"), "Customer", "customer")
    console.judge("automation-typed").press("Save and continue editing").told("was added successfully")
    automation = Automation.objects.get()
    assert (automation.source, automation.spreadsheet_id, automation.status) == (source, book, "draft")

    console.page.locator("[data-live=preview]").click()
    console.shows("00001", "c3").judge("automation-preview")
    console.page.locator("[data-live=destination]").click()
    expect(console.page.locator("#sheetsync-destination")).not_to_be_empty()
    fill(console, cron="0 6 * * 1-5")
    expect(console.page.locator("#sheetsync-schedule")).to_contain_text(re.compile("Monday|weekday", re.IGNORECASE))
    console.judge("automation-looked").press("Save and continue editing").told("was changed successfully")

    console.press("Activate").told("All orders is active").press("Run now").told("was started")
    execute_next()
    assert world.rows(automation) == {order["id"]: [order["id"], order["customer"]] for order in orders_of(3)}


def test_what_is_wrong_with_an_automation_is_told_beside_its_field(console, world):
    world.tenant()
    console.add(Automation).choose("Tenant", "Cactus shop")
    fill(console, name="All orders", spreadsheet_id="not an address", cron="* * * *")
    column(console, "Order", "a..b")
    column(console.press("Add a column"), "order", "customer")
    console.press("Save")

    console.shows("Please correct the errors below.", "This field is required.").judge("automation-errors")
    assert not Automation.objects.exists()


def test_rows_of_inputs_take_no_more_place_than_they_need(console, world):
    console.add(Automation)
    rows = console.page.locator(".sheetsync-rows").first
    button = rows.get_by_role("button", name="Add a filter")
    ends = [box["y"] + box["height"] for box in (rows.bounding_box(), button.bounding_box())]

    assert 0 <= ends[0] - ends[1] < 40


def test_columns_too_many_for_a_form_are_shown_with_the_reason(console, world):
    automation = world.automation()
    automation.columns.all().delete()
    names = [f"field_{number}" for number in range(120)]
    rows = [Column(automation=automation, position=1, header=name, path=name, uid=name) for name in names]
    Column.objects.bulk_create(rows)

    console.open(automation).shows("120 columns are more than a form can send").judge("automation-wide")
    fill(console, name="Wide")
    console.press("Save").told("was changed successfully")
    assert automation.columns.count() == 120


def fill(console, **texts):
    for name, text in texts.items():
        console.page.locator(f"[name={name}]").fill(text)


def column(console, header, path):
    """Into the last of the rows that can be seen."""
    for label, text in (("Header", header), ("Path in the order", path)):
        console.page.get_by_label(label).filter(visible=True).last.fill(text)
