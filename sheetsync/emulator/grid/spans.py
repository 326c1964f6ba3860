"""How a stored range (named, protected, filtered, merged) follows inserted, deleted and moved lines."""

from __future__ import annotations

from sheetsync.emulator.grid.a1 import Rect, Span

Bounds = tuple[int | None, int | None]


def inserted(span: Span, rows: bool, at: int, count: int) -> Span:
    """The range after `count` rows (or columns) came in before index `at`; inside the range it grows."""
    start, end = _bounds(span, rows)
    if start is not None and start >= at:
        start += count
    if end is not None and end > at:
        end += count
    return _with(span, rows, start, end)


def deleted(span: Span, rows: bool, start: int, end: int) -> Span | None:
    """The range after rows (or columns) start..end went; None when nothing of it is left."""
    first, last = _bounds(span, rows)
    low = None if first is None else _after_delete(first, start, end)
    high = None if last is None else _after_delete(last, start, end)
    if low is not None and high is not None and low >= high:
        return None
    return _with(span, rows, low, high)


def moved(span: Span, rows: bool, start: int, end: int, to: int) -> Span:
    """The range after a move; it goes along only when it lies wholly inside the moved block."""
    first, last = _bounds(span, rows)
    if first is None or last is None:
        return span
    if start <= first and last <= end:
        target = to if to <= start else to - (end - start)
        return _with(span, rows, first + target - start, last + target - start)
    if end <= first and to >= last:
        return _with(span, rows, first - (end - start), last - (end - start))
    if start >= last and to <= first:
        return _with(span, rows, first + (end - start), last + (end - start))
    return span


def _after_delete(position: int, start: int, end: int) -> int:
    if position <= start:
        return position
    return max(start, position - (end - start))


def _bounds(span: Span, rows: bool) -> Bounds:
    return (span.top, span.bottom) if rows else (span.left, span.right)


def _with(span: Span, rows: bool, start: int | None, end: int | None) -> Span:
    if rows:
        return Span(start, span.left, end, span.right)
    return Span(span.top, start, span.bottom, end)


def clip(span: Span, row_count: int, column_count: int) -> Rect:
    """The span with its open sides filled from the grid and its ends cut to it."""
    top, left = span.top or 0, span.left or 0
    bottom = row_count if span.bottom is None else min(span.bottom, row_count)
    right = column_count if span.right is None else min(span.right, column_count)
    return Rect(top, left, max(top, bottom), max(left, right))


def without(rect: Rect, hole: Rect) -> list[Rect]:
    """What is left of a rectangle when another is cut out of it: up to four pieces."""
    if not rect.overlaps(hole):
        return [rect]
    low, high = max(rect.top, hole.top), min(rect.bottom, hole.bottom)
    pieces = (
        Rect(rect.top, rect.left, low, rect.right),
        Rect(high, rect.left, rect.bottom, rect.right),
        Rect(low, rect.left, high, max(rect.left, hole.left)),
        Rect(low, min(rect.right, hole.right), high, rect.right),
    )
    return [piece for piece in pieces if piece.height > 0 and piece.width > 0]
