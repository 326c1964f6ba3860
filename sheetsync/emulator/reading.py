"""spreadsheets.get and getByDataFilter: the Spreadsheet message."""

from __future__ import annotations

from typing import Any

from .a1 import Rect, Span
from .batch_metadata import by_filter
from .batch_ranges import named_json, protected_json
from .errors import ApiError, Refused, invalid
from .griddata import grid_data, rects_by_sheet
from .masks import Mask, apply, below
from .metadata import Place, place_of, to_json
from .properties import sheet_properties, spreadsheet_properties
from .ranges import grid_range, span_of
from .sheet import Sheet
from .workbook import Spreadsheet

Json = dict[str, Any]
Area = tuple[Sheet, Rect]


def ranges_areas(book: Spreadsheet, ranges: list[str]) -> list[Area]:
    """Range texts -> areas. Raises 400."""
    areas = []
    for text in ranges:
        sheet, span = book.resolve(text)
        areas.append((sheet, book.area(sheet, span)))
    return areas


def filter_areas(book: Spreadsheet, data_filter: Json) -> list[Area]:
    """The areas one DataFilter selects: its range, or the places of the metadata it finds. Raises 400."""
    try:
        if "a1Range" in data_filter:
            return ranges_areas(book, [data_filter["a1Range"]])
        if "gridRange" in data_filter:
            sheet = book.by_id(int(data_filter["gridRange"].get("sheetId", 0)))
            return [(sheet, book.area(sheet, span_of(data_filter["gridRange"])))]
        return [area for _, place in by_filter(book, data_filter) for area in _place_areas(book, place)]
    except Refused as refusal:
        raise invalid(str(refusal)) from refusal


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


def spreadsheet(book: Spreadsheet, areas: list[Area] | None, grid: bool, mask: Mask | None, user: str) -> Json:
    """The Spreadsheet message, masked.

    `areas` None means the whole file. A mask decides alone whether cells are read (`grid` is then ignored, as
    documented): one that names `sheets.data`, or all of `sheets`, is a grid read.
    """
    wanted = {} if mask is None else mask
    reply: Json = {"spreadsheetId": book.id, "properties": spreadsheet_properties(book)}
    sheet_mask = below(wanted, "sheets")
    if sheet_mask is not None:
        reply["sheets"] = []
    if book.named:
        reply["namedRanges"] = [named_json(item) for item in book.named.values()]
    entries = [entry for entry in book.metadata.values() if entry.kind == "SPREADSHEET"]
    if entries:
        reply["developerMetadata"] = [to_json(entry, place_of(book, entry)) for entry in entries]
    reply["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
    masked = dict(apply(wanted, reply))
    if sheet_mask is not None:
        data_mask = below(sheet_mask, "data") if mask is not None else ({} if grid else None)
        masked["sheets"] = _sheets(book, areas, sheet_mask, data_mask, user)
    return masked


def _sheets(book: Spreadsheet, areas: list[Area] | None, mask: Mask, data_mask: Mask | None, user: str) -> list[Json]:
    """The tabs, masked. GridData is made to its mask and not copied through it: it can be half a million rows."""
    rects = None if areas is None else rects_by_sheet(areas)
    replies = []
    for index, sheet in enumerate(book.sheets):
        if rects is not None and sheet.id not in rects:
            continue
        reply: Json = apply(mask, _sheet(book, sheet, index, user))
        if data_mask is not None:
            chosen = rects[sheet.id] if rects is not None else [sheet.rect(Span())]
            reply["data"] = [grid_data(book, sheet, rect, data_mask) for rect in chosen]
        replies.append(reply)
    return replies


def _sheet(book: Spreadsheet, sheet: Sheet, index: int, user: str) -> Json:
    reply: Json = {"properties": sheet_properties(sheet, index)}
    if sheet.merges:
        reply["merges"] = [grid_range(sheet.id, sheet.rect(span)) for span in sheet.merges]
    if sheet.protected:
        whole = sheet.rect(Span())
        reply["protectedRanges"] = [
            protected_json(sheet.id, item, not item.forbids(user, book.owner, whole, whole.bottom, whole.right))
            for item in sheet.protected.values()
        ]
    if sheet.filter is not None:
        reply["basicFilter"] = {"range": grid_range(sheet.id, sheet.filter.span), **sheet.filter.rest}
    entries = [each for each in book.metadata.values() if each.kind == "SHEET" and each.sheet_id == sheet.id]
    if entries:
        reply["developerMetadata"] = [to_json(entry, place_of(book, entry)) for entry in entries]
    return reply


def search(book: Spreadsheet, filters: list[Json]) -> Json:
    """developerMetadata:search. Every entry once, with all the filters that match it. Raises 400."""
    found: dict[int, tuple[Json, list[Json]]] = {}
    for data_filter in filters:
        try:
            for entry, place in by_filter(book, data_filter):
                found.setdefault(entry.id, (to_json(entry, place), []))[1].append(data_filter)
        except Refused as refusal:
            raise invalid(str(refusal)) from refusal
    if not filters:
        raise ApiError(400, "Must specify at least one data filter.")
    matched = [{"developerMetadata": entry, "dataFilters": why} for entry, why in found.values()]
    return {"matchedDeveloperMetadata": matched} if matched else {}
