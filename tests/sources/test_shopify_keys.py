"""Tokens that run out: renewed in time, once for all who need it, also in the middle of a walk."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from threading import Thread

import pytest
from django.db import connection
from django.db.models.functions import Now

from sheetsync.errors import BadReply, BadSource, ShopDenied, Unavailable
from sheetsync.models import Source
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.scheduler.idle import freshen
from sheetsync.sources import registry
from sheetsync.sources.base import OrderQuery
from sheetsync.sources.shopify import ShopifyConfig, ShopifyCredentials, ShopifySource, renew_tokens, unused_until
from tests.support.making import Maker
from tests.support.meeting import all_at_once
from tests.support.shops.server import RULES, Answer
from tests.support.shops.shopify import CLIENT, SHOP, TOKENS, ShopifyServer


@pytest.fixture
def shop():
    shop = ShopifyServer()
    for number in range(1, 8):
        shop.put(str(number))
    yield shop
    shop.close()


def walk(source):
    return [row.order_id for row in source.stream(OrderQuery(), None)]


def renewals(shop):
    return [each for each in shop.asked if each.path == TOKENS]


def expiring(shop, seconds=3_600):
    """Credentials of an installation by OAuth that run out in so many seconds."""
    granted = shop.grant()
    return {
        **CLIENT,
        "access_token": granted["access_token"],
        "expires_at": int(time.time()) + seconds,
        "refresh_token": shop.refresh_token,
        "refresh_expires_at": int(time.time()) + 86_400,
    }


def test_client_id_and_secret_alone_get_a_token(shop):
    assert len(walk(shop.open(credentials=CLIENT))) == 7
    assert len(renewals(shop)) == 1


def test_a_token_that_lasts_is_not_renewed(shop):
    assert len(walk(shop.open(credentials=expiring(shop)))) == 7
    assert renewals(shop) == []


def test_a_token_that_is_about_to_run_out_is_renewed_first(shop):
    assert len(walk(shop.open(credentials=expiring(shop, 60)))) == 7
    assert len(renewals(shop)) == 1 and shop.asked[0].path == TOKENS


def test_a_token_that_is_refused_in_the_middle_of_a_walk_is_renewed_and_the_walk_goes_on(shop):
    source = shop.open(credentials=expiring(shop))
    shop.before[2] = lambda: shop.tokens.clear()
    assert walk(source) == [str(number) for number in range(1, 8)]
    assert len(renewals(shop)) == 1


def test_a_new_token_that_is_refused_too_ends_it(shop):
    source = shop.open(credentials=expiring(shop))
    shop.token_life = 0
    shop.tokens.clear()
    with pytest.raises(ShopDenied):
        walk(source)
    assert len(renewals(shop)) == 1


def test_a_plain_token_that_is_refused_is_for_the_owner(shop):
    with pytest.raises(ShopDenied, match="connect the shop again"):
        walk(shop.open(credentials={"access_token": "shpat_other"}))
    assert renewals(shop) == []


def test_a_refresh_token_that_was_used_is_for_the_owner(shop):
    credentials = expiring(shop, 0)
    shop.grant()
    with pytest.raises(ShopDenied) as caught:
        walk(shop.open(credentials=credentials))
    assert not any(secret in str(caught.value) for secret in ("shprt", "shpat", CLIENT["client_secret"]))


def test_a_refresh_token_that_ran_out_is_not_even_sent(shop):
    credentials = expiring(shop, 0) | {"refresh_expires_at": int(time.time()) - 1}
    with pytest.raises(ShopDenied, match="too long"):
        walk(shop.open(credentials=credentials))
    assert shop.asked == []


def test_a_refresh_token_is_sent_once_also_where_the_shop_is_away(shop):
    shop.faults[1] = Answer(status=503)
    with pytest.raises(Unavailable):
        walk(shop.open(credentials=expiring(shop, 0)))
    assert len(shop.asked) == 1


@pytest.mark.parametrize("body", [[], {}, {"access_token": 7}, {"access_token": ""}, {"access_token": "a b"}])
def test_a_renewal_without_a_token_is_a_bad_reply(shop, body):
    shop.faults[1] = Answer(body)
    with pytest.raises(BadReply):
        walk(shop.open(credentials=CLIENT))


@pytest.mark.parametrize("seconds", [None, "x", -1, 2**70, 1.5, True, []])
def test_odd_words_about_its_end_do_not_spoil_a_token(shop, seconds):
    shop.faults[1] = Answer({"access_token": "shpat_plain", "expires_in": seconds})
    assert len(walk(shop.open(credentials=CLIENT))) == 7


def test_the_token_is_sent_to_no_other_place_than_the_api(shop):
    walk(shop.open(credentials=expiring(shop, 0)))
    assert all(("X-Shopify-Access-Token" in each.headers) == (each.path != TOKENS) for each in shop.asked)
    assert all("shpat" not in each.path and not each.params for each in shop.asked)


@pytest.mark.parametrize(
    "credentials",
    [{}, {"client_id": "a"}, {"client_secret": "b"}, {"refresh_token": "c"},
     {"access_token": "a", "refresh_token": "c"}, {"access_token": "with blank"},
     {"access_token": "new\nline"}, {"access_token": ""}],
)  # fmt: skip
def test_credentials_that_cannot_work_are_refused_before_any_call(shop, credentials):
    config = ShopifyConfig(shop=SHOP, rows_per=RowsPer.ORDER)
    with pytest.raises(BadSource, match="credentials") as caught:
        registry.open_source("shopify", {"shop": SHOP}, credentials, rows_per=config.rows_per)
    assert "blank" not in str(caught.value).split("with no blank")[0]
    assert shop.asked == []


def test_credentials_show_no_secret():
    shown = repr(ShopifyCredentials(client_id="app", client_secret="s-1", access_token="s-2", refresh_token="s-3"))
    assert "app" in shown and "s-" not in shown


@pytest.fixture
def stored(shop, monkeypatch, transactional_db):
    """A source as it is stored, which finds the shop on this machine."""

    def opener(config, given):
        return ShopifySource(config, replace(given, rules=RULES), shop.url)

    kind = registry.Kind(ShopifyConfig, opener, ShopifyCredentials)
    monkeypatch.setitem(registry.KINDS, "shopify", kind)
    config = {"shop": SHOP, "all_orders": True, "page_size": 3}
    source = Source(tenant=Maker().tenant(), name="shop", kind="shopify", config=config)
    source.seal(expiring(shop, 0))
    source.save()
    return source


def opened(source):
    return Source.objects.get(pk=source.pk).open(RowsPer.ORDER, Tally())


def test_what_was_renewed_is_stored_and_used_by_the_next(shop, stored):
    assert len(walk(opened(stored))) == len(walk(opened(stored))) == 7
    assert len(renewals(shop)) == 1
    kept = Source.objects.get(pk=stored.pk).secrets()
    assert kept["access_token"] in shop.tokens and kept["refresh_token"] == shop.refresh_token


def test_two_who_need_a_new_token_at_once_get_the_same(shop, stored):
    first, second = opened(stored), opened(stored)
    found = []

    def work(source):
        try:
            found.append(walk(source))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(source,)) for source in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [len(each) for each in found] == [7, 7]
    assert len(renewals(shop)) == 1


def test_one_whose_token_another_renewed_meanwhile_takes_over_the_new_one(shop, stored):
    stored.seal(expiring(shop))
    stored.save()
    source = opened(stored)
    rows = source.stream(OrderQuery(), None)
    next(rows)
    shop.tokens.clear()
    assert len(walk(opened(stored))) == 7
    assert len(list(rows)) == 6
    assert len(renewals(shop)) == 1


def test_a_client_secret_that_was_rotated_is_taken_over_with_the_next_token(shop, stored, settings):
    secrets = {"SHOPIFY_CLIENT_ID": CLIENT["client_id"], "SHOPIFY_CLIENT_SECRET": [CLIENT["client_secret"], "old-one"]}
    settings.SHEETSYNC = settings.SHEETSYNC | secrets
    stored.seal(expiring(shop, 0) | {"client_secret": "old-one"})
    stored.save()
    assert len(walk(opened(stored))) == 7
    assert Source.objects.get(pk=stored.pk).secrets()["client_secret"] == CLIENT["client_secret"]


@pytest.fixture
def idle(shop, stored, monkeypatch):
    """A source that no run has used for half of its credentials' life."""
    kind = replace(registry.KINDS["shopify"], ends_at=unused_until, renew=partial(renewed_at, shop.url))
    monkeypatch.setitem(registry.KINDS, "shopify", kind)
    stored.seal(expiring(shop))
    stored.save(update_fields=["sealed"])
    assert abs(stored.renew_at.timestamp() - time.time() - 43_200) < 60
    Source.objects.update(renew_at=Now())
    return stored


