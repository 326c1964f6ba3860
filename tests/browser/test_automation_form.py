"""An automation is defined by mouse and keyboard alone, is seen before it is saved, and needs no script for that."""

from __future__ import annotations

import pytest

from sheetsync.models import Automation, Source
from tests.admin.pages import adding
from tests.admin.pages import page as page_of
from tests.support.browsers import expect
from tests.support.console import Console
from tests.support.runs import orders_of, write_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def shop(world, tmp_path):
    """A tenant with an account, a source and a spreadsheet, and no automation yet."""
    tenant = world.tenant(time_zone="Europe/Berlin")
    write_orders(tmp_path / "orders.jsonl", orders_of(30, city="Graz"))
    path = str(tmp_path / "orders.jsonl")
    Source.objects.create(tenant=tenant, name="web shop", kind="file", config={"path": path})
    return world.emulator.create_spreadsheet("Orders of the shop")


@pytest.fixture
def automation(world):
    return world.automation(orders=orders_of(3), filters=[{"path": "customer", "operator": "ne", "value": "c2"}])


def headers(page):
    """Of the columns, from top to bottom."""
    rows = page.locator(".sheetsync-column:not([hidden]) input[name$='-header']")
    return [rows.nth(number).input_value() for number in range(rows.count())]


def preview(page):
    return page.locator("#sheetsync-preview table.sheetsync-preview")


def test_an_automation_is_defined_from_nothing(console, shop):
    page = console.add(Automation).page
    console.choose("Tenant", "Cactus")
    page.get_by_label("Name:", exact=True).fill("Orders of Graz")
    console.choose("Source", "web")
    console.press("Show a preview")
    page.get_by_text("paths that these orders have").wait_for()
    page.get_by_role("button", name="Add a column of customer").click()
    console.press("Add a column")
    page.keyboard.type("Sum")
    page.keyboard.press("Tab")
    page.keyboard.type("total")
    expect(preview(page)).to_contain_text("c5")
    expect(preview(page)).to_contain_text("1.50")

    page.get_by_label("Path", exact=True).first.fill("customer")
    page.get_by_label("Condition").first.select_option("in")
    page.get_by_label("Value").first.fill("c3\nc7")
    expect(preview(page)).not_to_contain_text("c5")
    expect(preview(page)).to_contain_text("c7")

    page.get_by_label("Spreadsheet:").fill(f"https://docs.google.com/spreadsheets/d/{shop}/edit#gid=0")
    console.press("Look")
    expect(page.locator("#sheetsync-destination")).to_contain_text("can be written")
    expect(page.get_by_label("Tab:", exact=True)).to_have_value("Sheet1")
    page.get_by_label("Run by a schedule").check()
    page.get_by_label("Schedule:", exact=True).fill("0 6 * * 1-5")
    expect(page.locator("#sheetsync-schedule")).to_contain_text("At 06:00, Monday to Friday (Europe/Berlin)")
    assert page.locator("#sheetsync-schedule ol li").count() == 5
    console.usable()

    page.get_by_role("button", name="Save", exact=True).click()
    console.told("was added successfully")
    made = Automation.objects.get()
    assert (made.name, made.spreadsheet_id, made.tab_title) == ("Orders of Graz", shop, "Sheet1")
    assert made.filters == [{"path": "customer", "operator": "in", "value": ["c3", "c7"]}]
    assert list(made.columns.values_list("header", "path")) == [("Customer", "customer"), ("Sum", "total")]
    assert made.next_run_at is not None


