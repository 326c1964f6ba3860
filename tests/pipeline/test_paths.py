from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import BadColumn
from sheetsync.pipeline.paths import MAX_LENGTH, compile_path, compile_plain, paths_in, suggest
from sheetsync.pipeline.records import SourceRow

ORDER: dict[str, Any] = {
    "customer": {"address": {"city": "Köln"}, "Postal Code": "0049"},
    "line_items": [{"sku": "A", "taxes": [{"rate": 1}, {"rate": 2}]}, {}, {"sku": "C", "taxes": []}],
    "meta": {"odd.key": 1, 'a"b': 2, "[0]": 3, "": 4},
    "line": {"sku": "the order's own"},
    "empty": [],
}
ROW = SourceRow(order_id="17", order=ORDER, line_id="2", line={"sku": "L", "line": 5})

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text() | st.sampled_from(["a", "b"]), below),
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customer.address.city", "Köln"),
        ("customer.address", {"city": "Köln"}),  # an object as a whole
        ("customer.Postal Code", "0049"),  # a space inside a key, as in headers of CSV files
        ("line_items[0].sku", "A"),
        ("line_items[-1].sku", "C"),
        ("line_items[*].sku", ["A", "C"]),  # the missing one is left out
        ("line_items[*].taxes[*].rate", [1, 2]),  # one flat list
        ('meta["odd.key"]', 1),
        ('meta["a\\"b"]', 2),  # escaped as in JSON
        ('meta["[0]"]', 3),  # a key that looks like an index
        ('meta[""]', 4),  # the empty key exists in JSON
        ('["customer"].address.city', "Köln"),
        ("@order_id", "17"),
        ("@line_id", "2"),
        ("line.sku", "L"),
        ("line", {"sku": "L", "line": 5}),
        ("line.line", 5),
        ('["line"].sku', "the order's own"),
        ('line["sku"]', "L"),
    ],
)
def test_a_path_reads_what_it_names(path: str, value: Any) -> None:
    assert compile_path(path)(ROW) == value


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "customer.nothing.city",
        "customer.address.city.length",  # a text has no keys
        "customer.address.city[0]",  # and no elements
        "customer[0]",  # an object has no elements
        "customer[*]",
        "line_items.sku",  # a list has no keys
        "line_items[3]",
        "line_items[-4]",
        "line_items[99999999999999999999]",
        "empty[*].sku",
        "line_items[*].nothing",
        "line.nothing",
    ],
)
def test_what_is_missing_reads_as_none(path: str) -> None:
    assert compile_path(path)(ROW) is None


def test_a_row_without_a_line_has_no_line_values() -> None:
    row = SourceRow(order_id="1", order={})
    assert [compile_path(path)(row) for path in ("line", "line.sku", "line[0]", "@line_id")] == [None] * 4


def test_mappings_that_are_no_dicts_are_read_alike() -> None:
    order: Mapping[str, Any] = MappingProxyType({"a": MappingProxyType({"b": ({"c": 1},)})})
    assert compile_path("a.b[0].c")(SourceRow(order_id="1", order=order)) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (".a", "position 1"),
        ("a..b", "position 3"),
        ("a.", "position 3"),
        ("a[", "position 2"),
        ("a[x]", "position 2"),
        ("a[1.5]", "position 2"),
        ("a[0]b", "position 5"),  # the dot is missing
        ("a. b", "spaces"),
        ('a["\\x"]', "JSON"),  # no escape of JSON
        ("@customer", "@order_id and @line_id"),
        ("a{b}", "position 2"),
        ("a" * (MAX_LENGTH + 1), "at most 256"),
        (".".join("a" * 33), "at most 32"),
    ],
)
def test_a_path_that_cannot_be_read_is_refused_with_its_place_and_a_remedy(path: str, words: str) -> None:
    with pytest.raises(BadColumn, match=words):
        compile_path(path)


@given(
    JSON,
    st.lists(st.sampled_from([".a", ".b", "[0]", "[-1]", "[*]", '[""]']), min_size=1, max_size=8),
)
def test_no_data_makes_a_path_raise(value: Any, steps: list[str]) -> None:
    row = SourceRow(order_id="1", order=value, line_id="1", line=value)
    path = "".join(steps)
    compile_path("a" + path)(row)
    compile_path("line" + path)(row)
    compile_plain("a" + path)(value)


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    with suppress(BadColumn):
        compile_path(text)(ROW)


def test_a_plain_path_can_tell_absent_from_null() -> None:
    read = compile_plain("a.b", missing="absent")
    assert [read({"a": {"b": None}}), read({"a": {}}), read({"a": None})] == [None, "absent", "absent"]


@given(JSON)
def test_every_listed_path_reads_the_value_it_was_listed_with(value: Any) -> None:
    row = SourceRow(order_id="1", order={"data": value})
    for path, found in paths_in(row.order):
        read = compile_path(path)(row)
        assert read == found or (read != read and found != found)


def test_paths_are_listed_in_document_order_with_lists_of_objects_by_their_first_element() -> None:
    order = {"b": 1, "a": {"c.d": 2}, "items": [{"sku": "A"}, {"sku": "B"}], "tags": ["x"]}
    assert [path for path, _ in paths_in(order)] == ["b", 'a["c.d"]', "items[0].sku", "tags"]


def test_a_misspelt_path_is_answered_with_the_nearest_ones() -> None:
    assert suggest("customer.adress.city", ROW)[0] == "customer.address.city"
    assert suggest("line.suk", ROW)[0] == "line.sku"
