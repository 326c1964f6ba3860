"""Shops that are connected by one click: through the API, the pages of the shop, and back, over real TLS."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sheetsync.models import AuditEntry, InstallState, Source, SyncRun
from tests.support.shops.installing import (
    APP,
    HERE,
    KEYS,
    Network,
    browse,
    parameters_of,
    post_keys,
    send_keys,
    signed,
)
from tests.support.shops.server import Answer
from tests.support.shops.shopify import SHOP, ShopifyServer
from tests.support.shops.woocommerce import WooShop

pytestmark = pytest.mark.django_db(transaction=True)

WOO = "shop.example"
BACK = "/shops/shopify/callback"


@pytest.fixture(autouse=True)
def kinds(settings):
    given = {"TENANT_KINDS": ["rest", "shopify", "woocommerce"]}
    settings.SHEETSYNC = settings.SHEETSYNC | APP | given
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.fixture
def shopify(monkeypatch, tmp_path, settings):
    server = ShopifyServer()
    Network(SHOP, server, monkeypatch=monkeypatch, folder=tmp_path, settings=settings)
    server.codes = {"c0de", "c0de-2"}
    server.put("1001")
    yield server
    server.close()


@pytest.fixture
def woo(monkeypatch, tmp_path, settings):
    server = WooShop()
    Network(WOO, server, monkeypatch=monkeypatch, folder=tmp_path, settings=settings)
    server.key, server.secret = KEYS["consumer_key"], KEYS["consumer_secret"]
    server.put("7")
    yield server
    server.close()


def begin(caller, platform="shopify", **given):
    body = {"shopify": {"shop": SHOP, "name": "main"}, "woocommerce": {"url": f"https://{WOO}/", "name": "main"}}
    return caller.post(f"/api/v1/shops/{platform}/link", body[platform] | given, format="json", **HERE)


def state_of(begun):
    found = parameters_of(begun.json()["url"])
    return found.get("state") or found["user_id"]


def outcome(caller, begun):
    found = caller.call("get", f"shops/links/{begun.json()['id']}").json()
    return found["outcome"], found["reason"], found["source"]


def orders(caller, source):
    return caller.call("post", f"sources/{source}/test").json()["order_id"]


def test_a_shop_at_shopify_is_connected_and_read(owner, shopify):
    begun = begin(owner)
    asked = parameters_of(begun.json()["url"])
    assert begun.status_code == 201 and outcome(owner, begun) == ("pending", "", None)
    assert begun.json()["url"].startswith(f"https://{SHOP}/admin/oauth/authorize?")
    assert asked["redirect_uri"] == f"https://sync.example{BACK}"
    page = browse(BACK, signed(code="c0de", state=asked["state"]))
    assert page.status_code == 200 and f"{SHOP} is connected for Cactus shop, as main" in page.text
    source = Source.objects.get()
    assert outcome(owner, begun) == ("linked", "", source.pk) and source.config == {"shop": SHOP}
    assert {"client_id", "client_secret", "access_token", "refresh_token"} <= set(source.secrets())
    assert orders(owner, source.pk) == "1001"


def test_a_shop_with_woocommerce_is_connected_and_read(owner, woo):
    begun = begin(owner, "woocommerce")
    asked = parameters_of(begun.json()["url"])
    assert begun.json()["url"].startswith(f"https://{WOO}/wc-auth/v1/authorize?")
    assert (asked["app_name"], asked["scope"]) == ("sheetsync for Cactus shop", "read")
    assert asked["callback_url"] == "https://sync.example/shops/woocommerce/keys"
    assert send_keys(asked["user_id"]).status_code == 200
    page = browse("/shops/woocommerce/return", {"success": "1", "user_id": asked["user_id"]})
    assert page.status_code == 200 and "is connected for Cactus shop, as main" in page.text
    source = Source.objects.get()
    assert outcome(owner, begun) == ("linked", "", source.pk) and source.secrets() == KEYS
    assert orders(owner, source.pk) == "7"


def test_a_source_of_the_name_is_connected_again_and_keeps_its_configuration(owner, woo):
    source = Source(
        tenant=owner.tenant, name="main", kind="woocommerce", config={"url": f"https://{WOO}/wp-json/wc/v3"}
    )
    source.config["status"] = ["completed"]
    source.save()
    secret = source.rotate_webhook_secret("woocommerce")
    assert send_keys(state_of(begin(owner, "woocommerce"))).status_code == 200
    source.refresh_from_db()
    assert source.secrets() == KEYS and source.webhook_secrets("woocommerce") == (secret,)
    assert source.config["status"] == ["completed"] and Source.objects.count() == 1
    assert AuditEntry.objects.latest("pk").action == "source.reconnected"


def test_another_shop_does_not_get_a_name_that_is_taken(owner, woo):
    Source.objects.create(tenant=owner.tenant, name="main", kind="woocommerce", config={"url": "https://other.example"})
    response = begin(owner, "woocommerce")
    assert response.status_code == 400 and response.json()["errors"][0]["pointer"] == "/name"


def test_a_name_that_was_given_away_meanwhile_is_not_overwritten(owner, woo):
    begun = begin(owner, "woocommerce")
    Source.objects.create(tenant=owner.tenant, name="main", kind="rest", config={"url": "https://other.example/"})
    assert send_keys(state_of(begun)).status_code == 403
    assert Source.objects.get().secrets() == {} and outcome(owner, begun)[0] == "failed"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"state": "another"}, "belongs to no attempt"),  # nobody began it here
        ({"shop": "other-shop.myshopify.com"}, "other-shop.myshopify.com answered"),  # signed, but of another shop
        ({"timestamp": "1700000000"}, "too old"),  # recorded some day, and played again
        ({"timestamp": str(int(time.time()) + 90_000)}, "too old"),  # of a clock that is wrong by a day
        ({"shop": "evil.example"}, "no answer of Shopify"),  # our secret would go there
        ({"shop": f"{SHOP}.evil.example"}, "no answer of Shopify"),
        ({"shop": f"{SHOP}@evil.example"}, "no answer of Shopify"),
        ({"code": None}, "no answer of Shopify"),
        ({"code": "c0de with blanks"}, "no answer of Shopify"),
        ({"code": "unknown"}, "gives no access token"),  # guessed, or used before
        ({"secret": "not-the-secret"}, "no answer of Shopify"),
    ],
)
def test_an_answer_that_is_not_right_connects_nothing(owner, shopify, changed, words):
    given = {"code": "c0de", "state": state_of(begin(owner))} | changed
    page = browse(BACK, signed(**given))
    assert page.status_code == 400 and words in page.text and not Source.objects.exists()
    assert page.headers["Referrer-Policy"] == "no-referrer" and "script" not in page.text


@pytest.mark.parametrize("name", ["shop", "code", "state", "host", "timestamp", "hmac"])
def test_what_was_signed_cannot_be_changed_and_uses_nothing_up(owner, shopify, name):
    begun = begin(owner)
    given = signed(code="c0de", state=state_of(begun))
    assert browse(BACK, given | {name: given[name] + "1"}).status_code == 400
    assert browse(BACK, {key: value for key, value in given.items() if key != name}).status_code == 400
    assert browse(BACK, given | {name: [given[name], given[name]]}).status_code == 400  # which of the two counts?
    assert outcome(owner, begun)[0] == "pending" and not Source.objects.exists()
    assert browse(BACK, given).status_code == 200


def test_an_answer_that_is_given_again_says_so(owner, shopify):
    given = signed(code="c0de", state=state_of(begin(owner)))
    assert browse(BACK, given).status_code == 200
    again = browse(BACK, given)
    assert again.status_code == 400 and "has been given before" in again.text and Source.objects.count() == 1


def test_an_answer_that_comes_too_late_connects_nothing(owner, shopify):
    begun = begin(owner)
    InstallState.objects.update(expires_at=Now() - timedelta(seconds=1))
    page = browse(BACK, signed(code="c0de", state=state_of(begun)))
    assert page.status_code == 400 and "after more than 10 minutes" in page.text
    assert outcome(owner, begun) == ("failed", "Nobody answered in time: start again.", None)


def test_an_owner_who_says_no_to_shopify_connects_nothing(owner, shopify):
    begun = begin(owner)
    page = browse(BACK, {"error": "access_denied", "state": state_of(begun)})
    assert page.status_code == 400 and "Access was not allowed" in page.text
    assert outcome(owner, begun)[0] == "denied" and not Source.objects.exists()


def test_an_owner_who_says_no_to_woocommerce_connects_nothing(owner, woo):
    begun = begin(owner, "woocommerce")
    page = browse("/shops/woocommerce/return", {"success": "0", "user_id": state_of(begun)})
    assert page.status_code == 400 and "Access was not allowed" in page.text
    assert outcome(owner, begun)[0] == "denied" and send_keys(state_of(begun)).status_code == 403


def test_who_comes_back_before_the_keys_is_told_so_and_they_may_still_come(owner, woo):
    begun = begin(owner, "woocommerce")
    page = browse("/shops/woocommerce/return", {"success": "1", "user_id": state_of(begun)})
    assert page.status_code == 400 and "no keys that could be taken" in page.text
    assert send_keys(state_of(begun)).status_code == 200


@pytest.mark.parametrize(
    "given", [{}, {"user_id": "x" * 5_000}, {"success": "0", "user_id": b"\xff\xed"}, {"user_id": "\x00"}]
)
def test_a_return_of_nobody_is_told_so(db, given):
    assert browse("/shops/woocommerce/return", given).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"user_id": "another-nonce-that-nobody-has"},  # guessed
        {"user_id": ""},
        {"user_id": 7},
        {"user_id": ["x"]},
        {"user_id": None},
        {"key_permissions": "read_write"},  # more than was asked for
        {"consumer_key": "ck_short"},
        {"consumer_key": KEYS["consumer_key"] + "\r\nX-Evil: 1"},  # it goes into a header
        {"consumer_secret": None},
        {"consumer_secret": {"a": 1}},
    ],
)
def test_keys_that_are_not_right_connect_nothing_and_use_nothing_up(owner, woo, changed):
    nonce = state_of(begin(owner, "woocommerce"))
    response = send_keys(nonce, **changed)
    assert response.status_code in (400, 403) and not Source.objects.exists()
    assert KEYS["consumer_key"] not in response.text
    assert send_keys(nonce).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"webhook_id=1", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 9_000, 400),
        (b'{"user_id": "a", "user_id": "b"}', 400),
        (b'{"user_id": NaN}', 400),
        (b"9" * 9_000, 400),
        (b'{"a": "' + b"x" * 20_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_keys_is_refused(db, body, status):
    assert post_keys(body).status_code == status


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "20000"])
def test_a_length_that_is_none_or_too_much_is_refused_unread(db, length):
    assert post_keys(b"{}", CONTENT_LENGTH=length).status_code == 413


def test_keys_are_good_once(owner, woo):
    nonce = state_of(begin(owner, "woocommerce"))
    assert send_keys(nonce).status_code == 200
    assert send_keys(nonce, consumer_key="ck_" + "0" * 40).status_code == 403
    assert Source.objects.get().secrets() == KEYS


def test_a_state_of_one_platform_is_none_of_the_other(owner, shopify):
    assert send_keys(state_of(begin(owner))).status_code == 403
    begun = begin(owner, "woocommerce", name="other")
    assert browse(BACK, signed(code="c0de", state=state_of(begun))).status_code == 400
    assert not Source.objects.exists()


def test_a_shopify_that_does_not_answer_is_told_so(owner, shopify):
    shopify.always = Answer({}, status=503)
    begun = begin(owner)
    page = browse(BACK, signed(code="c0de", state=state_of(begun)))
    assert page.status_code == 503 and "did not answer" in page.text and outcome(owner, begun)[0] == "failed"


@pytest.mark.parametrize(
    ("platform", "given", "field"),
    [
        ("shopify", {"shop": "evil.example"}, "/shop"),
        ("shopify", {"shop": f"{SHOP}/admin"}, "/shop"),
        ("shopify", {"shop": 7, "extra": 1}, "/extra"),
        ("woocommerce", {"url": "http://shop.example"}, "/url"),
        ("woocommerce", {"url": "https://169.254.169.254/"}, "/url"),
        ("woocommerce", {"url": "https://127.1/"}, "/url"),
        ("woocommerce", {"url": "https://user@shop.example/"}, "/url"),
        ("woocommerce", {"url": "https://shop.example/?a=1"}, "/url"),
        ("woocommerce", {"url": "javascript:alert(1)"}, "/url"),
        ("woocommerce", {"name": ""}, "/name"),
    ],
)
def test_what_cannot_be_a_shop_is_refused_by_its_field(owner, platform, given, field):
    response = begin(owner, platform, **given)
    assert response.status_code == 400 and response.json()["errors"][0]["pointer"] == field
    assert not InstallState.objects.exists()


def test_a_site_without_an_app_says_what_is_missing(owner, settings):
    settings.SHEETSYNC = {key: value for key, value in settings.SHEETSYNC.items() if key not in APP}
    response = begin(owner)
    assert response.status_code == 409 and response.json()["type"].endswith("not-set-up")
    assert "SHOPIFY_CLIENT_ID" in response.json()["detail"]
    assert browse(BACK, signed(code="c0de", state="s")).status_code == 503


@pytest.mark.parametrize(
    ("platform", "shop"), [("woocommerce", {"url": "https://shop.example"}), ("shopify", {"shop": SHOP})]
)
def test_a_site_without_https_says_so(owner, platform, shop):
    response = owner.call("post", f"shops/{platform}/link", {**shop, "name": "main"})
    assert response.status_code == 409 and "https" in response.json()["detail"]
    assert not InstallState.objects.exists()


def test_a_beginning_that_is_repeated_is_done_once_and_its_address_is_kept_nowhere(owner):
    first, again = [
        owner.post("/api/v1/shops/shopify/link", {"shop": SHOP, "name": "main"}, format="json",
                   headers={"Idempotency-Key": "k-1"}, **HERE)
        for _ in range(2)
    ]  # fmt: skip
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json()["made"] == {"id": first.json()["id"]} and "url" not in again.text


def denied_run(owner, world):
    """Of a source whose shop let it in no more: its run waits for the owner."""
    automation = world.automation(tenant=owner.tenant)
    Source.objects.filter(pk=automation.source_id).update(
        name="main", kind="woocommerce", config={"url": f"https://{WOO}/"}
    )
    run = SyncRun.objects.create(
        tenant=owner.tenant, automation=automation, trigger="manual", max_attempts=5, attempts=1, status="failed",
        finished_at=Now(), error_type="ShopDenied", error="no",
    )  # fmt: skip
    return run


def test_runs_that_the_shop_let_in_no_more_go_on_when_it_is_connected_again(owner, woo, world):
    run = denied_run(owner, world)
    assert send_keys(state_of(begin(owner, "woocommerce"))).status_code == 200
    run.refresh_from_db()
    assert (run.status, run.error) == ("pending", "")


def test_and_when_other_credentials_are_given(owner, woo, world):
    run = denied_run(owner, world)
    source = run.automation.source_id
    assert owner.call("patch", f"sources/{source}", {"credentials": KEYS}).status_code == 200
    run.refresh_from_db()
    assert run.status == "pending" and Source.objects.get(pk=source).connected_at is not None


def test_a_run_that_failed_for_something_else_is_left_as_it_is(owner, woo, world):
    run = denied_run(owner, world)
    SyncRun.objects.update(error_type="BadFilter")
    assert send_keys(state_of(begin(owner, "woocommerce"))).status_code == 200
    run.refresh_from_db()
    assert run.status == "failed"
