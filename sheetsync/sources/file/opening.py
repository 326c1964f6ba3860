"""A file as bytes: what it holds by its name, whether it can be read, and how it begins."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sheetsync.errors import BadSource

HEAD = 64 * 1024
"""How much of a file's beginning tells it from another one."""

MAX_COUNTED = 256 * 1024 * 1024
"""Counting the lines of a bigger file takes longer than a progress bar is worth."""

_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv"}
_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}


class OrderFile:
    """One file; `format_` is needed where its name does not tell. Raises BadSource for an unknown format."""

    def __init__(self, path: str, format_: str | None = None) -> None:
        self.path = Path(path)
        self.name = self.path.name
        lower = Path(path.lower())
        self._opener = _OPENERS.get(lower.suffix)
        ending = lower.with_suffix("").suffix if self._opener else lower.suffix
        self.format = format_ or _FORMATS.get(ending, "")
        if self.format not in _FORMATS.values():
            raise BadSource(
                f"{path}: format {format_ or ending!r} is not known: choose jsonl, json or csv, or a name "
                "that ends in .jsonl, .ndjson, .json or .csv, then in .gz or .xz where it is compressed"
            )

    @contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        """The file's bytes, decompressed. Raises BadSource where it is missing, unreadable or damaged."""
        with self._plain() as raw:
            try:
                yield self._opener(raw, "rb") if self._opener else raw
            except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError) as error:
                raise BadSource(f"{self.name} is damaged or cut short ({error}): copy it here again") from None

    def head(self, size: int) -> tuple[int, str]:
        """How many of the first `size` bytes there are, and their digest: a file that only grows keeps it."""
        with self._plain() as file:
            head = file.read(size)
        return len(head), hashlib.blake2b(head, digest_size=12).hexdigest()

    def count_lines(self) -> int | None:
        """How many lines there are, or None where counting takes long: compressed and very large files."""
        if self._opener is not None:
            return None
        with self.reading() as file:
            if self.path.stat().st_size > MAX_COUNTED:
                return None
            count, last = 0, b"\n"
            while block := file.read(1 << 20):
                count, last = count + block.count(b"\n"), block
            return count + (not last.endswith(b"\n"))

    @contextmanager
    def _plain(self) -> Iterator[BinaryIO]:
        if not self.path.is_file():
            what = "is no regular file" if self.path.exists() else "does not exist"
            raise BadSource(f"{self.path} {what}: correct the path, or put the file there")
        try:
            with self.path.open("rb") as file:
                yield file
        except OSError as error:
            raise BadSource(f"{self.path} cannot be read ({error.strerror}): check its permissions") from None
