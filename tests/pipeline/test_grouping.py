"""Consecutive rows of an order become one group."""

import pytest

from sheetsync.errors import BadRecord
from sheetsync.pipeline.grouping import grouped
from sheetsync.pipeline.records import Row, SourceRow, row_key


def a_row(order_id, line_id="1", cursor=None):
    return SourceRow(order_id=order_id, order={}, line_id=line_id, line={}, cursor=cursor)


def shape(row):
    return Row(row_key(row.order_id, row.line_id), "f", ())


def test_consecutive_rows_of_an_order_are_one_group():
    groups = list(grouped([a_row("a", "1"), a_row("a", "2"), a_row("b")], shape))
    assert [(group.order_id, len(group.rows)) for group in groups] == [("a", 2), ("b", 1)]


def test_a_group_carries_the_cursor_after_its_order():
    (group,) = grouped([a_row("a", "1", "7"), a_row("a", "2", "7")], shape)
    assert group.cursor == "7"


def test_an_order_of_which_nothing_is_left_is_an_empty_group():
    (group,) = grouped([a_row("a")], lambda row: None)
    assert group.rows == () and group.keys == frozenset()


def test_two_lines_with_one_id_are_refused_with_the_orders_id_and_a_remedy():
    with pytest.raises(BadRecord, match="order 'a' has two rows with one line id: choose"):
        list(grouped([a_row("a"), a_row("a")], shape))
