"""An append-only file of applied writes; replaying it brings the spreadsheets back.

A record is a length, a CRC and a zlib-compressed JSON object. It is handed to the operating system before
the reply goes out, so a killed process loses nothing it answered for. It is not fsynced by default: only a
crash of the whole machine can lose flushed data, an emulator holds nothing worth a disk flush per call, and
tests make thousands of calls.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .wire import Facts, Request

Json = dict[str, Any]
HEADER = struct.Struct(">II")
NAME = "journal.bin"


class Journal:
    """The journal of one data directory."""

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / NAME
        self.durable = durable
        self._file: BinaryIO | None = None

    def read(self) -> Iterator[Json]:
        """All whole records; a torn last one, left by a kill in mid-write, is cut off the file."""
        if not self.path.exists():
            return
        good = 0
        with self.path.open("rb") as file:
            while (record := _next(file)) is not None:
                good = file.tell()
                yield record
        if good < self.path.stat().st_size:
            os.truncate(self.path, good)

    def append(self, record: Json) -> None:
        """Write one record through to the operating system, and to the disk when durable."""
        if self._file is None:
            self._file = self.path.open("ab")
        data = zlib.compress(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)
        self._file.write(HEADER.pack(len(data), zlib.crc32(data)) + data)
        self._file.flush()
        if self.durable:
            os.fsync(self._file.fileno())

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def entry(request: Request, facts: Facts) -> Json:
    """The record of an applied request: with these facts, applying it again gives the same result."""
    return {
        "method": request.method,
        "path": request.path,
        "query": [list(pair) for pair in request.query],
        "body": request.body.decode("utf-8", "surrogatepass"),
        **facts_json(facts),
    }


def facts_json(facts: Facts) -> Json:
    return {"user": facts.user, "now": facts.now, "seed": facts.seed}


def _next(file: BinaryIO) -> Json | None:
    header = file.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    length, crc = HEADER.unpack(header)
    data = file.read(length)
    if len(data) < length or zlib.crc32(data) != crc:
        return None
    record: Json = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    return record
