"""What strangers send, and what a shop may send that was broken into: never an error of ours, never a row too many."""

from __future__ import annotations

import json
import time
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync.models import DirtyOrder, SyncRun, WebhookDelivery
from tests.support.shops import hooks
from tests.webhooks.conftest import nothing_is_left

pytestmark = pytest.mark.django_db(transaction=True)

BOMB = b"[" * 200_000 + b"]" * 200_000


def spoilt(platform, **changes):
    """A genuine delivery of the platform with something changed."""
    return lambda shop: getattr(shop, platform)({"id": 7}).but(**changes)


def header(platform, name, value):
    return spoilt(platform, headers={name: value})


def elsewhere(platform, path):
    return lambda shop: getattr(shop, platform)({"id": 7}).but(path=path.replace("{id}", str(shop.source.public_id)))


def swapped(ours, theirs):
    """Signed as one platform signs, sent to the address of another."""
    return lambda shop: getattr(shop, ours)({"id": 7}).but(path=getattr(shop, theirs)({}).path)


def of_nobody(shop):
    return shop.shopify({"id": 7}).but(path=f"/webhooks/{uuid.uuid4()}/shopify")


def by_the_digest_of_a_ping(shop):
    return hooks.woocommerce(shop.source, b"webhook_id=1", "a-guess")


