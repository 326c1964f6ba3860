"""values.*: ranges, rendering, coercion, appends and their refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sheetsync.emulator import Emulator
from tests.emulator.support import Client, marker, write

YEAR = datetime.now(UTC).year


def entered(client: Client, text: Any, option: str = "USER_ENTERED") -> tuple[Any, str | None]:
    """The stored value and number format of a typed text."""
    client.put("Orders!A1", [[text]], option)
    style = client.sheet.format_of(0, 0) or {}
    return client.sheet.cell(0, 0), style.get("numberFormat", {}).get("type")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("007", 7, None),
        ("2026-09-05", 46270, "DATE"),
        ("2020-01-01", 43831, "DATE"),
        ("$100.15", 100.15, "CURRENCY"),
        ("TRUE", True, None),
        ("'0123", "0123", None),
        ("=1+2", 3, None),
        ("=4/2", 2, None),
        ("=(1+2)*-3", -9, None),
        ('="a"&1', "a1", None),
        ("1,234.5", 1234.5, "NUMBER"),
        ("12%", 0.12, "PERCENT"),
        ("3_1_0", "3_1_0", None),
        ("2026-13-40", "2026-13-40", None),
        ("1e999", "1e999", None),
        (53, 53, None),
        (True, True, None),
    ],
)
def test_user_entered_takes_a_text_as_typed(client: Client, text: Any, value: Any, kind: str | None) -> None:
    assert entered(client, text) == (value, kind)


def test_a_date_without_a_year_is_this_year() -> None:
    emulator = Emulator(clock=lambda: datetime(2026, 9, 5, tzinfo=UTC).timestamp())
    client = Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))
    assert entered(client, "1-2") == (46024, "DATE")


@pytest.mark.parametrize("text", ["007", "=1+2", "'x", "TRUE", "2026-09-05", "+49 30 1234"])
def test_raw_keeps_a_text_as_it_is(client: Client, text: str) -> None:
    assert entered(client, text, "RAW") == (text, None)


def test_a_typed_string_value_is_never_parsed(client: Client) -> None:
    client.ok(write(0, 0, ["=1+2", "007", "'x"]))
    assert client.sheet.values() == [["=1+2", "007", "'x"]]


def test_numbers_are_doubles(client: Client) -> None:
    client.ok(write(0, 0, [123456789012345678, 2.0, 0.1]))
    assert client.sheet.values() == [[123456789012345680, 2, 0.1]]


def test_a_formula_shows_its_value_and_its_text(client: Client) -> None:
    client.put("Orders!A1", [["=3/2", "=SUM(A1:A9)", "=1/0"]], "USER_ENTERED")
    assert client.read("Orders!A1:C1")["values"] == [["1.5", "#ERROR!", "#DIV/0!"]]
    assert client.read("Orders!A1:C1", valueRenderOption="FORMULA")["values"] == [["=3/2", "=SUM(A1:A9)", "=1/0"]]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, ["2020-01-01", "$5.00", "TRUE", "0.12"]),
        ({"valueRenderOption": "UNFORMATTED_VALUE"}, [43831, 5, True, 0.12]),
        ({"valueRenderOption": "FORMULA"}, [43831, 5, True, 0.12]),
        (
            {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"},
            ["2020-01-01", 5, True, 0.12],
        ),
    ],
)
def test_rendering(client: Client, options: dict[str, str], shown: list[Any]) -> None:
    client.put("Orders!A1", [["2020-01-01", "$5.00", "TRUE", "0.12"]], "USER_ENTERED")
    assert client.read("Orders!A1:D1", **options)["values"] == [shown]


@pytest.mark.parametrize(
    ("range_", "shown"),
    [
        ("Orders", "Orders!A1:E10"),
        ("orders!A1", "Orders!A1"),
        ("A1:C", "Orders!A1:C10"),
        ("Orders!2:2", "Orders!A2:E2"),
        ("Orders!D4:A1", "Orders!A1:D4"),
        ("Orders!A5:A", "Orders!A5:A10"),
        ("Orders!A1:C1000", "Orders!A1:C10"),
        ("R1C1:R2C2", "Orders!A1:B2"),
        ("'Orders'!B:B", "Orders!B1:B10"),
    ],
)
def test_a_range_comes_back_normalised(client: Client, range_: str, shown: str) -> None:
    assert client.read(range_)["range"] == shown


@pytest.mark.parametrize(("title", "shown"), [("D3", "'D3'!A1"), ("It's", "'It''s'!A1"), ("a_b", "a_b!A1")])
def test_titles_are_quoted_only_when_needed(client: Client, title: str, shown: str) -> None:
    client.ok({"updateSheetProperties": {"properties": {"title": title}, "fields": "title"}})
    assert client.read("'" + title.replace("'", "''") + "'!A1")["range"] == shown


@pytest.mark.parametrize(
    ("range_", "message"),
    [
        ("Nowhere!A1", "Unable to parse range: Nowhere!A1"),
        ("Orders!AAAA1", "Unable to parse range: Orders!AAAA1"),
        ("Orders!A0", "Unable to parse range: Orders!A0"),
        ("Orders!A50:B51", "Range (Orders!A50:B51) exceeds grid limits. Max rows: 10, max columns: 5"),
        ("Orders!ZZZ1", "Range (Orders!ZZZ1) exceeds grid limits. Max rows: 10, max columns: 5"),
    ],
)
def test_a_range_that_is_none_is_refused(client: Client, range_: str, message: str) -> None:
    response = client.send("GET", f"/values/{range_}")
    assert (response.status, response.json()["error"]["message"]) == (400, message)


def test_a_bare_name_is_a_named_range_first(orders: Client) -> None:
    named = {"name": "Orders", "range": {"endRowIndex": 1, "endColumnIndex": 2}}
    orders.ok({"addNamedRange": {"namedRange": named}})
    assert orders.read("Orders")["range"] == "Orders!A1:B1"
    assert orders.read("'Orders'")["range"] == "Orders!A1:E10"


def test_trailing_empties_are_dropped_and_inner_ones_kept(client: Client) -> None:
    client.put("Orders!B2", [["x", "", "y"], [], ["z"]])
    assert client.read("Orders")["values"] == [[], ["", "x", "", "y"], [], ["", "z"]]


def test_an_empty_range_has_no_values_key(client: Client) -> None:
    assert client.read("Orders!A1:B2") == {"range": "Orders!A1:B2", "majorDimension": "ROWS"}


def test_columns_transpose(client: Client) -> None:
    client.put("Orders!A1", [["a", "b"], ["c"]])
    assert client.read("Orders!A1:B2", majorDimension="COLUMNS")["values"] == [["a", "c"], ["b"]]


def test_null_skips_and_empty_text_clears(orders: Client) -> None:
    reply = orders.put("Orders!A2:C3", [[None, "", 5]]).json()
    assert orders.sheet.values()[1] == ["1", None, 5]
    assert (reply["updatedRange"], reply["updatedRows"], reply["updatedColumns"]) == ("Orders!A2:C2", 1, 2)
    assert reply["updatedCells"] == 2


@pytest.mark.parametrize(
    ("range_", "values", "message"),
    [
        ("Orders!A1:B1", [[1, 2, 3]], "within range [Orders!A1:B1], but tried writing to column [C]"),
        ("Orders!A1:B1", [[1], [2]], "within range [Orders!A1:B1], but tried writing to row [2]"),
        ("Orders!E1", [[1, 2]], "within range [Orders!E1], but tried writing to column [F]"),
        ("Orders!A10", [[1], [2]], "within range [Orders!A10], but tried writing to row [11]"),
    ],
)
def test_an_update_never_grows_its_range_or_the_grid(
    client: Client, range_: str, values: list[list[Any]], message: str
) -> None:
    response = client.put(range_, values)
    assert response.json()["error"]["message"] == f"Requested writing {message}"
    assert client.sheet.values() == []


def test_values_must_be_lists_of_lists(client: Client) -> None:
    response = client.send("PUT", "/values/Orders!A1", {"values": "X"}, valueInputOption="RAW")
    message = "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    assert response.json()["error"]["message"] == message


def test_a_batch_update_counts_distinct_rows_and_columns(client: Client) -> None:
    data = [{"range": f"Orders!{cell}", "values": [["x"]]} for cell in ("B2", "D2", "B4", "D4")]
    reply = client.send("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data}).json()
    assert (reply["totalUpdatedRows"], reply["totalUpdatedColumns"], reply["totalUpdatedCells"]) == (2, 2, 4)


def test_a_batch_update_with_one_bad_range_writes_nothing(client: Client) -> None:
    data = [{"range": "Orders!A1", "values": [["x"]]}, {"range": "Orders!E1", "values": [[1, 2]]}]
    response = client.send("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert response.json()["error"]["message"].startswith("Invalid data[1]: Requested writing")
    assert client.sheet.values() == []


def test_clear_keeps_notes(orders: Client) -> None:
    start = {"rowIndex": 1}
    orders.ok({"updateCells": {"start": start, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}})
    reply = orders.send("POST", "/values/Orders!A2:C2:clear").json()
    assert reply == {"spreadsheetId": orders.id, "clearedRange": "Orders!A2:C2"}
    assert orders.sheet.values()[1] == []
    assert orders.sheet.notes == {(1, 0): "n"}


@pytest.fixture
def guide(client: Client) -> Client:
    """The two tables of Google's guide: A1:C2 and B4:D6."""
    client.ok(write(0, 0, *[["a"] * 3] * 2), write(3, 1, *[["b"] * 3] * 3))
    return client


