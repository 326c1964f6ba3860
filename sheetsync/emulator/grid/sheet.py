"""One tab: its grid of rows and columns and the structural edits of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

from sheetsync.emulator.grid import spans
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.cells import CellError, Column, Format, Row, Scalar, Value, effective, inherited, unticked
from sheetsync.emulator.grid.ranges import (
    Banding,
    Filter,
    FilterView,
    FormatRule,
    Group,
    ProtectedRange,
    followed,
    followed_by_id,
    rules_followed,
    spans_followed,
)

Json = dict[str, Any]
T = TypeVar("T")
#: For each new column: the old column its values come from, and the one its formats come from.
Source = tuple[int | None, int | None]


class Sheet:
    """A tab. Rows nobody wrote to are None and cost eight bytes."""

    def __init__(self, sheet_id: int, title: str, rows: int = 1000, columns: int = 26) -> None:
        self.id = sheet_id
        self.title = title
        self.hidden = False
        self.right_to_left = False
        self.tab_color: Json | None = None
        self.grid_options: Json = {}
        self.rows: list[Row | None] = [None] * rows
        self.columns: list[Column] = [Column() for _ in range(columns)]
        self.filter: Filter | None = None
        self.protected: dict[int, ProtectedRange] = {}
        self.merges: list[Span] = []
        self.groups: list[Group] = []
        self.rules: list[FormatRule] = []
        self.bandings: dict[int, Banding] = {}
        self.views: dict[int, FilterView] = {}
        self.epoch = 0

    @property
    def row_count(self) -> int:
        return len(self.rows)

    @property
    def column_count(self) -> int:
        return len(self.columns)

    @property
    def frozen_rows(self) -> int:
        return int(self.grid_options.get("frozenRowCount", 0))

    @property
    def frozen_columns(self) -> int:
        return int(self.grid_options.get("frozenColumnCount", 0))

    @property
    def notes(self) -> dict[tuple[int, int], str]:
        """Every note, by (row, column)."""
        found = {}
        for index, row in enumerate(self.rows):
            for column, extra in ((row.extras or {}) if row else {}).items():
                if "note" in extra:
                    found[index, column] = str(extra["note"])
        return found

    def snapshot(self) -> dict[str, Any]:
        """The state to come back to. Rows are copied on write (see Row.epoch), so a list copy is enough."""
        state = {name: copy(item) if isinstance(item, list | dict) else item for name, item in vars(self).items()}
        state["columns"] = [column.copy() for column in self.columns]
        return state

    def restore(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def cell(self, row: int, column: int) -> Scalar | CellError:
        """The effective value of one cell, None when it is empty."""
        return effective(self.entered(row, column))

    def entered(self, row: int, column: int) -> Value:
        """What was typed: the value, or the Formula."""
        found = self.rows[row]
        return None if found is None else found.get(column)

    def note(self, row: int, column: int) -> str | None:
        extra = ((found.extras or {}) if (found := self.rows[row]) else {}).get(column, {})
        return extra.get("note")

    def values(self) -> list[list[Scalar | CellError]]:
        """All effective values; trailing empty cells and rows are dropped, a missing cell is None."""
        lines: list[list[Scalar | CellError]] = []
        for row in self.rows:
            line = [] if row is None else [effective(value) for value in row.values]
            while line and line[-1] is None:
                line.pop()
            lines.append(line)
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def format_of(self, row: int, column: int) -> Format | None:
        """The cell's own format, or its column's default; an empty own format hides the default."""
        found = self.rows[row]
        if found is not None and found.formats is not None and column in found.formats:
            return found.formats[column] or None
        return self.columns[column].format

    def writable(self, index: int) -> Row:
        """The row object of this batch for that index: made or copied when it is not there yet."""
        row = self.rows[index]
        if row is None:
            row = self.rows[index] = Row(self.epoch)
        elif row.epoch != self.epoch:
            row = self.rows[index] = row.copy(self.epoch)
        return row

    def last_row_with_data(self) -> int:
        """Index of the last row holding a value, -1 when there is none."""
        for index in range(len(self.rows) - 1, -1, -1):
            row = self.rows[index]
            if row is not None and any(value is not None for value in row.values):
                return index
        return -1

    # -- rows

    def insert_rows(self, at: int, count: int, like: int | None) -> None:
        """Insert empty rows before `at`; they share the formats and the validation of the present row `like`."""
        model = self.rows[like] if like is not None else None
        fresh: list[Row | None] = [None] * count
        if model is not None and (model.formats or model.extras):
            rules = inherited(model.extras)
            for index in range(count):
                row = fresh[index] = Row(self.epoch)
                row.formats, row.extras = model.formats, rules
                for column in unticked(rules):
                    row.put(column, False)
        self.rows[at:at] = fresh
        self.adjust(lambda span: spans.inserted(span, True, at, count))

    def delete_rows(self, start: int, end: int) -> list[int]:
        """Delete rows; returns the metadata ids that went with them."""
        lost = [each for row in self.rows[start:end] if row is not None for each in row.metadata]
        del self.rows[start:end]
        self.adjust(lambda span: spans.deleted(span, True, start, end))
        return lost

    def move_rows(self, start: int, end: int, to: int) -> None:
        """Move rows start..end before `to`, read against the order before removal (measured)."""
        block = self.rows[start:end]
        del self.rows[start:end]
        at = to if to <= start else to - (end - start)
        self.rows[at:at] = block
        self.adjust(lambda span: spans.moved(span, True, start, end, to))

    # -- columns

    def insert_columns(self, at: int, count: int, like: int | None) -> None:
        fresh = [Column() if like is None else self.columns[like].inheriting() for _ in range(count)]
        sources: list[Source] = [(index, index) for index in range(self.column_count)]
        sources[at:at] = [(None, like)] * count
        self._rearrange(at, sources)
        self.columns[at:at] = fresh
        self.adjust(lambda span: spans.inserted(span, False, at, count))

    def delete_columns(self, start: int, end: int) -> list[int]:
        lost = [each for column in self.columns[start:end] for each in column.metadata]
        sources: list[Source] = [(index, index) for index in range(self.column_count)]
        del sources[start:end]
        self._rearrange(start, sources)
        del self.columns[start:end]
        self.adjust(lambda span: spans.deleted(span, False, start, end))
        return lost

    def move_columns(self, start: int, end: int, to: int) -> None:
        order = list(range(self.column_count))
        block = order[start:end]
        del order[start:end]
        at = to if to <= start else to - (end - start)
        order[at:at] = block
        self._rearrange(min(start, at), [(index, index) for index in order])
        self.columns = [self.columns[index] for index in order]
        self.adjust(lambda span: spans.moved(span, False, start, end, to))

    def _rearrange(self, first: int, sources: Sequence[Source]) -> None:
        """Give every row its cells in the new column order; columns left of `first` stay where they are."""
        for index, row in enumerate(self.rows):
            if row is None or not (len(row.values) > first or row.formats or row.extras):
                continue
            row = self.writable(index)
            old = row.values
            row.values = [None if i is None or i >= len(old) else old[i] for i, _ in sources]
            while row.values and row.values[-1] is None:
                row.values.pop()
            row.formats = _remap(row.formats, (source for _, source in sources))
            _remap_extras(row, sources)

    def adjust(self, follow: Callable[[Span], Span | None]) -> None:
        """Let the ranges that belong to this tab follow a structural edit."""
        if self.filter is not None:
            span = follow(self.filter.span)
            self.filter = None if span is None else Filter(span=span, rest=self.filter.rest)
        self.protected = {
            key: replace(item, free=spans_followed(item.free, follow))
            for key, item in followed_by_id(self.protected, follow).items()
        }
        self.merges = [span for span in spans_followed(self.merges, follow) if self.rect(span).size > 1]
        self.groups = followed(self.groups, follow)
        self.rules = rules_followed(self.rules, follow)
        self.bandings = followed_by_id(self.bandings, follow)
        self.views = followed_by_id(self.views, follow)

    def rect(self, span: Span) -> Rect:
        return spans.clip(span, self.row_count, self.column_count)


def _remap_extras(row: Row, sources: Sequence[Source]) -> None:
    """Notes move with their cells; a new column takes the validation of its model, checkboxes unticked (measured)."""
    if not row.extras:
        return
    moved = _remap(row.extras, (source for source, _ in sources)) or {}
    rules = inherited(_remap(row.extras, (None if source is not None else like for source, like in sources)))
    row.extras = {**moved, **(rules or {})} or None
    for column in unticked(rules):
        row.put(column, False)


def _remap(old: dict[int, T] | None, order: Iterable[int | None]) -> dict[int, T] | None:
    if not old:
        return None
    return {new: old[source] for new, source in enumerate(order) if source is not None and source in old}
