"""What every source owes to whoever walks it. A connector's test inherits what it promises, and gives a shop:

    class TestWooCommerce(HttpFetchContract, HttpIncrementalContract):
        @pytest.fixture
        def shop(self):
            shop = WooShop()
            yield shop
            shop.close()

A `shop` is a real one as small as can be (for HTTP a `ShopServer`), with

    new_id(n)           the id, as text, that the n-th order has in such a shop; n may be beyond 2**53
    put(id, lines=1, total="1.00")
                        create or edit an order; its lines have ids of their own; the shop's clock moves on by `tick`
                        seconds first (an hour, if a test sets nothing else), and is what the order was changed at
    drop(id)            delete one
    open(rows_per=RowsPer.LINE, **config)
                        a new source of it, with pages of two or three orders, so that seven orders are a few pages;
                        given `surroundings(shop.waits)`
    total_of(order)     what `put` was given as `total`, out of the order as the source gives it
    waits               the seconds that sources of it would have waited, in their order

A source that cannot do something does not inherit it: `SourceContract` is the walk, `FetchContract` single orders,
`IncrementalContract` what changed. For sources that call a shop the same are in `over_http`.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import groupby

import pytest

from sheetsync.pipeline.records import MAX_ID, RowsPer, row_key
from sheetsync.sources.base import Mode, OrderQuery

FULL = OrderQuery()
LINES = (2, 1, 3, 0, 1, 2, 1)
"""How many lines the seven orders have with which most tests begin."""


def since(watermark):
    return OrderQuery(mode=Mode.INCREMENTAL, since=watermark)


def filled(shop, lines=LINES):
    """The ids of orders with so many lines, put into the shop."""
    ids = [shop.new_id(number) for number in range(1, len(lines) + 1)]
    for order_id, count in zip(ids, lines, strict=True):
        shop.put(order_id, lines=count)
    return ids


def walked(source, query=FULL, cursor=None):
    return list(source.stream(query, cursor))


def orders_of(rows):
    """[(order id, its rows)] as they came, one for each time that an order was met.

    None comes twice in a row: whoever reads the rows could not tell that from one order with all lines doubled.
    """
    met = [(order_id, list(group)) for order_id, group in groupby(rows, key=lambda row: row.order_id)]
    assert [order_id for order_id, group in met if len({row.line_id for row in group}) != len(group)] == []
    return met


def held(rows):
    """What a tab holds after these rows: {order id: its rows without their cursors}, the later version of each."""
    return {
        order_id: sorted(((row.line_id or "", row.line, row.order) for row in group), key=lambda each: each[0])
        for order_id, group in orders_of(rows)
    }


def interrupted(rows, after, act):
    """The rows, with `act` done when so many orders have come."""
    found = []
    met = None
    for row in rows:
        if row.order_id != met:
            met, after = row.order_id, after - 1
            if after == -1:
                act()
        found.append(row)
    return found


class SourceContract:
    """A source whose whole walk can be resumed. `totals`: amounts that such a shop can hold."""

    totals = ("7.90", "0.1", "12345678901234.56")

    def test_a_source_says_what_it_can(self, shop):
        capabilities = shop.open().capabilities
        assert capabilities.fetch_by_id == isinstance(self, FetchContract)
        assert capabilities.incremental == isinstance(self, IncrementalContract)

    def test_a_walk_meets_every_order_with_all_its_lines(self, shop):
        ids = filled(shop)
        rows = walked(shop.open())
        assert {order_id: len([row for row in rows if row.order_id == order_id and row.line]) for order_id in ids} == (
            dict(zip(ids, LINES, strict=True))
        )
        assert {row.order_id for row in rows} == set(ids)

    def test_an_order_without_lines_is_one_row_without_a_line(self, shop):
        shop.put(shop.new_id(1), lines=0)
        [row] = walked(shop.open())
        assert (row.order_id, row.line_id, row.line) == (shop.new_id(1), None, None)

    def test_a_tab_of_orders_has_a_row_for_each(self, shop):
        ids = filled(shop)
        rows = walked(shop.open(rows_per=RowsPer.ORDER))
        assert Counter(row.order_id for row in rows) == Counter(ids)
        assert {(row.line_id, row.line) for row in rows} == {(None, None)}

    def test_an_empty_shop_gives_nothing(self, shop):
        source = shop.open()
        assert (walked(source), source.total()) in (([], 0), ([], None))

    def test_the_total_is_right_or_not_told(self, shop):
        filled(shop)
        assert shop.open().total() in (len(LINES), None)

    def test_ids_are_texts_that_identify_a_row(self, shop):
        filled(shop)
        rows = walked(shop.open())
        assert all(isinstance(row.order_id, str) and isinstance(row.line_id, str | None) for row in rows)
        assert len({row_key(row.order_id, row.line_id) for row in rows}) == len(rows)

    def test_all_rows_of_an_order_carry_one_cursor(self, shop):
        filled(shop)
        for _, rows in orders_of(walked(shop.open())):
            assert len({row.cursor for row in rows}) == 1 and isinstance(rows[0].cursor, str)

    def test_two_walks_are_equal(self, shop):
        filled(shop)
        source = shop.open()
        assert walked(source) == walked(source) == walked(shop.open())

    def test_a_walk_resumes_at_every_cursor(self, shop):
        filled(shop)
        met = orders_of(walked(shop.open()))
        for at, (_, rows) in enumerate(met):
            rest = held(walked(shop.open(), cursor=rows[0].cursor))
            expected = held([row for _, later in met[at + 1 :] for row in later])
            assert {order_id: rest.get(order_id) for order_id in expected} == expected

    def test_a_resumed_walk_does_not_begin_at_the_beginning(self, shop):
        filled(shop)
        met = orders_of(walked(shop.open()))
        rest = walked(shop.open(), cursor=met[-2][1][0].cursor)
        assert met[0][0] not in held(rest)

    def test_each_order_comes_once_where_that_is_promised(self, shop):
        filled(shop)
        source = shop.open()
        rows = interrupted(source.stream(FULL, None), 2, lambda: shop.put(shop.new_id(1), lines=2))
        times = Counter(order_id for order_id, _ in orders_of(rows))
        assert set(times.values()) == {1} or not source.capabilities.each_order_once

    @pytest.mark.parametrize("edited", [1, 4, 7])
    def test_an_edit_after_any_order_loses_none(self, shop, edited):
        ids = filled(shop)
        for after in range(len(ids)):
            rows = interrupted(shop.open().stream(FULL, None), after, lambda: shop.put(shop.new_id(edited), lines=2))
            assert set(held(rows)) == set(ids)

    def test_a_new_order_after_any_other_loses_none(self, shop):
        ids = filled(shop)
        for after in range(len(ids)):
            new = shop.new_id(100 - after)
            rows = interrupted(shop.open().stream(FULL, None), after, lambda new=new: shop.put(new))
            assert set(ids) <= set(held(rows))

    def test_a_deletion_after_any_order_takes_no_other_along(self, shop):
        ids = filled(shop)
        for after in range(len(ids)):
            for gone in (ids[0], ids[3]):
                rows = interrupted(shop.open().stream(FULL, None), after, lambda gone=gone: shop.drop(gone))
                assert set(ids) - {gone} <= set(held(rows))
                shop.put(gone)

    def test_an_order_of_very_many_lines_comes_whole(self, shop):
        shop.put(shop.new_id(1))
        shop.put(shop.new_id(2), lines=1_114)
        rows = [row for row in walked(shop.open()) if row.order_id == shop.new_id(2)]
        assert len({row.line_id for row in rows}) == len(rows) == 1_114

    def test_ids_beyond_what_a_float_can_hold_arrive_exactly(self, shop):
        ids = [shop.new_id(2**53 + number) for number in range(4)]
        for order_id in ids:
            shop.put(order_id)
        assert set(held(walked(shop.open()))) == set(ids)

    def test_amounts_arrive_to_the_last_digit(self, shop):
        for number, total in enumerate(self.totals, 1):
            shop.put(shop.new_id(number), total=total)
        found = {row.order_id: shop.total_of(row.order) for row in walked(shop.open())}
        for number, total in enumerate(self.totals, 1):
            value = found[shop.new_id(number)]
            assert isinstance(value, str | Decimal) and Decimal(value) == Decimal(total)


def hostile_ids(known):
    """Ids that no order of a shop with the order `known` has, and that might lead elsewhere."""
    around = ["../", "./", "/", "?x=", "&x=", "#", "%00", "%2e%2e%2f", "\0", "\n", " ", "0", "+", ",", "'", '"', "*"]
    words = ["", "..", ".", "-1", "0", "null", "None", "[]", "{id}", "ü", "\uff11", "\u0663", "\ud800", "1e3", "1.0"]
    queries = ["1 OR 1=1", "*", "%", "gid://shopify/Order/1 OR id:>0", "gid://shopify/Product/1", "id:>0"]
    sizes = ["9" * (MAX_ID + 88), "x" * (MAX_ID + 88), str(2**63), str(2**64), str(-(2**63) - 1)]
    return [each + known for each in around] + [known + each for each in around] + words + queries + sizes


class FetchContract(SourceContract):
    """A source that has single orders by their ids."""

    def test_a_fetched_order_is_as_a_walk_gives_it(self, shop):
        ids = filled(shop)
        source = shop.open()
        assert held(source.fetch(ids)) == held(walked(source))

    def test_an_order_that_is_gone_gives_nothing(self, shop):
        ids = filled(shop)
        shop.drop(ids[2])
        assert set(held(shop.open().fetch(ids))) == set(ids) - {ids[2]}

    def test_an_order_that_never_was_gives_nothing(self, shop):
        ids = filled(shop)
        assert set(held(shop.open().fetch([shop.new_id(99), ids[0], shop.new_id(2**53 + 1)]))) == {ids[0]}

    def test_a_tab_of_orders_fetches_a_row_for_each(self, shop):
        ids = filled(shop)
        source = shop.open(rows_per=RowsPer.ORDER)
        assert held(source.fetch(ids)) == held(walked(source))

    def test_an_order_asked_for_twice_is_given_once(self, shop):
        ids = filled(shop)
        rows = list(shop.open().fetch([ids[0], ids[1], ids[0]]))
        assert sorted(order_id for order_id, _ in orders_of(rows)) == sorted(ids[:2])

    def test_asking_for_nothing_gives_nothing(self, shop):
        filled(shop)
        assert list(shop.open().fetch([])) == []

    def test_an_order_is_fetched_as_it_is_now(self, shop):
        [first, *_] = filled(shop)
        source = shop.open()
        before = held(source.fetch([first]))
        shop.put(first, lines=3, total="5.25")
        after = list(source.fetch([first]))
        assert held(after) != before and len(after) == 3
        assert Decimal(shop.total_of(after[0].order)) == Decimal("5.25")

    def test_a_run_of_named_orders_walks_just_these(self, shop):
        ids = filled(shop)
        named = OrderQuery(mode=Mode.ORDERS, order_ids=(ids[1], ids[5]))
        assert set(held(walked(shop.open(), named))) == {ids[1], ids[5]}

    def test_more_orders_than_a_page_holds_are_fetched(self, shop):
        ids = filled(shop, [1] * 30)
        assert set(held(shop.open().fetch(ids))) == set(ids)

    def test_an_order_of_very_many_lines_is_fetched_whole(self, shop):
        shop.put(shop.new_id(1), lines=1_114)
        rows = list(shop.open().fetch([shop.new_id(1)]))
        assert len({row.line_id for row in rows}) == len(rows) == 1_114

    def test_ids_that_no_order_has_give_nothing(self, shop):
        [known, *_] = filled(shop)
        source = shop.open()
        assert list(source.fetch(hostile_ids(known))) == []

    def test_an_id_that_no_order_has_gives_nothing_by_itself_either(self, shop):
        [known, *_] = filled(shop)
        source = shop.open()
        assert {each: found for each in hostile_ids(known) if (found := list(source.fetch([each])))} == {}

    def test_odd_ids_keep_no_other_order_away(self, shop):
        ids = filled(shop)
        odd = hostile_ids(ids[0])
        assert set(held(shop.open().fetch([*odd[:20], *ids, *odd[20:]]))) == set(ids)


class IncrementalContract(SourceContract):
    """A source that walks what changed since another walk."""

    def watermark(self, shop, rows, before=None):
        """As a run keeps it: by the last cursor, if there is one; asked of a source that did not walk."""
        found = shop.open().watermark(rows[-1].cursor) if rows else None
        return before if found is None else found

    def test_a_walk_of_what_changed_meets_it_and_not_everything(self, shop):
        ids = filled(shop)
        mark = self.watermark(shop, walked(shop.open()))
        shop.put(ids[0], lines=3, total="2.50")
        shop.put(shop.new_id(8), lines=2)
        found = held(walked(shop.open(), since(mark)))
        assert len(found[ids[0]]) == 3 and len(found[shop.new_id(8)]) == 2
        assert ids[1] not in found

    def test_without_a_watermark_everything_has_changed(self, shop):
        filled(shop)
        assert held(walked(shop.open(), since(None))) == held(walked(shop.open()))

    def test_a_watermark_stays_usable_while_nothing_changes(self, shop):
        ids = filled(shop)
        mark = self.watermark(shop, walked(shop.open()))
        for _ in range(3):
            mark = self.watermark(shop, walked(shop.open(), since(mark)), before=mark)
        shop.put(ids[0], total="2.50")
        assert ids[0] in held(walked(shop.open(), since(mark)))

    def test_a_chain_of_such_walks_holds_what_the_shop_has(self, shop):
        ids = filled(shop)
        rows = walked(shop.open())
        mark, tab = self.watermark(shop, rows), held(rows)
        for number in range(5):
            shop.put(ids[number], lines=number)
            shop.put(shop.new_id(50 + number), lines=number)
            rows = walked(shop.open(), since(mark))
            mark, tab = self.watermark(shop, rows, before=mark), tab | held(rows)
        assert tab == held(walked(shop.open()))

    def test_what_changes_in_the_very_second_of_the_watermark_is_met(self, shop):
        ids = filled(shop)
        mark = self.watermark(shop, walked(shop.open()))
        shop.tick = 0
        shop.put(ids[0], lines=3)
        assert len(held(walked(shop.open(), since(mark)))[ids[0]]) == 3

    def test_many_orders_that_changed_in_one_second_are_all_met(self, shop):
        shop.tick = 0
        ids = filled(shop, [1] * 20)
        rows = walked(shop.open(), since(None))
        mark = self.watermark(shop, rows)
        assert set(held(rows)) == set(ids)
        for order_id in ids:
            shop.put(order_id, lines=2)
        assert {len(rows) for rows in held(walked(shop.open(), since(mark))).values()} == {2}

    def test_a_walk_of_what_changed_resumes_at_every_cursor(self, shop):
        filled(shop)
        met = orders_of(walked(shop.open(), since(None)))
        for at, (_, rows) in enumerate(met):
            rest = held(walked(shop.open(), since(None), rows[0].cursor))
            expected = held([row for _, later in met[at + 1 :] for row in later])
            assert {order_id: rest.get(order_id) for order_id in expected} == expected

    @pytest.mark.parametrize("first", [FULL, since(None)], ids=["full", "incremental"])
    def test_what_changes_during_a_walk_is_met_by_it_or_by_the_next(self, shop, first):
        ids = filled(shop)
        for after in range(len(ids)):

            def change(after=after):
                shop.put(ids[0], lines=after + 1)
                shop.put(ids[-1], lines=after + 1)
                shop.put(shop.new_id(50 + after))

            rows = interrupted(shop.open().stream(first, None), after, change)
            later = walked(shop.open(), since(self.watermark(shop, rows)))
            assert held(rows) | held(later) == held(walked(shop.open()))
