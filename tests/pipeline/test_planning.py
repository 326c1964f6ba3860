"""A plan makes the tab equal to the batch, touches nothing else, and is empty the second time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.pipeline.planning import DISPLACED, KnownRow, plan
from sheetsync.pipeline.records import (
    CLEARED,
    DELETING,
    LIVE,
    MARKED,
    Batch,
    OrderGroup,
    Removed,
    Row,
    fingerprint,
    row_key,
    split_key,
    token,
)

ORDERS = st.dictionaries(
    st.sampled_from("abcdef"), st.dictionaries(st.sampled_from("12345"), st.integers(0, 3), max_size=5)
)


class ModelSheet:
    """The smallest thing that holds rows by key: what a tab is to planning."""

    def __init__(self):
        self.rows = [None]

    def rows_of(self, order_id):
        for at, row in enumerate(self.rows):
            if row and split_key(row[0])[0] == order_id:
                key, print_text, state = row
                yield KnownRow(at, token(key), token(print_text), state)

    def apply(self, made):
        for update in made.updates:
            self.rows[update.at] = (update.row.key, update.row.fingerprint, LIVE)
        for release in made.releases:
            self.rows[release.at] = (self.rows[release.at][0], "", release.state)
        self.rows += [(row.key, row.fingerprint, LIVE) for row in made.inserts]

    def live(self):
        return {row[0]: row[1] for row in self.rows if row and row[2] == LIVE}


def a_batch(orders):
    groups = []
    for order_id, lines in orders.items():
        keys = {row_key(order_id, line): value for line, value in lines.items()}
        rows = tuple(Row(key, fingerprint(key, ["v"], [value]), (value,)) for key, value in keys.items())
        groups.append(OrderGroup(order_id, rows, frozenset(keys)))
    return Batch(tuple(groups))


def prints(batch):
    return {row.key: row.fingerprint for group in batch.groups for row in group.rows}


@given(ORDERS, ORDERS)
def test_a_plan_applied_to_a_sheet_makes_it_equal_to_the_batch(before, after):
    sheet, batch = ModelSheet(), a_batch({**{order: {} for order in before}, **after})
    sheet.apply(plan(a_batch(before), sheet, Removed.CLEAR))
    sheet.apply(plan(batch, sheet, Removed.CLEAR))
    assert sheet.live() == prints(batch)


@given(ORDERS, ORDERS, st.sampled_from(list(Removed)))
def test_planning_twice_is_empty(before, after, removed):
    sheet = ModelSheet()
    sheet.apply(plan(a_batch(before), sheet, removed))
    sheet.apply(plan(a_batch(after), sheet, removed))
    assert not plan(a_batch(after), sheet, removed)


@given(ORDERS, ORDERS)
def test_a_row_that_is_right_already_is_never_written(before, after):
    sheet = ModelSheet()
    sheet.apply(plan(a_batch(before), sheet, Removed.CLEAR))
    right = sheet.live().items() & prints(a_batch(after)).items()
    made = plan(a_batch(after), sheet, Removed.CLEAR)
    written = {(update.row.key, update.row.fingerprint) for update in made.updates} | {
        (row.key, row.fingerprint) for row in made.inserts
    }
    assert not written & right and made.unchanged == len(right)


@given(ORDERS, ORDERS)
def test_an_order_that_comes_back_is_written_into_its_own_old_rows(before, after):
    sheet = ModelSheet()
    for orders in (before, {order: {} for order in before}, before):
        sheet.apply(plan(a_batch(orders), sheet, Removed.CLEAR))
    assert len(sheet.rows) == 1 + sum(map(len, before.values()))


@pytest.mark.parametrize(
    ("removed", "state"),
    [(Removed.KEEP, LIVE), (Removed.MARK, MARKED), (Removed.CLEAR, CLEARED), (Removed.DELETE, DELETING)],
)
def test_a_vanished_line_is_let_go_by_policy(removed, state):
    sheet = ModelSheet()
    sheet.apply(plan(a_batch({"a": {"1": 0, "2": 0}}), sheet, removed))
    sheet.apply(plan(a_batch({"a": {"1": 0}}), sheet, removed))
    assert sheet.rows[2][2] == state


def test_a_part_that_is_not_the_last_removes_nothing():
    sheet = ModelSheet()
    sheet.apply(plan(a_batch({"a": {"1": 0, "2": 0}}), sheet, Removed.CLEAR))
    part = OrderGroup("a", (), frozenset({"a:1"}), final=False)
    assert not plan(Batch((part,)), sheet, Removed.CLEAR)


@pytest.mark.parametrize("removed", list(Removed))
def test_a_displaced_row_of_a_vanished_order_never_stays_as_it_is(removed):
    sheet = ModelSheet()
    sheet.rows.append(("a:1", "", DISPLACED))
    assert plan(Batch((OrderGroup("a", (), frozenset()),)), sheet, removed).releases


def test_a_marked_row_that_comes_back_loses_its_mark():
    sheet = ModelSheet()
    sheet.rows.append(("a:1", "", MARKED))
    (update,) = plan(a_batch({"a": {"1": 0}}), sheet, Removed.MARK).updates
    assert update.restyle
