import csv
import gzip
import io
import json
import lzma
import os
import random
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync.errors import BadRecord, BadSource, Unavailable
from sheetsync.pipeline.records import RowsPer, SourceRow, Tally
from sheetsync.sources.base import Mode, OrderQuery, Source
from sheetsync.sources.file import FileConfig, FileSource, opening, orders, readers

FULL = OrderQuery()
OPENERS: dict[str, Any] = {"": open, ".gz": gzip.open, ".xz": lzma.open}
IDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).filter(str.strip)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"))
NESTED = st.lists(
    st.fixed_dictionaries(
        {"id": IDS | st.integers(0), "lines": st.lists(st.fixed_dictionaries({"sku": VALUES}), max_size=3)},
        optional={"note": VALUES | st.decimals(allow_nan=False, allow_infinity=False) | st.none()},
    ),
    max_size=6,
)
per_example = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


def source(path: Path, tally: Tally | None = None, **config: Any) -> FileSource:
    config = {"rows_per": RowsPer.ORDER} | config
    return FileSource(FileConfig(path=str(path), **config), tally or Tally())


def rows(path: Path, cursor: str | None = None, **config: Any) -> list[SourceRow]:
    return list(source(path, **config).stream(FULL, cursor))


def keys(found: list[SourceRow]) -> list[tuple[str, str | None]]:
    return [(row.order_id, row.line_id) for row in found]


def write(path: Path, content: str | bytes) -> Path:
    with OPENERS.get(path.suffix, open)(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def dumped(value: Any) -> str:
    return json.dumps(value, default=float)


def jsonl(records: list[Any]) -> str:
    return "".join(dumped(record) + "\n" for record in records)


def csv_text(header: list[str], records: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *records])
    return buffer.getvalue()


def test_it_is_a_source(tmp_path: Path) -> None:
    found: Source = source(tmp_path / "a.jsonl")
    assert found.capabilities.fetch_by_id


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.NDJSON", "a.jsonl.gz", "a.jsonl.xz", "a.json", "a.json.gz", "a.json.xz"]
)
@given(records=NESTED)
@per_example
def test_any_orders_written_as_json_read_back_equal(tmp_path: Path, name: str, records: list[Any]) -> None:
    text = jsonl(records) if "json" not in name.split(".")[1:2] else dumped(records)
    found = rows(write(tmp_path / name, text))
    assert [row.order_id for row in found] == [str(record["id"]) for record in records]
    assert [row.order for row in found] == json.loads(dumped(records), parse_float=Decimal)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.xz"])
@given(records=st.lists(st.tuples(IDS, VALUES, st.text('a\n",é')), max_size=8, unique_by=lambda row: row[0]))
@per_example
def test_any_rows_written_as_csv_read_back_equal(tmp_path: Path, name: str, records: list[Any]) -> None:
    found = rows(write(tmp_path / name, csv_text(["id", "a", "b"], records)), rows_per=RowsPer.LINE)
    assert [tuple(row.order.values()) for row in found] == records


@pytest.mark.parametrize("chunk", [1, 7, 64])
@given(records=NESTED)
@per_example
def test_where_a_chunk_of_a_json_array_ends_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, records: list[Any]
) -> None:
    monkeypatch.setattr(readers, "_CHUNK", chunk)
    text = json.dumps(records, default=float, indent=1, ensure_ascii=False)
    found = rows(write(tmp_path / "a.json", "\ufeff " + text + " \n"))
    assert [row.order for row in found] == json.loads(text, parse_float=Decimal)


def test_money_keeps_its_digits(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"id": 1, "total": 12.50, "long": 0.12345678901234567890}')
    order = rows(path)[0].order
    assert (str(order["total"]), str(order["long"])) == ("12.50", "0.12345678901234567890")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_a_byte_order_mark_is_no_part_of_the_data(tmp_path: Path, name: str) -> None:
    text = {"a.jsonl": '{"id": 1}\n', "a.json": '[{"id": 1}]', "a.csv": "id\n1\n"}[name]
    assert keys(rows(write(tmp_path / name, "\ufeff" + text))) == [("1", None)]


