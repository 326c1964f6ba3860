"""From the first byte to the answer, whatever the platform."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, connections
from django.db.models.functions import Now
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext

from sheetsync import crypto, trigger
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, Source, SyncRun, WebhookDelivery
from sheetsync.webhooks.receive import receive
from sheetsync.webhooks.shopify import SHOPIFY
from tests.support.meeting import elsewhere
from tests.webhooks.conftest import Shop, nothing_is_left

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def limit(settings):
    """How large a body may be."""

    def set_to(most):
        settings.SHEETSYNC = settings.SHEETSYNC | {"WEBHOOK_MAX_BYTES": most}

    return set_to


def test_a_genuine_delivery_leaves_a_row_an_order_and_a_run(shop, post):
    response = post(shop.shopify({"id": 7, "email": "a@b.c"}))
    row, run = WebhookDelivery.objects.get(), SyncRun.objects.get()
    assert response.json() == {"verdict": "accepted", "runs": [run.pk], "duplicate": False}
    assert (row.key, row.topic, row.run, row.runs) == ("shopify:w-1", "orders/updated", run, [run.pk])
    assert (run.trigger, run.mode, shop.told()) == ("webhook", "orders", ["7"])
    assert "a@b.c" not in str(vars(row))


def test_all_automations_of_the_source_are_told_that_run_on_webhooks(shop, make, post):
    tenant = shop.automation.tenant
    also, quiet, paused, foreign = (make.automation(tenant) for _ in range(4))
    Automation.objects.filter(pk__in=[also.pk, quiet.pk, paused.pk]).update(source=shop.source)
    Automation.objects.filter(pk=quiet.pk).update(webhooks_enabled=False)
    trigger.pause(paused)
    runs = post(shop.woocommerce({"id": 7})).json()["runs"]
    told = list(SyncRun.objects.filter(pk__in=runs).order_by("pk").values_list("automation", flat=True))
    assert told == [shop.automation.pk, also.pk]
    assert not SyncRun.objects.filter(automation__in=[quiet, paused, foreign]).exists()


def test_where_nothing_is_active_it_is_taken_and_said_so(shop, post):
    trigger.pause(shop.automation)
    assert post(shop.standard({"id": 7})).json() == {"verdict": "no_automation", "runs": [], "duplicate": False}
    assert not shop.told()


def test_a_paused_tenant_has_nothing_active(shop, post):
    trigger.pause_tenant(shop.automation.tenant)
    assert post(shop.standard({"id": 7})).json()["verdict"] == "no_automation"


def test_what_nothing_was_active_for_is_looked_at_when_it_is_sent_again(shop, post):
    trigger.pause(shop.automation)
    post(shop.standard({"id": 7}))
    trigger.activate(shop.automation)
    again = post(shop.standard({"id": 7})).json()
    assert (again["verdict"], again["duplicate"], shop.told()) == ("accepted", False, ["7"])


def test_while_the_google_account_waits_for_its_owner_the_run_waits_too(shop, post):
    GoogleAccount.objects.get().flag("revoked")
    assert post(shop.standard({"id": 7})).json()["verdict"] == "accepted"
    assert "connected again" in SyncRun.objects.get().waiting_for


def test_a_key_that_was_known_for_long_enough_is_a_new_one(shop, post):
    post(shop.shopify({"id": 7}))
    long_ago = Now() - timedelta(days=8)
    WebhookDelivery.objects.update(received_at=long_ago, expires_at=long_ago + timedelta(days=7))
    assert not post(shop.shopify({"id": 7})).json()["duplicate"]
    assert WebhookDelivery.objects.filter(expires_at__gt=Now()).count() == 1 and shop.told() == ["7", "7"]


def test_the_same_key_of_two_sources_is_two_deliveries(shop, make, post):
    automation = make.automation()
    other = Shop(automation, automation.source)
    assert [post(each.shopify({"id": 7})).json()["duplicate"] for each in (shop, other)] == [False, False]


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_posts_are_taken(shop, client, method):
    for hook in shop.genuine():
        response = getattr(client, method)(hook.path, headers=hook.headers)
        assert (response.status_code, response["Allow"]) == (405, "POST")
    assert nothing_is_left()


def test_a_body_of_the_largest_size_is_taken_and_one_byte_more_is_not(shop, post, limit):
    for hook in shop.genuine():
        limit(len(hook.body) - 1)
        assert post(hook).status_code == 413
        assert nothing_is_left()
    for hook in shop.genuine():
        limit(len(hook.body))
        assert post(hook).status_code == 200


def test_what_says_it_is_too_large_is_not_read(shop, client, limit):
    limit(1_000)
    hook = shop.shopify({"id": 7})
    response = client.post(hook.path, hook.body, hook.content_type, headers=hook.headers, CONTENT_LENGTH="1001")
    assert response.status_code == 413 and nothing_is_left()


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 5_000, "x"])
def test_a_length_that_is_none_is_refused(shop, rf, length):
    """A server in front refuses these. Django's own client cannot send them, so the view is asked itself."""
    request = rf.post("/", b"{}", "application/json")
    request.META["CONTENT_LENGTH"] = length
    assert receive(SHOPIFY, request, str(shop.source.public_id)).status_code == 413


