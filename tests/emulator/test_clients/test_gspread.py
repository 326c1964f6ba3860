"""gspread against the emulator, as gspread's user guide shows it."""

from __future__ import annotations

import re
from typing import Any

import gspread
import pytest
from gspread.utils import MergeType, ValidationConditionType, ValueRenderOption

FRUIT: list[list[Any]] = [["Name", "Qty", "Price"], ["pear", 3, 1.5], ["apple", 1, 0.25], ["fig", 2, 10]]
TEXT = [[str(cell) for cell in row] for row in FRUIT]


@pytest.fixture
def book(gc):
    return gc.create("A new spreadsheet")


@pytest.fixture
def sheet(book):
    book.sheet1.update(FRUIT, "A1")
    return book.sheet1


def test_a_spreadsheet_is_found_by_title_key_and_address(gc, book):
    found = [gc.open("A new spreadsheet"), gc.open_by_key(book.id), gc.open_by_url(book.url)]
    assert {each.id for each in found} == {book.id}
    assert [each["id"] for each in gc.list_spreadsheet_files()] == [book.id]


def test_what_was_written_is_read(sheet):
    assert sheet.get_all_values() == TEXT
    assert sheet.get("B2:C3", value_render_option=ValueRenderOption.unformatted) == [[3, 1.5], [1, 0.25]]
    assert (sheet.acell("A2").value, sheet.cell(2, 3).value) == ("pear", "1.5")
    assert (sheet.row_values(2), sheet.col_values(1)) == (TEXT[1], ["Name", "pear", "apple", "fig"])
    assert sheet.batch_get(["A1:A2", "C4"]) == [[["Name"], ["pear"]], [["10"]]]


def test_rows_come_as_records(sheet):
    assert sheet.get_all_records()[1] == {"Name": "apple", "Qty": 1, "Price": 0.25}


def test_rows_are_appended(sheet):
    sheet.append_row(["plum", "7", "2"], value_input_option="USER_ENTERED")
    sheet.append_rows([["kiwi", 4], ["lime", 5]], table_range="A1")
    assert sheet.get("A5:C7", value_render_option="UNFORMATTED_VALUE") == [["plum", 7, 2], ["kiwi", 4], ["lime", 5]]


def test_cells_and_ranges_are_updated(sheet):
    sheet.update_acell("A2", "quince")
    sheet.update_cell(3, 2, 8)
    sheet.batch_update([{"range": "A4:B4", "values": [["date", 9]]}])
    cells = sheet.range("C2:C3")
    for cell in cells:
        cell.value = "free"
    sheet.update_cells(cells)
    assert sheet.get("A2:C4") == [["quince", "3", "free"], ["apple", "8", "free"], ["date", "9", "10"]]


def test_a_formula_is_computed(sheet):
    sheet.update([["=(1+2)*2"]], "D1", raw=False)
    assert (sheet.acell("D1").value, sheet.acell("D1", value_render_option="FORMULA").value) == ("6", "=(1+2)*2")


def test_cells_are_found(sheet):
    assert (sheet.find("apple").row, sheet.find("apple").col) == (3, 1)
    assert [cell.value for cell in sheet.findall(re.compile("^(pear|fig)$"))] == ["pear", "fig"]
    assert sheet.find("nothing") is None


def test_rows_and_columns_are_inserted_and_deleted(sheet):
    sheet.insert_row(["new", "0", "0"], 2)
    sheet.insert_rows([["a"], ["b"]], 3)
    sheet.delete_rows(3, 4)
    sheet.insert_cols([["Colour", "red"]], 2)
    assert sheet.get("A1:B3") == [["Name", "Colour"], ["new", "red"], ["pear"]]
    sheet.delete_columns(2)
    assert sheet.get_all_values() == [TEXT[0], ["new", "0", "0"], *TEXT[1:]]


def test_the_grid_is_resized(book, sheet):
    sheet.resize(50, 10)
    sheet.add_rows(5)
    sheet.add_cols(2)
    found = book.get_worksheet(0)
    assert (found.row_count, found.col_count) == (55, 12)


def test_rows_are_sorted(sheet):
    sheet.sort((1, "asc"), range="A2:C4")
    assert sheet.col_values(1) == ["Name", "apple", "fig", "pear"]
    sheet.sort((2, "des"), range="A2:C4")
    assert sheet.col_values(1) == ["Name", "pear", "fig", "apple"]


