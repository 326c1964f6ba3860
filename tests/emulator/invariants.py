"""What holds for every spreadsheet at any time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from sheetsync.emulator.grid.a1 import Span
from sheetsync.emulator.grid.limits import CELLS, TABS
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet


def check(book: Spreadsheet) -> None:
    """Raises AssertionError."""
    ids, titles = [sheet.id for sheet in book.sheets], [sheet.title.casefold() for sheet in book.sheets]
    assert len(set(ids)) == len(ids), ids
    assert len(set(titles)) == len(titles), titles
    assert "" not in titles
    assert any(not sheet.hidden for sheet in book.sheets)
    assert 1 <= len(ids) <= TABS
    assert book.cell_count <= CELLS
    for sheet in book.sheets:
        _check_grid(sheet)
        _check_spans(sheet)
    for item in book.named.values():
        _check_span(book.by_id(item.sheet_id), item.span)
    _check_metadata(book)


def _check_grid(sheet: Sheet) -> None:
    width = sheet.column_count
    assert (sheet.row_count > 0, width > 0) == (True, True), sheet.title
    assert 0 <= sheet.frozen_rows < sheet.row_count
    assert 0 <= sheet.frozen_columns < width
    for row in filter(None, sheet.rows):
        assert len(row.values) <= width, (sheet.title, row.values)
        assert all(0 <= column < width for column in (row.formats or {})), row.formats
        assert all(0 <= column < width for column in (row.extras or {})), row.extras


def _check_spans(sheet: Sheet) -> None:
    for span in _spans([value for name, value in vars(sheet).items() if name not in ("rows", "columns")]):
        _check_span(sheet, span)
    assert all(sheet.rect(span).size > 1 for span in sheet.merges), sheet.merges
    for one, other in combinations(map(sheet.rect, sheet.merges), 2):
        assert not one.overlaps(other), (one, other)


def _spans(value: Any) -> Iterator[Span]:
    """Every range that an object keeps, wherever."""
    if isinstance(value, Span):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _spans(each)
    elif isinstance(value, dict):
        yield from _spans(list(value.values()))
    elif slots := getattr(value, "__slots__", None):
        yield from _spans([getattr(value, name) for name in slots])


def _check_span(sheet: Sheet, span: Span) -> None:
    for low, high, size in ((span.top, span.bottom, sheet.row_count), (span.left, span.right, sheet.column_count)):
        start, end = low or 0, size if high is None else high
        assert 0 <= start <= end <= size, (sheet.title, span, size)


def _check_metadata(book: Spreadsheet) -> None:
    """Every entry hangs where it says, once; nothing hangs anywhere that is no entry."""
    hung: Counter[tuple[int, str, int]] = Counter()
    for sheet in book.sheets:
        for row in filter(None, sheet.rows):
            hung.update((each, "ROW", sheet.id) for each in row.metadata)
        for column in sheet.columns:
            hung.update((each, "COLUMN", sheet.id) for each in column.metadata)
    lines = [entry for entry in book.metadata.values() if entry.kind in ("ROW", "COLUMN")]
    assert hung == Counter((entry.id, entry.kind, entry.sheet_id) for entry in lines)
    assert all(key == entry.id for key, entry in book.metadata.items())
    sheets = {entry.sheet_id for entry in book.metadata.values() if entry.kind != "SPREADSHEET"}
    assert sheets <= {sheet.id for sheet in book.sheets}
