"""The walk through pages that are each begun anew: nothing is passed over, whatever lags, moves or stands together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsync.errors import BadReply, BadSource
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.base import Mode, OrderQuery
from sheetsync.sources.shopify.walk import Place, Seen, Walk, by_time
from tests.support.shops.shopify import ShopifyServer

FULL = OrderQuery()
SECOND = timedelta(seconds=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTLED = NOON + timedelta(hours=1)


@pytest.fixture
def shop():
    shop = ShopifyServer()
    yield shop
    shop.close()


def walk(source, cursor=None, query=FULL):
    return list(source.stream(query, cursor))


def ids(rows):
    return {row.order_id for row in rows}


def filled(shop, count):
    for number in range(1, count + 1):
        shop.put(str(number))
    return {str(number) for number in range(1, count + 1)}


def seen(minutes, order_id="1"):
    return Seen(order_id, NOON + timedelta(minutes=minutes), {})


def test_no_page_cursor_of_the_shop_is_used_for_orders(shop):
    filled(shop, 10)
    walk(shop.open())
    asked = [each.json()["variables"] for each in shop.asked]
    assert len(asked) > 3 and not any("after" in variables for variables in asked)


def test_more_orders_than_a_search_of_shopify_goes_through_are_walked(shop):
    expected, shop.most_found = filled(shop, 30), 4
    assert ids(walk(shop.open(page_size=2))) == expected


def test_an_edit_after_each_page_loses_nothing(shop):
    expected = filled(shop, 20)
    for number in range(2, 9):
        shop.before[number] = lambda number=number: shop.put(str(number * 2))
    assert ids(walk(shop.open())) == expected


@pytest.mark.parametrize("count", [3, 4, 300])
def test_hundreds_of_orders_in_one_second_all_come(shop, count):
    shop.put("100000")
    shop.tick = 0
    expected = filled(shop, count) | {"100000"}
    shop.tick = 60
    shop.put("100001")
    rows = walk(shop.open(page_size=20))
    assert ids(rows) == expected | {"100001"}
    assert len(rows) == len(expected) + 1


def test_a_crowded_second_is_resumed_in_the_middle_and_goes_on(shop):
    shop.tick = 0
    expected = filled(shop, 60)
    rows = walk(shop.open(page_size=5))
    middle = walk(shop.open(page_size=5), rows[30].cursor)
    assert ids(rows[:31]) | ids(middle) == expected
    assert len(middle) < 40


def test_a_crowd_that_changed_just_now_is_walked_too(shop):
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(1, 41):
        shop.put(str(number), at=now)
    assert ids(walk(shop.open(page_size=5))) == {str(number) for number in range(1, 41)}


def test_orders_that_all_changed_in_the_last_minute_are_walked_too(shop):
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(1, 41):
        shop.put(str(number), at=now - timedelta(seconds=40 - number))
    assert ids(walk(shop.open(page_size=5))) == {str(number) for number in range(1, 41)}


@pytest.mark.parametrize("edited", [1, 3, 12, 20])
def test_an_edit_that_the_index_does_not_know_yet_makes_the_walk_leap_over_nothing(shop, edited):
    expected = filled(shop, 20)
    shop.lag = True
    shop.put(str(edited), at=datetime.now(UTC).replace(microsecond=0))
    rows = walk(shop.open())
    assert ids(rows) == expected
    for row in rows:
        later = ids(walk(shop.open(), row.cursor))
        assert ids(rows[: rows.index(row) + 1]) | later == expected


def test_a_second_version_is_never_the_neighbour_of_the_first(shop):
    filled(shop, 3)
    shop.before[2] = lambda: shop.put("3", lines=2)
    shop.put("4")
    rows = walk(shop.open(page_size=3))
    order = [row.order_id for row in rows]
    assert order == ["1", "2", "3", "4", "3", "3"]
    assert len({row.cursor for row in rows[4:]}) == 1


def test_a_second_version_at_the_very_end_is_left_to_the_next_walk(shop):
    filled(shop, 2)
    shop.put("3")
    source = shop.open(page_size=2)
    shop.before[2] = lambda: (shop.put("2", total="5.00"), shop.drop("3"))
    rows = walk(source)
    assert [row.order_id for row in rows] == ["1", "2"]
    later = walk(shop.open(), query=OrderQuery(mode=Mode.INCREMENTAL, since=source.watermark(rows[-1].cursor)))
    assert [str(row.order["total"]) for row in later if row.order_id == "2"][-1] == "5.00"


def test_a_resume_between_two_versions_meets_both_that_are_left(shop):
    filled(shop, 3)
    shop.put("4")
    shop.before[2] = lambda: shop.put("3", total="5.00")
    rows = walk(shop.open(page_size=3, rows_per=RowsPer.ORDER))
    between = next(row for row in rows if row.order_id == "4")
    assert {row.order_id: str(row.order["total"]) for row in walk(shop.open(), between.cursor)}["3"] == "5.00"


def test_a_walk_of_changes_looks_back_by_the_overlap(shop):
    filled(shop, 3)
    source = shop.open(overlap=7_200)
    rows = walk(source)
    since = source.watermark(rows[-1].cursor)
    assert since == "2024-01-01T09:00:00Z"
    assert ids(walk(source, query=OrderQuery(mode=Mode.INCREMENTAL, since=since))) == {"1", "2", "3"}


def test_what_the_next_walk_begins_with_is_older_than_the_lag_of_the_search(shop):
    now = datetime.now(UTC).replace(microsecond=0)
    shop.put("1", at=now)
    source = shop.open(overlap=1)
    [row] = walk(source)
    assert now - timedelta(seconds=70) <= datetime.fromisoformat(source.watermark(row.cursor)) <= now - SECOND * 60


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "[]", "{}", "null", '{"at": 1, "past": null, "met": ["1", "2026-03-01T00:00:00Z"]}',
     '{"at": "9999-12-31T23:59:59Z", "past": null, "met": ["1", "2026-03-01T00:00:00Z"]}',
     '{"at": "2026-03-01T00:00:00Z", "past": "x", "met": ["1", "2026-03-01T00:00:00Z"]}',
     '{"at": "2026-03-01T00:00:00Z", "past": null, "met": 1}', '{"page": 7}'],
)  # fmt: skip
def test_a_cursor_of_something_else_is_refused_with_the_remedy(shop, cursor):
    with pytest.raises(BadSource, match="start over"):
        walk(shop.open(), cursor)
    assert shop.asked == []


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-03-01", "2026-03-01T00:00:00Z' OR id:>0", "0001-01-01T00:00:00Z"]
)
def test_a_watermark_of_something_else_is_refused_and_not_searched_for(shop, since):
    with pytest.raises(BadSource, match="watermark"):
        walk(shop.open(), query=OrderQuery(mode=Mode.INCREMENTAL, since=since))
    assert shop.asked == []


def test_a_page_that_brings_nothing_ends_the_walk():
    walk = Walk(Place(NOON, 7))
    with pytest.raises(BadReply):
        walk.step([seen(0, "7")], SETTLED, last=False)


def test_an_empty_page_with_more_behind_it_ends_the_walk():
    with pytest.raises(BadReply):
        Walk(Place()).step([], SETTLED, last=False)


@given(
    times=st.lists(st.integers(0, 100), min_size=1, max_size=8).map(sorted),
    leaps=st.sets(st.integers(0, 7)),
    start=st.none() | st.integers(-50, 0),
)
@settings(max_examples=300)
def test_no_place_is_behind_an_order_that_was_not_met(times, leaps, start):
    """Orders stand where the index has them (`times`, settled until 60); some say a later time of themselves."""
    page = [seen(300 if at in leaps or time > 60 else time) for at, time in enumerate(times)]
    here = Place(None if start is None else NOON + timedelta(minutes=start))
    if all(each.time > SETTLED for each in page):
        return  # the live end: it is gone through as it comes
    places = by_time(here, page, SETTLED, last=False)
    for at, place in enumerate(places):
        rest = [NOON + timedelta(minutes=time) for time in times[at + 1 :]]
        assert place.at is None or all(time >= place.at for time in rest)
