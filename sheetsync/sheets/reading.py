"""Looks at a spreadsheet: its tabs and markers, a tab's first row, some of its rows in full.

Everything is read by sheet id, never by title: people rename tabs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import RequestRefused, SpreadsheetGone
from sheetsync.pipeline.records import CommitPlan, token
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.layout import Marker, column_places

BOOK_MASK = (
    "properties(title,timeZone),developerMetadata(metadataId),"
    "sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),developerMetadata)"
)
DATA_MASK = "data(startRow,startColumn,rowData(values(userEnteredValue)),columnMetadata(developerMetadata))"
GRID_MASK = f"sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),{DATA_MASK})"
TAB_MASK = BOOK_MASK.removesuffix(")") + f",{DATA_MASK})"
COMPACT = ("prettyPrint", "false")


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

    def key_token(self, row: int, key_at: int) -> int:
        """The token of the key in this row; 0 where it has none."""
        key = self.text(row, key_at)
        return token(key) if key else 0


def displaced(plan: CommitPlan, insert_at: int, after: Sight, key_at: int) -> Iterator[tuple[str, str]]:
    """What a commit's reply shows of its writes: (meant key, key found in its place) for each that hit another row."""
    for update in plan.updates:
        if (found := after.text(update.at, key_at)) != update.row.key:
            yield update.row.key, found
    for at, row in enumerate(plan.inserts, start=insert_at):
        if (found := after.text(at, key_at)) != row.key:
            yield row.key, found
    for release in plan.releases:
        if after.key_token(release.at, key_at) != release.key_token:
            yield f"row {release.at + 1}", after.text(release.at, key_at)


def cell_text(value: Any) -> str:
    """An ExtendedValue as text; "" for an empty cell."""
    return str(next(iter(value.values()))) if value else ""


def read_book(client: SheetsClient, spreadsheet_id: str) -> Book:
    """The spreadsheet's tabs, their sizes and markers: one call."""
    reply = client.read("get", f"/v4/spreadsheets/{spreadsheet_id}", params=[("fields", BOOK_MASK), COMPACT])
    return _book(reply)


def read_tab(client: SheetsClient, spreadsheet_id: str, sheet_id: int) -> tuple[Book, Head] | None:
    """The spreadsheet with this tab alone, and the tab's head: one call. None where that does not show it."""
    try:
        reply = client.read(
            "post",
            f"/v4/spreadsheets/{spreadsheet_id}:getByDataFilter",
            params=[("fields", TAB_MASK), COMPACT],
            body={"dataFilters": [area(sheet_id, 0, 1)]},
        )
    except RequestRefused:
        return None
    sight = grid_sight(reply, sheet_id)
    return None if sight is None else (_book(reply), sight.head)


def _book(reply: Mapping[str, Any]) -> Book:
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
        body={"dataFilters": [area(sheet_id, start, end) for start, end in [(0, 1), *rows]]},
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


def has_metadata(client: SheetsClient, spreadsheet_id: str, metadata_id: int) -> bool:
    """Whether developer metadata of this id exists anywhere in the spreadsheet."""
    try:
        client.read("get", f"/v4/spreadsheets/{spreadsheet_id}/developerMetadata/{metadata_id}")
    except (SpreadsheetGone, RequestRefused):
        return False
    return True


def area(sheet_id: int, start: int, end: int | None, column: int | None = None) -> dict[str, Any]:
    area: dict[str, Any] = {"sheetId": sheet_id, "startRowIndex": start}
    if end is not None:
        area["endRowIndex"] = end
    if column is not None:
        area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
    return {"gridRange": area}


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
    first_row: Mapping[str, Any] = next(iter(top.get("rowData", ())), {})
    cells = first_row.get("values", ())
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
