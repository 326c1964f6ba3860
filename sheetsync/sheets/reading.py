"""Everything that is read of a spreadsheet, by sheet id, never by title: people rename tabs.

A whole key column is one call, so that no sort can tear it in two; its reply is decoded piece by piece, for half a
million keys as Python objects would be ten times the index that they become.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import RequestRefused, SpreadsheetGone, TabChanging
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.index import Index
from sheetsync.sheets.layout import KEY_HEADER, Layout, Marker, column_places

BOOK_MASK = (
    "properties(title,timeZone),developerMetadata(metadataId),"
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),developerMetadata)"
)
GRID_MASK = (
    "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),"
    "data(startRow,startColumn,rowData(values(userEnteredValue)),columnMetadata(developerMetadata)))"
)
COMPACT = ("prettyPrint", "false")

PIECE = 20_000
"""Rows in one piece of a reply; all pieces come in one call."""

ROWS_PER_CALL = 1_000_000

RANGES_PER_CALL = 500

_decoder = json.JSONDecoder()
_GAP = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab as the spreadsheet lists it."""

    id: int
    title: str
    rows: int
    columns: int
    is_grid: bool
    markers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A spreadsheet without its cells. `taken`: the metadata ids that are visible without reading cells."""

    title: str
    time_zone: str
    sheets: tuple[Sheet, ...]
    taken: frozenset[int]

    def cells(self) -> int:
        return sum(sheet.rows * sheet.columns for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class Head:
    """A tab's first row: its cells as text, and where each uid of ours is."""

    title: str
    row_count: int
    column_count: int
    headers: tuple[str, ...]
    places: Mapping[str, int]
    digests: Mapping[str, str]


NO_HEAD = Head("", 0, 0, (), {}, {})


@dataclass(slots=True)
class Sight:
    """Some rows as they are now, whole: `{row: [typed cell values]}`, with the head as it is in the same moment."""

    head: Head
    rows: dict[int, list[Any]] = field(default_factory=dict)

    def text(self, row: int, column: int) -> str:
        cells = self.rows.get(row, [])
        return cell_text(cells[column]) if column < len(cells) else ""


def cell_text(value: Any) -> str:
    """An ExtendedValue as text; "" for an empty cell."""
    return str(next(iter(value.values()))) if value else ""


def read_book(client: SheetsClient, spreadsheet_id: str) -> Book:
    """The spreadsheet's tabs, their sizes and markers: one call."""
    reply = client.read("get", f"/v4/spreadsheets/{spreadsheet_id}", params=[("fields", BOOK_MASK), COMPACT])
    sheets = tuple(_sheet(raw) for raw in reply.get("sheets", ()))
    metadata = [*reply.get("developerMetadata", ())]
    for raw in reply.get("sheets", ()):
        metadata += raw.get("developerMetadata", ())
    taken = frozenset(int(entry["metadataId"]) for entry in metadata if "metadataId" in entry)
    properties = reply.get("properties", {})
    return Book(properties.get("title", ""), properties.get("timeZone", "Etc/GMT"), sheets, taken)


def read_rows(client: SheetsClient, spreadsheet_id: str, sheet_id: int, rows: Sequence[tuple[int, int]] = ()) -> Sight:
    """The head, and these blocks of rows in full, in one call."""
    reply = client.read(
        "post",
        f"/v4/spreadsheets/{spreadsheet_id}:getByDataFilter",
        params=[("fields", GRID_MASK), COMPACT],
        body={"dataFilters": [_area(sheet_id, start, end) for start, end in [(0, 1), *rows]]},
    )
    sight = grid_sight(reply, sheet_id)
    if sight is None:
        raise SpreadsheetGone("the tab does not exist any more: choose another one, or restore it")
    return sight


def grid_sight(reply: Mapping[str, Any], sheet_id: int) -> Sight | None:
    """What a reply with grid data shows of one tab; None where it does not show the tab or its first row."""
    for raw in reply.get("sheets", ()):
        if raw["properties"].get("sheetId", 0) == sheet_id:
            grids = raw.get("data", [])
            tops = [grid for grid in grids if not grid.get("startRow") and not grid.get("startColumn")]
            if not tops:
                return None
            sight = Sight(_head(raw["properties"], max(tops, key=lambda grid: len(grid.get("columnMetadata", ())))))
            for grid in grids:
                sight.rows.update(_grid_rows(grid))
            return sight
    return None


def read_index(client: SheetsClient, spreadsheet_id: str, layout: Layout) -> Index:
    """Every key and fingerprint of the tab.

    Raises TabChanging where the columns moved since the layout was read, or a read in several calls was torn.
    """
    index = Index()
    borders: dict[int, str] = {}
    for start in range(0, layout.row_count, ROWS_PER_CALL):
        end = min(start + ROWS_PER_CALL, layout.row_count)
        for first, keys, prints in _pieces(client, spreadsheet_id, layout, start, end):
            if first == 0 and (not keys or keys[0] != KEY_HEADER):
                raise TabChanging("the hidden key column is not where it was a moment ago")
            _put(index, first, keys, prints)
            if first == start:
                borders[first] = keys[0] if keys else ""
    _check_borders(client, spreadsheet_id, layout, borders)
    index.settle()
    return index


