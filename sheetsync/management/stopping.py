"""SIGTERM and Ctrl-C ask a loop to end; a second Ctrl-C ends it at once."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType


class Stopping:
    """Is true once the process was asked to stop. To be made in the main thread."""

    def __init__(self) -> None:
        self._asked = False
        # A pipe, no threading.Event: a handler that sets one while its own thread is about to wait for it hangs.
        self._reading, self._writing = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def __call__(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than until somebody asks."""
        select.select([self._reading], [], [], seconds)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._asked = True
        os.write(self._writing, b".")