def test_blank_lines_and_windows_line_ends_are_passed_over(tmp_path: Path) -> None:
    assert keys(rows(write(tmp_path / "a.jsonl", '{"id": 1}\r\n\r\n  \n{"id": 2}'))) == [
        ("1", None),
        ("2", None),
    ]
    assert keys(rows(write(tmp_path / "a.csv", "id\r\n1\r\n\r\n2"))) == [("1", None), ("2", None)]


@pytest.mark.parametrize(("name", "text"), [("a.jsonl", ""), ("a.json", " [ ] "), ("a.csv", "id,a\n")])
def test_a_file_without_orders_gives_none(tmp_path: Path, name: str, text: str) -> None:
    assert rows(write(tmp_path / name, text)) == []


def test_lines_inside_an_order_come_one_by_one_with_their_position_as_id(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        jsonl([{"id": 1, "lines": [{"sku": "A"}, {"sku": "B"}]}, {"id": 2, "lines": []}]),
    )
    found = rows(path, rows_per=RowsPer.LINE)
    assert keys(found) == [("1", "1"), ("1", "2"), ("2", None)]
    assert [row.line for row in found] == [{"sku": "A"}, {"sku": "B"}, None]
    assert found[0].cursor == found[1].cursor != found[2].cursor


def test_ids_and_lines_are_found_by_the_paths_that_are_configured(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"order": {"no": "7", "items": [{"key": {"id": 70}}]}}]))
    config = {"id_path": "order.no", "lines_path": "order.items", "line_id_path": "key.id"}
    assert keys(rows(path, rows_per=RowsPer.LINE, **config)) == [("7", "70")]


def test_an_order_whose_lines_are_null_has_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": 1, "lines": None}]))
    assert keys(rows(path, rows_per=RowsPer.LINE)) == [("1", None)]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_consecutive_rows_with_one_id_are_one_order(tmp_path: Path, name: str) -> None:
    records = [{"id": "1", "sku": "A"}, {"id": "1", "sku": "B"}, {"id": "2", "sku": "C"}]
    text = {"a.csv": "id,sku\n1,A\n1,B\n2,C\n", "a.jsonl": jsonl(records), "a.json": dumped(records)}[name]
    found = rows(write(tmp_path / name, text), rows_per=RowsPer.LINE)
    assert keys(found) == [("1", "1"), ("1", "2"), ("2", "1")]
    assert [row.line for row in found] == records
    assert found[1].order == records[0]  # the order's own fields stand in its first row


def test_a_csv_order_in_a_tab_of_orders_has_its_rows_as_lines(tmp_path: Path) -> None:
    found = rows(write(tmp_path / "a.csv", "id,total,sku\n1,5.00,A\n1,,B\n"))
    assert keys(found) == [("1", None)]
    assert found[0].order["total"] == "5.00"
    assert [line["sku"] for line in found[0].order["lines"]] == ["A", "B"]


def test_a_csv_file_may_have_another_delimiter_and_columns_without_a_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'Order Id;note;\n1;"a;b";x\n')
    assert rows(path, id_path="Order Id", delimiter=";", rows_per=RowsPer.LINE)[0].line == {
        "Order Id": "1",
        "note": "a;b",
    }


