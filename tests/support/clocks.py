"""Processes whose clocks go wrong, by libfaketime (Debian's package `faketime`). Their monotonic clocks stay right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

MISSING = "No test of wrong clocks can run: no libfaketime here. Install the package faketime."
FIXTURE = "wrong_clock"

SLEEP = """
import select, time
def sleep(seconds):
    select.select([], [], [], seconds)
time.sleep = sleep
"""
"""Python's own `time.sleep` ends with EINVAL under a libfaketime (0.9.10) that leaves the monotonic clock alone."""


def find_library() -> Path | None:
    """The one for programs with threads."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def reason_to_leave_out(item: pytest.Item) -> str | None:
    """As in `databases.py`; where CI runs, a missing library is an error."""
    if FIXTURE not in getattr(item, "fixturenames", ()) or find_library():
        return None
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(MISSING)
    return "no libfaketime here (package faketime)"


class WrongClock:
    """What a process needs in its environment to be wrong by `minutes`, or, `jumping`, by as much as it is told later.

    All processes that jump do so together, as those of one machine do.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._site = folder / "clock", folder / "site"
        self._file.write_text("+0")
        self._site.mkdir()
        (self._site / "sitecustomize.py").write_text(SLEEP)

    def by(self, minutes: int) -> dict[str, str]:
        return self._preloaded() | {"FAKETIME": f"{minutes:+}m"}

    def jumping(self) -> dict[str, str]:
        return self._preloaded() | {"FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1"}

    def jump(self, minutes: int) -> None:
        """Now."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{minutes:+}m")
        os.replace(new, self._file)

    def _preloaded(self) -> dict[str, str]:
        library = {"LD_PRELOAD": str(find_library()), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        return library | {"PYTHONPATH": str(self._site)}