SIGNATURE, TIMED = "X-Shopify-Hmac-Sha256", "webhook-timestamp"
REFUSED = {
    "the source is nobody's": of_nobody,
    "the source is no id at all": elsewhere("shopify", "/webhooks/source-7/shopify"),
    "the source is a number as the API has them": elsewhere("shopify", "/webhooks/1/shopify"),
    "the source's id is the null UUID": elsewhere("shopify", f"/webhooks/{uuid.UUID(int=0)}/shopify"),
    "the source's id holds a NUL": elsewhere("shopify", "/webhooks/%00/shopify"),
    "the source's id is a query": elsewhere("shopify", "/webhooks/'%20OR%201=1--/shopify"),
    "the source's id is very long": elsewhere("shopify", "/webhooks/" + "a" * 5_000 + "/shopify"),
    "there is no signature": header("shopify", SIGNATURE, None),
    "the signature is empty": header("shopify", SIGNATURE, ""),
    "the signature is no base64": header("shopify", SIGNATURE, "!!!"),
    "the signature is no ASCII": header("shopify", SIGNATURE, "ünterschrift"),
    "the signature is in hexadecimal": header("shopify", SIGNATURE, "ab" * 32),
    "the signature is too short": header("shopify", SIGNATURE, "YQ=="),
    "the signature is very long": header("shopify", SIGNATURE, "A" * 100_000),
    "the signature came twice": lambda shop: shop.shopify({"id": 7}).but(
        headers={SIGNATURE: ",".join([shop.shopify({"id": 7}).headers[SIGNATURE]] * 2)}
    ),
    "the body was changed": spoilt("shopify", body=b'{"id": 8}'),
    "the body has one more byte": spoilt("woocommerce", body=b'{"id": 7}\n'),
    "the body was emptied": spoilt("woocommerce", body=b""),
    "the body is a form, as a ping is": spoilt("shopify", body=b"webhook_id=1"),
    "a ping with a signature": by_the_digest_of_a_ping,
    "the secret is the empty one": lambda shop: hooks.shopify(shop.source, {"id": 7}, ""),
    "the secret is the one of sources that do not exist": lambda shop: hooks.shopify(
        shop.source, {"id": 7}, "shpss_nobody-has-this-one"
    ),
    "the secret is the source's public id": lambda shop: hooks.woocommerce(
        shop.source, {"id": 7}, str(shop.source.public_id)
    ),
    "Shopify's at WooCommerce's address": swapped("shopify", "woocommerce"),
    "WooCommerce's at Shopify's address": swapped("woocommerce", "shopify"),
    "WooCommerce's at the standard address": swapped("woocommerce", "standard"),
    "the id was changed after it was signed": header("standard", "webhook-id", "msg_2"),
    "the time was changed after it was signed": header("standard", TIMED, str(int(time.time()) + 1)),
    "recorded an hour ago and sent again": lambda shop: shop.standard({"id": 7}, moment=int(time.time()) - 3_600),
    "dated an hour ahead": lambda shop: shop.standard({"id": 7}, moment=int(time.time()) + 3_600),
    "a bomb of brackets, unsigned": spoilt("shopify", body=BOMB),
    "a hint without its secret": elsewhere("hint", "/webhooks/{id}/hint/x"),
    "a hint whose secret is a wildcard": elsewhere("hint", "/webhooks/{id}/hint/%25"),
    "more in the query than anybody reads": lambda shop: shop.shopify({"id": 7}).but(
        body=b"{}", path=shop.shopify({}).path + "?" + "&".join(f"a{number}=1" for number in range(2_000))
    ),
    "no such platform": elsewhere("shopify", "/webhooks/{id}/magento"),
    "one more slash": elsewhere("shopify", "/webhooks/{id}/shopify/"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_genuine_is_refused_and_leaves_nothing(shop, post, reason):
    response = post(REFUSED[reason](shop))
    assert 400 <= response.status_code < 500, response.status_code
    assert nothing_is_left()


def test_an_unknown_source_and_a_wrong_signature_get_the_same_answer(shop, post):
    unknown, wrong = post(of_nobody(shop)), post(shop.shopify({"id": 7}).but(body=b"{}"))
    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)
    assert set(unknown.headers.items()) - {("Expires", unknown["Expires"])} <= set(wrong.headers.items())


def test_a_site_without_encryption_keys_refuses_strangers_like_any_other(shop, post, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": []}
    assert post(of_nobody(shop)).status_code == 401


def test_a_platform_of_which_a_source_has_no_secret_is_closed(make, post):
    source = make.automation().source
    for hook in (
        hooks.shopify(source, {"id": 7}, "shpss_nobody-has-this-one"),
        hooks.woocommerce(source, {"id": 7}, "nobody-has-this-one"),
        hooks.standard(source, {"id": 7}, "whsec_bm9ib2R5LWhhcy10aGlzLW9uZS1hdC1hbGwtZXZlci0="),
        hooks.hint(source, {"id": 7}, "ssw_"),
    ):
        assert post(hook).status_code == 401
    assert nothing_is_left()


SIGNED = {
    "nothing": b"",
    "no JSON": b"<order>7</order>",
    "no UTF-8": b'{"id": "\xff"}',
    "UTF-16": '{"id": 7}'.encode("utf-16"),
    "a bomb of brackets": BOMB,
    "brackets that nobody closes": b'{"id": ' + b"[" * 100_000,
    "a number of a million digits": b'{"id": ' + b"9" * 1_000_000 + b"}",
    "an exponent beyond all measure": b'{"id": 1e999999999}',
    "not a number": b'{"id": NaN}',
    "two readings": b'{"id": 7, "id": 8}',
    "half of a surrogate pair": b'{"id": "\\ud800"}',
    "a NUL": b'{"id": "a\\u0000b"}',
    "a line break": b'{"id": "a\\nb"}',
    "an id that is too long": json.dumps({"id": "x" * 513}).encode(),
    "an empty id": b'{"id": ""}',
    "an id that is a list": b'{"id": [7]}',
    "an id that is an object": b'{"id": {"id": 7}}',
    "an id that is a fraction": b'{"id": 7.0}',
    "a list": b'[{"id": 7}]',
    "a text": b'"7"',
    "a number": b"7",
    "null": b"null",
}


@pytest.mark.parametrize("what", SIGNED)
@pytest.mark.parametrize("platform", ["shopify", "woocommerce", "standard", "hint"])
def test_what_is_signed_and_makes_no_sense_is_noted_and_starts_nothing(shop, post, platform, what):
    response = post(getattr(shop, platform)(SIGNED[what]))
    assert (response.status_code, response.json()["verdict"]) == (200, "ignored")
    assert not DirtyOrder.objects.exists() and not SyncRun.objects.exists()


@pytest.mark.parametrize("topic", ["orders/" + "x" * 190, "x" * 5_000, "orders/\N{SNOWMAN}", "orders/ updated", ""])
def test_a_topic_that_is_none_is_kept_as_far_as_it_goes(shop, post, topic):
    hook = shop.shopify({"id": 7}).but(headers={"X-Shopify-Topic": topic})
    assert post(hook).status_code == 200 and len(WebhookDelivery.objects.get().topic) <= 100


@pytest.mark.parametrize("place", ["..", "a." * 500 + "b", "data[0]", "__class__.id", "\x00", "data.id.x"])
def test_a_place_that_leads_nowhere_finds_nothing(shop, post, place):
    hook = shop.standard({"data": {"id": 7}})
    response = post(hook.but(path=hook.path + "?order=" + place.replace("\x00", "%00")))
    assert response.json()["verdict"] == "ignored"


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80)
NAMES = (
    "X-Shopify-Topic", "X-Shopify-Hmac-Sha256", "X-Shopify-Shop-Domain", "X-Shopify-Webhook-Id", "X-WC-Webhook-Topic",
    "X-WC-Webhook-Signature", "X-WC-Webhook-ID", "X-WC-Webhook-Delivery-ID", "webhook-id", "webhook-timestamp",
    "webhook-signature", "Content-Type", "Content-Encoding", "Cookie", "Accept",
)  # fmt: skip
HEADERS = st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=8)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "data", "order_id"]), inner),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSONS.map(lambda value: json.dumps(value).encode())
PATHS = ["{id}/shopify", "{id}/woocommerce", "{id}/standard", "{id}/hint/x", "x/shopify", "{id}", "", "{id}/hint/"]

often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(path=st.sampled_from(PATHS), body=BODIES, headers=HEADERS)
def test_strangers_get_no_error_of_ours_and_leave_nothing(shop, post, path, body, headers):
    content_type = headers.pop("Content-Type", "application/json")
    hook = hooks.Hook("/webhooks/" + path.format(id=shop.source.public_id), body, headers, content_type)
    assert post(hook).status_code < 500 and nothing_is_left()


@often
@given(
    platform=st.sampled_from(["shopify", "woocommerce", "standard", "hint"]),
    body=BODIES,
    headers=st.dictionaries(st.sampled_from([name for name in NAMES if "-id" in name or "Topic" in name]), WORDS),
)
def test_whoever_signs_gets_no_error_of_ours_either(shop, post, platform, body, headers):
    """Headers that are not signed may be anything."""
    headers.pop("webhook-id", None)
    response = post(getattr(shop, platform)(body).but(headers=headers))
    assert response.status_code == 200
    assert all(0 < len(order_id) <= 512 and order_id.isprintable() for order_id in shop.told())
