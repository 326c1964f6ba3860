"""Copying, cutting, and text that becomes cells."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, cells, shown, style, write

BOLD: Json = {"textFormat": {"bold": True}}


def copy(source: Json, destination: Json, **options: str) -> Json:
    return {"copyPaste": {"source": source, "destination": destination, **options}}


def cut(source: Json, row: int, column: int, **options: str) -> Json:
    return {"cutPaste": {"source": source, "destination": {"rowIndex": row, "columnIndex": column}, **options}}


def paste(row: int, column: int, data: str, delimiter: str = ",", **options: object) -> Json:
    coordinate = {"rowIndex": row, "columnIndex": column}
    return {"pasteData": {"coordinate": coordinate, "data": data, "delimiter": delimiter, **options}}


def dressed(client: Client) -> None:
    """B2 gets a format with a border, a note and a rule beside its value."""
    cell = {
        "userEnteredFormat": {**BOLD, "borders": {"top": {"style": "SOLID"}}},
        "note": "n",
        "dataValidation": {"condition": {"type": "BOOLEAN"}},
    }
    start = {"rowIndex": 1, "columnIndex": 1}
    fields = "userEnteredFormat,note,dataValidation"
    client.ok({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}})


def looks(client: Client, row: int, column: int) -> tuple[object, bool, bool, bool, bool]:
    """Value, bold, borders, note, validation of a cell."""
    form = client.sheet.format_of(row, column) or {}
    line = client.sheet.rows[row]
    extra = ((line.extras if line else None) or {}).get(column, {})
    value = client.sheet.cell(row, column)
    return value, "textFormat" in form, "borders" in form, "note" in extra, "dataValidation" in extra


def test_a_pasted_row_repeats_over_its_destination(orders: Client) -> None:
    orders.ok(copy(area(1, 0, 2, 3), area(5, 0, 7, 3)))
    assert orders.sheet.values()[5:] == [["1", "pear", 3]] * 2


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        ("PASTE_NORMAL", ("pear", True, True, True, True)),
        ("PASTE_VALUES", ("pear", False, False, False, False)),
        ("PASTE_FORMULA", ("pear", False, False, False, False)),
        ("PASTE_FORMAT", ("old", True, True, False, False)),
        ("PASTE_NO_BORDERS", ("pear", True, False, True, True)),
        ("PASTE_DATA_VALIDATION", ("old", False, False, False, True)),
        ("PASTE_CONDITIONAL_FORMATTING", ("old", False, False, False, False)),
    ],
)
def test_a_paste_carries_what_its_kind_says(orders: Client, kind: str, result: tuple[object, ...]) -> None:
    dressed(orders)
    orders.ok(write(6, 1, ["old"]), copy(area(1, 1, 2, 2), area(6, 1, 7, 2), pasteType=kind))
    assert looks(orders, 6, 1) == result


def test_pasted_values_are_the_results_of_formulas(orders: Client) -> None:
    orders.put("Orders!A6", [["=1+2"]], "USER_ENTERED")
    orders.ok(copy(area(5, 0, 6, 1), area(6, 0, 7, 1), pasteType="PASTE_VALUES"))
    assert orders.read("Orders!A7", valueRenderOption="FORMULA")["values"] == [[3]]


def test_a_transposed_paste_turns_rows_into_columns(orders: Client) -> None:
    orders.ok(copy(area(1, 0, 3, 3), area(5, 0, 6, 1), pasteOrientation="TRANSPOSE"))
    assert orders.sheet.values()[5:] == [["1", "2"], ["pear", "apple"], [3, 1]]


def test_a_paste_brings_its_merges(orders: Client) -> None:
    orders.ok({"mergeCells": {"range": area(1, 0, 2, 2)}}, copy(area(1, 0, 2, 3), area(5, 0, 7, 3)))
    assert shown(orders, "merges") == [area(1, 0, 2, 2), area(5, 0, 6, 2), area(6, 0, 7, 2)]


def test_a_destination_that_runs_past_the_grid_is_cut_and_one_outside_refused(orders: Client) -> None:
    orders.ok(copy(area(1, 0, 2, 3), area(8, 0, 14, 3)))
    assert orders.sheet.values()[8:] == [["1", "pear", 3]] * 2
    message = orders.refusal(copy(area(1, 0, 2, 3), area(10, 0, 11, 3)))
    assert message == (
        "Invalid requests[0].copyPaste: Range (Orders!A11:C11) exceeds grid limits. Max rows: 10, max columns: 5"
    )


def test_a_cut_moves_cells_with_all_they_have(orders: Client) -> None:
    dressed(orders)
    assert orders.ok(cut(area(1, 0, 2, 3), 6, 2)) == [{}]
    assert looks(orders, 6, 3) == ("pear", True, True, True, True)
    assert orders.sheet.values()[1] == []
    assert looks(orders, 1, 1) == (None, False, False, False, False)


def test_a_cut_empties_the_source_whatever_is_pasted(orders: Client) -> None:
    dressed(orders)
    orders.ok(cut(area(1, 1, 2, 2), 6, 1, pasteType="PASTE_VALUES"))
    assert looks(orders, 6, 1) == ("pear", False, False, False, False)
    assert looks(orders, 1, 1) == (None, False, False, False, False)


def test_a_cut_may_overlap_its_destination(orders: Client) -> None:
    orders.ok(cut(area(1, 0, 4, 3), 2, 0))
    assert [row[:1] for row in orders.sheet.values()] == [["key"], [], ["1"], ["2"], ["3"]]


def test_a_cut_to_another_tab_leaves_the_format_of_its_column_behind(orders: Client) -> None:
    orders.ok(style(0, 1, 10, 2, **BOLD), {"addSheet": {"properties": {"sheetId": 5}}})
    request = cut(area(1, 1, 2, 2), 0, 0)
    request["cutPaste"]["destination"]["sheetId"] = 5
    orders.ok(request)
    target = orders.emulator.spreadsheet(orders.id).sheet(id=5)
    assert (target.cell(0, 0), target.format_of(0, 0)) == ("pear", BOLD)


def test_pasted_text_is_read_as_if_typed(client: Client) -> None:
    client.ok(paste(1, 1, 'a,007,"x, y"\n2026-09-05,TRUE'))
    assert client.sheet.values() == [[], [None, "a", 7, "x, y"], [None, 46270, True]]
    assert client.read("Orders!B3")["values"] == [["2026-09-05"]]


def test_pasted_text_grows_the_grid(client: Client) -> None:
    client.ok(paste(9, 4, "a;b\nc", ";"))
    assert (client.sheet.row_count, client.sheet.column_count) == (11, 6)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (paste(0, 0, "<b>x</b>", html=True), "does not paste HTML"),
        (paste(0, 0, "x", ""), "delimiter must be specified"),
        (paste(0, 0, "x", type="PASTE_FORMAT"), "does not paste data with PASTE_FORMAT"),
        (paste(10, 0, "x"), "exceeds grid limits"),
    ],
)
def test_text_that_cannot_be_pasted_is_refused(client: Client, request_: Json, message: str) -> None:
    assert message in client.refusal(request_)


def test_a_column_of_text_is_split(client: Client) -> None:
    client.ok(write(0, 0, ["a,1,x"], ["b"], [3]))
    client.ok({"textToColumns": {"source": area(0, 0, 3, 1), "delimiterType": "COMMA"}})
    assert client.sheet.values() == [["a", 1, "x"], ["b"], [3]]


def test_a_column_is_split_by_a_delimiter_of_ones_own(client: Client) -> None:
    client.ok(write(0, 0, ["a--b"]))
    client.ok({"textToColumns": {"source": area(0, 0, 1, 1), "delimiterType": "CUSTOM", "delimiter": "--"}})
    assert client.sheet.values() == [["a", "b"]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"source": area(0, 0, 1, 2), "delimiterType": "COMMA"}, "exactly one column"),
        ({"source": area(0, 0, 1, 1), "delimiterType": "AUTODETECT"}, "does not split by AUTODETECT"),
        ({"source": area(0, 0, 1, 1), "delimiterType": "CUSTOM"}, "delimiter must be specified"),
    ],
)
def test_a_split_that_cannot_be_is_refused(client: Client, body: Json, message: str) -> None:
    assert message in client.refusal({"textToColumns": body})


def test_whitespace_is_trimmed_and_counted(client: Client) -> None:
    client.ok(write(0, 0, ["  a \t b ", "plain", 7, "\n"]))
    (reply,) = client.ok({"trimWhitespace": {"range": area(0, 0, 1, 5)}})
    assert reply == {"trimWhitespace": {"cellsChangedCount": 2}}
    assert client.sheet.values() == [["a b", "plain", 7]]


def test_a_trimmed_text_that_looks_like_a_formula_stays_a_text(client: Client) -> None:
    client.ok({"updateCells": {"start": {}, "rows": cells([" =1+2"]), "fields": "userEnteredValue"}})
    client.ok({"trimWhitespace": {"range": area(0, 0, 1, 1)}})
    assert client.sheet.values() == [["=1+2"]]
    assert client.ok({"trimWhitespace": {"range": area(0, 0, 1, 1)}}) == [{"trimWhitespace": {}}]
