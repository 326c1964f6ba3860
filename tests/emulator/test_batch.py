"""spreadsheets.batchUpdate: all or nothing, in order, and answers 1:1."""

from __future__ import annotations

import pickle

import pytest

from tests.emulator.support import Client, Json, line, marker, write


def state(client: Client) -> bytes:
    book = client.emulator.spreadsheet(client.id)
    tabs = [{**vars(sheet), "epoch": 0} for sheet in book.sheets]
    rows = [
        [
            (row.values, row.formats, row.extras, row.metadata, row.hidden, row.pixels) if row else None
            for row in tab["rows"]
        ]
        for tab in tabs
    ]
    columns = [[(c.format, c.metadata, c.hidden, c.pixels) for c in tab.pop("columns")] for tab in tabs]
    for tab in tabs:
        del tab["rows"]
    return pickle.dumps((repr(tabs), repr(rows), columns, repr(book.named), repr(book.metadata), book.title))


EVERYTHING: list[Json] = [
    write(1, 0, ["9", "changed", 9]),
    {"insertDimension": {"range": line("ROWS", 1, 3)}},
    {"deleteDimension": {"range": line("COLUMNS", 1)}},
    {"moveDimension": {"source": line("COLUMNS", 0), "destinationIndex": 3}},
    {"sortRange": {"range": {"startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 0}]}},
    {"updateDimensionProperties": {"range": line("COLUMNS", 0), "properties": {"hiddenByUser": True}, "fields": "*"}},
    {"repeatCell": {"range": {}, "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}}, "fields": "*"}},
    {"updateSheetProperties": {"properties": {"title": "New"}, "fields": "title"}},
    {"addSheet": {"properties": {"sheetId": 5, "title": "Second"}}},
    {"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 6}},
    {"deleteSheet": {"sheetId": 0}},
    {"updateSpreadsheetProperties": {"properties": {"title": "Other"}, "fields": "title"}},
]


@pytest.mark.parametrize("count", range(len(EVERYTHING) + 1))
def test_a_batch_with_an_invalid_last_request_changes_nothing(orders: Client, count: int) -> None:
    orders.ok(marker(1), marker(2, {"dimensionRange": line("ROWS", 2)}))
    before = state(orders)
    assert "No grid with id: 77" in orders.refusal(*EVERYTHING[:count], {"deleteSheet": {"sheetId": 77}})
    assert state(orders) == before


def test_a_batch_after_a_refused_one_does_not_write_into_what_the_refused_one_saved(orders: Client) -> None:
    orders.refusal(write(1, 0, ["x"]), {"deleteSheet": {"sheetId": 77}})
    orders.refusal(write(1, 0, ["y"]), {"deleteSheet": {"sheetId": 77}})
    assert orders.sheet.cell(1, 0) == "1"


def test_the_refusal_names_the_request_and_its_kind(orders: Client) -> None:
    message = orders.refusal(write(0, 0, ["a"]), {"updateCells": {"start": {"sheetId": 4}, "rows": [], "fields": "*"}})
    assert message == "Invalid requests[1].updateCells: No grid with id: 4"


def test_requests_are_applied_in_order(client: Client) -> None:
    client.ok(write(0, 0, ["first"]), {"insertDimension": {"range": line("ROWS", 0)}}, write(0, 0, ["second"]))
    assert client.sheet.values() == [["second"], ["first"]]


def test_replies_stand_one_to_one_with_requests(client: Client) -> None:
    first, second, third = client.ok(write(0, 0, ["a"]), {"addSheet": {"properties": {"sheetId": 8}}}, marker(3))
    assert first == {}
    assert second["addSheet"]["properties"]["sheetId"] == 8
    assert third["createDeveloperMetadata"]["developerMetadata"]["metadataId"] == 3


def test_an_unknown_kind_is_refused_by_the_json_layer(client: Client) -> None:
    message = client.refusal({"noSuchRequest": {}})
    assert (
        message == "Invalid JSON payload received. Unknown name \"noSuchRequest\" at 'requests[0]': Cannot find field."
    )


def test_an_unknown_field_is_refused_with_its_path(client: Client) -> None:
    message = client.refusal({"updateCells": {"rows": [], "feilds": "*"}})
    assert "Unknown name \"feilds\" at 'requests[0].update_cells'" in message


def test_a_wrong_type_is_refused(client: Client) -> None:
    message = client.refusal({"deleteSheet": {"sheetId": "x"}})
    assert message == "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"x\""


def test_a_number_in_quotes_is_a_number(client: Client) -> None:
    size = {"rowCount": "100", "columnCount": "20"}  # DOC: proto3's JSON mapping; gspread's users write rows="100"
    added = client.ok({"addSheet": {"properties": {"title": "Log", "gridProperties": size}}})[0]["addSheet"]
    assert added["properties"]["gridProperties"] == {"rowCount": 100, "columnCount": 20}


def test_a_decimal_number_in_quotes_is_a_number(client: Client) -> None:
    cell = {"userEnteredValue": {"numberValue": "-12.5e1"}}
    start = {"sheetId": "0", "rowIndex": "0", "columnIndex": "0"}
    client.ok({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}})
    assert client.read("A1", valueRenderOption="UNFORMATTED_VALUE")["values"] == [[-125]]


@pytest.mark.parametrize("text", ["", " 1", "1_0", "1.5", "1e2", "٣", "2147483648", "9" * 5000, "NaN"])
def test_what_is_not_a_whole_number_in_quotes_is_refused(client: Client, text: str) -> None:
    assert "(TYPE_INT32)" in client.refusal({"deleteSheet": {"sheetId": text}})


@pytest.mark.parametrize("text", ["", "1,5", "NaN", "Infinity", "1e999", "9" * 5000])
def test_what_is_no_finite_number_in_quotes_is_refused(client: Client, text: str) -> None:
    rows = [{"values": [{"userEnteredValue": {"numberValue": text}}]}]
    request = {"start": {"sheetId": 0}, "rows": rows, "fields": "userEnteredValue"}
    assert "(TYPE_DOUBLE)" in client.refusal({"updateCells": request})


def test_a_known_kind_that_is_not_supported_is_never_a_silent_success(client: Client) -> None:
    assert "does not apply addChart" in client.refusal(write(0, 0, ["a"]), {"addChart": {"chart": {}}})
    assert client.sheet.values() == []


def test_a_request_with_two_kinds_is_refused(client: Client) -> None:
    assert "already set" in client.refusal({"deleteSheet": {"sheetId": 0}, "clearBasicFilter": {}})


def test_the_reply_can_hold_the_spreadsheet_after_the_batch(orders: Client) -> None:
    body = {
        "requests": [{"insertDimension": {"range": line("ROWS", 1)}}],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["Orders!A3:A4"],
    }
    fields = "updatedSpreadsheet.sheets(data(startRow,rowData.values.formattedValue))"
    reply = orders.send("POST", ":batchUpdate", body, fields=fields).json()
    data = {"startRow": 2, "rowData": [{"values": [{"formattedValue": "1"}]}, {"values": [{"formattedValue": "2"}]}]}
    assert reply == {"updatedSpreadsheet": {"sheets": [{"data": [data]}]}}


def test_a_bad_response_range_undoes_the_batch(orders: Client) -> None:
    before = state(orders)
    body = {
        "requests": [write(0, 0, ["changed"])],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["Nowhere!A1"],
    }
    assert orders.send("POST", ":batchUpdate", body).status == 400
    assert state(orders) == before