@pytest.mark.parametrize(
    ("range_", "where"),
    [
        ("Orders", "B7"),
        ("Orders!B4", "B7"),
        ("Orders!C5:D5", "B7"),
        ("Orders!B2:D4", "B7"),
        ("Orders!A3:E10", "B7"),
        ("Orders!A1", "A3"),
        ("Orders!E4", "E4"),
    ],
)
def test_an_append_finds_its_table_as_in_googles_guide(guide: Client, range_: str, where: str) -> None:
    reply = guide.send("POST", f"/values/{range_}:append", {"values": [["x"]]}, valueInputOption="RAW").json()
    assert reply["updates"]["updatedRange"] == f"Orders!{where}"


def test_an_append_drifts_right_after_an_inner_empty_cell(client: Client) -> None:
    for _ in range(2):
        body = {"values": [["x", "", "z"]]}
        reply = client.send("POST", "/values/Orders:append", body, valueInputOption="RAW").json()
    assert (reply["tableRange"], reply["updates"]["updatedRange"]) == ("Orders!C1", "Orders!C2:E2")


def test_an_append_grows_the_grid(client: Client) -> None:
    client.ok(write(9, 0, ["last"]))
    body = {"values": [list("abcdefg")]}
    client.send("POST", "/values/Orders:append", body, valueInputOption="RAW")
    assert (client.sheet.row_count, client.sheet.column_count) == (11, 7)


def test_insert_rows_pushes_down_what_is_below_the_table(guide: Client) -> None:
    body = {"values": [["x"]]}
    options = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    guide.send("POST", "/values/Orders!A1:append", body, **options)
    assert [row[:2] for row in guide.sheet.values()[2:5]] == [["x"], [], [None, "b"]]


def test_ranges_by_filter_come_with_their_filters(orders: Client) -> None:
    orders.ok(marker(1, {"dimensionRange": {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}}))
    filters = [
        {"gridRange": {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}},
        {"developerMetadataLookup": {"metadataId": 1}},
    ]
    reply = orders.send("POST", "/values:batchGetByDataFilter", {"dataFilters": filters}).json()
    ranges = [(each["valueRange"]["range"], each["dataFilters"]) for each in reply["valueRanges"]]
    assert ranges == [("Orders!A2:A3", filters[:1]), ("Orders!B1:B10", filters[1:])]


def test_a_grid_range_of_an_unknown_tab_is_refused(client: Client) -> None:
    body = {"dataFilters": [{"gridRange": {"sheetId": 44}}]}
    response = client.send("POST", "/values:batchGetByDataFilter", body)
    assert (response.status, response.json()["error"]["message"]) == (400, "No grid with id: 44")
