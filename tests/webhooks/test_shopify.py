"""Shopify's deliveries: its own examples, its secrets, its shops, its ids."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sheetsync.models import Source, WebhookDelivery
from tests.support.shops import hooks
from tests.webhooks.conftest import SHOPIFY_SECRET, nothing_is_left

pytestmark = pytest.mark.django_db(transaction=True)

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "recordings"
EXAMPLES = [
    # Shopify's documentation went through something that reads numbers as floats; the gid beside it is exact.
    ("orders/create", "shopify_orders_create.json", "820982911946154508"),
    ("orders/updated", "shopify_orders_updated.json", "820982911946154508"),
    ("orders/cancelled", "shopify_orders_cancelled.json", "820982911946154508"),
    ("orders/edited", "shopify_orders_edited.json", "820982911946154500"),
    ("refunds/create", "shopify_refunds_create.json", "820982911946154500"),
]


@pytest.mark.needs(RECORDINGS)
@pytest.mark.parametrize(("topic", "name", "order_id"), EXAMPLES)
def test_the_published_examples_name_their_order(shop, post, topic, name, order_id):
    payload = json.loads((RECORDINGS / name).read_text())["response"]
    response = post(shop.shopify(payload, topic=topic))
    assert (response.status_code, response.json()["verdict"], shop.told()) == (200, "accepted", [order_id])


BODIES = [
    ("orders/updated", {"id": 2**63 + 1}, str(2**63 + 1)),
    ("orders/delete", {"id": 7}, "7"),
    ("orders/paid", {"id": 1, "admin_graphql_api_id": "gid://shopify/Order/9007199254740993"}, "9007199254740993"),
    ("orders/paid", {"id": 7, "admin_graphql_api_id": "gid://shopify/DraftOrder/8"}, "7"),
    ("orders/edited", {"order_edit": {"id": 1, "order_id": 7}}, "7"),
    ("refunds/create", {"id": 1, "order_id": 7}, "7"),
    ("returns/request", {"id": 1, "order": {"id": 7}}, "7"),
]


@pytest.mark.parametrize(("topic", "payload", "order_id"), BODIES)
def test_each_topic_says_in_its_own_place_which_order_it_is_about(shop, post, topic, payload, order_id):
    assert post(shop.shopify(payload, topic=topic)).json()["verdict"] == "accepted"
    assert shop.told() == [order_id]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("app/uninstalled", {"id": 7}),
        ("customers/redact", {"id": 7}),
        ("products/update", {"id": 7}),
        ("refunds/create", {"id": 7}),
        ("orders/updated", {"id": 0.5}),
        ("orders/updated", {"id": "../products/7"}),
        ("orders/updated", {"id": True}),
        ("orders/updated", {"id": None}),
        ("orders/updated", []),
        ("orders/updated", b"no json"),
        ("orders/updated", b'{"id": 7, "id": 8}'),
    ],
)
def test_what_names_no_order_is_taken_so_that_the_hook_lives_and_starts_nothing(shop, post, topic, payload):
    response = post(shop.shopify(payload, topic=topic))
    assert (response.status_code, response.json()["verdict"]) == (200, "ignored")
    assert WebhookDelivery.objects.get().verdict == "ignored" and not shop.told()


def test_a_delivery_of_another_shop_with_the_same_app_is_refused(shop, post):
    Source.objects.filter(pk=shop.source.pk).update(kind="shopify", config={"shop": "Cactus.myshopify.com"})
    assert post(shop.shopify({"id": 7}, shop="fern.myshopify.com")).status_code == 401
    assert post(shop.shopify({"id": 7}).but(headers={"X-Shopify-Shop-Domain": None})).status_code == 401
    assert nothing_is_left()
    assert post(shop.shopify({"id": 7})).status_code == 200


def test_the_secret_of_an_installed_app_signs_too(shop, post):
    shop.source.seal({"client_id": "c", "client_secret": "of-the-app"})
    shop.source.save()
    for number, secret in enumerate(("of-the-app", SHOPIFY_SECRET)):
        hook = hooks.shopify(shop.source, {"id": 7}, secret, delivery=f"w-{number}")
        assert post(hook).status_code == 200


def test_deliveries_are_told_apart_by_the_webhook_id(shop, post):
    first, again, other = (post(shop.shopify({"id": 7}, delivery=each)).json() for each in ("a", "a", "b"))
    assert [each["duplicate"] for each in (first, again, other)] == [False, True, False]
    assert first["runs"] == again["runs"] == other["runs"] and WebhookDelivery.objects.count() == 2


@pytest.mark.parametrize("given", [None, "x" * 300, "two words", "ü"])
def test_without_a_webhook_id_that_can_be_one_the_body_tells(shop, post, given):
    hook = shop.shopify({"id": 7}).but(headers={"X-Shopify-Webhook-Id": given})
    other = shop.shopify({"id": 8}).but(headers={"X-Shopify-Webhook-Id": given})
    assert [post(each).json()["duplicate"] for each in (hook, hook, other)] == [False, True, False]


@pytest.fixture
def app(shop, settings):
    """A shop that was connected by this site's own app, whose secret is being rotated."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"SHOPIFY_CLIENT_ID": "app", "SHOPIFY_CLIENT_SECRET": "new-one,old-one"}
    shop.source.kind, shop.source.config = "shopify", {"shop": "cactus.myshopify.com"}
    shop.source.seal({"client_id": "app", "client_secret": "old-one", "access_token": "shpat_of-the-shop"})
    shop.source.save()
    return shop


@pytest.mark.parametrize("secret", ["new-one", "old-one"])
def test_while_the_apps_secret_is_rotated_both_sign(app, post, secret):
    assert post(hooks.shopify(app.source, {"id": 7}, secret)).json()["verdict"] == "accepted"


def test_naming_the_sites_app_does_not_make_its_secret_count(app, post):
    app.source.seal({"client_id": "app", "client_secret": "guessed", "access_token": "shpat_of-the-shop"})
    app.source.save()
    assert post(hooks.shopify(app.source, {"id": 7}, "new-one")).status_code == 401 and nothing_is_left()
