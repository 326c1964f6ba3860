"""spreadsheets.batchUpdate: all requests in order, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import batch_cells as cells
from . import batch_copy as copies
from . import batch_dimensions as dimensions
from . import batch_metadata as metadata
from . import batch_ranges as ranges
from . import batch_sheets as sheets
from .batching import Batch, Json
from .errors import ApiError, Refused
from .sorting import sort_range

KINDS: dict[str, Callable[[Batch, Json], Json | None]] = {
    "addNamedRange": ranges.add_named_range,
    "addProtectedRange": ranges.add_protected_range,
    "addSheet": sheets.add_sheet,
    "appendCells": cells.append_cells,
    "appendDimension": dimensions.append_dimension,
    "autoResizeDimensions": dimensions.auto_resize_dimensions,
    "clearBasicFilter": ranges.clear_basic_filter,
    "copyPaste": copies.copy_paste,
    "createDeveloperMetadata": metadata.create,
    "deleteDeveloperMetadata": metadata.delete,
    "deleteDimension": dimensions.delete_dimension,
    "deleteNamedRange": ranges.delete_named_range,
    "deleteProtectedRange": ranges.delete_protected_range,
    "deleteSheet": sheets.delete_sheet,
    "duplicateSheet": sheets.duplicate_sheet,
    "findReplace": copies.find_replace,
    "insertDimension": dimensions.insert_dimension,
    "mergeCells": ranges.merge_cells,
    "moveDimension": dimensions.move_dimension,
    "repeatCell": cells.repeat_cell,
    "setBasicFilter": ranges.set_basic_filter,
    "sortRange": sort_range,
    "unmergeCells": ranges.unmerge_cells,
    "updateCells": cells.update_cells,
    "updateDeveloperMetadata": metadata.update,
    "updateDimensionProperties": dimensions.update_dimension_properties,
    "updateNamedRange": ranges.update_named_range,
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
