"""The one address of an app for the demands of all its shops."""

from __future__ import annotations

import pytest

from sheetsync.models import PrivacyRequest, Source, WebhookDelivery
from tests.support.shops import hooks

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "of-the-app"
PATH = "/webhooks/shopify/compliance"
FORGET = {"customer": {"id": 1}, "orders_to_redact": [7]}


@pytest.fixture
def connect(make):
    def connected(shop="cactus.myshopify.com", secret=SECRET):
        automation = make.automation()
        source = automation.source
        source.kind, source.config = "shopify", {"shop": shop}
        source.seal({"client_id": "app", "client_secret": secret, "access_token": "shpat_1"})
        source.save()
        return source

    return connected


def demand(payload=FORGET, secret=SECRET, topic="customers/redact", **values):
    return hooks.shopify(Source(), payload, secret, topic=topic, **values).but(path=PATH)


def asked_of():
    return list(PrivacyRequest.objects.order_by("source").values_list("source", flat=True))


def test_the_shop_and_the_signature_say_whose_it_is(connect, post):
    ours = connect()
    connect("fern.myshopify.com")
    answer = post(demand())
    assert (answer.status_code, answer.json()["verdict"], asked_of()) == (200, "accepted", [ours.pk])


def test_all_tenants_who_connected_the_shop_forget(connect, post):
    sources = [connect(), connect("Cactus.MyShopify.com"), connect(secret="of-another-app")]
    assert len(post(demand()).json()["runs"]) == 2
    assert asked_of() == [source.pk for source in sources[:2]]
    assert post(demand()).json()["duplicate"] is True and len(asked_of()) == 2


def test_a_tenant_whose_secrets_cannot_be_opened_does_not_keep_the_others_from_it(connect, post):
    broken, sound = connect(), connect()
    Source.objects.filter(pk=broken.pk).update(sealed="no ciphertext")
    assert post(demand()).status_code == 503
    assert asked_of() == [sound.pk]


def test_an_uninstalled_shop_can_still_demand(connect, post):
    source = connect()
    assert post(demand({}, topic="app/uninstalled", delivery="a")).status_code == 200
    assert post(demand({}, topic="shop/redact", delivery="b")).status_code == 200
    source.refresh_from_db()
    assert "access_token" not in source.secrets() and len(asked_of()) == 2


SIGNATURE, SHOP = "X-Shopify-Hmac-Sha256", "X-Shopify-Shop-Domain"
HOSTILE = {
    "another secret": lambda: demand(secret="a-guess"),
    "the secret of sources that do not exist": lambda: demand(secret="shpss_nobody-has-this-one"),
    "an empty secret": lambda: demand(secret=""),
    "no signature": lambda: demand().but(headers={SIGNATURE: None}),
    "a signature that is no ASCII": lambda: demand().but(headers={SIGNATURE: "ünterschrift"}),
    "a signature that is very long": lambda: demand().but(headers={SIGNATURE: "A" * 100_000}),
    "another body": lambda: demand().but(body=b'{"orders_to_redact": [8]}'),
    "no body": lambda: demand().but(body=b""),
    "no shop": lambda: demand().but(headers={SHOP: None}),
    "an empty shop": lambda: demand(shop=""),
    "another shop": lambda: demand(shop="fern.myshopify.com"),
    "a pattern for all shops": lambda: demand(shop="%"),
    "a shop that is a query": lambda: demand(shop="' OR 1=1 --"),
    "a shop that is no ASCII": lambda: demand(shop="caktüs.myshopify.com"),
    "a shop with more behind it": lambda: demand(shop="cactus.myshopify.com.example.com"),
    "two shops": lambda: demand(shop="cactus.myshopify.com,fern.myshopify.com"),
    "a shop that is very long": lambda: demand(shop="c" * 100_000),
}


@pytest.mark.parametrize("hook", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_not_genuine_gets_the_one_answer_and_leaves_no_row(connect, post, hook):
    connect()
    answer = post(hook())
    assert (answer.status_code, answer.json()) == (401, {"detail": "The address or the signature is wrong."})
    assert not PrivacyRequest.objects.exists() and not WebhookDelivery.objects.exists()


def test_a_shop_that_nobody_connected_gets_the_same_answer(post):
    assert post(demand()).status_code == 401


def test_only_posts_are_read_and_only_as_much_as_is_allowed(client, connect, post, settings):
    connect()
    settings.SHEETSYNC = settings.SHEETSYNC | {"WEBHOOK_MAX_BYTES": 10}
    assert client.get(PATH).status_code == 405 and post(demand()).status_code == 413
    assert not PrivacyRequest.objects.exists()
