"""What the load is to do, and what it writes down: both go through files, for it is a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """`orders`: for each automation's id the file of its orders. `rate`: webhooks a second, of all clients together.

    `database`: the file of the SQLite database, for a backup, long reads and checkpoints; empty for another one.
    """

    sites: list[str]
    orders: dict[str, str]
    user: str
    password: str
    journal: str
    database: str
    seconds: float
    rate: float = 40.0
    clients: int = 8
    seed: int = 1

    def save(self, path: Path) -> Path:
        path.write_text(json.dumps(asdict(self)))
        return path

    @classmethod
    def load(cls, path: str) -> Plan:
        return cls(**json.loads(Path(path).read_text()))


@dataclass(slots=True)
class Done:
    """One thing that was done: `kind` in a word, how long it took, what was answered, and what was strange.

    `status` is HTTP's, 0 for a chore; `log`: how many bytes SQLite's log had after a chore.
    """

    kind: str
    seconds: float = 0.0
    status: int = 0
    detail: str = ""
    log: int = 0


@dataclass(slots=True)
class Journal:
    """What one thread did, in its order."""

    done: list[Done] = field(default_factory=list)

    @contextmanager
    def timed(self, kind: str) -> Iterator[Done]:
        """The block notes what came of it; what it raises is noted by nobody."""
        began = time.monotonic()
        entry = Done(kind)
        yield entry
        entry.seconds = time.monotonic() - began
        self.done.append(entry)

    @staticmethod
    def save(journals: list[Journal], path: str) -> None:
        rows: list[dict[str, Any]] = [asdict(entry) for journal in journals for entry in journal.done]
        Path(path).write_text(json.dumps(rows))

    @staticmethod
    def load(path: Path) -> list[Done]:
        return [Done(**row) for row in json.loads(path.read_text())]
