"""The smaller request kinds, one behaviour each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.emulator.support import Client, Json, area, cells, line, marker, write


def test_of_many_simultaneous_batches_with_one_marker_exactly_one_lands(orders: Client) -> None:
    grow = {"appendDimension": {"dimension": "ROWS", "length": 1}}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: orders.batch(grow, marker(7)).status, range(40)))
    assert sorted(statuses) == [200] + [400] * 39
    assert orders.sheet.row_count == 11


def test_append_cells_adds_rows_after_the_last_row_with_data(orders: Client) -> None:
    rows = cells(*[["x"]] * 8)
    orders.ok({"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}})
    assert orders.sheet.row_count == 12
    assert orders.sheet.values()[4:] == [["x"]] * 8


def test_a_duplicated_tab_has_the_cells_and_none_of_the_anchors(orders: Client) -> None:
    orders.ok(marker(7, {"dimensionRange": line("ROWS", 1)}))
    orders.ok({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 5}}, write(1, 0, ["changed"]))
    twin = orders.emulator.spreadsheet(orders.id).sheet(id=5)
    assert (twin.title, twin.cell(1, 0)) == ("Copy of Orders", "1")
    assert all(row is None or not row.metadata for row in twin.rows)


def test_find_and_replace_counts_what_it_changed(orders: Client) -> None:
    (reply,) = orders.ok({"findReplace": {"find": "p", "replacement": "b", "allSheets": True}})
    changed = {"valuesChanged": 2, "rowsChanged": 2, "sheetsChanged": 1, "occurrencesChanged": 3}
    assert reply == {"findReplace": changed}
    assert [row[1] for row in orders.sheet.values()] == ["name", "bear", "abble", "fig"]


def test_a_tab_moves_to_the_index_read_before_its_removal(client: Client) -> None:
    client.ok(*({"addSheet": {"properties": {"sheetId": n, "title": str(n)}}} for n in (1, 2)))
    client.ok({"updateSheetProperties": {"properties": {"index": 2}, "fields": "index"}})
    assert [sheet.id for sheet in client.emulator.spreadsheet(client.id).sheets] == [1, 0, 2]


def test_grid_data_names_where_it_starts_and_drops_trailing_empties(orders: Client) -> None:
    fields = "sheets.data(startRow,startColumn,rowData.values.effectiveValue)"
    reply = orders.send("GET", "", ranges=["Orders!A1:A2", "Orders!C3:E9"], fields=fields).json()
    first = {"rowData": [{"values": [{"effectiveValue": {"stringValue": text}}]} for text in ("key", "1")]}
    numbers = [{"values": [{"effectiveValue": {"numberValue": number}}]} for number in (1, 2)]
    second = {"startRow": 2, "startColumn": 2, "rowData": numbers}
    assert reply == {"sheets": [{"data": [first, second]}]}


def test_only_the_tabs_of_the_ranges_are_shown(orders: Client) -> None:
    orders.ok({"addSheet": {"properties": {"sheetId": 5, "title": "Other"}}})
    reply = orders.send("GET", "", ranges="Other!A1", fields="sheets.properties.title").json()
    assert reply == {"sheets": [{"properties": {"title": "Other"}}]}
    body = {"dataFilters": [{"gridRange": {"sheetId": 0}}]}
    reply = orders.send("POST", ":getByDataFilter", body, fields="sheets.properties.title").json()
    assert reply == {"sheets": [{"properties": {"title": "Orders"}}]}


def test_a_data_filter_that_starts_outside_the_grid_is_refused(orders: Client) -> None:
    body = {"dataFilters": [{"gridRange": {"startRowIndex": 50, "endRowIndex": 60}}]}
    message = orders.send("POST", ":getByDataFilter", body).json()["error"]["message"]
    assert message == "Range (Orders!51:60) exceeds grid limits. Max rows: 10, max columns: 5"


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ({"startRowIndex": 10, "startColumnIndex": 0, "endColumnIndex": 2}, "A11:B"),
        ({"startRowIndex": 10, "endRowIndex": 11, "startColumnIndex": 0, "endColumnIndex": 2}, "A11:B11"),
        ({"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 5}, "F1:2"),
    ],
)
def test_a_range_that_starts_past_the_grid_is_refused_in_googles_words(client: Client, span: Json, shown: str) -> None:
    message = client.refusal({"repeatCell": {"range": span, "cell": {"note": "n"}, "fields": "note"}})
    assert message == (
        f"Invalid requests[0].repeatCell: Range (Orders!{shown}) exceeds grid limits. Max rows: 10, max columns: 5"
    )


@pytest.mark.parametrize(
    ("span", "count"),
    [(area(9, 0, 14, 1), 1), (area(0, 4, 1, 9), 1), (area(3, 0, 3, 5), 0)],  # all three are taken: measured
)
def test_a_range_that_starts_inside_the_grid_is_cut_to_it(client: Client, span: Json, count: int) -> None:
    client.ok({"repeatCell": {"range": span, "cell": {"note": "n"}, "fields": "note"}})
    assert len(client.sheet.notes) == count
    assert (client.sheet.row_count, client.sheet.column_count) == (10, 5)


@pytest.mark.parametrize(
    "kind", ["copyPaste", "cutPaste", "mergeCells", "sortRange", "updateBorders", "trimWhitespace"]
)
def test_a_range_of_no_cells_changes_nothing(orders: Client, kind: str) -> None:
    none, before = area(2, 0, 2, 3), orders.sheet.values()
    more: dict[str, Json] = {
        "copyPaste": {"source": none, "destination": none},
        "cutPaste": {"source": none, "destination": {"rowIndex": 0, "columnIndex": 0}},
        "updateBorders": {"range": none, "top": {"style": "SOLID"}},
    }
    orders.ok({kind: more.get(kind, {"range": none})})
    assert orders.sheet.values() == before