def renewed_at(url, config, given):
    renew_tokens(config, replace(given, rules=RULES), url)


def test_credentials_that_nobody_uses_are_renewed_in_time_and_once(shop, idle):
    assert [freshen(), freshen()] == [1, 0]
    kept = Source.objects.get(pk=idle.pk)
    assert kept.secrets()["refresh_token"] == shop.refresh_token and len(renewals(shop)) == 1
    assert kept.renew_at.timestamp() > time.time() + 3_600
    assert len(walk(opened(idle))) == 7


def test_a_renewal_that_the_shop_refuses_is_tried_again_the_next_day(shop, idle, caplog):
    shop.grant()
    assert [freshen(), freshen()] == [1, 0]
    left = Source.objects.get(pk=idle.pk).renew_at.timestamp() - time.time()
    assert 82_800 < left < 90_000 and "were not renewed" in caplog.text


def test_two_schedulers_renew_each_source_once(shop, idle):
    results = all_at_once(4, lambda number: freshen())
    assert sorted(results) == [0, 0, 0, 1] and len(renewals(shop)) == 1


def test_credentials_that_do_not_end_are_left_alone(shop, stored):
    stored.seal({"access_token": "shpat_plain"})
    stored.save(update_fields=["sealed"])
    assert Source.objects.get(pk=stored.pk).renew_at is None and freshen() == 0
