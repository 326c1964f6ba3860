"""The smaller request kinds, one behaviour each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.emulator.support import Client, cells, line, marker, write


def area(top: int, left: int, bottom: int, right: int) -> dict[str, int]:
    return {"startRowIndex": top, "startColumnIndex": left, "endRowIndex": bottom, "endColumnIndex": right}


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


def test_a_pasted_row_repeats_over_its_destination(orders: Client) -> None:
    orders.ok({"copyPaste": {"source": area(1, 0, 2, 3), "destination": area(5, 0, 7, 3)}})
    assert orders.sheet.values()[5:] == [["1", "pear", 3]] * 2


def test_find_and_replace_counts_what_it_changed(orders: Client) -> None:
    (reply,) = orders.ok({"findReplace": {"find": "p", "replacement": "b", "allSheets": True}})
    changed = {"valuesChanged": 2, "rowsChanged": 2, "sheetsChanged": 1, "occurrencesChanged": 3}
    assert reply == {"findReplace": changed}
    assert [row[1] for row in orders.sheet.values()] == ["name", "bear", "abble", "fig"]


def test_a_merge_keeps_only_its_first_value(orders: Client) -> None:
    orders.ok({"mergeCells": {"range": area(1, 0, 2, 3), "mergeType": "MERGE_ALL"}})
    assert orders.sheet.values()[1] == ["1"]
    message = orders.refusal({"mergeCells": {"range": area(2, 0, 3, 3)}}, {"deleteSheet": {"sheetId": 77}})
    assert "No grid" in message
    assert len(orders.sheet.merges) == 1


def test_a_named_range_follows_its_rows_and_goes_with_them(orders: Client) -> None:
    named = {"name": "fruit", "namedRangeId": "n1", "range": area(1, 1, 4, 2)}
    orders.ok({"addNamedRange": {"namedRange": named}}, {"insertDimension": {"range": line("ROWS", 2)}})
    reply = orders.send("GET", "", fields="namedRanges").json()
    assert reply["namedRanges"][0]["range"] == area(1, 1, 5, 2)
    orders.ok({"deleteDimension": {"range": line("ROWS", 1, 5)}})
    assert orders.send("GET", "", fields="namedRanges").json() == {}


def test_a_basic_filter_is_shown_and_hides_nothing_from_reads(orders: Client) -> None:
    shape = {"range": area(0, 0, 4, 3), "criteria": {"0": {"hiddenValues": ["1"]}}}
    orders.ok({"setBasicFilter": {"filter": shape}})
    reply = orders.send("GET", "", fields="sheets.basicFilter").json()
    assert reply["sheets"] == [{"basicFilter": shape}]
    assert len(orders.read("Orders")["values"]) == 4


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
    assert message == "Range (Orders!A51:E60) exceeds grid limits. Max rows: 10, max columns: 5"
