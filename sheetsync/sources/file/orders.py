"""Orders out of the records of a file: ids, lines, and runs of rows that are one order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sheetsync.errors import BadColumn, BadRecord, BadSource
from sheetsync.pipeline.paths import compile_plain
from sheetsync.pipeline.records import MAX_ID, RowsPer, Tally, token
from sheetsync.sources.base import BAD_RECORD
from sheetsync.sources.file.opening import OrderFile
from sheetsync.sources.file.readers import Record, csv_rows, json_array, json_lines

MAX_LINES = 100_000
"""Most rows of one flat order, all in memory at once; more of them means that the id is no id."""

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileConfig:
    """Which file, and how orders are found in it. In CSV the paths are names of columns.

    `lines_path`: where an order keeps its lines; in a tab of orders, a CSV order's rows are put there too.
    `line_id_path`: what identifies a line inside its order; without one it is the position, from 1.
    `on_bad`: a record that cannot be read stops the run (`stop`) or is left out and counted (`skip`); then no
    order is taken for removed, for it may be the one that could not be read.
    `format`: `jsonl`, `json` or `csv`, where the name's ending does not tell.
    """

    path: str
    rows_per: RowsPer
    id_path: str = "id"
    lines_path: str = "lines"
    line_id_path: str | None = None
    on_bad: str = "stop"
    format: str | None = None
    delimiter: str = ","


@dataclass(slots=True)
class Order:
    """One order as the file has it: its records, and its lines with their ids in a tab of lines."""

    id: str
    records: list[Record]
    flat: bool
    lines: Sequence[tuple[str, Mapping[str, Any]]] = ()

    @property
    def first(self) -> int:
        return self.records[0].position

    @property
    def last(self) -> int:
        return self.records[-1].position


class Orders:
    """The orders of a file, walked as often as needed. Raises BadSource for a configuration that is none."""

    def __init__(self, config: FileConfig, file: OrderFile, tally: Tally) -> None:
        if config.on_bad not in ("stop", "skip"):
            raise BadSource(f"on_bad {config.on_bad!r} is not known: write stop or skip")
        if len(config.delimiter) != 1 or config.delimiter in '"\r\n':
            raise BadSource(f"delimiter {config.delimiter!r} is no single character: write one, such as ; or ,")
        self._config = config
        self._file = file
        self._tally = tally
        self._per_line = config.rows_per == RowsPer.LINE
        self._noun = "record" if file.format == "json" else "line"
        self._id = self._getter("id_path", config.id_path)
        self._lines = self._getter("lines_path", config.lines_path, _ABSENT)
        self._line_id = self._getter("line_id_path", config.line_id_path or "id")

    def walk(self, skip: int = 0, known: int = 0) -> Iterator[Order]:
        """The file's orders; JSONL without its first `skip` lines. Bad records up to `known` count no more.

        Raises BadRecord for one that cannot be read or left out, BadSource where the file cannot be read.
        """
        met: dict[int, int] = {}
        for order in self._groups(skip, known):
            try:
                if order.flat:
                    self._meet(order.id, order.records[0], met)
                if self._per_line:
                    order.lines = self._identified(order)
            except BadRecord as error:
                self._leave_out(error, order.records[-1], known)
            else:
                yield order

    def _groups(self, skip: int, known: int) -> Iterator[Order]:
        """Orders as they stand in the file: an object with its lines, or a run of flat rows with one id."""
        run: Order | None = None
        with self._file.reading() as file:
            for record in self._records(file, skip):
                try:
                    order = self._order(record)
                except BadRecord as error:
                    self._leave_out(error, record, known)
                    continue
                if run and order.flat and order.id == run.id:
                    self._grow(run, record)
                    continue
                if run:
                    yield run
                run = order if order.flat else None
                if not order.flat:
                    yield order
            if run:
                yield run

    def _records(self, file: BinaryIO, skip: int) -> Iterator[Record]:
        if self._file.format == "jsonl":
            return json_lines(file, skip)
        if self._file.format == "json":
            return json_array(file)
        needed = [self._config.id_path]
        if self._per_line and self._config.line_id_path is not None:
            needed.append(self._config.line_id_path)
        taken = "" if self._per_line else self._config.lines_path
        return csv_rows(file, self._config.delimiter, needed, taken)

    def _order(self, record: Record) -> Order:
        if record.value is None:
            raise self._bad(record, record.problem)
        order_id = self._identifier(record, "order id", self._id(record.value))
        flat = self._file.format == "csv" or (self._per_line and self._lines(record.value) is _ABSENT)
        return Order(order_id, [record], flat)

    def _grow(self, run: Order, record: Record) -> None:
        if len(run.records) == MAX_LINES:
            raise self._bad(record, f"order {run.id[:40]!r} has over {MAX_LINES:,} rows: check id_path")
        run.records.append(record)

    def _meet(self, order_id: str, record: Record, met: dict[int, int]) -> None:
        before = met.setdefault(token(order_id), record.place)
        if before != record.place:
            raise self._bad(
                record,
                f"order {order_id[:40]!r} was met at {self._noun} {before} already, with others in between: "
                "sort the file by order id",
            )

    def _identified(self, order: Order) -> list[tuple[str, Mapping[str, Any]]]:
        found: dict[str, Mapping[str, Any]] = {}
        for number, (record, line) in enumerate(self._lines_of(order), 1):
            if not isinstance(line, dict):
                raise self._bad(record, f"line {number} of order {order.id[:40]!r} is no object")
            line_id = str(number)
            if self._config.line_id_path is not None:
                line_id = self._identifier(record, "line id", self._line_id(line))
            if line_id in found:
                raise self._bad(record, f"order {order.id[:40]!r} has two lines with the id {line_id[:40]!r}")
            found[line_id] = line
        return list(found.items())

    def _lines_of(self, order: Order) -> list[tuple[Record, Any]]:
        if order.flat:
            return [(record, record.value) for record in order.records]
        record = order.records[0]
        lines = self._lines(record.value)
        if lines is not None and not isinstance(lines, list):
            raise self._bad(record, f"{self._config.lines_path} holds a {type(lines).__name__}, not a list")
        return [(record, line) for line in lines or ()]

    def _identifier(self, record: Record, what: str, value: Any) -> str:
        if value is None or value == "":
            raise self._bad(record, f"the {what} is missing")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self._bad(record, f"the {what} is a {type(value).__name__}, not a text or whole number")
        text = str(value)
        if len(text) > MAX_ID:
            raise self._bad(record, f"the {what} {text[:40]!r}… is longer than {MAX_ID} characters")
        if not text.strip() or _UNFIT.search(text):
            raise self._bad(record, f"the {what} {text[:40]!r} is blank or holds control characters")
        return text

    def _getter(self, field: str, path: str, missing: Any = None) -> Callable[[Any], Any]:
        if self._file.format == "csv":
            return lambda row: row.get(path, missing)
        try:
            return compile_plain(path, missing)
        except BadColumn as error:
            raise BadSource(f"{field}: {error}") from None

    def _leave_out(self, error: BadRecord, record: Record, known: int) -> None:
        if record.fatal or self._config.on_bad == "stop":
            raise error
        if record.position > known:
            self._tally.add(BAD_RECORD, str(error))

    def _bad(self, record: Record, reason: str) -> BadRecord:
        return BadRecord(f"{self._file.name}, {self._noun} {record.place}: {reason}")
