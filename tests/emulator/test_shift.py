"""insertRange, deleteRange, deleteDuplicates, randomizeRange, sortRange: cells that change places."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator
from tests.emulator.support import Client, Json, area, line, marker, shown, style, write


def insert(dimension: str, *sides: int) -> Json:
    return {"insertRange": {"range": area(*sides), "shiftDimension": dimension}}


def delete(dimension: str, *sides: int) -> Json:
    return {"deleteRange": {"range": area(*sides), "shiftDimension": dimension}}


def test_an_insert_pushes_the_cells_of_its_columns_down(orders: Client) -> None:
    orders.ok(insert("ROWS", 1, 0, 3, 2))
    assert orders.sheet.values()[1:] == [
        [None, None, 3],
        [None, None, 1],
        ["1", "pear", 2],
        ["2", "apple"],
        ["3", "fig"],
    ]
    assert orders.sheet.row_count == 10


def test_an_insert_pushes_the_cells_of_its_rows_right(orders: Client) -> None:
    orders.ok(insert("COLUMNS", 1, 1, 2, 2))
    assert orders.sheet.values()[:3] == [["key", "name", "sum"], ["1", None, "pear", 3], ["2", "apple", 1]]


def test_an_insert_grows_the_grid_by_what_it_pushes_past_the_edge(orders: Client) -> None:
    orders.ok(write(9, 0, ["last"]), insert("ROWS", 0, 0, 3, 1))
    assert (orders.sheet.row_count, orders.sheet.cell(12, 0)) == (13, "last")
    orders.ok(write(0, 4, ["edge"]), insert("COLUMNS", 0, 0, 1, 2))
    assert (orders.sheet.column_count, orders.sheet.cell(0, 6)) == (7, "edge")


def test_a_delete_draws_cells_up_and_keeps_the_grid(orders: Client) -> None:
    orders.ok(delete("ROWS", 1, 0, 2, 2))
    assert orders.sheet.values()[1:] == [["2", "apple", 3], ["3", "fig", 1], [None, None, 2]]
    assert orders.sheet.row_count == 10


def test_a_delete_draws_cells_left_with_their_formats_and_notes(orders: Client) -> None:
    note = {"start": {"rowIndex": 1, "columnIndex": 2}, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}
    orders.ok(style(1, 2, 2, 3, textFormat={"bold": True}), {"updateCells": note}, delete("COLUMNS", 1, 0, 2, 1))
    assert orders.sheet.values()[1] == ["pear", 3]
    assert orders.sheet.notes == {(1, 1): "n"}
    assert orders.sheet.format_of(1, 1) == {"textFormat": {"bold": True}}
    assert orders.sheet.format_of(1, 2) is None


def test_row_anchors_stay_when_only_cells_shift(orders: Client) -> None:
    orders.ok(marker(7, {"dimensionRange": line("ROWS", 2)}), insert("ROWS", 0, 0, 2, 1))
    location = orders.send("GET", "/developerMetadata/7").json()["location"]
    assert location["dimensionRange"]["startIndex"] == 2


def test_what_lies_across_the_band_follows_and_what_is_cut_stays(orders: Client) -> None:
    named = [{"name": name, "namedRangeId": name, "range": place} for name, place in BANDS.items()]
    orders.ok(*({"addNamedRange": {"namedRange": each}} for each in named), insert("ROWS", 0, 0, 2, 2))
    shown_ranges = {
        each["name"]: each["range"] for each in orders.send("GET", "", fields="namedRanges").json()["namedRanges"]
    }
    assert shown_ranges == {"inside": area(3, 0, 4, 2), "wide": area(1, 0, 2, 3)}


BANDS = {"inside": area(1, 0, 2, 2), "wide": area(1, 0, 2, 3)}


def test_a_merge_follows_whole_and_is_not_cut(orders: Client) -> None:
    orders.ok({"mergeCells": {"range": area(3, 0, 4, 2)}}, insert("ROWS", 1, 0, 2, 2))
    assert shown(orders, "merges") == [area(4, 0, 5, 2)]
    message = orders.refusal(insert("ROWS", 1, 0, 2, 1))
    assert message.endswith("You cannot insert or delete cells over part of a merge.")


def test_a_range_past_the_edge_is_clipped_and_one_outside_refused(orders: Client) -> None:
    orders.ok(delete("ROWS", 2, 0, 40, 3))
    assert orders.sheet.values() == [["key", "name", "sum"], ["1", "pear", 3]]
    assert orders.refusal(delete("ROWS", 10, 0, 12, 3)) == (
        "Invalid requests[0].deleteRange: Range (Orders!A11:C12) exceeds grid limits. Max rows: 10, max columns: 5"
    )


def test_the_dimension_must_be_named(orders: Client) -> None:
    assert "No dimension specified." in orders.refusal({"insertRange": {"range": area(0, 0, 1, 1)}})


def test_duplicates_are_removed_without_regard_to_case(orders: Client) -> None:
    orders.ok(write(4, 0, ["1", "PEAR", 3], ["4", "kiwi", 9]))
    (reply,) = orders.ok({"deleteDuplicates": {"range": area(1, 0, 6, 3)}})
    assert reply == {"deleteDuplicates": {"duplicatesRemovedCount": 1}}
    assert [row[1] for row in orders.sheet.values()[1:]] == ["pear", "apple", "fig", "kiwi"]


def test_duplicates_are_told_by_the_columns_to_compare(orders: Client) -> None:
    orders.ok(write(4, 0, ["9", "fig", 0]))
    body = {"range": area(1, 0, 5, 3), "comparisonColumns": [line("COLUMNS", 1)]}
    orders.ok({"deleteDuplicates": body})
    assert [row[0] for row in orders.sheet.values()[1:]] == ["1", "2", "3"]
    assert orders.ok({"deleteDuplicates": body}) == [{"deleteDuplicates": {}}]


def test_a_text_is_no_duplicate_of_its_number(client: Client) -> None:
    client.ok(write(0, 0, [1], ["1"], [True]))
    assert client.ok({"deleteDuplicates": {"range": area(0, 0, 3, 1)}}) == [{"deleteDuplicates": {}}]


def test_comparison_columns_outside_the_range_are_refused(orders: Client) -> None:
    body = {"range": area(1, 0, 5, 2), "comparisonColumns": [line("COLUMNS", 2)]}
    assert "must be columns inside the range" in orders.refusal({"deleteDuplicates": body})


def test_a_shuffle_keeps_every_row_whole() -> None:
    emulator = Emulator()
    client = Client(emulator, emulator.create_spreadsheet("Shop", rows=60, columns=2, tab="Orders"))
    before = [[number, f"n{number}"] for number in range(60)]
    client.ok(write(0, 0, *before), {"randomizeRange": {"range": area(0, 0, 60, 2)}})
    after = client.sheet.values()
    assert after != before
    assert sorted(after) == before


def test_a_sort_ascends_from_numbers_over_texts_to_booleans(client: Client) -> None:
    mixed = ["b", True, 2, "A", False, 1]
    client.ok(write(0, 0, *([each] for each in mixed)))
    for order, expected in (
        ("ASCENDING", [1, 2, "A", "b", False, True]),
        ("DESCENDING", [True, False, "b", "A", 2, 1]),
    ):
        client.ok({"sortRange": {"range": area(0, 0, 8, 1), "sortSpecs": [{"dimensionIndex": 0, "sortOrder": order}]}})
        assert [row[0] for row in client.sheet.values()] == expected


@pytest.mark.parametrize("kind", ["sortRange", "randomizeRange"])
def test_hidden_rows_stay_where_they_are(client: Client, kind: str) -> None:
    client.ok(write(0, 0, [3], [9], [1], [2]))
    hide = {"range": line("ROWS", 1), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    body: Json = {"range": area(0, 0, 4, 1)}
    if kind == "sortRange":
        body["sortSpecs"] = [{"dimensionIndex": 0}]
    client.ok({"updateDimensionProperties": hide}, {kind: body})
    assert client.sheet.cell(1, 0) == 9


def test_a_sort_that_starts_past_the_grid_is_refused_in_googles_words(orders: Client) -> None:
    message = orders.refusal({"sortRange": {"range": {"startRowIndex": 10}, "sortSpecs": [{"dimensionIndex": 0}]}})
    assert message == "Invalid requests[0].sortRange: range.startRowIndex is larger than current grid size (10)"


def test_an_insert_past_the_grid_is_refused_in_googles_words(orders: Client) -> None:
    message = orders.refusal({"insertDimension": {"range": line("ROWS", 11), "inheritFromBefore": True}})
    assert message == "Invalid requests[0].insertDimension: range.startIndex is larger than current grid size (10)"
