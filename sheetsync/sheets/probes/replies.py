"""Does the reply to a commit show what it hit, as everything is right after it?"""

from __future__ import annotations

from sheetsync.pipeline.records import CommitPlan, Update
from sheetsync.sheets.layout import column_name, quoted
from sheetsync.sheets.probes.asking import Known, Rule, expect, probe
from sheetsync.sheets.probes.columns import UIDS
from sheetsync.sheets.probes.rows import keys_of
from sheetsync.sheets.probes.scratch import Scratch
from sheetsync.sheets.requests import compact, delete_requests, plan_requests, response_ranges


def key_range(scratch: Scratch, start: int, end: int) -> str:
    """The key cells of these rows, as a commit asks for them."""
    return f"{quoted(scratch.title)}!{column_name(0)}{start + 1}:{column_name(0)}{end}"


@probe(
    "the reply shows the keys of the rows that a commit updated and inserted, and the first row with its labels",
    matters="a write that hit another order's row, because people sorted meanwhile, would never be noticed",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    writes=2,
)
def keys_in_the_reply(scratch: Scratch) -> None:
    layout = scratch.table(*"123")
    (update,) = scratch.orders("2")
    plan = CommitPlan(updates=(Update(2, update),), inserts=scratch.orders("4"))
    sight = scratch.commit(plan_requests(plan, layout, 4, str), response_ranges(layout, [2, 4])[1:])
    expect("keys of the rows 3 and 5", (sight.text(2, 0), sight.text(4, 0)), ("2", "4"))
    expect("places of the columns", sorted(sight.head.places), sorted(UIDS))


@probe(
    "a key range of a reply keeps its places where cells in it are empty",
    matters="a key found one row too high looks like a write that hit the wrong row, or hides one that did",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    writes=2,
)
def reply_keeps_places(scratch: Scratch) -> None:
    scratch.make()
    sight = scratch.commit([scratch.put(3, 0, ["k"])], [key_range(scratch, 2, 6)])
    expect("keys of the rows 3 to 6", keys_of(sight, range(2, 6)), ["", "k", "", ""])


@probe(
    "the reply shows rows as they are after the removals of the same batch",
    matters="a deletion is believed only when the rows that stay are seen in their new places",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    writes=2,
)
def reply_is_after_the_batch(scratch: Scratch) -> None:
    scratch.table(*"123")
    sight = scratch.commit(delete_requests(scratch.sheet_id, [1]), [key_range(scratch, 1, 3)])
    expect("keys of the rows 2 and 3", keys_of(sight, range(1, 3)), ["2", "3"])
    expect("rows of the grid", sight.head.row_count, 4)


@probe(
    "the reply shows where the labels are in the moment of the commit",
    matters="a commit that went into columns that had just moved would never be noticed",
    known=Known.REFERENCE,
    rule=Rule.COMMIT,
    writes=2,
)
def labels_in_the_reply(scratch: Scratch) -> None:
    scratch.table()
    move = {"source": scratch.span("COLUMNS", 4, 5), "destinationIndex": 2}
    sight = scratch.commit([compact({"moveDimension": move})])
    found = {uid: sight.head.places.get(uid) for uid in ("a", "b", "c")}
    expect("places of the columns", found, {"c": 2, "a": 3, "b": 4})
