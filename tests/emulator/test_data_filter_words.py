"""What is said of DataFilters that select nothing, and in which order answers come. LIVE: dated measurements."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.support import Client, Json

VALUES, BOOK = "/values:batchGetByDataFilter", ":getByDataFilter"
REFUSALS: list[tuple[Json, str]] = [
    ({"gridRange": {"sheetId": 44}}, "No {} with id: 44"),
    ({"gridRange": {"startRowIndex": -1}}, "GridRange indexes must be >= 0"),
    ({"gridRange": {"startRowIndex": 3, "endRowIndex": 1}}, "endRowIndex[1] cannot be before startRowIndex[3]"),
    (
        {"gridRange": {"startColumnIndex": 2, "endColumnIndex": 1}},
        "endColumnIndex[1] cannot be before startColumnIndex[2]",
    ),
    ({"gridRange": {"startRowIndex": 50}}, "Range (Orders!51:) exceeds grid limits. Max rows: 10, max columns: 5"),
    (
        {"gridRange": {"startRowIndex": 50, "startColumnIndex": 1, "endColumnIndex": 3}},
        "Range (Orders!B51:C) exceeds grid limits. Max rows: 10, max columns: 5",
    ),
    (
        {"gridRange": {"startRowIndex": 5, "endRowIndex": 5, "startColumnIndex": 26}},
        "Range ((empty) Orders!AA6:5) exceeds grid limits. Max rows: 10, max columns: 5",
    ),
    ({}, "dataFilter.filter must be specified."),
    ({"a1Range": "Nowhere!A1"}, "Unable to parse range: Nowhere!A1"),
]


def message(client: Client, path: str, *filters: Json) -> Any:
    response = client.send("POST", path, {"dataFilters": list(filters)})
    assert response.status == 400, response.body
    return response.json()["error"]["message"]


@pytest.mark.parametrize(("data_filter", "text"), REFUSALS)
def test_a_read_of_values_numbers_the_filter_that_is_wrong(client: Client, data_filter: Json, text: str) -> None:
    good = {"a1Range": "Orders!A1"}
    assert message(client, VALUES, good, data_filter) == "Invalid dataFilter[1]: " + text.format("grid")  # LIVE


@pytest.mark.parametrize(("data_filter", "text"), REFUSALS)
def test_a_read_of_the_spreadsheet_does_not(client: Client, data_filter: Json, text: str) -> None:
    assert message(client, BOOK, data_filter) == text.format("sheet")  # LIVE


def test_values_need_a_filter_and_the_spreadsheet_does_not(client: Client) -> None:
    assert message(client, VALUES) == "Must specify at least one dataFilter."  # LIVE
    lookup = {"developerMetadataLookup": {"metadataKey": "nobody"}}
    for filters in ([], [lookup]):
        reply = client.send("POST", BOOK, {"dataFilters": filters}, fields="sheets.properties.sheetId").json()
        assert reply == {"sheets": [{"properties": {"sheetId": 0}}]}  # LIVE


def test_values_come_in_the_order_of_columns_then_rows(orders: Client) -> None:
    asked = ["Orders!B10", "Orders!B1:B2", "Orders!A2", "Orders!B1"]
    reply = orders.send("POST", VALUES, {"dataFilters": [{"a1Range": text} for text in asked]}).json()
    found = [each["valueRange"]["range"] for each in reply["valueRanges"]]
    assert found == ["Orders!A2", "Orders!B1", "Orders!B1:B2", "Orders!B10"]  # LIVE


def test_filters_of_the_same_cells_share_an_answer_and_come_back_as_proto_prints_them(orders: Client) -> None:
    grid = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    filters = [{"gridRange": grid}, {"a1Range": "Orders!A1:A1"}]
    (only,) = orders.send("POST", VALUES, {"dataFilters": filters}).json()["valueRanges"]
    printed = {name: value for name, value in grid.items() if name != "sheetId"}
    assert only["dataFilters"] == [{"gridRange": printed}, filters[1]]  # LIVE


def test_a_range_without_cells_is_a_broken_reference(orders: Client) -> None:
    empty = {"gridRange": {"startRowIndex": 1, "endRowIndex": 1}}
    (only,) = orders.send("POST", VALUES, {"dataFilters": [empty]}).json()["valueRanges"]
    assert only["valueRange"] == {"range": "#REF!", "majorDimension": "ROWS"}  # LIVE
    body = {"dataFilters": [empty], "includeGridData": True}
    (data,) = orders.send("POST", BOOK, body).json()["sheets"][0]["data"]
    assert data == {"startRow": 1, "columnMetadata": [{"pixelSize": 100}] * 5}  # LIVE