def test_what_comes_in_pieces_is_not_read_past_the_limit(shop, limit):
    """Over ASGI a body may come without saying how long it is."""
    limit(1_000)
    hook = shop.shopify({"id": 7, "note": "x" * 1_000})
    assert asyncio.run(_posted(hook, length=None)).status_code == 413 and nothing_is_left()


def test_it_works_on_async_hosts(shop):
    response = asyncio.run(_posted(shop.shopify({"id": 7}), length="right"))
    assert response.json()["verdict"] == "accepted" and shop.told() == ["7"]


async def _posted(hook, length):
    client = AsyncClient(raise_request_exception=False)
    extra = {} if length else {"CONTENT_LENGTH": "0"}
    response = await client.post(hook.path, hook.body, hook.content_type, headers=hook.headers, **extra)
    await sync_to_async(connections.close_all)()
    return response


def test_answers_are_not_kept_by_anybody_on_the_way(shop, post):
    assert "no-store" in post(shop.shopify({"id": 7}))["Cache-Control"]
    assert "no-store" in post(shop.shopify({"id": 7}).but(headers={"X-Shopify-Hmac-Sha256": "x"}))["Cache-Control"]


def test_a_host_that_wraps_requests_in_transactions_changes_nothing(shop, post, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    assert post(shop.shopify({"id": 7})).status_code == 200
    assert post(shop.shopify({"id": 7})).json()["duplicate"]


def test_a_database_that_is_away_asks_the_shop_to_send_it_again(shop, post):
    def away(execute, sql, *rest):
        if sql.startswith("INSERT"):
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(away):
        response = post(shop.shopify({"id": 7}))
    assert (response.status_code, response["Retry-After"]) == (503, "5") and nothing_is_left()
    assert not post(shop.shopify({"id": 7})).json()["duplicate"]


def test_secrets_that_no_key_opens_any_more_ask_for_patience_too(shop, post, settings, caplog):
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [crypto.generate_key()]}
    assert post(shop.shopify({"id": 7})).status_code == 503
    assert "CannotDecrypt" in caplog.text and nothing_is_left()


def test_a_source_that_is_removed_meanwhile_is_unknown(shop, post):
    """After it was looked up, before its delivery is stored."""

    def remove(execute, sql, *rest):
        found = execute(sql, *rest)
        if sql.startswith("SELECT") and "public_id" in sql:
            with elsewhere() as other:
                other(shop.automation.tenant.delete).result()
        return found

    hook = shop.shopify({"id": 7})
    with connection.execute_wrapper(remove):
        assert post(hook).status_code == 401
    assert nothing_is_left()


def statements(post, hook):
    with CaptureQueriesContext(connection) as asked:
        assert post(hook).status_code == 200
    words = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return [query["sql"] for query in asked if query["sql"].startswith(words)]


def test_a_delivery_costs_nine_statements_and_a_duplicate_three(shop, post):
    post(shop.shopify({"id": 6}, delivery="w-0"))  # the minute in which the source's last delivery is noted begins
    SyncRun.objects.all().delete()
    assert len(statements(post, shop.shopify({"id": 7}))) == 9
    assert len(statements(post, shop.shopify({"id": 7}, delivery="w-2"))) == 8
    assert len(statements(post, shop.shopify({"id": 7}))) == 3


def test_a_refused_delivery_costs_one_question(shop, post):
    with CaptureQueriesContext(connection) as asked:
        for hook in shop.genuine():
            post(hook.but(body=b"{}", path=hook.path[:-1] + "x" if "/hint/" in hook.path else hook.path))
    assert len(asked) == 4


def test_the_last_delivery_is_noted_once_a_minute(shop, post):
    post(shop.shopify({"id": 7}, delivery="a"))
    shop.source.refresh_from_db()
    first = shop.source.last_delivery_at
    post(shop.shopify({"id": 7}, delivery="b"))
    shop.source.refresh_from_db()
    assert first and shop.source.last_delivery_at == first
    Source.objects.update(last_delivery_at=Now() - timedelta(seconds=61))
    post(shop.shopify({"id": 7}, delivery="c"))
    shop.source.refresh_from_db()
    assert shop.source.last_delivery_at >= first


def test_a_burst_becomes_one_run(shop, post):
    for number in range(1, 31):
        post(shop.shopify({"id": number}, delivery=f"w-{number}"))
    assert SyncRun.objects.count() == 1 and DirtyOrder.objects.count() == 30
