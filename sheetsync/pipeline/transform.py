"""A source row becomes a sheet row: typed cells, by the automation's columns."""

from __future__ import annotations

from collections.abc import Sequence

from sheetsync.pipeline.cells import converter
from sheetsync.pipeline.columns import Column
from sheetsync.pipeline.dates import zone
from sheetsync.pipeline.paths import Getter, compile_path
from sheetsync.pipeline.records import Row, RowsPer, SourceRow, Tally, Value, fingerprint, row_key
from sheetsync.pipeline.templates import compile_template
from sheetsync.pipeline.text import Odd


class Transform:
    """The function from source rows to sheet rows.

    `time_zone` is the spreadsheet's own, an IANA name: dates are written as its clock shows them, and a time
    without an offset is taken for its clock already. A value that does not fit its column's type goes in as
    its text and is counted in `tally`, with the first such value as the example. Raises BadColumn for a
    column or zone that is none.
    """

    def __init__(self, columns: Sequence[Column], rows_per: RowsPer, time_zone: str, tally: Tally) -> None:
        clock = zone(time_zone)
        self._uids = tuple(column.uid for column in columns)
        self._cells = tuple((_getter(column), converter(column.type, clock), column.header) for column in columns)
        self._per_line = rows_per == RowsPer.LINE
        self._tally = tally

    def __call__(self, row: SourceRow) -> Row | None:
        """The sheet row of `row`, or None for an order without lines in a tab of lines. Raises BadRecord."""
        if self._per_line and row.line is None:
            return None
        # A line without an id would take the key of its order: an empty id is refused instead.
        key = row_key(row.order_id, (row.line_id or "") if self._per_line else None)
        cells: list[Value] = []
        for get, convert, header in self._cells:
            try:
                value = get(row)
                cell = None if value is None else convert(value)
            except Odd as odd:
                cell = odd.cell
                self._count(odd, header, key)
            cells.append(None if cell == "" else cell)
        return Row(key, fingerprint(key, self._uids, cells), tuple(cells))

    def _count(self, odd: Odd, header: str, key: str) -> None:
        for kind in odd.kinds:
            self._tally.add(kind, f"column {header!r}, row {_short(key)}: {_short(odd.cell)!r}")


def _getter(column: Column) -> Getter:
    if column.template is not None:
        return compile_template(column.template)
    return compile_path(column.path or "")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
