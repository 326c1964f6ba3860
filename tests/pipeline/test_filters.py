from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import BadFilter
from sheetsync.pipeline.filters import Filter, Operator, compile_filters, filters_from
from sheetsync.pipeline.records import SourceRow

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    max_leaves=10,
)


def holds(value: Any, operator: str, wanted: Any = None, path: str = "v") -> bool:
    definition = {"path": path, "operator": operator, "value": wanted}
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return compile_filters(filters_from([definition]), now=now)(SourceRow(order_id="1", order={"v": value}))


@pytest.mark.parametrize(
    ("value", "operator", "wanted"),
    [
        ("paid", "eq", "paid"),
        ("Paid", "ne", "paid"),  # case counts
        (5, "eq", 5),
        (5, "eq", "5.0"),  # one side is a number, the other spells one
        ("12.50", "eq", 12.5),
        (Decimal("0.1"), "eq", 0.1),
        ("01234", "ne", "1234"),  # two texts stay texts: postcodes are no numbers
        (True, "eq", True),
        (True, "eq", "true"),
        (True, "ne", 1),
        ("2024-01-05T10:00:00Z", "eq", "2024-01-05T11:00:00+01:00"),  # one instant
        ("b", "in", ["a", "b"]),
        (2, "in", ["1", "2"]),
        ("c", "not_in", ["a", "b"]),
        (10, "gt", 9),
        ("10", "gt", "9"),  # shops write money as text
        ("10.00", "gte", 10),
        (9, "lt", "10"),
        (10, "lte", 10),
        ("b", "gt", "a"),
        ("2024-01-05T23:30:00Z", "lt", "2024-01-06"),
        ("2024-01-06T00:30:00+01:00", "lt", "2024-01-06"),  # still the fifth in UTC
        (datetime(2024, 1, 5, tzinfo=UTC), "gte", "2024-01-05"),
        ("a vip b", "contains", "vip"),
        (12345, "contains", "234"),
        ("x", "exists", None),
        (0, "exists", None),  # zero and false are values
        (False, "exists", None),
        (None, "missing", None),
        ("", "missing", None),
        ([], "missing", None),
        (None, "ne", "a"),  # what is missing is not a
        (None, "not_in", ["a"]),
        (["a", "b"], "eq", "b"),  # any element will do
        (["a", "b"], "ne", "c"),
        ([1, 20], "gt", 10),
        (["vip-1"], "contains", "vip"),
    ],
)
def test_a_filter_that_holds(value: Any, operator: str, wanted: Any) -> None:
    assert holds(value, operator, wanted)


@pytest.mark.parametrize(
    ("value", "operator", "wanted"),
    [
        ("Paid", "eq", "paid"),
        (None, "eq", "a"),
        (None, "in", ["a"]),
        (None, "gt", 0),
        (None, "lt", 0),
        (None, "contains", "a"),
        (None, "exists", None),
        ("x", "missing", None),
        (["a", "b"], "ne", "b"),
        (["a", "b"], "not_in", ["b"]),
        ([], "eq", "a"),
        ("abc", "gt", 5),  # a word and a number have no order
        (5, "gt", "abc"),
        (float("nan"), "eq", 5),
        (float("nan"), "gt", 5),
        ({"a": 1}, "gt", 0),
        (True, "gt", 0),
        ("9", "gt", "10"),
    ],
)
def test_a_filter_that_does_not_hold(value: Any, operator: str, wanted: Any) -> None:
    assert not holds(value, operator, wanted)


def test_a_list_path_holds_where_any_line_does() -> None:
    lines = [{"sku": "A"}, {"sku": "B"}, {}]
    assert holds(lines, "eq", "B", "v[*].sku")
    assert not holds(lines, "eq", "C", "v[*].sku")


def test_all_filters_must_hold_and_none_at_all_always_does() -> None:
    row = SourceRow(order_id="7", order={"status": "paid", "total": "12.50"})
    paid: dict[str, Any] = {"path": "status", "operator": "eq", "value": "paid"}
    dear: dict[str, Any] = {"path": "total", "operator": "gt", "value": 100}
    assert compile_filters(filters_from([paid]))(row)
    assert not compile_filters(filters_from([paid, dear]))(row)
    assert compile_filters(())(row)


