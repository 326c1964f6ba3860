"""Connecting a shop by OAuth: only what Shopify signed, a short while ago and for a shop of its own, gets a token."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

import pytest

from sheetsync.errors import BadReply, BadSource, ShopDenied, Unavailable
from sheetsync.sources.registry import credentials_from
from sheetsync.sources.shopify import install
from sheetsync.sources.shopify.install import Callback, InstallRefused
from tests.support.shops.server import RULES, Answer
from tests.support.shops.shopify import CLIENT, SHOP, ShopifyServer

NOW = 1_795_000_000.0
SECRET = CLIENT["client_secret"]


@pytest.fixture
def shop():
    shop = ShopifyServer()
    yield shop
    shop.close()


def signature(values, secret=SECRET):
    message = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def answer(secret=SECRET, **values):
    """The query parameters of an answer as Shopify gives and signs it."""
    given = {"shop": SHOP, "code": "c0de", "state": "n0nce", "host": "YWRtaW4", "timestamp": str(int(NOW))} | values
    given = {name: value for name, value in given.items() if value is not None}
    return {**given, "hmac": signature(given, secret)}


def verified(given, secrets=(SECRET,), now=NOW):
    return install.verified([(name, [value]) for name, value in given.items()], list(secrets), now=now)


def test_the_owner_is_sent_to_the_shop_with_all_that_is_asked_for():
    url = install.authorize_url(
        SHOP, client_id="app-1", scopes=install.SCOPES, redirect_uri="https://sync.example/back?a=1&b", state="n&="
    )
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", SHOP, "/admin/oauth/authorize")
    assert dict(parse_qsl(parts.query)) == {
        "client_id": "app-1",
        "scope": "read_orders,read_customers",
        "redirect_uri": "https://sync.example/back?a=1&b",
        "state": "n&=",
    }


HOSTILE_SHOPS = [
    "evil.example",
    "little-shop.myshopify.com.evil.example",
    "evil.example/little-shop.myshopify.com",
    "evil.example#.myshopify.com",
    "user@little-shop.myshopify.com",
    "little-shop.myshopify.com\n",
    "little-shop.myshopify.com:8443",
    ".myshopify.com",
    "-x.myshopify.com",
    "a.b.myshopify.com",
    "shop.myshopify.com/",
    "\u017fhop.myshopify.com",
    "a" * 200 + ".myshopify.com",
    "",
]


@pytest.mark.parametrize("name", HOSTILE_SHOPS)
def test_nobody_is_sent_anywhere_but_to_a_shop(name):
    with pytest.raises(BadSource):
        install.authorize_url(name, client_id="a", scopes=(), redirect_uri="https://sync.example/", state="s")


def test_an_answer_that_shopify_signed_is_taken():
    assert verified(answer()) == Callback(SHOP, "c0de", "n0nce")


def test_the_old_secret_is_good_for_a_while_after_a_rotation():
    assert verified(answer(secret="old"), secrets=["new", "old"]).shop == SHOP


def test_parameters_that_are_new_at_shopify_are_signed_like_the_others():
    assert verified(answer(session="xyz", locale="de")).code == "c0de"


@pytest.mark.parametrize("name", ["shop", "code", "state", "host", "timestamp"])
def test_nothing_that_was_signed_can_be_changed(name):
    given = answer()
    with pytest.raises(InstallRefused):
        verified({**given, name: given[name] + "1"})
    with pytest.raises(InstallRefused):
        verified({key: value for key, value in given.items() if key != name})


def test_nothing_can_be_added():
    with pytest.raises(InstallRefused):
        verified({**answer(), "extra": "1"})


@pytest.mark.parametrize("forged", ["", "0" * 64, "ü" * 64, "A" * 64, "0" * 63, "0" * 100_000])
def test_a_forged_signature_is_refused(forged):
    with pytest.raises(InstallRefused):
        verified({**answer(), "hmac": forged})


def test_a_secret_that_is_empty_signs_nothing():
    with pytest.raises(InstallRefused):
        verified(answer(secret=""), secrets=["", "other"])


def test_one_value_cannot_pass_for_two_parameters():
    honest = answer(code="c0de", host="x&shop=other")
    assert "shop=" in honest["host"]
    with pytest.raises(InstallRefused):  # signed without the escapes, by which host would end at the &
        verified(honest)


def test_escapes_are_those_of_shopify():
    given = {"shop": SHOP, "code": "a%b", "state": "x", "timestamp": str(int(NOW)), "host": "1&2=3"}
    escaped = {**given, "code": "a%25b", "host": "1%262=3"}
    assert verified({**given, "hmac": signature(escaped)}).code == "a%b"


def test_a_parameter_that_stands_twice_is_refused():
    given = [(name, [value]) for name, value in answer().items()]
    for doubled in ([*given, ("code", ["other"])], [*given[:-1], ("shop", [SHOP, "other.myshopify.com"])]):
        with pytest.raises(InstallRefused):
            install.verified(doubled, [SECRET], now=NOW)


@pytest.mark.parametrize("name", HOSTILE_SHOPS)
def test_a_signed_answer_of_no_shop_is_refused(name):
    with pytest.raises(InstallRefused):
        verified(answer(shop=name))


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1e9", "\uff11795000000", "9" * 400])
def test_a_time_that_is_none_is_refused(timestamp):
    with pytest.raises(InstallRefused):
        verified(answer(timestamp=timestamp))


@pytest.mark.parametrize(("age", "taken"), [(86_399, True), (86_401, False), (-500, True), (-700, False)])
def test_an_answer_is_good_for_a_day(age, taken):
    given = answer(timestamp=str(int(NOW) - age))
    if taken:
        assert verified(given).shop == SHOP
    else:
        with pytest.raises(InstallRefused, match="too old"):
            verified(given)


def test_very_many_parameters_are_refused():
    with pytest.raises(InstallRefused):
        verified(answer(**{f"p{number}": "1" for number in range(100)}))


def granted(shop, code="c0de", secret=SECRET):
    callback = Callback(SHOP, code, "n0nce")
    return install.exchange(callback, client_id="app-1", client_secret=secret, rules=RULES, base_url=shop.url)


def test_a_code_gives_tokens_that_expire_and_can_be_renewed(shop):
    shop.codes.add("c0de")
    found = granted(shop)
    assert set(found.credentials) == {
        "client_id", "client_secret", "access_token", "expires_at", "refresh_token", "refresh_expires_at"
    }  # fmt: skip
    assert found.credentials["access_token"] in shop.tokens and not found.all_orders


def test_what_was_granted_opens_a_source(shop):
    shop.codes.add("c0de")
    shop.put("1")
    credentials = dict(granted(shop).credentials)
    assert credentials_from("shopify", credentials).access_token == credentials["access_token"]
    assert len(list(shop.open(credentials=credentials).fetch(["1"]))) == 1


def test_a_code_is_good_once(shop):
    shop.codes.add("c0de")
    granted(shop)
    with pytest.raises(ShopDenied):
        granted(shop)


def test_a_wrong_secret_gets_nothing_and_is_not_told(shop):
    shop.codes.add("c0de")
    with pytest.raises(ShopDenied) as caught:
        granted(shop, secret="s3cret")
    assert "s3cret" not in str(caught.value) and "c0de" not in str(caught.value)


def test_a_reply_without_a_token_is_refused(shop):
    shop.always = Answer({"access_token": "line\nbreak"})
    with pytest.raises(BadReply):
        granted(shop)


def test_a_shop_that_is_away_gives_a_code_another_try(shop):
    shop.always = Answer(status=503)
    with pytest.raises(Unavailable):
        granted(shop)
    assert len(shop.asked) == 1


def test_nothing_secret_is_shown(shop):
    shop.codes.add("c0de")
    found = granted(shop)
    shown = repr(found) + repr(Callback(SHOP, "c0de", "n0nce"))
    assert not any(secret in shown for secret in (SECRET, "shpat", "shprt", "c0de", "n0nce"))
