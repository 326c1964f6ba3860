"""pygsheets against the emulator, as pygsheets' readme shows it."""

from __future__ import annotations

import pygsheets
import pytest
from pygsheets.custom_types import FormatType

# pygsheets 2.0.6 asks for the time in a way that is deprecated since Python 3.12.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning")

NUMBERS = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
TEXT = [[str(cell) for cell in row] for row in NUMBERS]


@pytest.fixture
def book(pyg):
    return pyg.create("my new sheet")


@pytest.fixture
def sheet(book):
    book.sheet1.update_value("A1", "Hey yank this array")
    book.sheet1.update_values("A2", NUMBERS)
    return book.sheet1


@pytest.fixture
def tab(emulator, book):
    """The same as the emulator has it."""
    return emulator.spreadsheet(book.id).sheet(title="Sheet1")


def test_a_spreadsheet_is_found_by_title_key_and_address(pyg, book):
    found = [pyg.open("my new sheet"), pyg.open_by_key(book.id), pyg.open_by_url(book.url), *pyg.open_all()]
    assert {each.id for each in found} == {book.id}
    assert (pyg.spreadsheet_ids(), pyg.spreadsheet_titles()) == ([book.id], ["my new sheet"])


def test_a_spreadsheet_is_made_from_a_template(pyg, emulator):
    made = pyg.create("German", template={"properties": {"locale": "de_DE"}})
    assert emulator.spreadsheet(made.id).locale == "de_DE"
    assert pyg.create("a copy", template=made.id).title == "a copy"


def test_what_was_written_is_read(sheet):
    assert sheet.get_value("A1") == "Hey yank this array"
    assert sheet.get_values("A2", "C4") == TEXT
    assert sheet.get_row(3, include_tailing_empty=False) == TEXT[1]
    assert sheet.get_col(2, include_tailing_empty=False) == ["", "2", "5", "8"]
    assert next(iter(sheet))[0] == "Hey yank this array"
    assert sheet[2][:3] == TEXT[0]


def test_rows_come_as_records(sheet):
    sheet.update_values("A1", [["a", "b", "c"]])
    assert sheet.get_all_records()[0] == {"a": 1, "b": 2, "c": 3}


def test_many_ranges_go_in_one_call(emulator, sheet):
    before = emulator.count("write")
    sheet.update_values_batch(["A1:A2", "B1:B2"], [[[1], [2]], [[3], [4]]])
    assert emulator.count("write") == before + 1
    assert sheet.get_values_batch(["A1:A2", "B1:B2"]) == [[["1"], ["2"]], [["3"], ["4"]]]


def test_rows_are_appended_inserted_and_deleted(sheet):
    sheet.append_table([10, 11, 12], start="A2")
    sheet.insert_rows(row=1, number=2, values=[["a", "b"], ["c", "d"]])
    assert sheet.get_values("A1", "B4") == [["Hey yank this array", ""], ["a", "b"], ["c", "d"], ["1", "2"]]
    sheet.delete_rows(2, 2)
    assert sheet.get_values("A2", "C5") == [*TEXT, ["10", "11", "12"]]


def test_columns_are_inserted_and_deleted(sheet):
    sheet.insert_cols(col=1, number=1)
    assert sheet.get_values("A2", "C2") == [["1", "", "2"]]
    sheet.delete_cols(2, 1)
    assert sheet.get_values("A2", "C2") == TEXT[:1]


def test_the_grid_is_resized(sheet, tab):
    sheet.rows = 30
    sheet.cols = 12
    sheet.add_rows(5)
    assert (tab.row_count, tab.column_count) == (35, 12)


def test_rows_are_sorted(sheet):
    sheet.sort_range("A2", "C4", basecolumnindex=1, sortorder="DESCENDING")
    assert sheet.get_values("A2", "C4") == TEXT[::-1]


def test_cells_are_found_and_replaced(sheet):
    assert [cell.label for cell in sheet.find("5")] == ["B3"]
    assert [cell.label for cell in sheet.find("y.nk", searchByRegex=True)] == ["A1"]
    sheet.replace("yank", "take")
    assert sheet.get_value("A1") == "Hey take this array"


def test_a_linked_cell_writes_what_it_is_given(sheet, tab):
    cell = sheet.cell("B1")
    cell.value = "hehe"
    cell.note = "a note"
    cell.color = (1.0, 0.5, 1.0, 1.0)
    cell.set_text_format("bold", True)
    sheet.cell("D2").formula = "=1+3"
    assert (tab.cell(0, 1), tab.note(0, 1), sheet.get_value("D2")) == ("hehe", "a note", "4")
    assert tab.format_of(0, 1)["textFormat"]["bold"] is True
    assert cell.neighbour("left").value == "Hey yank this array"


