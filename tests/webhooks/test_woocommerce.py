"""WooCommerce's deliveries: recorded ones, its pings, its secrets, its keys."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sheetsync.models import SyncRun, WebhookDelivery
from tests.support.shops import hooks
from tests.webhooks.conftest import nothing_is_left

pytestmark = pytest.mark.django_db(transaction=True)

RECORDING = Path(__file__).resolve().parents[3] / "shared" / "data" / "recordings" / "woo_webhook_deliveries.log"
SECRETS = ('s&<e"c', "plain-secret")
TRANSPORT = {"Host", "Connection", "Content-Length", "Content-Type", "Accept-Encoding"}


def recorded(source):
    """All deliveries of the recording, to this source."""
    lines = RECORDING.read_bytes().splitlines()
    for head, body in zip(lines[::2], lines[1::2], strict=True):
        headers = ast.literal_eval(head.decode())
        kept = {name: value for name, value in headers.items() if name not in TRANSPORT}
        yield hooks.Hook(f"/webhooks/{source.public_id}/woocommerce", body, kept, headers["Content-Type"])


@pytest.fixture
def recording(make):
    """The source of the recorded shop, whose two webhooks have a secret each."""
    source = make.automation().source
    for secret in SECRETS:
        source.rotate_webhook_secret("woocommerce", secret)
    return source


@pytest.mark.needs(RECORDING)
def test_all_eighteen_recorded_deliveries_are_known_and_become_one_run(recording, post):
    answers = [post(hook) for hook in recorded(recording)]
    verdicts = [answer.json()["verdict"] for answer in answers]
    assert [answer.status_code for answer in answers] == [200] * 18
    assert verdicts == ["ping"] * 2 + ["accepted"] * 16
    assert WebhookDelivery.objects.count() == 16 and SyncRun.objects.count() == 1


@pytest.mark.needs(RECORDING)
def test_recorded_deliveries_that_come_again_change_nothing(recording, post):
    hooks_ = [hook for hook in recorded(recording) if hook.headers.get("X-WC-Webhook-ID")]
    first, again = ([post(hook).json() for hook in hooks_] for _ in range(2))
    assert [each | {"duplicate": True} for each in first] == again
    assert not any(each["duplicate"] for each in first) and WebhookDelivery.objects.count() == 16


@pytest.mark.needs(RECORDING)
def test_a_recorded_delivery_of_which_one_byte_changed_is_refused(recording, post):
    *_, hook = recorded(recording)
    assert post(hook.but(body=hook.body.replace(b"completed", b"complete_", 1) + b" ")).status_code == 401
    assert nothing_is_left()


PING = {"body": b"webhook_id=1", "content_type": "application/x-www-form-urlencoded", "headers": {}}


def test_a_ping_is_answered_200_and_leaves_nothing(shop, post):
    hook = hooks.Hook(f"/webhooks/{shop.source.public_id}/woocommerce", **PING)
    assert post(hook).status_code == 200 and nothing_is_left()


@pytest.mark.parametrize("body", [b"webhook_id=1&x=1", b"webhook_id=", b"webhook_id=1\n", b"", b"webhook_id=one"])
def test_what_is_only_like_a_ping_is_refused(shop, post, body):
    hook = hooks.Hook(f"/webhooks/{shop.source.public_id}/woocommerce", **(PING | {"body": body}))
    assert post(hook).status_code == 401 and nothing_is_left()


@pytest.mark.parametrize(
    ("typed", "signs"),
    [
        ('s&<e"c', 's&<e"c'),
        ("a&amp;b&quot;", 'a&b"'),
        ("once&amp;lt;", "once&lt;"),
        ("it&#039;s it", "it's it"),
        ("it&#x27;s it", "it's it"),
        ("not &copy; &apos;", "not &copy; &apos;"),
    ],
)
def test_a_secret_signs_as_wordpress_reads_it(make, post, typed, signs):
    source = make.automation().source
    source.rotate_webhook_secret("woocommerce", typed)
    assert post(hooks.woocommerce(source, {"id": 7}, signs)).status_code == 200


def test_one_second_of_orders_has_one_delivery_id_and_all_of_them_count(shop, post):
    for number in range(8):
        assert not post(shop.woocommerce({"id": 1 + number}, delivery="same")).json()["duplicate"]
    assert shop.told() == [str(1 + number) for number in range(8)]


def test_an_order_that_is_deleted_twice_is_looked_at_twice(shop, post):
    """Restored in between. All that a deletion says is the order's id, so its body is the same."""
    deleted = [shop.woocommerce({"id": 7}, topic="order.deleted", delivery=each) for each in ("d-1", "d-2")]
    assert [post(each).json()["duplicate"] for each in deleted] == [False, False]


@pytest.mark.parametrize("topic", ["coupon.created", "action.wc_cart", ""])
def test_other_topics_start_nothing(shop, post, topic):
    assert post(shop.woocommerce({"id": 7}, topic=topic)).json()["verdict"] == "ignored" and not shop.told()
