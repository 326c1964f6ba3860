"""Are cells read by sheet id, all of them, each in its place?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sheetsync.sheets.keys import is_blank, read_columns, read_index
from sheetsync.sheets.layout import Layout
from sheetsync.sheets.probes.asking import Known, Rule, expect, probe
from sheetsync.sheets.probes.scratch import Scratch
from sheetsync.sheets.reading import area
from sheetsync.sheets.requests import compact


def column(scratch: Scratch, at: int, rows: int) -> Any:
    """The values of one column, as fingerprints are compared with: unformatted, dates as numbers."""
    layout = Layout(scratch.sheet_id, scratch.title, rows, at + 1, at, at, ())
    return read_columns(scratch.client, scratch.spreadsheet_id, layout, 0, rows).get(at)


@probe(
    "every area of a read is answered by itself and named by its indexes, also where it is empty",
    matters="keys and fingerprints are put together by those indexes; a missing answer would lose rows",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=1,
)
def every_area_answered(scratch: Scratch) -> None:
    scratch.make(scratch.put(0, 0, ["1"], ["2"], ["3"]))
    areas = [area(scratch.sheet_id, start, start + 2, at) for start in (0, 2) for at in (0, 1)]
    body = {"dataFilters": areas, "majorDimension": "COLUMNS", "valueRenderOption": "UNFORMATTED_VALUE"}
    reply = scratch.post("/values:batchGetByDataFilter", body)
    found = {}
    for each in reply.get("valueRanges", []):
        grid = each["dataFilters"][0]["gridRange"]
        place = (grid.get("startRowIndex", 0), grid["endRowIndex"], grid.get("startColumnIndex", 0))
        found[place] = each["valueRange"].get("values", [])
    wanted: dict[tuple[int, int, int], Any] = {(0, 2, 0): [["1", "2"]], (0, 2, 1): [], (2, 4, 0): [["3"]]}
    expect("values by (first row, last row, column)", found, wanted | {(2, 4, 1): []})


@probe(
    "empty cells above a value keep their place in a read, those below it are left out",
    matters="keys would be taken for those of the rows above",
    known=Known.RECORDED,
    rule=Rule.COMMIT,
    reads=1,
    writes=1,
)
def places_of_values(scratch: Scratch) -> None:
    scratch.make(scratch.put(1, 0, ["first"]), scratch.put(3, 0, ["second"]))
    expect("the column", column(scratch, 0, 6), ["", "first", "", "second"])


@probe(
    "an area without a last row reaches to the end of the grid as it is",
    matters="a row that was inserted while a tab was being opened would push the last key out of sight",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=1,
)
def open_ended_area(scratch: Scratch) -> None:
    layout = scratch.table(*"1234")
    index = read_index(scratch.client, scratch.spreadsheet_id, replace(layout, row_count=3))
    expect("how many keys were read where three rows were known of", len(index), 4)


@probe(
    "a tab without a single value has no values in a read, whatever its formats; one with a value has",
    matters="an empty tab is taken over, one that holds data is refused",
    known=Known.RECORDED,
    rule=Rule.TAB,
    reads=2,
    writes=2,
)
def blank_tab(scratch: Scratch) -> None:
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    repeat = {"range": {"sheetId": scratch.sheet_id}, "cell": bold, "fields": "userEnteredFormat.textFormat.bold"}
    scratch.make(compact({"repeatCell": repeat}))
    place = (scratch.client, scratch.spreadsheet_id, scratch.sheet_id)
    expect("the formatted tab is blank", is_blank(*place), True)
    scratch.write(scratch.put(5, 3, [0]))
    expect("the tab with a 0 in its last cell is blank", is_blank(*place), False)


@probe(
    "several blocks of rows are read in full in one call, with the first row, types and places kept",
    matters="rows are looked at before they are changed, and cells are put back from that look",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=1,
)
def rows_in_full(scratch: Scratch) -> None:
    scratch.make(scratch.put(0, 0, ["Header"]), scratch.put(1, 1, ["1", None, 5]), scratch.put(4, 1, [True]))
    sight = scratch.look((1, 2), (3, 5))
    expect("the first row", sight.head.headers, ("Header",))
    expect("row 2", sight.rows.get(1), [None, {"stringValue": "1"}, None, {"numberValue": 5}])
    expect("row 5", sight.rows.get(4), [None, {"boolValue": True}])


@probe(
    "rows that a filter or a person hid are read like any other",
    matters="keys of hidden rows would be missing, and their orders inserted a second time",
    known=Known.ASSUMED,
    rule=Rule.COMMIT,
    reads=1,
    writes=1,
)
def hidden_rows_read(scratch: Scratch) -> None:
    scratch.table(*"1234", then=hiding(scratch))
    expect("a column of all rows", column(scratch, 2, 5)[1:], ["1 a", "2 a", "3 a", "4 a"])


@probe(
    "rows that a filter or a person hid are counted and written like any other, and rows inserted below them",
    matters="with a filter set, every write would go to another row than the one that is meant",
    known=Known.ASSUMED,
    rule=Rule.COMMIT,
    reads=1,
    writes=2,
)
def hidden_rows_written(scratch: Scratch) -> None:
    scratch.table(*"1234", then=hiding(scratch))
    scratch.write(*(scratch.put(at, 4, [f"written {at}"]) for at in range(1, 5)), *scratch.inserts(5, "5"))
    sight = scratch.look((1, 6))
    found = [(sight.text(at, 0), sight.text(at, 4)) for at in range(1, 6)]
    expect("keys and cells", found, [*((str(at), f"written {at}") for at in range(1, 5)), ("5", "5 c")])


def hiding(scratch: Scratch) -> list[str]:
    """Requests that hide order 2 by a filter and order 3 by hand."""
    area = {"sheetId": scratch.sheet_id, "startRowIndex": 0, "endRowIndex": 5}
    by_filter = {"range": area, "criteria": {"2": {"hiddenValues": ["2 a"]}}}
    by_hand = {"range": scratch.span("ROWS", 3, 4), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    return [compact({"setBasicFilter": {"filter": by_filter}}), compact({"updateDimensionProperties": by_hand})]
