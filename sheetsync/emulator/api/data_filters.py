"""DataFilters of reads and writes: which cells each selects, in the words that Google has for one that selects none."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.batch.metadata import by_filter
from sheetsync.emulator.errors import ApiError, Refused, invalid
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.metadata import Place
from sheetsync.emulator.grid.ranges import span_of
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
Area = tuple[Sheet, Rect]
SIDES = (("Row", "top", "bottom"), ("Column", "left", "right"))


def filter_areas(book: Spreadsheet, data_filter: Json, what: str = "grid") -> list[Area]:
    """The areas of one filter: its range, or the places of the metadata it finds. `what` a missing tab is called.

    Raises 400.
    """
    try:
        if "a1Range" in data_filter:
            sheet, span = book.resolve(data_filter["a1Range"])
            return [(sheet, book.area(sheet, span))]
        if "gridRange" in data_filter:
            return [_grid_area(book, data_filter["gridRange"], what)]
        if "developerMetadataLookup" not in data_filter:
            raise Refused("dataFilter.filter must be specified.")
        return [area for _, place in by_filter(book, data_filter) for area in _place_areas(book, place)]
    except Refused as refusal:
        raise invalid(str(refusal)) from refusal


def values_areas(book: Spreadsheet, filters: list[Json]) -> list[list[Area]]:
    """The areas of each filter of a values read, which numbers its refusals (measured). Raises 400."""
    if not filters:
        raise invalid("Must specify at least one dataFilter.")
    areas = []
    for index, each in enumerate(filters):
        try:
            areas.append(filter_areas(book, each))
        except ApiError as error:
            raise ApiError(error.code, f"Invalid dataFilter[{index}]: {error.message}") from error
    return areas


def distinct_areas(book: Spreadsheet, filters: list[Json]) -> list[Area] | None:
    """The areas of a spreadsheet read, those that are equal once.

    None, for all tabs, when no filter selects anything: no filter at all, or only lookups without a match (measured).
    """
    found = [area for each in filters for area in filter_areas(book, each, "sheet")]
    return list(dict.fromkeys(found)) or None


def _grid_area(book: Spreadsheet, grid: Json, what: str) -> Area:
    """What is wrong is said in this order: the tab, a negative index, an end before its start, the grid (measured)."""
    sheet_id = int(grid.get("sheetId", 0))
    sheet = next((sheet for sheet in book.sheets if sheet.id == sheet_id), None)
    if sheet is None:
        raise Refused(f"No {what} with id: {sheet_id}")
    if any(int(value) < 0 for name, value in grid.items() if name != "sheetId"):
        raise Refused("GridRange indexes must be >= 0")
    span = span_of(grid)
    for axis, first, last in SIDES:
        start, end = getattr(span, first), getattr(span, last)
        if start is not None and end is not None and end < start:
            raise Refused(f"end{axis}Index[{end}] cannot be before start{axis}Index[{start}]")
    return sheet, book.area(sheet, span)


def _place_areas(book: Spreadsheet, place: Place) -> list[Area]:
    if place.sheet_id is None:
        return [(sheet, sheet.rect(Span())) for sheet in book.sheets]
    sheet, index = book.by_id(place.sheet_id), place.index or 0
    span = Span()
    if place.kind == "ROW":
        span = Span(index, None, index + 1, None)
    elif place.kind == "COLUMN":
        span = Span(None, index, None, index + 1)
    return [(sheet, sheet.rect(span))]


def echoed(data_filter: Json) -> Json:
    """The filter as replies give it back: a tab id of 0 is left out, as proto does with defaults (measured)."""
    grid = data_filter.get("gridRange")
    if grid is None:
        return data_filter
    return {"gridRange": {name: value for name, value in grid.items() if name != "sheetId" or value}}
