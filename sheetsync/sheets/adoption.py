"""Give the rows of a tab that was not ours their keys, read from the cells that already identify them.

Resumable at every step: the key column says `adopting` until a look at the whole tab finds every key in its place, so a
sort in between, or a worker that died, only means that some keys are written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sheetsync.errors import BadRecord, TabChanging, TabRefused
from sheetsync.pipeline.records import row_key
from sheetsync.sheets import setup
from sheetsync.sheets.keys import read_columns
from sheetsync.sheets.layout import KEY_UID, Layout, blocks
from sheetsync.sheets.reading import Head
from sheetsync.sheets.requests import encode_cell, write_cells

if TYPE_CHECKING:
    from sheetsync.sheets.tab import Tab

ROWS_AT_ONCE = 5_000


def is_adopting(head: Head) -> bool:
    """Whether rows of this tab may still be without their keys."""
    return head.digests.get(KEY_UID) == setup.ADOPTING


def check_headers(headers: Sequence[str], adopt: Sequence[str], title: str) -> None:
    """Raises TabRefused where a header that shall identify rows is missing or stands there twice."""
    for header in adopt:
        if headers.count(header) != 1:
            raise TabRefused(
                f"tab {title!r} cannot be adopted by column {header!r}: its first row has that header "
                f"{headers.count(header)} times, and it must be there once"
            )


def fill_keys(tab: Tab, head: Head) -> None:
    """Write the missing keys, look again, and finish once nothing is missing. Raises TabChanging, BadRecord."""
    check_headers(head.headers, tab.spec.adopt, head.title)
    turns = 8 + head.row_count // ROWS_AT_ONCE
    for _ in range(turns):
        wrong = _wrong_keys(tab, head)
        if not wrong:
            tab.send_setup(list(setup.finish_adoption(tab.ledger.sheet_id, head.places[KEY_UID], tab.spec.columns)))
            return
        requests = _write_keys(tab.ledger.sheet_id, head.places[KEY_UID], dict(wrong[:ROWS_AT_ONCE]))
        head = tab.send_setup(requests).head
        setup.require_key_column(head.places, head.title)
        check_headers(head.headers, tab.spec.adopt, head.title)
    raise TabChanging(f"tab {head.title!r} kept changing while its rows were given their keys: try again later")


def _wrong_keys(tab: Tab, head: Head) -> list[tuple[int, str]]:
    """(row, key) wherever the key cell does not hold what the row's own cells say; one atomic read."""
    at = [head.places[KEY_UID], *(head.headers.index(header) for header in tab.spec.adopt)]
    size = (head.row_count, head.column_count)
    layout = Layout(tab.ledger.sheet_id, head.title, *size, at[0], at[1], tuple(at[2:]))
    columns = read_columns(tab.client, tab.spreadsheet_id, layout, 1, head.row_count)
    rows = zip_longest(*(columns.get(place, []) for place in at), fillvalue="")
    found = ((row, cells[0], _key(row, cells[1:])) for row, cells in enumerate(rows, start=1))
    return [(row, wanted) for row, key, wanted in found if wanted != str(key)]


def _key(row: int, cells: Sequence[Any]) -> str:
    """The key that a row's identifying cells give; "" where one of them is empty: then the row is the people's own."""
    texts = [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip() for cell in cells]
    try:
        return row_key(*texts) if all(texts) else ""
    except BadRecord as error:
        raise BadRecord(f"row {row + 1} of the tab to adopt: {error}") from error


def _write_keys(sheet_id: int, column: int, keys: dict[int, str]) -> list[str]:
    return [
        write_cells(sheet_id, start, column, ([encode_cell(keys[at])] for at in range(start, end)))
        for start, end in blocks(sorted(keys))
    ]
