"""How shops are called: patiently where that may help, once where it cannot, and never longer than a worker waits."""

from __future__ import annotations

import pytest

from sheetsync.errors import BadReply, RateLimited, RequestRefused, ShopDenied, Unavailable
from sheetsync.outbound import Door
from sheetsync.sources.calling import FIRST_WAIT, TRIES, Caller
from tests.support.shops.server import RULES, Answer, ShopServer


class Shop(ShopServer):
    def answer(self, asked):
        return Answer({"path": asked.path})


@pytest.fixture
def shop():
    server = Shop()
    yield server
    server.close()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def caller(shop, waits):
    with Door(shop.url, rules=RULES) as door:
        yield Caller(door, waits.append)


@pytest.mark.parametrize("fault", [Answer(status=503), Answer(status=429), Answer(status=502), "hang up"])
def test_what_may_succeed_later_is_tried_again(shop, caller, waits, fault):
    shop.faults[1] = fault
    assert caller.get("/orders").json() == {"path": "/orders"}
    assert len(shop.asked) == 2 and len(waits) == 1 and FIRST_WAIT / 2 <= waits[0] <= FIRST_WAIT


def test_patience_ends(shop, caller, waits):
    shop.always = Answer(status=503)
    with pytest.raises(Unavailable):
        caller.get("/orders")
    assert len(shop.asked) == TRIES and len(waits) == TRIES - 1 and waits == sorted(waits)


def test_it_waits_as_long_as_the_shop_says(shop, caller, waits):
    shop.faults[1] = Answer(status=429, headers={"Retry-After": "7"})
    caller.get("/orders")
    assert waits == [7]


def test_a_shop_that_asks_for_minutes_is_left_to_a_later_attempt(shop, caller, waits):
    shop.faults[1] = Answer(status=429, headers={"Retry-After": "120"})
    with pytest.raises(RateLimited) as caught:
        caller.get("/orders")
    assert caught.value.retry_after == 120 and waits == [] and len(shop.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_for_the_owner_and_not_tried_again(shop, caller, waits, status):
    shop.always = Answer({"message": "no"}, status)
    with pytest.raises(ShopDenied):
        caller.get("/orders")
    assert waits == [] and len(shop.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_what_is_wrong_with_a_call_is_said_at_once(shop, caller, status):
    shop.always = Answer({"message": "no"}, status)
    with pytest.raises(RequestRefused) as caught:
        caller.get("/orders")
    assert caught.value.status == status and len(shop.asked) == 1


def test_a_body_is_sent_whole_each_time(shop, caller):
    shop.faults[1] = Answer(status=500)
    caller.post("/graphql", body=b'{"query": "orders"}')
    assert [each.body for each in shop.asked] == [b'{"query": "orders"}'] * 2


def test_a_reply_that_is_no_json_is_no_reason_to_ask_again(shop, caller):
    shop.faults[1] = Answer(b"<html>", headers={"Content-Type": "text/html"})
    with pytest.raises(BadReply):
        caller.get("/orders").json()
    assert len(shop.asked) == 1
