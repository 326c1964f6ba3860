"""Every method that selects by DataFilter."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line, marker

LOOKUP: Json = {"developerMetadataLookup": {"metadataId": 7}}
ROW_TWO: list[Json] = [{"a1Range": "Orders!A2:C2"}, {"gridRange": area(1, 0, 2, 3)}, LOOKUP]


@pytest.fixture
def anchored(orders: Client) -> Client:
    """An entry on row 2, which holds pear."""
    orders.ok(marker(7, {"dimensionRange": line("ROWS", 1)}))
    return orders


@pytest.mark.parametrize("data_filter", ROW_TWO)
def test_values_are_read(anchored: Client, data_filter: Json) -> None:
    reply = anchored.send("POST", "/values:batchGetByDataFilter", {"dataFilters": [data_filter]}).json()
    (matched,) = reply["valueRanges"]
    assert matched["valueRange"]["values"] == [["1", "pear", "3"]]
    assert matched["dataFilters"] == [data_filter]


@pytest.mark.parametrize("data_filter", ROW_TWO)
def test_values_are_written_and_the_reply_names_the_filter(anchored: Client, data_filter: Json) -> None:
    data = {"dataFilter": data_filter, "majorDimension": "ROWS", "values": [["9", "plum"]]}
    body = {"valueInputOption": "RAW", "data": [data]}
    reply = anchored.send("POST", "/values:batchUpdateByDataFilter", body).json()
    (response,) = reply["responses"]
    assert response["dataFilter"] == data_filter
    assert response["updatedCells"] == reply["totalUpdatedCells"] == 2
    assert anchored.sheet.values()[1] == ["9", "plum", 3]


@pytest.mark.parametrize("data_filter", ROW_TWO)
def test_values_are_cleared(anchored: Client, data_filter: Json) -> None:
    reply = anchored.send("POST", "/values:batchClearByDataFilter", {"dataFilters": [data_filter]}).json()
    assert len(reply["clearedRanges"]) == 1
    assert anchored.sheet.values()[1] == []


@pytest.mark.parametrize("data_filter", ROW_TWO)
def test_a_spreadsheet_is_read(anchored: Client, data_filter: Json) -> None:
    fields = "sheets.data.rowData.values.formattedValue"
    reply = anchored.send("POST", ":getByDataFilter", {"dataFilters": [data_filter]}, fields=fields).json()
    (row,) = reply["sheets"][0]["data"][0]["rowData"]
    assert [cell["formattedValue"] for cell in row["values"]] == ["1", "pear", "3"]


@pytest.mark.parametrize("data_filter", ROW_TWO)
def test_metadata_is_found(anchored: Client, data_filter: Json) -> None:
    reply = anchored.send("POST", "/developerMetadata:search", {"dataFilters": [data_filter]}).json()
    assert [each["developerMetadata"]["metadataId"] for each in reply["matchedDeveloperMetadata"]] == [7]


@pytest.mark.parametrize("data_filter", ROW_TWO)
def test_metadata_is_changed_and_deleted(anchored: Client, data_filter: Json) -> None:
    change = {"dataFilters": [data_filter], "developerMetadata": {"metadataValue": "new"}, "fields": "metadataValue"}
    changed, gone = anchored.ok(
        {"updateDeveloperMetadata": change}, {"deleteDeveloperMetadata": {"dataFilter": data_filter}}
    )
    assert [each["metadataValue"] for each in changed["updateDeveloperMetadata"]["developerMetadata"]] == ["new"]
    assert len(gone["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 1
    assert anchored.send("GET", "/developerMetadata/7").status == 404


def test_a_filter_of_two_kinds_is_refused(orders: Client) -> None:
    both = {"a1Range": "Orders!A2:C2", "gridRange": area(1, 0, 2, 3)}
    message = orders.send("POST", ":getByDataFilter", {"dataFilters": [both]}).json()["error"]["message"]
    assert message == (
        "Invalid value at 'data_filters[0]' (oneof), oneof field 'filter' is already set. Cannot set 'gridRange'"
    )
