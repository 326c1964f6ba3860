"""Shopify's demands for the sake of privacy: what each leaves behind, once and only once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from sheetsync import privacy, trigger
from sheetsync.models import (
    AuditEntry,
    Automation,
    DirtyOrder,
    Incident,
    PrivacyRequest,
    Source,
    SyncRun,
    WebhookDelivery,
)
from tests.support.boundaries import forked
from tests.support.meeting import all_at_once
from tests.webhooks.conftest import SHOPIFY_SECRET

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = {"id": 191167, "email": "john@example.com", "phone": "555-625-1199"}
FORGET = {"shop_id": 954889, "shop_domain": "x", "customer": PERSON, "orders_to_redact": [299938, 280263]}
TELL = {"shop_id": 954889, "customer": PERSON, "orders_requested": [299938], "data_request": {"id": 9999}}
SHOP = {"shop_id": 954889, "shop_domain": "cactus.myshopify.com"}
KEYS = {"client_id": "app", "client_secret": "of-the-app", "access_token": "shpat_of-the-shop", "refresh_token": "r"}


@pytest.fixture
def installed(shop):
    """A shop whose app was installed by its keys."""
    shop.source.kind, shop.source.config = "shopify", {"shop": "cactus.myshopify.com"}
    shop.source.seal(KEYS)
    shop.source.save()
    return shop


def forget(shop, payload=FORGET, **values):
    return shop.shopify(payload, topic="customers/redact", **values)


def whole_shop(shop, topic, **values):
    return shop.shopify(SHOP, topic=topic, **values)


def states():
    return sorted(PrivacyRequest.objects.values_list("kind", "status"))


def acts():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_customer_to_be_forgotten_is_kept_by_ids_and_a_run_is_asked_for(shop, post):
    answer = post(forget(shop)).json()
    row = PrivacyRequest.objects.get()
    assert (row.order_ids, row.customer_id, row.status) == (["299938", "280263"], "191167", "open")
    assert row.due_at - row.received_at == timedelta(days=30)
    assert (answer["verdict"], answer["runs"]) == ("accepted", [SyncRun.objects.get().pk])
    assert shop.told() == ["299938", "280263"] and "privacy.asked" in acts()


def test_nothing_of_the_person_but_ids_is_in_any_table(shop, post, caplog):
    post(forget(shop))
    post(shop.shopify(TELL, topic="customers/data_request", delivery="w-2"))
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows += cursor.fetchall()
    assert "191167" in str(rows)
    assert not [word for word in ("john@", "555-625") if word in str(rows) or word in caplog.text]


def test_a_demand_that_comes_again_is_one_demand(shop, post):
    assert [post(forget(shop)).json()["duplicate"] for _ in range(2)] == [False, True]
    assert post(forget(shop, delivery="w-2")).json()["duplicate"] is False
    assert PrivacyRequest.objects.count() == 1 and acts().count("privacy.asked") == 1


def test_twenty_who_bring_the_same_demand_at_once_make_one(shop, post):
    answers = all_at_once(20, lambda number: post(forget(shop, delivery=f"w-{number}")))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert PrivacyRequest.objects.count() == 1 and SyncRun.objects.count() == 1


def test_an_automation_that_follows_no_webhooks_forgets_too(shop, post):
    Automation.objects.update(webhooks_enabled=False)
    assert len(post(forget(shop)).json()["runs"]) == 1


def test_where_none_can_run_the_demand_stays_open_and_says_why(shop, post):
    Automation.objects.update(status="paused", sheet_id=7)
    assert post(forget(shop)).json()["runs"] == []
    assert privacy.settle() == 0 and shop.told() == ["299938", "280263"]
    row = PrivacyRequest.objects.get()
    assert (row.status, row.finished_at) == ("open", None) and "which is paused: activate it" in row.outcome


def test_a_draft_that_never_had_a_tab_keeps_no_demand_open(shop, post):
    Automation.objects.update(status="draft")
    post(forget(shop))
    assert privacy.settle() == 1 and states() == [("forget_customer", "done")]


def test_it_is_done_only_when_every_automation_has_looked(shop, make, post):
    other = make.automation(shop.automation.tenant)
    Automation.objects.filter(pk=other.pk).update(source=shop.source)
    post(forget(shop))
    DirtyOrder.objects.filter(automation=other).delete()
    assert privacy.settle() == 0 and "has not run yet" in PrivacyRequest.objects.get().outcome
    DirtyOrder.objects.all().delete()
    assert privacy.settle() == 1 and privacy.settle() == 0
    assert PrivacyRequest.objects.get().finished_at and acts().count("privacy.done") == 1


def test_a_customer_without_orders_is_forgotten_at_once(shop, post):
    post(forget(shop, FORGET | {"orders_to_redact": []}))
    assert states() == [("forget_customer", "done")] and not SyncRun.objects.exists()


def test_more_orders_than_one_customer_has_are_left_to_a_person(shop, post):
    post(forget(shop, {"orders_to_redact": list(range(1, 10_002))}))
    row = PrivacyRequest.objects.get()
    assert row.status == "failed" and "by hand" in row.outcome and not shop.told()


def test_what_is_held_is_for_a_person_to_tell(shop, post):
    Automation.objects.update(sheet_id=7)
    post(shop.shopify(TELL, topic="customers/data_request"))
    row = PrivacyRequest.objects.get()
    assert (row.kind, row.status, row.reference) == ("tell_customer", "open", "9999")
    assert shop.automation.spreadsheet_id in row.outcome and not shop.told()
    assert privacy.settle() == 0


def test_an_uninstalled_app_loses_its_token_and_its_automations_rest(installed, post):
    run = trigger.request_run(installed.automation, trigger="manual").run
    assert post(whole_shop(installed, "app/uninstalled")).json()["verdict"] == "accepted"
    source, automation = Source.objects.get(), Automation.objects.get()
    assert source.secrets() == {"client_id": "app", "client_secret": "of-the-app"}
    assert source.webhook_secrets("shopify") == (SHOPIFY_SECRET,)
    run.refresh_from_db()
    assert (automation.status, run.status) == ("paused", "canceled") and "uninstalled" in automation.problem
    assert states() == [("uninstalled", "done")] and {"source.disconnected", "automation.paused"} <= {*acts()}


def test_word_of_an_uninstallation_that_comes_after_the_app_was_installed_again_is_ignored(installed, post):
    Source.objects.update(connected_at=Now())
    old = {"X-Shopify-Triggered-At": "2026-01-29T18:00:27.877041743Z"}
    assert post(whole_shop(installed, "app/uninstalled").but(headers=old)).json()["verdict"] == "ignored"
    assert Automation.objects.get().status == "active" and "access_token" in Source.objects.get().secrets()
    new = {"X-Shopify-Triggered-At": (datetime.now(UTC) + timedelta(seconds=2)).isoformat()}
    again = whole_shop(installed, "app/uninstalled", delivery="w-2").but(headers=new)
    assert post(again).json()["verdict"] == "accepted" and Automation.objects.get().status == "paused"


def test_a_forgotten_shop_leaves_nothing_but_its_tabs(installed, post):
    post(whole_shop(installed, "app/uninstalled"))
    run = SyncRun.objects.create(
        tenant=installed.automation.tenant, automation=installed.automation, trigger="manual", max_attempts=1,
        status="failed", finished_at=Now(), error="of John", warnings={"odd": {"count": 1, "example": "John"}},
    )  # fmt: skip
    Incident.objects.create(run=run, kind="rows_moved", example="John")
    run.attempt_log.create(number=1, worker="w", outcome="failed", finished_at=Now(), error="John", traceback="John")
    DirtyOrder.objects.create(automation=installed.automation, order_id="7")
    post(whole_shop(installed, "shop/redact", delivery="w-2"))
    assert privacy.settle() == 1
    run.refresh_from_db()
    assert (run.error, run.warnings, Incident.objects.get().example) == ("", {}, "")
    assert (run.attempt_log.get().error, run.attempt_log.get().traceback) == ("", "")
    assert not DirtyOrder.objects.exists() and not WebhookDelivery.objects.exists()
    assert Source.objects.get().sealed == "" and ("forget_shop", "done") in states()


def test_a_shop_is_not_forgotten_while_a_run_may_still_write_about_it(installed, post):
    trigger.request_run(installed.automation, trigger="manual")
    SyncRun.objects.claim("w1", timedelta(minutes=1))
    post(whole_shop(installed, "shop/redact"))
    assert privacy.settle() == 0 and PrivacyRequest.objects.get().outcome == "waits for runs to stop"
    SyncRun.objects.update(status="canceled", lease_token=None, lease_expires_at=None, finished_at=Now())
    assert privacy.settle() == 1


def test_customers_who_were_not_forgotten_when_the_shop_left_are_no_success(installed, post):
    Automation.objects.update(status="paused", sheet_id=7)
    post(forget(installed))
    post(whole_shop(installed, "shop/redact", delivery="w-2"))
    privacy.settle()
    privacy.settle()
    assert states() == [("forget_customer", "failed"), ("forget_shop", "done")]


def test_a_demand_to_forget_a_shop_that_comes_again_is_a_duplicate(installed, post):
    answers = [post(whole_shop(installed, "shop/redact")).json() for _ in range(2)]
    assert [each["duplicate"] for each in answers] == [False, True] and PrivacyRequest.objects.count() == 1


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
def test_a_source_that_has_no_keys_of_the_shop_is_left_as_it_is(shop, post, topic):
    assert post(whole_shop(shop, topic)).json()["verdict"] == "ignored"
    assert Automation.objects.get().status == "active" and not PrivacyRequest.objects.exists()


SENSELESS = {
    "no object": [],
    "no JSON": b"customers",
    "no list": FORGET | {"orders_to_redact": 299938},
    "a list in disguise": FORGET | {"orders_to_redact": {"0": 299938}},
    "a text": FORGET | {"orders_to_redact": "299938"},
    "null": FORGET | {"orders_to_redact": None},
    "said twice": json.dumps(FORGET)[:-1].encode() + b', "orders_to_redact": [7]}',
}


@pytest.mark.parametrize("payload", SENSELESS.values(), ids=SENSELESS)
def test_a_demand_that_makes_no_sense_is_taken_and_starts_nothing(shop, post, payload):
    response = post(forget(shop, payload))
    assert (response.status_code, response.json()["verdict"]) == (200, "ignored")
    assert not PrivacyRequest.objects.exists() and not shop.told()


ODD_IDS: list = [
    0,
    -1,
    1.5,
    True,
    None,
    "",
    "../7",
    "7 OR 1=1",
    "\u0667",
    [],
    {},
    "7" * 600,
    "gid://shopify/Customer/7",
]


def test_of_the_ids_only_those_that_can_be_one_are_taken_each_once(shop, post):
    ids = [*ODD_IDS, 7, "7", "gid://shopify/Order/8", 2**63 + 1]
    post(forget(shop, {"orders_to_redact": ids, "customer": {"id": "'; DROP TABLE"}}))
    row = PrivacyRequest.objects.get()
    assert (row.order_ids, row.customer_id) == (["7", "8", str(2**63 + 1)], "")


@pytest.mark.slow
def test_whenever_the_web_server_dies_the_demand_is_there_whole_or_not_at_all(shop, tmp_path):
    for number in range(1, 100):
        hook = forget(shop, FORGET | {"orders_to_redact": [number]}, delivery=f"w-{number}")
        died = forked(lambda hook=hook: hook.send(Client()), number, tmp_path / "journal")
        kept = WebhookDelivery.objects.filter(key=f"shopify:w-{number}").count()
        assert kept == PrivacyRequest.objects.count() == len(shop.told()) <= 1
        assert hook.send(Client()).json()["duplicate"] is bool(kept)
        assert shop.told() == [str(number)] and PrivacyRequest.objects.count() == 1
        for model in (DirtyOrder, SyncRun, PrivacyRequest):
            model.objects.all().delete()
        if died == 0:
            break
    assert number > 5
