"""batchUpdate kinds about the basic filter and filter views. Neither hides rows from what the API reads."""

from __future__ import annotations

from dataclasses import replace

from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Span
from sheetsync.emulator.grid.ranges import Filter, FilterView, grid_range
from sheetsync.emulator.grid.sheet import Sheet


def set_basic_filter(batch: Batch, body: Json) -> None:
    """Set the tab's filter. What its criteria hide does not change what the API reads."""
    wanted = body.get("filter") or {}
    if "tableId" in wanted:
        raise Refused("this emulator does not filter tables.")
    sheet, span = batch.kept(wanted.get("range") or {})
    sheet.filter = Filter(span=span, rest=_rest(wanted))


def clear_basic_filter(batch: Batch, body: Json) -> None:
    batch.sheet(body).filter = None


def basic_filter_json(sheet: Sheet, item: Filter) -> Json:
    """Open sides are filled from the grid (recorded)."""
    return {"range": grid_range(sheet.id, sheet.rect(item.span)), **item.rest}


def _rest(wanted: Json) -> Json:
    """Sort and criteria as replies show them: criteria in both forms, the list wins (discovery document)."""
    specs = wanted.get("filterSpecs") or _specs(wanted.get("criteria") or {})
    criteria = {str(spec.get("columnIndex", 0)): spec.get("filterCriteria") or {} for spec in specs}
    rest = {"sortSpecs": wanted.get("sortSpecs"), "criteria": criteria, "filterSpecs": specs}
    return {name: item for name, item in rest.items() if item}


def _specs(criteria: Json) -> list[Json]:
    for key in criteria:
        if not (key.isascii() and key.isdigit()):
            raise Refused(f"criteria key [{key}] is not a column index.")
    return [{"columnIndex": int(key), "filterCriteria": item} for key, item in criteria.items()]


def add_filter_view(batch: Batch, body: Json) -> Json:
    """Add a filter view; an id may be chosen, and one that exists is refused."""
    wanted = body.get("filter") or {}
    key = wanted.get("filterViewId") or batch.ids.number()
    if any(key in sheet.views for sheet in batch.book.sheets):
        raise Refused(f"A filter view with id {key} already exists.")
    sheet, span, named = _place(batch, wanted)
    title = wanted.get("title") or f"Filter {len(sheet.views) + 1}"
    view = FilterView(id=key, title=title, span=span, rest={**named, **_rest(wanted)})
    sheet.views[key] = view
    return {"addFilterView": {"filter": view_json(sheet, view)}}


def _place(batch: Batch, wanted: Json) -> tuple[Sheet, Span, Json]:
    """Where a view is: its range, or the named range that backs it."""
    if "tableId" in wanted:
        raise Refused("this emulator does not filter tables.")
    if "namedRangeId" not in wanted:
        return *batch.kept(wanted.get("range") or {}), {}
    if "range" in wanted:
        raise Refused("Only one of range and namedRangeId may be set.")
    item = batch.book.named.get(wanted["namedRangeId"])
    if item is None:
        raise Refused(f"No NamedRange with id: {wanted['namedRangeId']}")
    return batch.book.by_id(item.sheet_id), item.span, {"namedRangeId": item.id}


def view_json(sheet: Sheet, view: FilterView) -> Json:
    place = {"range": grid_range(sheet.id, sheet.rect(view.span))}
    return {"filterViewId": view.id, "title": view.title, **place, **view.rest}


def _find(batch: Batch, key: int) -> tuple[Sheet, FilterView]:
    for sheet in batch.book.sheets:
        if key in sheet.views:
            return sheet, sheet.views[key]
    raise Refused(f"No filter view with id: {key}")


def update_filter_view(batch: Batch, body: Json) -> None:
    """Change the masked fields; one that is named and absent is reset."""
    wanted, mask = body.get("filter") or {}, fields_of(body, "FilterView")
    sheet, view = _find(batch, wanted.get("filterViewId", 0))
    if "filterViewId" in mask:
        raise Refused("filterViewId cannot be changed.")
    place = any(name in mask for name in ("range", "namedRangeId", "tableId")) or not mask
    if place and any(name in wanted for name in ("range", "namedRangeId", "tableId")):
        del sheet.views[view.id]
        sheet, span, named = _place(batch, wanted)
        rest = {name: item for name, item in view.rest.items() if name != "namedRangeId"}
        view = replace(view, span=span, rest={**named, **rest})
    if names(mask, "title"):
        if not wanted.get("title"):
            raise Refused("The filter view's title cannot be empty.")
        view = replace(view, title=wanted["title"])
    masked = {name: item for name, item in wanted.items() if names(mask, name)}
    named_fields = [name for name in ("sortSpecs", "criteria", "filterSpecs") if names(mask, name)]
    sheet.views[view.id] = replace(view, rest=_changed(view.rest, masked, named_fields))


def _changed(rest: Json, masked: Json, fields: list[str]) -> Json:
    """Criteria and filterSpecs are two forms of one thing: naming either replaces both."""
    gone = {"criteria", "filterSpecs"} if {"criteria", "filterSpecs"} & set(fields) else set()
    gone |= {"sortSpecs"} & set(fields)
    return {**{name: item for name, item in rest.items() if name not in gone}, **_rest(masked)}


def delete_filter_view(batch: Batch, body: Json) -> None:
    sheet, view = _find(batch, body.get("filterId", 0))
    del sheet.views[view.id]


def duplicate_filter_view(batch: Batch, body: Json) -> Json:
    sheet, view = _find(batch, body.get("filterId", 0))
    twin = replace(view, id=batch.ids.number(), title=f"Copy of {view.title}")
    sheet.views[twin.id] = twin
    return {"duplicateFilterView": {"filter": view_json(sheet, twin)}}
