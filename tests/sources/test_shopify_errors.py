"""What Shopify answers instead of orders: most of it with status 200, and each kind with its own consequence."""

from __future__ import annotations

import pytest

from sheetsync.errors import BadReply, BadSource, RateLimited, ShopDenied, Unavailable
from sheetsync.pipeline.records import Tally
from sheetsync.sources.base import BAD_RECORD, OrderQuery
from sheetsync.sources.calling import TRIES
from sheetsync.sources.shopify.pacing import Sizes
from sheetsync.sources.shopify.talking import PROTECTED_DATA
from tests.support.shops.server import Answer
from tests.support.shops.shopify import ShopifyServer, failure


@pytest.fixture
def shop():
    shop = ShopifyServer()
    yield shop
    shop.close()


def walk(source):
    return list(source.stream(OrderQuery(), None))


def filled(shop, count=7, **values):
    for number in range(1, count + 1):
        shop.put(str(number), **values)
    return {str(number) for number in range(1, count + 1)}


STATUSES = [
    (401, ShopDenied, "connect it again"),
    (402, ShopDenied, "frozen"),
    (403, ShopDenied, "read_orders"),
    (404, ShopDenied, "check the field shop"),
    (423, Unavailable, "locked"),
    (430, RateLimited, "suspicious"),
]


@pytest.mark.parametrize(("status", "error", "words"), STATUSES)
def test_each_status_of_shopify_says_what_to_do(shop, status, error, words):
    filled(shop)
    shop.always = Answer({"errors": "secret words of theirs"}, status=status)
    with pytest.raises(error, match=words if status != 401 else "connect") as caught:
        walk(shop.open())
    assert "theirs" not in str(caught.value) and "shpat" not in str(caught.value)
    assert len(shop.asked) == 1  # to come again at once would make none of them better


CODES = [
    ("SHOP_INACTIVE", ShopDenied, "inactive"),
    ("ACCESS_DENIED", ShopDenied, "protected customer data"),
    ("undefinedField", BadReply, "api_version"),
    ("MAX_COST_EXCEEDED", BadReply, "smaller"),
    ("<b>odd\ncode</b>", BadReply, "unknown"),
]


@pytest.mark.parametrize(("code", "error", "words"), CODES)
def test_each_code_in_a_reply_says_what_to_do(shop, code, error, words):
    filled(shop)
    shop.always = failure(code)
    with pytest.raises(error, match=words) as caught:
        walk(shop.open())
    assert "about" not in str(caught.value)


def test_a_failure_inside_shopify_is_tried_again_and_names_the_request(shop):
    filled(shop)
    shop.always = failure("INTERNAL_SERVER_ERROR", requestId="1b355a21-7117")
    with pytest.raises(Unavailable, match="1b355a21-7117"):
        walk(shop.open())
    assert len(shop.asked) == TRIES
    shop.always = failure("INTERNAL_SERVER_ERROR", requestId="<script>")
    with pytest.raises(Unavailable, match="unknown"):
        walk(shop.open())


def test_a_throttled_question_is_asked_again_after_a_while(shop):
    expected = filled(shop)
    shop.faults[2] = failure("THROTTLED")
    assert {row.order_id for row in walk(shop.open())} == expected
    assert shop.waits == [pytest.approx(1.0)]


def test_throttling_that_lasts_ends_the_walk_and_says_for_how_long(shop):
    filled(shop)
    shop.always = failure("THROTTLED")
    with pytest.raises(RateLimited) as caught:
        walk(shop.open())
    assert len(shop.asked) == TRIES and caught.value.retry_after >= 1


def test_what_passes_by_itself_comes_before_what_somebody_must_mend(shop):
    filled(shop)
    both = [{"extensions": {"code": "ACCESS_DENIED"}}, {"extensions": {"code": "THROTTLED"}}]
    shop.faults[1] = Answer({"errors": both})
    assert len(walk(shop.open())) == 7


@pytest.mark.parametrize(
    "body",
    [[], "x", 5, {"errors": "x"}, {"errors": ["x"]}, {"errors": {"a": 1}}, {"data": []}, {"data": {}}, {},
     {"data": {"orders": None}}, {"data": {"orders": []}}, {"data": {"orders": {"nodes": [], "pageInfo": {}}}}],
)  # fmt: skip
def test_a_reply_that_is_not_what_it_should_be_is_a_bad_one(shop, body):
    shop.always = Answer(body)
    with pytest.raises(BadReply):
        walk(shop.open())


def test_fields_that_are_kept_back_are_empty_and_told_once(shop):
    filled(shop)
    shop.denied = {"customer", "email"}
    tally = Tally()
    rows = walk(shop.open(tally=tally))
    assert len(rows) == 7 and {(row.order["customer"], row.order["email"]) for row in rows} == {(None, None)}
    assert tally.counts == {PROTECTED_DATA: 1} and "customer, email" in tally.examples[PROTECTED_DATA]


