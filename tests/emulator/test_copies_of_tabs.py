"""duplicateSheet and sheets.copyTo."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator import Response
from tests.emulator.support import Client, Json, area, line, marker, write


def furnish(client: Client) -> None:
    """A merge, a group, a conditional format, a banding and a validation."""
    condition = {"type": "NOT_BLANK"}
    rule = {"ranges": [area(0, 0, 2, 1)], "booleanRule": {"condition": condition, "format": {}}}
    bands = {"firstBandColor": {"red": 1}, "secondBandColor": {"blue": 1}}
    client.ok(
        {"mergeCells": {"range": area(5, 0, 6, 2)}},
        {"addDimensionGroup": {"range": line("ROWS", 1, 3)}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addBanding": {"bandedRange": {"range": area(0, 0, 4, 3), "rowProperties": bands}}},
        {"setDataValidation": {"range": area(1, 0, 2, 1), "rule": {"condition": {"type": "BOOLEAN"}}}},
    )


def copy_to(client: Client, sheet: int, destination: str) -> Response:
    return client.send("POST", f"/sheets/{sheet}:copyTo", {"destinationSpreadsheetId": destination})


def attached(client: Client, index: int) -> Json:
    """What hangs on a tab, without the ids that must differ."""
    fields = "sheets(merges,rowGroups,conditionalFormats,bandedRanges(range,rowProperties))"
    found: Any = client.send("GET", "", fields=fields).json()["sheets"][index]
    return dict(_without_sheet(found))


def _without_sheet(item: Any) -> Any:
    if isinstance(item, dict):
        return {name: _without_sheet(each) for name, each in item.items() if name != "sheetId"}
    return [_without_sheet(each) for each in item] if isinstance(item, list) else item


def test_a_duplicate_has_all_that_hangs_on_its_ranges(orders: Client) -> None:
    furnish(orders)
    (reply,) = orders.ok({"duplicateSheet": {"sourceSheetId": 0, "insertSheetIndex": 1, "newSheetId": 5}})
    assert reply["duplicateSheet"]["properties"]["title"] == "Copy of Orders"
    assert attached(orders, 1) == attached(orders, 0)
    assert set(attached(orders, 1)) == {"merges", "rowGroups", "conditionalFormats", "bandedRanges"}


def test_a_duplicate_and_its_original_go_their_own_ways(orders: Client) -> None:
    furnish(orders)
    orders.ok({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 5}}, {"unmergeCells": {"range": {"sheetId": 0}}})
    book = orders.emulator.spreadsheet(orders.id)
    assert (len(book.sheet(id=5).merges), len(book.sheet(id=0).merges)) == (1, 0)
    assert set(book.sheet(id=5).bandings).isdisjoint(book.sheet(id=0).bandings)


def test_a_second_duplicate_gets_a_number(orders: Client) -> None:
    requests = [{"duplicateSheet": {"sourceSheetId": 0}}] * 2
    titles = [reply["duplicateSheet"]["properties"]["title"] for reply in orders.ok(*requests)]
    assert titles == ["Copy of Orders", "Copy of Orders 2"]


def test_a_tab_is_copied_to_the_end_of_another_file(orders: Client) -> None:
    furnish(orders)
    orders.ok(marker(7, {"dimensionRange": line("ROWS", 1)}))
    other = Client(orders.emulator, orders.emulator.create_spreadsheet("Other"))
    response = copy_to(orders, 0, other.id)
    assert response.status == 200
    props = response.json()
    assert (props["title"], props["index"]) == ("Copy of Orders", 1)
    assert props["gridProperties"]["rowCount"] == 10
    assert other.read("'Copy of Orders'!A1:C2")["values"] == [["key", "name", "sum"], ["1", "pear", "3"]]
    assert attached(other, 1) == attached(orders, 0)
    assert other.send("GET", "/developerMetadata/7").status == 404


def test_a_copied_tab_does_not_share_its_cells(orders: Client) -> None:
    other = Client(orders.emulator, orders.emulator.create_spreadsheet("Other"))
    key = copy_to(orders, 0, other.id).json()["sheetId"]
    other.ok(write(1, 0, ["changed"], sheet_id=key))
    orders.ok(write(2, 0, ["too"]))
    assert orders.sheet.cell(1, 0) == "1"
    assert other.emulator.spreadsheet(other.id).sheet(id=key).cell(2, 0) == "2"


def test_a_copy_needs_a_tab_and_a_file(orders: Client) -> None:
    assert copy_to(orders, 77, orders.id).json()["error"]["message"] == "No grid with id: 77"
    assert copy_to(orders, 0, "nowhere").status == 404
    assert len(orders.emulator.spreadsheet(orders.id).sheets) == 1
