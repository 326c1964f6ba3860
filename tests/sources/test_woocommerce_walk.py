"""In which order a WooCommerce shop is walked, so that nothing is missed: crowded seconds, clocks, zones."""

from __future__ import annotations

import json
import time
from collections import Counter
from itertools import groupby

import pytest

from sheetsync.errors import BadReply, BadSource
from sheetsync.pipeline.grouping import grouped
from sheetsync.pipeline.records import Row, RowsPer, Tally
from sheetsync.sources.base import BAD_RECORD, Mode, OrderQuery
from tests.support.shops.server import Answer
from tests.support.shops.woocommerce import WooShop

FULL = OrderQuery()
AUTUMN = 1_698_541_200
"""2023-10-29 01:00 UTC, when clocks in Berlin went back from 3:00 to 2:00."""


@pytest.fixture
def shop():
    shop = WooShop()
    yield shop
    shop.close()


def since(watermark):
    return OrderQuery(mode=Mode.INCREMENTAL, since=watermark)


def fill(shop, count, tick):
    shop.tick = tick
    for number in range(1, count + 1):
        shop.put(str(number))


def met(rows):
    return [order_id for order_id, _ in groupby(row.order_id for row in rows)]


def everything(count):
    return {str(number) for number in range(1, count + 1)}


def berlin(second):
    return 7_200 if second < AUTUMN else 3_600


def questions(shop):
    return [(asked.params.get("modified_after"), asked.params.get("offset")) for asked in shop.asked]


def test_thirty_edits_during_a_walk_of_a_thousand_orders_lose_none(shop):
    fill(shop, 1_007, tick=60)
    for call in range(2, 12):
        shop.before[call] = lambda call=call: [shop.put(str(call * 37 + each), total="9.99") for each in (1, 2, 3)]
    rows = list(shop.open(RowsPer.ORDER, per_page=100).stream(FULL, None))
    assert {row.order_id for row in rows} == everything(1_007)
    assert len({row.order_id for row in rows if row.order["total"] == "9.99"}) == 30
    assert len(shop.asked) == 11


def test_every_call_asks_for_the_second_before_the_last_order(shop):
    fill(shop, 7, tick=1)
    list(shop.open(per_page=3).stream(FULL, None))
    assert questions(shop) == [(None, None), ("2024-01-01T00:00:02", None), ("2024-01-01T00:00:04", None)]
    assert {asked.params["dates_are_gmt"] for asked in shop.asked} == {"true"}


def test_more_orders_than_a_page_holds_that_changed_in_one_second_are_all_met_once(shop):
    fill(shop, 250, tick=0)
    shop.tick = 60
    shop.put("251")
    assert Counter(met(shop.open(per_page=100).stream(FULL, None))) == Counter(everything(251))
    assert len(shop.asked) <= 4


@pytest.mark.parametrize("size", [2, 3, 10])
def test_orders_that_leave_a_crowded_second_take_none_along(shop, size):
    for call in range(2, 12):
        fill(shop, 40, tick=0)
        shop.tick = 60
        shop.before[len(shop.asked) + call] = lambda call=call: [shop.put(str(each)) for each in range(1, call * 3)]
        assert set(met(shop.open(per_page=size).stream(FULL, None))) == everything(40)
        shop.before.clear()


def test_orders_that_leave_a_crowded_second_one_by_one_take_none_along(shop):
    fill(shop, 60, tick=0)
    shop.tick = 60
    shop.before = {call: lambda call=call: shop.put(str(call)) for call in range(2, 40)}
    assert set(met(shop.open(per_page=5).stream(FULL, None))) == everything(60)


def test_a_walk_resumes_in_the_middle_of_a_second_that_many_orders_share(shop):
    fill(shop, 23, tick=0)
    rows = list(shop.open(per_page=5).stream(FULL, None))
    for at, row in enumerate(rows):
        asked = len(shop.asked)
        rest = met(shop.open(per_page=5).stream(FULL, row.cursor))
        assert set(rest) >= {each.order_id for each in rows[at + 1 :]}
        assert len(rest) <= 5 + len(rows) - at and len(shop.asked) - asked <= 2 + (len(rows) - at) // 4


