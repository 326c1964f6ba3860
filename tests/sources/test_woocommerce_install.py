"""Keys that a WooCommerce shop sends by itself, once its owner agreed."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from sheetsync.errors import AddressRefused, BadReply, BadSource
from sheetsync.outbound import Rules
from sheetsync.sources.woocommerce.install import authorize_url, keys_from

NONCE = "n0nce_of-this-very-tenant"
GIVEN = {
    "key_id": 1,
    "user_id": NONCE,
    "consumer_key": "ck_" + "a1" * 20,
    "consumer_secret": "cs_" + "b2" * 20,
    "key_permissions": "read",
}
ASKED = {
    "shop_url": "https://shop.example/store/",
    "app_name": "Orders & more",
    "user_id_nonce": NONCE,
    "return_url": "https://sync.example/done?tenant=7",
    "callback_url": "https://sync.example/keys",
    "rules": Rules(),
}


def body(**changed):
    return json.dumps({**GIVEN, **changed}).encode()


def test_the_owner_is_asked_for_keys_that_may_read():
    url = urlsplit(authorize_url(**ASKED))
    assert (url.scheme, url.netloc, url.path) == ("https", "shop.example", "/store/wc-auth/v1/authorize")
    assert parse_qs(url.query) == {
        "app_name": ["Orders & more"],
        "scope": ["read"],
        "user_id": [NONCE],
        "return_url": ["https://sync.example/done?tenant=7"],
        "callback_url": ["https://sync.example/keys"],
    }


@pytest.mark.parametrize("name", ["shop_url", "return_url", "callback_url"])
@pytest.mark.parametrize(
    "url", ["http://sync.example", "https://10.0.0.1", "javascript:alert(1)", "", "https://a@b.c/"]
)
def test_an_address_that_must_not_be_called_is_refused_by_name(name, url):
    with pytest.raises(AddressRefused, match=name):
        authorize_url(**ASKED | {name: url})


@pytest.mark.parametrize("name", ["shop_url", "return_url", "callback_url"])
def test_keys_never_travel_over_plain_http_even_where_that_is_allowed(name):
    with pytest.raises(BadSource, match=f"{name} .*give an https address"):
        authorize_url(**ASKED | {name: "http://sync.example", "rules": Rules(http=True, ports=(80, 443))})


@pytest.mark.parametrize(
    "changed",
    [
        {"user_id_nonce": "7"},
        {"user_id_nonce": NONCE + "&scope=write"},
        {"app_name": " "},
        {"app_name": "x" * 101},
        {"app_name": "a\nb"},
        {"shop_url": "https://shop.example/?scope=write"},
    ],
)
def test_what_cannot_be_asked_is_refused(changed):
    with pytest.raises(BadSource):
        authorize_url(**ASKED | changed)


def test_keys_come_with_the_nonce_that_says_whose_they_are():
    nonce, keys = keys_from(body())
    assert (nonce, keys.consumer_key, keys.consumer_secret) == (NONCE, "ck_" + "a1" * 20, "cs_" + "b2" * 20)


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 5_000, "no JSON"),
        (b"{" + b" " * 20_000 + b"}", "20,002 bytes"),
        (b"[]", "is a list"),
        (b"null", "is a NoneType"),
        (body(user_id=7), "no nonce of ours"),
        (body(user_id=[NONCE]), "no nonce of ours"),
        (body(user_id="x"), "no nonce of ours"),
        (body(key_permissions="read_write"), "key_permissions is not read"),
        (body(consumer_key="ck_short"), "consumer_key"),
        (body(consumer_key=GIVEN["consumer_secret"]), "consumer_key"),
        (body(consumer_secret=None), "consumer_secret"),
        (body(consumer_secret="cs_" + "b2" * 20 + "\r\n"), "consumer_secret"),
        (body()[:-1] + b', "user_id": "other-nonce-of-somebody"}', "no JSON"),
    ],
)
def test_hostile_bodies_are_refused_and_not_shown(hostile, words):
    with pytest.raises(BadReply, match=words) as caught:
        keys_from(hostile)
    assert GIVEN["consumer_secret"] not in str(caught.value) and NONCE not in str(caught.value)


def test_keys_are_not_shown():
    assert "a1a1" not in repr(keys_from(body())) and "b2b2" not in repr(keys_from(body()))
