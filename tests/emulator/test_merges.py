"""Merged cells."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, area, line, shown


def merge(client: Client, top: int, left: int, bottom: int, right: int, kind: str = "MERGE_ALL") -> None:
    client.ok({"mergeCells": {"range": area(top, left, bottom, right), "mergeType": kind}})


def test_a_merge_keeps_only_its_first_value(orders: Client) -> None:
    merge(orders, 1, 0, 2, 3)
    assert orders.sheet.values()[1] == ["1"]
    assert shown(orders, "merges") == [area(1, 0, 2, 3)]


@pytest.mark.parametrize(
    ("kind", "count", "kept"),
    [("MERGE_ROWS", 2, [["1"], ["2"]]), ("MERGE_COLUMNS", 3, [["1", "pear", 3], []])],
)
def test_a_merge_by_rows_or_columns_makes_one_merge_each(
    orders: Client, kind: str, count: int, kept: list[list[object]]
) -> None:
    merge(orders, 1, 0, 3, 3, kind)
    assert len(orders.sheet.merges) == count
    assert orders.sheet.values()[1:3] == kept


def test_a_merge_of_one_cell_is_none(orders: Client) -> None:
    merge(orders, 1, 0, 2, 1)
    assert shown(orders, "merges") is None


@pytest.mark.parametrize("kind", ["mergeCells", "unmergeCells"])
def test_a_merge_cannot_be_cut_in_two(orders: Client, kind: str) -> None:
    merge(orders, 1, 0, 3, 2)
    message = orders.refusal({kind: {"range": area(2, 0, 4, 2)}})
    assert message == (
        f"Invalid requests[0].{kind}: You must select all cells in a merged range to merge or unmerge them."
    )


def test_a_wider_merge_takes_the_place_of_those_inside(orders: Client) -> None:
    merge(orders, 1, 0, 2, 2)
    merge(orders, 0, 0, 3, 3)
    assert shown(orders, "merges") == [area(0, 0, 3, 3)]


def test_an_unmerge_of_the_whole_tab_leaves_none(orders: Client) -> None:
    merge(orders, 1, 0, 2, 2)
    orders.ok({"unmergeCells": {"range": {"sheetId": 0}}})
    assert shown(orders, "merges") is None


def test_a_merge_across_the_frozen_edge_is_refused_in_googles_words(orders: Client) -> None:
    frozen = {"properties": {"gridProperties": {"frozenColumnCount": 1}}, "fields": "gridProperties.frozenColumnCount"}
    message = orders.refusal({"updateSheetProperties": frozen}, {"mergeCells": {"range": area(0, 0, 1, 2)}})
    assert message == "Invalid requests[1].mergeCells: You can't merge frozen and non-frozen columns"


def test_a_merge_grows_with_an_insert_inside_and_goes_when_one_cell_is_left(orders: Client) -> None:
    merge(orders, 1, 0, 3, 1)
    orders.ok({"insertDimension": {"range": line("ROWS", 2)}})
    assert shown(orders, "merges") == [area(1, 0, 4, 1)]
    orders.ok({"deleteDimension": {"range": line("ROWS", 2, 4)}})
    assert shown(orders, "merges") is None


def test_a_sort_over_a_vertical_merge_is_refused_and_says_where_it_is(orders: Client) -> None:
    merge(orders, 2, 0, 4, 1)
    message = orders.refusal({"sortRange": {"range": {"startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 2}]}})
    assert message == (
        "Invalid requests[0].sortRange: You can't sort a range containing vertical merges. "
        "There is a vertical merge at A3:A4"
    )


@pytest.mark.parametrize(("source", "to"), [(2, 5), (5, 3), (3, 1)])
def test_a_row_is_not_moved_out_of_or_into_a_merge(orders: Client, source: int, to: int) -> None:
    merge(orders, 2, 0, 4, 1)
    message = orders.refusal({"moveDimension": {"source": line("ROWS", source), "destinationIndex": to}})
    assert message == (
        "Invalid requests[0].moveDimension: Sorry, it is not possible to move a row to a position "
        "that crosses a merged cell. Please unmerge and try again."
    )


def test_a_merge_moves_with_all_of_its_rows(orders: Client) -> None:
    merge(orders, 2, 0, 4, 1)
    orders.ok({"moveDimension": {"source": line("ROWS", 2, 4), "destinationIndex": 1}})
    assert shown(orders, "merges") == [area(1, 0, 3, 1)]


def test_a_read_of_a_range_tells_only_of_the_merges_that_touch_it(orders: Client) -> None:
    merge(orders, 0, 0, 1, 2)
    merge(orders, 3, 0, 4, 2)
    reply = orders.send("GET", "", ranges="Orders!A4:B4", fields="sheets.merges").json()
    assert reply == {"sheets": [{"merges": [area(3, 0, 4, 2)]}]}