def test_a_resume_in_a_crowded_second_that_orders_have_left_loses_none(shop):
    fill(shop, 23, tick=0)
    rows = list(shop.open(per_page=5).stream(FULL, None))
    shop.tick = 60
    for number in range(1, 12):
        shop.put(str(number))
    assert set(met(shop.open(per_page=5).stream(FULL, rows[14].cursor))) >= {row.order_id for row in rows[15:]}


def test_a_second_that_is_not_over_is_given_time_before_a_walk_goes_on_in_it(shop):
    shop.now = int(time.time())
    fill(shop, 12, tick=0)
    shop.before[2] = lambda: shop.put("7", total="9.99")
    rows = list(shop.open(RowsPer.ORDER, per_page=5).stream(FULL, None))
    assert set(met(rows)) == everything(12)
    assert [row.order["total"] for row in rows if row.order_id == "7"][-1] == "9.99"
    assert shop.waits and set(shop.waits) == {5}


def test_an_order_that_changes_twice_in_the_second_of_a_page_is_met_as_it_was_left(shop):
    shop.now = int(time.time())
    fill(shop, 4, tick=0)
    shop.before[2] = lambda: shop.put("2", total="9.99")
    rows = list(shop.open(RowsPer.ORDER, per_page=3).stream(FULL, None))
    assert [row.order["total"] for row in rows if row.order_id == "2"][-1] == "9.99"


def test_a_change_that_comes_to_light_late_is_met_by_the_next_walk(shop):
    shop.now = int(time.time()) - 10
    fill(shop, 10, tick=1)
    late = shop.orders.pop(7)
    rows = list(shop.open().stream(FULL, None))
    shop.orders[7] = late
    assert "7" in met(shop.open().stream(since(shop.open().watermark(rows[-1].cursor)), None))


def test_a_time_of_change_in_the_future_hides_no_later_change(shop):
    shop.now = int(time.time()) + 10**6
    shop.put("1")
    rows = list(shop.open().stream(FULL, None))
    shop.now = int(time.time()) - shop.tick
    shop.put("2")
    assert "2" in met(shop.open().stream(since(shop.open().watermark(rows[-1].cursor)), None))


def test_a_clock_that_is_none_is_not_gone_by(shop):
    fill(shop, 5, tick=60)
    page = shop.open(per_page=3)
    expected = met(page.stream(FULL, None))
    shop.faults[len(shop.asked) + 1] = Answer(shop.given[0].body, 200, {**shop.given[0].headers, "Date": "yesterday"})
    assert met(page.stream(FULL, None)) == expected


@pytest.mark.parametrize("hidden", range(1, 13))
def test_a_page_that_is_short_in_the_middle_is_not_the_last(shop, hidden):
    fill(shop, 12, tick=60)
    shop.hidden = {hidden}
    tally = Tally()
    assert set(met(shop.open(tally=tally).stream(FULL, None))) == everything(12) - {str(hidden)}
    assert tally.counts[BAD_RECORD] >= 1


@pytest.mark.parametrize("hidden", range(1, 13))
def test_an_order_that_is_not_shown_stops_no_walk_through_a_crowded_second(shop, hidden):
    fill(shop, 12, tick=0)
    shop.hidden = {hidden}
    assert set(met(shop.open().stream(FULL, None))) == everything(12) - {str(hidden)}


def test_a_shop_that_shows_nothing_of_what_it_counts_is_told_so(shop):
    fill(shop, 12, tick=60)
    shop.hidden = set(range(13))
    with pytest.raises(BadReply, match="counts orders that it does not show: take keys of a user who may see all"):
        list(shop.open().stream(FULL, None))


@pytest.mark.parametrize("hours", [-11, -5, 0, 1, 14])
def test_the_zone_of_the_site_hides_no_change(shop, hours):
    shop.zone = lambda second: hours * 3_600
    fill(shop, 9, tick=600)
    rows = list(shop.open().stream(FULL, None))
    assert set(met(rows)) == everything(9)
    shop.put("3")
    assert met(shop.open().stream(since(shop.open().watermark(rows[-1].cursor)), None)) == ["9", "3"]


