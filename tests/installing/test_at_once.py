"""Many who bring the same answer of a shop at the same moment, and who dies over one."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sheetsync import installing
from sheetsync.errors import StateReplayed, Unavailable
from sheetsync.installing import ShopRefused
from sheetsync.models import InstallState, Source, Tenant
from sheetsync.models.retention import forget
from tests.support.meeting import all_at_once
from tests.support.shops.installing import APP, KEYS, signed
from tests.support.shops.server import RULES, Answer
from tests.support.shops.shopify import SHOP, ShopifyServer

pytestmark = pytest.mark.django_db(transaction=True)

BACK = "https://sync.example/shops/shopify/callback"
ADDRESSES = {"return_url": "https://sync.example/back", "callback_url": "https://sync.example/keys"}


@pytest.fixture(autouse=True)
def app(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | APP


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Cactus shop")


@pytest.fixture
def shopify():
    server = ShopifyServer()
    server.codes = {f"c0de-{number}" for number in range(20)}
    yield server
    server.close()


def finish(server, state, code="c0de-1"):
    given = signed(code=code, state=state)
    parameters = [(name, [value]) for name, value in given.items()]
    return installing.finish_shopify(parameters, rules=RULES, base_url=server.url)


def of_types(answers):
    return sorted(type(each).__name__ for each in answers)


def test_of_twenty_who_bring_one_state_one_connects_the_shop(tenant, shopify):
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    answers = all_at_once(20, lambda number: finish(shopify, begun.state, f"c0de-{number}"))
    assert of_types(answers) == ["Connected"] + ["StateReplayed"] * 19
    assert Source.objects.count() == 1 and len(shopify.asked) == 1
    assert InstallState.objects.get().standing() == ("linked", "")


def test_of_twenty_who_send_keys_with_one_nonce_one_connects_the_shop(tenant):
    begun = installing.begin_woocommerce(tenant, url="https://shop.example", name="main", **ADDRESSES)
    keys = [{**KEYS, "consumer_key": f"ck_{number:040x}"} for number in range(20)]
    bodies = [{**each, "user_id": begun.state, "key_permissions": "read"} for each in keys]
    answers = all_at_once(20, lambda number: installing.take_woocommerce_keys(json.dumps(bodies[number]).encode()))
    assert of_types(answers) == ["Connected"] + ["StateReplayed"] * 19
    (won,) = [number for number, each in enumerate(answers) if type(each).__name__ == "Connected"]
    assert Source.objects.get().secrets() == keys[won]


def test_of_two_attempts_for_one_name_both_end_in_one_source(tenant, shopify):
    begun = [installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK).state for _ in range(4)]
    answers = all_at_once(4, lambda number: finish(shopify, begun[number], f"c0de-{number}"))
    assert of_types(answers) == ["Connected"] * 4 and [each.created for each in answers].count(True) == 1
    assert Source.objects.count() == 1


def test_what_is_kept_cannot_finish_what_was_begun(tenant):
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    assert begun.state not in str(vars(InstallState.objects.get())) and begun.state not in repr(begun)


def test_who_is_killed_between_the_steps_leaves_nothing_that_works(tenant, shopify):
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    attempt = InstallState.objects.consume("shopify", begun.state)  # and no further
    attempt.refresh_from_db()
    assert attempt.standing(attempt.consumed_at + timedelta(minutes=3))[0] == "failed"
    with pytest.raises(StateReplayed):
        finish(shopify, begun.state)
    assert not Source.objects.exists()


def test_a_shop_that_does_not_answer_uses_the_attempt_up_and_says_why(tenant, shopify):
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    shopify.always = Answer({}, status=503)
    with pytest.raises(Unavailable):
        finish(shopify, begun.state)
    outcome, reason = InstallState.objects.get().standing()
    assert outcome == "failed" and "503" in reason and not Source.objects.exists()


def test_all_orders_are_read_where_shopify_granted_them(tenant, shopify):
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    granted = shopify.grant()
    shopify.faults[1] = Answer(granted | {"scope": "read_orders,read_all_orders"})
    assert finish(shopify, begun.state).source.config == {"shop": SHOP, "all_orders": True}


def test_a_source_of_another_tenant_with_the_name_is_left_alone(tenant, shopify):
    theirs = Source.objects.create(tenant=Tenant.objects.create(name="Fern"), name="main", kind="rest", config={})
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    finish(shopify, begun.state)
    theirs.refresh_from_db()
    assert theirs.secrets() == {} and Source.objects.filter(tenant=tenant).count() == 1


def test_what_became_of_an_attempt_is_forgotten_after_a_day(tenant):
    installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    InstallState.objects.update(expires_at=Now() - timedelta(hours=23))
    assert not forget() and InstallState.objects.exists()
    InstallState.objects.update(expires_at=Now() - timedelta(hours=25))
    assert forget() == {"attempts to connect a shop": 1} and not InstallState.objects.exists()


def test_a_name_of_another_shop_is_refused_before_anybody_is_sent_anywhere(tenant):
    Source.objects.create(tenant=tenant, name="main", kind="shopify", config={"shop": "other.myshopify.com"})
    with pytest.raises(ShopRefused, match="choose another name"):
        installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    assert not InstallState.objects.exists()


def test_a_source_that_was_removed_leaves_what_became_of_the_attempt(tenant, shopify):
    begun = installing.begin_shopify(tenant, shop=SHOP, name="main", redirect_uri=BACK)
    finish(shopify, begun.state).source.delete()
    assert (InstallState.objects.get().outcome, InstallState.objects.get().source) == ("linked", None)
