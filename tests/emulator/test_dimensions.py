"""Rows and columns: insert, delete, move, append, hide."""

from __future__ import annotations

from tests.emulator.support import Client, line, write


def first_column(client: Client) -> list[object]:
    return [row[0] if row else None for row in client.sheet.values()]


def test_rows_are_inserted_before_the_index(orders: Client) -> None:
    orders.ok({"insertDimension": {"range": line("ROWS", 1, 3)}})
    assert first_column(orders) == ["key", None, None, "1", "2", "3"]
    assert orders.sheet.row_count == 12


def test_an_insert_at_the_grids_end_is_refused_in_googles_words(orders: Client) -> None:
    message = orders.refusal({"insertDimension": {"range": line("ROWS", 10)}})
    assert message == (
        "Invalid requests[0].insertDimension: range.startIndex must be less than the grid size (10) "
        "if inheritFromBefore is false."
    )


def test_an_insert_at_the_grids_end_works_when_it_inherits_from_before(orders: Client) -> None:
    orders.ok({"insertDimension": {"range": line("ROWS", 10, 12), "inheritFromBefore": True}})
    assert orders.sheet.row_count == 12


def test_inserted_rows_take_the_format_of_the_row_below_unless_told(orders: Client) -> None:
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    area = {"startRowIndex": 0, "endRowIndex": 1}
    orders.ok({"repeatCell": {"range": area, "cell": bold, "fields": "userEnteredFormat.textFormat.bold"}})
    orders.ok({"insertDimension": {"range": line("ROWS", 1)}})
    orders.ok({"insertDimension": {"range": line("ROWS", 1), "inheritFromBefore": True}})
    assert orders.sheet.format_of(1, 0) == {"textFormat": {"bold": True}}
    assert orders.sheet.format_of(2, 0) is None


def test_a_moved_column_lands_where_it_was_read_before_the_removal(orders: Client) -> None:
    orders.ok({"moveDimension": {"source": line("COLUMNS", 0), "destinationIndex": 2}})
    assert orders.sheet.values()[0] == ["name", "key", "sum"]


def test_a_moved_row_lands_where_it_was_read_before_the_removal(orders: Client) -> None:
    orders.ok({"moveDimension": {"source": line("ROWS", 1), "destinationIndex": 3}})
    assert first_column(orders) == ["key", "2", "1", "3"]


def test_an_inserted_column_pushes_cells_formats_and_notes(orders: Client) -> None:
    cell = {"note": "n", "userEnteredFormat": {"textFormat": {"bold": True}}}
    start = {"rowIndex": 1, "columnIndex": 1}
    fields = "note,userEnteredFormat"
    orders.ok({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}})
    orders.ok({"insertDimension": {"range": line("COLUMNS", 1)}})
    assert orders.sheet.values()[1] == ["1", None, "pear", 3]
    assert orders.sheet.notes == {(1, 2): "n"}
    assert orders.sheet.format_of(1, 2) == {"textFormat": {"bold": True}}


def test_all_rows_cannot_be_deleted(orders: Client) -> None:
    assert "You can't delete all the rows" in orders.refusal({"deleteDimension": {"range": line("ROWS", 0, 10)}})


def test_all_rows_below_the_frozen_ones_cannot_be_deleted(orders: Client) -> None:
    props = {"gridProperties": {"frozenRowCount": 1}}
    orders.ok({"updateSheetProperties": {"properties": props, "fields": "gridProperties.frozenRowCount"}})
    assert "non-frozen rows" in orders.refusal({"deleteDimension": {"range": line("ROWS", 1, 10)}})


def test_append_dimension_adds_at_the_end(orders: Client) -> None:
    orders.ok({"appendDimension": {"dimension": "COLUMNS", "length": 2}})
    assert orders.sheet.column_count == 7


def test_hidden_columns_show_in_the_column_metadata(orders: Client) -> None:
    change = {"range": line("COLUMNS", 1), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    orders.ok({"updateDimensionProperties": change})
    reply = orders.send("GET", "", fields="sheets.data.columnMetadata(hiddenByUser)", ranges="Orders!A1:C1").json()
    assert reply == {"sheets": [{"data": [{"columnMetadata": [{}, {"hiddenByUser": True}, {}]}]}]}


def test_the_grid_cannot_exceed_ten_million_cells(orders: Client) -> None:
    props = {"gridProperties": {"rowCount": 2_000_001}}
    message = orders.refusal({"updateSheetProperties": {"properties": props, "fields": "gridProperties.rowCount"}})
    assert message == (
        "Invalid requests[0].updateSheetProperties: This action would increase the number of cells "
        "in the workbook above the limit of 10000000 cells."
    )


def test_a_sheet_holds_18278_columns_and_not_one_more(client: Client) -> None:
    client.ok({"appendDimension": {"dimension": "COLUMNS", "length": 18_273}})
    assert "limit of 18278 columns" in client.refusal({"appendDimension": {"dimension": "COLUMNS", "length": 1}})


def test_a_cell_holds_50000_characters_and_not_one_more(client: Client) -> None:
    client.ok(write(0, 0, ["x" * 50_000]))
    assert "maximum of 50000 characters" in client.refusal(write(0, 0, ["x" * 50_001]))
    assert "maximum of 50000 characters" in client.refusal(write(0, 0, ["\N{GRAPES}" * 25_001]))


def test_sorting_moves_rows_with_their_notes_and_keeps_the_header(orders: Client) -> None:
    start = {"rowIndex": 1, "columnIndex": 1}
    orders.ok({"updateCells": {"start": start, "rows": [{"values": [{"note": "pear"}]}], "fields": "note"}})
    area = {"startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}
    orders.ok({"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 2, "sortOrder": "ASCENDING"}]}})
    assert [row[1] for row in orders.sheet.values()] == ["name", "apple", "fig", "pear"]
    assert orders.sheet.notes == {(3, 1): "pear"}


def test_sorting_moves_only_the_columns_of_the_range(orders: Client) -> None:
    area = {"startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 1, "endColumnIndex": 3}
    orders.ok({"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 2, "sortOrder": "DESCENDING"}]}})
    assert orders.sheet.values()[1:] == [["1", "pear", 3], ["2", "fig", 2], ["3", "apple", 1]]


def test_empty_cells_sort_last_in_both_directions(orders: Client) -> None:
    orders.ok(write(4, 0, ["4", "kiwi"]))
    for order in ("ASCENDING", "DESCENDING"):
        specs = [{"dimensionIndex": 2, "sortOrder": order}]
        orders.ok({"sortRange": {"range": {"startRowIndex": 1}, "sortSpecs": specs}})
        assert orders.sheet.cell(4, 1) == "kiwi"