def test_orders_that_are_kept_back_are_a_matter_for_the_owner(shop):
    filled(shop)
    shop.denied = {"orders"}
    with pytest.raises(ShopDenied, match="orders"):
        walk(shop.open())


def test_an_order_that_is_kept_back_as_a_whole_is_not_taken_for_gone(shop):
    filled(shop)
    shop.faults[1] = failure("ACCESS_DENIED", data={"nodes": [None]}, path=["nodes", 0])
    with pytest.raises(ShopDenied):
        list(shop.open().fetch(["1"]))


def test_a_term_that_shopify_ignores_in_a_filter_is_an_error(shop):
    filled(shop)
    with pytest.raises(BadSource, match=r"filter .*financial_state"):
        walk(shop.open(filter="financial_state:paid"))


def test_a_page_that_costs_too_much_is_asked_for_in_smaller_ones(shop):
    expected = filled(shop, 60, lines=2)
    assert {row.order_id for row in walk(shop.open(page_size=250, line_page_size=100))} == expected
    firsts = [each.json()["variables"]["first"] for each in shop.asked]
    assert firsts[:3] == [10, 5, 2] and len(shop.asked) < 60


def test_a_page_as_it_is_by_default_costs_less_than_shopify_allows(shop):
    expected = filled(shop, 60)
    assert {row.order_id for row in walk(shop.open(page_size=50, line_page_size=20))} == expected
    costs = [answer.body["extensions"]["cost"]["requestedQueryCost"] for answer in shop.given]
    assert max(costs) <= 1_000 and all("errors" not in answer.body for answer in shop.given)


def test_fetching_asks_for_fewer_where_that_costs_too_much(shop):
    expected = filled(shop, 12, lines=2)
    source = shop.open(page_size=250, line_page_size=200)
    assert {row.order_id for row in source.fetch(sorted(expected))} == expected


def test_lines_are_asked_for_in_smaller_pages_where_they_cost_too_much(shop):
    shop.put("1", lines=600)
    shop.faults[2] = failure("MAX_COST_EXCEEDED")
    assert len(walk(shop.open())) == 600
    assert [each.json()["variables"]["lines"] for each in shop.asked][1:3] == [100, 50]


def test_the_smallest_page_is_one_order_with_one_line():
    sizes = Sizes(2, 2)
    assert [sizes.shrink(), sizes.shrink(), sizes.shrink(), (sizes.orders, sizes.lines)] == [True, True, False, (1, 1)]


@pytest.fixture
def small_bucket():
    shop = ShopifyServer(bucket=1_000, restore=100)
    yield shop
    shop.close()


def test_calls_are_paced_by_what_is_left_so_that_none_is_refused(small_bucket):
    expected = filled(small_bucket, 60)
    assert {row.order_id for row in walk(small_bucket.open(page_size=50, line_page_size=20))} == expected
    assert len(small_bucket.waits) >= 3 and 2 < max(small_bucket.waits) <= 10
    assert all("errors" not in answer.body for answer in small_bucket.given)


def test_a_shop_that_is_throttled_by_another_app_of_ours_is_given_time(small_bucket):
    expected = filled(small_bucket, 30)
    small_bucket.before[2] = lambda: setattr(small_bucket, "_left", 0.0)
    assert {row.order_id for row in walk(small_bucket.open(page_size=10, line_page_size=20))} == expected
    assert [answer for answer in small_bucket.given if "errors" in answer.body]


@pytest.mark.parametrize("rate", [0, -1, 1e-9, 2**70, "x", None, True])
def test_odd_words_about_costs_neither_stop_nor_hurry_the_walk(shop, rate):
    filled(shop, 7)
    status = {"throttleStatus": {"currentlyAvailable": 0, "restoreRate": rate}, "requestedQueryCost": 10**300}
    for number in range(1, 3):
        shop.put("8")
        found = shop.open().stream(OrderQuery(), None)
        next(found)
        body = shop.given[-1].body
        shop.faults[len(shop.asked) + 1] = Answer({**body, "extensions": {"cost": status}})
        try:
            list(found)
        except RateLimited as refused:
            assert refused.retry_after <= 86_400
        assert sum(shop.waits) < 60, number


def test_one_order_that_cannot_be_read_is_left_out_and_counted(shop):
    expected = filled(shop)
    tally = Tally()
    walk(shop.open())
    body = shop.given[0].body
    body["data"]["orders"]["nodes"][1]["totalPriceSet"] = {"shopMoney": {"amount": "1,00"}}
    shop.faults[len(shop.asked) + 1] = Answer(body)
    assert {row.order_id for row in walk(shop.open(tally=tally))} == expected - {"2"}
    assert tally.counts == {BAD_RECORD: 1} and "order" in tally.examples[BAD_RECORD]


def test_a_page_of_lines_that_comes_again_ends_the_walk(shop):
    shop.put("1", lines=250)
    walk(shop.open())
    shop.faults = {len(shop.asked) + number: shop.given[1] for number in range(2, 20)}
    with pytest.raises(BadReply, match="lines"):
        walk(shop.open())