def test_a_later_version_of_an_order_with_lines_may_follow(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": 1, "v": 1}, {"id": 2}, {"id": 1, "v": 2}]))
    assert [row.order.get("v") for row in rows(path)] == [1, None, 2]


BAD_LINES = [
    ('{"id": 1', "line 2: no JSON: Expecting"),
    ("[1]", "line 2: a list, not an object"),
    ("5", "line 2: a int, not an object"),
    ("{}", "line 2: the order id is missing"),
    ('{"id": ""}', "the order id is missing"),
    ('{"id": " "}', "blank"),
    ('{"id": null}', "the order id is missing"),
    ('{"id": 1.0}', "is a Decimal, not a text or whole number"),
    ('{"id": true}', "is a bool"),
    ('{"id": [1]}', "is a list"),
    ('{"id": "' + "x" * 513 + '"}', "longer than 512"),
    ('{"id": "a\\u0000"}', "control characters"),
    ('{"id": "\\ud800"}', "control characters"),
    ('{"id": 3, "n": ' + "9" * 5000 + "}", "a number too long"),
    ('{"id": 3, "n": 1e99999999999999999999}', "a number too long"),
    ('{"id": 3, "n": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ('{"id": 3, "lines": {}}', "lines holds a dict, not a list"),
    ('{"id": 3, "lines": [1]}', "line 1 of order '3' is no object"),
    ('{"id": 3, "lines": [{}]}', "the line id is missing"),
    ('{"id": 3, "lines": [{"n": 1}, {"n": "1"}]}', "two lines with the id '1'"),
    (b'{"id": "\xff"}', "line 2: not UTF-8"),
]


@pytest.mark.parametrize(("bad", "words"), BAD_LINES, ids=[words for _, words in BAD_LINES])
def test_a_bad_record_stops_the_walk_with_its_place_and_reason(tmp_path: Path, bad: str | bytes, words: str) -> None:
    path = with_bad_line(tmp_path, bad)
    found = source(path, rows_per=RowsPer.LINE, line_id_path="n").stream(FULL, None)
    assert next(found).order_id == "1"
    with pytest.raises(BadRecord, match=words) as error:
        next(found)
    assert str(error.value).startswith("orders.jsonl, line 2: ")


@pytest.mark.parametrize(("bad", "words"), BAD_LINES, ids=[words for _, words in BAD_LINES])
def test_a_bad_record_may_be_left_out_and_counted(tmp_path: Path, bad: str | bytes, words: str) -> None:
    tally = Tally()
    found = source(with_bad_line(tmp_path, bad), tally, rows_per=RowsPer.LINE, line_id_path="n", on_bad="skip")
    assert keys(list(found.stream(FULL, None))) == [("1", None), ("2", None)]
    assert tally.counts == {"bad_record": 1}
    assert words in tally.examples["bad_record"]


def with_bad_line(folder: Path, bad: str | bytes) -> Path:
    bad = bad if isinstance(bad, bytes) else bad.encode()
    return write(folder / "orders.jsonl", b'{"id": 1, "lines": []}\n' + bad + b'\n{"id": 2, "lines": []}\n')


def test_a_line_without_end_is_refused_and_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MAX_RECORD", 100)
    path = write(tmp_path / "a.jsonl", '{"id": 1}\n' + "x" * 1000 + '\n{"id": 2}\n')
    assert keys(rows(path, on_bad="skip")) == [("1", None), ("2", None)]
    with pytest.raises(BadRecord, match="line 2: longer than"):
        rows(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"id": 1}', "does not begin with"),
        ("", "does not begin with"),
        ('[{"id": 1}', "record 1: the file ends before"),
        ('[{"id": 1},', "record 2: no JSON"),
        ('[{"id": 1},]', "record 2: no JSON"),
        ('[{"id": 1} {"id": 2}]', "record 1: a comma is missing"),
        ('[{"id": 1}]\n{"id": 2}', "more after the closing"),
        ("[] []", "more after the closing"),
        ('[{"id": 1}, {"id": "' + "x" * 1000, "record 2: no JSON"),
        ('[{"id": 1}, {"id": ' + "[" * 100_000, "record 2: nested too deeply"),
    ],
)
@pytest.mark.parametrize("on_bad", ["stop", "skip"])
def test_a_json_array_that_is_broken_cannot_be_read_on(tmp_path: Path, text: str, words: str, on_bad: str) -> None:
    with pytest.raises(BadRecord, match=words):
        rows(write(tmp_path / "a.json", text), on_bad=on_bad)


