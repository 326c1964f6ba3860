"""WooCommerce switches webhooks off without a word: a run that looks at all orders has a look at them too."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from sheetsync.models import Automation, Source, SyncRun
from sheetsync.trigger import request_run
from tests.support.shops.server import Answer
from tests.support.shops.woocommerce import KEY, SECRET, WooShop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(settings, world):
    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": ["127.0.0.1"], "OUTBOUND_HTTP": True}
    shop = WooShop()
    shop.put("1")
    yield shop
    shop.close()


@pytest.fixture
def source(world, shop):
    """With an automation, and a secret for the webhooks of the shop."""
    tenant = world.tenant()
    source = Source(tenant=tenant, name="woo", kind="woocommerce", config={"url": shop.url})
    source.seal({"consumer_key": KEY, "consumer_secret": SECRET})
    source.save()
    source.rotate_webhook_secret("woocommerce")
    book = world.emulator.create_spreadsheet("woo")
    automation = Automation.objects.create(
        tenant=tenant, name="woo", source=source, spreadsheet_id=book, status="active"
    )
    automation.set_columns([{"header": "Order", "path": "number"}])
    return source


def a_webhook(source, status, topic="order.updated", address=None):
    address = address or f"https://sync.example/webhooks/{source.public_id}/woocommerce"
    return {"id": 1, "name": "sheetsync", "status": status, "topic": topic, "delivery_url": address}


def seen(source, mode="full"):
    """-> what the source says after a run."""
    run = request_run(source.automations.get(), trigger=SyncRun.Trigger.MANUAL, mode=SyncRun.Mode(mode)).run
    execute_next()
    run.refresh_from_db()
    assert (run.status, run.error) == ("completed", "")
    source.refresh_from_db()
    return source.silenced


def test_what_the_shop_switched_off_is_named_until_it_is_on_again(shop, source):
    on, off = a_webhook(source, "active", "order.created"), a_webhook(source, "disabled")
    shop.webhooks = [on, off]
    assert seen(source) == ["order.updated"]
    off["status"] = "active"
    assert seen(source) == []


def test_webhooks_of_others_are_none_of_ours(shop, source):
    shop.webhooks = [a_webhook(source, "disabled", address="https://other.example/hook"), "nonsense", None, {}]
    assert seen(source) == []


def test_a_run_of_what_changed_does_not_ask(shop, source):
    seen(source)
    shop.webhooks = [a_webhook(source, "disabled")]
    assert seen(source, "incremental") == [] and seen(source) == ["order.updated"]


def test_a_source_without_webhooks_is_not_asked(shop, source):
    Source.objects.filter(pk=source.pk).update(sealed="")
    source.refresh_from_db()
    source.seal({"consumer_key": KEY, "consumer_secret": SECRET})
    source.save()
    shop.webhooks = [a_webhook(source, "disabled")]
    assert seen(source) == [] and not [asked for asked in shop.asked if asked.path.endswith("/webhooks")]


@pytest.mark.parametrize("answer", [Answer({"code": "x"}, 403), Answer(b"<html>", 200), Answer({}, 500)])
def test_a_shop_that_does_not_tell_changes_nothing(shop, source, answer):
    shop.webhooks = [a_webhook(source, "disabled")]
    assert seen(source) == ["order.updated"]
    usual = shop.answer
    shop.answer = lambda asked: answer if asked.path.endswith("/webhooks") else usual(asked)
    assert seen(source) == ["order.updated"]
