"""Do rows go in where they should, with the right looks, and stay whole under sorts and deletions?"""

from __future__ import annotations

from sheetsync.pipeline.records import MARKED, CommitPlan, Release
from sheetsync.sheets.probes.asking import Known, Rule, expect, probe
from sheetsync.sheets.probes.scratch import SPECS, Scratch
from sheetsync.sheets.reading import Sight
from sheetsync.sheets.requests import compact, delete_requests, plan_requests
from sheetsync.sheets.setup import ColumnSpec

DATE = {"type": "DATE", "pattern": "yyyy-mm-dd"}
DATED = (*SPECS[:2], ColumnSpec("day", "Day", DATE))


def keys_of(sight: Sight, rows: range) -> list[str]:
    """The row keys in these rows."""
    return [sight.text(at, 0) for at in rows]


@probe(
    "rows are inserted before the empty row under the table; what was typed there is pushed down, and the grid grows",
    matters="a row that somebody typed under the table would be overwritten",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=2,
)
def insert_before_the_empty_row(scratch: Scratch) -> None:
    scratch.table("1", then=[scratch.put(2, 2, ["typed"])])
    scratch.write(*scratch.inserts(2, "2", "3"))
    sight = scratch.look((1, 5))
    expect("keys from row 2 on", keys_of(sight, range(1, 5)), ["1", "2", "3", ""])
    expect("what was typed", sight.text(4, 2), "typed")
    expect("rows of the grid", sight.head.row_count, 5)


@probe(
    "a row inserted without inheritFromBefore takes its looks from the row below, not from the bold header",
    matters="the first orders of a tab would look like headers",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=1,
)
def looks_from_below(scratch: Scratch) -> None:
    scratch.table("1")
    rows = scratch.grid("userEnteredFormat.textFormat.bold", 0, 2)
    bold = [
        [cell.get("userEnteredFormat", {}).get("textFormat", {}).get("bold", False) for cell in row[2:5]]
        for row in [*rows, [], []][:2]
    ]
    expect("bold cells of the header, and whether any in the first order", (bold[0], any(bold[1])), ([True] * 3, False))


@probe(
    "a number format set on a column once is that of rows inserted later",
    matters="dates and money are numbers, which only the column's format makes readable",
    known=Known.ASSUMED,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def format_of_new_rows(scratch: Scratch) -> None:
    scratch.table(specs=DATED)
    serial = 45_000
    scratch.write(*scratch.inserts(1, "1", specs=DATED), scratch.put(1, 4, [serial]))
    (row,) = scratch.grid("formattedValue", 1, 2)
    expect("what people see", row[4].get("formattedValue"), "2023-03-15")


@probe(
    "inserting rows at the very end of the grid is refused unless they take their looks from above",
    matters="that is why an empty row is kept there; were it allowed, keeping it would merely be needless",
    known=Known.REPORTED,
    rule=Rule.COMMIT,
    writes=2,
)
def insert_at_the_end_refused(scratch: Scratch) -> None:
    scratch.make(rows=3)
    insert = {"range": scratch.span("ROWS", 3, 4), "inheritFromBefore": False}
    scratch.refused("an insert at the end of the grid", compact({"insertDimension": insert}))


@probe(
    "where the empty row was deleted, one batch appends it and inserts before it",
    matters="people delete empty rows; the next commit would be refused again and again",
    known=Known.ASSUMED,
    rule=Rule.COMMIT,
    reads=1,
    writes=2,
)
def empty_row_comes_back(scratch: Scratch) -> None:
    layout = scratch.table("1", then=delete_requests(scratch.sheet_id, [2]))
    full = scratch.layout(layout.row_count - 1)
    inserts = scratch.orders("2")
    scratch.write(*plan_requests(CommitPlan(inserts=inserts), full, full.row_count, str))
    sight = scratch.look((1, 3))
    expect("keys from row 2 on", keys_of(sight, range(1, 3)), ["1", "2"])
    expect("rows of the grid", sight.head.row_count, 4)


@probe(
    "rows deleted bottom up in one batch are the ones that were meant",
    matters="with the rows of orders that are gone, others would go",
    known=Known.REFERENCE,
    rule=Rule.REMOVED,
    reads=1,
    writes=2,
)
def deleted_bottom_up(scratch: Scratch) -> None:
    scratch.table("1", "2", "3", "4", "5")
    scratch.write(*delete_requests(scratch.sheet_id, [1, 3, 4]))
    sight = scratch.look((1, 4))
    expect("the keys that are left", keys_of(sight, range(1, 4)), ["2", "5", ""])


@probe(
    "a sort moves whole rows, cells in hidden columns included",
    matters="keys would stay behind, and every row carry another order's key",
    known=Known.REPORTED,
    rule=Rule.EDITS,
    reads=1,
    writes=2,
)
def sort_moves_whole_rows(scratch: Scratch) -> None:
    scratch.table("1", "2", "3")
    below_the_header = {"sheetId": scratch.sheet_id, "startRowIndex": 1, "endRowIndex": 4}
    sort = {"range": below_the_header, "sortSpecs": [{"dimensionIndex": 2, "sortOrder": "DESCENDING"}]}
    scratch.write(compact({"sortRange": sort}))
    sight = scratch.look((1, 4))
    found = [(sight.text(at, 0), sight.text(at, 2)) for at in range(1, 4)]
    expect("keys and cells", found, [("3", "3 a"), ("2", "2 a"), ("1", "1 a")])


@probe(
    "striking a row through changes neither its values nor its number formats",
    matters="removed orders that are marked keep their values",
    known=Known.REFERENCE,
    rule=Rule.REMOVED,
    reads=1,
    writes=2,
)
def struck_through(scratch: Scratch) -> None:
    layout = scratch.table(specs=DATED, then=[*scratch.inserts(1, "1", specs=DATED), scratch.put(1, 4, [45_000])])
    plan = CommitPlan(releases=(Release(1, 0, MARKED),))
    scratch.write(*plan_requests(plan, layout, 2, lambda at: "1"))
    (row,) = scratch.grid("formattedValue,userEnteredFormat.textFormat.strikethrough", 1, 2)
    struck = [cell.get("userEnteredFormat", {}).get("textFormat", {}).get("strikethrough") for cell in row[2:5]]
    expect("cells struck through", struck, [True] * 3)
    expect("what people see", [cell.get("formattedValue") for cell in row[2:5]], ["1 a", "1 b", "2023-03-15"])
