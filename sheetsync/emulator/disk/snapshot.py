"""A snapshot: the whole state in one file, so that a start need not repeat every call there ever was.

The file is gzip over lines of JSON, so it can be looked at with `zcat`. The lines, in this order:

    {"format": "sheets-emulator-snapshot", "version": 1}
    {"section": name, "state": …}           one for each part of the state that is no spreadsheet
    {"store": {…}}                          what the store knows beside the files
    {"book": {…}}                           one for each file: its attributes, and then its tabs:
      {"sheet": {…}}                        a tab's attributes, and then its rows from the top:
        {"formats": {column: format, …}}    numbered from 0 as they come; many rows share one
        {"rows": [row, …]}                  null, a list of values, or an object that has more than values
    {"end": number of the lines before}

Values are JSON's; how anything else is written says codec.py. An attribute that a snapshot does not have keeps its
default, so that older ones can be read; one that this version does not know is an error.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from sheetsync.emulator.disk.codec import DataError, Unknown, pack, unpack
from sheetsync.emulator.grid.cells import Format, Row
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.store import Store

Json = dict[str, Any]
FORMAT, VERSION = "sheets-emulator-snapshot", 1
ROWS_A_LINE = 500
#: Level 1: an order of magnitude faster than the default, for files a fifth larger.
COMPRESSION = 1
#: What a row has beside its values; `epoch` starts anew.
REST = tuple(slot for slot in Row.__slots__ if slot not in ("epoch", "values"))
_rest = attrgetter(*REST)
_NOTHING = _rest(Row(0))


class Damaged(DataError):
    """A file of the data directory that is not what the emulator wrote, or not all of it."""


@dataclass
class Saved:
    """What a snapshot holds: the files, and the state of other parts by the part's name."""

    store: Store = field(default_factory=Store)
    sections: Mapping[str, Any] = field(default_factory=dict)


# -- writing


def write(path: Path, saved: Saved) -> None:
    """Write the whole state. Raises Unknown for an object of no known class."""
    with gzip.open(path, "wb", COMPRESSION) as file:
        count = 0
        for line in _lines(saved):
            file.write(_text(line))
            count += 1
        file.write(_text({"end": count}))


def _text(line: Json) -> bytes:
    # `default` meets the formulas among a row's values. Half surrogates, which tenants may send, stay what they are.
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=pack)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _lines(saved: Saved) -> Iterator[Json]:
    yield {"format": FORMAT, "version": VERSION}
    for name, state in saved.sections.items():
        yield {"section": name, "state": pack(state)}
    yield {"store": _without(saved.store, "books")}
    for book in saved.store.books.values():
        yield {"book": _without(book, "sheets")}
        for sheet in book.sheets:
            yield {"sheet": _without(sheet, "rows")}
            yield from _row_lines(sheet.rows)


def _without(owner: Any, left_out: str) -> Json:
    return {name: pack(value) for name, value in vars(owner).items() if name != left_out}


def _row_lines(rows: list[Row | None]) -> Iterator[Json]:
    numbers: dict[str, int] = {}
    for start in range(0, len(rows), ROWS_A_LINE):
        fresh: list[Format] = []
        lines = [None if row is None else _row(row, numbers, fresh) for row in rows[start : start + ROWS_A_LINE]]
        yield from ({"formats": each} for each in fresh)
        yield {"rows": lines}


def _row(row: Row, numbers: dict[str, int], fresh: list[Format]) -> Any:
    rest = _rest(row)
    if rest == _NOTHING:
        return row.values
    more = {name: value for name, value, nothing in zip(REST, rest, _NOTHING, strict=True) if value != nothing}
    if "formats" in more:
        more["formats"] = _number(pack(more["formats"]), numbers, fresh)
    return {"values": row.values, **{name: pack(value) for name, value in more.items()}}


def _number(formats: Format, numbers: dict[str, int], fresh: list[Format]) -> int:
    """The number of a row's formats; those met for the first time are to be written before the row."""
    key = json.dumps(formats)
    if key not in numbers:
        numbers[key] = len(numbers)
        fresh.append(formats)
    return numbers[key]


# -- reading


def read(path: Path) -> Saved:
    """Raises Damaged when the file is not whole, Unknown when another version wrote it."""
    try:
        with gzip.open(path, "rb") as file:
            return _saved(json.loads(line.decode("utf-8", "surrogatepass"), object_hook=unpack) for line in file)
    except Unknown as error:
        raise Unknown(f"{path}: {error}") from error
    except (EOFError, OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise Damaged(f"{path} is not a whole snapshot ({error}). Put a copy of it back, or remove it.") from error


def _saved(lines: Iterable[Json]) -> Saved:
    reader = _Reader()
    number, line = -1, Json()
    for number, line in enumerate(lines):
        if number == 0 and (line.get("format") != FORMAT or line.get("version") != VERSION):
            raise Unknown(f"format {line.get('format')!r}, version {line.get('version')!r} is not known here.")
        for kind in line.keys() & _Reader.KINDS:
            getattr(reader, kind)(line)
    if line.get("end") != number:
        raise EOFError("its last line is missing")
    return reader.saved


class _Reader:
    """Takes the lines one after the other; each belongs to the file and the tab that came last."""

    KINDS = frozenset(("section", "store", "book", "sheet", "formats", "rows"))

    def __init__(self) -> None:
        self.sections: dict[str, Any] = {}
        self.saved = Saved(Store(), self.sections)
        self._book = Spreadsheet("", "", "", "")
        self._sheet = Sheet(0, "", 0, 0)
        self._formats: list[dict[int, Format]] = []

    def section(self, line: Json) -> None:
        self.sections[line["section"]] = line["state"]

    def store(self, line: Json) -> None:
        _fill(self.saved.store, line["store"])

    def book(self, line: Json) -> None:
        self._book = Spreadsheet("", "", "", "")
        _fill(self._book, line["book"])
        self.saved.store.books[self._book.id] = self._book

    def sheet(self, line: Json) -> None:
        self._sheet, self._formats = Sheet(0, "", 0, 0), []
        _fill(self._sheet, line["sheet"])
        self._book.sheets.append(self._sheet)

    def formats(self, line: Json) -> None:
        self._formats.append(line["formats"])

    def rows(self, line: Json) -> None:
        # Made in batch 0, before any to come, so that every batch copies them before it writes (see Row.epoch).
        rows = self._sheet.rows
        for item in line["rows"]:
            rows.append(None if item is None else Row(0, item) if type(item) is list else self._row(item))

    def _row(self, item: Json) -> Row:
        row = Row(0)
        if "formats" in item:
            item["formats"] = self._formats[item["formats"]]
        for name, value in item.items():
            setattr(row, name, value)
        return row


def _fill(owner: Any, state: Json) -> None:
    unknown = state.keys() - vars(owner).keys()
    if unknown:
        kind = type(owner).__name__
        raise Unknown(f"its {kind} has {', '.join(sorted(unknown))}, which this version does not know.")
    vars(owner).update(state)