def test_columns_are_moved_by_the_keyboard_and_by_the_mouse(console, automation):
    page = console.open(automation).page
    first = page.locator(".sheetsync-column").first
    first.locator("[data-act=down]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert headers(page) == ["Customer", "Total", "Order"]
    expect(page.locator("#sheetsync-said")).to_contain_text("Moved to position 3")

    page.locator(".sheetsync-handle").nth(1).drag_to(page.locator(".sheetsync-column").first)
    assert headers(page) == ["Total", "Customer", "Order"]
    page.get_by_role("button", name="Remove this column").nth(1).click()
    page.get_by_role("button", name="Save and continue editing").click()
    console.told("was changed successfully")
    assert list(automation.columns.values_list("position", "header")) == [(1, "Total"), (2, "Order")]
    assert headers(page) == ["Total", "Order"]


def test_filters_are_added_and_taken_away(console, automation):
    page = console.open(automation).page
    console.press("Add a filter")
    page.keyboard.type("total")
    page.locator("select[name='filters-1-operator']").select_option("exists")
    expect(page.locator("textarea[name='filters-1-value']")).to_be_hidden()
    page.get_by_role("button", name="Remove this filter").first.click()
    page.get_by_role("button", name="Save and continue editing").click()
    console.told("was changed successfully")
    automation.refresh_from_db()
    assert automation.filters == [{"path": "total", "operator": "exists"}]


def test_a_preview_follows_what_is_typed_only_once_it_was_asked_for(console, automation):
    asked = []
    page = console.open(automation).page
    page.on("request", lambda request: asked.append(request.url) if "/live/preview/" in request.url else None)
    page.locator("input[name='columns-0-header']").fill("Number")
    page.wait_for_timeout(2_000)
    assert asked == []

    console.press("Show a preview")
    expect(preview(page).locator("th").first).to_have_text("Number")
    page.locator("input[name='columns-0-header']").fill("No.")
    expect(preview(page).locator("th").first).to_have_text("No.")
    assert len(asked) == 2


def test_the_form_is_usable_with_errors_in_it(console, shop):
    page = console.add(Automation).page
    page.get_by_label("Path", exact=True).first.fill("a..b")
    page.locator("input[name='columns-0-path']").fill("x[")
    page.get_by_role("button", name="Save", exact=True).click()
    console.shows("a key is missing here", "brackets hold a number").usable()
    assert page.locator("input[name='columns-0-path']").input_value() == "x["


def test_the_form_of_a_source_is_usable_and_takes_rows_of_parameters(console, shop):
    page = console.open(adding(Source) + "?kind=rest").page
    console.choose("Tenant", "Cactus")
    page.get_by_label("Name:", exact=True).fill("api")
    page.get_by_label("Address of the list:").fill("https://93.184.215.14/orders")
    page.get_by_role("heading", name="More options").click()
    parameters = page.locator("#id_config_params")
    parameters.get_by_label("Name").first.fill("status")
    parameters.get_by_label("Kind").first.select_option("list")
    parameters.get_by_label("Value").first.fill("paid\nsent")
    console.usable()
    page.get_by_role("button", name="Save", exact=True).click()
    console.told("was added successfully")
    assert Source.objects.get(name="api").config["params"] == {"status": ["paid", "sent"]}


@pytest.fixture
def plain(browser, live_server, django_user_model, complaints):
    """The console in a browser without scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints.watch(page)
    yield Console(page, live_server.url).log_in(django_user_model.objects.create_superuser("operator"))
    context.close()
    assert complaints.unexpected == []


def test_without_scripts_the_form_saves_and_shows_a_preview(plain, automation):
    page = plain.page
    page.goto(plain.site + page_of(automation))
    look = page.get_by_role("button", name="Show a preview")
    look.evaluate("(each) => each.removeAttribute('formtarget')")  # it opens another window otherwise
    look.click()
    expect(page.locator("table.sheetsync-preview")).to_contain_text("c1")

    page.goto(plain.site + page_of(automation))
    page.locator("input[name='columns-0-position']").fill("9")
    page.locator("input[name='columns-3-header']").fill("Who")
    page.locator("input[name='columns-3-template']").evaluate("(each) => each.closest('details').open = true")
    page.locator("input[name='columns-3-template']").fill("<{customer}>")
    page.locator("input[name='filters-1-path']").fill("total")
    page.locator("select[name='filters-1-operator']").select_option("gt")
    page.locator("textarea[name='filters-1-value']").fill("1")
    page.locator("input[name='name']").press("Enter")
    plain.told("was changed successfully")
    automation.refresh_from_db()
    assert [each["path"] for each in automation.filters] == ["customer", "total"]
    assert list(automation.columns.values_list("header", flat=True)) == ["Customer", "Total", "Order", "Who"]


def test_a_source_is_added_without_scripts(plain, shop, world):
    page = plain.page
    page.goto(plain.site + adding(Source))
    page.get_by_role("link", name="JSON API").click()
    page.locator("input[name='name']").fill("api")
    page.locator("input[name='config_url']").fill("https://93.184.215.14/orders")
    page.locator("select[name='tenant']").evaluate(
        "(each, pk) => each.append(new Option('x', pk, true, true))", Source.objects.get().tenant_id
    )
    page.locator("input[name='credential_bearer']").fill("hush-hush")
    page.get_by_role("button", name="Save", exact=True).click()
    plain.told("was added successfully")
    assert Source.objects.get(name="api").secrets() == {"bearer": "hush-hush"}
