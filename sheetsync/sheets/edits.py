"""Find cells that do not hold what was written there: edited by hand, or hit by a write for other columns."""

from __future__ import annotations

from typing import Any

from sheetsync.errors import TabChanging
from sheetsync.pipeline.records import fingerprint, token
from sheetsync.sheets.keys import PIECE, read_columns
from sheetsync.sheets.tab import Tab


def distrust_edited(tab: Tab) -> int:
    """Compare every row's cells with its fingerprint; those that differ are written again when met. -> how many.

    Raises TabChanging where rows moved meanwhile.
    """
    found = sum(_compare(tab, start) for start in range(1, tab.index.last_row + 1, PIECE))
    tab.moved_since_commit = False
    return found


def _compare(tab: Tab, start: int) -> int:
    layout, index, found = tab.layout, tab.index, 0
    uids = [spec.uid for spec in tab.spec.columns]
    end = min(start + PIECE, index.last_row + 1)
    columns = read_columns(tab.client, tab.spreadsheet_id, layout, start, end)
    places = (layout.key_at, layout.print_at, *layout.columns)
    padded = [_padded(columns.get(at, []), end - start) for at in places]
    for at, (key, print_text, *cells) in enumerate(zip(*padded, strict=True), start=start):
        if (token(str(key)) if key != "" else 0) != index.key_token(at):
            raise TabChanging("rows moved while their cells were being read")
        if index.is_live(at) and fingerprint(str(key), uids, cells) != print_text:
            index.distrust(at)
            found += 1
    return found


def _padded(values: list[Any], length: int) -> list[Any]:
    return values + [""] * (length - len(values))
