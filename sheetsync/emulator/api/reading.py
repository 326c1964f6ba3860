"""spreadsheets.get and getByDataFilter: the Spreadsheet message."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.api.griddata import grid_data, rects_by_sheet
from sheetsync.emulator.api.masks import Mask, apply, below
from sheetsync.emulator.api.properties import sheet_properties, spreadsheet_properties
from sheetsync.emulator.batch.bandings import banding_json
from sheetsync.emulator.batch.filters import basic_filter_json, view_json
from sheetsync.emulator.batch.groups import groups_json
from sheetsync.emulator.batch.metadata import by_filter
from sheetsync.emulator.batch.protected import protected_json
from sheetsync.emulator.batch.ranges import named_json
from sheetsync.emulator.batch.rules import rule_json
from sheetsync.emulator.errors import ApiError, Refused, invalid
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.metadata import place_of, to_json
from sheetsync.emulator.grid.ranges import grid_range
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
Area = tuple[Sheet, Rect]


def ranges_areas(book: Spreadsheet, ranges: list[str]) -> list[Area]:
    """Range texts -> areas. Raises 400."""
    areas = []
    for text in ranges:
        sheet, span = book.resolve(text)
        areas.append((sheet, book.area(sheet, span)))
    return areas


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
        reply: Json = apply(mask, _sheet(book, sheet, index, user, rects))
        if data_mask is not None:
            chosen = rects[sheet.id] if rects is not None else [sheet.rect(Span())]
            reply["data"] = [grid_data(book, sheet, rect, data_mask) for rect in chosen]
        replies.append(reply)
    return replies


def _sheet(book: Spreadsheet, sheet: Sheet, index: int, user: str, rects: dict[int, list[Rect]] | None) -> Json:
    """One tab; a read that names ranges is told only of the merges that touch them (measured)."""
    reply: Json = {"properties": sheet_properties(sheet, index)}
    merges = list(map(sheet.rect, sheet.merges))
    if rects is not None:
        merges = [merge for merge in merges if any(merge.overlaps(rect) for rect in rects[sheet.id])]
    if merges:
        reply["merges"] = [grid_range(sheet.id, merge) for merge in merges]
    reply.update(_attached(book, sheet, user))
    entries = [each for each in book.metadata.values() if each.kind == "SHEET" and each.sheet_id == sheet.id]
    if entries:
        reply["developerMetadata"] = [to_json(entry, place_of(book, entry)) for entry in entries]
    return reply


def _attached(book: Spreadsheet, sheet: Sheet, user: str) -> Json:
    """What hangs on ranges of the tab; kinds without any are left out."""
    parts = {
        "conditionalFormats": [rule_json(sheet, rule) for rule in sheet.rules],
        "filterViews": [view_json(sheet, view) for view in sheet.views.values()],
        "protectedRanges": [
            protected_json(sheet.id, item, item.editable_by(user, book.owner)) for item in sheet.protected.values()
        ],
        "basicFilter": basic_filter_json(sheet, sheet.filter) if sheet.filter else None,
        "bandedRanges": [banding_json(sheet, item) for item in sheet.bandings.values()],
        "rowGroups": groups_json(sheet, True),
        "columnGroups": groups_json(sheet, False),
    }
    return {name: part for name, part in parts.items() if part}


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
