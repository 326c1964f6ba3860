"""Keys and managed cells of a tab, read as whole columns: the keys become an index.

A whole key column is one call, so that no sort can tear it in two; its reply is decoded piece by piece, for half a
million keys as Python objects would be ten times the index that they become.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sheetsync.errors import TabChanging
from sheetsync.pipeline.records import token
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.index import Index
from sheetsync.sheets.layout import KEY_HEADER, KEY_UID, Layout, blocks
from sheetsync.sheets.reading import COMPACT, area, read_rows

PIECE = 20_000
"""Rows in one piece of a reply; all pieces come in one call."""

ROWS_PER_CALL = 1_000_000

RANGES_PER_CALL = 500

_decoder = json.JSONDecoder()
_GAP = re.compile(r"[\s,]*")


def read_index(client: SheetsClient, spreadsheet_id: str, layout: Layout) -> Index:
    """Every key and fingerprint of the tab.

    Raises TabChanging where the columns moved since the layout was read, or a read in several calls was torn.
    """
    index = Index()
    starts = range(0, layout.row_count, ROWS_PER_CALL)
    for start in starts:
        end = min(start + ROWS_PER_CALL, layout.row_count)
        for first, keys, prints in _pieces(client, spreadsheet_id, layout, start, end):
            if first == 0 and (not keys or keys[0] != KEY_HEADER):
                _check_place(client, spreadsheet_id, layout)
            _put(index, first, keys, prints)
    index.settle()
    if len(starts) > 1:
        _check_seams(client, spreadsheet_id, layout, index, starts)
    return index


def read_keys(
    client: SheetsClient, spreadsheet_id: str, layout: Layout, rows: Sequence[tuple[int, int]]
) -> Iterator[str]:
    """The keys in these blocks of rows, empty cells left out, in no promised order."""
    pieces = [(at, min(at + PIECE, end)) for start, end in rows for at in range(start, end, PIECE)]
    for batch in range(0, len(pieces), RANGES_PER_CALL):
        areas = [area(layout.sheet_id, *piece, layout.key_at) for piece in pieces[batch : batch + RANGES_PER_CALL]]
        for found in _value_ranges(client, spreadsheet_id, areas):
            yield from (str(key) for key in _column(found) if key != "")


def read_columns(
    client: SheetsClient, spreadsheet_id: str, layout: Layout, start: int, end: int
) -> dict[int, list[Any]]:
    """The cells of all our columns from row `start` to before `end`: `{position: values}`, dates as serial numbers."""
    areas = [area(layout.sheet_id, start, end, at) for at in sorted(layout.managed)]
    cells: dict[int, list[Any]] = {}
    for found in _value_ranges(client, spreadsheet_id, areas):
        cells[_grid(found).get("startColumnIndex", 0)] = _column(found)
    return cells


def is_blank(client: SheetsClient, spreadsheet_id: str, sheet_id: int) -> bool:
    """Whether a tab holds not a single value."""
    text = client.read_text(
        "post",
        f"/v4/spreadsheets/{spreadsheet_id}/values:batchGetByDataFilter",
        params=[COMPACT, ("fields", "valueRanges.valueRange.values")],
        body={"dataFilters": [{"gridRange": {"sheetId": sheet_id}}]},
    )
    return '"values"' not in text


def _pieces(
    client: SheetsClient, spreadsheet_id: str, layout: Layout, start: int, end: int
) -> Iterator[tuple[int, list[Any], list[Any]]]:
    # The last piece is open-ended: a row that people inserted since the grid's size was read must not push a key out.
    ends = [first if first < layout.row_count else None for first in (*range(start + PIECE, end, PIECE), end)]
    areas = [
        area(layout.sheet_id, first, last, at)
        for first, last in zip(range(start, end, PIECE), ends, strict=True)
        for at in (layout.key_at, layout.print_at)
    ]
    waiting: dict[int, dict[int, list[Any]]] = {}
    for found in _value_ranges(client, spreadsheet_id, areas):
        grid = _grid(found)
        first = grid.get("startRowIndex", 0)
        pair = waiting.setdefault(first, {})
        pair[grid.get("startColumnIndex", 0)] = _column(found)
        if len(pair) == 2:
            del waiting[first]
            yield first, pair[layout.key_at], pair[layout.print_at]


def _put(index: Index, first: int, keys: list[Any], prints: list[Any]) -> None:
    for at in range(max(first, 1), first + max(len(keys), len(prints))):
        place = at - first
        key = keys[place] if place < len(keys) else ""
        print_text = prints[place] if place < len(prints) else ""
        if key != "" or print_text != "":
            index.put(at, str(key), str(print_text))


def _check_place(client: SheetsClient, spreadsheet_id: str, layout: Layout) -> None:
    """The column that was read has not the key column's header: it moved away, or somebody only changed the header."""
    if read_rows(client, spreadsheet_id, layout.sheet_id).head.places.get(KEY_UID) != layout.key_at:
        raise TabChanging("the hidden key column is not where it was a moment ago")


def _check_seams(
    client: SheetsClient, spreadsheet_id: str, layout: Layout, index: Index, starts: Sequence[int]
) -> None:
    """Raises TabChanging where rows moved between the calls of one read.

    Rows that were inserted or deleted show at the seams; rows that changed places show as keys that were met twice.
    """
    seams = {at for start in starts[1:] for at in (start - 1, start)} | set(index.doubled)
    areas = [area(layout.sheet_id, *block, layout.key_at) for block in blocks(sorted(seams))]
    for found in _value_ranges(client, spreadsheet_id, areas):
        first = _grid(found).get("startRowIndex", 0)
        last = _grid(found)["endRowIndex"]
        keys = [str(key) for key in _column(found)]
        for place, at in enumerate(range(first, last)):
            key = keys[place] if place < len(keys) else ""
            if (token(key) if key else 0) != index.key_token(at):
                raise TabChanging("rows moved while the keys were being read")


def _value_ranges(client: SheetsClient, spreadsheet_id: str, areas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each MatchedValueRange of one call, decoded one at a time."""
    text = client.read_text(
        "post",
        f"/v4/spreadsheets/{spreadsheet_id}/values:batchGetByDataFilter",
        params=[COMPACT],
        body={"dataFilters": areas, "majorDimension": "COLUMNS", "valueRenderOption": "UNFORMATTED_VALUE"},
    )
    at = text.find("[", text.find('"valueRanges"')) + 1
    while at and text[at := _gap(text, at)] == "{":
        found, at = _decoder.raw_decode(text, at)
        yield found


def _gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _column(found: Mapping[str, Any]) -> list[Any]:
    columns = found["valueRange"].get("values", [])
    return list(columns[0]) if columns else []


def _grid(found: Mapping[str, Any]) -> Mapping[str, Any]:
    grid: Mapping[str, Any] = found["dataFilters"][0]["gridRange"]
    return grid
