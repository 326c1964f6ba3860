"""Do column labels show where a column is, stay with it, and answer to a lookup of exactly that column?"""

from __future__ import annotations

import json
from dataclasses import replace

from sheetsync.sheets import setup
from sheetsync.sheets.keys import read_columns
from sheetsync.sheets.layout import KEY_UID, PRINT_UID
from sheetsync.sheets.probes.asking import Known, Rule, expect, probe
from sheetsync.sheets.probes.scratch import SPECS, Scratch
from sheetsync.sheets.requests import compact

UIDS = [KEY_UID, PRINT_UID, *(spec.uid for spec in SPECS)]
TABLE = list(enumerate(UIDS))


def labels(scratch: Scratch, *places: int) -> list[str]:
    """The requests that label these columns, as they are sent for a new tab: column 0 is the key, 2 is "a"."""
    made = setup.create_requests(scratch.sheet_id, scratch.title, SPECS)
    all_of_them = [request for request in made if request.startswith('{"createDeveloperMetadata"')]
    return [all_of_them[place] for place in places]


def evolution(scratch: Scratch, specs: tuple[setup.ColumnSpec, ...]) -> list[str]:
    """The requests with which sheetsync follows when the columns of an automation become these."""
    digests = {KEY_UID: setup.order_digest(SPECS)} | {spec.uid: spec.digest for spec in SPECS}
    return setup.evolve_requests(scratch.sheet_id, len(UIDS), dict(zip(UIDS, range(9), strict=False)), digests, specs)


def only(kind: str, requests: list[str]) -> list[str]:
    return [request for request in requests if request.startswith(f'{{"{kind}"')]


@probe(
    "columnMetadata has an entry for every column, so that a label's position tells its column",
    matters="cells would be written into the column beside the one that is meant",
    known=Known.REPORTED,
    rule=Rule.TAB,
    reads=1,
    writes=1,
)
def label_tells_its_column(scratch: Scratch) -> None:
    scratch.make(*labels(scratch, 1, 3), columns=5)
    expect("labels by column", scratch.labels(), [(1, PRINT_UID), (3, "b")])


@probe(
    "a label moves with its column, and so do the header and the cells",
    matters="columns that people move would be taken for the ones beside them",
    known=Known.REPORTED,
    rule=Rule.TAB,
    reads=2,
    writes=2,
)
def label_follows_a_move(scratch: Scratch) -> None:
    scratch.table("1")
    a, b, c = SPECS
    scratch.write(*only("moveDimension", evolution(scratch, (c, a, b))))
    expect("labels by column", scratch.labels(), [*TABLE[:2], (2, "c"), (3, "a"), (4, "b")])
    sight = scratch.look((1, 2))
    expect("headers", list(sight.head.headers[2:]), ["C", "A", "B"])
    expect("cells", [sight.text(1, at) for at in (2, 3, 4)], ["1 c", "1 a", "1 b"])


