"""Row keys can be split again, fingerprints change exactly when a row does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import BadRecord
from sheetsync.pipeline.records import fingerprint, key_mark, row_key, split_key

IDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
VALUES = (
    st.none() | st.text(max_size=20) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
)


@given(IDS, IDS)
def test_a_line_key_splits_into_the_ids_it_was_made_of(order_id, line_id):
    assert split_key(row_key(order_id, line_id)) == (order_id, line_id)


@given(IDS)
def test_an_order_key_splits_into_its_order_id_alone(order_id):
    assert split_key(row_key(order_id)) == (order_id, None)


@given(IDS, IDS, IDS, IDS)
def test_different_ids_never_share_a_key(order_a, line_a, order_b, line_b):
    assert (row_key(order_a, line_a) == row_key(order_b, line_b)) == ((order_a, line_a) == (order_b, line_b))


@pytest.mark.parametrize(
    ("order_id", "line_id", "named"),
    [
        ("", "1", "order id"),
        ("1", "", "line id"),
        ("x" * 513, None, "513"),
        ("a\nb", None, "control"),
        ("a", "\ud800", "control"),
    ],
)
def test_an_id_that_cannot_identify_a_row_is_refused_by_name(order_id, line_id, named):
    with pytest.raises(BadRecord, match=named):
        row_key(order_id, line_id)


@given(st.lists(VALUES, max_size=6))
def test_a_fingerprint_begins_with_its_own_keys_mark(values):
    uids = [str(number) for number in range(len(values))]
    assert fingerprint("1001", uids, values).startswith(key_mark("1001") + ".")


@given(st.lists(st.tuples(st.text(max_size=5), VALUES), unique_by=lambda pair: pair[0], max_size=6), st.randoms())
def test_a_fingerprint_does_not_depend_on_the_order_of_the_columns(pairs, random):
    moved = random.sample(pairs, len(pairs))
    assert _of(pairs) == _of(moved)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (5, 5.0),  # a sheet gives 5 back for both
        (None, ""),  # an empty text clears the cell
    ],
)
def test_values_that_a_sheet_cannot_tell_apart_have_one_fingerprint(a, b):
    assert fingerprint("k", ["c"], [a]) == fingerprint("k", ["c"], [b])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1", 1),  # text against number
        (True, 1),  # boolean against number
        ("", " "),  # a blank is not nothing
        ("a\x1eb", "a"),  # separators inside a value change nothing else
    ],
)
def test_values_that_differ_in_a_sheet_have_different_fingerprints(a, b):
    assert fingerprint("k", ["c"], [a]) != fingerprint("k", ["c"], [b])


def _of(pairs):
    return fingerprint("k", [uid for uid, _ in pairs], [value for _, value in pairs])
