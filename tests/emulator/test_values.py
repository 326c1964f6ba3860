"""values.*: ranges, rendering, coercion, appends and their refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.support import Client, marker, write


@pytest.mark.parametrize("text", ["007", "=1+2", "'x", "TRUE", "2026-09-05", "+49 30 1234"])
def test_raw_keeps_a_text_as_it_is(client: Client, text: str) -> None:
    client.put("Orders!A1", [[text]])
    assert (client.sheet.cell(0, 0), client.sheet.format_of(0, 0)) == (text, None)


def test_a_typed_string_value_is_never_parsed(client: Client) -> None:
    client.ok(write(0, 0, ["=1+2", "007", "'x"]))
    assert client.sheet.values() == [["=1+2", "007", "'x"]]


def test_numbers_are_doubles(client: Client) -> None:
    client.ok(write(0, 0, [123456789012345678, 2.0, 0.1]))
    assert client.sheet.values() == [[123456789012345680, 2, 0.1]]


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


def test_ranges_by_filter_come_with_their_filters(orders: Client) -> None:
    orders.ok(marker(1, {"dimensionRange": {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}}))
    filters = [
        {"gridRange": {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}},
        {"developerMetadataLookup": {"metadataId": 1}},
    ]
    reply = orders.send("POST", "/values:batchGetByDataFilter", {"dataFilters": filters}).json()
    ranges = [(each["valueRange"]["range"], each["dataFilters"]) for each in reply["valueRanges"]]
    assert ranges == [("Orders!A2:A3", filters[:1]), ("Orders!B1:B10", filters[1:])]
