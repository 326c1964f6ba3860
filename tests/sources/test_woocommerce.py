"""A WooCommerce shop as a source: which orders, what is in them, and what its refusals come to."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from pathlib import Path

import pytest

from sheetsync.errors import BadReply, BadSource, RateLimited, SheetsyncError, ShopDenied
from sheetsync.pipeline.paths import compile_path
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources.base import BAD_RECORD, OrderQuery
from sheetsync.sources.woocommerce import WooCommerceConfig
from tests.support.shops.server import Answer
from tests.support.shops.woocommerce import HTML, KEY, SECRET, WooShop, error

FULL = OrderQuery()
RECORDING = Path(__file__).parents[2].parent / "shared" / "data" / "recordings" / "woo_orders_page2.json"


@pytest.fixture
def shop():
    shop = WooShop()
    yield shop
    shop.close()


def walked(source):
    return list(source.stream(FULL, None))


def ids(rows):
    return [row.order_id for row in rows]


def only(shop, **config):
    [row] = walked(shop.open(RowsPer.ORDER, **config))
    return row.order


# Which orders.


def test_what_is_in_the_trash_is_gone(shop):
    shop.put("1")
    shop.put("2")
    shop.trash("1")
    assert ids(walked(shop.open())) == ids(shop.open().fetch(["1", "2"])) == ["2"]


def test_what_is_in_the_trash_is_given_where_the_trash_is_named(shop):
    shop.put("1")
    shop.trash("1")
    source = shop.open(RowsPer.ORDER, status=("processing", "trash"))
    assert [row.order["status"] for row in walked(source)] == ["trash"]
    assert [row.order["status"] for row in source.fetch(["1"])] == ["trash"]


def test_an_unfinished_checkout_is_no_order_unless_it_is_asked_for(shop):
    shop.put("1", status="checkout-draft")
    assert walked(shop.open()) == list(shop.open().fetch(["1"])) == []
    assert ids(walked(shop.open(status=("checkout-draft",)))) == ["1"]


def test_statuses_are_asked_of_the_shop(shop):
    for number, status in enumerate(["pending", "completed", "failed", "completed"], 1):
        shop.put(str(number), status=status)
    source = shop.open(status=("completed", "failed"))
    assert ids(walked(source)) == ["2", "3", "4"]
    assert {asked.params["status"] for asked in shop.asked} == {"completed,failed"}
    assert ids(source.fetch(["1", "2"])) == ["2"]


def test_an_order_of_another_status_is_left_out_whatever_the_shop_gives(shop):
    shop.put("1", status="pending")
    listed = shop._listed
    shop._listed = lambda params: listed({**params, "status": "any"})
    assert walked(shop.open(status=("completed",))) == []


def test_the_total_is_the_shops_own_count(shop):
    for number in range(1, 8):
        shop.put(str(number))
    assert shop.open().total() == 7
    shop.always = Answer([], 200, {"X-WP-Total": "many"})
    assert shop.open().total() is None


def test_ids_that_no_order_can_have_are_not_asked_for(shop):
    odd = ["", "0", "-1", "01", "1e3", "1.0", " 1", "1\n", "\uff11", "2,3", "../1", str(2**63), "9" * 600]
    assert list(shop.open().fetch(odd)) == [] and shop.asked == []


def test_a_hundred_orders_are_fetched_with_one_call(shop):
    for number in range(1, 151):
        shop.put(str(number))
    assert len(ids(shop.open(per_page=100).fetch([str(number) for number in range(1, 151)]))) == 150
    assert [len(asked.params["include"].split(",")) for asked in shop.asked] == [100, 50]


def test_a_shop_that_gives_other_orders_than_asked_for_proves_none_gone(shop):
    for number in range(1, 4):
        shop.put(str(number))
    shop.always = shop._listed({"per_page": "3"})
    with pytest.raises(BadReply, match="which was not asked for, or twice"):
        list(shop.open().fetch(["2"]))


def test_a_fetched_order_that_is_not_shown_is_counted(shop):
    shop.put("1")
    shop.hidden = {1}
    tally = Tally()
    assert list(shop.open(tally=tally).fetch(["1"])) == [] and tally.counts == {BAD_RECORD: 1}


# What is in them.


def test_columns_find_what_they_usually_want(shop):
    shop.put("1", total="7.90")
    [row] = walked(shop.open())
    paths = "number status total billing.email shipping.city line.sku line.quantity shipping_lines[0].total date_paid"
    found = {path: compile_path(path)(row) for path in paths.split()}
    assert found["total"] == "7.90" and found["line.sku"] == "CAF-250" and found["date_paid"] is None
    assert "_links" not in row.order and "payment_url" not in row.order and "order_key" not in row.order


def test_only_the_fields_that_are_named_are_asked_for_and_those_that_a_walk_needs(shop):
    shop.put("1")
    order = only(shop, fields=("total", "billing.email"))
    assert order.pop("billing") == {"email": "c3@example.org"}
    assert sorted(order) == ["date_modified", "date_modified_gmt", "id", "status", "total"]


def test_a_tab_of_lines_has_its_lines_whatever_fields_are_named(shop):
    shop.put("1", lines=2)
    assert len(walked(shop.open(fields=("total",)))) == 2


def test_ids_of_lines_are_texts(shop):
    shop.put("1", lines=2)
    assert [(row.line_id, row.line["id"]) for row in walked(shop.open())] == [("1", 1), ("2", 2)]


@pytest.mark.parametrize(
    ("line", "price"),
    [
        ({"total": "23.70", "quantity": 3}, Decimal("7.9")),
        ({"total": "10.00", "quantity": 3}, Decimal("3.3333")),
        ({"total": "-5.00", "quantity": 1}, Decimal("-5")),
        ({"total": "100.00", "quantity": 1}, Decimal("100")),
        ({"total": "1.00", "quantity": Decimal("0.5")}, Decimal("2")),
        ({"total": "1.00", "quantity": 0}, None),
        ({"total": "", "quantity": 1}, None),
        ({"total": "NaN", "quantity": 1}, None),
        ({"total": "9" * 20, "quantity": Decimal("1e-300")}, None),
        ({"total": 5, "quantity": True}, None),
    ],
)
def test_a_unit_price_is_exact(shop, line, price):
    shop.put("1", line_items=[{"id": 1, "price": 7.8999999999999995, **line}])
    [row] = walked(shop.open())
    assert row.line["unit_price"] == price and row.line["price"] == Decimal("7.8999999999999995")


def test_meta_data_is_found_by_its_keys(shop):
    meta = [{"id": 1, "key": "gift", "value": "no"}, {"id": 2, "key": "nested", "value": {"a": [1, 2]}}]
    shop.put("1", meta_data=[*meta, {"id": 3, "key": "gift", "value": "yes"}])
    [row] = walked(shop.open())
    assert row.order["meta"] == {"gift": "yes", "nested": {"a": [1, 2]}}
    assert compile_path("meta.nested.a[1]")(row) == 2 and compile_path("line.meta.Grind")(row) == "fein"


def test_meta_data_with_hostile_keys_harms_nobody(shop):
    keys = ["__class__", "a.b[0]", 'q"', "", "x" * 300, "\x00", "\ud83c", "id", None, 7, ["x"], {"y": 1}, True]
    shop.put(
        "1", meta_data=[*({"key": key, "value": "v"} for key in keys), "text", None, {"value": 1}, {"key": "bare"}]
    )
    [row] = walked(shop.open())
    assert row.order["meta"] == dict.fromkeys(["__class__", "a.b[0]", 'q"', "\x00", "\ud83c", "id"], "v") | {
        "bare": None
    }
    assert compile_path('meta["a.b[0]"]')(row) == "v" and row.order["id"] == 1


@pytest.mark.parametrize("meta", [None, "text", 7, {}, {"key": "a"}])
def test_meta_data_that_is_no_list_is_left_as_it_is(shop, meta):
    shop.put("1", meta_data=meta)
    order = only(shop)
    assert order["meta_data"] == meta and "meta" not in order


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (None, "line_items holds a NoneType, not a list"),
        ({}, "line_items holds a dict, not a list"),
        (["x"], "line 1: its id is no positive whole number"),
        ([{"id": True}], "line 1: its id is no positive whole number"),
        ([{"id": "1"}], "line 1: its id is no positive whole number"),
        ([{"id": 4}, {"id": 4}], "has two lines with the id 4"),
    ],
)
def test_an_order_with_broken_lines_is_left_out_and_counted(shop, lines, words):
    shop.put("1", line_items=lines)
    shop.put("2")
    tally = Tally()
    assert ids(walked(shop.open(tally=tally))) == ["2"]
    assert tally.counts == {BAD_RECORD: 1} and words in tally.examples[BAD_RECORD]


# Refunds.


def test_refunds_come_as_totals_without_another_call(shop):
    shop.put("1")
    shop.refund("1", "5.00")
    assert [each["total"] for each in only(shop)["refunds"]] == ["-5.00"]
    assert len(shop.asked) == 1


def test_the_lines_of_refunds_are_asked_for_where_there_are_refunds(shop):
    shop.put("1")
    shop.put("2")
    line = {"id": 90, "quantity": -1, "total": "-5.00", "meta_data": [{"key": "_refunded_item_id", "value": "1"}]}
    shop.refund("2", "5.00", [line])
    rows = walked(shop.open(RowsPer.ORDER, refund_lines=True, fields=("total",)))
    assert compile_path("refunds[0].line_items[0].meta._refunded_item_id")(rows[1]) == "1"
    assert [asked.path.removeprefix("/wp-json/wc/v3/") for asked in shop.asked] == ["orders", "orders/2/refunds"]


def test_more_refunds_than_a_page_holds_are_all_given(shop):
    shop.put("1")
    for _ in range(120):
        shop.refund("1", "0.01")
    assert len(only(shop, refund_lines=True)["refunds"]) == 120


def test_refunds_that_never_end_are_refused(shop):
    shop.put("1")
    for _ in range(100):
        shop.refund("1", "0.01")
    shop._refunds_of = lambda number, params: Answer(shop._made(number))
    with pytest.raises(BadReply, match="that are none, or came before"):
        only(shop, refund_lines=True)


def test_an_order_that_goes_before_its_refunds_are_asked_for_is_gone(shop):
    shop.put("1")
    shop.refund("1", "5.00")
    shop.before[2] = lambda: shop.drop("1")
    assert walked(shop.open(refund_lines=True)) == []


# Keys.


@pytest.mark.parametrize("keys", [{"key": "ck_other"}, {"secret": "cs_other"}])
def test_keys_that_are_not_taken_are_told_with_a_remedy(shop, keys):
    with pytest.raises(ShopDenied, match=r"answered 401: .*make new keys, with the permission Read"):
        walked(shop.open(**keys))
    assert len(shop.asked) == 1


def test_a_shop_over_plain_http_takes_no_keys_and_the_error_says_https(shop):
    shop.plain = True
    with pytest.raises(ShopDenied, match="takes keys over https only: give the shop's https address"):
        walked(shop.open())


def test_keys_go_into_the_query_for_a_host_that_takes_the_header_away(shop):
    shop.put("1")
    shop.strips = True
    with pytest.raises(ShopDenied, match="set keys_in_query"):
        walked(shop.open())
    assert ids(walked(shop.open(keys_in_query=True))) == ["1"]
    assert "Authorization" not in shop.asked[-1].headers


@pytest.mark.parametrize("in_query", [True, False])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 418, 429, 500, "hang up"])
def test_keys_are_in_no_error_and_no_log(shop, caplog, in_query, status):
    caplog.set_level(logging.DEBUG)
    headers = {"Location": f"https://elsewhere.example/?consumer_secret={SECRET}", "X-Odd": SECRET}
    shop.always = status if status == "hang up" else Answer(f"<{KEY} {SECRET}>".encode(), status, headers)
    source = shop.open(keys_in_query=in_query)
    with pytest.raises(SheetsyncError) as caught:
        walked(source)
    told = "".join([repr(caught.getrepr(style="long", showlocals=False)), str(caught.value), repr(source)])
    told += repr(source._keys) + caplog.text
    assert KEY not in told and SECRET not in told


@pytest.mark.parametrize(
    "keys", [{"key": ""}, {"key": "a b"}, {"secret": "a:b"}, {"secret": "clé"}, {"key": "a\r\nX: y"}]
)
def test_keys_that_can_be_none_are_refused_and_not_shown(shop, keys):
    with pytest.raises(BadSource, match=r"consumer_(key|secret) \[hidden\]: it cannot be a key") as caught:
        shop.open(**keys)
    assert not any(value and value in str(caught.value) for value in keys.values())


# Refusals.


def test_a_shop_without_permalinks_is_told_from_one_with(shop):
    shop.put("1")
    shop.permalinks = False
    with pytest.raises(BadSource, match="where it is a WooCommerce shop, turn permalinks on, or set rest_route"):
        walked(shop.open())
    assert ids(walked(shop.open(rest_route=True))) == ids(shop.open(rest_route=True).fetch(["1"])) == ["1"]


@pytest.mark.parametrize("answer", [HTML, error(404, "rest_no_route", "No route was found.")])
def test_what_is_no_shop_is_told_so(shop, answer):
    shop.always = answer
    with pytest.raises(BadSource, match="no API of WooCommerce is there: check the address"):
        walked(shop.open())


def test_a_question_that_the_shop_does_not_take_is_told_by_its_parameter(shop):
    with pytest.raises(BadSource, match="answered 400 rest_invalid_param: it does not take status"):
        walked(shop.open(status=("in-transit",)))


@pytest.mark.parametrize("body", [b"", b"<p>", {"code": "<script>"}, {"code": 7, "data": []}, [1]])
def test_a_refusal_that_says_nothing_is_told_without_its_words(shop, body):
    shop.always = Answer(body, 400)
    with pytest.raises(BadSource, match=r"answered 400: it refuses the question$"):
        walked(shop.open())


def test_a_page_in_place_of_the_api_is_told_so(shop):
    shop.always = Answer(b"<html>Maintenance</html>")
    with pytest.raises(BadReply, match="a maintenance page, a cache or a security plugin"):
        walked(shop.open())


@pytest.mark.parametrize("body", [{}, {"orders": []}, "text", 7, None])
def test_what_is_no_list_of_orders_is_refused(shop, body):
    shop.always = Answer(body)
    with pytest.raises(BadReply, match="in place of the list orders"):
        walked(shop.open())


def test_a_firewall_that_refuses_is_told_from_wrong_keys(shop):
    shop.always = Answer(b"<h1>Forbidden</h1>", 403)
    with pytest.raises(ShopDenied, match="answered 403"):
        walked(shop.open())


def test_a_shop_that_is_busy_for_long_is_left_for_later(shop):
    shop.always = Answer(status=429, headers={"Retry-After": "600"})
    with pytest.raises(RateLimited) as caught:
        walked(shop.open())
    assert caught.value.retry_after == 600


# The configuration.


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("https://shop.example/store/", "https://shop.example/store"),
        ("https://shop.example/wp-json/wc/v3/", "https://shop.example"),
        ("https://shop.example/store/wp-json", "https://shop.example/store"),
        ("https://shop.example/wp-json/wc/v2", "https://shop.example"),
    ],
)
def test_the_address_of_the_api_is_derived_from_the_shops(url, home):
    assert WooCommerceConfig(url=url, rows_per=RowsPer.ORDER).home == home


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"url": "https://shop.example/?p=1"}, r"url: it has a part after \?"),
        ({"url": "ftp://shop.example"}, "url .* does not begin with https://"),
        ({"url": "https://10.0.0.1"}, "url .* is no public address"),
        ({"url": ""}, "url"),
        ({"per_page": 101}, "per_page 101: ask for 2 to 100"),
        ({"per_page": 1}, "per_page 1: ask for 2 to 100"),
        ({"status": ("wc-completed",)}, "status 'wc-completed': write it without wc-: completed"),
        ({"status": ("a,b",)}, "status 'a,b': write names such as"),
        ({"status": ("any", "trash")}, "any takes all others in but those in the trash"),
        ({"status": ("x",) * 101}, "name at most 100"),
        ({"fields": ("a,b",)}, "fields 'a,b': write names such as"),
        ({"fields": ("x",) * 101}, "name at most 100"),
    ],
)
def test_what_cannot_work_is_refused_by_name(shop, config, words):
    with pytest.raises(BadSource, match=words):
        shop.open(**config)
    assert shop.asked == []


def test_opening_a_source_calls_nobody(shop):
    shop.open()
    assert shop.asked == []


# The shop of these tests, against a real one.


@pytest.mark.needs(RECORDING)
def test_the_shop_of_these_tests_gives_what_a_real_one_gave(shop):
    shop.put("15", lines=2)
    [made] = shop._listed({}).body
    real = json.loads(RECORDING.read_text())[0]
    assert _shape(made) == _shape(real)


@pytest.mark.needs(RECORDING)
def test_its_headers_are_those_of_a_real_one(shop):
    for number in range(1, 8):
        shop.put(str(number))
    known = dict(
        line.split(": ", 1) for line in RECORDING.with_suffix(".headers").read_text().splitlines() if ": " in line
    )
    made = shop._listed({"per_page": "3", "page": "2"}).headers
    assert made.keys() <= known.keys() and made["Content-Type"] == known["Content-Type"]
    assert [f'rel="{rel}"' in made["Link"] and f'rel="{rel}"' in known["Link"] for rel in ("prev", "next")] == [
        True
    ] * 2


@pytest.mark.needs(RECORDING)
def test_a_page_of_a_real_shop_is_read(shop):
    shop.always = Answer(RECORDING.read_bytes(), 200, {"X-WP-Total": "3"})
    rows = walked(shop.open(per_page=100))
    assert ids(rows) == ["15", "15", "16", "16", "17", "17"]
    assert rows[0].order["meta"] == {"gift_message": "Alles Gute 🎁", "nested": {"a": [1, 2]}}
    assert rows[0].line["meta"] == {"Grind": "fein"} and rows[0].line["unit_price"] == Decimal("7.9")


def _shape(value):
    """Names and types; a list by its first element. Numbers are of one type in JSON, and what is empty has none."""
    if isinstance(value, dict):
        return {
            name: _shape(inner) for name, inner in value.items() if name not in ("_links", "meta_data", "fee_lines")
        }
    if isinstance(value, list):
        return [_shape(each) for each in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
