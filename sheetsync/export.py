"""The main job: source -> transform -> group -> batch -> plan -> commit. Where both roads meet.

Plain values in, a report out: it runs on a list and an emulator, with no database.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from sheetsync.pipeline.batching import Caps, Hurry, batches
from sheetsync.pipeline.columns import Column, number_format
from sheetsync.pipeline.filters import Filter, compile_filters
from sheetsync.pipeline.grouping import Shape, grouped
from sheetsync.pipeline.planning import DISPLACED
from sheetsync.pipeline.records import (
    DELETING,
    LIVE,
    Batch,
    Cursor,
    HandEdits,
    OrderGroup,
    Removed,
    Row,
    RowsPer,
    SourceRow,
    Tally,
)
from sheetsync.pipeline.transform import Transform
from sheetsync.sheets import upkeep
from sheetsync.sheets.requests import row_size
from sheetsync.sheets.setup import ColumnSpec
from sheetsync.sheets.tab import Tab
from sheetsync.sheets.writer import Writer, Written
from sheetsync.sources.base import BAD_RECORD, Mode, OrderQuery, Source

MENDING_ROUNDS = 4

SOURCE_EMPTY = "source_empty"
"""The tally's kind for a full walk that met no order at all: more likely a broken source than a shop without orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to export, as plain values. `cursor` resumes a walk; None begins it. `mended`: as in the report."""

    columns: tuple[Column, ...]
    rows_per: RowsPer = RowsPer.ORDER
    filters: tuple[Filter, ...] = ()
    query: OrderQuery = field(default_factory=OrderQuery)
    cursor: Cursor | None = None
    mended: str | None = None
    removed: Removed = Removed.CLEAR
    hand_edits: HandEdits = HandEdits.KEEP
    caps: Caps = field(default_factory=Caps)


@dataclass(slots=True)
class Report:
    """What a run did. While it goes on, `on_commit` sees it grow; `cursor` is where a resume begins.

    `needs_full`: rows may be missing that only another full walk from the beginning can find. `mended`: the walk is
    over, and of the orders that it did not meet all up to this id have been looked at; a resume goes on behind it.
    """

    orders: int = 0
    batches: int = 0
    cursor: Cursor | None = None
    mended: str | None = None
    written: Written = field(default_factory=Written)
    warnings: Tally = field(default_factory=Tally)
    needs_full: bool = False


OnCommit = Callable[[Report], None]


def export(
    job: Job, source: Source, tab: Tab, on_commit: OnCommit, report: Report | None = None, hurry: Hurry | None = None
) -> Report:
    """Make an open tab equal to what the source has, and say what was done.

    `on_commit` is called after every batch that is known to be in the tab; it may raise to stop there. `hurry` says
    that it is going to, so that what is held is committed first. Raises what sources, writer and client raise; then
    everything up to the last `on_commit` stands, and a new export may resume from its cursor, with the same report
    to go on counting in.
    """
    report = report or Report()
    report.cursor, report.mended = job.cursor, job.mended
    writer = Writer(tab, removed=job.removed, max_bytes=job.caps.bytes, written=report.written)
    shape = shape_of(job, tab.time_zone, report.warnings)
    _distrust(job, tab, writer, report)
    met = report.orders
    groups = _asked_for(job, source, shape, report.warnings)
    for batch in batches(groups, job.caps, row_size, writer.weigh, hurry):
        writer.write(batch)
        _advance(report, batch)
        on_commit(report)
    upkeep.tidy(writer)
    certain = _is_certain(job, report, writer, met=report.orders - met)
    _mend(job, source, writer, shape, report, on_commit, certain=certain)
    report.needs_full |= not upkeep.delete_released(writer)
    return report


def preview(
    job: Job,
    source: Source,
    count: int,
    time_zone: str = "Etc/GMT",
    *,
    most: int | None = None,
    tally: Tally | None = None,
) -> list[Row]:
    """The first `count` rows as they would be written, with no tab at all.

    `most`: of how many rows of the source, where somebody waits for it and filters may leave out nearly all. `tally`
    counts what was strange.
    """
    shape = shape_of(job, time_zone, tally or Tally())
    read = islice(source.stream(job.query, None), most)
    rows = (row for group in grouped(read, shape) for row in group.rows)
    return list(islice(rows, count))


def column_specs(columns: Iterable[Column]) -> tuple[ColumnSpec, ...]:
    """The automation's columns as a tab needs them."""
    return tuple(ColumnSpec(column.uid, column.header, number_format(column)) for column in columns)


def shape_of(job: Job, time_zone: str, warnings: Tally) -> Shape:
    """How a source row becomes a sheet row of this job; None for one that its filters leave out."""
    transform = Transform(job.columns, job.rows_per, time_zone, warnings)
    if not job.filters:
        return transform
    matches = compile_filters(job.filters, now=datetime.now(UTC))

    def shape(row: SourceRow) -> Row | None:
        return transform(row) if matches(row) else None

    return shape


def _distrust(job: Job, tab: Tab, writer: Writer, report: Report) -> None:
    """Find cells that do not give their fingerprint, where edits are put right or columns moved since last time."""
    full = job.query.mode is Mode.FULL
    if (not full or job.cursor is not None) and any(tab.index.rows_in(DELETING)):
        # A worker died between marking rows and deleting them. Had its deletion hit other rows, only a whole walk
        # would find out which.
        report.needs_full = True
    if (job.hand_edits is HandEdits.REPAIR and full) or tab.moved_since_commit:
        edited = writer.recheck()
        if edited:
            writer.written.incidents.add("cells_edited", "managed cells did not hold what was written there", edited)