def read_keys(client: SheetsClient, spreadsheet_id: str, layout: Layout, rows: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The keys in these blocks of rows, empty cells left out, in no promised order."""
    for batch in range(0, len(rows), RANGES_PER_CALL):
        areas = [_area(layout.sheet_id, *block, layout.key_at) for block in rows[batch : batch + RANGES_PER_CALL]]
        for found in _value_ranges(client, spreadsheet_id, areas):
            yield from (str(key) for key in _column(found) if key != "")


def read_columns(
    client: SheetsClient, spreadsheet_id: str, layout: Layout, start: int, end: int
) -> dict[int, list[Any]]:
    """The cells of all our columns from row `start` to before `end`: `{position: values}`, dates as serial numbers."""
    areas = [_area(layout.sheet_id, start, end, at) for at in sorted(layout.managed)]
    cells: dict[int, list[Any]] = {}
    for found in _value_ranges(client, spreadsheet_id, areas):
        cells[_grid(found).get("startColumnIndex", 0)] = _column(found)
    return cells


def has_metadata(client: SheetsClient, spreadsheet_id: str, metadata_id: int) -> bool:
    """Whether developer metadata of this id exists anywhere in the spreadsheet."""
    try:
        client.read("get", f"/v4/spreadsheets/{spreadsheet_id}/developerMetadata/{metadata_id}")
    except (SpreadsheetGone, RequestRefused):
        return False
    return True


def _pieces(
    client: SheetsClient, spreadsheet_id: str, layout: Layout, start: int, end: int
) -> Iterator[tuple[int, list[Any], list[Any]]]:
    # The last piece is open-ended: a row that people inserted since the grid's size was read must not push a key out.
    ends = [first if first < layout.row_count else None for first in (*range(start + PIECE, end, PIECE), end)]
    areas = [
        _area(layout.sheet_id, first, last, at)
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


def _check_borders(client: SheetsClient, spreadsheet_id: str, layout: Layout, borders: dict[int, str]) -> None:
    if len(borders) < 2:
        return
    areas = [_area(layout.sheet_id, first, first + 1, layout.key_at) for first in borders]
    for found in _value_ranges(client, spreadsheet_id, areas):
        if "".join(map(str, _column(found))) != borders[_grid(found).get("startRowIndex", 0)]:
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


def _area(sheet_id: int, start: int, end: int | None, column: int | None = None) -> dict[str, Any]:
    area: dict[str, Any] = {"sheetId": sheet_id, "startRowIndex": start}
    if end is not None:
        area["endRowIndex"] = end
    if column is not None:
        area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
    return {"gridRange": area}


def _grid(found: Mapping[str, Any]) -> Mapping[str, Any]:
    grid: Mapping[str, Any] = found["dataFilters"][0]["gridRange"]
    return grid


def _column(found: Mapping[str, Any]) -> list[Any]:
    columns = found["valueRange"].get("values", [])
    return list(columns[0]) if columns else []


def _sheet(raw: Mapping[str, Any]) -> Sheet:
    properties = raw["properties"]
    grid = properties.get("gridProperties", {})
    markers = [marker for entry in raw.get("developerMetadata", ()) if (marker := Marker.parse(entry))]
    return Sheet(
        properties.get("sheetId", 0),
        properties.get("title", ""),
        grid.get("rowCount", 0),
        grid.get("columnCount", 0),
        properties.get("sheetType", "GRID") == "GRID",
        tuple(sorted(markers, key=lambda marker: marker.n)),
    )


def _head(properties: Mapping[str, Any], top: Mapping[str, Any]) -> Head:
    grid = properties.get("gridProperties", {})
    columns: Iterable[Mapping[str, Any]] = top.get("columnMetadata", ())
    cells = next(iter(top.get("rowData", ())), {}).get("values", ())
    return Head(
        properties.get("title", ""),
        grid.get("rowCount", 0),
        grid.get("columnCount", 0),
        tuple(cell_text(cell.get("userEnteredValue")) for cell in cells),
        *column_places(columns),
    )


def _grid_rows(grid: Mapping[str, Any]) -> Iterator[tuple[int, list[Any]]]:
    pad: list[Any] = [None] * grid.get("startColumn", 0)
    for at, row in enumerate(grid.get("rowData", ()), start=grid.get("startRow", 0)):
        yield at, pad + [cell.get("userEnteredValue") for cell in row.get("values", ())]


def is_blank(client: SheetsClient, spreadsheet_id: str, sheet_id: int) -> bool:
    """Whether a tab holds not a single value."""
    text = client.read_text(
        "post",
        f"/v4/spreadsheets/{spreadsheet_id}/values:batchGetByDataFilter",
        params=[COMPACT, ("fields", "valueRanges.valueRange.values")],
        body={"dataFilters": [{"gridRange": {"sheetId": sheet_id}}]},
    )
    return '"values"' not in text
