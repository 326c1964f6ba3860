"""An append-only file of applied writes; replaying it brings the spreadsheets back.

A record is a length, a CRC and a zlib-compressed JSON object. It is handed to the operating system before
the reply goes out, so a killed process loses nothing it answered for. It is not fsynced by default: only a
crash of the whole machine can lose flushed data, an emulator holds nothing worth a disk flush per call, and
tests make thousands of calls.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sheetsync.emulator.disk.snapshot import Damaged
from sheetsync.emulator.wire import Facts, Request

Json = dict[str, Any]
HEADER = struct.Struct(">II")
NAME = "journal.bin"
#: How compressed data begins (RFC 1950), at the level used here.
MAGIC = zlib.compress(b"", 1)[:2]
logger = logging.getLogger(__name__)


class Journal:
    """One file of records in a data directory."""

    def __init__(self, directory: Path, name: str = NAME, *, durable: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / name
        self.durable = durable
        #: Bytes of whole records in the file, and of what was read or written before compression: the work of a replay.
        self.size = self.path.stat().st_size if self.path.exists() else 0
        self.work = 0
        self._file: int | None = None

    def read(self) -> Iterator[Json]:
        """All whole records; a torn last one, left by a kill in mid-write, is cut off the file.

        Raises Damaged when whole records follow a broken one: no kill leaves that.
        """
        if not self.path.exists():
            return
        self.size = self.work = 0
        with self.path.open("rb") as file:
            while (text := _next(file)) is not None:
                self.size = file.tell()
                self.work += len(text)
                yield json.loads(text.decode("utf-8", "surrogatepass"))
        torn = self.path.stat().st_size - self.size
        if torn:
            self._check_torn()
            logger.warning("%s: the last record is torn, %s bytes are cut off", self.path, torn)
            os.truncate(self.path, self.size)

    def _check_torn(self) -> None:
        with self.path.open("rb") as file:
            file.seek(self.size)
            rest = file.read()
        at = rest.find(MAGIC, HEADER.size + 1)
        while at >= 0:
            length, crc = HEADER.unpack(rest[at - HEADER.size : at])
            if length <= len(rest) - at and zlib.crc32(rest[at : at + length]) == crc:
                raise Damaged(
                    f"{self.path} is damaged at byte {self.size}, and more calls are recorded behind that. Put a copy "
                    f"of the file back, or give those calls up: truncate --size {self.size} {self.path.name}"
                )
            at = rest.find(MAGIC, at + 1)

    def append(self, record: Json) -> None:
        """Write one record through to the operating system, and to the disk when durable.

        Raises OSError; then a part of the record may be in the file, and nothing may be written behind it.
        """
        text = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
        data = zlib.compress(text, 1)
        if self._file is None:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            if self.durable:
                sync(self.path.parent)
        _write_all(self._file, HEADER.pack(len(data), zlib.crc32(data)) + data)
        if self.durable:
            os.fsync(self._file)
        self.size += HEADER.size + len(data)
        self.work += len(text)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _write_all(file: int, data: bytes) -> None:
    """A write may be short, on a disk that is nearly full: the next one says why."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def entry(request: Request, facts: Facts) -> Json:
    """The record of an applied request: with these facts, applying it again gives the same result."""
    record = {"method": request.method, "path": request.path, "query": [list(pair) for pair in request.query]}
    try:
        body = {"body": request.body.decode("utf-8", "surrogatepass")}
    except UnicodeDecodeError:
        # JSON may come in UTF-16, and a call without a body of its own may carry anything.
        body = {"body64": base64.b64encode(request.body).decode()}
    return {**record, **body, **facts_json(facts)}


def request_of(record: Json) -> Request:
    """The request of an `entry`."""
    packed = record.get("body64")
    return Request(
        method=record["method"],
        path=record["path"],
        query=[(name, value) for name, value in record["query"]],
        body=record["body"].encode("utf-8", "surrogatepass") if packed is None else base64.b64decode(packed),
    )


def facts_json(facts: Facts) -> Json:
    more = {name: value for name, value in (("app", facts.app), ("misplaced", facts.misplaced)) if value}
    return {"user": facts.user, "now": facts.now, "seed": facts.seed, **more}


def _next(file: BinaryIO) -> bytes | None:
    """The text of the next whole record."""
    header = file.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    length, crc = HEADER.unpack(header)
    data = file.read(length)
    if len(data) < length or zlib.crc32(data) != crc:
        return None
    return zlib.decompress(data)


def sync(path: Path) -> None:
    """To the disk: a file's content, or the names in a directory."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def facts_of(record: Json) -> Facts:
    more = {name: record[name] for name in ("app", "misplaced") if name in record}
    return Facts(user=record["user"], now=record["now"], seed=record["seed"], **more)