def test_elements_of_a_json_array_that_are_no_orders_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", b'[{"id": 1}, 5, {"id": "\xff"}, {}, {"id": 2}]')
    tally = Tally()
    assert keys(list(source(path, tally, on_bad="skip").stream(FULL, None))) == [("1", None), ("2", None)]
    assert tally.counts == {"bad_record": 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "line 1: the file is empty"),
        (b"\n1\n", "line 1: the file is empty"),
        (b"no,name\n1,2\n", "no column is named 'id': choose one of no, name"),
        (b"id,a,a\n", "two columns are named 'a'"),
        (b"id,lines\n", "a column is named 'lines'"),
        (b"id,\xff\n", "line 1: not UTF-8"),
        (b'id,a\n1,"x\n2,y\n', "line 2: no CSV: .*quote"),
        (b'id,a\n1,"x"y\n', "line 2: no CSV"),
        (b"id,a\n1," + b"x" * 200_000, "line 2: no CSV: field larger"),
    ],
)
@pytest.mark.parametrize("on_bad", ["stop", "skip"])
def test_a_csv_file_that_is_broken_cannot_be_read_on(tmp_path: Path, text: bytes, words: str, on_bad: str) -> None:
    with pytest.raises(BadRecord, match=words):
        rows(write(tmp_path / "a.csv", text), on_bad=on_bad)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b"1,x,y", "line 4: 3 fields, but the header has 2"),
        (b"1", "line 4: 1 fields"),
        (b"1,\xff", "line 4: not UTF-8"),
        (b",x", "line 4: the order id is missing"),
    ],
)
def test_a_bad_csv_row_is_named_by_the_line_it_begins_at(tmp_path: Path, row: bytes, words: str) -> None:
    path = write(tmp_path / "a.csv", b'id,a\n1,"two\nlines"\n' + row + b"\n2,x\n")
    tally = Tally()
    assert keys(list(source(path, tally, on_bad="skip").stream(FULL, None))) == [("1", None), ("2", None)]
    assert words in tally.examples["bad_record"]
    with pytest.raises(BadRecord, match=words):
        rows(path)