def test_cells_are_formatted(emulator, book, sheet):
    sheet.format("A1:C1", {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"})
    sheet.batch_format([{"range": "C2:C4", "format": {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}}}])
    sheet.freeze(rows=1)
    assert sheet.col_values(3) == ["Price", "1.50", "0.25", "10.00"]
    tab = emulator.spreadsheet(book.id).sheet(title="Sheet1")
    assert tab.format_of(0, 0) == {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"}
    assert tab.frozen_rows == 1


def test_notes_are_kept(sheet):
    sheet.insert_note("A1", "fruit")
    sheet.update_notes({"B1": "pieces", "C1": "euros"})
    assert sheet.get_note("A1") == "fruit"
    sheet.clear_note("B1")
    assert sheet.get_notes() == [["fruit", "", "euros"]]


def test_ranges_have_names(book, sheet):
    sheet.define_named_range("A1:B2", "fruit")
    assert sheet.get("fruit") == [["Name", "Qty"], ["pear", "3"]]
    assert [cell.value for cell in book.named_range("fruit")] == ["Name", "Qty", "pear", "3"]
    sheet.batch_clear(["fruit"])
    assert sheet.acell("A2").value is None
    sheet.delete_named_range(book.list_named_ranges()[0]["namedRangeId"])
    with pytest.raises(gspread.exceptions.APIError, match="Unable to parse range: 'Sheet1'!fruit"):
        sheet.get("fruit")


def test_ranges_are_protected(emulator, book, sheet):
    sheet.add_protected_range("A1:C1", editor_users_emails=["otto@example.com"], description="the header")
    found = book.list_protected_ranges(sheet.id)
    assert [each["description"] for each in found] == ["the header"]
    sheet.delete_protected_range(found[0]["protectedRangeId"])
    assert book.list_protected_ranges(sheet.id) == []


def test_what_may_be_typed_is_limited(book, sheet):
    sheet.add_validation("A2:A4", ValidationConditionType.one_of_list, ["pear", "apple"], showCustomUi=True)
    params = {"fields": "sheets.data.rowData.values.dataValidation", "ranges": "Sheet1!A2"}
    found = book.fetch_sheet_metadata(params=params)["sheets"][0]["data"][0]["rowData"][0]["values"][0]
    assert found["dataValidation"]["condition"]["type"] == "ONE_OF_LIST"


def test_cells_are_merged_and_copied(sheet):
    sheet.merge_cells("A6:B7")
    sheet.merge_cells("A9:B10", merge_type=MergeType.merge_rows)
    sheet.unmerge_cells("A9:B10")
    sheet.copy_range("A1:A2", "E1:E2")
    sheet.cut_range("B1:B2", "F1")
    assert sheet.get("A1:F2") == [["Name", "", "Price", "", "Name", "Qty"], ["pear", "", "1.5", "", "pear", "3"]]


def test_rows_and_columns_are_hidden_grouped_and_filtered(emulator, book, sheet):
    sheet.hide_columns(1, 2)
    sheet.hide_rows(1, 3)
    sheet.unhide_rows(1, 2)
    sheet.add_dimension_group_rows(1, 3)
    sheet.set_basic_filter("A1:C4")
    tab = emulator.spreadsheet(book.id).sheet(title="Sheet1")
    assert [column.hidden for column in tab.columns[:3]] == [False, True, False]
    assert [row.hidden for row in tab.rows[:4]] == [False, False, True, False]
    assert len(sheet.list_dimension_group_rows()) == 1
    sheet.clear_basic_filter()
    assert tab.filter is None


def test_tabs_are_added_changed_and_deleted(book, sheet):
    other = book.add_worksheet("A worksheet", rows=100, cols=20)
    other.update_title("December")
    other.update_tab_color("#FF0000")
    other.update_index(0)
    sheet.duplicate(new_sheet_name="a copy")
    assert [each.title for each in book.worksheets()] == ["a copy", "December", "Sheet1"]
    assert book.worksheet("a copy").get_all_values() == TEXT
    assert book.worksheet("December").tab_color == "#FF0000"
    book.del_worksheet(other)
    with pytest.raises(gspread.WorksheetNotFound):
        book.worksheet("December")


def test_a_tab_is_copied_into_another_spreadsheet(gc, sheet):
    other = gc.create("another")
    sheet.copy_to(other.id)
    assert gc.open_by_key(other.id).worksheet("Copy of Sheet1").get_all_values() == TEXT


def test_a_spreadsheet_is_shared(book):
    book.share("otto@example.com", perm_type="user", role="writer")
    assert "otto@example.com" in [each["emailAddress"] for each in book.list_permissions()]
    book.remove_permissions("otto@example.com")
    assert "otto@example.com" not in [each["emailAddress"] for each in book.list_permissions()]


def test_a_spreadsheet_is_renamed_exported_copied_and_deleted(gc, book, sheet):
    book.update_title("renamed")
    book.update_timezone("Europe/Berlin")
    assert book.export(gspread.utils.ExportFormat.CSV).decode().splitlines()[1] == "pear,3,1.5"
    copied = gc.copy(book.id, title="copied")
    assert gc.open("copied").sheet1.get_all_values() == TEXT
    gc.del_spreadsheet(copied.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        gc.open("copied")
    assert gc.open_by_key(book.id).timezone == "Europe/Berlin"


def test_a_table_is_cleared(sheet):
    sheet.batch_clear(["A1:B1", "C2:C4"])
    assert sheet.get("A1:C2") == [["", "", "Price"], ["pear", "3"]]
    sheet.clear()
    assert sheet.get_all_values() == [[]]


def test_errors_are_what_gspread_takes_them_for(emulator, gc, book):
    with pytest.raises(gspread.exceptions.APIError) as caught:
        book.sheet1.update_acell("ZZZ1", 1)
    assert (caught.value.code, caught.value.error["status"]) == (400, "INVALID_ARGUMENT")
    emulator.forbid(book.id)
    with pytest.raises(PermissionError):
        gc.open_by_key(book.id)