@probe(
    "a column that is inserted pushes labels along and gets none of its neighbour's, also where it takes its looks",
    matters="two columns would carry one label, or cells go into the new one",
    known=Known.REPORTED,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def label_follows_an_insert(scratch: Scratch) -> None:
    scratch.make(*labels(scratch, 1, 2))
    insert = {"range": scratch.span("COLUMNS", 2, 3), "inheritFromBefore": True}
    scratch.write(compact({"insertDimension": insert}))
    expect("labels by column", scratch.labels(), [(1, PRINT_UID), (3, "a")])


@probe(
    "labels stay with their columns when rows are sorted and deleted, the first row included",
    matters="the columns would not be found again after everyday work in the tab",
    known=Known.REPORTED,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def label_survives_rows(scratch: Scratch) -> None:
    scratch.make(*labels(scratch, 0, 2), scratch.put(0, 0, ["3"], ["1"], ["2"]))
    everything = {"sheetId": scratch.sheet_id}
    sort = {"range": everything, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]}
    scratch.write(compact({"sortRange": sort}), compact({"deleteDimension": {"range": scratch.span("ROWS", 0, 2)}}))
    expect("labels by column", scratch.labels(), [(0, KEY_UID), (2, "a")])


@probe(
    "a lookup by key and column finds the label of that column and no other",
    matters="labels are changed and taken away by such lookups",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=1,
)
def label_found_by_lookup(scratch: Scratch) -> None:
    scratch.make(*labels(scratch, 0, 1, 2, 3))
    (request,) = only("deleteDeveloperMetadata", evolution(scratch, SPECS[1:]))
    lookup = json.loads(request)["deleteDeveloperMetadata"]["dataFilter"]
    reply = scratch.post("/developerMetadata:search", {"dataFilters": [lookup]})
    values = [each["developerMetadata"]["metadataValue"] for each in reply.get("matchedDeveloperMetadata", [])]
    expect("labels found for column C", values, [f"{SPECS[0].digest} a"])


@probe(
    "updating the label of one column changes that one alone",
    matters="a column whose header or format was changed would be dressed again with every run, or never",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def label_changed_in_place(scratch: Scratch) -> None:
    scratch.table()
    a, b, c = SPECS
    other = replace(b, header="B, as it is called now")
    scratch.write(*evolution(scratch, (a, other, c)))
    head = scratch.look().head
    found = {uid: head.digests.get(uid) for uid in ("a", "b", "c")}
    expect("digests in the labels", found, {"a": a.digest, "b": other.digest, "c": c.digest})
    expect("headers", list(head.headers[2:]), ["A", "B, as it is called now", "C"])


@probe(
    "deleting the label of one column releases that one alone, and its cells stay",
    matters="a column that an automation gives up stays in the tab as the people's own",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=2,
    writes=2,
)
def label_released(scratch: Scratch) -> None:
    scratch.table("1")
    scratch.write(*only("deleteDeveloperMetadata", evolution(scratch, SPECS[1:])))
    expect("labels by column", scratch.labels(), [place for place in TABLE if place[1] != "a"])
    expect("its cell", scratch.look((1, 2)).text(1, 2), "1 a")


@probe(
    "a column can be inserted at the right edge of the grid where it takes its looks from the left",
    matters="a new column of an automation goes there when the last one is ours",
    known=Known.REPORTED,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def column_at_the_right_edge(scratch: Scratch) -> None:
    scratch.table()
    added = setup.ColumnSpec("d", "D")
    scratch.write(*evolution(scratch, (*SPECS, added)))
    head = scratch.look().head
    expect("columns of the grid", head.column_count, len(UIDS) + 1)
    expect("where the new one is, and its header", (head.places.get("d"), head.headers[-1]), (len(UIDS), "D"))


@probe(
    "two columns can be inserted at the left edge of a tab full of somebody's data, which moves to the right",
    matters="so the technical columns come into a tab that is adopted",
    known=Known.REFERENCE,
    rule=Rule.TAB,
    reads=1,
    writes=2,
)
def columns_at_the_left_edge(scratch: Scratch) -> None:
    scratch.make(scratch.put(0, 0, ["A", "Notes"], ["1 a", "call back"]))
    scratch.write(*setup.adopt_requests(scratch.sheet_id, ["A", "Notes"], SPECS[:1]))
    sight = scratch.look((1, 2))
    expect("places of the columns", dict(sight.head.places), dict(zip(UIDS[:3], range(3), strict=True)))
    expect("the row that was there", [sight.text(1, at) for at in range(4)], ["", "", "1 a", "call back"])


@probe(
    "hidden columns are read like any other",
    matters="row keys and fingerprints are in hidden columns",
    known=Known.ASSUMED,
    rule=Rule.TAB,
    reads=1,
    writes=1,
)
def hidden_columns_read(scratch: Scratch) -> None:
    layout = scratch.table("1", "2")
    found = read_columns(scratch.client, scratch.spreadsheet_id, layout, 1, 3)
    expect("the hidden keys", found.get(layout.key_at), ["1", "2"])