def test_an_order_that_comes_back_in_a_flat_file_is_refused_with_both_places(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,sku\n1,A\n2,B\n1,C\n3,D\n")
    with pytest.raises(BadRecord, match="line 4: order '1' was met at line 2 already"):
        rows(path, rows_per=RowsPer.LINE)
    assert keys(rows(path, rows_per=RowsPer.LINE, on_bad="skip")) == [("1", "1"), ("2", "1"), ("3", "1")]


def test_an_id_that_never_changes_is_noticed_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MAX_LINES", 10)
    with pytest.raises(BadRecord, match="line 12: order '1' has over 10 rows: check id_path"):
        rows(write(tmp_path / "a.csv", "id\n" + "1\n" * 11))


def test_line_ids_of_a_csv_file_come_from_their_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,pos\n1,10\n1,20\n")
    assert keys(rows(path, rows_per=RowsPer.LINE, line_id_path="pos")) == [("1", "10"), ("1", "20")]
    with pytest.raises(BadRecord, match="no column is named 'nr'"):
        rows(path, rows_per=RowsPer.LINE, line_id_path="nr")


FILES = {
    "nested.jsonl": jsonl(
        [{"id": n, "lines": [{"sku": "A"}] * (n % 3)} for n in range(1, 9)] + [{"id": 1, "lines": []}]
    ),
    "nested.json": dumped([{"id": n, "lines": [{"sku": "A"}] * (n % 3)} for n in range(1, 9)]),
    "flat.jsonl": "\n" + jsonl([{"id": n // 2} for n in range(9)]),
    "flat.csv": csv_text(["id", "a"], [[str(n // 3), "x\ny"] for n in range(9)]),
}


@pytest.mark.parametrize("rows_per", list(RowsPer))
@pytest.mark.parametrize("name", [*FILES, *(f"{name}.gz" for name in FILES)])
def test_resuming_at_any_cursor_gives_the_remainder(tmp_path: Path, name: str, rows_per: RowsPer) -> None:
    path = write(tmp_path / name, FILES[name.removesuffix(".gz")])
    everything = rows(path, rows_per=rows_per)
    for number, row in enumerate(everything, 1):
        if number == len(everything) or everything[number].cursor != row.cursor:
            assert rows(path, row.cursor, rows_per=rows_per) == everything[number:]


def test_a_file_may_grow_between_two_walks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,sku\n1,A\n2,B\n")
    cursor = rows(path, rows_per=RowsPer.LINE)[-1].cursor
    write(path, "id,sku\n1,A\n2,B\n2,C\n3,D\n")
    # The last order has grown: it comes again, whole.
    assert keys(rows(path, cursor, rows_per=RowsPer.LINE)) == [("2", "1"), ("2", "2"), ("3", "1")]


def test_a_resumed_walk_still_notices_an_order_from_before_that_comes_back(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": 1}, {"id": 2}, {"id": 1}]))
    walk = source(path, rows_per=RowsPer.LINE).stream(FULL, None)
    next(walk)
    cursor = next(walk).cursor
    with pytest.raises(BadRecord, match="line 3: order '1' was met at line 1"):
        rows(path, cursor, rows_per=RowsPer.LINE)


def test_what_was_left_out_before_the_cursor_is_not_counted_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,a\n1,x\n9\n2,x\n9\n3,x\n")
    cursor = rows(path, on_bad="skip")[1].cursor
    tally = Tally()
    assert len(list(source(path, tally, on_bad="skip").stream(FULL, cursor))) == 1
    assert tally.counts == {"bad_record": 1}


def test_resuming_jsonl_does_not_decode_what_was_read_before(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": n, "pad": "x" * 40_000} for n in range(6)]))
    cursor = rows(path)[3].cursor
    content = path.read_bytes().split(b"\n")
    content[2] = b"no JSON"  # beyond what the cursor's digest covers
    path.write_bytes(b"\n".join(content))
    assert keys(rows(path, cursor)) == [("4", None), ("5", None)]


@pytest.mark.parametrize(
    "other",
    [
        '{"id": 9}\n{"id": 2}\n{"id": 3}\n',  # another beginning
        '{"id": 1}\n',  # shorter
        "",
    ],
)
def test_a_cursor_of_another_file_is_refused_with_the_remedy(tmp_path: Path, other: str) -> None:
    path = write(tmp_path / "a.jsonl", '{"id": 1}\n{"id": 2}\n{"id": 3}\n')
    cursor = rows(path)[1].cursor
    with pytest.raises(BadSource, match="delete the checkpoint"):
        rows(write(path, other), cursor)


def test_a_cursor_whose_record_has_become_another_order_is_refused(tmp_path: Path) -> None:
    lines = [json.dumps({"id": n, "pad": "x" * 40_000}) for n in range(6)]
    path = write(tmp_path / "a.jsonl", "\n".join(lines))
    cursor = rows(path)[3].cursor
    write(path, "\n".join(lines[:2] + lines[3:]))
    with pytest.raises(BadSource, match="delete the checkpoint"):
        rows(path, cursor)


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '{"records": 1}', "null"])
def test_a_cursor_that_is_none_of_ours_is_refused(tmp_path: Path, cursor: str) -> None:
    with pytest.raises(BadSource, match="delete the checkpoint"):
        rows(write(tmp_path / "a.jsonl", '{"id": 1}\n'), cursor)


def test_fetch_gives_the_last_version_of_each_order_that_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": 1, "v": 1}, {"id": 2}, {"id": 3}, {"id": 1, "v": 2}]))
    found = list(source(path).fetch(["1", "3", "404"]))
    assert sorted((row.order_id, row.order.get("v"), row.cursor) for row in found) == [
        ("1", 2, None),
        ("3", None, None),
    ]
    assert list(source(path).fetch([])) == []


def test_a_walk_of_named_orders_is_a_fetch(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id\n1\n2\n2\n")
    query = OrderQuery(mode=Mode.ORDERS, order_ids=("2",))
    assert keys(list(source(path, rows_per=RowsPer.LINE).stream(query, None))) == [("2", "1"), ("2", "2")]


@pytest.mark.parametrize(
    ("name", "text", "total"),
    [
        ("a.jsonl", '{"id": 1}\n{"id": 2}\n', 2),
        ("a.jsonl", '{"id": 1}\n{"id": 2}', 2),  # no line end at the end
        ("a.jsonl", "", 0),
        ("a.jsonl.gz", '{"id": 1}\n', None),
        ("a.json", "[]", None),
        ("a.csv", "id\n1\n", None),
    ],
)
def test_the_total_is_known_where_it_is_cheap(tmp_path: Path, name: str, text: str, total: int | None) -> None:
    assert source(write(tmp_path / name, text)).total() == total


def test_the_total_of_a_very_large_file_or_of_lines_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.jsonl", '{"id": 1}\n')
    assert source(path, rows_per=RowsPer.LINE).total() is None
    monkeypatch.setattr(opening, "MAX_COUNTED", 5)
    assert source(path).total() is None


@pytest.mark.parametrize(("name", "once"), [("a.csv", True), ("a.jsonl", False), ("a.json", False)])
def test_only_a_flat_file_promises_each_order_once(tmp_path: Path, name: str, once: bool) -> None:
    assert source(tmp_path / name).capabilities.each_order_once is once


@pytest.mark.parametrize(
    ("name", "config", "words"),
    [
        ("a.txt", {}, r"format '\.txt' is not known: choose jsonl"),
        ("a", {}, "format '' is not known"),
        ("a.gz", {}, "format '' is not known"),
        ("a.jsonl", {"format": "xml"}, "format 'xml' is not known"),
        ("a.jsonl", {"on_bad": "ignore"}, "write stop or skip"),
        ("a.csv", {"delimiter": "ab"}, "no single character"),
        ("a.csv", {"delimiter": '"'}, "no single character"),
        ("a.jsonl", {"id_path": "a..b"}, "id_path: .*position 3"),
        ("a.jsonl", {"lines_path": ""}, "lines_path: .*empty"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_at_once(
    tmp_path: Path, name: str, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadSource, match=words):
        source(tmp_path / name, **config)


def test_the_format_may_be_named_where_the_ending_does_not_tell(tmp_path: Path) -> None:
    assert keys(rows(write(tmp_path / "export.gz", '{"id": 1}'), format="jsonl")) == [("1", None)]
    assert keys(rows(write(tmp_path / "export.txt", "id\n1\n"), format="csv")) == [("1", None)]


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="does not exist"):
        rows(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").mkdir()
    with pytest.raises(BadSource, match="no regular file"):
        rows(tmp_path / "b.jsonl")


def damaged() -> list[tuple[str, bytes]]:
    noise = random.Random(1).randbytes(5_000).hex()  # compresses badly, so that there is a middle to damage
    text = jsonl([{"id": 1, "noise": noise}]).encode()
    files = []
    for name, packed in (("a.jsonl.gz", gzip.compress(text)), ("a.jsonl.xz", lzma.compress(text))):
        files.append((name, packed[: len(packed) // 2]))  # cut short
        files.append((name, packed[:2000] + b"\x00" * 50 + packed[2050:]))  # damaged
        files.append((name, b"not compressed at all"))
    return files


@pytest.mark.parametrize(("name", "content"), damaged(), ids=range(6))
def test_a_compressed_file_that_is_cut_short_or_damaged_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadSource, match=f"{name} is damaged or cut short"):
        rows(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.json.gz"])
def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path, name: str) -> None:
    records = [{"id": str(number), "pad": "x" * 2_000} for number in range(5_000)]
    text = {
        ".jsonl": jsonl(records),
        ".json": dumped(records),
        ".csv": csv_text(["id", "pad"], [list(record.values()) for record in records]),
    }[Path(name.removesuffix(".gz")).suffix]
    found = source(write(tmp_path / name, text)).stream(FULL, None)
    tracemalloc.start()
    assert sum(1 for _ in found) == 5_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(text) / 3


def test_a_file_that_shrinks_while_orders_are_fetched_tells_nobody_that_they_are_gone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": number, "note": "x" * 1_000} for number in range(1_000)]))
    found = source(path, on_bad="skip").fetch(["0", "999"])
    assert next(found).order_id == "0"
    os.truncate(path, 1_000)
    with pytest.raises(Unavailable, match="was changed while it was being read"):
        list(found)


def test_fetching_thousands_of_orders_holds_one_at_a_time(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", jsonl([{"id": number, "note": "x" * 1_000} for number in range(3_000)]))
    tracemalloc.start()
    fetched = sum(1 for _ in source(path).fetch([str(number) for number in range(3_000)]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fetched == 3_000 and peak < 1_500_000
