"""Is a tab made once, found again by its id, and addressed by whatever title it has?"""

from __future__ import annotations

from sheetsync.sheets import setup
from sheetsync.sheets.layout import KEY_UID, PRINT_UID
from sheetsync.sheets.probes.asking import Broken, Known, Rule, expect, probe
from sheetsync.sheets.probes.scratch import SPECS, Scratch
from sheetsync.sheets.requests import compact

PLACES = {KEY_UID: 0, PRINT_UID: 1, "a": 2, "b": 3, "c": 4}


@probe(
    "adding a tab under a sheet id that exists is refused",
    matters="a new tab whose reply was lost would be made a second time",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    writes=2,
)
def sheet_id_once(scratch: Scratch) -> None:
    scratch.make()
    again = scratch.add_sheet(title=f"{scratch.title} again")
    words = scratch.refused("a second tab of one sheet id", again)
    if "already exists" not in words and str(scratch.sheet_id) not in words:
        raise Broken(f"refused for another reason than the sheet id that exists: {words}")


@probe(
    "adding a tab under a title that exists is refused",
    matters="ranges in requests name tabs by title, and must mean one tab",
    known=Known.REPORTED,
    rule=Rule.TAB,
    writes=2,
)
def title_once(scratch: Scratch) -> None:
    scratch.make()
    words = scratch.refused("a second tab of one title", scratch.add_sheet(sheet_id=scratch.tabs.new_id()))
    if "already exists" not in words and scratch.title not in words:
        raise Broken(f"refused for another reason than the title that exists: {words}")


@probe(
    "a new tab has the sheet id and exactly the grid that were asked for, its first row frozen",
    matters="one empty row under the header, and nothing else: rows are inserted before it",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=1,
)
def new_tab_as_asked(scratch: Scratch) -> None:
    scratch.table()
    path = f"/v4/spreadsheets/{scratch.spreadsheet_id}"
    fields = "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount))"
    reply = scratch.client.read("get", path, params=[("fields", fields)])
    shown = [each["properties"] for each in reply["sheets"] if each["properties"].get("title") == scratch.title]
    expect("tabs of this title", [each.get("sheetId", 0) for each in shown], [scratch.sheet_id])
    grid = {"rowCount": 2, "columnCount": len(SPECS) + 2, "frozenRowCount": 1}
    expect("its grid", shown[0].get("gridProperties", {}), grid)


@probe(
    "the reply to the batch that makes a tab shows that tab, asked for by its title",
    matters="the first commit of a tab learns from its own reply where the columns are",
    known=Known.ASSUMED,
    rule=Rule.TAB,
    writes=1,
)
def new_tab_in_its_own_reply(scratch: Scratch) -> None:
    sight = scratch.create()
    expect("places of the columns", dict(sight.head.places), PLACES)
    expect("rows of the grid", sight.head.row_count, 2)


@probe(
    "a quoted title means its tab in a range, whatever characters are in it",
    matters="people give tabs titles with quotes, exclamation marks, or names that look like cells",
    known=Known.RECORDED,
    rule=Rule.TAB,
    writes=2,
)
def title_in_quotes(scratch: Scratch) -> None:
    scratch.title += " — Käthe's 'A1'!B2: 100%"
    scratch.make()
    sight = scratch.commit([scratch.put(0, 0, ["x"])])
    expect("the title in the reply", sight.head.title, scratch.title)


@probe(
    "a tab that was renamed and hidden is found and read by its sheet id",
    matters="people rename and hide tabs while a run is going on",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def tab_renamed_and_hidden(scratch: Scratch) -> None:
    scratch.make(scratch.put(1, 0, ["here"]))
    properties = {"sheetId": scratch.sheet_id, "title": f"{scratch.title} renamed", "hidden": True}
    scratch.write(compact({"updateSheetProperties": {"properties": properties, "fields": "title,hidden"}}))
    sight = scratch.look((1, 2))
    expect("its title", sight.head.title, properties["title"])
    expect("its cell", sight.text(1, 0), "here")


@probe(
    "a tab of one single cell grows to hold our columns and the empty row",
    matters="sheetsync may be given any empty tab that people made",
    known=Known.ASSUMED,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def smallest_tab_occupied(scratch: Scratch) -> None:
    scratch.make(rows=1, columns=1)
    scratch.write(*setup.occupy_requests(scratch.sheet_id, 1, 1, SPECS))
    head = scratch.look().head
    expect("its rows and columns", (head.row_count, head.column_count), (2, len(SPECS) + 2))
    expect("places of the columns", dict(head.places), PLACES)
