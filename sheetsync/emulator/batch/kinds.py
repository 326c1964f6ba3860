"""spreadsheets.batchUpdate: all requests in order, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheetsync.emulator.batch import (
    bandings,
    borders,
    cells,
    dimensions,
    duplicate,
    filters,
    find,
    groups,
    merges,
    metadata,
    protected,
    ranges,
    rows,
    rules,
    sheets,
    shift,
    text,
    validation,
)
from sheetsync.emulator.batch import copy as copies
from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.sorting import sort_range
from sheetsync.emulator.errors import ApiError, Refused

KINDS: dict[str, Callable[[Batch, Json], Json | None]] = {
    "addBanding": bandings.add_banding,
    "addConditionalFormatRule": rules.add_rule,
    "addDimensionGroup": groups.add_group,
    "addFilterView": filters.add_filter_view,
    "addNamedRange": ranges.add_named_range,
    "addProtectedRange": protected.add_protected_range,
    "addSheet": sheets.add_sheet,
    "appendCells": cells.append_cells,
    "appendDimension": dimensions.append_dimension,
    "autoResizeDimensions": dimensions.auto_resize_dimensions,
    "clearBasicFilter": filters.clear_basic_filter,
    "copyPaste": copies.copy_paste,
    "createDeveloperMetadata": metadata.create,
    "cutPaste": copies.cut_paste,
    "deleteBanding": bandings.delete_banding,
    "deleteConditionalFormatRule": rules.delete_rule,
    "deleteDeveloperMetadata": metadata.delete,
    "deleteDimension": dimensions.delete_dimension,
    "deleteDimensionGroup": groups.delete_group,
    "deleteDuplicates": rows.delete_duplicates,
    "deleteFilterView": filters.delete_filter_view,
    "deleteNamedRange": ranges.delete_named_range,
    "deleteProtectedRange": protected.delete_protected_range,
    "deleteRange": shift.delete_range,
    "deleteSheet": sheets.delete_sheet,
    "duplicateFilterView": filters.duplicate_filter_view,
    "duplicateSheet": duplicate.duplicate_sheet,
    "findReplace": find.find_replace,
    "insertDimension": dimensions.insert_dimension,
    "insertRange": shift.insert_range,
    "mergeCells": merges.merge_cells,
    "moveDimension": dimensions.move_dimension,
    "pasteData": text.paste_data,
    "randomizeRange": rows.randomize_range,
    "repeatCell": cells.repeat_cell,
    "setBasicFilter": filters.set_basic_filter,
    "setDataValidation": validation.set_data_validation,
    "sortRange": sort_range,
    "textToColumns": text.text_to_columns,
    "trimWhitespace": text.trim_whitespace,
    "unmergeCells": merges.unmerge_cells,
    "updateBanding": bandings.update_banding,
    "updateBorders": borders.update_borders,
    "updateCells": cells.update_cells,
    "updateConditionalFormatRule": rules.update_rule,
    "updateDeveloperMetadata": metadata.update,
    "updateDimensionGroup": groups.update_group,
    "updateDimensionProperties": dimensions.update_dimension_properties,
    "updateFilterView": filters.update_filter_view,
    "updateNamedRange": ranges.update_named_range,
    "updateProtectedRange": protected.update_protected_range,
    "updateSheetProperties": sheets.update_sheet_properties,
    "updateSpreadsheetProperties": sheets.update_spreadsheet_properties,
}


def run(batch: Batch, requests: list[Json], then: Callable[[], Json]) -> tuple[list[Json], Json]:
    """Apply the requests, then ask `then`; the replies (`{}` where a kind has none) and its answer.

    Raises 400 with nothing changed, also when `then` does.
    """
    state = batch.book.begin()
    try:
        return _apply(batch, requests), then()
    except BaseException:
        batch.book.rollback(state)
        raise


def _apply(batch: Batch, requests: list[Json]) -> list[Json]:
    return [_apply_one(batch, index, request) for index, request in enumerate(requests)]


def _apply_one(batch: Batch, index: int, request: Json) -> Json:
    kind, body = next((name, body) for name, body in request.items() if body is not None)
    try:
        return KINDS[kind](batch, clean(body)) or {}
    except Refused as refusal:
        raise ApiError(400, f"Invalid requests[{index}].{kind}: {refusal}") from refusal
    except ApiError as error:
        raise ApiError(error.code, f"Invalid requests[{index}].{kind}: {error.message}") from error


def clean(body: Any) -> Any:
    """Drop nulls, which mean `not set` in proto3 JSON. Rows of cells are read null by null and left alone."""
    if isinstance(body, dict):
        return {name: item if name == "rows" else clean(item) for name, item in body.items() if item is not None}
    if isinstance(body, list):
        return [clean(item) for item in body]
    return body
