"""Batches hold whole orders, stay under the caps, and leave a cursor that never skips an order."""

from hypothesis import given
from hypothesis import strategies as st

from sheetsync.pipeline.batching import Caps, Weight, batches
from sheetsync.pipeline.records import OrderGroup, Row

CAPS = Caps(groups=5, rows=12, bytes=300, lookahead=3)
SIZES = st.lists(st.integers(0, 30), max_size=40)


def a_group(order_id, rows, cursor, width=10):
    made = tuple(Row(f"{order_id}:{line}", "f", ("x" * width,)) for line in range(rows))
    return OrderGroup(order_id, made, frozenset(row.key for row in made), cursor)


def groups_of(sizes):
    return [a_group(f"o{number}", size, str(number)) for number, size in enumerate(sizes)]


def size_of(row):
    return len(row.cells[0])


def packed(groups, caps=CAPS):
    return list(batches(groups, caps, size_of))


@given(SIZES)
def test_every_row_is_in_exactly_one_batch(sizes):
    groups = groups_of(sizes)
    rows = [row.key for batch in packed(groups) for group in batch.groups for row in group.rows]
    assert sorted(rows) == sorted(row.key for group in groups for row in group.rows)


@given(SIZES)
def test_no_batch_passes_a_cap(sizes):
    for batch in packed(groups_of(sizes)):
        assert len(batch.groups) <= CAPS.groups
        assert batch.rows <= CAPS.rows
        assert sum(size_of(row) for group in batch.groups for row in group.rows) <= CAPS.bytes


@given(SIZES)
def test_an_order_under_the_caps_is_never_split(sizes):
    groups = groups_of(sizes)
    seen = [group for batch in packed(groups) for group in batch.groups if len(group.rows) <= CAPS.rows]
    whole = {group.order_id for group in seen if len(group.rows) == len(group.keys)}
    assert {group.order_id for group in groups if len(group.rows) <= CAPS.rows} <= whole


@given(SIZES)
def test_a_resume_from_any_cursor_misses_no_order(sizes):
    groups, done = groups_of(sizes), set()
    for batch in packed(groups):
        done |= {group.order_id for group in batch.groups if group.final}
        reached = -1 if batch.cursor is None else int(batch.cursor)
        assert {group.order_id for group in groups[: reached + 1]} <= done


@given(SIZES)
def test_the_last_cursor_is_the_last_orders(sizes):
    made = packed(groups_of(sizes))
    assert not sizes or made[-1].cursor == str(len(sizes) - 1)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=30))
def test_versions_of_one_order_go_into_different_batches_in_the_order_they_came(arrivals):
    groups = [a_group(f"o{order}", size, str(number)) for number, (order, size) in enumerate(arrivals)]
    versions = {}
    for batch in packed(groups):
        assert len({group.order_id for group in batch.groups}) == len(batch.groups)
        for group in batch.groups:
            versions.setdefault(group.order_id, []).append(int(group.cursor))
    assert all(cursors == sorted(cursors) for cursors in versions.values())


def test_an_order_beyond_the_caps_comes_in_parts_of_which_only_the_last_may_remove():
    parts = [batch.groups[0] for batch in packed([a_group("big", 30, "0")])]
    assert [len(part.rows) for part in parts] == [12, 12, 6]
    assert [part.final for part in parts] == [False, False, True]
    assert all(len(part.keys) == 30 for part in parts)


def test_a_resume_inside_an_order_beyond_the_caps_begins_at_its_first_part():
    made = packed([a_group("a", 1, "0"), a_group("big", 30, "1"), a_group("b", 1, "2")])
    assert [batch.cursor for batch in made] == ["0", "0", "0", "1", "2"]


def test_a_single_row_beyond_the_byte_cap_goes_alone():
    made = packed([a_group("a", 1, "0"), a_group("wide", 1, "1", width=400), a_group("b", 1, "2")])
    assert [
        [group.order_id for group in batch.groups]
        for batch in made
        if len(batch.groups) == 1 and size_of(batch.groups[0].rows[0]) > 300
    ]


def test_smaller_orders_fill_the_room_that_a_larger_one_leaves():
    made = packed(groups_of([8, 9, 4, 3]))
    assert [[group.order_id for group in batch.groups] for batch in made] == [["o0", "o2"], ["o1", "o3"]]


def weighing(settled):
    """All rows of a group count, but for the groups that `settled` says the tab holds."""
    return lambda group: None if settled(group) else Weight(len(group.rows), sum(map(size_of, group.rows)))


def test_an_order_that_is_settled_needs_no_batch():
    made = list(batches(groups_of([2, 2, 2]), CAPS, size_of, weighing(lambda group: group.order_id != "o1")))
    assert [[group.order_id for group in batch.groups] for batch in made] == [["o1"]]
    assert made[0].passed == 3 and made[0].cursor == "2"


def test_a_long_walk_over_settled_orders_still_leaves_cursors():
    made = list(batches(groups_of([1] * 7), Caps(stride=3), size_of, weighing(lambda group: True)))
    assert [(batch.groups, batch.passed, batch.cursor) for batch in made] == [((), 3, "2"), ((), 3, "5"), ((), 1, "6")]


def test_only_the_rows_that_are_written_count_against_the_caps():
    made = list(batches(groups_of([10, 10, 10]), CAPS, size_of, lambda group: Weight(1, 10)))
    assert [len(batch.groups) for batch in made] == [3]


def test_a_version_that_the_tab_still_holds_is_not_settled_while_another_waits_to_be_written():
    old, new = a_group("a", 1, "0"), a_group("a", 2, "1")
    made = list(batches([new, old], CAPS, size_of, weighing(lambda group: group is old)))
    assert [batch.groups for batch in made] == [(new,), (old,)]


@given(SIZES, st.sets(st.integers(0, 39)))
def test_settled_or_not_a_resume_from_any_cursor_misses_no_order(sizes, settled_numbers):
    groups = groups_of(sizes)
    done = {group.order_id for number, group in enumerate(groups) if number in settled_numbers}
    for batch in batches(groups, CAPS, size_of, weighing(lambda group: int(group.cursor) in settled_numbers)):
        done |= {group.order_id for group in batch.groups if group.final}
        reached = -1 if batch.cursor is None else int(batch.cursor)
        assert {group.order_id for group in groups[: reached + 1]} <= done


@given(SIZES, st.sets(st.integers(0, 39)))
def test_as_many_orders_are_counted_as_lie_before_the_cursor(sizes, settled_numbers):
    passed = 0
    for batch in batches(groups_of(sizes), CAPS, size_of, weighing(lambda group: int(group.cursor) in settled_numbers)):
        passed += batch.passed
        assert passed == (0 if batch.cursor is None else int(batch.cursor) + 1)
    assert passed == len(sizes)
