"""The records of an open file, one at a time: JSON Lines, a JSON array, CSV. Only `file` reads through these.

A record that cannot be read is a `Record` with a problem. It is `fatal` where nobody can tell where the next
one begins.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO, cast

MAX_RECORD = 64 * 1024 * 1024
"""Longest record, in bytes or characters: real orders stay under one megabyte; a file without line ends does
not.
"""

_CHUNK = 256 * 1024
_BOM = codecs.BOM_UTF8
_SPACE = re.compile(r"[ \t\r\n]*")
_NOT_UTF8 = "not UTF-8: save the file as UTF-8"
_TOO_LONG = f"longer than {MAX_RECORD // 1024 // 1024} MB: this is hardly one order"
_TOO_DEEP = "nested too deeply to be read"
_DECODER = json.JSONDecoder(parse_float=Decimal)
"""Decimal keeps every digit of the money; what becomes of it is up to the columns."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: how many there are up to and with it, where people find it, and its object or its
    problem.
    """

    position: int
    place: int
    value: dict[str, Any] | None
    problem: str = ""
    fatal: bool = False


def json_lines(file: BinaryIO, skip: int = 0) -> Iterator[Record]:
    """The objects of a file that has one on every line, without the first `skip` lines, which are not even
    decoded.
    """
    line = 0
    while raw := file.readline(MAX_RECORD + 1):
        line += 1
        if len(raw) > MAX_RECORD and not raw.endswith(b"\n"):
            yield Record(line, line, None, _TOO_LONG)
            while (rest := file.readline(MAX_RECORD)) and not rest.endswith(b"\n"):
                pass
        elif line > skip:
            raw = raw.removeprefix(_BOM) if line == 1 else raw
            if not raw.isspace() and raw:
                yield _parsed(line, raw)


def json_array(file: BinaryIO) -> Iterator[Record]:
    """The objects of a file that is one JSON array, which is never in memory as a whole."""
    window = _Window(file)
    if window.peek() != "[":
        yield _stop(1, "the file does not begin with [: one object on each line is format jsonl")
        return
    window.at += 1
    number = 0
    mark = ","
    if window.peek() == "]":
        mark = "]"
        window.at += 1
    while mark == ",":
        number += 1
        record = window.element(number)
        yield record
        if record.fatal:
            return
        mark = window.peek()
        window.at += 1
    if mark != "]":
        yield _stop(number, "a comma is missing after it" if mark else "the file ends before its closing ]")
        return
    if window.peek():
        yield _stop(number + 1, "there is more after the closing ]: one object on each line is format jsonl")


def csv_rows(file: BinaryIO, delimiter: str, needed: Sequence[str], taken: str = "") -> Iterator[Record]:
    """The rows of a CSV file as objects, by the names in its first row; every value is a text.

    The columns `needed` must be there; none may have the name `taken`.
    """
    rows = csv.reader(_lines(file), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    position = 0
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield _stop(line, f"no CSV: {error}; perhaps a quote is never closed", position)
            return
        if header is None:
            header = row or []
            if problem := _header_problem(header, needed, taken):
                yield _stop(line, problem)
                return
            continue
        if row is None:
            return
        position += 1
        if row:
            yield _named(position, line, header, row)


def _named(position: int, line: int, header: list[str], row: list[str]) -> Record:
    if len(row) != len(header):
        return Record(position, line, None, f"{len(row)} fields, but the header has {len(header)}")
    if not _is_utf8("".join(row)):
        return Record(position, line, None, _NOT_UTF8)
    return Record(position, line, {name: field for name, field in zip(header, row, strict=True) if name})


def _header_problem(header: list[str], needed: Sequence[str], taken: str) -> str:
    named = [name for name in header if name]
    if not named:
        return "the file is empty: its first row must name the columns"
    if not _is_utf8("".join(named)):
        return _NOT_UTF8
    if len(set(named)) != len(named):
        twice = next(name for name in named if named.count(name) > 1)
        return f"two columns are named {twice[:40]!r}: rename one"
    for name in sorted(set(needed) - set(named)):
        shown = ", ".join(each[:40] for each in named[:20])
        return f"no column is named {name!r}: choose one of {shown}; or is the delimiter another one?"
    if taken in named:
        return f"a column is named {taken!r}, where the order's lines go: set lines_path to another name"
    return ""


def _lines(file: BinaryIO) -> Iterator[str]:
    first = True
    while raw := file.readline(MAX_RECORD + 1):
        if len(raw) > MAX_RECORD:
            raise csv.Error(f"a line {_TOO_LONG}")
        yield (raw.removeprefix(_BOM) if first else raw).decode("utf-8", "surrogateescape")
        first = False


class _Window:
    """The part of a JSON text that is in memory: from the element being read to the end of the last chunk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._text = ""
        self._ended = False
        self.at = 0

    def peek(self) -> str:
        """The next character that is no space, without passing it; empty at the end of the file."""
        while True:
            self.at = cast("re.Match[str]", _SPACE.match(self._text, self.at)).end()
            if self.at < len(self._text) or self._ended:
                return self._text[self.at : self.at + 1]
            self._more()

    def element(self, number: int) -> Record:
        """The array's next element."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self.at)
            except (ValueError, ArithmeticError, RecursionError) as error:
                cut = isinstance(error, json.JSONDecodeError) and not self._ended
                if not cut or len(self._text) - self.at > MAX_RECORD:
                    return _stop(number, _TOO_LONG if cut else _json_problem(error))
                self._more()
                continue
            if end < len(self._text) or self._ended:
                break
            self._more()  # a number may go on in the next chunk
        raw, self.at = self._text[self.at : end], end
        return _object(number, value) if _is_utf8(raw) else Record(number, number, None, _NOT_UTF8)

    def _more(self) -> None:
        # As much again as is there, so that a long record is parsed a few times and not once a chunk.
        raw = self._file.read(max(_CHUNK, len(self._text) - self.at))
        self._ended = not raw
        self._text = self._text[self.at :] + self._decoder.decode(raw, self._ended)
        self.at = 0


def _parsed(line: int, raw: bytes) -> Record:
    try:
        return _object(line, _DECODER.decode(raw.decode()))
    except (ValueError, ArithmeticError, RecursionError) as error:
        return Record(line, line, None, _json_problem(error))


def _object(place: int, value: Any) -> Record:
    if isinstance(value, dict):
        return Record(place, place, value)
    return Record(place, place, None, f"a {type(value).__name__}, not an object")


def _json_problem(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, UnicodeDecodeError):
        return _NOT_UTF8
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg} (line {error.lineno}, column {error.colno} of the record)"
    return "a number too long to be read: write it as a text"


def _is_utf8(text: str) -> bool:
    # Undecodable bytes were let through as lone surrogates, so that only their own record is bad.
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stop(place: int, problem: str, position: int = 0) -> Record:
    return Record(position or place, place, None, problem, fatal=True)