def _asked_for(job: Job, source: Source, shape: Shape, warnings: Tally) -> Iterator[OrderGroup]:
    """The orders of the walk; none where it is over. Of orders asked for by id, a gone one comes as an empty group."""
    if job.mended is not None:
        return
    absent = dict.fromkeys(job.query.order_ids)
    for group in grouped(source.stream(job.query, job.cursor), shape):
        absent.pop(group.order_id, None)
        yield group
    if source.capabilities.fetch_by_id and BAD_RECORD not in warnings.counts:
        yield from (OrderGroup(order_id, (), frozenset()) for order_id in _gone(source, absent))


def _advance(report: Report, batch: Batch) -> None:
    report.batches += bool(batch.groups)
    report.orders += batch.passed
    report.cursor = batch.cursor


def _is_certain(job: Job, report: Report, writer: Writer, *, met: int) -> bool:
    """Whether an order that the source does not give is gone, and not only unreadable. `met`: orders this walk met."""
    kinds = report.warnings.counts.keys()
    if job.query.mode is Mode.FULL and job.cursor is None and not met and writer.tab.index.last_row:
        report.warnings.add(SOURCE_EMPTY, "the source gave no order at all: nothing was removed from the tab")
    elif BAD_RECORD in kinds and job.removed is not Removed.KEEP:
        report.warnings.add("removal_skipped", "records could not be read: no order was taken for removed")
    return not kinds & {BAD_RECORD, SOURCE_EMPTY}


def _mend(
    job: Job, source: Source, writer: Writer, shape: Shape, report: Report, on_commit: OnCommit, *, certain: bool
) -> None:
    """Write again what displaced writes hit, and let go what the shop no longer has.

    An order is let go only when the source itself says, asked for it by id, that it is gone or filtered out. A source
    that cannot say so is believed after a walk that was done in one go.
    """
    counted = report.written.unchanged
    for _ in range(MENDING_ROUNDS):
        displaced, unmet = _doubtful_rows(job, source, report, writer, certain=certain)
        if not displaced and not unmet:
            return
        index = writer.tab.index
        order_ids = set(upkeep.order_ids(writer, displaced)) if displaced else set()
        unmet_ids = _gone(source, upkeep.order_ids(writer, unmet)) if unmet else []
        order_ids.update(order_id for order_id in unmet_ids if order_id > (job.mended or ""))
        # Looking at the tab anew means that rows moved: then some of them were not found, and come in the next round.
        complete = writer.tab.index is index
        if complete and not order_ids:
            return  # all of them were asked for before: the source still has them, and they stay
        for chunk in _chunks(sorted(order_ids), source.capabilities.fetch_at_once):
            groups = _fetched(source, chunk, shape, report.warnings, certain=certain)
            for batch in batches(groups, job.caps, row_size, writer.weigh):
                writer.write(batch)
            report.written.unchanged = counted  # by the walk: these are the same rows once more
            if complete:
                report.mended = max(report.mended or "", chunk[-1])
            on_commit(report)
        if not certain:
            return
    report.needs_full = True


def _doubtful_rows(
    job: Job, source: Source, report: Report, writer: Writer, *, certain: bool
) -> tuple[array[int], array[int]]:
    """Rows that show what they should not, and other rows whose orders the walk did not meet."""
    index = writer.tab.index
    displaced = _rows(index.rows_in(DISPLACED))
    may_remove = certain and job.query.mode is Mode.FULL and job.removed is not Removed.KEEP
    if source.capabilities.fetch_by_id:
        return displaced, _rows(index.rows_in(LIVE, unmet=True) if may_remove else ())
    unmet = _rows(index.rows_in(LIVE, DISPLACED, unmet=True) if may_remove else ())
    report.needs_full |= bool(set(displaced).difference(unmet)) or (bool(unmet) and job.cursor is not None)
    return _rows(()), unmet if job.cursor is None else _rows(())


def _rows(found: Iterable[int]) -> array[int]:
    """Row numbers, four bytes each: the last slice of a long run has not met hundreds of thousands of rows."""
    return array("I", found)


def _chunks(order_ids: list[str], size: int) -> Iterator[list[str]]:
    return (order_ids[start : start + size] for start in range(0, len(order_ids), size))


def _fetched(
    source: Source, order_ids: list[str], shape: Shape, warnings: Tally, *, certain: bool
) -> Iterator[OrderGroup]:
    """The orders as they are now, and, where absence is `certain`, an empty group for each that is gone."""
    missing, unread = dict.fromkeys(order_ids), warnings.counts.get(BAD_RECORD)
    rows = source.fetch(order_ids) if source.capabilities.fetch_by_id else iter(())
    for group in grouped(rows, shape):
        missing.pop(group.order_id, None)
        yield group
    # One of those that are missing may be a record that could not be read just now.
    certain = certain and warnings.counts.get(BAD_RECORD) == unread
    for order_id in _gone(source, missing) if certain else ():
        yield OrderGroup(order_id, (), frozenset())


def _gone(source: Source, missing: Iterable[str]) -> Sequence[str]:
    asked = list(missing)
    return source.gone(asked) if asked and source.capabilities.fetch_by_id else asked
