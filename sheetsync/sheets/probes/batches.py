"""Is a batchUpdate all or nothing, in order, and large enough?"""

from __future__ import annotations

from sheetsync.sheets.probes.asking import Known, Rule, expect, probe
from sheetsync.sheets.probes.scratch import Scratch
from sheetsync.sheets.requests import compact

BODY = 1_200_000
"""The largest body that sheetsync sends, unless its settings say otherwise."""


@probe(
    "a batch with one invalid request applies none of its requests, neither those before it nor those after",
    matters="half a commit would lose rows, or write them twice",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=2,
)
def atomic_batch(scratch: Scratch) -> None:
    scratch.make(rows=6)
    insert = compact({"insertDimension": {"range": scratch.span("ROWS", 0, 2), "inheritFromBefore": False}})
    beyond_the_grid = scratch.put(99, 0, ["nowhere"])
    scratch.refused(
        "a write beyond the grid", scratch.put(0, 0, ["before"]), insert, beyond_the_grid, scratch.put(1, 0, ["after"])
    )
    sight = scratch.look((0, 6))
    expect("rows of the grid after the refusal", sight.head.row_count, 6)
    expect("cells after the refusal", [cell for row in sight.rows.values() for cell in row if cell], [])


@probe(
    "the requests of a batch are applied in their order, each to what the one before it left",
    matters="rows are inserted, and then written to by their new numbers, in one batch",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=1,
)
def requests_in_order(scratch: Scratch) -> None:
    insert = compact({"insertDimension": {"range": scratch.span("ROWS", 0, 1), "inheritFromBefore": False}})
    overwritten = scratch.put(0, 0, ["first"])
    scratch.make(overwritten, scratch.put(0, 0, ["second"]), insert, scratch.put(0, 0, ["above"]))
    sight = scratch.look((0, 3))
    expect("the first three rows", [sight.text(at, 0) for at in range(3)], ["above", "second", ""])


@probe(
    "a body of 1.2 MB is accepted",
    matters="batches are filled up to that size",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    reads=1,
    writes=2,
)
def large_body(scratch: Scratch) -> None:
    scratch.make(rows=1_200, columns=1)
    rows = [[f"{at:05}" + "x" * (BODY // 1_200)] for at in range(1_200)]
    scratch.write(scratch.put(0, 0, *rows))
    sight = scratch.look((1_199, 1_200))
    expect("the last row", sight.text(1_199, 0), rows[-1][0])
