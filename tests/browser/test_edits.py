"""The page of a spreadsheet in a browser: what people do there."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Request
from tests.emulator.support import TOKEN, Client, write
from tests.support.browsers import expect

pytestmark = pytest.mark.slow

ROWS = (["name", "sum"], ["pear", 3], ["apple", 1], ["fig", 2])


@pytest.fixture
def client(emulator, book):
    client = Client(emulator, book)
    props = {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}
    client.ok(write(0, 0, *ROWS))
    client.ok({"updateSheetProperties": {"properties": props, "fields": "gridProperties.frozenRowCount"}})
    return client


@pytest.fixture
def grid(client, server, grid):
    return grid.open(server.url, client.id)


def names(client):
    return [row[0] if row else None for row in client.sheet.values()[1:]]


def test_a_text_is_taken_as_people_type_it_and_is_no_call(emulator, client, grid):
    before = len(emulator.calls)
    grid.type("B2", "2026-09-05")
    grid.shows(B2="2026-09-05")
    assert client.sheet.cell(1, 1) == 46270
    assert len(emulator.calls) == before


def test_an_edit_begins_with_what_is_there_and_enter_goes_down(client, grid):
    grid.cell("A2").dblclick()
    expect(grid.page.locator("#editor")).to_have_value("pear")
    grid.page.keyboard.type("s")
    grid.page.keyboard.press("Enter")
    grid.shows(A2="pears")
    expect(grid.page.locator("#name")).to_have_text("A3")


def test_tab_goes_right(client, grid):
    grid.type("A2", "plum", then="Tab")
    grid.page.keyboard.type("9")
    grid.page.keyboard.press("Enter")
    grid.shows(A2="plum", B2="9")


def test_escape_leaves_the_cell_as_it_was(client, grid):
    grid.type("A2", "plum", then="Escape")
    grid.type("A3", "quince")
    grid.shows(A2="pear", A3="quince")
    assert names(client) == ["pear", "quince", "fig"]


def test_delete_empties_a_cell(client, grid):
    grid.cell("A2").click()
    grid.page.keyboard.press("Delete")
    grid.shows(A2="")
    assert names(client) == [None, "apple", "fig"]


def test_a_text_that_only_looks_like_a_number_stays_one_through_an_edit_without_change(client, grid):
    client.ok(write(1, 0, ["007"]))
    grid.shows(A2="007")
    grid.cell("A2").dblclick()
    expect(grid.page.locator("#editor")).to_have_value("'007")
    grid.page.keyboard.type("8")
    grid.page.keyboard.press("Enter")
    grid.shows(A2="0078")
    assert client.sheet.cell(1, 0) == "0078"


def test_a_checkbox_is_ticked_by_a_click_and_unticked_by_the_space_bar(client, grid):
    rule = {"condition": {"type": "BOOLEAN"}}
    cell = {"userEnteredValue": {"boolValue": False}, "dataValidation": rule}
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 2}
    fields = "userEnteredValue,dataValidation"
    client.ok({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}})
    box = grid.cell("C2").get_by_role("checkbox")
    box.click()
    expect(box).to_be_checked()
    assert client.sheet.cell(1, 2) is True
    grid.page.keyboard.press("Space")
    expect(box).not_to_be_checked()


def test_the_last_edit_is_taken_back_by_its_key(client, grid):
    grid.type("A2", "plum")
    grid.shows(A2="plum")
    grid.page.keyboard.press("Control+z")
    grid.shows(A2="pear")


def test_a_protected_cell_says_why_it_stays_as_it_is(emulator, server, grid, complaints):
    complaints.expect("status of 400")
    made = emulator.perform(Request(method="POST", path="/v4/spreadsheets", headers=TOKEN)).json()["spreadsheetId"]
    Client(emulator, made).ok({"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}}}})
    grid.open(server.url, made)
    grid.type("A1", "mine")
    expect(grid.page.get_by_role("alert")).to_contain_text("You are trying to edit a protected cell or object.")
    grid.shows(A1="")


def test_rows_are_inserted_and_deleted_from_the_menu(client, grid):
    grid.choose("Insert row above", over="A3")
    grid.shows(A3="", A4="apple")
    grid.choose("Delete row", over="A2")
    grid.shows(A2="", A3="apple")
    assert names(client) == [None, "apple", "fig"]


def test_a_column_sorts_the_rows_below_the_header_both_ways(client, grid):
    grid.choose("Sort by B, A to Z", over="B2")
    grid.shows(A1="name", A2="apple", A4="pear")
    grid.choose("Sort by A, Z to A", over=grid.page.get_by_role("columnheader", name="A", exact=True))
    grid.shows(A1="name", A2="pear", A4="apple")


def test_a_note_is_written_shown_and_taken_away(client, grid):
    grid.choose("Add note", over="A2")
    grid.page.get_by_label("Note").fill("call <b>back</b>")
    grid.page.get_by_role("button", name="Save").click()
    expect(grid.cell("A2")).to_have_attribute("title", "call <b>back</b>")
    assert client.sheet.note(1, 0) == "call <b>back</b>"
    grid.choose("Edit note", over="A2")
    grid.page.get_by_label("Note").fill("")
    grid.page.get_by_role("button", name="Save").click()
    expect(grid.cell("A2")).not_to_have_attribute("title", "call <b>back</b>")
    assert client.sheet.note(1, 0) is None


def test_arrow_keys_step_over_what_is_hidden(client, grid):
    hide = {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}}
    hide |= {"properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    client.ok({"updateDimensionProperties": hide})
    expect(grid.page.get_by_title("Rows 2 to 3 are hidden")).to_be_visible()
    grid.cell("A1").click()
    grid.page.keyboard.press("ArrowDown")
    expect(grid.page.locator("#name")).to_have_text("A4")
