"""A look at a source's first orders: what paths there are, and what an automation would write of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sheetsync.errors import BadSource
from sheetsync.export import Job, preview
from sheetsync.models import Source
from sheetsync.pipeline.accounting import accounting_columns
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import Column
from sheetsync.pipeline.defaults import default_columns
from sheetsync.pipeline.paths import compile_path, paths_in, suggest
from sheetsync.pipeline.records import RowsPer, SourceRow, Tally, Value
from sheetsync.pipeline.templates import parse_template
from sheetsync.sources.base import OrderQuery
from sheetsync.sources.base import Source as OpenSource

SAMPLE = 20
LOOKED_AT = 2_000
"""Rows of the source that a preview reads at most, however few its filters let through."""
LONGEST = 200
MOST_PATHS = 500
EPOCH = datetime(1899, 12, 30)
SHOWN = {ColumnType.DATE: "%Y-%m-%d", ColumnType.DATETIME: "%Y-%m-%d %H:%M:%S"}


def sample(source: Source, rows_per: RowsPer, count: int = SAMPLE) -> list[SourceRow]:
    """Its first rows. Raises BadSource, BadRecord and Retryable, as the source does."""
    opened = source.open(rows_per, Tally())
    return _first(opened, count)


def sample_widely(source: Source, count: int = SAMPLE) -> list[SourceRow]:
    """The same, with their lines where the source is configured to have lines."""
    try:
        opened = source.open(RowsPer.LINE, Tally())
    except BadSource:  # of any other fault it complains again
        opened = source.open(RowsPer.ORDER, Tally())
    return _first(opened, count)


def _first(opened: OpenSource, count: int) -> list[SourceRow]:
    return list(islice(opened.stream(OrderQuery(), None), count))


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
    """The first rows as they would be written; dates as people read them, for in a sheet they are numbers."""
    tally = Tally()
    rows = preview(job, source.open(job.rows_per, tally), count, time_zone, most=LOOKED_AT, tally=tally)
    types = [column.type for column in job.columns]
    return {
        "headers": [column.header for column in job.columns],
        "rows": [[_readable(cell, kind) for cell, kind in zip(row.cells, types, strict=True)] for row in rows],
        "warnings": [{"kind": kind, "count": n, "example": tally.examples[kind]} for kind, n in tally.counts.items()],
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
