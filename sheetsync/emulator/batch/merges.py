"""batchUpdate kinds mergeCells and unmergeCells, and what other kinds do with merges in their way."""

from __future__ import annotations

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.sheet import Sheet


def merge_cells(batch: Batch, body: Json) -> None:
    """Merge a range; the values behind its first cell are lost, as in the product."""
    sheet, rect = batch.editable(body.get("range") or {})
    if rect.left < sheet.frozen_columns < rect.right:
        raise Refused("You can't merge frozen and non-frozen columns")
    if rect.top < sheet.frozen_rows < rect.bottom:
        raise Refused("You can't merge frozen and non-frozen rows")
    check_whole(sheet, rect)
    parts = _parts(rect, body.get("mergeType", "MERGE_ALL"))
    replace_merges(sheet, rect, [part for part in parts if part.size > 1])
    for part in parts:
        _keep_first(sheet, part)


def _parts(rect: Rect, kind: str) -> list[Rect]:
    if kind == "MERGE_ROWS":
        return [rect._replace(top=row, bottom=row + 1) for row in range(rect.top, rect.bottom)]
    if kind == "MERGE_COLUMNS":
        return [rect._replace(left=column, right=column + 1) for column in range(rect.left, rect.right)]
    return [rect]


def _keep_first(sheet: Sheet, part: Rect) -> None:
    for row in range(part.top, part.bottom):
        for column in range(part.left, part.right):
            if (row, column) != (part.top, part.left) and sheet.entered(row, column) is not None:
                sheet.writable(row).put(column, None)


def unmerge_cells(batch: Batch, body: Json) -> None:
    """Take the merges of a range apart; it must not cut one (discovery document; wording quoted in use)."""
    sheet, rect = batch.editable(body.get("range") or {})
    check_whole(sheet, rect)
    replace_merges(sheet, rect, [])


def check_whole(sheet: Sheet, rect: Rect) -> None:
    """Raise when the rectangle takes in a part of a merge."""
    for merge in map(sheet.rect, sheet.merges):
        if rect.shared(merge) not in (None, merge):
            raise Refused("You must select all cells in a merged range to merge or unmerge them.")


def merges_inside(sheet: Sheet, rect: Rect) -> list[Rect]:
    return [merge for merge in map(sheet.rect, sheet.merges) if rect.shared(merge) == merge]


def replace_merges(sheet: Sheet, rect: Rect, new: list[Rect]) -> None:
    """The merges of a rectangle become these."""
    kept = [span for span in sheet.merges if not sheet.rect(span).overlaps(rect)]
    sheet.merges = kept + [Span(*part) for part in new]
