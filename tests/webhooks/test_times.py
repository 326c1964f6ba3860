"""When an order was changed, as its shop's report tells it: what is fetched afterwards may not be older."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sheetsync.models import DirtyOrder

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def told():
    return DirtyOrder.objects.get().changed_at


def test_shopify_tells_it_with_its_time_zone(shop, post):
    post(shop.shopify({"id": 7, "updated_at": "2026-05-01T08:00:00-04:00"}))
    assert told() == NOON


def test_woocommerce_tells_it_in_utc_without_saying_so(shop, post):
    post(shop.woocommerce({"id": 7, "date_modified_gmt": "2026-05-01T12:00:00"}))
    assert told() == NOON


def test_a_refund_tells_when_it_was_made_and_not_when_its_order_changed(shop, post):
    refund = {"id": 1, "order_id": 7, "updated_at": "2026-05-01T08:00:00-04:00"}
    post(shop.shopify(refund, topic="refunds/create"))
    assert told() is None


FAR_AHEAD = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    "time",
    [
        None, 7, "", "noon", [], {"a": 1}, "2026-05-01T12:00:00", "2026-13-01T12:00:00Z",
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", FAR_AHEAD, "2026-05-01T12:00:00Z" * 1_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_time_or_cannot_be_one_is_not_waited_for(shop, post, time):
    assert post(shop.shopify({"id": 7, "updated_at": time})).status_code == 200
    assert told() is None