def test_a_model_cell_gives_its_format_to_a_range(sheet, tab):
    model = pygsheets.Cell("A1")
    model.set_number_format(FormatType.NUMBER, "00.0000")
    sheet.get_values("A2", "C4", returnas="range").apply_format(model)
    assert tab.format_of(2, 2)["numberFormat"] == {"type": "NUMBER", "pattern": "00.0000"}
    assert sheet.get_value("A2") == "01.0000"


def test_unlinked_cells_are_written_together(emulator, sheet):
    cells = [pygsheets.Cell((1, column), f"v{column}") for column in (5, 6)]
    before = emulator.count("write")
    sheet.update_cells(cells)
    assert emulator.count("write") == before + 1
    assert sheet.get_values("E1", "F1") == [["v5", "v6"]]


def test_a_range_has_a_name_a_lock_and_a_border(sheet, book, tab):
    area = sheet.get_values("A2", "C4", returnas="range")
    area.name = "numbers"
    assert [each.name for each in sheet.get_named_ranges()] == ["numbers"]
    area.protected = True
    area.editors = ("users", "ann@example.com")
    assert [each.protected for each in sheet.get_protected_ranges()] == [True]
    area.protected = False
    area.update_borders(top=True, style="SOLID_THICK")
    assert tab.format_of(1, 0)["borders"]["top"]["style"] == "SOLID_THICK"
    sheet.delete_named_range("numbers")
    area.clear()
    assert tab.values() == [["Hey yank this array"]]


def test_rows_and_columns_are_hidden_and_sized(sheet, tab):
    sheet.hide_dimensions(2, 3, dimension="ROWS")
    assert [row.hidden for row in tab.rows[:4]] == [False, True, True, False]
    sheet.show_dimensions(2, 3, dimension="ROWS")
    sheet.adjust_column_width(1, 2, 150)
    sheet.adjust_column_width(3)
    assert [column.pixels for column in tab.columns[:2]] == [150, 150]
    assert not any(row.hidden for row in tab.rows[:4])


def test_rules_and_filters_are_set(sheet, tab):
    sheet.set_data_validation("H1", "H3", condition_type="NUMBER_BETWEEN", condition_values=[2, 10], strict=True)
    formats = {"backgroundColor": {"red": 1}}
    sheet.add_conditional_formatting("A1", "A4", "NUMBER_BETWEEN", formats, ["1", "5"])
    sheet.set_basic_filter("A1", "C4")
    assert tab.filter is not None
    sheet.clear_basic_filter()
    assert tab.filter is None


def test_tabs_are_added_changed_and_deleted(emulator, book, sheet):
    other = book.add_worksheet("new sheet", rows=50, cols=60)
    other.title = "renamed"
    other.index = 0
    other.hidden = True
    copied = book.add_worksheet("copied", src_worksheet=sheet)
    assert [each.title for each in emulator.spreadsheet(book.id).sheets] == ["renamed", "Sheet1", "copied"]
    assert copied.get_values("A2", "C4") == TEXT
    book.del_worksheet(other)
    with pytest.raises(pygsheets.WorksheetNotFound):
        book.worksheet_by_title("renamed")


def test_metadata_of_developers_is_found_and_changed(book):
    entry = book.create_developer_metadata("key", "value")
    entry.value = "another"
    entry.update()
    assert [(each.key, each.value) for each in book.get_developer_metadata("key")] == [("key", "another")]


def test_a_spreadsheet_is_shared_and_deleted(pyg, book):
    book.share("ann@example.com", role="commenter")
    assert "ann@example.com" in [each.get("emailAddress") for each in book.permissions]
    book.remove_permission("ann@example.com")
    book.delete()
    with pytest.raises(pygsheets.SpreadsheetNotFound):
        pyg.open("my new sheet")


def test_requests_are_collected_and_sent_together(pyg, emulator, sheet, tab):
    pyg.set_batch_mode(True)
    sheet.insert_rows(1, 2)
    sheet.hide_dimensions(1, dimension="COLUMNS")
    before = emulator.count("write")
    pyg.run_batch()
    pyg.set_batch_mode(False)
    assert emulator.count("write") == before + 1
    assert tab.columns[0].hidden
    assert tab.cell(3, 0) == 1
