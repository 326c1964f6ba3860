"""A bad post office between those who ring and those who work: it loses bells, doubles them and mixes them up.

A bell is a file in a folder. Ringing is a dispatcher as a host would write one, named by its dotted path; `answer` is
what the worker at the other end does.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from secrets import token_hex

from django.conf import settings

FOLDER = "SHEETSYNC_TEST_BELLS"
"""Names the folder, for the processes that ring and for those that answer."""

LOST, DOUBLED = 0.3, 0.3


def ring(run_id: int | None) -> None:
    """A dispatcher that cannot be relied on. What becomes of each bell stands in the folder's book."""
    folder = Path(os.environ[FOLDER])
    fate = random.random()
    copies = 0 if fate < LOST else 2 if fate < LOST + DOUBLED else 1
    with (folder / "book").open("a") as book:
        book.write(f"{copies}\n")
    for _ in range(copies):
        (folder / f"{token_hex(4)}.bell").write_text(str(run_id or ""))


def fates(folder: Path) -> list[int]:
    """How many bells came of each that was rung."""
    return [int(line) for line in (folder / "book").read_text().split()]


def answer() -> None:
    """Take bells in no order, until this process is stopped. A bell that is taken is gone, whatever happens then."""
    from sheetsync.tasks import execute

    print(f"answering at {settings.SHEETSYNC['DISPATCH']}", flush=True)
    folder = Path(os.environ[FOLDER])
    while True:
        if (run_id := _taken(folder)) is None:
            time.sleep(0.05)
        else:
            execute(int(run_id) if run_id else None)


def _taken(folder: Path) -> str | None:
    bells = list(folder.glob("*.bell"))
    random.shuffle(bells)
    for bell in bells:
        mine = bell.with_suffix(f".{os.getpid()}")
        try:
            bell.rename(mine)
        except FileNotFoundError:
            continue  # another one was quicker
        return mine.read_text()
    return None