def test_a_filter_may_read_the_line_and_the_ids() -> None:
    row = SourceRow(order_id="7", order={}, line_id="2", line={"sku": "A"})
    mine: list[dict[str, Any]] = [
        {"path": "line.sku", "operator": "eq", "value": "A"},
        {"path": "@order_id", "operator": "eq", "value": 7},
    ]
    assert compile_filters(filters_from(mine))(row)


def test_times_without_an_offset_are_read_by_the_clock_that_is_given() -> None:
    filters = filters_from([{"path": "at", "operator": "gte", "value": "2024-01-05"}])
    row = SourceRow(order_id="1", order={"at": "2024-01-04T23:30:00Z"})
    assert compile_filters(filters, "Europe/Berlin")(row)
    assert not compile_filters(filters)(row)


@given(JSON, st.sampled_from(list(Operator)), st.text(max_size=5) | st.integers() | st.booleans())
def test_no_data_makes_a_filter_raise(value: Any, operator: Operator, wanted: Any) -> None:
    of = (wanted,) if operator in ("in", "not_in") else 7 if operator == "within_days" else wanted
    condition = Filter(path="v", operator=operator, value=of)
    matches = compile_filters([condition], now=datetime(2026, 11, 22, tzinfo=UTC))
    assert matches(SourceRow(order_id="1", order={"v": value})) in (True, False)


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"path": "a", "operator": "eq", "vaule": 1}, "filter 1, field 'vaule'"),
        ({"operator": "eq", "value": 1}, "filter 1, path"),
        ({"path": "a..b", "operator": "eq", "value": 1}, "position 3"),
        ({"path": "a", "operator": "equals", "value": 1}, "operators are"),
        ({"path": "a", "operator": "eqq", "value": 1}, "did you mean eq"),
        ({"path": "a", "value": 1}, "operators are"),
        ({"path": "a", "operator": "eq"}, "use the operator missing"),
        ({"path": "a", "operator": "eq", "value": ""}, "use the operator missing"),
        ({"path": "a", "operator": "eq", "value": [1]}, "write a text, a number"),
        ({"path": "a", "operator": "eq", "value": "x" * 1001}, "1000 characters"),
        ({"path": "a", "operator": "eq", "value": float("nan")}, "finite"),
        ({"path": "a", "operator": "gt", "value": True}, "no order"),
        ({"path": "a", "operator": "in", "value": "x"}, "takes a list"),
        ({"path": "a", "operator": "in", "value": []}, "1 to 1000"),
        ({"path": "a", "operator": "in", "value": list(range(1001))}, "1 to 1000"),
        ({"path": "a", "operator": "in", "value": [None]}, "needs one"),
        ({"path": "a", "operator": "exists", "value": True}, "takes none"),
        ("a", "filter 1, definition"),
    ],
)
def test_a_bad_filter_is_refused_with_its_place_and_a_remedy(definition: Any, words: str) -> None:
    with pytest.raises(BadFilter, match=words):
        filters_from([definition])


def test_there_may_be_fifty_filters() -> None:
    one = {"path": "a", "operator": "exists"}
    assert len(filters_from([one] * 50)) == 50
    with pytest.raises(BadFilter, match="51 filters"):
        filters_from([one] * 51)


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("2026-11-22T09:00:00Z", True),
        ("2026-11-15T12:00:00Z", True),
        ("2026-11-15T11:59:59Z", False),
        ("2026-11-15T13:30:00+02:00", False),
        ("2027-01-01", True),  # a clock elsewhere may be ahead
        ("yesterday", False),
        (None, False),
    ],
)
def test_a_window_of_days_moves_on_with_the_clock(value, taken):
    week = filters_from([{"path": "created", "operator": "within_days", "value": 7}])
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    row = SourceRow(order_id="1", order={"created": value})
    assert compile_filters(week, now=now)(row) is taken
    assert not compile_filters(week, now=now + timedelta(days=365))(row)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "7", None, 10**9])
def test_a_window_is_a_whole_number_of_days(value):
    with pytest.raises(BadFilter, match=r"filter 1, value .* whole number of days"):
        filters_from([{"path": "created", "operator": "within_days", "value": value}])
