"""The data directory: the newest snapshot, the journal of what came after it, and a lock that makes it one process's.

Snapshots are numbered. `snapshot-N.jsonl.gz` holds what all calls before it made, `journal-N.bin` the calls since;
without a snapshot yet there is `journal.bin` alone. A snapshot is written under another name, synced to the disk and
then renamed: that is the one moment at which it takes over, and what it replaces is removed afterwards. So whenever the
process is killed, the highest number is whole.
"""

from __future__ import annotations

import logging
import os
import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sheetsync.emulator.disk import snapshot
from sheetsync.emulator.disk.codec import DataError
from sheetsync.emulator.disk.journal import NAME, Journal, sync
from sheetsync.emulator.disk.snapshot import Saved

Json = dict[str, Any]
LOCK = "lock"
NUMBERED = re.compile(r"(?:snapshot|journal)-(\d+)\.(?:jsonl\.gz|bin)")
HALF = ".part"
MEGABYTE = 1_000_000
#: A snapshot is due when the calls since the last one are larger than this, and larger than that snapshot: a start
#: repeats no more than that, and a long tab is not written anew for a few rows. Both are measured uncompressed.
COMPACT_AT = 64 * MEGABYTE
#: And at a clean stop, when a start would have more than this to repeat.
COMPACT_AT_CLOSE = MEGABYTE
logger = logging.getLogger(__name__)


class DataInUse(DataError):
    """Another process serves this data directory."""


class Disk:
    """One data directory, held by this process from the first use to `close`. `compact_at` None: never by itself."""

    def __init__(self, directory: Path, *, durable: bool = False, compact_at: int | None = COMPACT_AT) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.durable = durable
        self.compact_at = compact_at
        self._unlock: Callable[[], Any] | None = None
        self._hold()
        self.number = max(self._numbers("snapshot-*.jsonl.gz"), default=0)
        self._snapshot_size = _unpacked_size(self._snapshot(self.number)) if self.number else 0
        self._journal = self._journal_of(self.number)
        self._remove_older()
        #: The state has something that the journal has not: nothing may be recorded before the next snapshot.
        self.behind = False

    def _numbers(self, pattern: str) -> list[int]:
        found = (NUMBERED.fullmatch(file.name) for file in self.directory.glob(pattern))
        return [int(match[1]) for match in found if match]

    def _snapshot(self, number: int) -> Path:
        return self.directory / f"snapshot-{number}.jsonl.gz"

    def _journal_of(self, number: int) -> Journal:
        return Journal(self.directory, f"journal-{number}.bin" if number else NAME, durable=self.durable)

    # -- the lock

    def _hold(self) -> None:
        """Take the lock. Raises DataInUse when another process has it, or had it since this one let it go."""
        if self._unlock is not None:
            return
        file = os.open(self.directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock(file, self.directory)
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(file)
            raise
        # Also when it is never closed: a directory must not be held by an emulator that nobody has any more.
        self._unlock = weakref.finalize(self, os.close, file)

    def _resume(self) -> None:
        """Go on after `close`. Raises DataInUse when somebody else wrote meanwhile."""
        if self._unlock is None:
            self._hold()
            size = self._journal.path.stat().st_size if self._journal.path.exists() else 0
            if size != self._journal.size or max(self._numbers("snapshot-*.jsonl.gz"), default=0) != self.number:
                self.close()
                raise DataInUse(f"Another process wrote to {self.directory} since this one closed it. Start anew.")

    # -- start

    def saved(self) -> Saved:
        """The state of the newest snapshot, empty when there is none. Raises Damaged or Unknown."""
        return snapshot.read(self._snapshot(self.number)) if self.number else Saved()

    def records(self) -> Iterator[Json]:
        """What was recorded since that snapshot."""
        return self._journal.read()

    # -- work

    def append(self, record: Json) -> None:
        """Record a call. Raises OSError; nothing more can be recorded then until a snapshot has been made."""
        self._resume()
        try:
            self._journal.append(record)
        except BaseException:
            self.behind = True
            raise

    @property
    def due(self) -> bool:
        """Has the journal become long enough for a snapshot?"""
        return self.compact_at is not None and self._journal.work > max(self.compact_at, self._snapshot_size)

    @property
    def due_at_close(self) -> bool:
        return self.behind or (self.compact_at is not None and self._journal.work > COMPACT_AT_CLOSE)

    def compact(self, saved: Saved) -> None:
        """Make a snapshot of the whole state and begin an empty journal. Raises OSError with the old ones kept."""
        self._resume()
        target = self._snapshot(self.number + 1)
        half = target.with_name(target.name + HALF)
        try:
            snapshot.write(half, saved)
            sync(half)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
        os.replace(half, target)
        # From here a start takes the new snapshot, so nothing may be recorded behind the old one any more.
        self._journal.close()
        self.number += 1
        self._journal, self._snapshot_size, self.behind = self._journal_of(self.number), _unpacked_size(target), False
        sync(self.directory)
        self._remove_older()

    def _remove_older(self) -> None:
        """What the newest snapshot replaced, and a half-written one. A file that cannot be removed does no harm."""
        files = [*self.directory.glob(f"snapshot-*{HALF}")]
        if self.number:
            files.append(self.directory / NAME)
        for file in self.directory.iterdir():
            match = NUMBERED.fullmatch(file.name)
            if match and int(match[1]) < self.number:
                files.append(file)
        for file in files:
            with suppress(OSError):
                file.unlink()

    def close(self) -> None:
        """Close the files and let the lock go."""
        self._journal.close()
        if self._unlock is not None:
            self._unlock()
            self._unlock = None


def _lock(file: int, directory: Path) -> None:
    import fcntl  # only where there is a data directory: not every system has it

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(file, 20, 0).decode(errors="replace").strip() or "unknown"
        raise DataInUse(
            f"{directory} is in use by another emulator, process {holder}. Stop that one, or give another directory."
        ) from error


def _unpacked_size(path: Path) -> int:
    """What a gzip file holds: its last four bytes say so (RFC 1952), up to 4 GiB."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        return int.from_bytes(file.read(4), "little")
