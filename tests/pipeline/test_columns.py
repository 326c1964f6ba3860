from decimal import Decimal
from typing import Any

import pytest

from sheetsync.errors import BadColumn
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import Column, columns_from, default_uid, number_format
from sheetsync.pipeline.defaults import default_columns, guess
from sheetsync.pipeline.records import RowsPer, SourceRow


def test_a_definition_needs_only_a_header_and_a_path() -> None:
    assert columns_from([{"header": " City ", "path": "customer.city"}]) == (
        Column(uid="customer.city", header="City", path="customer.city"),
    )


def test_all_fields_of_a_definition_are_kept() -> None:
    definition = {
        "uid": "t",
        "header": "Total",
        "template": "{total}",
        "type": "currency",
        "format": "0.00 €",
    }
    assert columns_from([definition]) == (
        Column(uid="t", header="Total", template="{total}", type=ColumnType.CURRENCY, format="0.00 €"),
    )


def test_fields_that_are_null_count_as_left_out() -> None:
    definition = {"header": "A", "path": "a", "template": None, "uid": None, "type": None, "format": None}
    assert columns_from([definition])[0].uid == "a"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"heading": "x"}, "column 1, field 'heading': did you mean header"),
        ({"zzz": "x"}, "known fields are"),
        ({"header": ""}, "column 1, header ''"),
        ({"header": " \t"}, "write what the first row"),
        ({"header": "x" * 201}, "200 characters"),
        ({"header": "a\nb"}, "line breaks"),
        ({"header": 5}, "write a text"),
        ({"path": None}, "exactly one"),
        ({"template": "{a}"}, "exactly one"),  # as well as a path
        ({"path": "a..b"}, "column 1, path: .*position 3"),
        ({"path": None, "template": "{a"}, "column 1, template: .*position 1"),
        ({"path": None, "template": "no placeholder"}, "0 placeholders"),
        ({"type": "curency"}, "did you mean currency"),
        ({"type": "text", "format": "0.00"}, "type text has none"),
        ({"type": "date", "format": " "}, "Sheets pattern"),
        ({"uid": "#key"}, "not beginning with #"),
        ({"uid": "a b"}, "without spaces"),
        ({"uid": "x" * 81}, "1 to 80"),
        ({"uid": ""}, "1 to 80"),
    ],
)
def test_a_bad_definition_is_refused_with_its_place_and_a_remedy(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadColumn, match=words):
        columns_from([{"header": "A", "path": "a"} | change])


@pytest.mark.parametrize(
    ("definitions", "words"),
    [
        ([], "no columns"),
        ([{"header": str(n), "path": f"a{n}"} for n in range(201)], "201 columns"),
        (["a"], "write an object"),
        (
            [{"header": "A", "path": "a"}, {"header": " a", "path": "b"}],
            "column 2, header 'a': column 1 has it",
        ),
        ([{"header": "A", "path": "a"}, {"header": "B", "path": "a"}], "column 2, uid 'a': column 1 has it"),
    ],
)
def test_a_set_of_columns_must_be_of_sensible_size_and_without_doubles(definitions: Any, words: str) -> None:
    with pytest.raises(BadColumn, match=words):
        columns_from(definitions)


def test_a_line_path_is_refused_where_a_row_is_an_order() -> None:
    definitions = [{"header": "SKU", "path": "line.sku"}]
    assert columns_from(definitions, RowsPer.LINE)
    with pytest.raises(BadColumn, match=r"lines\[\*\]\.sku"):
        columns_from(definitions, RowsPer.ORDER)


@pytest.mark.parametrize(
    ("source", "uid"),
    [
        ("customer.city", "customer.city"),
        ("{first} {last}", "{first}_{last}"),  # no whitespace in a uid
        ("#a", "a"),  # reserved
        ("##", "_"),
    ],
)
def test_a_uid_is_made_of_the_path_or_template(source: str, uid: str) -> None:
    assert default_uid(source) == uid


