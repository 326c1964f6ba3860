"""Google's own client against the emulator: the samples of Google's Sheets guides, and the Drive calls beside them."""

from __future__ import annotations

import pytest
from googleapiclient.errors import HttpError

FRUIT = [["Name", "Qty"], ["pear", 3], ["apple", 1], ["fig", 2]]


@pytest.fixture
def sheets(google):
    return google[0].spreadsheets()


@pytest.fixture
def files(google):
    return google[1].files()


@pytest.fixture
def book(sheets):
    created = sheets.create(body={"properties": {"title": "t"}}, fields="spreadsheetId").execute()
    return created["spreadsheetId"]


@pytest.fixture
def filled(sheets, book):
    body = {"values": FRUIT}
    sheets.values().update(spreadsheetId=book, range="A1:B4", valueInputOption="RAW", body=body).execute()
    return book


def batch(sheets, book, *requests):
    return sheets.batchUpdate(spreadsheetId=book, body={"requests": list(requests)}).execute()["replies"]


def read(sheets, book, range_="A1:B9"):
    found = sheets.values().get(spreadsheetId=book, range=range_, valueRenderOption="UNFORMATTED_VALUE").execute()
    return found.get("values")


def test_values_are_written_and_read(sheets, book):
    values = sheets.values()
    body = {"values": [["A", "B"], ["C", "D"]]}
    options = {"spreadsheetId": book, "range": "A1:C2", "valueInputOption": "USER_ENTERED", "body": body}
    assert values.update(**options).execute()["updatedCells"] == 4
    assert values.append(**options).execute()["updates"]["updatedRange"] == "Sheet1!A3:B4"
    data = {"valueInputOption": "USER_ENTERED", "data": [{"range": "A1:B1", "values": [["F", "G"]]}]}
    assert values.batchUpdate(spreadsheetId=book, body=data).execute()["totalUpdatedCells"] == 2
    found = values.batchGet(spreadsheetId=book, ranges=["A1:A4", "B1:C2"]).execute()["valueRanges"]
    assert [each["values"] for each in found] == [[["F"], ["C"], ["A"], ["C"]], [["G"], ["D"]]]


def test_values_are_cleared(sheets, filled):
    sheets.values().clear(spreadsheetId=filled, range="A2:B2", body={}).execute()
    sheets.values().batchClear(spreadsheetId=filled, body={"ranges": ["A4:B4"]}).execute()
    assert read(sheets, filled) == [FRUIT[0], [], FRUIT[2]]


def test_the_sample_of_batch_updates_finds_and_replaces(sheets, filled):
    title = {"properties": {"title": "new title"}, "fields": "title"}
    find = {"find": "pear", "replacement": "plum", "allSheets": True}
    replies = batch(sheets, filled, {"updateSpreadsheetProperties": title}, {"findReplace": find})
    assert replies[1]["findReplace"]["occurrencesChanged"] == 1
    assert read(sheets, filled, "A2") == [["plum"]]


def test_rows_are_sorted_inserted_and_deleted(sheets, filled):
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4}
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    row = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    batch(sheets, filled, {"sortRange": {"range": area, "sortSpecs": specs}}, {"insertDimension": {"range": row}})
    assert read(sheets, filled) == [FRUIT[0], [], FRUIT[2], FRUIT[3], FRUIT[1]]
    batch(sheets, filled, {"deleteDimension": {"range": row}})
    assert read(sheets, filled)[1] == FRUIT[2]


def test_the_sample_of_conditional_formats_adds_rules(sheets, filled):
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=GT($B2,median($B$2:$B$4))"}]}
    rule = {"condition": condition, "format": {"textFormat": {"foregroundColor": {"red": 0.8}}}}
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
    batch(sheets, filled, {"addConditionalFormatRule": {"rule": {"ranges": [area], "booleanRule": rule}, "index": 0}})
    found = sheets.get(spreadsheetId=filled, fields="sheets.conditionalFormats").execute()
    assert found["sheets"][0]["conditionalFormats"][0]["booleanRule"]["condition"]["type"] == "CUSTOM_FORMULA"


