"""What an open tab needs beside its batches: traces cleared, marked rows deleted, keys of rows read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sheetsync.errors import AmbiguousOutcome, RequestRefused, TabChanging
from sheetsync.pipeline.records import COPY, DELETING, CommitPlan, Release, split_key, token
from sheetsync.sheets.index import Index
from sheetsync.sheets.keys import read_keys
from sheetsync.sheets.layout import blocks
from sheetsync.sheets.requests import delete_requests
from sheetsync.sheets.tab import TRIES
from sheetsync.sheets.writer import Writer

ROWS_AT_ONCE = 1_000


def tidy(writer: Writer) -> None:
    """Clear the traces of displaced writes and copied rows that an opening found.

    A row with a fingerprint and no key shows an order that is written elsewhere: its managed cells are emptied. A
    copied row is marked and left to the people who made it.
    """
    for at in writer.tab.index.copies:
        writer.incident("row_copied", f"row {at + 1} was copied from another one: it is left alone from now on")
    turns = TRIES + len(_traces(writer.tab.index)) // ROWS_AT_ONCE
    for _ in range(turns):
        traces = _traces(writer.tab.index)
        if not traces:
            return
        writer.commit(CommitPlan(releases=tuple(traces[:ROWS_AT_ONCE])))
    raise TabChanging("rows kept moving while traces were being cleared: try again later")


def _traces(index: Index) -> list[Release]:
    """The rows to let go, in the order of the tab: values without a key, and copies of rows that keep theirs."""
    releases = [Release(at, 0, "") for at in index.orphans]
    releases += [Release(at, index.key_token(at), COPY) for at in index.copies]
    return sorted(releases, key=lambda release: release.at)


def delete_released(writer: Writer) -> bool:
    """Delete the rows that wait for it. False where a deletion may have hit another row: walk everything again.

    A row is first emptied and marked, and that commit's reply proves that it was the right row; then it is deleted.
    Where a deletion went wrong no further one follows: the marks that are left are all that a worker which dies now
    leaves to the next opening. The other walk deletes those rows at its end.
    """
    turns = TRIES + sum(1 for _ in writer.tab.index.rows_in(DELETING)) // ROWS_AT_ONCE
    for _ in range(turns):
        rows = list(islice(writer.tab.index.rows_in(DELETING), ROWS_AT_ONCE))
        if not rows:
            return True
        if not _delete(writer, rows):
            return False
    raise TabChanging("rows kept moving while they were to be deleted: try again later")


def order_ids(writer: Writer, rows: Sequence[int]) -> list[str]:
    """The order ids in these rows, each once; none, after a fresh look, where the rows are not there any more.

    Only orders that the index has in these rows count: rows may have moved, and what stands there now belongs to
    others.
    """
    tab = writer.tab
    expected = {tab.index.order_token(at) for at in rows}
    known, found = 0, dict[str, None]()
    try:
        for key in read_keys(tab.client, tab.spreadsheet_id, tab.layout, blocks(rows)):
            order_id = split_key(key)[0]
            if token(order_id) in expected:
                found[order_id] = None
                known += 1
    except RequestRefused:
        found = {}
    if known < len(rows):
        writer.reopen()
    return list(found)


def _delete(writer: Writer, rows: Sequence[int]) -> bool:
    """One deletion of marked rows, and a look at all keys after it: True where nothing else vanished."""
    tab = writer.tab
    try:
        sight = tab.rows(blocks(rows))
    except RequestRefused:
        writer.reopen()
        return True
    if not all(sight.text(at, tab.layout.print_at).endswith(DELETING) for at in rows):
        writer.reopen()
        return True
    staying = tab.index.key_tokens() - {tab.index.key_token(at) for at in rows}
    call = tab.call([*delete_requests(tab.layout.sheet_id, rows)])
    try:
        tab.send(call)
    except (AmbiguousOutcome, RequestRefused) as error:
        writer.after_doubt(call, CommitPlan(), error)
    else:
        writer.reopen()
    if staying <= tab.index.key_tokens():
        return True
    writer.incident("wrong_row_deleted", "rows were moved in the very moment of a deletion: all is walked again")
    return False