def test_long_paths_that_differ_only_at_their_end_get_different_uids() -> None:
    uids = {default_uid("a" * 100 + end) for end in "xyz"}
    assert len(uids) == 3
    assert {len(uid) for uid in uids} == {80}


def test_a_columns_own_format_replaces_the_pattern_and_keeps_the_kind() -> None:
    plain, own, text = columns_from(
        [
            {"header": "A", "path": "a", "type": "datetime"},
            {"header": "B", "path": "b", "type": "datetime", "format": "d.m.yyyy"},
            {"header": "C", "path": "c"},
        ]
    )
    assert number_format(plain) == {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"}
    assert number_format(own) == {"type": "DATE_TIME", "pattern": "d.m.yyyy"}
    assert number_format(text) is None


@pytest.mark.parametrize(
    ("path", "value", "type_"),
    [
        ("total_price", "12.50", "currency"),
        ("totalPrice", Decimal("12.50"), "currency"),
        ("shipping", 5, "currency"),
        ("weight", "0.250", "decimal"),
        ("weight", 0.25, "decimal"),
        ("quantity", 3, "integer"),
        ("created_at", "2024-01-05T10:22:33Z", "datetime"),
        ("birthday", "2024-01-05", "date"),
        ("paid", True, "boolean"),
        ("gift", False, "boolean"),
        ("id", 123, "text"),  # an id is no quantity
        ("customer_id", "123", "text"),
        ("shipping.zip", "01234", "text"),  # leading zeros
        ("address.postalCode", "12.50", "text"),
        ("phone", 4989123, "text"),
        ("sku", "12.50", "text"),
        ("tags", ["a"], "text"),
        ("note", None, "text"),
        ("total_price", "on request", "text"),
        ("views", 10**17, "text"),  # more digits than a sheet keeps
        ("version", "1.2.3", "text"),
    ],
)
def test_the_type_of_a_field_is_guessed_from_its_name_and_value(path: str, value: Any, type_: str) -> None:
    assert guess(path, value) == type_


LINE = {"id": 1, "sku": "A", "quantity": 2}
ORDER = {
    "id": 17,
    "created_at": "2024-01-05T10:22:33Z",
    "customer": {"id": 17, "email": "a@b.c"},
    "total": "12.50",
    "lines": [LINE],
}


def test_default_columns_of_orders_begin_with_the_id_and_follow_the_document() -> None:
    columns = default_columns(SourceRow(order_id="17", order=ORDER), RowsPer.ORDER)
    assert [(column.header, column.path, column.type.value) for column in columns] == [
        ("Order", "@order_id", "text"),
        ("Created at", "created_at", "datetime"),
        ("Customer id", "customer.id", "text"),
        ("Customer email", "customer.email", "text"),
        ("Total", "total", "currency"),
    ]


def test_default_columns_of_lines_add_what_a_line_has() -> None:
    row = SourceRow(order_id="17", order=ORDER, line_id="1", line=LINE)
    columns = default_columns(row, RowsPer.LINE)
    assert [column.path for column in columns][-3:] == ["@line_id", "line.sku", "line.quantity"]


def test_default_columns_of_a_flat_file_name_each_field_once() -> None:
    record = {"id": "17", "total": "5.00", "sku": "A"}
    columns = default_columns(SourceRow(order_id="17", order=record, line_id="1", line=record), RowsPer.LINE)
    assert [column.path for column in columns] == ["@order_id", "@line_id", "line.total", "line.sku"]


def test_default_columns_survive_fields_with_absurd_names() -> None:
    names = ["a b", "a_b", "A  B", "order", "", "x" * 250, "\x00", "\ud800", "__", "@id", "line", '"'] + [
        f"f{n}" for n in range(300)
    ]
    columns = default_columns(SourceRow(order_id="1", order=dict.fromkeys(names, 10**5000)), RowsPer.ORDER)
    assert len(columns) == 60