def test_the_sample_of_filter_views_with_an_object_for_a_list_and_a_mask_of_paths(sheets, filled):
    condition = {"type": "DATE_BEFORE", "values": {"userEnteredValue": "4/30/2016"}}
    criteria = {0: {"hiddenValues": ["Panel"]}, 1: {"condition": condition}}
    area = {"sheetId": 0, "startRowIndex": 0, "startColumnIndex": 0}
    view = {"title": "Sample Filter", "range": area, "criteria": criteria}
    added = batch(sheets, filled, {"addFilterView": {"filter": view}})[0]["addFilterView"]["filter"]
    copied = batch(sheets, filled, {"duplicateFilterView": {"filterId": added["filterViewId"]}})[0]
    copy_id = copied["duplicateFilterView"]["filter"]["filterViewId"]
    changed = {"filterViewId": copy_id, "title": "Updated Filter", "criteria": {0: {}}}
    batch(sheets, filled, {"updateFilterView": {"filter": changed, "fields": {"paths": ["criteria", "title"]}}})
    found = sheets.get(spreadsheetId=filled, fields="sheets.filterViews(title)").execute()
    assert [each["title"] for each in found["sheets"][0]["filterViews"]] == ["Sample Filter", "Updated Filter"]
    assert added["criteria"]["1"]["condition"]["values"] == [{"userEnteredValue": "4/30/2016"}]


def test_rows_given_as_one_object_are_one_row(sheets, book):
    cells = {"values": [{"userEnteredValue": {"stringValue": "alone"}}]}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    batch(sheets, book, {"updateCells": {"rows": cells, "start": start, "fields": "userEnteredValue"}})
    assert read(sheets, book) == [["alone"]]


def test_a_pivot_table_is_refused_by_name(sheets, book):
    rows = {"values": [{"pivotTable": {"rows": [{"sourceColumnOffset": 1}]}}]}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    with pytest.raises(HttpError, match="this emulator does not write pivot tables"):
        batch(sheets, book, {"updateCells": {"rows": rows, "start": start, "fields": "pivotTable"}})


def test_cells_are_read_with_all_that_belongs_to_them(sheets, filled):
    grid = sheets.get(spreadsheetId=filled, includeGridData=True).execute()["sheets"][0]["data"][0]
    assert grid["rowData"][1]["values"][0]["formattedValue"] == "pear"
    body = {"dataFilters": [{"a1Range": "A1:B2"}], "includeGridData": True}
    found = sheets.getByDataFilter(spreadsheetId=filled, body=body).execute()
    assert len(found["sheets"][0]["data"][0]["rowData"]) == 2


def test_metadata_of_developers_is_found(sheets, book):
    entry = {"metadataKey": "k", "metadataValue": "v", "location": {"spreadsheet": True}, "visibility": "DOCUMENT"}
    batch(sheets, book, {"createDeveloperMetadata": {"developerMetadata": entry}})
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "k"}}]}
    found = sheets.developerMetadata().search(spreadsheetId=book, body=body).execute()
    assert found["matchedDeveloperMetadata"][0]["developerMetadata"]["metadataValue"] == "v"


def test_a_tab_is_added_copied_and_deleted(sheets, filled):
    added = batch(sheets, filled, {"addSheet": {}})[0]["addSheet"]["properties"]["sheetId"]
    body = {"destinationSpreadsheetId": filled}
    assert sheets.sheets().copyTo(spreadsheetId=filled, sheetId=0, body=body).execute()["title"] == "Copy of Sheet1"
    batch(sheets, filled, {"deleteSheet": {"sheetId": added}})
    assert len(sheets.get(spreadsheetId=filled).execute()["sheets"]) == 2
    assert read(sheets, filled, "Copy of Sheet1") == FRUIT


def test_files_are_listed_renamed_copied_exported_and_deleted(sheets, files, filled):
    spreadsheets = "mimeType='application/vnd.google-apps.spreadsheet' and name contains 't'"
    assert files.list(q=spreadsheets, fields="files(id, name)").execute() == {"files": [{"id": filled, "name": "t"}]}
    files.update(fileId=filled, body={"name": "renamed"}).execute()
    copied = files.copy(fileId=filled, body={"name": "copied"}).execute()
    assert files.export(fileId=copied["id"], mimeType="text/csv").execute().splitlines()[1] == b"pear,3"
    files.delete(fileId=filled).execute()
    assert [each["name"] for each in files.list().execute()["files"]] == ["copied"]
    with pytest.raises(HttpError) as caught:
        sheets.get(spreadsheetId=filled).execute()
    assert (caught.value.status_code, caught.value.reason) == (404, "Requested entity was not found.")


def test_a_file_is_shared(google, filled):
    body = {"type": "user", "role": "writer", "emailAddress": "ann@example.com"}
    made = google[1].permissions().create(fileId=filled, body=body, fields="id").execute()
    google[1].permissions().delete(fileId=filled, permissionId=made["id"]).execute()
    found = google[1].permissions().list(fileId=filled).execute()["permissions"]
    assert made["id"] not in [each["id"] for each in found]
