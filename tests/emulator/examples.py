"""A batch for every request kind: first what it needs, last the request itself, for the spreadsheet of `furnished`.

A new kind has no place here yet, and its tests fail until it has one.
"""

from __future__ import annotations

from typing import Any

from tests.emulator.support import Client, cells, line, marker, write

Json = dict[str, Any]


def area(top: int, left: int, bottom: int, right: int, sheet_id: int = 0) -> Json:
    place = {"startRowIndex": top, "startColumnIndex": left, "endRowIndex": bottom, "endColumnIndex": right}
    return {**place, "sheetId": sheet_id}


WHOLE = area(0, 0, 4, 3)
BOLD = {"textFormat": {"bold": True}}
RED = {"rowProperties": {"firstBandColor": {"red": 1.0}, "secondBandColor": {"blue": 1.0}}}
OVER_TWO = {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "2"}]}}
RULE = {"ranges": [WHOLE], "booleanRule": {**OVER_TWO, "format": BOLD}}
ANCHOR = {"developerMetadataLookup": {"metadataId": 3}}

NEW: dict[str, Json] = {
    "addBanding": {"bandedRange": {"bandedRangeId": 5, "range": area(0, 0, 4, 3, 2), **RED}},
    "addConditionalFormatRule": {"rule": RULE, "index": 0},
    "addDimensionGroup": {"range": line("ROWS", 5, 7)},
    "addFilterView": {"filter": {"filterViewId": 6, "title": "View", "range": WHOLE}},
    "addNamedRange": {"namedRange": {"namedRangeId": "n2", "name": "Fruit", "range": WHOLE}},
    "addProtectedRange": {"protectedRange": {"protectedRangeId": 9, "range": WHOLE, "warningOnly": True}},
    "addSheet": {"properties": {"title": "New", "gridProperties": {"rowCount": 3, "columnCount": 2}}},
    "createDeveloperMetadata": marker(8)["createDeveloperMetadata"],
    "duplicateSheet": {"sourceSheetId": 0, "newSheetId": 7},
    "duplicateFilterView": {"filterId": 2},
}
CHANGED: dict[str, Json] = {
    "updateBanding": {"bandedRange": {"bandedRangeId": 4, "range": area(0, 0, 2, 2)}, "fields": "range"},
    "updateConditionalFormatRule": {"index": 0, "rule": {**RULE, "ranges": [area(0, 0, 1, 1)]}},
    "updateDeveloperMetadata": {
        "dataFilters": [ANCHOR],
        "developerMetadata": {"metadataValue": "new"},
        "fields": "metadataValue",
    },
    "updateDimensionGroup": {
        "dimensionGroup": {"range": line("ROWS", 1, 3), "depth": 1, "collapsed": True},
        "fields": "collapsed",
    },
    "updateDimensionProperties": {
        "range": line("COLUMNS", 0),
        "properties": {"pixelSize": 50},
        "fields": "pixelSize",
    },
    "updateFilterView": {"filter": {"filterViewId": 2, "title": "Mine"}, "fields": "title"},
    "updateNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "Renamed"}, "fields": "name"},
    "updateProtectedRange": {
        "protectedRange": {"protectedRangeId": 1, "description": "mine"},
        "fields": "description",
    },
    "updateSheetProperties": {"properties": {"sheetId": 0, "title": "Renamed"}, "fields": "title"},
    "updateSpreadsheetProperties": {"properties": {"title": "Renamed"}, "fields": "title"},
    "setBasicFilter": {"filter": {"range": area(0, 0, 2, 2)}},
    "setDataValidation": {"range": WHOLE, "rule": {"condition": {"type": "BOOLEAN"}}},
    "updateBorders": {"range": WHOLE, "top": {"style": "SOLID"}},
}
GONE: dict[str, Json] = {
    "clearBasicFilter": {"sheetId": 0},
    "deleteBanding": {"bandedRangeId": 4},
    "deleteConditionalFormatRule": {"sheetId": 0, "index": 0},
    "deleteDeveloperMetadata": {"dataFilter": ANCHOR},
    "deleteDimension": {"range": line("ROWS", 1)},
    "deleteDimensionGroup": {"range": line("ROWS", 1, 3)},
    "deleteDuplicates": {"range": area(0, 0, 6, 3), "comparisonColumns": [line("COLUMNS", 0)]},
    "deleteFilterView": {"filterId": 2},
    "deleteNamedRange": {"namedRangeId": "n1"},
    "deleteProtectedRange": {"protectedRangeId": 1},
    "deleteRange": {"range": area(1, 0, 2, 2), "shiftDimension": "ROWS"},
    "deleteSheet": {"sheetId": 2},
    "unmergeCells": {"range": area(7, 0, 8, 2)},
}
CELLS: dict[str, Json] = {
    "appendCells": {"rows": cells(["end"]), "fields": "userEnteredValue"},
    "appendDimension": {"dimension": "COLUMNS", "length": 2},
    "autoResizeDimensions": {"dimensions": line("COLUMNS", 1)},
    "copyPaste": {"source": area(1, 0, 2, 3), "destination": area(5, 0, 6, 3)},
    "cutPaste": {"source": area(1, 0, 2, 2), "destination": {"sheetId": 0, "rowIndex": 8, "columnIndex": 1}},
    "findReplace": {"find": "p", "replacement": "b", "allSheets": True},
    "insertRange": {"range": area(1, 0, 2, 2), "shiftDimension": "ROWS"},
    "insertDimension": {"range": line("COLUMNS", 3, 4)},
    "mergeCells": {"range": area(8, 0, 9, 2), "mergeType": "MERGE_ALL"},
    "moveDimension": {"source": line("ROWS", 1), "destinationIndex": 4},
    "pasteData": {"coordinate": {"rowIndex": 8}, "data": "a,b", "delimiter": ",", "type": "PASTE_NORMAL"},
    "randomizeRange": {"range": area(0, 0, 6, 3)},
    "repeatCell": {"range": WHOLE, "cell": {"userEnteredFormat": BOLD}, "fields": "userEnteredFormat.textFormat"},
    "sortRange": {"range": area(1, 0, 4, 5), "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "ASCENDING"}]},
    "textToColumns": {"source": area(5, 3, 6, 4), "delimiterType": "COMMA"},
    "trimWhitespace": {"range": area(0, 0, 9, 5)},
    "updateCells": write(3, 1, ["over", None, 5])["updateCells"],
}
EXAMPLES: dict[str, Json] = {**NEW, **CHANGED, **GONE, **CELLS}
#: The order in which all can be applied in one batch: nothing is gone before it is used.
IN_ONE_BATCH = [*CELLS, *NEW, *CHANGED, *GONE]


def furnished(client: Client) -> Client:
    """Two tabs that have one of everything."""
    rows: list[list[Any]] = [["key", "name", "sum"], ["1", "pear", 3], ["2", "apple", 1], ["3", "fig", 2]]
    rows += [["3", "plum", 9], ["3", " plum ", 9, "one,two"]]
    note = {"values": [{"note": "why", "userEnteredValue": {"formulaValue": "=1+2"}, "userEnteredFormat": BOLD}]}
    start = {"sheetId": 0, "rowIndex": 6, "columnIndex": 0}
    hidden = {"range": line("ROWS", 5), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    sized = {"range": line("COLUMNS", 1), "properties": {"pixelSize": 70}, "fields": "pixelSize"}
    protected = {"protectedRangeId": 1, "range": area(9, 4, 10, 5)}
    frozen = {"properties": {"gridProperties": {"frozenRowCount": 1}}, "fields": "gridProperties.frozenRowCount"}
    client.ok(
        write(0, 0, *rows),
        {"updateCells": {"start": start, "rows": [note], "fields": "*"}},
        {"addSheet": {"properties": {"sheetId": 2, "title": "Second", "gridProperties": {"rowCount": 8}}}},
        {"updateDimensionProperties": hidden},
        {"updateDimensionProperties": sized},
        {"updateSheetProperties": frozen},
        {"mergeCells": {"range": area(7, 0, 8, 2), "mergeType": "MERGE_ALL"}},
        {"setBasicFilter": {"filter": {"range": WHOLE}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "Sums", "range": area(1, 2, 4, 3)}}},
        {"addProtectedRange": {"protectedRange": protected}},
        marker(1, {"spreadsheet": True}),
        marker(2),
        marker(3, {"dimensionRange": line("ROWS", 2)}),
        marker(4, {"dimensionRange": line("COLUMNS", 1)}),
        {"addBanding": {"bandedRange": {"bandedRangeId": 4, "range": WHOLE, **RED}}},
        {"addConditionalFormatRule": {"rule": RULE, "index": 0}},
        {"addDimensionGroup": {"range": line("ROWS", 1, 3)}},
        {"addFilterView": {"filter": {"filterViewId": 2, "title": "All", "range": WHOLE}}},
    )
    return client