@pytest.mark.parametrize("size", [2, 3, 4, 5, 7, 100])
@pytest.mark.parametrize("posts", [True, False])
def test_the_hour_that_comes_twice_in_autumn_loses_no_order(shop, posts, size):
    shop.zone, shop.posts, shop.now = berlin, posts, AUTUMN - 3 * 3_600
    fill(shop, 24, tick=900)
    rows = list(shop.open(per_page=size).stream(FULL, None))
    assert set(met(rows)) == everything(24)
    for at in range(0, len(rows), 5):
        assert {row.order_id for row in rows[at + 1 :]} <= {rows[at].order_id} | set(
            met(shop.open(per_page=size).stream(FULL, rows[at].cursor))
        )


@pytest.mark.parametrize("count", [2, 7])
def test_orders_without_a_time_of_change_are_met_too(shop, count):
    fill(shop, 12, tick=60)
    for number in range(1, count + 1):
        shop.orders[number]["modified"] = 0
    assert set(met(shop.open().stream(FULL, None))) == everything(12)


def test_an_order_that_comes_twice_in_a_row_comes_as_it_was_last(shop):
    fill(shop, 4, tick=60)
    shop.before[2] = lambda: [shop.drop("4"), shop.put("3", lines=2)]
    rows = list(shop.open().stream(FULL, None))
    assert [(row.order_id, row.line_id) for row in rows if row.order_id == "3"] == [("3", "3"), ("3", "6")]
    assert len(list(grouped(rows, lambda row: Row(f"{row.order_id}:{row.line_id}", "", ())))) == 3


@pytest.mark.parametrize("ignored", ["offset", "modified_after", "orderby"])
def test_a_shop_that_does_not_listen_ends_the_walk(shop, ignored):
    fill(shop, 30, tick=0 if ignored == "offset" else 60)
    shop.put("1")
    listed = shop._listed
    shop._listed = lambda params: listed({name: value for name, value in params.items() if name != ignored})
    with pytest.raises(BadReply, match=r"does a cache answer for it\?"):
        list(shop.open().stream(FULL, None))
    assert len(shop.asked) < 20


def test_a_page_of_more_orders_than_were_asked_for_is_refused(shop):
    fill(shop, 5, tick=60)
    listed = shop._listed
    shop._listed = lambda params: listed({**params, "per_page": "5"})
    with pytest.raises(BadReply, match="gave 5 orders, asked for 3"):
        list(shop.open().stream(FULL, None))


def test_one_record_that_cannot_be_placed_is_left_out_and_counted(shop):
    fill(shop, 6, tick=60)
    given = shop._listed({"orderby": "modified", "order": "asc", "per_page": "3"})
    given.body[1]["date_modified_gmt"] = "2024-02-31T00:00:00"
    shop.faults[1] = given
    tally = Tally()
    assert set(met(shop.open(tally=tally).stream(FULL, None))) == everything(6) - {"2"}
    assert "order 2 has no time of last change" in tally.examples[BAD_RECORD]


@pytest.mark.parametrize("cursor", ["", "[]", "{}", '{"walk": 1}', '{"walk": "x", "key": 1}', "null"])
def test_a_cursor_that_is_none_is_refused(shop, cursor):
    with pytest.raises(BadSource, match="delete the checkpoint and start over"):
        list(shop.open().stream(FULL, cursor))


@pytest.mark.parametrize("other", [{"status": ("completed",)}, {"url": "http://127.0.0.1:1"}])
def test_a_cursor_of_another_shop_or_other_statuses_is_refused(shop, other):
    fill(shop, 2, tick=60)
    [row, _] = shop.open().stream(FULL, None)
    with pytest.raises(BadSource, match="url or status are not those"):
        list(shop.open(**other).stream(FULL, row.cursor))


@pytest.mark.parametrize("field", ["key", "at", "anchor", "ahead", "turned"])
@pytest.mark.parametrize("value", ["1", True, 1.5, 2**70, [], -(2**70)])
def test_a_cursor_with_something_odd_in_it_is_refused(shop, field, value):
    shop.put("1")
    [row] = shop.open().stream(FULL, None)
    kept = {**json.loads(row.cursor), field: value}
    with pytest.raises(BadSource, match="delete the checkpoint"):
        list(shop.open().stream(FULL, json.dumps(kept)))


@pytest.mark.parametrize("watermark", ["", "yesterday", "2024-13-01T00:00:00", "2024-01-01T00:00:00Z"])
def test_a_watermark_that_is_none_is_refused(shop, watermark):
    with pytest.raises(BadSource, match="run all orders once"):
        list(shop.open().stream(since(watermark), None))
