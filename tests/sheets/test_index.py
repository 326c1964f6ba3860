"""The index knows where every key is, compactly."""

from hypothesis import given
from hypothesis import strategies as st

from sheetsync.pipeline.planning import DISPLACED
from sheetsync.pipeline.records import (
    CLEARED,
    COPY,
    LIVE,
    CommitPlan,
    Release,
    Row,
    Update,
    fingerprint,
    key_mark,
    row_key,
    token,
)
from sheetsync.sheets.index import Index, fingerprint_state


def print_of(key, value="v"):
    return fingerprint(key, ["c"], [value])


def an_index(*keys):
    index = Index()
    for at, key in enumerate(keys, start=1):
        index.put(at, key, print_of(key))
    index.settle()
    return index


def places(index, order_id):
    return {row.at: row.state for row in index.rows_of(order_id)}


@given(
    st.lists(
        st.tuples(st.text("ab:%", min_size=1, max_size=4), st.text("12:%", min_size=1, max_size=2)),
        unique=True,
        max_size=80,
    )
)
def test_every_row_of_an_order_is_found_by_the_orders_id(pairs):
    index = an_index(*(row_key(order, line) for order, line in pairs))
    for order in {order for order, _ in pairs}:
        assert set(places(index, order)) == {at for at, pair in enumerate(pairs, start=1) if pair[0] == order}


def test_thousands_of_orders_are_still_found_after_the_table_grew():
    index = an_index(*(f"o{number}" for number in range(5_000)))
    assert all(set(places(index, f"o{number}")) == {number + 1} for number in range(0, 5_000, 7))


def test_an_unknown_order_has_no_rows():
    assert places(an_index("a"), "b") == {}


def test_a_fingerprint_of_another_key_makes_the_row_displaced():
    assert fingerprint_state("a", print_of("b")) == DISPLACED


def test_a_key_without_a_fingerprint_is_displaced():
    assert fingerprint_state("a", "") == DISPLACED


def test_a_row_that_was_let_go_says_so_in_its_fingerprint():
    assert fingerprint_state("a", key_mark("a") + CLEARED) == CLEARED


def test_of_two_rows_with_one_key_the_lower_is_a_copy():
    index = an_index("a", "b", "a")
    assert index.copies == {3} and set(places(index, "a")) == {1}


def test_a_row_marked_as_a_copy_is_left_alone_even_above_the_original():
    index = Index()
    index.put(1, "a", key_mark("a") + COPY)
    index.put(2, "a", print_of("a"))
    index.settle()
    assert not index.copies and set(places(index, "a")) == {2}


def test_a_fingerprint_without_a_key_is_an_orphan():
    index = Index()
    index.put(4, "", print_of("a"))
    assert index.orphans == {4} and index.last_row == 4


def test_an_applied_plan_is_known():
    index = an_index("a", "b")
    row = Row("a", print_of("a", "new"), ("new",))
    plan = CommitPlan((Update(1, row),), (Row("c", print_of("c"), ("v",)),), (Release(2, token("b"), CLEARED),))
    index.apply(plan, first_insert=3)
    assert places(index, "a") == {1: LIVE} and places(index, "b") == {2: CLEARED} and places(index, "c") == {3: LIVE}


def test_rows_of_orders_that_a_walk_did_not_meet_are_told():
    index = an_index("a:1", "a:2", "b:1")
    index.meet("a")
    assert list(index.rows_in(LIVE, unmet=True)) == [3]


def test_what_a_walk_met_is_carried_over_to_a_fresh_look():
    older, newer = an_index("a", "b"), an_index("b", "a", "c")
    older.meet("a")
    newer.carry(older)
    assert list(newer.rows_in(LIVE, unmet=True)) == [1, 3]


def test_a_distrusted_row_is_displaced_until_it_is_written():
    index = an_index("a")
    index.distrust(1)
    assert places(index, "a") == {1: DISPLACED} and not index.is_live(1)
