"""Standard Webhooks 1.0.0."""

from __future__ import annotations

import time

import pytest

from sheetsync.webhooks import standard
from sheetsync.webhooks.platform import Delivery
from tests.support.shops import hooks
from tests.webhooks.conftest import nothing_is_left

PUBLISHED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "v1,b3RoZXIgc2lnbmF0dXJlIG9mIHNvbWVib2R5IGVsc2U="

database = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(monkeypatch):
    """What time it is."""
    return lambda seconds: monkeypatch.setattr(time, "time", lambda: float(seconds))


def genuine(**changes):
    headers = PUBLISHED | changes
    delivery = Delivery(headers=headers, body=b'{"test": 2432232314}')
    return standard.STANDARD.is_genuine(delivery, [SECRET])


def test_the_published_example_verifies(at):
    at(1614265330)
    assert genuine()


@pytest.mark.parametrize(("off", "known"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_the_time_may_be_five_minutes_off_either_way(at, off, known):
    at(1614265330 + off)
    assert genuine() is known


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (f"{OTHER} {PUBLISHED['webhook-signature']}", True),  # while the sender rotates its secret
        (f"v1a,abc {PUBLISHED['webhook-signature']}", True),  # beside one that needs a public key
        (f"{OTHER} " * 20 + PUBLISHED["webhook-signature"], False),  # nobody has as many secrets
        (PUBLISHED["webhook-signature"].replace("v1,", "v2,"), False),
        (PUBLISHED["webhook-signature"].replace("v1,", ""), False),
        (PUBLISHED["webhook-signature"].removesuffix("="), False),  # the same bytes, spelt in another way
        (PUBLISHED["webhook-signature"].replace("1OE=", "1OF="), False),  # the same bytes again
        (PUBLISHED["webhook-signature"] + "," + PUBLISHED["webhook-signature"], False),  # the header came twice
        ("v1,", False),
        ("v1,ü", False),
        ("", False),
        ("v1," + "A" * 5_000, False),
    ],
)
def test_of_several_signatures_one_has_to_be_right(at, given, known):
    at(1614265330)
    assert genuine(**{"webhook-signature": given}) is known


@pytest.mark.parametrize("moment", ["", "soon", "1614265330.0", "-1614265330", "+1614265330", "1" * 400, "١٦١٤٢٦٥٣٣٠"])
def test_a_time_that_is_none_is_refused(at, moment):
    at(1614265330)
    assert not genuine(**{"webhook-timestamp": moment})


@database
def test_the_id_is_the_key_across_retries(shop, post):
    """A retry is signed anew, with the time at which it is sent."""
    now = int(time.time())
    first, again = (post(shop.standard({"data": {"id": "o-7"}}, moment=now - late)).json() for late in (60, 0))
    assert (first["duplicate"], again["duplicate"], shop.told()) == (False, True, ["o-7"])


@database
@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_delivery_without_one_of_its_headers_is_refused(shop, post, name):
    assert post(shop.standard({"id": 7}).but(headers={name: None})).status_code == 401 and nothing_is_left()


@database
@pytest.mark.parametrize(
    ("payload", "order_id"),
    [
        ({"type": "order.updated", "data": {"id": "o-7"}}, "o-7"),
        ({"type": "refund.created", "data": {"id": "r-1", "order_id": 9007199254740993}}, "9007199254740993"),
        ({"type": "x", "data": {"order": {"id": "o-7"}}}, "o-7"),
        ({"order_id": "o-7", "id": "e-1"}, "o-7"),
        ({"id": "o-7"}, "o-7"),
    ],
)
def test_the_order_is_found_in_the_usual_places(shop, post, payload, order_id):
    assert post(shop.standard(payload)).json()["verdict"] == "accepted" and shop.told() == [order_id]


@database
def test_the_address_may_say_where_the_order_is_named(shop, post):
    hook = shop.standard({"id": "e-1", "data": {"number": "2026/7"}})
    assert post(hook.but(path=f"{hook.path}?order=data.number")).status_code == 200
    assert shop.told() == ["2026/7"]


@database
def test_a_secret_that_a_sender_made_can_be_entered(make, post):
    source = make.automation().source
    source.rotate_webhook_secret("standard", SECRET)
    assert post(hooks.standard(source, {"id": 7}, SECRET)).status_code == 200
