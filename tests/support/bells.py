"""A bad post office between those who ring and the real dispatcher: it loses bells, doubles them and mixes them up.

`ring` is a dispatcher of a host's own, named by its dotted path, for all who ask and all who work. `carry` is the
postman, a process of its own, whose settings name the real dispatcher.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from tests.support import letters

FOLDER = "SHEETSYNC_TEST_BELLS"
"""Names the post office's folder."""

LOST, DOUBLED = 0.3, 0.3
ROUND = 0.3
"""Seconds between two rounds of the postman: what was posted meanwhile is carried in any order."""


def ring(run_id: int | None) -> None:
    """What becomes of each bell stands in the folder's book."""
    folder = Path(os.environ[FOLDER])
    fate = random.random()
    copies = 0 if fate < LOST else 2 if fate < LOST + DOUBLED else 1
    for _ in range(copies):
        letters.post(folder, run_id)
    _note(folder / "book", copies)


def carry() -> None:
    """Ring for real, in any order, until this process is stopped."""
    from sheetsync import dispatch

    folder = Path(os.environ[FOLDER])
    print("carrying", flush=True)
    while True:
        bells = letters.waiting(folder)
        random.shuffle(bells)
        for bell in bells:
            for run_id in letters.opened(bell):
                dispatch.ring(run_id)
                _note(folder / "carried", bell.stem.partition("-")[0])
        time.sleep(ROUND)


def fates(folder: Path) -> list[int]:
    """How many bells came of each that was rung."""
    return _notes(folder / "book")


def carried(folder: Path) -> list[int]:
    """When each bell that was carried had been rung, in the order in which they were carried."""
    return _notes(folder / "carried")


def _note(book: Path, what: object) -> None:
    with book.open("a") as notes:
        notes.write(f"{what}\n")


def _notes(book: Path) -> list[int]:
    return [int(line) for line in book.read_text().split()]
