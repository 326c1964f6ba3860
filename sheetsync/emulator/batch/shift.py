"""batchUpdate kinds insertRange and deleteRange: cells of a band move over, the others stay."""

from __future__ import annotations

from collections.abc import Callable

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.parts import Part, blank, has_defaults, lift_all, put_all
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid import spans
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.sheet import Sheet


def insert_range(batch: Batch, body: Json) -> None:
    """Push cells down or right; the grid grows as far as filled cells are pushed past its edge (measured)."""
    sheet, rect, down = _read(batch, body)
    band = _band(sheet, rect, down)
    _check_merges(sheet, band, down)
    batch.book.guard(sheet, band, batch.user)
    count = rect.height if down else rect.width
    used = _used(sheet, band, down)
    batch.book.make_room(sheet, used.bottom + (count if down else 0), used.right + (0 if down else count))
    _move(sheet, used, count if down else 0, 0 if down else count)
    start = rect.top if down else rect.left
    _follow(batch, sheet, band, down, lambda span: _inside(sheet, spans.inserted(span, down, start, count)))


def _inside(sheet: Sheet, span: Span) -> Span | None:
    """What is left of a range when cells that hold nothing are pushed past the grid's edge (assumed)."""
    if (span.bottom or 0) <= sheet.row_count and (span.right or 0) <= sheet.column_count:
        return span
    rect = sheet.rect(span)
    return Span(*rect) if rect.size > 0 else None


def delete_range(batch: Batch, body: Json) -> None:
    """Take cells out and draw the others up or left; the grid keeps its size (measured)."""
    sheet, rect, up = _read(batch, body)
    band = _band(sheet, rect, up)
    _check_merges(sheet, band, up)
    batch.book.guard(sheet, band, batch.user)
    start, end = (rect.top, rect.bottom) if up else (rect.left, rect.right)
    rest = Rect(rect.bottom, rect.left, band.bottom, rect.right) if up else rect._replace(left=end, right=band.right)
    blank(sheet, rect)
    _move(sheet, rest, -rect.height if up else 0, 0 if up else -rect.width)
    _follow(batch, sheet, band, up, lambda span: spans.deleted(span, up, start, end))


def _read(batch: Batch, body: Json) -> tuple[Sheet, Rect, bool]:
    """Tab, cells, and whether rows are the dimension that shifts."""
    dimension = body.get("shiftDimension", "DIMENSION_UNSPECIFIED")
    if dimension not in ("ROWS", "COLUMNS"):
        raise Refused("No dimension specified.")
    sheet, rect = batch.rect(body.get("range") or {})
    if not rect.size:
        raise Refused("The range must hold at least one cell.")
    return sheet, rect, dimension == "ROWS"


def _band(sheet: Sheet, rect: Rect, rows: bool) -> Rect:
    """The cells that move: all from the range's start to the grid's end."""
    return rect._replace(bottom=sheet.row_count) if rows else rect._replace(right=sheet.column_count)


def _check_merges(sheet: Sheet, band: Rect, rows: bool) -> None:
    for merge in map(sheet.rect, sheet.merges):
        if merge.overlaps(band) and not _held(merge, band, rows):
            raise Refused("You cannot insert or delete cells over part of a merge.")


def _held(rect: Rect, band: Rect, rows: bool) -> bool:
    """Does the band take in the whole width (or height) of the rectangle?"""
    if rows:
        return band.left <= rect.left and rect.right <= band.right
    return band.top <= rect.top and rect.bottom <= band.bottom


def _used(sheet: Sheet, band: Rect, rows: bool) -> Rect:
    """The band up to its last cell with anything in it."""
    parts = lift_all(sheet, band)
    if rows:
        filled = [index for index, part in enumerate(parts) if not part.is_empty]
        return band._replace(bottom=band.top + (filled[-1] + 1 if filled else 0))
    widths = map(_width, parts)
    return band._replace(right=band.left + max(widths, default=0))


def _width(part: Part) -> int:
    filled = [offset for offset, value in enumerate(part.values) if value is not None]
    return max([-1, *filled, *part.formats, *part.extras]) + 1


def _move(sheet: Sheet, rect: Rect, down: int, across: int) -> None:
    if rect.size:
        parts = lift_all(sheet, rect, bool(across) and has_defaults(sheet))
        blank(sheet, rect)
        put_all(sheet, rect.top + down, rect.left + across, parts)


def _follow(batch: Batch, sheet: Sheet, band: Rect, rows: bool, change: Callable[[Span], Span | None]) -> None:
    """Ranges that lie across the band follow its cells; those that the band cuts stay (assumed)."""

    def inside(span: Span) -> Span | None:
        bounds = (span.left, span.right) if rows else (span.top, span.bottom)
        if None in bounds or not _held(sheet.rect(span), band, rows):
            return span
        return change(span)

    sheet.adjust(inside)
    batch.book.follow(sheet, inside)
