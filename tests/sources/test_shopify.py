"""What a Shopify source gives: fields, single orders, filters, and what it says of orders that it cannot see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources import registry
from sheetsync.sources.base import OrderQuery
from tests.support.shops.server import Answer
from tests.support.shops.shopify import SHOP, ShopifyServer, refund

FULL = OrderQuery()


@pytest.fixture
def shop():
    shop = ShopifyServer()
    yield shop
    shop.close()


def walk(source, query=FULL):
    return list(source.stream(query, None))


def ids(rows):
    return [row.order_id for row in rows]


def test_an_order_has_the_fields_that_columns_read(shop):
    shop.put("5", lines=2, total="12.50", tags=["vip", "b2b"], note="ring twice", cancelledAt="2026-03-02T00:00:00Z")
    order = walk(shop.open())[0].order
    assert (order["id"], order["name"], order["total"], order["currency"]) == ("5", "#5", Decimal("12.50"), "EUR")
    assert (order["financial_status"], order["fulfillment_status"]) == ("paid", "partially_fulfilled")
    assert order["customer"]["id"] == "9007199254740993" and order["customer"]["email"] == "ada@example.com"
    assert (order["customer"]["orders"], order["shipping_address"]["zip"]) == (12, "01067")
    assert (order["tags"], order["note"], order["attributes"]) == (["vip", "b2b"], "ring twice", {"gift": "yes"})
    assert order["cancelled_at"] == "2026-03-02T00:00:00Z" and order["test"] is False


def test_a_line_has_the_fields_that_columns_read(shop):
    shop.put("5", lines=2)
    first, second = walk(shop.open())
    assert first.line_id == first.line["id"] and first.line == first.order["line_items"][0]
    assert (second.line["sku"], second.line["quantity"]) == ("S2", 2)
    assert (second.line["unit_price"], second.line["discounted_total"]) == (Decimal("9.99"), Decimal("8.99"))
    assert second.line["tax"] == Decimal("1.50")


def test_every_field_but_the_id_may_be_missing(shop):
    shop.put("5", lines=1)
    walk(shop.open())
    body = shop.given[0].body
    [node] = body["data"]["orders"]["nodes"]
    kept = {"id", "updatedAt", "lineItems"}
    [line] = node["lineItems"]["nodes"]
    line |= {name: None for name in line if name != "id"}
    body["data"]["orders"]["nodes"] = [{name: value if name in kept else None for name, value in node.items()}]
    shop.faults[2] = Answer(body)
    [row] = walk(shop.open())
    assert {name for name, value in row.order.items() if value is not None} == {"id", "updated_at", "line_items"}
    assert {name for name, value in row.line.items() if value is not None} == {"id"}


@pytest.mark.parametrize("count", [0, 4, 5, 40])
def test_all_refunds_of_an_order_come_along(shop, count):
    shop.put("5", refunds=[refund(number, "0.50") for number in range(1, count + 1)])
    order = walk(shop.open())[0].order
    assert [each["id"] for each in order["refunds"]] == [str(number) for number in range(1, count + 1)]
    assert sum(each["total"] for each in order["refunds"]) == Decimal("0.50") * count


def test_lines_beyond_the_first_page_are_fetched_and_keep_their_order(shop):
    shop.put("5", lines=250)
    rows = walk(shop.open())
    assert [row.line["sku"] for row in rows] == [f"S{number}" for number in range(1, 251)]
    assert shop.questions() == ["Page", "Lines", "Lines", "Lines"]


def test_an_order_that_is_deleted_before_its_lines_came_is_left_out(shop):
    shop.put("4", lines=250)
    shop.put("5")
    shop.before[2] = lambda: shop.drop("4")
    assert ids(walk(shop.open())) == ["5"]


def test_ids_beyond_what_a_float_can_hold_are_told_apart(shop):
    near = [str(2**53 + number) for number in range(4)] + [str(2**63 - 1)]
    for each in near:
        shop.put(each)
    assert sorted(ids(walk(shop.open()))) == sorted(near)
    assert sorted(ids(shop.open().fetch(near))) == sorted(near)


def test_an_id_that_no_order_can_have_makes_no_call(shop):
    odd = ["", "0", "-1", "01", "1.0", "\u0661", "9" * 400, str(2**63), "gid://shopify/Order/1", "1 OR id:>0", "1\n"]
    assert list(shop.open().fetch(odd)) == [] and shop.asked == []


def test_an_answer_with_another_order_than_was_asked_for_is_refused(shop):
    shop.put("1")
    shop.put("2")
    list(shop.open().fetch(["2"]))
    shop.faults[2] = shop.given[0]
    with pytest.raises(Exception, match="another one"):
        list(shop.open().fetch(["1"]))


@pytest.mark.parametrize(
    ("filter", "expected"),
    [("tag:vip", {"1", "2"}), ("tag:vip OR tag:old", {"1", "2", "3"}), ("-tag:vip", {"3", "4"}), (" ", set("1234"))],
)
def test_a_filter_is_for_shopify_to_apply(shop, filter, expected):
    for number, tags in enumerate((["vip"], ["vip"], ["old"], []), 1):
        shop.put(str(number), tags=tags)
    source = shop.open(filter=filter)
    assert set(ids(walk(source))) == set(ids(source.fetch(list("1234")))) == expected
    assert source.total() == len(expected)


def test_an_order_that_left_the_filter_is_fetched_no_more(shop):
    shop.put("1", tags=["vip"])
    source = shop.open(filter="tag:vip")
    assert ids(source.fetch(["1"])) == ["1"]
    shop.put("1", tags=[])
    assert ids(source.fetch(["1"])) == []


BAD_CONFIGS = [
    ("shop", "evil.example"),
    ("shop", "https://little-shop.myshopify.com"),
    ("shop", "little-shop.myshopify.com/../x"),
    ("api_version", "2026-10/../../x"),
    ("api_version", "2026-11"),
    ("filter", "tag:vip) OR (id:>0"),
    ("filter", "(tag:vip"),
    ("filter", "note:'half"),
    ("filter", 'note:"half'),
    ("filter", "tag:a\\"),
    ("filter", "tag:a\nid:1"),
    ("filter", "x" * 1_001),
    ("page_size", 0),
    ("page_size", 251),
    ("line_page_size", 0),
    ("overlap", 0),
    ("overlap", 10**9),
]


@pytest.mark.parametrize(("field", "value"), BAD_CONFIGS)
def test_a_configuration_that_cannot_work_names_the_field(field, value):
    with pytest.raises(BadSource, match=f"^{field} "):
        config = {"shop": SHOP, field: value}
        registry.open_source("shopify", config, {"access_token": "a"}, rows_per=RowsPer.ORDER)


@pytest.mark.parametrize("text", ["tag:'a (b'", 'name:"#1) \\" x"', "(tag:a OR (tag:b))", "tag:\\'x", "note:it\\(s"])
def test_quotes_and_parentheses_that_belong_together_are_fine(text):
    config = {"shop": SHOP, "filter": text}
    registry.open_source("shopify", config, {"access_token": "a"}, rows_per=RowsPer.ORDER)


@pytest.mark.parametrize("name", ["base_url", "address", "url"])
def test_no_configuration_leads_to_another_place(name):
    with pytest.raises(BadSource, match=name):
        config = {"shop": SHOP, name: "http://127.0.0.1/"}
        registry.open_source("shopify", config, {"access_token": "a"}, rows_per=RowsPer.ORDER)


@pytest.fixture
def young(shop):
    """A shop whose app sees 60 days: order 1 is older, 5 to 7 are not."""
    now = datetime.now(UTC).replace(microsecond=0)
    shop.read_all_orders = False
    shop.put("1", created=now - timedelta(days=61), at=now - timedelta(days=61))
    for number in (5, 6, 7):
        shop.put(str(number), created=now - timedelta(days=10), at=now - timedelta(days=10 - number))
    return shop


def test_an_order_that_is_too_old_to_be_seen_is_never_gone(young):
    source = young.open(all_orders=False)
    assert ids(source.fetch(["1", "5"])) == ["5"] and list(source.gone(["1", "4"])) == []


def test_a_young_order_that_is_not_there_is_gone(young):
    young.drop("6")
    source = young.open(all_orders=False)
    assert ids(source.fetch(["5", "6", "7"])) == ["5", "7"] and list(source.gone(["1", "6"])) == ["6"]


def test_where_no_order_can_be_seen_none_is_gone(young):
    for each in ("5", "6", "7"):
        young.drop(each)
    source = young.open(all_orders=False)
    assert ids(source.fetch(["6"])) == [] and list(source.gone(["1", "6"])) == []


def test_what_is_no_id_of_a_shop_is_none_of_its_orders(young):
    assert list(young.open(all_orders=False).gone(["1", "total", "../1"])) == ["total", "../1"]


def test_to_an_app_that_sees_all_orders_each_that_is_not_there_is_gone(young):
    assert list(young.open(all_orders=True).gone(["1", "6"])) == ["1", "6"]


@pytest.mark.parametrize("precision", ["AT_LEAST", None, 7])
def test_a_count_that_is_not_exact_is_not_told(shop, precision):
    shop.faults[1] = Answer({"data": {"ordersCount": {"count": 25_001, "precision": precision}}})
    assert shop.open().total() is None
