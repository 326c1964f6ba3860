"""A dispatcher as a host might write one, with what answers it: a letter is a file in a folder.

Named by its dotted path, `tests.support.letters.ring`. A letter that is taken is gone, whatever happens then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

FOLDER = "SHEETSYNC_TEST_LETTERS"
"""Names the folder, for the processes that ring and for those that answer."""


def ring(run_id: int | None) -> None:
    """The whole dispatcher."""
    post(Path(os.environ[FOLDER]), run_id)


def answer() -> None:
    """The whole worker."""
    from sheetsync.tasks import execute

    print("answering", flush=True)
    for run_id in taken(Path(os.environ[FOLDER])):
        execute(run_id)


def post(folder: Path, run_id: int | None) -> None:
    """Its name begins with the time; what is being written is not seen yet. Raises OSError without a folder."""
    name = f"{time.time_ns()}-{token_hex(4)}"
    (folder / f"{name}.new").write_text(str(run_id or ""))
    (folder / f"{name}.new").rename(folder / f"{name}.letter")


def waiting(folder: Path) -> list[Path]:
    """The letters that nobody has taken, the oldest first."""
    return sorted(folder.glob("*.letter"))


def taken(folder: Path) -> Iterator[int | None]:
    """Take letters, as they were posted, until this process is stopped."""
    while True:
        letters = waiting(folder)
        if not letters:
            time.sleep(0.05)
        for letter in letters:
            yield from opened(letter)


def opened(letter: Path) -> Iterator[int | None]:
    """What it says, unless another one was quicker."""
    mine = letter.with_suffix(f".{os.getpid()}")
    try:
        letter.rename(mine)
    except FileNotFoundError:
        return
    yield int(mine.read_text() or 0) or None
