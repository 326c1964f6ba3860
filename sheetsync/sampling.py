"""A look at a source's first orders: what paths there are, and what an automation would write of them.

Somebody waits for it in front of a page: a shop that takes too long, or asks to be called later, is told as such.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, cast

from sheetsync.errors import BadSource, Unavailable
from sheetsync.export import Job, preview
from sheetsync.models import Source
from sheetsync.pipeline.accounting import accounting_columns
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import Column
from sheetsync.pipeline.defaults import default_columns
from sheetsync.pipeline.paths import compile_path, paths_in, suggest
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow, Tally, Value
from sheetsync.pipeline.templates import parse_template
from sheetsync.sources.base import OrderQuery
from sheetsync.sources.base import Source as OpenSource

SAMPLE = 20
LOOKED_AT = 2_000
"""Rows of the source that a preview reads at most, however few its filters let through."""
PATIENCE = 25.0
"""Seconds that a look may take, but for the call that is under way when they are over."""
LONGEST = 200
MOST_PATHS = 500
EPOCH = datetime(1899, 12, 30)
SHOWN = {ColumnType.DATE: "%Y-%m-%d", ColumnType.DATETIME: "%Y-%m-%d %H:%M:%S"}


@dataclass(slots=True)
class Patience:
    """How long somebody waits."""

    seconds: float = PATIENCE
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.seconds

    def wait(self, seconds: float) -> None:
        """Sleep, where that ends in time. Raises Unavailable."""
        if time.monotonic() + seconds > self.until:
            raise Unavailable(f"the shop asks to be called again in {seconds:.0f} seconds: try again then")
        time.sleep(seconds)

    def over(self, rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
        """The rows, as long as they come in time. Raises Unavailable."""
        for row in rows:
            yield row
            if time.monotonic() > self.until:
                raise Unavailable(f"the shop took more than {self.seconds:.0f} seconds for its first orders: try again")


@dataclass(slots=True)
class Look:
    """A walk of an open source of which the first rows have been read. It goes on from there, once."""

    source: OpenSource
    patience: Patience
    first: list[SourceRow] = field(init=False)
    _rest: Iterator[SourceRow] = field(init=False)

    def __post_init__(self) -> None:
        self._rest = self.patience.over(self.source.stream(OrderQuery(), None))
        self.first = list(islice(self._rest, SAMPLE))

    def stream(self, query: OrderQuery, cursor: Cursor | None) -> Iterator[SourceRow]:
        """All rows, in order."""
        return chain(self.first, self._rest)


def look(source: Source, rows_per: RowsPer, tally: Tally | None = None) -> Look:
    """Open it and read its first rows. Raises BadSource, BadRecord and Retryable, as the source does."""
    patience = Patience()
    return Look(source.open(rows_per, tally or Tally(), patience.wait), patience)


def sample_widely(source: Source, count: int = SAMPLE) -> list[SourceRow]:
    """Its first rows, with their lines where the source is configured to have lines."""
    patience = Patience()
    try:
        opened = source.open(RowsPer.LINE, Tally(), patience.wait)
    except BadSource:  # of any other fault it complains again
        opened = source.open(RowsPer.ORDER, Tally(), patience.wait)
    return list(islice(patience.over(opened.stream(OrderQuery(), None)), count))


def catalogue(rows: Iterable[SourceRow]) -> list[dict[str, Any]]:
    """Every path that these orders have, with an example of what is there."""
    found: dict[str, Any] = {}
    for row in rows:
        for path, value in _paths(row):
            if path not in found or found[path] is None:
                found[path] = value
            if len(found) >= MOST_PATHS:
                return [{"path": path, "example": _shown(value)} for path, value in found.items()]
    return [{"path": path, "example": _shown(value)} for path, value in found.items()]


def templates(row: SourceRow) -> dict[str, list[dict[str, Any]]]:
    """Columns to begin with: for a tab with a row per order, for one with a row per line, and for book-keeping."""
    found = {rows_per.value: default_columns(row, rows_per) for rows_per in RowsPer}
    return {
        name: [
            {"uid": column.uid, "header": column.header, "path": column.path, "type": column.type.value}
            for column in columns
        ]
        for name, columns in {**found, "accounting": accounting_columns(row)}.items()
    }


def previewed(job: Job, source: Source, count: int, time_zone: str) -> dict[str, Any]:
    """The first rows as they would be written, and columns that no sampled order has anything for."""
    tally = Tally()
    return shown(job, look(source, job.rows_per, tally), count, time_zone, tally)


def shown(job: Job, found: Look, count: int, time_zone: str, tally: Tally) -> dict[str, Any]:
    """The same of a look that was taken already; dates as people read them, for in a sheet they are numbers."""
    rows = preview(job, cast("OpenSource", found), count, time_zone, most=LOOKED_AT, tally=tally)
    types = [column.type for column in job.columns]
    return {
        "headers": [column.header for column in job.columns],
        "rows": [[_readable(cell, kind) for cell, kind in zip(row.cells, types, strict=True)] for row in rows],
        "warnings": [{"kind": kind, "count": n, "example": tally.examples[kind]} for kind, n in tally.counts.items()],
        "unknown_paths": unknown_paths(job.columns, found.first),
    }


def unknown_paths(columns: Sequence[Column], rows: Sequence[SourceRow]) -> list[dict[str, Any]]:
    """Columns of which no sampled order has anything, with the nearest paths that there are."""
    return [
        {"pointer": f"/columns/{number}", "path": path, "nearest": suggest(path, rows[0])}
        for number, column in enumerate(columns)
        for path in _read_by(column)
        if rows and all(_is_absent(path, row) for row in rows)
    ]


def _is_absent(path: str, row: SourceRow) -> bool:
    return compile_path(path)(row) is None


def _read_by(column: Column) -> list[str]:
    if column.path is not None:
        return [column.path]
    return [path for _, path in parse_template(column.template or "") if path is not None]


def _paths(row: SourceRow) -> Iterable[tuple[str, Any]]:
    yield "@order_id", row.order_id
    yield from paths_in(row.order)
    if row.line is not None:
        yield "@line_id", row.line_id
        yield from paths_in(row.line, "line")


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    return value if isinstance(value, int | float | bool | None) else str(value)[:LONGEST]


def _readable(cell: Value, kind: ColumnType) -> Value:
    if kind in SHOWN and isinstance(cell, int | float):
        return (EPOCH + timedelta(days=cell)).strftime(SHOWN[kind])
    return cell
