"""Buttons that ask for something first, and buttons whose outcome is a page to read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from sheetsync.models import (
    AuditEntry,
    Automation,
    DirtyOrder,
    GoogleAccount,
    InstallState,
    OAuthState,
    Source,
    SyncRun,
    Tenant,
)
from tests.admin.pages import page, press, surely, surely_tick, tick, told
from tests.admin.rows import run_of, waiting_run_of

ORDERS = [
    {"id": "1001", "total": "12.50", "status": "paid"},
    {"id": "<b>1002</b>", "total": "=1+1", "status": "paid"},
]
GOOGLE = {"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "s3cret"}
SHOPIFY = {"SHOPIFY_CLIENT_ID": "app", "SHOPIFY_CLIENT_SECRET": "s3cret"}
HERE = {"HTTP_HOST": "sync.example", "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture
def orders(shop, tmp_path):
    """A shop that has some."""
    path = tmp_path / "orders.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in ORDERS))
    Source.objects.filter(pk=shop.source.pk).update(config={"path": str(path)})
    return path


@pytest.fixture
def site(settings):
    """One at which accounts and shops can be linked, behind a proxy that ends TLS."""
    settings.SHEETSYNC = settings.SHEETSYNC | GOOGLE | SHOPIFY
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["sync.example", "testserver"]


def link_on(response):
    """What is shown once."""
    assert response.status_code == 200 and 'id="shown-once"' in response.text, response.text
    return response.context["text"]


def test_a_run_for_changes_is_incremental(shop, operator):
    press(operator, shop.automation, "run_changes")
    assert SyncRun.objects.active().get().mode == "incremental"


def test_which_orders_is_asked_before_a_run_for_some(shop, operator):
    asked = press(operator, shop.automation, "run_orders")
    assert asked.status_code == 200 and 'name="order_ids"' in asked.text and not SyncRun.objects.active().exists()


def test_a_run_for_some_orders_looks_at_these(shop, operator):
    DirtyOrder.objects.all().delete()
    done = surely(operator, shop.automation, "run_orders", order_ids="1001\n  1002 \n\n1001\n")
    run = SyncRun.objects.active().get()
    assert run.mode == "orders" and told(done) == [f"success: run {run.pk} of orders was started"]
    assert list(DirtyOrder.objects.order_by("pk").values_list("order_id", flat=True)) == ["1001", "1002"]


def test_orders_that_are_asked_for_during_a_run_are_left_to_it(shop, operator):
    run = waiting_run_of(shop.automation)
    (message,) = told(surely(operator, shop.automation, "run_orders", order_ids="1001"))
    assert message == f"success: run {run.pk} of orders is active: it looks at them, or the run that follows it"


@pytest.mark.parametrize("given", ["", " \n ", "x" * 600, "\n".join(map(str, range(10_001)))])
def test_ids_that_no_order_has_are_refused_beside_the_field(shop, operator, given):
    refused = surely(operator, shop.automation, "run_orders", order_ids=given)
    assert refused.status_code == 200 and refused.context["form"].errors["order_ids"]
    assert not SyncRun.objects.active().exists()


def test_a_preview_shows_what_would_be_written_and_writes_nothing(shop, operator, orders):
    shown = surely(operator, shop.automation, "preview", rows="5")
    assert shown.status_code == 200 and "<th>Order</th>" in shown.text and "1001" in shown.text
    assert "<b>1002</b>" not in shown.text and escape("<b>1002</b>") in shown.text
    assert not SyncRun.objects.active().exists()


def test_a_preview_names_columns_that_no_order_has_anything_for(shop, operator, orders):
    shop.automation.set_columns([{"header": "Order", "path": "id"}, {"header": "Sum", "path": "totl"}])
    shown = surely(operator, shop.automation, "preview", rows="5")
    assert "No sampled order has totl. Nearest: total" in shown.text


def test_a_preview_of_a_shop_without_orders_says_so(shop, operator, orders):
    orders.write_text("")
    assert "No order comes through" in surely(operator, shop.automation, "preview", rows="5").text


def test_a_preview_of_a_shop_that_is_away_is_a_message(shop, operator):
    (message,) = told(surely(operator, shop.automation, "preview", rows="5"))
    assert message.startswith("error: ") and "orders.jsonl" in message


@pytest.mark.parametrize("rows", ["0", "51", "x", ""])
def test_a_preview_of_an_odd_number_of_rows_is_refused(shop, operator, orders, rows):
    assert surely(operator, shop.automation, "preview", rows=rows).context["form"].errors["rows"]


def test_a_source_that_answers_says_so(shop, operator, orders):
    assert told(press(operator, shop.source, "test")) == ["success: web shop answers; its first order is 1001"]
    orders.write_text("")
    assert told(press(operator, shop.source, "test"))[-1] == "success: web shop answers, and has no order yet"


def test_a_source_that_does_not_answer_says_why(shop, operator):
    (message,) = told(press(operator, shop.source, "test"))
    assert message.startswith("error: ") and "orders.jsonl" in message


def test_a_tab_is_released_after_a_question(shop, operator):
    Automation.objects.update(status="paused", watermark={"since": "x"}, walked_at=timezone.now())
    assert 'name="sure"' in press(operator, shop.automation, "release_tab").text
    (message,) = told(surely(operator, shop.automation, "release_tab"))
    automation = Automation.objects.get()
    assert (automation.sheet_id, automation.watermark, automation.walked_at) == (None, {}, None)
    assert "another automation may take it" in message


def test_the_tab_of_an_active_automation_is_not_released(shop, operator):
    (message,) = told(surely(operator, shop.automation, "release_tab"))
    assert message == "error: automation 'orders' is active: pause it first" and Automation.objects.get().sheet_id == 7


def test_the_tab_is_not_released_while_a_run_still_stops(shop, operator):
    waiting_run_of(shop.automation)
    SyncRun.objects.claim("w1", timedelta(minutes=1))
    Automation.objects.update(status="paused")
    (message,) = told(surely(operator, shop.automation, "release_tab"))
    assert "is still stopping" in message and Automation.objects.get().sheet_id == 7


@pytest.mark.parametrize("way", [surely, lambda client, row, act, **given: surely_tick(client, [row], act, **given)])
def test_a_waiting_run_is_put_before_others(shop, operator, way):
    run = waiting_run_of(shop.automation)
    way(operator, run, "prioritize", priority="50")
    run.refresh_from_db()
    assert run.priority == 50


@pytest.mark.parametrize("way", [press, lambda client, row, act: tick(client, [row], act)])
def test_which_priority_is_asked_first(shop, operator, way):
    run = waiting_run_of(shop.automation)
    assert 'name="priority"' in way(operator, run, "prioritize").text
    run.refresh_from_db()
    assert run.priority == 0


def test_a_priority_that_there_is_not_is_refused(shop, operator):
    run = waiting_run_of(shop.automation)
    assert surely(operator, run, "prioritize", priority="9999").context["form"].errors["priority"]


def test_a_finished_run_is_not_put_before_others(shop, operator):
    (message,) = told(surely(operator, shop.run, "prioritize", priority="50"))
    assert message == f"error: run {shop.run.pk} is failed: only one that waits or runs can be put before others"


def test_an_incident_is_resolved_once(shop, operator):
    press(operator, shop.incident, "resolve")
    shop.incident.refresh_from_db()
    assert shop.incident.resolved_at and "was resolved before" in told(press(operator, shop.incident, "resolve"))[-1]


def test_a_tenant_gets_a_link_for_a_google_account(shop, operator, site):
    assert 'name="scope"' in press(operator, shop.tenant, "link_google").text
    response = operator.post(page(shop.tenant, "link_google"), {"sure": "yes", "scope": "spreadsheets"}, **HERE)
    link = OAuthState.objects.latest("pk")
    assert link.tenant == shop.tenant and link.redirect_uri == "https://sync.example/google/callback"
    assert "auth%2Fspreadsheets" in link_on(response) and "no-store" in response["Cache-Control"]


def test_without_an_app_at_google_there_is_no_link_and_the_message_says_what_to_set(shop, operator):
    (message,) = told(surely(operator, shop.tenant, "link_google", scope="file"))
    assert message.startswith("error: ") and "GOOGLE_CLIENT_ID" in message


def test_a_persons_account_gets_a_link_to_connect_it_again(shop, operator, site):
    account = GoogleAccount.objects.create(
        tenant=shop.tenant, kind="oauth", subject="1", email="anna@cactus.example", status="needs_owner"
    )
    response = operator.post(page(account, "reconnect_link"), **HERE)
    assert "login_hint=anna%40cactus.example" in link_on(response)
    assert OAuthState.objects.latest("pk").account == account


def test_a_robots_account_gets_none(shop, operator, site):
    buttons = operator.get(page(shop.account)).context["buttons"]
    assert page(shop.account, "reconnect_link") not in [button["url"] for button in buttons]
    (message,) = told(operator.post(page(shop.account, "reconnect_link"), **HERE))
    assert "service account" in message


SHOPS = [
    ("shopify", "cactus.myshopify.com", "https://cactus.myshopify.com/admin/oauth/authorize?"),
    ("woocommerce", "https://shop.example/", "https://shop.example/wc-auth/v1/authorize?"),
]


@pytest.mark.parametrize(("kind", "address", "begins"), SHOPS)
def test_a_tenant_gets_a_link_for_a_shop(shop, operator, site, kind, address, begins):
    given = {"sure": "yes", "kind": kind, "shop": address, "name": "main"}
    response = operator.post(page(shop.tenant, "connect_shop"), given, **HERE)
    assert link_on(response).startswith(begins) and InstallState.objects.latest("pk").name == "main"


@pytest.mark.parametrize(("kind", "address", "begins"), SHOPS)
def test_a_source_gets_a_link_to_connect_its_shop_again(shop, operator, site, kind, address, begins):
    option = {"shopify": "shop", "woocommerce": "url"}[kind]
    Source.objects.update(kind=kind, config={option: address})
    response = operator.post(page(shop.source, "reconnect_link"), **HERE)
    assert link_on(response).startswith(begins) and InstallState.objects.latest("pk").name == "web shop"


@pytest.mark.parametrize("address", ["", "evil.example", "javascript:alert(1)", "http://169.254.169.254/"])
def test_what_is_no_shop_gets_no_link(shop, operator, site, address):
    before = InstallState.objects.count()
    for kind, _, _ in SHOPS:
        given = {"sure": "yes", "kind": kind, "shop": address, "name": "main"}
        response = operator.post(page(shop.tenant, "connect_shop"), given, **HERE)
        if kind == "shopify" or address != "evil.example":
            assert 'id="shown-once"' not in response.text
    assert InstallState.objects.count() - before <= 1


NEW = [
    ("automation", "run_changes"),
    ("automation", "run_orders"),
    ("automation", "preview"),
    ("automation", "release_tab"),
    ("source", "test"),
    ("source", "reconnect_link"),
    ("account", "test"),
    ("account", "reconnect_link"),
    ("tenant", "link_google"),
    ("tenant", "connect_shop"),
    ("run", "prioritize"),
    ("incident", "resolve"),
]


@pytest.mark.parametrize(("name", "act"), NEW)
def test_it_is_done_by_post_only_and_by_whoever_may(shop, operator, viewer, name, act):
    row = getattr(shop, name)
    assert operator.get(page(row, act)).status_code == 405
    assert press(viewer, row, act).status_code == surely(viewer, row, act).status_code == 403
    assert operator.post(page(row, act).replace(f"/{row.pk}/", "/999999/")).status_code == 404


def test_what_was_done_is_in_the_history(shop, operator, orders, site):
    Automation.objects.update(status="paused")
    press(operator, shop.source, "test")
    surely(operator, shop.automation, "preview", rows="1")
    surely(operator, shop.automation, "release_tab")
    surely(operator, shop.tenant, "pause")
    operator.post(page(shop.tenant, "link_google"), {"sure": "yes", "scope": "file"}, **HERE)
    told_of = AuditEntry.objects.filter(actor="operator").order_by("pk").values_list("action", flat=True)
    assert [*told_of] == [
        "source.tested",
        "automation.previewed",
        "automation.tab_released",
        "tenant.paused",
        "tenant.account_link_begun",
    ]
    assert Tenant.objects.get().active is False


def test_a_list_of_priorities_reaches_all_that_are_ticked(shop, operator):
    runs = [waiting_run_of(shop.automation), run_of(shop.automation, status="completed")]
    messages = told(surely_tick(operator, runs, "prioritize", priority="-50"))
    assert [each.partition(":")[0] for each in messages] == ["success", "error"]
