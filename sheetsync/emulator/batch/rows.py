"""batchUpdate kinds deleteDuplicates and randomizeRange."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.parts import blank, lift, put_all
from sheetsync.emulator.batch.sorting import check_merges, rearrange, visible
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.cells import CellError
from sheetsync.emulator.grid.sheet import Sheet


def delete_duplicates(batch: Batch, body: Json) -> Json:
    """Drop rows of the range that repeat an earlier one; those below move up inside the range.

    Letter case, formats and formulas do not count, hidden rows do (discovery document).
    """
    sheet, rect = batch.editable(body.get("range") or {})
    columns = _columns(batch, rect, body.get("comparisonColumns") or [])
    check_merges(sheet, rect, "remove duplicates from")
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for index in range(rect.top, rect.bottom):
        key = tuple(_key(sheet, index, column) for column in columns)
        if key not in seen or not any(part[1] is not None for part in key):
            seen.add(key)
            kept.append(index)
    parts = [lift(sheet, index, rect.left, rect.right) for index in kept]
    blank(sheet, rect)
    put_all(sheet, rect.top, rect.left, parts)
    removed = rect.height - len(kept)
    return {"deleteDuplicates": {"duplicatesRemovedCount": removed} if removed else {}}


def _columns(batch: Batch, rect: Rect, spans: list[Json]) -> list[int]:
    """The columns to compare, all when none are given."""
    chosen: list[int] = []
    for span in spans:
        start, end = span.get("startIndex", rect.left), span.get("endIndex", rect.right)
        if span.get("dimension") != "COLUMNS" or not rect.left <= start < end <= rect.right:
            raise Refused("comparisonColumns must be columns inside the range.")
        chosen.extend(range(start, end))
    return chosen or list(range(rect.left, rect.right))


def _key(sheet: Sheet, index: int, column: int) -> tuple[str, Any]:
    """A value as it is compared: 1 and TRUE and "1" differ."""
    value = sheet.cell(index, column)
    if isinstance(value, str):
        return ("str", value.casefold())
    if isinstance(value, CellError):
        return ("error", value.kind)
    return ("bool" if isinstance(value, bool) else "number", value)


def randomize_range(batch: Batch, body: Json) -> None:
    """Shuffle the visible rows of the range, by the ids of the call: a replay gives the same order."""
    sheet, rect = batch.editable(body.get("range") or {})
    check_merges(sheet, rect, "randomize")
    places = visible(sheet, rect)
    rearrange(sheet, rect, places, sorted(places, key=lambda _: batch.ids.number()))
